"""Reading counts from a CSV file `value,count`: how often each whole number occurs. Also gzip, told by its content.

Blocks of whole lines are read by numpy's own parser; only a block that it refuses is read line by line, to say which
line is wrong. So a file may be far larger than memory, as long as its different values are not.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Final, cast

import numpy as np

from shapetui.distributions.bins import IntArray
from shapetui.distributions.histogram import Histogram
from shapetui.errors import DocumentError

LARGEST_VALUE: Final = 10**12
# Sums of counts stay inside the integers that a float holds exactly.
LARGEST_TOTAL: Final = 10**15
_MOST: Final = np.array([LARGEST_VALUE, LARGEST_TOTAL])
_BLOCK_BYTES: Final = 8 << 20
# Two numbers of at most 16 digits, their signs and blanks.
_LINE_BYTES: Final = 200
_GZIP_MAGIC: Final = b"\x1f\x8b"
_HINT: Final = "expected is a CSV file with two columns, value,count: whole numbers, one value a line"
_WHOLE: Final = re.compile(r"[+-]?\d+\Z", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)


def read_counts(path: Path) -> Histogram:
    """The counts in a file, one cell for each value that occurs, ascending; counts of the same value are added up.

    A header is skipped, blank lines and counts of 0 too. Raises DocumentError with the number of the line (the first
    is 1) for what is not two whole numbers, for a negative one, a value above 10^12, or a sum of counts above 10^15.
    """
    values, counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    total = 0
    try:
        with closing(_open(path)) as stream:
            for first_line, block in _blocks(path, stream):
                found = _parsed(path, block, first_line)
                kept = found[found[:, 1] > 0]
                # A count may be 10^15, so a block's sum may not fit 64 bits.
                total += sum(kept[:, 1].tolist()) if kept.size and kept[:, 1].max() > 10**9 else int(kept[:, 1].sum())
                if total > LARGEST_TOTAL:
                    raise DocumentError(f"{path}: the counts add up to more than {LARGEST_TOTAL:,}", _HINT)
                values, counts = _added(np.append(values, kept[:, 0]), np.append(counts, kept[:, 1]))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DocumentError(f"{path}: cannot be read: the compressed file is damaged", "copy it again") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}", "mend its name, or say where it is") from None
    if not values.size:
        raise DocumentError(f"{path}: there are no counts above 0 in it", _HINT)
    return Histogram(values, values, counts)


def _open(path: Path) -> IO[bytes]:
    stream = path.open("rb")
    magic = stream.read(2)
    stream.seek(0)
    return cast("IO[bytes]", gzip.open(stream)) if magic == _GZIP_MAGIC else stream


def _blocks(path: Path, stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, text) of blocks of whole lines."""
    line, rest = 1, b""
    while chunk := stream.read(_BLOCK_BYTES):
        text = rest + chunk.replace(b"\r\n", b"\n")
        end = text.rfind(b"\n") + 1
        block, rest = text[:end], text[end:]
        if len(rest) > _LINE_BYTES:
            long = line + block.count(b"\n")
            raise DocumentError(f"{path}: line {long} is too long for two numbers", _HINT)
        if block:
            yield line, block
            line += block.count(b"\n")
    if rest:
        yield line, rest


def _parsed(path: Path, block: bytes, first_line: int) -> IntArray:
    """(N, 2) values and counts of the lines of a block. Raises DocumentError."""
    lines = block.split(b"\n")
    if first_line == 1:
        lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        lines[0] = b"" if _is_header(lines[0]) else lines[0]
    if not any(map(bytes.strip, lines)):
        return np.zeros((0, 2), dtype=np.int64)
    try:
        found = np.loadtxt(lines, dtype=np.int64, delimiter=",", comments=None, ndmin=2, encoding="ascii")
    except (ValueError, OverflowError, UnicodeDecodeError):
        found = None
    if found is None or found.shape[1] != 2 or found.min() < 0 or (found.max(axis=0) > _MOST).any():
        return _line_by_line(path, lines, first_line)
    return np.asarray(found, dtype=np.int64)


def _is_header(line: bytes) -> bool:
    """Whether a first line holds words: no field that begins as a number does."""
    fields = [field.strip().strip('"') for field in line.decode("utf-8", "replace").split(",")]
    return any(fields) and not any(field[:1] in tuple("0123456789+-.") for field in fields)


def _line_by_line(path: Path, lines: list[bytes], first_line: int) -> IntArray:
    """The same, slowly: finds the line that is wrong, and what is wrong with it."""
    found = []
    for number, line in enumerate(lines, start=first_line):
        text = line.decode("utf-8", "replace").strip()
        if not text:
            continue
        fields = [field.strip().strip('"') for field in text.split(",")]
        if len(fields) != 2:
            what = f"{len(fields)} column{'s' * (len(fields) != 1)} instead of two"
            raise DocumentError(f"{path}: line {number} has {what}", _HINT)
        value, count = (
            _whole(path, number, name, field) for name, field in zip(("value", "count"), fields, strict=True)
        )
        if value > LARGEST_VALUE:
            raise DocumentError(f"{path}: line {number}: the value is above {LARGEST_VALUE:,}", _HINT)
        if count > LARGEST_TOTAL:
            raise DocumentError(f"{path}: line {number}: the count is above {LARGEST_TOTAL:,}", _HINT)
        found.append((value, count))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _whole(path: Path, line: int, name: str, field: str) -> int:
    """The number in a field."""
    if _WHOLE.match(field):
        if len(field) > 40:
            raise DocumentError(f"{path}: line {line}: the {name} has {len(field)} digits", _HINT)
        if (number := int(field)) >= 0:
            return number
        raise DocumentError(f"{path}: line {line}: the {name} is negative ({number})", _HINT)
    if _NUMBER.match(field):
        raise DocumentError(f"{path}: line {line}: the {name} {field[:40]!r} is not a whole number", _HINT)
    raise DocumentError(f"{path}: line {line}: the {name} {field[:40]!r} is not a number", _HINT)


def _added(values: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """Different values, ascending, each with the sum of its counts."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if ordered.size else order
    return ordered[starts], np.add.reduceat(counts[order], starts) if starts.size else counts
