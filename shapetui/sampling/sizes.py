"""How large conversations are and how long they live: one scan of the messages, the rest on its small result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import sql

from shapetui.documents.shape import PERCENTILES
from shapetui.sampling.integrity import KEPT, PAIRS, Integrity
from shapetui.sampling.population import Population, Statement

NAME: Final = "conversation sizes"

_SIZES: Final = sql.SQL("""
sizes AS (
  SELECT {conversation} AS id, count(*) AS n, min({sent_at}) AS first, max({sent_at}) AS last
  FROM {messages} WHERE {sent} AND {conversation} IS NOT NULL GROUP BY 1
)""")

_QUERY: Final = sql.SQL("""
WITH {sizes}, rooms AS MATERIALIZED (
  SELECT c.label, coalesce(s.n, 0) AS n, s.first, s.last,
         floor(date_part('epoch', s.last - s.first))::int8 AS seconds {kept}
  FROM (SELECT {room_id} AS id, {room_type} AS label, {opened} AS opened {times} FROM {rooms}) c
  FULL JOIN sizes s ON s.id = c.id
  WHERE s.n IS NOT NULL OR c.opened
), by_size AS MATERIALIZED (
  SELECT n, count(*) AS rooms, (sum(count(*)) OVER (ORDER BY n))::int8 AS up_to FROM rooms GROUP BY n
), totals AS MATERIALIZED (
  SELECT sum(rooms)::int8 AS found, ceil(sum(rooms) FILTER (WHERE n > 0) / 100)::int8 AS top FROM by_size
)
SELECT 'size' AS part, label::text, width_bucket(n::float8, {edges}) - 1 AS bin, count(*) AS rooms,
       sum(n)::float8 AS amount
FROM rooms GROUP BY rooms.label, bin
UNION ALL
SELECT 'lifetime', NULL, width_bucket(coalesce(seconds, 0)::float8, {edges}) - 1 AS bin, count(*), NULL
FROM rooms GROUP BY bin
UNION ALL
SELECT 'rank', p.name, NULL, v.above, v.n
FROM (VALUES {percentiles}) AS p (name, fraction), totals t, LATERAL (
  SELECT n, t.found - up_to + rooms AS above FROM by_size
  WHERE up_to > floor((t.found - 1) * p.fraction) ORDER BY n LIMIT 1
) v
UNION ALL
SELECT 'over', l.size::text, NULL, (SELECT sum(rooms) FILTER (WHERE n > l.size) FROM by_size), NULL
FROM (VALUES (1000), (10000)) AS l (size)
UNION ALL
SELECT 'top', NULL, NULL, max(t.top), sum(n * greatest(least(rooms, t.top - (t.found - up_to)), 0))
FROM by_size, totals t
UNION ALL
SELECT v.part, NULL, NULL, v.rooms, v.amount
FROM (
  SELECT date_part('epoch', min(first)) AS first, date_part('epoch', max(last)) AS last,
         count(*) FILTER (WHERE n >= 2) AS lasting,
         corr(ln(n::float8), ln(1 + seconds::float8)) FILTER (WHERE n >= 2) AS correlation
  FROM rooms
) a, LATERAL (
  VALUES ('first', NULL::int8, first), ('last', NULL, last), ('correlation', lasting, correlation)
) AS v (part, rooms, amount)
{facts}
""")


@dataclass
class Sizes:
    """What the statement measured.

    `rooms`, `messages`: label -> bin -> conversations, messages. `lifetimes`: bin of seconds -> conversations, all of
    them, so that those of one message (0 seconds) are not the difference to the total. `ranks`: percentile name (and
    max) -> (messages per conversation, conversations of at least as many). `over`: limit -> conversations of more.
    `top`: (the largest 1 % of the conversations with messages, messages in them). `first`, `last`: seconds since 1970
    of the first and last message. `correlation`: (conversations of two messages or more, their correlation).
    `facts`: name -> rows that break the integrity of that name, where they were asked for.
    """

    rooms: dict[str | None, dict[int, int]] = field(default_factory=dict)
    messages: dict[str | None, int] = field(default_factory=dict)
    lifetimes: dict[int, int] = field(default_factory=dict)
    ranks: dict[str, tuple[int, int]] = field(default_factory=dict)
    over: dict[int, int] = field(default_factory=dict)
    top: tuple[int, int] = (0, 0)
    first: float | None = None
    last: float | None = None
    correlation: tuple[int, float | None] = (0, None)
    facts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Conversations in all."""
        return sum(sum(bins.values()) for bins in self.rooms.values())


def statement(population: Population, asked: Integrity | None = None) -> Statement:
    """The query for sizes, percentiles, lifetimes and shares, and for integrity where it is asked for."""
    rooms = population.tables.conversations
    named = [
        sql.SQL("({}, {}::float8)").format(sql.Literal(name), sql.Literal(fraction))
        for name, fraction in (*PERCENTILES.items(), ("max", 1.0))
    ]
    nothing = sql.SQL("")
    names = population.names()
    query = _QUERY.format(
        sizes=(PAIRS if asked and asked.senders else _SIZES).format(**names),
        kept=KEPT if asked else nothing,
        times=asked.times(population) if asked else nothing,
        facts=asked.parts(population) if asked else nothing,
        rooms=rooms.identifier,
        room_id=rooms["id"],
        room_type=rooms["type"],
        opened=population.created(rooms),
        percentiles=sql.SQL(", ").join(named),
        **names,
    )
    return Statement(NAME, query)


def read(rows: Iterable[tuple[Any, ...]]) -> Sizes:
    """The statement's rows in words."""
    sizes = Sizes()
    for part, label, bin_, count, amount in rows:
        match part:
            case "size":
                sizes.rooms.setdefault(label, {})[bin_] = int(count)
                sizes.messages[label] = sizes.messages.get(label, 0) + int(amount)
            case "lifetime":
                sizes.lifetimes[bin_] = int(count)
            case "rank":
                sizes.ranks[label] = (int(amount), int(count))
            case "over":
                sizes.over[int(label)] = int(count or 0)
            case "top":
                sizes.top = (int(count or 0), int(amount or 0))
            case "correlation":
                sizes.correlation = (int(count), amount)
            case "first":
                sizes.first = amount
            case "last":
                sizes.last = amount
            case "fact":
                sizes.facts[label] = int(count)
    return sizes
