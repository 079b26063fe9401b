"""When messages are sent: 168 hours of the week in UTC, the first one Sunday 00:00."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from psycopg import sql

from shapetui.sampling.population import Population, Statement

NAME: Final = "hours of the week"
HOURS: Final = 168

# 1970-01-01 was a Thursday, 96 hours into its week; the second remainder is for times before 1970.
_OF_WEEK: Final = sql.SQL("mod(mod(floor(date_part('epoch', hour) / 3600)::int8 + 96, 168) + 168, 168)::int")

_QUERY: Final = sql.SQL("""
SELECT 'hour' AS part, {of_week} AS hour_of_week, sum(n)::int8 AS n, NULL::int8 AS senders
FROM (SELECT {hour} AS hour, count(*) AS n FROM {messages} WHERE {sent} GROUP BY 1) h GROUP BY hour_of_week
""")

_PROTECTED: Final = sql.SQL("""
WITH pairs AS MATERIALIZED (
  SELECT {of_week} AS hour_of_week, sender, count(*) AS n
  FROM (SELECT {sent_at} AS hour, {sender} AS sender FROM {messages} WHERE {sent}) m GROUP BY 1, 2
)
SELECT 'hour' AS part, hour_of_week, sum(n)::int8 AS n, count(sender) AS senders FROM pairs GROUP BY hour_of_week
UNION ALL
SELECT 'last', hour_of_week, NULL, count(*)
FROM (SELECT sender, max(hour_of_week) AS hour_of_week FROM pairs WHERE sender IS NOT NULL GROUP BY 1) l
GROUP BY hour_of_week
""")


def statement(population: Population, protected: bool) -> Statement:
    """The query for the hours, with the distinct senders of each when they are protected."""
    # date_bin is integer arithmetic and half as dear as date_trunc, but new in PostgreSQL 14.
    form = "date_bin('1 hour', {}, '2000-01-01')" if population.server_version >= 140000 else "date_trunc('hour', {})"
    query = (_PROTECTED if protected else _QUERY).format(
        hour=sql.SQL(form).format(population.tables.messages["created_at"]),
        of_week=_OF_WEEK,
        **population.names(),
    )
    return Statement(NAME, query)


def read(rows: Iterable[tuple[Any, ...]]) -> tuple[list[int], list[int], list[int]]:
    """Messages, distinct senders, and senders of whom it is the last hour; 168 numbers each."""
    messages, senders, last = [0] * HOURS, [0] * HOURS, [0] * HOURS
    for part, hour, n, people in rows:
        if part == "last":
            last[hour] = people
        else:
            messages[hour], senders[hour] = n, people or 0
    return messages, senders, last
