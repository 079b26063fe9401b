"""What shapetui has written into a database: a row per run and per slice, in the database itself.

A slice and its row are one transaction, so a killed run resumes where it stopped, and rows that are not accounted for
are somebody else's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shapetui.database.ddl import existing_tables, tables_among
from shapetui.database.tables import CHAT_TABLES
from shapetui.errors import DatabaseError

Connection = psycopg.Connection[Any]

RUNS: Final = "shapetui_runs"
SLICES: Final = "shapetui_slices"
# Any fixed number; "shapetui" in ASCII.
_LOCK: Final = 0x7368617065747569
# These hang on the five tables and go with them; their rows are made by tests on our data.
_DEPENDENT: Final = ("message_reads", "message_receipts")


@dataclass(frozen=True)
class SliceRecord:
    """One written slice: rows and digest (hex) of one table."""

    table: str
    index: int
    rows: int
    digest: str


def create_ledger(connection: Connection) -> None:
    """Creates the two tables of the ledger when they are missing, in the caller's transaction."""
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (fingerprint text PRIMARY KEY, plan jsonb NOT NULL,"
            " started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz)"
        ).format(sql.Identifier(RUNS))
    )
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (fingerprint text NOT NULL REFERENCES {} ON DELETE CASCADE,"
            " table_name text NOT NULL, slice integer NOT NULL, rows bigint NOT NULL, digest text NOT NULL,"
            " PRIMARY KEY (fingerprint, table_name, slice))"
        ).format(sql.Identifier(SLICES), sql.Identifier(RUNS))
    )


def lock(connection: Connection) -> None:
    """Takes the one write lock of shapetui on this database for the session. Raises DatabaseError when taken."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    if not (row and row[0]):
        raise DatabaseError(
            "another run of shapetui is writing to this database", "wait for it to end, or cancel it, and try again"
        )


def ledger_exists(connection: Connection) -> bool:
    """Whether shapetui has ever written here."""
    return tables_among(connection, (RUNS, SLICES)) == {RUNS, SLICES}


def recorded(connection: Connection) -> tuple[str | None, bool, dict[tuple[str, int], SliceRecord]]:
    """(fingerprint of the run in the database, whether it has finished, its slices)."""
    if not ledger_exists(connection):
        return None, False, {}
    run = connection.execute(
        sql.SQL("SELECT fingerprint, finished_at IS NOT NULL FROM {} ORDER BY started_at DESC LIMIT 1").format(
            sql.Identifier(RUNS)
        )
    ).fetchone()
    if run is None:
        return None, False, {}
    rows = connection.execute(
        sql.SQL("SELECT table_name, slice, rows, digest FROM {} WHERE fingerprint = %s").format(sql.Identifier(SLICES)),
        [run[0]],
    ).fetchall()
    return run[0], run[1], {(row[0], row[1]): SliceRecord(*row) for row in rows}


def row_counts(connection: Connection) -> dict[str, int]:
    """Exact number of rows per existing chat table."""
    present = existing_tables(connection)
    counts = {}
    for names in CHAT_TABLES.all():
        if names.name in present:
            row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(names.identifier)).fetchone()
            counts[names.name] = int(row[0]) if row else 0
    return counts


def written_rows(slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, int]:
    """Rows per table according to the ledger."""
    totals: dict[str, int] = {}
    for record in slices.values():
        totals[record.table] = totals.get(record.table, 0) + record.rows
    return totals


def foreign_rows(counts: Mapping[str, int], slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, int]:
    """Tables whose rows are not exactly those of the ledger, with how many rows they hold."""
    ours = written_rows(slices)
    return {table: count for table, count in counts.items() if count != ours.get(table, 0)}


def clear(connection: Connection) -> None:
    """Empties the chat tables and the ledger, in the caller's transaction.

    Raises DatabaseError when other tables with rows refer to them: their rows are not shapetui's to remove.
    """
    names = sorted({names.name for names in CHAT_TABLES.all()} & existing_tables(connection))
    if any(_has_rows(connection, sql.Identifier(name)) for name in names):
        # Whatever refers to them must be emptied in the same statement, also where nothing is in it.
        chosen = sql.SQL(", ").join([*map(sql.Identifier, names), *_referring(connection, names)])
        connection.execute(sql.SQL("TRUNCATE {}").format(chosen))
    if ledger_exists(connection):
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(RUNS)))


def _referring(connection: Connection, names: list[str]) -> list[sql.Identifier]:
    """Tables outside `names` that refer to them, or to one another, by foreign keys.

    Raises DatabaseError for any with rows, but for those that tests on our data have filled.
    """
    rows = connection.execute(
        """
        WITH RECURSIVE referring (id) AS (
            SELECT c.oid FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relname = ANY(%(names)s)
            UNION SELECT k.conrelid FROM pg_constraint k JOIN referring r ON k.confrelid = r.id WHERE k.contype = 'f'
        )
        SELECT n.nspname, c.relname, n.nspname = current_schema() AND c.relname = ANY(%(names)s)
        FROM referring r JOIN pg_class c ON c.oid = r.id JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2
        """,
        {"names": names},
    ).fetchall()
    others = [(name, sql.Identifier(schema, name)) for schema, name, ours in rows if not ours]
    filled = []
    for name, table in others:
        # Locked first, so that nothing comes in between looking and emptying.
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(table))
        if name not in _DEPENDENT and _has_rows(connection, table):
            filled.append(name)
    if filled:
        raise DatabaseError(
            f"tables with rows refer to the chat tables by foreign keys: {', '.join(filled)}",
            "empty them first, or use a database of its own for the synthetic data",
        )
    return [table for _, table in others]


def _has_rows(connection: Connection, table: sql.Identifier) -> bool:
    row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table)).fetchone()
    return bool(row and row[0])


def begin(connection: Connection, fingerprint: str, plan: dict[str, Any]) -> None:
    """Notes the begin of a run."""
    connection.execute(
        sql.SQL("INSERT INTO {} (fingerprint, plan) VALUES (%s, %s)").format(sql.Identifier(RUNS)),
        [fingerprint, Jsonb(plan)],
    )


def note(connection: Connection, fingerprint: str, record: SliceRecord) -> None:
    """Notes a written slice, in the transaction that wrote it."""
    connection.execute(
        sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s)").format(sql.Identifier(SLICES)),
        [fingerprint, record.table, record.index, record.rows, record.digest],
    )


def finish(connection: Connection, fingerprint: str) -> None:
    """Notes the end of a run."""
    connection.execute(
        sql.SQL("UPDATE {} SET finished_at = now() WHERE fingerprint = %s").format(sql.Identifier(RUNS)), [fingerprint]
    )


def table_digests(slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, str]:
    """Content digest per table: SHA-256 over the digests of its slices in their order."""
    result = {}
    for table in sorted({record.table for record in slices.values()}):
        state = hashlib.sha256()
        for record in sorted((r for r in slices.values() if r.table == table), key=lambda record: record.index):
            state.update(bytes.fromhex(record.digest))
        result[table] = "sha256:" + state.hexdigest()
    return result
