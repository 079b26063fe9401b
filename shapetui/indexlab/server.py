"""What a measurement depends on and does not choose: the server, its settings, tables and indexes as they are."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from shapetui.database.catalogue import server_version
from shapetui.documents.baseline import IndexFacts, ServerFacts, TableFacts

Connection = psycopg.Connection[Any]

# What the planner weighs, what memory there is, and what makes a write dearer. Some are of newer servers only.
SETTINGS: Final = (
    "shared_buffers",
    "work_mem",
    "hash_mem_multiplier",
    "maintenance_work_mem",
    "effective_cache_size",
    "random_page_cost",
    "seq_page_cost",
    "cpu_tuple_cost",
    "cpu_index_tuple_cost",
    "cpu_operator_cost",
    "effective_io_concurrency",
    "io_method",
    "default_statistics_target",
    "max_parallel_workers_per_gather",
    "max_parallel_workers",
    "min_parallel_table_scan_size",
    "parallel_setup_cost",
    "parallel_tuple_cost",
    "jit",
    "jit_above_cost",
    "plan_cache_mode",
    "enable_seqscan",
    "enable_indexscan",
    "enable_indexonlyscan",
    "enable_bitmapscan",
    "enable_sort",
    "enable_incremental_sort",
    "enable_hashjoin",
    "enable_mergejoin",
    "enable_nestloop",
    "fsync",
    "full_page_writes",
    "wal_level",
    "synchronous_commit",
    "track_io_timing",
)


def server_facts(connection: Connection) -> ServerFacts:
    """Version and settings, as the session has them."""
    rows = connection.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(SETTINGS)]
    ).fetchall()
    held = dict(rows)
    return ServerFacts(
        version=server_version(connection), settings={name: held[name] for name in SETTINGS if name in held}
    )


def database_bytes(connection: Connection) -> int:
    """Size of the database."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def table_facts(connection: Connection, tables: list[str], exact: dict[str, int]) -> list[TableFacts]:
    """Rows and sizes of tables, in the order given; `exact` has the rows of those that were counted."""
    rows = connection.execute(
        """
        SELECT c.relname, greatest(c.reltuples, 0)::int8, pg_table_size(c.oid), pg_indexes_size(c.oid)
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p')
          AND c.relname = ANY(%(tables)s)
        ORDER BY array_position(%(tables)s::text[], c.relname::text)
        """,
        {"tables": tables},
    ).fetchall()
    return [
        TableFacts(
            name=name,
            rows=exact.get(name, estimate),
            exact=name in exact,
            bytes=heap,
            index_bytes=indexes,
        )
        for name, estimate, heap, indexes in rows
    ]


def index_facts(connection: Connection, tables: list[str]) -> list[IndexFacts]:
    """All indexes of tables, by table and name."""
    rows = connection.execute(
        """
        SELECT i.relname, t.relname, pg_get_indexdef(i.oid), pg_relation_size(i.oid), x.indisvalid,
               EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relname = ANY(%(tables)s)
        ORDER BY array_position(%(tables)s::text[], t.relname::text), i.relname
        """,
        {"tables": tables},
    ).fetchall()
    return [
        IndexFacts(name=name, table=table, definition=definition, bytes=size, valid=valid, constraint=constraint)
        for name, table, definition, size, valid, constraint in rows
    ]
