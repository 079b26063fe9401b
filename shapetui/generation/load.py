"""Streams slices into PostgreSQL: rows are made and encoded in one thread while the server takes in the last ones."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from shapetui.generation import ledger
from shapetui.generation.batches import Batch, ContentDigest
from shapetui.generation.columns import Encoder, TableColumns

Connection = psycopg.Connection[Any]

# Rows per encoded piece: 2.7 MB at 330 bytes a row. Larger ones hold the interpreter too long between writes.
ROWS_PER_BATCH: Final = 8_192
# Pieces made ahead of the server. Two keep both sides busy.
_AHEAD: Final = 2


class StoppedElsewhere(Exception):
    """Another loader of the same run has failed."""


@dataclass(frozen=True)
class Piece:
    """A stretch of encoded rows of one table in one slice."""

    table: str
    rows: int
    data: bytes


@dataclass(frozen=True)
class SliceEnd:
    """Behind the last piece of a slice: its number, and the digest (hex) of each of its tables."""

    index: int
    digests: dict[str, str]


@dataclass(frozen=True)
class SliceWork:
    """A slice to be written: its number, its tables in the order of copying, and how to make its batches."""

    index: int
    tables: tuple[str, ...]
    batches: Callable[[], Iterator[Batch]]


class Loader:
    """Writes slices, one transaction each, with their rows in the ledger; `written` gets what is committed.

    `check` is called between pieces and raises to stop; `on_rows` hears of rows given to the server.
    """

    def __init__(
        self,
        connection: Connection,
        tables: dict[str, TableColumns],
        fingerprint: str,
        check: Callable[[], None],
        on_rows: Callable[[str, int], None],
        written: dict[tuple[str, int], ledger.SliceRecord],
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._fingerprint = fingerprint
        self._check = check
        self._on_rows = on_rows
        self._written = written

    def load(self, slices: Iterator[SliceWork]) -> None:
        """Writes slices in order.

        Raises what `check` raises; the slice under way is then rolled back as a whole.
        """
        pieces = _Ahead(lambda: self._pieces(slices))
        try:
            self._write(pieces)
        finally:
            pieces.close()

    def _pieces(self, slices: Iterator[SliceWork]) -> Iterator[Piece | SliceEnd]:
        for work in slices:
            tables = work.tables
            encoders = {name: Encoder(self._tables[name]) for name in tables}
            digests = {name: ContentDigest() for name in tables}
            waiting: dict[str, list[Piece]] = {name: [] for name in tables}
            for batch in work.batches():
                name = batch.table
                piece = Piece(name, batch.rows, encoders[name].encode(batch))
                digests[name].add(batch)
                if name == tables[0]:
                    yield piece
                else:
                    # Attachments come with their messages but are copied after them.
                    waiting[name].append(piece)
            for name in tables:
                yield from waiting[name]
                if rest := encoders[name].finish():
                    yield Piece(name, 0, rest)
            yield SliceEnd(work.index, {name: digest.hexdigest() for name, digest in digests.items()})

    def _write(self, pieces: Iterator[Piece | SliceEnd]) -> None:
        while (item := next(pieces, None)) is not None:
            totals: dict[str, int] = {}
            recorded: dict[tuple[str, int], ledger.SliceRecord] = {}
            with self._connection.transaction():
                while isinstance(item, Piece):
                    table = item.table
                    rows = 0
                    cursor = self._connection.cursor()
                    with cursor.copy(self._tables[table].copy_statement()) as copy:
                        while isinstance(item, Piece) and item.table == table:
                            self._check()
                            copy.write(item.data)
                            rows += item.rows
                            self._on_rows(table, item.rows)
                            item = next(pieces)
                    if cursor.rowcount != rows:
                        raise RuntimeError(f"the server took {cursor.rowcount} rows of {table}, {rows} were sent")
                    totals[table] = rows
                for table, digest in item.digests.items():
                    record = ledger.SliceRecord(table, item.index, totals.get(table, 0), digest)
                    ledger.note(self._connection, self._fingerprint, record)
                    recorded[table, item.index] = record
            # Only what is committed counts as written.
            self._written.update(recorded)


class _Ahead(Iterator[Any]):
    """An iterator whose items are made in a thread, a few ahead of the reader; errors are raised in the reader."""

    def __init__(self, make: Callable[[], Iterator[Any]]) -> None:
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=_AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(make,), name="shapetui rows", daemon=True)
        self._thread.start()

    def _run(self, make: Callable[[], Iterator[Any]]) -> None:
        try:
            for item in make():
                if not self._put(("item", item)):
                    return
            self._put(("end", None))
        except BaseException as error:
            self._put(("error", error))

    def _put(self, entry: tuple[str, Any]) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(entry, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def __next__(self) -> Any:
        what, value = self._queue.get()
        if what == "item":
            return value
        self._queue.put((what, value))
        if what == "error":
            raise value
        raise StopIteration

    def close(self) -> None:
        """Lets the thread end; waits for it."""
        self._stop.set()
        self._thread.join()
