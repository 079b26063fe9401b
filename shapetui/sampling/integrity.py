"""What the rows of a synthetic database must never have, counted in the scan that measures sizes: orphans, strangers
and times that cannot be. Foreign keys prove nothing there: a fast load writes without looking them up.

What a conversation alone shows costs nothing. For senders the scan groups by conversation and sender, and that costs as
much as two plain groupings by conversation, so it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.tables import TableNames
from shapetui.fidelity.facts import Facts
from shapetui.sampling.population import Population

Connection = psycopg.Connection[Any]

# The messages of each conversation and sender, and from them those of each conversation.
PAIRS: Final = sql.SQL("""
pairs AS MATERIALIZED (
  SELECT {conversation} AS id, {sender} AS sender, count(*) AS n, min({sent_at}) AS first, max({sent_at}) AS last
  FROM {messages} WHERE {sent} AND {conversation} IS NOT NULL GROUP BY 1, 2
), sizes AS (
  SELECT id, sum(n)::int8 AS n, min(first) AS first, max(last) AS last FROM pairs GROUP BY 1
)""")

_FACTS: Final = sql.SQL("""
UNION ALL
SELECT 'fact', 'orphans', NULL, coalesce(sum(n) FILTER (WHERE unknown), 0)::int8, NULL FROM rooms
UNION ALL
SELECT 'fact', 'out_of_order', NULL, count(*), NULL
FROM rooms WHERE n > 0 AND NOT unknown AND (first < opened_at OR {other_last})
UNION ALL
SELECT 'fact', 'in_future', NULL,
       CASE WHEN max(last) > {moment} THEN (SELECT count(*) FROM {messages} WHERE {sent} AND {sent_at} > {moment})
       ELSE 0 END, NULL
FROM rooms
""")

_UNKNOWN_SENDERS: Final = sql.SQL("""
UNION ALL
SELECT 'fact', 'unknown_senders', NULL, coalesce(sum(p.n), 0)::int8, NULL
FROM pairs p WHERE p.sender IS NOT NULL AND NOT EXISTS (SELECT FROM {users} u WHERE u.{id} = p.sender)
""")

_STRANGERS: Final = sql.SQL("""
UNION ALL
SELECT 'fact', 'strangers', NULL, coalesce(sum(p.n), 0)::int8, NULL
FROM pairs p WHERE p.sender IS NOT NULL AND NOT EXISTS (
  SELECT FROM {members} m WHERE m.{room} = p.id AND m.{user} = p.sender)
""")

_UNIQUE: Final = """
SELECT EXISTS (
  SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = to_regclass(quote_ident(%s)) AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
    AND i.indpred IS NULL AND a.attname = %s)
"""
_DUPLICATES: Final = sql.SQL("SELECT count({id}) - count(DISTINCT {id}) FROM {table}")


@dataclass(frozen=True)
class Integrity:
    """What to count: messages later than `latest` lie in the future; `senders`: whether they exist and are members."""

    latest: datetime
    senders: bool

    def times(self, population: Population) -> sql.Composed:
        """What the statement of sizes must keep of a conversation: when it was opened, and when its last one came."""
        rooms = population.tables.conversations
        known = population.has(rooms, "last_message_at")
        last = rooms["last_message_at"] if known else sql.SQL("NULL::timestamp")
        return sql.SQL(", {} AS opened_at, {} AS said_last").format(rooms["created_at"], last)

    def parts(self, population: Population) -> sql.Composed:
        """Further parts of the statement of sizes, one row per fact."""
        tables = population.tables
        users, members = tables.users, tables.members
        dated = population.has(tables.conversations, "last_message_at")
        query = _FACTS.format(
            other_last=sql.SQL("said_last IS DISTINCT FROM last" if dated else "false"),
            moment=population.moment(tables.messages, self.latest),
            **population.names(),
        )
        if self.senders and population.has(users, "id"):
            query += _UNKNOWN_SENDERS.format(users=users.identifier, id=users["id"])
        if self.senders and population.has(members, "conversation", "user"):
            query += _STRANGERS.format(members=members.identifier, room=members["conversation"], user=members["user"])
        return query


# Kept of each conversation for the facts.
KEPT: Final = sql.SQL(", c.opened_at, c.said_last, c.id IS NULL AS unknown")


def facts_of(counts: Mapping[str, int], connection: Connection, population: Population) -> Facts:
    """The facts that the statement of sizes counted, with the duplicates."""
    tables = population.tables
    found = [table for table in (tables.messages, tables.conversations, tables.users) if population.has(table, "id")]
    return replace(Facts(**counts), duplicates=sum(_duplicates(connection, table) for table in found))


def _duplicates(connection: Connection, table: TableNames) -> int:
    """Rows whose id another row has: none where a unique index says so, counted otherwise."""
    row = connection.execute(_UNIQUE, [table.name, table.columns["id"]]).fetchone()
    if row and row[0]:
        return 0
    row = connection.execute(_DUPLICATES.format(id=table["id"], table=table.identifier)).fetchone()
    return int(row[0]) if row else 0
