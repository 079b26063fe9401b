"""The curve of cost against rows: queries measured on ever longer beginnings of the messages, without and with indexes.

Each beginning is copied, as an increment on the last one and in the order of the heap, into a schema of its own in the
same database, which goes at the end; so at every size the rows lie as they did when there were so many.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.catalogue import columns
from shapetui.database.tables import TableNames
from shapetui.documents.growth import Growth, GrowthCell, GrowthIndex, GrowthPoint
from shapetui.documents.model import format_time
from shapetui.documents.report import GeneratedFrom
from shapetui.errors import DatabaseError
from shapetui.indexlab.capture import method_of, prepare
from shapetui.indexlab.ddl import IndexDefinition
from shapetui.indexlab.described import existing, found, probed
from shapetui.indexlab.measure import Cell, MeasureRequest, measure
from shapetui.indexlab.queries import LabQuery, standard_queries
from shapetui.indexlab.roles import LAB_TABLES, LabTables
from shapetui.indexlab.server import server_facts
from shapetui.indexlab.strata import choose
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]

SCHEMA: Final = "shapetui_growth"
_OURS: Final = "made by shapetui for --growth, may be dropped"


@dataclass(frozen=True)
class Beginnings:
    """How much of the messages is measured: ascending fractions 0..1, each a number of whole slices where known.

    `slice_ends`: rows up to the end of each time slice, from the ledger; empty where the rows are not shapetui's.
    """

    fractions: tuple[float, ...]
    slice_ends: tuple[int, ...] = field(default=())

    def shares(self) -> tuple[float, ...]:
        """The fractions, moved to the nearest end of a slice; the last slice's is 1."""
        if not self.slice_ends:
            return tuple(sorted(set(self.fractions)))
        total = self.slice_ends[-1]
        nearest = (min(self.slice_ends, key=lambda end: abs(end - share * total)) for share in self.fractions)
        return tuple(sorted({end / total for end in nearest}))


def measure_growth(
    connection: Connection,
    beginnings: Beginnings,
    definitions: Sequence[IndexDefinition],
    own: Sequence[LabQuery],
    measuring: MeasureRequest,
    origin: GeneratedFrom | None,
    moment: datetime,
    watch: Watch,
    tables: LabTables = LAB_TABLES,
) -> Growth:
    """Measures reads at every size, also the user's `own`; the connection is in autocommit, nothing is left behind.

    Raises DatabaseError, Cancelled, psycopg.Error.
    """
    source = _current_schema(connection)
    described = probed(connection, definitions)
    watch.report("find the slices")
    shares = beginnings.shares()
    edges = _edges(connection, tables.messages, shares)
    points = []
    # Inside, so that clearing up is not cancelled with the rest.
    with _schema(connection, source, tables), watch.over(connection):
        for definition, one in zip(definitions, described, strict=True):
            # Whatever is there of the same already is what the curve is to show the lack of.
            for there in existing(connection, definition.table):
                if there.same_as(one) and not there.constraint:
                    connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(there.name)))
        before = None
        for number, (share, edge) in enumerate(zip(shares, edges, strict=True)):
            watch.report("growth", number, len(shares), f"{share:.0%} of the messages")
            _copy(connection, source, tables, before, edge if share < 1 else None, watch)
            before = edge
            points.append(_point(connection, share, definitions, own, measuring, watch, tables))
        method = method_of(measuring, [], None)
        facts = server_facts(connection)
    return Growth(
        grown_at=format_time(moment),
        points=points,
        schema_version=2,
        definitions=[one.definition for one in described],
        server=facts,
        generated_from=origin,
        method=method,
    )


def _current_schema(connection: Connection) -> str:
    row = connection.execute("SELECT current_schema()").fetchone()
    if row is None or row[0] is None:
        raise DatabaseError("the database has no current schema", "set search_path in the URL's options")
    return str(row[0])


def _edges(connection: Connection, messages: TableNames, shares: Sequence[float]) -> list[Any]:
    """Time of the last message of each beginning."""
    row = connection.execute(
        sql.SQL("SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY {}) FROM {}").format(
            messages["created_at"], messages.identifier
        ),
        [list(shares)],
    ).fetchone()
    if row is None or row[0] is None or None in row[0]:
        raise DatabaseError("the database has no messages: there is nothing to measure", "fill it: shapetui generate")
    return list(row[0])


@contextmanager
def _schema(connection: Connection, source: str, tables: LabTables) -> Iterator[None]:
    """Empty copies of the tables in a schema of their own, which the session looks into first."""
    _drop(connection)
    name = sql.Identifier(SCHEMA)
    try:
        with connection.transaction():
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
            connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, sql.Literal(_OURS)))
            for table in tables.all():
                if columns(connection, table.name):
                    connection.execute(
                        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                            sql.Identifier(SCHEMA, table.name), sql.Identifier(source, table.name)
                        )
                    )
        connection.execute("SELECT set_config('search_path', %s, false)", [f'{SCHEMA}, "{source}"'])
        yield
    finally:
        if not connection.closed:
            # What stopped the work matters more; the next run drops the schema first.
            with suppress(psycopg.Error):
                connection.execute("RESET search_path")
                _drop(connection)


def _drop(connection: Connection) -> None:
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [SCHEMA]
    ).fetchone()
    if row is None:
        return
    if row[0] != _OURS:
        raise DatabaseError(f"there is a schema {SCHEMA} that shapetui did not make", "rename or drop it")
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SCHEMA)))


def _copy(connection: Connection, source: str, tables: LabTables, after: Any, until: Any, watch: Watch) -> None:
    """Adds the rows of a stretch of time; users are there from the begin."""
    times = {
        tables.users: None,
        tables.conversations: "created_at",
        # With their conversation: not every chat notes when somebody joined.
        tables.members: "conversation",
        tables.messages: "created_at",
        tables.reads: "read_at",
    }
    for table, role in times.items():
        watch.check()
        held = columns(connection, table.name)
        if not held or (role is None and after is not None):
            continue
        rooms = tables.conversations
        if role is None:
            condition: sql.Composable = sql.SQL("true")
        elif role == "conversation":
            begun = _between(rooms["created_at"], after, until)
            of_rooms = sql.SQL("{} IN (SELECT {} FROM {} WHERE {})")
            condition = of_rooms.format(table[role], rooms["id"], sql.Identifier(source, rooms.name), begun)
        else:
            condition = _between(table[role], after, until)
        listed = sql.SQL(", ").join(map(sql.Identifier, _writable(connection, table)))
        statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} WHERE {}").format(
            sql.Identifier(SCHEMA, table.name),
            listed,
            listed,
            sql.Identifier(source, table.name),
            condition,
        )
        with connection.transaction():
            # So that the scan begins at the begin of the table and gives the rows in their order.
            connection.execute("SET LOCAL synchronize_seqscans = off")
            connection.execute("SET LOCAL enable_indexscan = off")
            connection.execute("SET LOCAL enable_bitmapscan = off")
            connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            connection.execute(statement)


def _between(column: sql.Identifier, after: Any, until: Any) -> sql.Composable:
    """Later than `after`, up to `until`; None is no limit."""
    limits: list[sql.Composable] = [sql.SQL("true")]
    limits += [sql.SQL("{} > {}").format(column, sql.Literal(after))] if after is not None else []
    limits += [sql.SQL("{} <= {}").format(column, sql.Literal(until))] if until is not None else []
    return sql.SQL(" AND ").join(limits)


def _writable(connection: Connection, table: TableNames) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [f'"{SCHEMA}"."{table.name}"'],
    ).fetchall()
    return [name for (name,) in rows]


def _point(
    connection: Connection,
    share: float,
    definitions: Sequence[IndexDefinition],
    own: Sequence[LabQuery],
    measuring: MeasureRequest,
    watch: Watch,
    tables: LabTables,
) -> GrowthPoint:
    """Everything at one size; the indexes are built for it and dropped again."""
    prepare(connection, tables, watch)
    queries = [*standard_queries(connection, tables, writes=False)[0], *own]
    strata = choose(connection, tables)
    without = measure(connection, queries, strata, measuring, watch, cold=False)
    built = []
    for definition in definitions:
        watch.report("growth", note=f"index {definition.name}")
        begun = time.perf_counter()
        # The schema is nobody else's: nobody is kept waiting, so it need not be built concurrently.
        connection.execute(definition.create(concurrently=False, table=sql.Identifier(SCHEMA, definition.table)))
        there = found(connection, definition.name)
        seconds = round(time.perf_counter() - begun, 3)
        built.append(GrowthIndex(name=definition.name, seconds=seconds, bytes=there.bytes if there else 0))
        watch.check()
    with_them = measure(connection, queries, strata, measuring, watch, cold=False)
    for definition in definitions:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(SCHEMA, definition.name)))
    row = connection.execute(
        sql.SQL("SELECT (SELECT count(*) FROM {}), (SELECT count(*) FROM {}), pg_table_size(%s::regclass)").format(
            tables.messages.identifier, tables.conversations.identifier
        ),
        [f'"{SCHEMA}"."{tables.messages.name}"'],
    ).fetchone()
    messages, conversations, size = row if row is not None else (0, 0, 0)
    watch.check()
    cells = [_cell(cell, False) for cell in without] + [_cell(cell, True) for cell in with_them]
    return GrowthPoint(
        fraction=round(share, 6),
        messages=messages,
        conversations=conversations,
        bytes=size,
        cells=cells,
        indexes=built,
    )


def _cell(cell: Cell, indexed: bool) -> GrowthCell:
    found = cell.measurement()
    analysis = found.analysis
    return GrowthCell(
        query_id=cell.query.id,
        query_name=cell.query.name,
        stratum=found.stratum,
        indexed=indexed,
        conversation_messages=cell.stratum.chosen.messages,
        execution_ms=found.execution_ms,
        pages=found.pages,
        scan_type=analysis.scan_type if analysis is not None else None,
        index_name=analysis.index_name if analysis is not None else None,
        sorted=analysis is not None and analysis.has_sort_node,
        trouble=found.trouble,
    )
