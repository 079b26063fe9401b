"""How the rows lie in the heap of the messages table: what decides how many pages an index scan touches."""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from shapetui.documents.shape import Physical
from shapetui.sampling.population import Heap, Population, Statement

NAME: Final = "heap pages"

# REPEATABLE: the same pages of the same table every time. A ctid is (page,row), which reads like a point.
_QUERY: Final = sql.SQL("""
WITH sampled AS MATERIALIZED (
  SELECT (ctid::text::point)[0]::int8 AS page, {conversation} AS id
  FROM {messages} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)
)
SELECT (SELECT count(*) FROM sampled),
       (SELECT count(*) FROM (SELECT FROM sampled GROUP BY page) p),
       (SELECT count(*) FROM (SELECT FROM sampled GROUP BY page, id) p),
       (SELECT count(*) FROM {rooms})
""")


def statements(population: Population) -> list[Statement]:
    """The query over some pages of the heap; none where messages is no plain table or has no page."""
    if population.heap is None:
        return []
    query = _QUERY.format(
        percent=sql.Literal(population.heap.sampled_percent),
        rooms=population.tables.conversations.identifier,
        **population.names(),
    )
    return [Statement(NAME, query)]


def read(heap: Heap, rows: list[tuple[Any, ...]]) -> Physical | None:
    """The physical facts; None when the sample found no row. Of the whole table, whatever the window."""
    sampled_rows, sampled_pages, pairs, rooms = rows[0]
    if not sampled_rows or not rooms:
        return None
    if heap.sampled_percent == 100.0:
        rows_per_page, spread = sampled_rows / heap.pages, float(pairs)
    else:
        rows_per_page = heap.rows_per_page or sampled_rows / sampled_pages
        spread = pairs / sampled_pages * heap.pages
    return Physical(
        rows_per_page=round(rows_per_page, 2),
        row_bytes=round(heap.page_bytes / rows_per_page, 2),
        pages_per_conversation=round(spread / rooms, 2),
    )
