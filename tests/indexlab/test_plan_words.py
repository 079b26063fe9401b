"""Plans in words: what a reader is told of two plans, and whatever JSON a file may hold instead of one."""

from __future__ import annotations

from typing import Any

import pytest

from shapetui.documents.baseline import Analysis, Scan, Sort
from shapetui.indexlab.plan_words import SAME, in_words, plan_change, plan_lines, same_plan


def analysis(*scans: Scan, nodes: tuple[str, ...] = (), sorts: tuple[Sort, ...] = (), **more: Any) -> Analysis:
    return Analysis(
        **{
            "uses_index": any(scan.index for scan in scans),
            "has_sort_node": bool(sorts),
            "rows_estimated": 1,
            "rows_actual": 1,
            "scans": list(scans),
            "sorts": list(sorts),
            "nodes": list(nodes) or [scan.node_type for scan in scans],
            **more,
        }
    )


SEQUENTIAL = Scan(relation="messages", node_type="Seq Scan")
INDEX = Scan(relation="messages", node_type="Index Scan", index="idx")
SORT = Sort(keys=["k"], method="external merge", spilled=True)


def test_a_scan_that_becomes_an_index_scan_without_its_sort() -> None:
    before = analysis(SEQUENTIAL, sorts=(SORT,), spilled=True, nodes=("Gather Merge", "Sort", "Seq Scan"))
    after = analysis(INDEX)
    assert plan_change(before, after) == (
        "Seq Scan on messages → Index Scan using idx, sort gone, spilled no more, parallel no more"
    )
    assert plan_change(after, before).endswith("Seq Scan, sorts now, spills now, parallel now")


def test_another_way_to_join_and_a_table_that_is_no_longer_read() -> None:
    users = Scan(relation="users", node_type="Seq Scan")
    before = analysis(SEQUENTIAL, users, nodes=("Hash Join", "Seq Scan", "Hash", "Seq Scan"))
    after = analysis(SEQUENTIAL, nodes=("Nested Loop", "Seq Scan"))
    assert plan_change(before, after) == "Seq Scan on users gone, Hash Join → Nested Loop"


def test_workers_and_compiling_do_not_make_another_plan() -> None:
    one, other = analysis(SEQUENTIAL, workers=2), analysis(SEQUENTIAL, workers=0, jit=True)
    assert same_plan(one, other)
    assert plan_change(one, analysis(SEQUENTIAL)) == SAME
    assert plan_change(one, other) == "JIT now"


def test_an_incremental_sort_is_still_a_sort() -> None:
    groups = Sort(keys=["k"], method="quicksort", incremental=True)
    assert plan_change(analysis(INDEX, sorts=(SORT,)), analysis(INDEX, sorts=(groups,))) == "sorts in groups now"


def test_what_was_planned_and_never_run_is_not_read() -> None:
    unread = Scan(relation="users", node_type="Seq Scan", loops=0)
    assert plan_change(analysis(INDEX, unread), analysis(INDEX)) == "Index Scan / Seq Scan → Index Scan"
    assert in_words(analysis(INDEX, unread)) == "Index Scan using idx on messages"


def test_a_file_of_the_original_knows_one_scan_only() -> None:
    before = analysis(scan_type="Seq Scan", nodes=())
    after = analysis(scan_type="Index Scan", index_name="idx", uses_index=True)
    assert plan_change(before, after) == "Seq Scan → Index Scan using idx"


def test_a_plan_as_lines() -> None:
    scan: dict[str, Any] = {
        "Node Type": "Index Scan",
        "Index Name": "i",
        "Relation Name": "t",
        "Scan Direction": "Backward",
    }
    scan |= {"Actual Rows": 50, "Plan Rows": 60, "Actual Loops": 3, "Shared Hit Blocks": 7, "Shared Read Blocks": 1}
    scan |= {"Index Cond": "(a = :user)", "Actual Total Time": 0.5}
    never = {"Node Type": "Seq Scan", "Relation Name": "u", "Actual Loops": 0, "Parallel Aware": True}
    found = plan_lines({"Plan": {"Node Type": "Append", "Actual Loops": 1, "Plans": [scan, never]}})
    assert found == [
        "Append",
        "  Index Scan Backward using i on t  rows 50 (60 expected), 3 loops, 8 pages, 0.500 ms",
        "      Index Cond: (a = :user)",
        "  Parallel Seq Scan on u  never run",
    ]


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"Plan": 3},
        {"Plan": {}},
        {"Plan": {"Plans": [1, None, {"Plans": {}}], "Actual Rows": "many", "Filter": {"a": 1}}},
        {"Plan": {"Node Type": ["x"], "Actual Rows": 10**400, "Plan Rows": True, "Sort Method": None}},
    ],
)
def test_whatever_a_file_says_is_a_plan_breaks_nothing(plan: dict[str, Any]) -> None:
    assert all(isinstance(line, str) for line in plan_lines(plan))
