"""Sequences do not roll back: a write that is taken back still moves them. They are put back where they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]


@contextmanager
def kept(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Puts the sequences behind columns of some tables back at the end, however the block ends."""
    before = _values(connection, tables)
    try:
        yield
    finally:
        if before and not connection.closed:
            for name, state in _values(connection, tables).items():
                if name in before and before[name] != state:
                    value, called = before[name]
                    connection.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, called])


def _values(connection: Connection, tables: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """(last value, whether it was given out) by quoted name: of defaults, of identity columns, of serials."""
    names = connection.execute(
        """
        SELECT DISTINCT s.oid::regclass::text, n.nspname, s.relname
        FROM pg_depend d
        LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
        JOIN pg_class s ON s.relkind = 'S' AND s.oid = CASE WHEN a.oid IS NULL THEN d.objid ELSE d.refobjid END
        JOIN pg_namespace n ON n.oid = s.relnamespace
        JOIN pg_class t ON t.oid = coalesce(a.adrelid, d.refobjid)
        WHERE t.relname = ANY(%s) AND t.relnamespace = to_regnamespace(quote_ident(current_schema()))
        """,
        [list(tables)],
    ).fetchall()
    found = {}
    for name, schema, sequence in names:
        row = connection.execute(
            sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(schema, sequence))
        ).fetchone()
        if row is not None:
            found[name] = (int(row[0]), bool(row[1]))
    return found
