"""Loading and saving documents: checked on the way in, whole or not at all on the way out."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from shapetui.documents.applied import Applied
from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Comparison
from shapetui.documents.config import Config
from shapetui.documents.drift import Drift
from shapetui.documents.growth import Growth
from shapetui.documents.model import Document
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.validation import check_values, expected_by, place_of, unknown_key
from shapetui.errors import DocumentError, EnvironmentProblem, ShapetuiError

# A shape with every histogram is 60 KB; a file a thousand times as large is something else.
LARGEST_FILE: Final = 64 * 1024 * 1024
# What `link` says on file systems that have no hard links: FAT, some network and FUSE mounts.
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})

AnyDocument = Shape | Config | Report | GenerationReport | Baseline | Comparison | Applied | Growth | Drift
D = TypeVar("D", bound=Document)

# The key that tells each kind of file, in the order in which they are tried.
_KINDS: Final[tuple[tuple[str, type[AnyDocument]], ...]] = (
    ("overall_verdict", Report),
    ("conversation_generation", Config),
    ("digests", GenerationReport),
    ("privacy_level", Shape),
    ("improvements", Comparison),
    ("database_size_mb", Baseline),
    ("applied_at", Applied),
    ("grown_at", Growth),
    ("moved", Drift),
)
KIND_NAMES: Final[dict[type[Document], str]] = {
    Shape: "shape",
    Config: "config",
    Report: "fidelity report",
    GenerationReport: "generation report",
    Baseline: "baseline",
    Comparison: "comparison",
    Applied: "list of indexes",
    Growth: "growth",
    Drift: "drift",
}


def load(path: Path, kind: type[D]) -> D:
    """The document in a file. Raises DocumentError naming file, key and what was expected."""
    raw = _read(path)
    found = next((model for key, model in _KINDS if key in raw), None)
    if found is not None and found is not kind:
        raise DocumentError(
            f"{path}: this is a {KIND_NAMES[found]}, not a {KIND_NAMES[kind]}",
            f"give the file of a {KIND_NAMES[kind]} here",
        )
    return _validated(path, raw, kind)


def load_any(path: Path) -> AnyDocument:
    """The document in a file of any kind, told by its keys. Raises DocumentError."""
    raw = _read(path)
    for key, model in _KINDS:
        if key in raw:
            return _validated(path, raw, model)
    raise DocumentError(
        f"{path}: not a shape, a config, a report, a baseline, a comparison or a drift",
        "a shape has the key privacy_level, a config conversation_generation, a report overall_verdict or digests,"
        " a baseline database_size_mb, a comparison improvements, a drift moved",
    )


def save(document: Document, path: Path, *, force: bool = False) -> None:
    """Writes atomically: temporary file in the same folder, fsync, rename. Never overwrites without `force`."""
    save_text(document.to_json(), path, force=force)


def save_text(text: str, path: Path, *, force: bool = False) -> None:
    """Writes a whole text file or nothing. Raises DocumentError when it exists or cannot be written."""
    temporary: str | None = None
    _make_folder(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=".shapetui-", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes 0600; documents are to be read by those who may read the folder.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        if force:
            os.replace(temporary, path)
        else:
            _publish(temporary, path)
        temporary = None
    except FileExistsError:
        raise DocumentError(f"{path}: the file exists already", "give another name, or --force to replace it") from None
    except OSError as error:
        raise _write_problem(path, error) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _publish(temporary: str, path: Path) -> None:
    """Gives a finished file its name. Raises FileExistsError: two runs can never overwrite each other."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Without links the name is taken by creating it, empty, and then replaced.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise DocumentError(
            f"{path}: cannot be written: {path.parent} is a file, not a folder",
            "choose a folder you may write to with --output or --directory",
        ) from None
    except OSError as error:
        raise _write_problem(path, error) from None


def check_writable(path: Path, *, force: bool = False) -> None:
    """Raises before hours of work what `save` would raise after them."""
    if path.exists() and not force:
        raise DocumentError(f"{path}: the file exists already", "give another name, or --force to replace it")
    _make_folder(path)
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _write_problem(path, error) from None


def fresh_path(folder: Path, stem: str, suffix: str = ".json") -> Path:
    """`folder/stem.json`, or `stem-v2`, `stem-v3`, ... when it exists: nothing is overwritten."""
    path, version = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, version = folder / f"{stem}-v{version}{suffix}", version + 1
    return path


def dated_path(folder: Path, kind: type[Document], day: date) -> Path:
    """The documented name of a new document of this kind, as of a day."""
    stems = {Shape: "shape-metrics-prod", Config: "calibrated-config", Report: "fidelity-report"}
    return fresh_path(folder, f"{stems[kind]}-{day:%Y%m%d}")


def _write_problem(path: Path, error: OSError) -> ShapetuiError:
    reason = (error.strerror or type(error).__name__).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentProblem(f"{path}: cannot be written: {reason}", "free some space, nothing was written")
    return DocumentError(
        f"{path}: cannot be written: {reason}", "choose a folder you may write to with --output or --directory"
    )


def _read(path: Path) -> dict[str, Any]:
    """The JSON object in a file, without NaN and infinities."""
    try:
        if path.is_dir():
            raise DocumentError(f"{path}: is a folder, not a file", "give the path of a .json file")
        with path.open("rb") as stream:
            # Never more than that, whatever the size says: a device or a pipe has none.
            content = stream.read(LARGEST_FILE + 1)
            if len(content) > LARGEST_FILE:
                size = max(os.fstat(stream.fileno()).st_size, len(content))
                raise DocumentError(
                    f"{path}: has {size / 1e6:.0f} MB or more;"
                    f" no document of shapetui is larger than {LARGEST_FILE / 1e6:.0f} MB",
                    "is this the file you mean?",
                )
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise DocumentError(f"{path}: no such file", _nearby(path)) from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: not a text file in UTF-8", "a document is JSON text") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}", "check its path and permissions") from None
    try:
        raw = json.loads(text, parse_constant=_no_constant)
        check_values(raw)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{path}: not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}",
            "the file is damaged or half written: make it again, or mend that line",
        ) from None
    except RecursionError:
        raise DocumentError(f"{path}: not valid JSON: nested too deeply", "is this the file you mean?") from None
    except ValueError as error:
        raise DocumentError(
            f"{path}: not valid JSON: {error}", "numbers must be finite, text must be whole characters"
        ) from None
    if not isinstance(raw, dict):
        raise DocumentError(f"{path}: holds no JSON object", "a document begins with {")
    return raw


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _nearby(path: Path) -> str:
    folder = path.parent
    names = sorted(found.name for found in folder.glob("*.json")) if folder.is_dir() else []
    close = get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else "check the path"


def _validated(path: Path, raw: dict[str, Any], kind: type[D]) -> D:
    version = raw.get("schema_version")
    if version is not None and (isinstance(version, bool) or version not in (1, 2)):
        raise DocumentError(
            f"{path}: schema_version {json.dumps(version)[:40]} is unknown to this version of shapetui",
            "it reads version 2 and the files of the original system: upgrade shapetui, or make the file again",
        )
    if version == 1:
        raw = {key: value for key, value in raw.items() if key != "schema_version"}
    try:
        document = kind.model_validate(raw)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        more = f" (and {len(others)} more)" if others else ""
        raise DocumentError(
            f"{path}: {place_of(first)}: {expected_by(first)}{more}",
            f"mend the key {place_of(first)}, or make the {KIND_NAMES[kind]} again",
        ) from None
    if version == 2 and (unknown := unknown_key(document, raw)):
        place, near = unknown
        hint = f"did you mean {near}?" if near else "remove the key; a file of ours holds no other keys than ours"
        raise DocumentError(f"{path}: {place}: unknown key", hint)
    return document
