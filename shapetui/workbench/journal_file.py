"""The lines of a journal file, read with suspicion: it may be cut short, of another version, huge, or no journal."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from shapetui.documents.files import LARGEST_FILE
from shapetui.errors import DocumentError
from shapetui.workbench.intents import Intent, from_line

VERSION: Final = 1
# A path has at most 4,096 bytes, each of which JSON may write as six characters.
LONGEST_LINE: Final = 64 * 1024
CLOSED: Final = b'{"closed": true}\n'


def intents_of(path: Path) -> Iterator[tuple[str, Intent]]:
    """(file and line, intent) of each line after the first. Raises DocumentError."""
    with opened(path) as stream:
        header_of(path, stream.readline(LONGEST_LINE))
        number, closed = 1, 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            where = f"{path}:{number}"
            whole = line.endswith(b"\n")
            if len(line) >= LONGEST_LINE and not whole:
                raise DocumentError(f"{where}: the line is longer than any of a journal", "is this the file you mean?")
            if line == CLOSED:
                closed = number
                continue
            try:
                intent = from_line(line.decode("utf-8"), where)
            except (UnicodeDecodeError, DocumentError) as error:
                # A line that its process did not finish, at the end or before the mark that `settle` put after it.
                if not whole or stream.read(len(CLOSED) + 1) == CLOSED:
                    return
                if isinstance(error, DocumentError):
                    raise
                raise DocumentError(f"{where}: no text in UTF-8", "remove the line") from None
            if closed:
                raise DocumentError(f"{where}: goes on after its end in line {closed}", "remove the lines after that")
            yield where, intent


def opened(path: Path) -> BinaryIO:
    """The file for reading, if it is one that ends. Raises DocumentError."""
    try:
        # O_NONBLOCK: opening a pipe would wait for somebody to write to it.
        stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}", "check its path and permissions") from None
    status = os.fstat(stream.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST_FILE:
        return stream
    stream.close()
    if not stat.S_ISREG(status.st_mode):
        raise DocumentError(f"{path}: is no file", "give a journal-….jsonl of reports/.shapetui")
    raise DocumentError(
        f"{path}: has {status.st_size / 1e6:.0f} MB; no journal is larger than {LARGEST_FILE / 1e6:.0f} MB",
        "is this the file you mean?",
    )


def header_of(path: Path, line: bytes) -> dict[str, Any]:
    """The first line. Raises DocumentError when it is none of this version."""
    try:
        raw = json.loads(line)
        version = raw["shapetui_journal"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DocumentError(f"{path}:1: not a journal of shapetui", "give one of reports/.shapetui") from None
    if version != VERSION or isinstance(version, bool):
        raise DocumentError(
            f"{path}:1: a journal of version {str(version)[:40]}; this shapetui reads version {VERSION}",
            "replay it with the version that wrote it",
        )
    return dict(raw)


def last_bytes(path: Path, size: int) -> bytes:
    """The last `size` bytes of the file, or all of a shorter one. Raises DocumentError."""
    with opened(path) as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - size))
        return stream.read()
