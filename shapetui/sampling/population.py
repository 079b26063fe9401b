"""Whom a sample counts: messages created in `[since, until)`, the conversations that have one of them or were created
in that time, and their people. Every statement takes its conditions and names from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.catalogue import Column, columns
from shapetui.database.tables import CHAT_TABLES, ChatTables, TableNames
from shapetui.distributions.bins import lower_edges
from shapetui.errors import DatabaseError

Connection = psycopg.Connection[Any]

# As the shape file states it.
WORDS: Final = (
    "messages created in [from, until), the conversations with at least one of them, and those created in that time"
    " with none; their senders and members"
)
MISSING_HINT: Final = (
    "run shapetui init-db, or check the database of the URL, the search_path and the role's USAGE on its schema"
)

# IS NOT NULL beside isfinite, which is NULL for NULL: the condition is also negated.
_FINITE: Final = sql.SQL("({column} IS NOT NULL AND isfinite({column}))")

# A union and a join, because an OR with a subquery is slow once the subquery's result outgrows work_mem.
_ROOMS: Final = sql.SQL("""
SELECT c.{id} AS id, c.{type} AS label
FROM {rooms} c JOIN (
  SELECT {id} AS id FROM {rooms} WHERE {opened}
  UNION SELECT {conversation} FROM {messages} WHERE {sent} GROUP BY 1
) p ON p.id = c.{id}
""")

# Without limits nearly all are there by themselves; the messages are read only when one was created at no time.
_ALL_ROOMS: Final = sql.SQL("""
SELECT {id} AS id, {type} AS label FROM {rooms} WHERE {opened}
UNION ALL
SELECT c.{id}, c.{type} FROM {rooms} c
WHERE NOT {opened} AND EXISTS (SELECT FROM {messages} WHERE {conversation} = c.{id} AND {sent})
""")

# A sample of this many pages gives conversations per page to within some percent, and reads 8 MB.
SAMPLED_PAGES: Final = 1000


@dataclass(frozen=True)
class Statement:
    """One query of the sampler and the name under which progress, plan and shape file speak of it."""

    name: str
    query: sql.Composed


@dataclass(frozen=True)
class Heap:
    """What the catalogue knows of the messages table's heap: pages of `page_bytes`, and rows per page if analysed."""

    pages: int
    page_bytes: int
    rows_per_page: float | None

    @property
    def sampled_percent(self) -> float:
        """How much of the heap is read to see how conversations are spread over pages."""
        return 100.0 if self.pages <= SAMPLED_PAGES else 100.0 * SAMPLED_PAGES / self.pages


@dataclass(frozen=True)
class Population:
    """The window (None = no limit on that side) and what the database has of the chat tables.

    `columns`: by table name, the columns that exist. `heap`: None where messages is no plain table.
    """

    since: datetime | None
    until: datetime | None
    columns: Mapping[str, Mapping[str, Column]]
    heap: Heap | None
    server_version: int
    tables: ChatTables = CHAT_TABLES

    @classmethod
    def find(cls, connection: Connection, since: datetime | None, until: datetime | None) -> Population:
        """Reads the catalogue. Raises DatabaseError when a table or column is missing that a sample needs."""
        tables = CHAT_TABLES
        found = {
            table.name: columns(connection, table.name)
            for table in (tables.users, tables.conversations, tables.members, tables.messages)
        }
        for table, roles in (
            (tables.messages, ("conversation", "sender", "type", "content", "created_at")),
            (tables.conversations, ("id", "type", "created_at")),
        ):
            if not found[table.name]:
                raise DatabaseError(f"there is no table {table.name} in the current schema", MISSING_HINT)
            for role in roles:
                if table.columns[role] not in found[table.name]:
                    raise DatabaseError(f"table {table.name} has no column {table.columns[role]}", MISSING_HINT)
            created = found[table.name][table.columns["created_at"]]
            if created.type_name not in ("timestamp", "timestamptz"):
                raise DatabaseError(
                    f"column {created.name} of table {table.name} is of type {created.type_name}, not a timestamp",
                    "a sample needs timestamp or timestamptz there: convert the column, or a copy of it",
                )
        return cls(since, until, found, _heap(connection, tables.messages), connection.info.server_version)

    @property
    def whole(self) -> bool:
        """Whether no limit of time is set, so that every conversation that was created at some time belongs to it."""
        return self.since is None and self.until is None

    def has(self, table: TableNames, *roles: str) -> bool:
        """Whether the table exists with the columns of all these roles."""
        return bool(self.columns[table.name]) and all(table.columns[r] in self.columns[table.name] for r in roles)

    def is_enum(self, table: TableNames, role: str) -> bool:
        """Whether the column of a role is of an enum type, whose labels belong to the schema."""
        return self.columns[table.name][table.columns[role]].is_enum

    def moment(self, table: TableNames, moment: datetime) -> sql.Literal:
        """A time as the table's createdAt is typed: without zone it holds UTC."""
        zoned = self.columns[table.name][table.columns["created_at"]].type_name == "timestamptz"
        moment = moment.astimezone(UTC)
        return sql.Literal(moment if zoned else moment.replace(tzinfo=None))

    def created(self, table: TableNames) -> sql.Composed:
        """The condition that a row of the table was created in the window: not at NULL and not at infinity either."""
        column = table["created_at"]
        # Two limits leave out NULL and infinity by themselves.
        finite = [] if self.since is not None and self.until is not None else [_FINITE.format(column=column)]
        limits = finite + [
            sql.SQL(form).format(column, self.moment(table, limit))
            for form, limit in (("{} >= {}", self.since), ("{} < {}", self.until))
            if limit is not None
        ]
        return sql.SQL(" AND ").join(limits)

    def rooms(self) -> sql.Composed:
        """A query for `id`, `label` (the type) of the population's conversations."""
        rooms = self.tables.conversations
        return (_ALL_ROOMS if self.whole else _ROOMS).format(
            **{
                **self.names(),
                "id": rooms["id"],
                "type": rooms["type"],
                "rooms": rooms.identifier,
                "opened": self.created(rooms),
            }
        )

    def names(self) -> dict[str, sql.Composable]:
        """What most statements need by name: the messages table, its columns, the window, the fixed bins."""
        messages = self.tables.messages
        return {
            "messages": messages.identifier,
            "conversation": messages["conversation"],
            "sender": messages["sender"],
            "type": messages["type"],
            "sent_at": messages["created_at"],
            "length": sql.SQL("coalesce(char_length({}), 0)").format(messages["content"]),
            "sent": self.created(messages),
            # width_bucket counts the edges at or below a value, so with lower edges bin i comes out as i + 1. It is
            # several times faster on float8 than on integers, and all of these edges are exact there.
            "edges": sql.SQL("{}::float8[]").format(sql.Literal(lower_edges().tolist())),
        }


def _heap(connection: Connection, table: TableNames) -> Heap | None:
    row = connection.execute(
        "SELECT pg_relation_size(c.oid), current_setting('block_size')::int, c.relpages, c.reltuples FROM pg_class c"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s AND c.relkind = 'r'",
        [table.name],
    ).fetchone()
    if not row or not row[0]:
        return None
    size, page_bytes, pages, rows = row
    return Heap(size // page_bytes, page_bytes, rows / pages if pages > 0 and rows > 0 else None)
