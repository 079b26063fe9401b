"""What the rows of a synthetic database must never have, counted in one scan of the messages: orphans, strangers and
times that cannot be. Foreign keys prove nothing there: a fast load writes without looking them up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.tables import CHAT_TABLES, TableNames
from shapetui.fidelity.facts import Facts
from shapetui.progress import Watch
from shapetui.sampling.population import Population
from shapetui.sampling.sample import SampleRequest
from shapetui.sampling.session import read_only, told_anew

Connection = psycopg.Connection[Any]

_NAME: Final = "integrity"

_QUERY: Final = sql.SQL("""
WITH pairs AS MATERIALIZED (
  SELECT {conversation} AS room, {sender} AS sender, count(*) AS n, min({sent_at}) AS first, max({sent_at}) AS last
  FROM {messages} GROUP BY 1, 2
), spans AS (
  SELECT room, min(first) AS first, max(last) AS last FROM pairs GROUP BY room
)
SELECT
  (SELECT coalesce(sum(p.n), 0)::int8 FROM pairs p LEFT JOIN {rooms} c ON c.{room_id} = p.room {users}
   WHERE c.{room_id} IS NULL {unknown_sender}),
  {strangers},
  (SELECT count(*) FROM spans s JOIN {rooms} c ON c.{room_id} = s.room WHERE s.first < c.{opened} {other_last}),
  CASE WHEN (SELECT max(last) FROM pairs) > {moment} THEN (SELECT count(*) FROM {messages} WHERE {sent_at} > {moment})
  ELSE 0 END
""")

_STRANGERS: Final = sql.SQL("""
  (SELECT coalesce(sum(p.n), 0)::int8 FROM pairs p WHERE p.sender IS NOT NULL AND NOT EXISTS (
     SELECT FROM {members} m WHERE m.{room} = p.room AND m.{user} = p.sender))
""")

_UNIQUE: Final = """
SELECT EXISTS (
  SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = to_regclass(quote_ident(%s)) AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
    AND i.indpred IS NULL AND a.attname = %s)
"""
_DUPLICATES: Final = sql.SQL("SELECT count({id}) - count(DISTINCT {id}) FROM {table}")


def read_facts(connection: Connection, moment: datetime, watch: Watch) -> Facts:
    """The facts of all rows of a chat database; a fact is None where its tables or columns are missing.

    `moment`: what is dated later lies in the future. `connection` must be idle. Raises as `sample` does.
    """
    limits = SampleRequest(window_days=0)

    def count(doing: list[str]) -> Facts:
        timeouts = limits.statement_timeout_s, limits.lock_timeout_s
        with watch.over(connection), read_only(connection, *timeouts):
            population = Population.find(connection, None, None)
            doing.append(_NAME)
            watch.check()
            row = connection.execute(_query(population, moment)).fetchone()
            orphans, strangers, disordered, future = row or (None, None, None, None)
            duplicates = sum(
                _duplicates(connection, table)
                for table in (CHAT_TABLES.messages, CHAT_TABLES.conversations, CHAT_TABLES.users)
                if population.has(table, "id")
            )
        return Facts(orphans, duplicates, strangers, disordered, future)

    return told_anew(count, watch, limits.statement_timeout_s, limits.lock_timeout_s)


def _query(population: Population, moment: datetime) -> sql.Composed:
    tables = population.tables
    rooms, users, members = tables.conversations, tables.users, tables.members
    nothing = sql.SQL("")
    known = population.has(users, "id")
    seats = population.has(members, "conversation", "user")
    dated = population.has(rooms, "last_message_at")
    return _QUERY.format(
        rooms=rooms.identifier,
        room_id=rooms["id"],
        opened=rooms["created_at"],
        users=sql.SQL("LEFT JOIN {} u ON u.{} = p.sender").format(users.identifier, users["id"]) if known else nothing,
        unknown_sender=sql.SQL("OR (p.sender IS NOT NULL AND u.{} IS NULL)").format(users["id"]) if known else nothing,
        strangers=_STRANGERS.format(members=members.identifier, room=members["conversation"], user=members["user"])
        if seats
        else sql.SQL("NULL"),
        other_last=sql.SQL("OR c.{} IS DISTINCT FROM s.last").format(rooms["last_message_at"]) if dated else nothing,
        moment=population.moment(tables.messages, moment),
        **population.names(),
    )


def _duplicates(connection: Connection, table: TableNames) -> int:
    """Rows whose id another row has: none where a unique index says so, counted otherwise."""
    row = connection.execute(_UNIQUE, [table.name, table.columns["id"]]).fetchone()
    if row and row[0]:
        return 0
    row = connection.execute(_DUPLICATES.format(id=table["id"], table=table.identifier)).fetchone()
    return int(row[0]) if row else 0
