"""What PostgreSQL's catalogue says of the chat tables: columns, enum labels, triggers, what lies beside them, and the
server's identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

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
        WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
          AND c.relname = %s AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """,
        [table],
    )
    return {name: Column(name, kind, bool(enum), bool(free)) for name, kind, enum, free in rows.fetchall()}


def enum_type(connection: Connection, table: str, column: str) -> str | None:
    """Name of a column's enum type; None when the column is no enum or does not exist."""
    found = columns(connection, table).get(column)
    return found.type_name if found is not None and found.is_enum else None


def enum_labels(connection: Connection, table: str, column: str) -> list[str] | None:
    """Labels of a column's enum type in their order; None when the column is no enum or does not exist."""
    rows = connection.execute(
        """
        SELECT e.enumlabel FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid JOIN pg_enum e ON e.enumtypid = t.oid
        WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relname = %s AND a.attname = %s
        ORDER BY e.enumsortorder
        """,
        [table, column],
    ).fetchall()
    return [label for (label,) in rows] or None


def has_own_triggers(connection: Connection, table: str) -> bool:
    """Whether a table has triggers of its users' (those of foreign keys are internal)."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid"
        " WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND c.relname = %s AND NOT g.tgisinternal)",
        [table],
    ).fetchone()
    return bool(row and row[0])


def objects_beside(connection: Connection, tables: list[str], enums: list[str], comment: str) -> list[str]:
    """What the current schema holds beside some tables and enums that carry a comment, as PostgreSQL describes it.

    Relations, types, functions, extensions and all else that a schema can hold, and the secondary indexes of those
    tables. Rights are no objects.
    """
    rows = connection.execute(
        """
        WITH here AS (SELECT to_regnamespace(quote_ident(current_schema()))::oid AS id),
        ours (class, id) AS (
            SELECT 'pg_class'::regclass, c.oid FROM pg_class c, here
            WHERE c.relnamespace = here.id AND c.relname = ANY(%(tables)s) AND c.relkind = 'r'
              AND obj_description(c.oid, 'pg_class') = %(comment)s
            UNION ALL
            SELECT 'pg_type'::regclass, t.oid FROM pg_type t, here
            WHERE t.typnamespace = here.id AND t.typname = ANY(%(enums)s) AND t.typtype = 'e'
              AND obj_description(t.oid, 'pg_type') = %(comment)s
        )
        SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d, here
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = here.id AND d.deptype = 'n'
          AND d.classid <> 'pg_default_acl'::regclass
          AND (d.classid, d.objid) NOT IN (SELECT class, id FROM ours)
        UNION ALL
        SELECT pg_describe_object('pg_class'::regclass, i.indexrelid, 0) FROM pg_index i
        WHERE i.indrelid IN (SELECT id FROM ours)
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
        ORDER BY 1
        """,
        {"tables": tables, "enums": enums, "comment": comment},
    ).fetchall()
    return [description for (description,) in rows]


def server_identity(connection: Connection) -> tuple[str | None, str]:
    """(what surely identifies server and database, what everyone may read): the same through any URL or alias.

    The first is the server's system identifier, None where the role may not read it. Nothing that a server tells
    everyone is unique: the second is the database's oid and the server's major version, and may agree for two
    databases of one name, but never differs for one. Both hold the database's name.
    """
    database = str(_scalar(connection, "SELECT current_database()"))
    oid = _scalar(connection, "SELECT oid FROM pg_database WHERE datname = current_database()")
    public = f"database {oid} version {connection.info.server_version // 10_000}\x1f{database}"
    if not _scalar(connection, "SELECT has_function_privilege('pg_control_system()', 'execute')"):
        return None, public
    system = _scalar(connection, "SELECT system_identifier FROM pg_control_system()")
    return f"system {system}\x1f{database}", public


def server_version(connection: Connection) -> str:
    """Like `18.1`, without the packager's words."""
    return str(_scalar(connection, "SHOW server_version")).split()[0]


def _scalar(connection: Connection, query: LiteralString) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
