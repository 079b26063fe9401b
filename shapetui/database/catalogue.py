"""What PostgreSQL's catalogue says of the chat tables: columns, enum labels, triggers, the server's identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Column:
    """One column: its type's name, whether it is an enum, and whether a row may leave it out."""

    name: str
    type_name: str
    is_enum: bool
    may_be_left_out: bool


def columns(connection: Connection, table: str) -> dict[str, Column]:
    """Columns of a table in the current schema, in order; empty when there is no such table.

    A generated or identity column may always be left out.
    """
    rows = connection.execute(
        """
        SELECT a.attname, t.typname, t.typtype = 'e',
               NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s AND c.relkind IN ('r', 'p')
          AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """,
        [table],
    )
    return {name: Column(name, kind, bool(enum), bool(free)) for name, kind, enum, free in rows.fetchall()}


def enum_labels(connection: Connection, table: str, column: str) -> list[str] | None:
    """Labels of a column's enum type in their order; None when the column is no enum or does not exist."""
    rows = connection.execute(
        """
        SELECT e.enumlabel FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid JOIN pg_enum e ON e.enumtypid = t.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s AND a.attname = %s
        ORDER BY e.enumsortorder
        """,
        [table, column],
    ).fetchall()
    return [label for (label,) in rows] or None


def has_own_triggers(connection: Connection, table: str) -> bool:
    """Whether a table has triggers of its users' (those of foreign keys are internal)."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s AND NOT g.tgisinternal)",
        [table],
    ).fetchone()
    return bool(row and row[0])


def server_identity(connection: Connection) -> tuple[str, str]:
    """(what identifies the server, database name): the same through any URL, socket or alias.

    The system identifier where the role may read it; otherwise nothing that a server tells everyone is unique,
    and the database's oid and the server's start of life are taken instead.
    """
    database = _scalar(connection, "SELECT current_database()")
    allowed = _scalar(connection, "SELECT has_function_privilege('pg_control_system()', 'execute')")
    if allowed:
        return f"system {_scalar(connection, 'SELECT system_identifier FROM pg_control_system()')}", str(database)
    oid = _scalar(connection, "SELECT oid FROM pg_database WHERE datname = current_database()")
    return f"database {oid} version {_scalar(connection, 'SHOW server_version')}", str(database)


def server_version(connection: Connection) -> str:
    """Like `18.1`, without the packager's words."""
    return str(_scalar(connection, "SHOW server_version")).split()[0]


def _scalar(connection: Connection, query: str) -> object:
    row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None
