"""A look at a database, for a screen: reachable, how much is in it, who wrote it. Never raises, never writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg

from shapetui.database.catalogue import server_version
from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.errors import ShapetuiError
from shapetui.generation.ledger import Run, last_run, row_counts

Connection = psycopg.Connection[Any]

# What a production answers to from its catalogue takes milliseconds; more means that something is in the way.
_PRODUCTION_SECONDS: Final = 5
# Counting a hundred million rows; beyond that an estimate must do.
_COUNTING_SECONDS: Final = 30


@dataclass(frozen=True)
class DatabaseState:
    """What a look at a database found.

    Attributes:
        trouble: why nothing was found; empty where something was.
        database: its name, as the server knows it.
        version: of the server. `role`: `primary` or `replica`.
        messages: its messages. `rows`: those of all chat tables. `estimated`: both as the server estimates them.
        written_by: who wrote the rows of a synthetic database; empty of a production. `ours`: all of them are
            shapetui's.
    """

    label: str
    trouble: str = ""
    version: str = ""
    messages: int = 0
    rows: int = 0
    written_by: str = ""
    estimated: bool = False
    role: str = ""
    database: str = ""
    ours: bool = False


def look_synthetic(target: Target) -> DatabaseState:
    """Exact counts, and who wrote the rows; estimates where counting takes too long."""

    def find(connection: Connection) -> DatabaseState:
        state = _of_server(target, connection)
        try:
            with connection.transaction():
                counts = row_counts(connection)
        except psycopg.errors.QueryCanceled:
            return _estimated(state, connection)
        run = last_run(connection)
        rows, messages = sum(counts.values()), counts.get(CHAT_TABLES.messages.name, 0)
        foreign = _foreign(counts, run)
        ours = run is not None and not foreign
        return replace(state, messages=messages, rows=rows, written_by=_writer(rows, run, foreign), ours=ours)

    return _looked(target, find, _COUNTING_SECONDS)


def look_production(target: Target) -> DatabaseState:
    """Estimates of the server alone: the rows of a production are never counted."""
    return _looked(
        target, lambda connection: _estimated(_of_server(target, connection), connection), _PRODUCTION_SECONDS
    )


def _looked(target: Target, find: Callable[[Connection], DatabaseState], seconds: int) -> DatabaseState:
    try:
        with target.open() as connection:
            # For the session: a limit of one transaction would go with the savepoint that it runs into.
            connection.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])
            connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
            connection.commit()
            connection.read_only = True
            return find(connection)
    except ShapetuiError as error:
        return DatabaseState(target.label, trouble=error.message)
    except psycopg.errors.QueryCanceled:
        return DatabaseState(target.label, trouble=f"does not answer within {seconds} s")
    except psycopg.errors.InsufficientPrivilege:
        return DatabaseState(target.label, trouble="the role may not read the chat tables")
    except Exception as error:  # a look must never end what it is for
        # The message of a driver may repeat what it was given.
        return DatabaseState(target.label, trouble=f"cannot be looked at ({type(error).__name__})")


def _of_server(target: Target, connection: Connection) -> DatabaseState:
    row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    role = "replica" if row and row[0] else "primary"
    name = connection.info.dbname
    return DatabaseState(target.label, version=server_version(connection), role=role, database=name)


def _estimated(state: DatabaseState, connection: Connection) -> DatabaseState:
    """With the rows that autovacuum and ANALYZE found last; a table that they never saw counts as empty."""
    found = connection.execute(
        # A partitioned table has its rows in its partitions, and -1 itself until it is analysed.
        """
        SELECT c.relname,
               coalesce((SELECT sum(greatest(p.reltuples, 0)) FROM pg_partition_tree(c.oid) t
                         JOIN pg_class p ON p.oid = t.relid WHERE t.isleaf), greatest(c.reltuples, 0))::bigint
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
          AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p')
        """,
        [[names.name for names in CHAT_TABLES.all()]],
    ).fetchall()
    counts = {name: int(rows) for name, rows in found}
    messages = counts.get(CHAT_TABLES.messages.name, 0)
    return replace(state, messages=messages, rows=sum(counts.values()), estimated=True)


def _foreign(counts: dict[str, int], run: Run | None) -> int:
    """Rows of tables that do not hold exactly as many as shapetui's ledger says."""
    ours = run.rows if run is not None else {}
    return sum(count for table, count in counts.items() if count != ours.get(table, 0))


def _writer(rows: int, run: Run | None, foreign: int) -> str:
    """Who wrote the rows, in words."""
    if not rows:
        return "nobody: empty"
    if foreign or run is None:
        return f"somebody else: {foreign:,} rows"
    return f"shapetui, seed {run.plan.get('seed', 'unknown')}, {'finished' if run.finished else 'unfinished'}"
