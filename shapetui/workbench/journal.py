"""The journal of a session: every intent as it was carried out, so that a lost terminal loses nothing.

`<workspace>/reports/.shapetui/journal-<time>-<process>.jsonl`, for its owner alone: a line with the version, one line
per intent, and a last line when the session ended as it should. Beside it lies the draft of the config, readable like
any other. A journal is locked while its session lives; the lock goes with the process, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from shapetui.errors import DocumentError, ShapetuiError
from shapetui.version import __version__
from shapetui.workbench.intents import Intent, to_line
from shapetui.workbench.journal_file import CLOSED, LONGEST_LINE, VERSION, header_of, intents_of, last_bytes, opened
from shapetui.workbench.state import Loader, Workbench, apply
from shapetui.workbench.writing import config_to_write

# Sessions that ended well, kept for replaying them; older ones are removed.
_KEPT: Final = 20


class Journal:
    """The journal of the running session. Written to without waiting for the disk: a killed process loses nothing."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.path = path
        self._stream = stream
        self._trouble = ""

    @classmethod
    def start(cls, folder: Path) -> Journal:
        """A new journal in the workspace `folder`. Raises DocumentError when none can be written there."""
        place = journal_folder(folder)
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            _prune(place)
            name = f"journal-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}.jsonl"
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            stream = os.fdopen(os.open(place / name, flags, 0o600), "ab", buffering=0)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise DocumentError(
                f"{place}: no journal can be written: {reason}", "without one, changes are lost with the terminal"
            ) from None
        # Where a file system knows no locks, the number of the process must do.
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        journal = cls(place / name, stream)
        header = {"shapetui_journal": VERSION, "version": __version__, "process": os.getpid()}
        journal._append(json.dumps(header).encode() + b"\n")
        return journal

    @property
    def trouble(self) -> str:
        """Why nothing is written any more (a full disk, mostly); empty while all is well."""
        return self._trouble

    def record(self, intent: Intent) -> None:
        """Appends an intent that was carried out (`apply` did not raise). Never raises: see `trouble`."""
        line = to_line(intent).encode() + b"\n"
        # No parameter and no file has such a name: it was refused.
        if len(line) < LONGEST_LINE:
            self._append(line)

    def save_draft(self, workbench: Workbench, now: datetime) -> None:
        """Keeps the config as it would be written now, with its lineage, whole or not at all. Never raises."""
        if self._stream.closed or workbench.draft.config is None or not workbench.unsaved:
            return
        temporary = ""
        try:
            text = config_to_write(workbench, now).to_json()
            # mkstemp makes files 0600. No fsync: it is there for a killed process, not for a machine without power.
            handle, temporary = tempfile.mkstemp(prefix=".draft-", suffix=".part", dir=self.path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(temporary, draft_path(self.path))
        except (OSError, ShapetuiError) as error:
            self._trouble = self._trouble or f"the draft cannot be saved: {error}"
            with suppress(OSError):
                Path(temporary or self.path).with_suffix(".part").unlink(missing_ok=True)

    def close(self, clean: bool) -> None:
        """Ends the journal. `clean`: there is nothing to restore; otherwise `unfinished` finds it. May be repeated."""
        if self._stream.closed:
            return
        if clean:
            self._append(CLOSED)
            draft_path(self.path).unlink(missing_ok=True)
        self._stream.close()

    def _append(self, line: bytes) -> None:
        # After a line that was cut short, nothing may follow: it would be read as one line with the rest.
        if self._trouble or self._stream.closed:
            return
        try:
            if self._stream.write(line) != len(line):
                self._trouble = "the journal cannot be written: the disk is full"
            elif not os.fstat(self._stream.fileno()).st_nlink:
                self._trouble = "the journal was deleted: what is changed from here on is lost with the terminal"
        except OSError as error:
            self._trouble = f"the journal cannot be written: {(error.strerror or type(error).__name__).lower()}"


def journal_folder(folder: Path) -> Path:
    """Where the journals of a workspace lie."""
    return folder / "reports" / ".shapetui"


def draft_path(journal: Path) -> Path:
    """Where the draft of a journal's session lies, when it had unsaved changes."""
    return journal.with_name(journal.name.replace("journal-", "draft-", 1)).with_suffix(".json")


def unfinished(folder: Path) -> Path | None:
    """The newest journal of a workspace that has intents, was not closed cleanly, and whose process is gone."""
    for path in _journals(journal_folder(folder)):
        with suppress(OSError, DocumentError):
            if not _ended(path) and not _alive(path) and next(intents_of(path), None) is not None:
                return path
    return None


def settle(path: Path) -> None:
    """Marks an unfinished journal as dealt with (restored or thrown away), so that it is not offered again."""
    with suppress(OSError):
        content_ends = last_bytes(path, 1)
        with path.open("ab") as stream:
            stream.write(CLOSED if content_ends == b"\n" else b"\n" + CLOSED)
        draft_path(path).unlink(missing_ok=True)


def replay_file(path: Path, load: Loader, on_step: Callable[[Workbench], None] | None = None) -> Workbench:
    """The workbench after all intents of a journal; `on_step` gets it after each.

    Raises DocumentError naming file and line for what is no journal of this version, an unknown intent, or a document
    that cannot be opened any more. A last line that was cut short by the end of its process is left out.
    """
    workbench = Workbench()
    for where, intent in intents_of(path):
        try:
            workbench = apply(workbench, intent, load)
        except DocumentError as error:
            raise DocumentError(f"{where}: {error.message}", error.hint) from None
        if on_step is not None:
            on_step(workbench)
    return workbench


def _journals(place: Path) -> list[Path]:
    """Newest first: their names begin with the time."""
    return sorted(place.glob("journal-*.jsonl"), reverse=True)


def _ended(path: Path) -> bool:
    return last_bytes(path, len(CLOSED)) == CLOSED


def _alive(path: Path) -> bool:
    """Whether the session of a journal still runs: it holds a lock that ends with it."""
    with opened(path) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except BlockingIOError:
            return True
        except OSError:
            process = header_of(path, stream.readline(LONGEST_LINE)).get("process")
    try:
        os.kill(int(str(process)), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _prune(place: Path) -> None:
    ended = []
    for path in _journals(place):
        with suppress(OSError, DocumentError):
            ended += [path] if _ended(path) else []
    for path in ended[_KEPT:]:
        path.unlink(missing_ok=True)
