"""The log of bugs: a traceback, without passwords, in a file of its own, for what nobody who runs shapetui can mend."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path

from shapetui.database.embedded import data_home
from shapetui.database.target import redact


def traceback_of(error: BaseException) -> str:
    """The traceback as text, without passwords."""
    return redact("".join(traceback.format_exception(error)))


def save_traceback(error: BaseException) -> Path | None:
    """Writes it to the log folder; where, or None when that cannot be written."""
    try:
        folder = data_home() / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        # mkstemp makes files 0600.
        handle, path = tempfile.mkstemp(prefix="bug-", suffix=".log", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(traceback_of(error))
    except OSError:
        return None
    return Path(path)
