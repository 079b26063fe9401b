"""A baseline of a database: what is measured is prepared, measured, and put together as a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import mean, median
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.documents.baseline import (
    Baseline,
    BaselineSummary,
    Measurement,
    Method,
    Phase,
    Query,
    Skipped,
)
from shapetui.documents.model import format_time
from shapetui.documents.report import GeneratedFrom
from shapetui.errors import DatabaseError
from shapetui.indexlab.cold import SAID, why_not
from shapetui.indexlab.measure import Cell, MeasureRequest, measure
from shapetui.indexlab.queries import LabQuery, standard_queries
from shapetui.indexlab.roles import LAB_TABLES, LabTables
from shapetui.indexlab.sequences import kept
from shapetui.indexlab.server import database_bytes, index_facts, server_facts, table_facts
from shapetui.indexlab.strata import choose
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]

_MEGABYTE: Final = 1 << 20


@dataclass(frozen=True)
class CaptureRequest:
    """What to measure and how; `own`: the user's queries after the standard ones."""

    phase: Phase
    measuring: MeasureRequest = field(default_factory=MeasureRequest)
    own: tuple[LabQuery, ...] = ()


def capture(
    connection: Connection,
    request: CaptureRequest,
    origin: GeneratedFrom | None,
    exact_rows: dict[str, int],
    moment: datetime,
    watch: Watch,
    tables: LabTables = LAB_TABLES,
) -> Baseline:
    """Measures a database; nothing that was written stays. The connection is in autocommit.

    `exact_rows`: rows of tables that are known and need no counting. Raises DatabaseError, Cancelled, psycopg.Error.
    """
    measuring = request.measuring
    queries, impossible = standard_queries(connection, tables, measuring.writes)
    if not queries:
        reasons = "; ".join(dict.fromkeys(query.reason for query in impossible))
        raise DatabaseError(f"none of the queries can be asked here: {reasons}", "give the URL of a chat database")
    names = [found.name for found in tables.all()]
    prepared = prepare(connection, tables, watch) if measuring.prepare else []
    watch.report("choose conversations")
    strata = choose(connection, tables)
    reason = why_not(connection) if measuring.cold else None
    cold = measuring.cold and reason is None
    with kept(connection, names):
        cells = measure(connection, [*queries, *request.own], strata, measuring, watch, cold)
    if measuring.writes and measuring.prepare:
        # Rows that were rolled back still lie in the tables.
        prepare(connection, tables, watch, analyse=False)
    # A cancelled statement looks like one that took too long.
    watch.check()
    grouped = _grouped([*queries, *request.own], cells)
    failed = [Skipped(query_id=q.id, query_name=q.name, reason=c[0].trouble or "") for q, c in grouped if not _any(c)]
    documents = [_query(query, found) for query, found in grouped if _any(found)]
    reads = [query for query in documents if query.kind == "read"]
    if not reads:
        raise DatabaseError(
            "no query could be measured: " + "; ".join(dict.fromkeys(one.reason for one in failed)),
            "allow more time with --timeout, or mend what the server says",
        )
    return Baseline(
        phase=request.phase,
        captured_at=format_time(moment),
        database_size_mb=round(database_bytes(connection) / _MEGABYTE, 2),
        queries=reads,
        summary=_summary(reads),
        schema_version=2,
        write_costs=[query for query in documents if query.kind == "write"],
        skipped=[Skipped(query_id=q.id, query_name=q.name, reason=q.reason) for q in impossible] + failed,
        server=server_facts(connection),
        tables=table_facts(connection, names, exact_rows),
        indexes=index_facts(connection, names),
        generated_from=origin,
        method=method_of(measuring, prepared, (reason or SAID) if measuring.cold else None),
    )


def method_of(measuring: MeasureRequest, prepared: list[str], cold: str | None) -> Method:
    """How it was measured, for the document."""
    return Method(
        repeats=measuring.repeats,
        warm_up=measuring.warm_up,
        statement_timeout_s=measuring.statement_timeout_s,
        prepared=prepared,
        cold=cold,
    )


def prepare(connection: Connection, tables: LabTables, watch: Watch, analyse: bool = True) -> list[str]:
    """Brings tables into a state of their own: no dead rows, all pages known as visible to all, fresh statistics.

    Otherwise autovacuum would do it between two measurements, and index-only scans change by it.
    """
    # What committed asynchronously (as a load here does) is not known as visible before its log is on the disk.
    connection.execute("SET synchronous_commit = on")
    connection.execute(
        "SELECT pg_current_xact_id()" if connection.info.server_version >= 130_000 else "SELECT txid_current()"
    )
    connection.execute("RESET synchronous_commit")
    said = []
    command = sql.SQL("VACUUM (ANALYZE)" if analyse else "VACUUM")
    for number, names in enumerate(tables.all()):
        watch.report("vacuum and analyse", number, len(tables.all()), names.name)
        row = connection.execute(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(%s)", [f'"{names.name}"']
        ).fetchone()
        if row is not None and row[0]:
            connection.execute(sql.SQL("{} {}").format(command, names.identifier))
            said.append(f"{command.as_string()} {names.name}")
        watch.check()
    return said


def _grouped(queries: Sequence[LabQuery], cells: Sequence[Cell]) -> list[tuple[LabQuery, list[Cell]]]:
    return [(query, [cell for cell in cells if cell.query is query]) for query in queries]


def _any(cells: Sequence[Cell]) -> bool:
    return any(cell.whole is not None and cell.trouble is None for cell in cells)


def _query(query: LabQuery, cells: Sequence[Cell]) -> Query:
    strata = [cell.measurement() for cell in cells]
    first, analysis = next((found, found.analysis) for found in strata if found.analysis is not None)
    return Query(
        query_id=query.id,
        query_name=query.name,
        sql=query.shown(),
        parameters={f":{name}": f"from {source}" for name, source in query.parameters.items()}
        | {f":{name}": f"= {value!r}" for name, value in query.constants.items()},
        plan=first.plan,
        execution_time_ms=_median(first, "execution_ms"),
        planning_time_ms=_median(first, "planning_ms"),
        buffers=first.buffers,
        plan_analysis=analysis,
        kind=query.kind,
        target_ms=query.target_ms,
        rows_written=round(first.rows) if query.kind == "write" else None,
        strata=strata,
    )


def _median(found: Measurement, samples: str) -> float:
    values: list[float] = getattr(found, samples)
    return round(median(values), 4) if values else 0.0


def _summary(reads: Sequence[Query]) -> BaselineSummary:
    """The original's numbers; its p95 of so few queries is the slowest of them."""
    times = sorted(query.execution_time_ms for query in reads)
    return BaselineSummary(
        avg_execution_time_ms=round(mean(times), 4),
        p50_execution_time_ms=round(median(times), 4),
        p95_execution_time_ms=times[min(len(times) - 1, int(0.95 * len(times)))],
        total_sorts=sum(query.plan_analysis.has_sort_node for query in reads),
        index_adoption_rate=round(sum(query.plan_analysis.uses_index for query in reads) / len(reads), 4),
    )
