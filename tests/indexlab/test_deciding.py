"""What may be claimed of one query: nothing where the server did the same work, whatever the clock says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from shapetui.documents.comparison import Comparison, StratumComparison
from shapetui.indexlab.comparing import compare
from tests.indexlab.baselines import AFTER, BEFORE, BY_TIME, NEW, PRIMARY, Made, after, baseline

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)


def claims(found: Comparison) -> list[tuple[str, str, str]]:
    return [
        (query.query_id, stratum.stratum, stratum.status)
        for query in [*found.improvements, *found.write_costs]
        for stratum in query.strata
        if stratum.status != "NO_CHANGE"
    ]


def on_hottest(before: Made, now: Made, **more: float) -> StratumComparison:
    """One query that changes among others that do not."""
    found = compare(
        baseline({**BEFORE, "own_1": before}), baseline({**BEFORE, "own_1": now}, seed=2, **more), NOW  # type: ignore[arg-type]
    )  # fmt: skip
    return next(query for query in found.improvements if query.query_id == "own_1").strata[0]


def test_the_same_database_twice_claims_nothing() -> None:
    # Twenty pairs, each with another machine, outliers, and repeats that depend on one another.
    for seed in range(20):
        drift = (1.0, 0.5, 1.3, 2.5)[seed % 4]
        one = baseline(seed=2 * seed, correlated=0.7)
        other = baseline(seed=2 * seed + 1, correlated=0.7, drift=drift)
        assert not claims(compare(one, other, NOW)), seed


def test_a_plan_that_flips_by_itself_claims_nothing() -> None:
    flipped = replace(BEFORE["Q6_presence_lookup"], nodes=("Nested Loop", "Seq Scan"), pages=1488)
    silent = 0
    for seed in range(20):
        drift = (1.0, 1.8)[seed % 2]
        one = baseline(seed=100 + seed, correlated=0.7)
        other = baseline({**BEFORE, "Q6_presence_lookup": flipped}, seed=200 + seed, correlated=0.7, drift=drift)
        silent += not claims(compare(one, other, NOW))
    assert silent >= 19


def test_a_latency_with_the_same_plan_and_pages_is_the_machine() -> None:
    found = on_hottest(Made(10, 500), Made(40, 500))
    assert found.status == "NO_CHANGE"
    assert found.note == "slower with the same plan and pages: the machine, not the indexes"


def test_fewer_pages_are_an_improvement_whatever_the_machine() -> None:
    assert on_hottest(Made(10, 500), Made(10, 100)).status == "IMPROVED"
    assert on_hottest(Made(10, 100), Made(10, 500)).status == "DEGRADED"


def test_a_page_or_two_are_nothing() -> None:
    assert on_hottest(Made(0.05, 4), Made(0.05, 8)).status == "NO_CHANGE"


def test_another_plan_with_as_many_pages_is_told_by_the_clock() -> None:
    assert on_hottest(Made(50, 500, sort=True), Made(10, 500)).status == "IMPROVED"
    assert on_hottest(Made(10, 500), Made(50, 500, sort=True)).status == "DEGRADED"


def test_a_clock_that_moves_for_all_tells_nothing_of_one() -> None:
    # Twice as fast with another plan, and everything else is twice as fast, too.
    assert on_hottest(Made(50, 500, sort=True), Made(50, 500), drift=0.5).status == "NO_CHANGE"


def test_less_than_a_tenth_of_a_millisecond_is_nothing() -> None:
    assert on_hottest(Made(0.09, 20, sort=True), Made(0.03, 20)).status == "NO_CHANGE"


def test_pages_and_clock_that_contradict_decide_only_where_the_clock_is_clear() -> None:
    unclear = on_hottest(Made(10, 1000), Made(6, 1500, "Index Scan", "i"))
    assert (unclear.status, unclear.note) == ("NO_CHANGE", "more pages, and faster: neither decides")
    clear = on_hottest(Made(100, 1000), Made(5, 1500, "Index Scan", "i"))
    assert (clear.status, clear.note) == ("IMPROVED", "more pages, and faster")


def test_what_was_given_up_before_and_answers_now_has_improved() -> None:
    slow = Made(0, 0, trouble="takes longer than statement_timeout (60 s)")
    found = on_hottest(slow, Made(5, 100, "Index Scan", "i"))
    assert (found.status, found.pre_time_ms, found.time) == ("IMPROVED", 60_000, None)
    assert on_hottest(Made(5, 100), slow).status == "DEGRADED"


def test_what_failed_is_not_compared() -> None:
    broken = Made(0, 0, trouble="the server refuses it: no")
    found = compare(baseline({**BEFORE, "own_1": broken}), baseline({**BEFORE, "own_1": Made(1, 1)}), NOW)
    assert found.skipped == ["own_1: no stratum was measured in both"]


def test_an_index_changes_what_uses_it_and_nothing_else() -> None:
    found = compare(baseline(), after(), NOW)
    assert {(query, status) for query, _, status in claims(found)} == {
        ("Q1_message_history", "IMPROVED"),
        ("Q1b_message_history_deep", "IMPROVED"),
        ("Q4_unread_count", "IMPROVED"),
        ("Q2_message_insert", "DEGRADED"),
    }


def test_one_run_of_each_decides_by_pages_only() -> None:
    found = compare(baseline(repeats=1), after(repeats=1), NOW)
    assert {status for query, _, status in claims(found) if query.startswith("Q1")} == {"IMPROVED"}
    assert found.improvements[0].strata[0].time is not None
    assert found.improvements[0].strata[0].time.low is None
    assert any("fewer than 5 runs" in reason.text for reason in found.summary.reasons)


def test_the_same_files_compare_alike() -> None:
    one, other = baseline(), after(AFTER, [PRIMARY, NEW])
    assert compare(one, other, NOW) == compare(one, other, NOW)
    assert compare(one, other, NOW).indexes[0].name == BY_TIME
