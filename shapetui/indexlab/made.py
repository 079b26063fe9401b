"""What the index lab has made in a database, noted in the database itself: a row before each index is built.

So a run that was killed leaves a trace, and taking back drops what was made here and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.ddl import tables_among

Connection = psycopg.Connection[Any]

MADE: Final = "shapetui_indexes"


@dataclass(frozen=True)
class Made:
    """One index: `definition` as the catalogue gave it when it was finished, empty while it is being built."""

    name: str
    table: str
    definition: str

    @property
    def finished(self) -> bool:
        """Whether the building was seen to its end."""
        return bool(self.definition)


def everything(connection: Connection) -> list[Made]:
    """What was made and not taken back, the oldest first."""
    if not tables_among(connection, [MADE]):
        return []
    query = sql.SQL("SELECT name, table_name, definition FROM {} ORDER BY number").format(sql.Identifier(MADE))
    return [Made(*row) for row in connection.execute(query).fetchall()]


def begin(connection: Connection, name: str, table: str) -> None:
    """Notes that an index is about to be built."""
    connection.execute(
        sql.SQL(
            "CREATE TABLE IF NOT EXISTS {} (number integer NOT NULL, name text PRIMARY KEY, table_name text NOT NULL,"
            " definition text NOT NULL, made_at timestamptz NOT NULL DEFAULT now())"
        ).format(sql.Identifier(MADE))
    )
    connection.execute(
        sql.SQL(
            "INSERT INTO {0} (number, name, table_name, definition)"
            " SELECT coalesce(max(number), 0) + 1, %s, %s, '' FROM {0}"
            " ON CONFLICT (name) DO UPDATE SET table_name = EXCLUDED.table_name, definition = ''"
        ).format(sql.Identifier(MADE)),
        [name, table],
    )


def finish(connection: Connection, name: str, definition: str) -> None:
    """Notes that an index is there, and what it is."""
    connection.execute(
        sql.SQL("UPDATE {} SET definition = %s WHERE name = %s").format(sql.Identifier(MADE)), [definition, name]
    )


def forget(connection: Connection, name: str) -> None:
    """Notes that an index is gone; with the last of them the table goes, too."""
    table = sql.Identifier(MADE)
    with connection.transaction():
        connection.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(table), [name])
        row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table)).fetchone()
        if row is not None and not row[0]:
            connection.execute(sql.SQL("DROP TABLE {}").format(table))
