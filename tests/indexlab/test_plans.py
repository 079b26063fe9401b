"""Plans of the real server: every node that can mislead a reader, made to appear by the planner's switches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.documents.baseline import Analysis, Scan
from shapetui.indexlab.plans import analyse, explained, without_values

PREPARE = """
CREATE TABLE rows AS SELECT n AS id, n % 100 AS room, n % 7 AS kind, repeat('x', 100) AS text
  FROM generate_series(1, 20000) n;
CREATE INDEX rows_room ON rows (room, id);
CREATE INDEX rows_kind ON rows (kind);
CREATE TABLE rooms AS SELECT n AS id, 'room ' || n AS name FROM generate_series(0, 99) n;
ALTER TABLE rows SET (parallel_workers = 2);
VACUUM (ANALYZE) rows;
ANALYZE rooms;
"""


@pytest.fixture(scope="module")
def connection(server: EmbeddedServer) -> Iterator[psycopg.Connection[Any]]:
    """A database with a table of 20,000 rows."""
    server.ensure_database("plans")
    with psycopg.connect(server.conninfo("plans"), autocommit=True) as opened:
        # Otherwise VACUUM may come before the commit of the rows is on the disk, and then knows no page as visible.
        opened.execute("SET synchronous_commit = on")
        for statement in PREPARE.split(";\n"):
            opened.execute(statement.encode())
        opened.execute("SET max_parallel_workers_per_gather = 0")
        yield opened


def plan_of(connection: psycopg.Connection[Any], query: str, *settings: str, values: Any = None) -> dict[str, Any]:
    """The plan of a query under some settings (`name = value`), which hold for it only."""
    with connection.transaction(force_rollback=True):
        for setting in settings:
            connection.execute(f"SET LOCAL {setting}".encode())
        row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}".encode(), values).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0][0]
    return found


def analysed(connection: psycopg.Connection[Any], query: str, *settings: str) -> Analysis:
    """The same, read."""
    return analyse(plan_of(connection, query, *settings))


def only(scans: list[Scan], relation: str = "rows") -> Scan:
    """The one scan of a table."""
    (found,) = [scan for scan in scans if scan.relation == relation]
    return found


def test_a_sequential_scan_counts_the_rows_that_it_threw_away(connection: psycopg.Connection[Any]) -> None:
    found = analysed(
        connection, "SELECT * FROM rows WHERE room = 5", "enable_indexscan = off", "enable_bitmapscan = off"
    )
    assert not found.uses_index
    assert (found.scan_type, found.index_name) == ("Seq Scan", None)
    assert (only(found.scans).rows, only(found.scans).removed) == (200, 19_800)


def test_an_index_read_backward_needs_no_sort(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rows WHERE room = 5 ORDER BY id DESC LIMIT 20"
    found = analysed(connection, query, "enable_bitmapscan = off", "enable_seqscan = off")
    assert (found.scan_type, found.index_name) == ("Index Scan", "rows_room")
    assert only(found.scans).backward
    assert not found.has_sort_node


def test_an_incremental_sort_is_a_sort(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rows ORDER BY room, text LIMIT 300"
    found = analysed(connection, query, "enable_seqscan = off", "enable_sort = off", "enable_bitmapscan = off")
    assert "Incremental Sort" in found.nodes
    assert found.has_sort_node
    assert found.sorts[0].incremental
    assert found.sorts[0].method != "never run"
    assert found.sorts[0].kilobytes > 0


def test_a_bitmap_scan_is_one_scan_with_all_its_indexes(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rows WHERE room = 5 OR kind = 3"
    found = analysed(connection, query, "enable_seqscan = off", "enable_indexscan = off")
    scan = only(found.scans)
    assert scan.node_type == "Bitmap Heap Scan"
    assert scan.index == "rows_room, rows_kind"
    assert found.index_names == ["rows_room", "rows_kind"]
    assert found.scan_type == "Bitmap Heap Scan"


PARALLEL = (
    "max_parallel_workers_per_gather = 2",
    "parallel_setup_cost = 0",
    "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0",
    "enable_indexscan = off",
    "enable_bitmapscan = off",
)


def test_rows_below_a_gather_are_those_of_all_workers(connection: psycopg.Connection[Any]) -> None:
    found = analysed(connection, "SELECT * FROM rows WHERE kind = 3 ORDER BY text, id", *PARALLEL)
    assert "Gather Merge" in found.nodes
    assert found.workers > 0
    scan = only(found.scans)
    # The server rounds the mean of one worker to two digits.
    assert scan.rows == pytest.approx(2857, abs=2)
    assert scan.removed == pytest.approx(17_143, abs=3)
    assert scan.loops == found.workers + 1


def test_pages_of_workers_and_children_are_counted_once(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute("SELECT relpages FROM pg_class WHERE relname = 'rows'").fetchone()
    assert row is not None
    query = "SELECT count(*) FROM rows WHERE text = 'y'"
    alone = explained(plan_of(connection, query, "enable_indexscan = off"))
    assert alone.buffers.pages == row[0]
    together = explained(plan_of(connection, query, *PARALLEL))
    assert together.buffers.pages == row[0]


def test_an_index_only_scan_tells_how_often_it_went_to_the_table(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT room, id FROM rows WHERE room = 5"
    settings = ("enable_seqscan = off", "enable_bitmapscan = off", "enable_indexscan = on")
    clean = analysed(connection, query, *settings)
    assert (clean.scan_type, clean.heap_fetches) == ("Index Only Scan", 0)
    with connection.transaction(force_rollback=True):
        connection.execute("UPDATE rows SET text = 'new' WHERE room = 5 AND id < 1000")
        for setting in settings:
            connection.execute(f"SET LOCAL {setting}".encode())
        row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    dirty = analyse(row[0][0])
    assert dirty.heap_fetches is not None
    assert dirty.heap_fetches > 0


def test_a_sort_that_does_not_fit_into_memory_has_spilled(connection: psycopg.Connection[Any]) -> None:
    found = analysed(connection, "SELECT * FROM rows ORDER BY text, id DESC", "work_mem = '64kB'")
    assert found.spilled
    assert found.sorts[0].spilled
    assert "external" in found.sorts[0].method
    small = analysed(connection, "SELECT * FROM rows ORDER BY text, id DESC", "work_mem = '64MB'")
    assert not small.spilled
    assert small.has_sort_node


def test_a_hash_that_does_not_fit_has_spilled_without_a_sort(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT count(*) FROM rows a JOIN rows b ON a.id = b.id AND a.text = b.text"
    found = analysed(connection, query, "work_mem = '64kB'", "enable_mergejoin = off", "enable_nestloop = off")
    assert found.spilled
    assert not found.has_sort_node


def test_rows_of_a_loop_are_multiplied_by_its_loops(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rooms o JOIN rows r ON r.room = o.id WHERE o.id < 10"
    settings = ("enable_hashjoin = off", "enable_mergejoin = off", "enable_material = off", "enable_memoize = off")
    found = analysed(connection, query, *settings, "enable_seqscan = off")
    assert only(found.scans).loops == 10
    assert only(found.scans).rows == 2000
    assert found.rows_actual == 2000


def test_ctes_initplans_and_subplans_are_read(connection: psycopg.Connection[Any]) -> None:
    query = (
        "WITH few AS MATERIALIZED (SELECT * FROM rows WHERE room = (SELECT min(id) FROM rooms))"
        " SELECT f.id, (SELECT name FROM rooms o WHERE o.id = f.room) FROM few f ORDER BY f.id"
    )
    found = analysed(connection, query)
    assert {scan.relation for scan in found.scans} == {"rows", "rooms", "few"}
    assert [scan.loops for scan in found.scans if scan.relation == "rooms"] == [1, 200]
    assert only(found.scans, "few").node_type == "CTE Scan"
    assert found.index_names == ["rows_room"]


def test_a_node_that_never_ran_uses_no_index(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rooms o JOIN rows r ON r.room = o.id WHERE o.id = 4711"
    found = analysed(connection, query, "enable_hashjoin = off", "enable_mergejoin = off", "enable_seqscan = off")
    assert only(found.scans).loops == 0
    assert not found.uses_index
    assert found.estimation_accuracy is None


def test_values_are_nowhere_in_the_plan(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT * FROM rooms WHERE name = %(name)s OR id = %(number)s OR name = ANY(%(many)s::text[])"
    values = {"name": "room 77", "number": 4, "many": ["room 5", "room 6"]}
    plan = plan_of(connection, query, values=values)
    assert "room 77" in str(plan)
    hidden = without_values(plan, values)
    assert not [value for value in ("room 77", "room 5", "room 6") if value in str(hidden)]
    assert ":name" in hidden["Plan"]["Filter"]
    assert "id = :number" in hidden["Plan"]["Filter"]
    assert hidden["Plan"]["Actual Rows"] == plan["Plan"]["Actual Rows"]
