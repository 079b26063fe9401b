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
# Where the plan in the ledger notes the ids of the first and the last rows.
_ENDS: Final = "first_and_last_ids"
# Any fixed number; "shapetui" in ASCII.
_LOCK: Final = 0x7368617065747569
# In the schema of the five tables these hang on them and may be emptied along: receipts of messages that go.
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


@dataclass(frozen=True)
class Run:
    """The run whose rows a database holds: its plan as it was noted, whether it has finished, rows per table."""

    plan: dict[str, Any]
    finished: bool
    rows: dict[str, int]


def last_run(connection: Connection) -> Run | None:
    """The run of shapetui that wrote into this database last; None where there was none. Only reads."""
    fingerprint, finished, slices = recorded(connection)
    if fingerprint is None:
        return None
    row = connection.execute(
        sql.SQL("SELECT plan FROM {} WHERE fingerprint = %s").format(sql.Identifier(RUNS)), [fingerprint]
    ).fetchone()
    return Run(row[0] if row and isinstance(row[0], dict) else {}, finished, written_rows(slices))


def row_counts(connection: Connection) -> dict[str, int]:
    """Exact number of rows per existing chat table, and of the receipts that hang on them."""
    present = existing_tables(connection)
    ours = [names.name for names in CHAT_TABLES.all() if names.name in present]
    counts = {name: _count(connection, sql.Identifier(name)) for name in ours}
    for other in _referring(connection, ours):
        if other.goes_along:
            counts[other.name] = _count(connection, other.identifier)
    return counts


def _count(connection: Connection, table: sql.Identifier) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
    return int(row[0]) if row else 0


def written_rows(slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, int]:
    """Rows per table according to the ledger."""
    totals: dict[str, int] = {}
    for record in slices.values():
        totals[record.table] = totals.get(record.table, 0) + record.rows
    return totals


def foreign_rows(counts: Mapping[str, int], slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, int]:
    """Tables whose rows are not exactly those of the ledger, with how many rows they hold.

    Judged by counts alone, which cost one scan of an index: rows that were changed, or put in the place of as many
    others, pass for ours. `changed_ends` finds some of those.
    """
    ours = written_rows(slices)
    return {table: count for table, count in counts.items() if count != ours.get(table, 0)}


def clear(connection: Connection) -> None:
    """Empties the chat tables and the ledger, in the caller's transaction.

    Raises DatabaseError when other tables with rows refer to them: their rows are not shapetui's to remove.
    """
    names = sorted({names.name for names in CHAT_TABLES.all()} & existing_tables(connection))
    if any(_has_rows(connection, sql.Identifier(name)) for name in names):
        # Whatever refers to them must be emptied in the same statement, also where nothing is in it.
        others = _referring(connection, names)
        _refuse_filled(connection, others)
        chosen = sql.SQL(", ").join([*map(sql.Identifier, names), *(other.identifier for other in others)])
        connection.execute(sql.SQL("TRUNCATE {}").format(chosen))
    if ledger_exists(connection):
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(RUNS)))


@dataclass(frozen=True)
class _Referring:
    """A table that refers to the chat tables; `near` = it lies in their schema."""

    schema: str
    name: str
    near: bool

    @property
    def identifier(self) -> sql.Identifier:
        """Its name with its schema, quoted."""
        return sql.Identifier(self.schema, self.name)

    @property
    def goes_along(self) -> bool:
        """Whether its rows go with the chat tables': a receipt's name in another schema means nothing."""
        return self.near and self.name in _DEPENDENT


def _referring(connection: Connection, names: list[str]) -> list[_Referring]:
    """Tables outside `names` that refer to them, or to one another, by foreign keys."""
    rows = connection.execute(
        """
        WITH RECURSIVE referring (id) AS (
            SELECT c.oid FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relname = ANY(%(names)s)
            UNION SELECT k.conrelid FROM pg_constraint k JOIN referring r ON k.confrelid = r.id WHERE k.contype = 'f'
        )
        SELECT n.nspname, c.relname, n.nspname = current_schema()
        FROM referring r JOIN pg_class c ON c.oid = r.id JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT (n.nspname = current_schema() AND c.relname = ANY(%(names)s)) ORDER BY 1, 2
        """,
        {"names": names},
    ).fetchall()
    return [_Referring(*row) for row in rows]


def _refuse_filled(connection: Connection, others: list[_Referring]) -> None:
    """Raises DatabaseError for tables with rows that do not go along."""
    filled = []
    for other in others:
        # Locked first, so that nothing comes in between looking and emptying.
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(other.identifier))
        if not other.goes_along and _has_rows(connection, other.identifier):
            filled.append(other.name if other.near else f"{other.schema}.{other.name}")
    if filled:
        raise DatabaseError(
            f"tables with rows refer to the chat tables by foreign keys: {', '.join(filled)}",
            "empty them first, or use a database of its own for the synthetic data",
        )


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
    """Notes the end of a run, with the ids of the first and the last rows."""
    connection.execute(
        sql.SQL("UPDATE {} SET finished_at = now(), plan = plan || %s WHERE fingerprint = %s").format(
            sql.Identifier(RUNS)
        ),
        [Jsonb({_ENDS: _ends(connection)}), fingerprint],
    )


def changed_ends(connection: Connection) -> set[str]:
    """Tables of a finished run whose first or last row by id is another one than when it ended.

    So rows of somebody else's are found though they are as many as ours were. Empty for an unfinished run.
    """
    if not ledger_exists(connection):
        return set()
    row = connection.execute(
        sql.SQL("SELECT plan -> %s FROM {} WHERE finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1").format(
            sql.Identifier(RUNS)
        ),
        [_ENDS],
    ).fetchone()
    noted: dict[str, list[str | None]] = (row[0] if row else None) or {}
    found = _ends(connection)
    return {table for table, ends in noted.items() if found.get(table) != ends}


def _ends(connection: Connection) -> dict[str, list[str | None]]:
    """Least and greatest id of users and of messages, in the order of their indexes."""
    ends = {}
    for names in (CHAT_TABLES.users, CHAT_TABLES.messages):
        query = sql.SQL("SELECT min({0})::text, max({0})::text FROM {1}").format(names["id"], names.identifier)
        ends[names.name] = list(connection.execute(query).fetchone() or ())
    return ends


def table_digests(slices: Mapping[tuple[str, int], SliceRecord]) -> dict[str, str]:
    """Content digest per table: SHA-256 over the digests of its slices in their order."""
    result = {}
    for table in sorted({record.table for record in slices.values()}):
        state = hashlib.sha256()
        for record in sorted((r for r in slices.values() if r.table == table), key=lambda record: record.index):
            state.update(bytes.fromhex(record.digest))
        result[table] = "sha256:" + state.hexdigest()
    return result
