"""Reads a chat corpus from a CSV file, plain or gzip, so that a demo "production" can be filled with real traffic.

Errors name file, column and row, never what a cell holds: it could be personal. A row is counted as a spreadsheet
shows it, the header is row 1 and blank lines do not count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from shapetui.demo.chat_log import LABEL_BYTES, ChatLog
from shapetui.errors import DocumentError

COLUMNS = ("conversation_id", "conversation_type", "sender_id", "message_type", "content_length", "sent_at")
LENGTH_MAX = 10_000_000  # characters; more is a mistaken unit or column, and would not fit a TOAST page chain kindly
LABELS_MAX = 250  # a chat has a handful of types; hundreds mean that the wrong column was taken
EARLIEST_MS = 631_152_000_000  # 1990-01-01 UTC: seconds read as milliseconds land in 1970
LATEST_MS = 4_102_444_800_000  # 2100-01-01 UTC: microseconds read as milliseconds land far beyond
HEAD_BYTES = 1 << 16  # where the header is looked for
BLOCK_BYTES = 4 << 20  # one row must fit in one block
GZIP_MAGIC = b"\x1f\x8b"
ZONE = r"(Z|[+-]\d\d(:?\d\d)?)$"
SHAPE_HINT = "expected is a CSV file in UTF-8, plain or gzip, whose first row is " + ",".join(COLUMNS)


def read_messages(path: Path) -> ChatLog:
    """The chat log in the CSV file `path`, plain or gzip (told by its content, not by its name).

    Needs the columns of `COLUMNS` in any order; others are ignored. Ids may be integers or any text and become
    dense indices by first appearance. `sent_at` is ISO 8601 (UTC where it names no zone), cut to milliseconds.
    Raises DocumentError for anything else than that, naming file, column and row.
    """
    table = _read_text(path)
    if not table.num_rows:
        raise DocumentError(f"{path}: there is a header but no row below it", "export some messages first")
    conversation, conversation_ids = _dense(path, table, "conversation_id")
    sender, sender_ids = _dense(path, table, "sender_id")
    row_type, conversation_labels = _labels(path, table, "conversation_type")
    message_type, message_labels = _labels(path, table, "message_type")
    length, sent_at = _lengths(path, table), _times(path, table)
    conversation_type = np.zeros(len(conversation_ids), dtype=np.int16)
    conversation_type[conversation[::-1]] = row_type[::-1]  # backwards: the first row of a conversation stays
    differs = conversation_type[conversation] != row_type
    if differs.any():
        raise _cell_error(
            path,
            "conversation_type",
            int(np.argmax(differs)),
            "differs from an earlier row of the same conversation",
            "give every conversation one type",
        )
    return ChatLog.from_rows(
        conversation_types=conversation_labels,
        message_types=message_labels,
        conversation_type=conversation_type,
        conversation=conversation,
        sender=sender,
        users=len(sender_ids),
        message_type=message_type,
        content_length=length,
        sent_at=sent_at,
    )


def _cell_error(path: Path, column: str, index: int, what: str, hint: str) -> DocumentError:
    """The error for the cell in `column` of the 0-based data row `index`."""
    return DocumentError(f"{path}: row {index + 2} (the header is row 1), column {column}: {what}", hint)


def _open(path: Path, gzipped: bool) -> Any:
    file = pa.OSFile(str(path))
    return pa.CompressedInputStream(file, "gzip") if gzipped else file


def _read_text(path: Path) -> Any:
    """The needed columns of the file as a table of strings; every failure on the way becomes a DocumentError."""
    if path.is_dir():
        raise DocumentError(f"{path} is a folder", "name the CSV file in it")
    if not path.exists():
        raise DocumentError(f"{path} does not exist", "check the path; relative paths start at the current folder")
    if not path.is_file():  # a pipe would wait, a device would never end
        raise DocumentError(f"{path} is not a regular file", SHAPE_HINT)
    gzipped = False
    try:
        with path.open("rb") as file:
            gzipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with _open(path, gzipped) as stream:
            head = stream.read(HEAD_BYTES)
        _check_header(path, head)
        return _parse(path, gzipped)
    except OSError as error:
        if gzipped:
            message, hint = f"{path}: the gzip data is cut short or damaged", "copy or export the file again"
        else:
            message, hint = f"{path} cannot be read: {error.strerror or 'input error'}", "check the file's rights"
        raise DocumentError(message, hint) from None


def _check_header(path: Path, head: bytes) -> None:
    """The header must hold every needed column once. Says nothing of what else it holds: it may be a row of data."""
    if not head.strip():
        raise DocumentError(f"{path} is empty", SHAPE_HINT)
    line = re.split(rb"[\r\n]", head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"), maxsplit=1)[0]
    try:
        names = next(csv.reader([line.decode("utf-8")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        names = []
    if b"\0" in head or not names:
        raise DocumentError(f"{path} is not a CSV file: it begins with binary data or is not UTF-8", SHAPE_HINT)
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise DocumentError(
            f"{path}: row 1 has {len(names)} columns, and among them no {', '.join(missing)}",
            f"{SHAPE_HINT}; separated by commas, other columns may stand between",
        )
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise DocumentError(f"{path}: row 1 names {', '.join(twice)} more than once", "rename or drop one of them")


def _parse(path: Path, gzipped: bool, threads: bool = True) -> Any:
    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "error"

    try:
        with _open(path, gzipped) as stream:
            return pa_csv.read_csv(
                stream,
                # Without threads the failing row is known; so a file is read in threads first, and again to name it.
                read_options=pa_csv.ReadOptions(use_threads=threads, block_size=BLOCK_BYTES),
                # A column that we ignore may well hold text with line breaks in it.
                parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
                convert_options=pa_csv.ConvertOptions(
                    include_columns=list(COLUMNS), column_types={name: pa.string() for name in COLUMNS}
                ),
            )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if threads:
            return _parse(path, gzipped, threads=False)
        # pyarrow's own message is not shown: it quotes the row. Only the number in it is taken.
        if ragged:
            row, found, expected = ragged[0].number, ragged[0].actual_columns, ragged[0].expected_columns
            message = f"{path}: row {row} (the header is row 1) has {found} columns, expected {expected}"
            raise DocumentError(message, "quote cells that hold a comma or a quotation mark") from None
        text = str(error)
        if "straddl" in text:
            message = f"{path}: a row is longer than {BLOCK_BYTES >> 20} MiB, or a quotation mark is never closed"
            raise DocumentError(message, SHAPE_HINT) from None
        place = re.search(r"Row #(\d+): CSV conversion error to string", text)
        where = f"row {place[1]} (the header is row 1)" if place else "some row"
        raise DocumentError(f"{path}: {where} is not UTF-8 text or not CSV", SHAPE_HINT) from None


def _codes(column: Any) -> tuple[NDArray[np.int32], list[str]]:
    """(N,) the index of each cell among the column's distinct values, and these values by first appearance."""
    encoded = column.dictionary_encode().unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])
    return codes.astype(np.int32), encoded.chunk(0).dictionary.to_pylist()


def _dense(path: Path, table: Any, column: str) -> tuple[NDArray[np.int32], list[str]]:
    codes, values = _codes(table[column])
    if "" in values:
        index = int(np.argmax(codes == values.index("")))
        raise _cell_error(path, column, index, "is empty", "every message needs an id here, a number or any text")
    return codes, values


def _labels(path: Path, table: Any, column: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    codes, values = _codes(table[column])
    for code, label in enumerate(values):
        if not 1 <= len(label.encode()) <= LABEL_BYTES or "\0" in label:
            raise _cell_error(
                path,
                column,
                int(np.argmax(codes == code)),
                "is empty, too long or has a NUL in it",
                f"a type is a label of 1 to {LABEL_BYTES} bytes, because PostgreSQL holds it as an enum",
            )
    if len(values) > LABELS_MAX:
        message = f"{path}: column {column} has {len(values)} different types, more than {LABELS_MAX}"
        raise DocumentError(message, "check that the column holds types, not ids or text")
    return codes, tuple(values)


def _lengths(path: Path, table: Any) -> NDArray[np.int64]:
    column, hint = table["content_length"], f"a length is a whole number of characters from 0 to {LENGTH_MAX:,}"
    lengths = _cast(column, lambda cells: cells.cast(pa.int64()))
    if isinstance(lengths, int):
        raise _cell_error(path, "content_length", lengths, "is not a whole number", hint)
    for wrong, what in ((lengths < 0, "is negative"), (lengths > LENGTH_MAX, f"is over {LENGTH_MAX:,}")):
        if wrong.any():
            raise _cell_error(path, "content_length", int(np.argmax(wrong)), what, hint)
    return lengths


def _times(path: Path, table: Any) -> NDArray[np.int64]:
    hint = "a time is ISO 8601 with up to 6 decimals of a second, such as 2024-05-31T09:30:00Z, from 1990 to 2099"

    def convert(cells: Any) -> Any:
        zoned = pc.match_substring_regex(cells, ZONE)
        utc = pc.binary_join_element_wise(cells, "Z", "")
        return pc.cast(pc.if_else(zoned, cells, utc), pa.timestamp("us", tz="UTC")).cast(pa.int64())

    micros = _cast(table["sent_at"], convert)
    if isinstance(micros, int):
        raise _cell_error(path, "sent_at", micros, "is not a time", hint)
    times = micros // 1000
    absurd = (times < EARLIEST_MS) | (times >= LATEST_MS)
    if absurd.any():
        raise _cell_error(path, "sent_at", int(np.argmax(absurd)), "is before 1990 or after 2099", hint)
    return times


def _cast(cells: Any, convert: Callable[[Any], Any]) -> NDArray[np.int64] | int:
    """(N,) the converted cells, or the index of the first cell that does not convert, found by halving."""
    try:
        converted: NDArray[np.int64] = convert(cells).to_numpy()
        return converted
    except pa.ArrowInvalid:
        pass
    first, length = 0, len(cells)  # the first bad cell is among the `length` cells from `first`
    while length > 1:
        half = length // 2
        try:
            convert(cells.slice(first, half))
            first, length = first + half, length - half
        except pa.ArrowInvalid:
            length = half
    return first
