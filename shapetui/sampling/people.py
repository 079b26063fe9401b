"""Who takes part: members per conversation, messages per sender, and what users filled in. Numbers only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import sql

from shapetui.sampling.lengths import Atom
from shapetui.sampling.population import Population, Statement

MEMBERS_NAME: Final = "members"
NAME: Final = "people"

# The original's member_count_histogram and username_length_histogram.
WIDTH: Final = 5
# The original's keys, by the number of profile fields that are filled in.
PROFILE_KEYS: Final = ("0_fields", "1_field", "2_fields")

_MEMBERS: Final = sql.SQL("""
SELECT r.label::text, width_bucket(coalesce(s.n, 0)::float8, {edges}) - 1 AS bin, coalesce(s.n, 0) / {width} AS wide,
       count(*)
FROM ({rooms}) r LEFT JOIN ({seats}) s ON s.id = r.id GROUP BY r.label, bin, wide
""")

_SEATS: Final = sql.SQL("SELECT {room} AS id, count(*) AS n FROM {members} GROUP BY 1")

_SENDERS_AS_SEATS: Final = sql.SQL("""
  SELECT id, count(*) AS n
  FROM (SELECT {conversation} AS id FROM {messages} WHERE {sent} GROUP BY {conversation}, {sender}) p GROUP BY 1
""")

_PEOPLE: Final = sql.SQL("""
WITH senders AS MATERIALIZED (
  SELECT {sender} AS id, count(*) AS n FROM {messages} WHERE {sent} AND {sender} IS NOT NULL GROUP BY 1
), people AS MATERIALIZED (
  SELECT id FROM senders {members}
)
SELECT 'people' AS part, NULL::int AS bin, count(*) AS people FROM people
UNION ALL
SELECT 'senders', width_bucket(n::float8, {edges}) - 1 AS bin, count(*) FROM senders GROUP BY bin
""")

_USERNAMES: Final = sql.SQL("""
UNION ALL
SELECT 'usernames', coalesce(char_length(u.{username}), 0) / {width} AS bin, count(*)
FROM {users} u JOIN people p ON p.id = u.{id} GROUP BY bin
""")

_PROFILES: Final = sql.SQL("""
UNION ALL
SELECT 'profiles', {fields} AS bin, count(*) FROM {users} u JOIN people p ON p.id = u.{id} GROUP BY bin
""")


@dataclass
class People:
    """What the statement measured.

    `total`: people in all, senders and members, with or without a row in users. `senders`: bin -> people with at least
    one message, by their messages. `usernames`: WIDTH-cell -> people with a row in users, by the length of their names
    (NULL is 0). `profiles`: filled-in fields -> people with a row in users.
    """

    total: int = 0
    senders: dict[int, int] = field(default_factory=dict)
    usernames: dict[int, int] = field(default_factory=dict)
    profiles: dict[int, int] = field(default_factory=dict)


def statements(population: Population) -> list[Statement]:
    """The queries for members per conversation and for people."""
    members, width = population.tables.members, sql.Literal(WIDTH)
    known = population.has(members, "conversation", "user")
    seats = (
        _SEATS.format(room=members["conversation"], members=members.identifier)
        if known
        else _SENDERS_AS_SEATS.format(**population.names())
    )
    query = _PEOPLE.format(members=_members_of(population) if known else sql.SQL(""), **population.names())
    return [
        Statement(
            MEMBERS_NAME,
            _MEMBERS.format(rooms=population.rooms(), seats=seats, width=width, edges=population.names()["edges"]),
        ),
        Statement(NAME, query + _of_users(population)),
    ]


def _members_of(population: Population) -> sql.Composed:
    """The members of the population's conversations, as a further part of a union."""
    members = population.tables.members
    chosen = sql.SQL("AND {} IN (SELECT id FROM ({}) r)").format(members["conversation"], population.rooms())
    return sql.SQL("UNION SELECT {user} FROM {members} WHERE {user} IS NOT NULL {chosen} GROUP BY 1").format(
        user=members["user"], members=members.identifier, chosen=chosen
    )


def _of_users(population: Population) -> sql.Composed:
    """What the users table adds, as far as it has the columns."""
    users = population.tables.users
    query = sql.Composed([])
    if not population.has(users, "id"):
        return query
    if population.has(users, "username"):
        query += _USERNAMES.format(
            username=users["username"], users=users.identifier, id=users["id"], width=sql.Literal(WIDTH)
        )
    filled = [
        sql.SQL("(u.{column} IS NOT NULL AND u.{column} <> '')::int").format(column=users[role])
        for role in ("bio", "image")
        if population.has(users, role)
    ]
    if filled:
        query += _PROFILES.format(fields=sql.SQL(" + ").join(filled), users=users.identifier, id=users["id"])
    return query


def read_members(rows: Iterable[tuple[Any, ...]]) -> dict[str | None, dict[Atom, int]]:
    """Label -> (fixed bin, cell of WIDTH) of the number of members -> conversations."""
    found: dict[str | None, dict[Atom, int]] = {}
    for label, bin_, wide, count in rows:
        found.setdefault(label, {})[bin_, wide] = count
    return found


def read(rows: Iterable[tuple[Any, ...]]) -> People:
    """The rows of the people statement in words."""
    people = People()
    for part, bin_, count in rows:
        if part == "people":
            people.total = count
        else:
            getattr(people, part)[bin_] = count
    return people
