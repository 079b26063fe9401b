"""A comparison: the original's keys, the verdict with its reasons, what each index bought, what makes it doubtful."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shapetui.documents.baseline import Baseline, IndexFacts, ServerFacts, TableFacts
from shapetui.documents.comparison import Comparison
from shapetui.documents.report import GeneratedFrom
from shapetui.errors import PlanError
from shapetui.indexlab.comparing import compare
from tests.indexlab.baselines import AFTER, BEFORE, BY_TIME, NEW, PRIMARY, UNIFORM, Made, after, baseline, index

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
USELESS = index("idx_edited", '("isEdited")')
REDUNDANT = index("idx_conversation", '("conversationId")')


def judged(pre: Baseline | None = None, post: Baseline | None = None, **more: Any) -> Comparison:
    return compare(pre or baseline(), post or after(), NOW, **more)


def texts(found: Comparison, says: str) -> str:
    return " | ".join(reason.text for reason in found.summary.reasons if reason.says == says)


def test_the_original_s_keys_are_there_with_their_meaning() -> None:
    found = judged().plain()
    assert list(found)[:6] == [
        "pre_baseline", "post_baseline", "compared_at", "improvements", "summary", "mitigations",
    ]  # fmt: skip
    first = found["improvements"][0]
    assert list(first)[:9] == [
        "query_id", "query_name", "pre_time_ms", "post_time_ms", "time_delta_ms", "time_reduction_pct",
        "sort_eliminated", "index_adopted", "status",
    ]  # fmt: skip
    assert first["time_delta_ms"] == pytest.approx(first["pre_time_ms"] - first["post_time_ms"])
    assert (first["sort_eliminated"], first["index_adopted"], first["status"]) == (True, True, "IMPROVED")
    assert list(found["summary"])[:8] == [
        "avg_improvement_pct", "queries_improved", "queries_degraded", "queries_unchanged", "p95_improvement_pct",
        "sorts_eliminated", "go_no_go", "rationale",
    ]  # fmt: skip


def test_an_index_that_helps_is_go() -> None:
    found = judged()
    summary = found.summary
    assert (summary.go_no_go, summary.queries_improved, summary.queries_unchanged) == ("GO", 3, 2)
    assert (summary.sorts_eliminated, summary.queries_with_sorts) == (2, 3)
    # Three of five queries need next to nothing any more; the others count as nothing saved.
    assert summary.avg_improvement_pct == pytest.approx(58.5, abs=1)
    assert found.indexes[0].verdict == "GO"
    assert [use.query_id for use in found.indexes[0].used_by] == [
        "Q1_message_history", "Q1b_message_history_deep", "Q4_unread_count",
    ]  # fmt: skip
    assert "Q2_message_insert writes 42 % more WAL and touches 75 % more pages" in texts(found, "CAUTION")


def test_less_than_thirty_per_cent_is_no_go() -> None:
    only = {**BEFORE, "Q1_message_history": AFTER["Q1_message_history"]}
    found = judged(post=after(only))
    assert found.summary.go_no_go == "NO-GO"
    assert "average improvement 20 % on the hottest conversation, less than 30 %" in found.summary.rationale


def test_two_queries_that_became_worse_are_no_go_and_one_is_a_caution() -> None:
    worse = {id_: replace(BEFORE[id_], pages=90_000, ms=900) for id_ in ("Q3_conversation_list", "Q6_presence_lookup")}
    found = judged(post=after({**AFTER, **worse}))
    assert "2 queries became worse: Q3_conversation_list, Q6_presence_lookup" in found.summary.rationale
    one = judged(post=after({**AFTER, "Q6_presence_lookup": worse["Q6_presence_lookup"]}))
    assert "Q6_presence_lookup became worse" in texts(one, "CAUTION")
    assert any(m.query_id == "Q6_presence_lookup" for m in one.mitigations)


def test_a_query_that_became_much_slower_does_not_outweigh_all_others() -> None:
    worse = replace(BEFORE["Q6_presence_lookup"], pages=900_000, ms=9_000)
    found = judged(post=after({**AFTER, "Q6_presence_lookup": worse}))
    assert found.summary.avg_improvement_pct == pytest.approx(58.5 - 20, abs=1)


def test_sorts_count_among_the_queries_that_had_one() -> None:
    stays = {**AFTER, "Q1b_message_history_deep": replace(AFTER["Q1b_message_history_deep"], sort=True)}
    assert "1 of 3 sorts eliminated, less than 60 %" in judged(post=after(stays)).summary.rationale
    plain = {id_: replace(made, sort=False) for id_, made in BEFORE.items()}
    assert "sort" not in judged(pre=baseline(plain)).summary.rationale


def test_a_useless_index_is_named_and_no_go() -> None:
    found = judged(post=after(indexes=[PRIMARY, NEW, USELESS]))
    assert found.summary.go_no_go == "NO-GO"
    assert found.summary.rationale == (
        "idx_edited: none of the 5 queries uses it, on any stratum: it only costs writes and space"
    )


def test_a_redundant_index_is_named_with_the_one_that_covers_it() -> None:
    used = {**AFTER, "Q4_unread_count": replace(AFTER["Q4_unread_count"], index=REDUNDANT.name)}
    found = judged(post=after(used, [PRIMARY, NEW, REDUNDANT]))
    assert found.summary.go_no_go == "NO-GO"
    assert found.summary.rationale == f"idx_conversation: it is redundant: {BY_TIME} does all that it can do"
    assert {one.name: one.covered_by for one in found.indexes} == {BY_TIME: None, "idx_conversation": BY_TIME}


def test_of_two_new_ones_alike_only_the_second_is_too_many() -> None:
    twin = index("idx_twin", '("conversationId", "createdAt" DESC)')
    found = judged(post=after(indexes=[PRIMARY, NEW, twin]))
    assert {one.name: one.verdict for one in found.indexes} == {BY_TIME: "GO", "idx_twin": "NO-GO"}


def test_an_index_that_was_there_before_and_is_now_superfluous_is_told() -> None:
    found = judged(baseline(indexes=[PRIMARY, REDUNDANT]), after(indexes=[PRIMARY, NEW, REDUNDANT]))
    assert f"{BY_TIME} makes idx_conversation superfluous" in texts(found, "CAUTION")
    assert found.summary.go_no_go == "GO"


def test_the_same_columns_in_another_direction_are_told() -> None:
    old = index("messages_old_idx", '("conversationId", "createdAt")')
    found = judged(baseline(indexes=[PRIMARY, old]), after(indexes=[PRIMARY, NEW, old]))
    assert "has the columns of messages_old_idx in other directions" in texts(found, "CAUTION")


def test_an_invalid_index_is_no_go() -> None:
    found = judged(post=after(BEFORE, [PRIMARY, NEW.model_copy(update={"valid": False})]))
    assert "it is invalid" in found.summary.rationale


def test_without_another_index_there_is_nothing_to_judge() -> None:
    found = judged(post=baseline(seed=5))
    assert found.summary.go_no_go == "INCONCLUSIVE"
    assert found.summary.rationale == "no index differs between the two: there is nothing to judge"
    assert not texts(found, "NO-GO")


def test_an_index_that_nobody_misses_may_go() -> None:
    found = judged(baseline(indexes=[PRIMARY, USELESS]), after(BEFORE, [PRIMARY]))
    assert (found.summary.go_no_go, found.summary.rationale) == ("GO", "without idx_edited no query became worse")
    back = judged(baseline(AFTER, [PRIMARY, NEW]), after(BEFORE, [PRIMARY]))
    assert back.summary.go_no_go == "NO-GO"


def test_skew_and_uniform_conversations_come_to_other_verdicts() -> None:
    # A count of all messages of a conversation: the index saves nothing where one has most of them.
    before = {"Q4_unread_count": Made(100, 13000)}
    skewed = {"Q4_unread_count": Made((98, 0.3, 0.1, 0.1), (12900, 90, 9, 5), "Bitmap Heap Scan", BY_TIME)}
    uniform = {"Q4_unread_count": Made(0.1, 20, "Bitmap Heap Scan", BY_TIME)}
    found = judged(baseline(before), after(skewed))
    alike = judged(baseline(before, messages=UNIFORM), after(uniform, messages=UNIFORM))
    assert (found.summary.go_no_go, alike.summary.go_no_go) == ("NO-GO", "GO")
    by_stratum = {name: round(one.avg_improvement_pct) for name, one in found.summary.by_stratum.items()}
    assert by_stratum == {"hottest": 0, "p99": 100, "median": 100, "cold": 100}
    assert "the skew decides" in texts(found, "CAUTION")
    assert "the skew decides" not in texts(alike, "CAUTION")


def test_a_stratum_that_goes_the_other_way_is_told() -> None:
    mixed = {
        **AFTER,
        "Q4_unread_count": replace(AFTER["Q4_unread_count"], pages=(2741, 90_000, 7, 5), ms=(8, 900, 1, 1)),
    }
    found = judged(post=after(mixed))
    assert found.improvements[3].contrary == ["p99"]
    assert "Q4_unread_count is worse on p99, unlike on hottest" in texts(found, "CAUTION")


def test_indexes_made_one_at_a_time_are_told_apart() -> None:
    users = index("idx_users", '("userId", "isActive")', "conversation_users")
    second = {**AFTER, "Q3_conversation_list": Made(0.2, 120, "Index Scan", "idx_users", "conversations")}
    middle = after(seed=3)
    found = judged(post=after(second, [PRIMARY, NEW, users]), between=[("middle.json", middle)])
    alone = {one.name: {effect.query_id for effect in one.alone or ()} for one in found.indexes}
    assert alone["idx_users"] == {"Q3_conversation_list", "Q2_message_insert", "Q5_read_receipt_upsert"}
    assert "Q1_message_history" in alone[BY_TIME]
    assert found.between == ["middle.json"]


CONFIG = GeneratedFrom(config_digest="sha256:" + "b" * 64, seed="s", target_messages=1, finished=True)
TABLE = TableFacts(name="messages", rows=300_000, exact=True, bytes=1, index_bytes=1)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"server": ServerFacts(version="17.2", settings={"work_mem": "4MB", "fsync": "on"})}, "server version"),
        ({"server": ServerFacts(version="18.4", settings={"work_mem": "64MB", "fsync": "on"})}, "work_mem"),
        ({"tables": [TABLE.model_copy(update={"rows": 330_000})]}, "rows of messages"),
        ({"generated_from": CONFIG}, "config"),
        ({"messages": UNIFORM}, "messages on hottest"),
    ],
)
def test_what_makes_numbers_incomparable_makes_it_inconclusive(more: dict[str, Any], what: str) -> None:
    found = judged(post=after(**more))
    assert found.differences[0].incomparable
    assert what in [one.what for one in found.differences]
    assert found.summary.go_no_go == "INCONCLUSIVE"
    assert what in found.summary.rationale


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"server": ServerFacts(version="18.5", settings={"work_mem": "4MB", "fsync": "on"})}, "server version"),
        ({"server": ServerFacts(version="18.4", settings={"work_mem": "4MB", "fsync": "off"})}, "fsync"),
        ({"server": None}, "server version"),
        ({"tables": [TABLE.model_copy(update={"rows": 301_000})]}, "rows of messages"),
        ({"generated_from": CONFIG.model_copy(update={"config_digest": "sha256:" + "a" * 64, "seed": "t"})}, "seed"),
        ({"generated_from": None}, "origin of the rows"),
        ({"repeats": 30}, "repeats"),
        ({"captured_at": "2026-11-01T00:00:00Z"}, "order"),
    ],
)
def test_other_differences_are_said_and_decide_nothing(more: dict[str, Any], what: str) -> None:
    found = judged(post=after(**more))
    assert what in [one.what for one in found.differences]
    assert not any(one.incomparable for one in found.differences)
    assert found.summary.go_no_go == "GO"


def test_an_estimate_may_be_further_off_than_a_count() -> None:
    rough = TABLE.model_copy(update={"rows": 325_000, "exact": False})
    assert not any(one.incomparable for one in judged(post=after(tables=[rough])).differences)


def test_queries_that_only_one_has_are_told() -> None:
    found = judged(baseline({**BEFORE, "own_1": Made(1, 1)}), after({**AFTER, "own_2": Made(1, 1)}))
    assert found.skipped == ["own_1: not in the second baseline", "own_2: not in the first baseline"]


def test_a_query_whose_sql_has_changed_is_another_query() -> None:
    pre, post = baseline(), after()
    changed = post.queries[0].model_copy(update={"sql": "SELECT 2"})
    found = judged(pre, post.model_copy(update={"queries": [changed, *post.queries[1:]]}))
    assert found.skipped == ["Q1_message_history: its SQL is not the same in both"]


def test_nothing_in_common_is_an_error() -> None:
    with pytest.raises(PlanError, match="no query in common"):
        judged(baseline({"own_1": Made(1, 1)}), after({"own_2": Made(1, 1)}))


def test_two_files_of_the_original_compare() -> None:
    keep = {"phase", "captured_at", "database_size_mb", "queries", "summary"}
    query = {"query_id", "query_name", "sql", "parameters", "plan", "execution_time_ms", "planning_time_ms", "buffers"}
    query |= {"plan_analysis"}

    def plain(side: Baseline) -> Baseline:
        raw = {key: value for key, value in side.plain().items() if key in keep}
        raw["queries"] = [{key: value for key, value in one.items() if key in query} for one in raw["queries"]]
        known = ("uses_index", "index_name", "has_sort_node", "scan_type", "rows_estimated", "rows_actual")
        for one in raw["queries"]:
            one["plan_analysis"] = {key: value for key, value in one["plan_analysis"].items() if key in known}
        return Baseline.model_validate({**raw, "phase": raw["phase"].split("-")[0]})

    found = judged(plain(baseline()), plain(after()))
    assert found.improvements[0].status == "IMPROVED"
    assert found.improvements[0].plan_change == f"Seq Scan → Index Scan using {BY_TIME}, sort gone"
    # Which indexes there were, such a file does not say.
    assert found.summary.go_no_go == "INCONCLUSIVE"


def test_indexes_of_constraints_are_not_judged() -> None:
    key: IndexFacts = index("new_key", "(x)", constraint=True)
    assert [one.name for one in judged(post=after(indexes=[PRIMARY, NEW, key])).indexes] == [BY_TIME]
