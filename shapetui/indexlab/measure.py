"""Runs queries on strata: warmed up, repeated in turns so that whatever drifts hits all alike, writes rolled back."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import errors, sql

from shapetui.documents.baseline import Cold, Measurement
from shapetui.errors import DatabaseError
from shapetui.indexlab.cold import emptying
from shapetui.indexlab.plans import Explained, analyse, explained, without_values
from shapetui.indexlab.queries import LabQuery
from shapetui.indexlab.strata import Stratum
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]

# A run without cache costs what reading the whole table costs; more of them tell little more.
COLD_REPEATS: Final = 5
# The clock is read twice for each row in each node otherwise, which doubles the time of a sequential scan.
_REPEAT: Final = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ")
_WHOLE: Final = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ")
_WRITE: Final = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) ")


@dataclass(frozen=True)
class MeasureRequest:
    """How often and how long. `writes`: also the cost of writes; `prepare`: VACUUM ANALYZE before."""

    repeats: int = 20
    warm_up: int = 2
    statement_timeout_s: float = 60.0
    cold: bool = False
    writes: bool = True
    prepare: bool = True


@dataclass
class Cell:
    """One query on one stratum, as far as it has been measured."""

    query: LabQuery
    stratum: Stratum
    runs: list[Explained] = field(default_factory=list)
    whole: Explained | None = None
    cold: list[Explained] = field(default_factory=list)
    trouble: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of a run."""
        return {**self.chosen_values, **self.query.constants}

    @property
    def chosen_values(self) -> dict[str, Any]:
        """Those of them that are of this stratum."""
        return {name: self.stratum.value(source) for name, source in self.query.parameters.items()}

    def measurement(self) -> Measurement:
        """The document's part, without the values of the stratum."""
        found = Measurement(stratum=self.stratum.name, chosen=self.stratum.chosen, trouble=self.trouble)
        if self.whole is None or self.trouble is not None:
            return found
        plan = without_values(self.whole.plan, self.chosen_values)
        cold = self.cold
        return found.model_copy(
            update={
                "execution_ms": [run.execution_ms for run in self.runs],
                "planning_ms": [run.planning_ms for run in self.runs],
                "pages": [run.buffers.pages for run in self.runs],
                "buffers": self.whole.buffers,
                "wal": self.whole.wal,
                "rows": self.whole.rows,
                "plan": plan,
                "analysis": analyse(plan),
                "cold": Cold(
                    execution_ms=[run.execution_ms for run in cold],
                    planning_ms=[run.planning_ms for run in cold],
                    buffers=cold[0].buffers,
                )
                if cold
                else None,
            }
        )


def measure(
    connection: Connection,
    queries: Sequence[LabQuery],
    strata: Sequence[Stratum],
    request: MeasureRequest,
    watch: Watch,
    cold: bool,
) -> list[Cell]:
    """Every query on every stratum: the reads in turns, then the writes in turns, then the reads without cache.

    The connection is in autocommit. `cold`: the server can empty its cache (`cold.why_not` has been asked). A query
    that takes too long is given up with its reason. Raises DatabaseError for a query of the user's own that the server
    refuses, Cancelled, psycopg.Error.
    """
    # After five runs psycopg would prepare a statement, and the server might then plan without the values.
    connection.prepare_threshold = None
    cells = [Cell(query, stratum) for query in queries for stratum in strata]
    reads = [cell for cell in cells if cell.query.kind == "read"]
    writes = [cell for cell in cells if cell.query.kind == "write"]
    done = _Done(watch, len(cells) * (request.warm_up + request.repeats + 1) + cold * len(reads) * COLD_REPEATS)
    with _limited(connection, request.statement_timeout_s):
        with _reading(connection):
            _rounds(connection, reads, request, done)
        _rounds(connection, writes, request, done)
        if cold:
            _without_cache(connection, reads, request, done)
    return cells


@contextmanager
def _limited(connection: Connection, seconds: float) -> Iterator[None]:
    connection.execute("SELECT set_config('statement_timeout', %s, false)", [f"{round(seconds * 1000)}ms"])
    try:
        yield
    finally:
        _reset(connection, "statement_timeout")


@contextmanager
def _reading(connection: Connection) -> Iterator[None]:
    """Whatever a query is, it cannot write."""
    connection.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _reset(connection, "default_transaction_read_only")


def _reset(connection: Connection, setting: str) -> None:
    """What comes after a failure, too: clearing up must be able to write."""
    if not (connection.closed or connection.broken):
        connection.execute(sql.SQL("RESET {}").format(sql.Identifier(setting)))


class _Done:
    """Counts runs for whoever watches."""

    def __init__(self, watch: Watch, total: int) -> None:
        self.watch, self._total, self._count = watch, total, 0

    def one(self, cell: Cell) -> None:
        """One run is done, or not to be done."""
        self._count += 1
        self.watch.report("measure", self._count, self._total, f"{cell.query.name}, {cell.stratum.name}")
        self.watch.check()


def _rounds(connection: Connection, cells: list[Cell], request: MeasureRequest, done: _Done) -> None:
    for number in range(request.warm_up + request.repeats + 1):
        order = list(cells)
        # Another order each time, the same on every machine: no query always follows the same other.
        random.Random(number).shuffle(order)  # noqa: S311 - nothing secret
        for cell in order:
            if cell.trouble is None:
                last = number == request.warm_up + request.repeats
                run = _run(connection, cell, _WHOLE if last and cell.query.kind == "read" else None, request)
                if run is not None and last:
                    cell.whole = run
                elif run is not None and number >= request.warm_up:
                    cell.runs.append(run)
            done.one(cell)


def _run(connection: Connection, cell: Cell, explain: sql.SQL | None, request: MeasureRequest) -> Explained | None:
    """One run; None where it was given up, with the reason in the cell."""
    write = cell.query.kind == "write"
    statement = sql.Composed([explain or (_WRITE if write else _REPEAT), cell.query.statement])
    try:
        with connection.transaction(force_rollback=write):
            row = connection.execute(statement, cell.values).fetchone()
    except errors.QueryCanceled:
        # By the user: whoever watches says so next.
        cell.trouble = f"takes longer than statement_timeout ({request.statement_timeout_s:g} s)"
        return None
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate[:2] in ("08", "57", "53"):
            raise
        said = " ".join((error.diag.message_primary or type(error).__name__).split())
        if cell.query.place:
            raise DatabaseError(
                f"{cell.query.place}: the server refuses the query {cell.query.name}: {said}",
                "mend the query; it is run as EXPLAIN (ANALYZE) and may only read",
            ) from None
        cell.trouble = f"the server refuses it: {said}"
        return None
    if row is None:
        return None
    return explained(row[0][0])


def _without_cache(connection: Connection, cells: list[Cell], request: MeasureRequest, done: _Done) -> None:
    with emptying(connection) as empty:
        for number in range(COLD_REPEATS):
            order = [cell for cell in cells if cell.trouble is None]
            random.Random(number).shuffle(order)  # noqa: S311 - nothing secret
            for cell in order:
                empty()
                run = _run(connection, cell, None, request)
                if run is not None:
                    cell.cold.append(run)
                done.one(cell)
