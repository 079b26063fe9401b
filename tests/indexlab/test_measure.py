"""A baseline of a small chat: what is in it, and what is not left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.database.production_memory import remember
from shapetui.database.target import Target
from shapetui.documents.baseline import STRATA, Baseline
from shapetui.documents.files import load
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, DatabaseError
from shapetui.indexlab.measure import MeasureRequest
from shapetui.jobs.verify_index import ApplyRequest, BaselineRequest, run_apply, run_baseline
from shapetui.progress import Progress, Watch
from tests.indexlab.lab_database import fill, rows, run

COUNTS = (
    "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM message_reads), (SELECT count(*) FROM users),"
    " (SELECT md5(string_agg(m::text, '' ORDER BY id)) FROM messages m)"
)


@pytest.fixture
def chat(target: Target) -> Target:
    """A small chat."""
    fill(target)
    return target


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty one."""
    return Workspace(tmp_path)


def measured(
    chat: Target, workspace: Workspace, queries: Path | None = None, repeats: int = 3, watch: Watch | None = None
) -> Baseline:
    """A baseline of few repeats."""
    request = BaselineRequest(MeasureRequest(repeats=repeats, warm_up=1), queries)
    return run_baseline(chat, "pre-optimization", request, workspace, watch or Watch()).document


def test_every_query_is_measured_on_every_stratum(chat: Target, workspace: Workspace) -> None:
    request = BaselineRequest(MeasureRequest(repeats=3, warm_up=1))
    written = run_baseline(chat, "pre-optimization", request, workspace, Watch())
    assert written.path.name.startswith("baseline-pre-optimization-")
    baseline = load(written.path, Baseline)
    assert baseline == written.document
    assert [query.query_id for query in baseline.queries] == [
        "Q1_message_history",
        "Q1b_message_history_deep",
        "Q3_conversation_list",
        "Q4_unread_count",
        "Q6_presence_lookup",
    ]
    assert [query.query_id for query in baseline.write_costs] == ["Q2_message_insert", "Q5_read_receipt_upsert"]
    for query in [*baseline.queries, *baseline.write_costs]:
        assert [found.stratum for found in query.strata] == list(STRATA)
        assert all(len(found.execution_ms) == len(found.pages) == 3 for found in query.strata)
    assert not baseline.skipped
    assert baseline.server is not None
    assert baseline.server.settings["shared_buffers"]
    assert {table.name: table.rows for table in baseline.tables}["users"] == 60


def test_the_strata_are_the_conversations_and_members_at_their_ranks(chat: Target, workspace: Workspace) -> None:
    history = measured(chat, workspace).queries[0]
    chosen = {found.stratum: found.chosen for found in history.strata}
    # Conversation n has 1200 / n messages, user u is in 60 / u conversations.
    sizes = sorted(1200 // n for n in range(1, 61))
    expected = {"hottest": sizes[59], "p99": sizes[58], "median": sizes[29], "cold": sizes[0]}
    assert {name: one.messages for name, one in chosen.items() if one is not None} == expected
    assert chosen["hottest"] is not None
    assert (chosen["hottest"].members, chosen["hottest"].conversations_of_member) == (60, 60)
    assert [found.rows for found in history.strata] == [50, 50, min(50, sizes[29]), sizes[0]]


def test_nothing_that_was_written_stays(chat: Target, workspace: Workspace) -> None:
    run(chat, "ALTER TABLE messages ADD COLUMN number bigserial", "CREATE SEQUENCE other")
    run(chat, "ALTER TABLE message_reads ADD COLUMN number bigint DEFAULT nextval('other')", "VACUUM messages")
    state = "SELECT last_value, is_called FROM {}"
    before = rows(chat, COUNTS), [rows(chat, state.format(name)) for name in ("messages_number_seq", "other")]
    baseline = measured(chat, workspace)
    assert baseline.write_costs[0].strata[0].rows == 100
    after = rows(chat, COUNTS), [rows(chat, state.format(name)) for name in ("messages_number_seq", "other")]
    assert after == before


def test_no_id_and_no_text_of_a_row_is_in_the_file(chat: Target, workspace: Workspace) -> None:
    text = measured(chat, workspace).to_json()
    assert "secret words" not in text
    assert "'u1'" not in text
    assert "'c1'" not in text
    assert ":conversation" in text


def test_a_sequential_scan_becomes_an_index_scan(chat: Target, workspace: Workspace) -> None:
    run(chat, "ALTER TABLE messages ALTER COLUMN content SET STORAGE PLAIN")
    run(chat, "UPDATE messages SET content = repeat('x', 1000)")
    before = measured(chat, workspace)
    assert before.queries[0].plan_analysis.scan_type == "Seq Scan"
    run_apply(chat, ApplyRequest(), workspace, Watch())
    after = measured(chat, workspace)
    found = after.queries[0].plan_analysis
    assert (found.scan_type, found.index_name) == ("Index Scan", "idx_messages_conversation_created_desc")
    assert not found.has_sort_node
    assert after.queries[0].buffers.pages < before.queries[0].buffers.pages / 4
    digests = [[one.chosen.digest for one in side.queries[0].strata if one.chosen] for side in (before, after)]
    assert digests[0] == digests[1]
    wal = [side.write_costs[0].strata[0].wal for side in (before, after)]
    assert wal[0] is not None
    assert wal[1] is not None
    assert wal[1].records >= wal[0].records + 100


def test_a_query_of_ones_own_is_measured_and_cannot_write(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "own.sql"
    own.write_text(
        '-- name: Mine\n-- param :room from conversations\nSELECT * FROM messages WHERE "conversationId" = :room;\n'
    )
    mine = measured(chat, workspace, own).queries[-1]
    assert (mine.query_id, mine.query_name) == ("own_1", "Mine")
    assert mine.strata[0].rows == 1200
    own.write_text("-- name: Evil\nWITH gone AS (DELETE FROM message_reads RETURNING 1)\nSELECT * FROM gone;\n")
    with pytest.raises(DatabaseError, match=r"own\.sql: line 1: the server refuses the query Evil: .*read-only"):
        measured(chat, workspace, own)


def test_what_takes_too_long_is_given_up_with_the_reason(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    own = tmp_path / "own.sql"
    own.write_text("-- name: Slow\nSELECT pg_sleep(60);\n")
    request = BaselineRequest(MeasureRequest(repeats=1, warm_up=0, statement_timeout_s=0.2), own)
    baseline = run_baseline(chat, "pre-optimization", request, workspace, Watch()).document
    assert [(one.query_name, one.reason) for one in baseline.skipped] == [
        ("Slow", "takes longer than statement_timeout (0.2 s)")
    ]


def test_a_table_that_is_missing_skips_the_queries_that_need_it(chat: Target, workspace: Workspace) -> None:
    run(chat, "DROP TABLE message_reads")
    baseline = measured(chat, workspace, repeats=1)
    reasons = {one.query_id: one.reason for one in baseline.skipped}
    assert set(reasons) == {"Q4_unread_count", "Q5_read_receipt_upsert"}
    assert reasons["Q4_unread_count"] == "the database has no table message_reads"


def test_cancelling_writes_no_file_and_leaves_no_row(chat: Target, workspace: Workspace) -> None:
    before = rows(chat, COUNTS)

    def listen(progress: Progress) -> None:
        if progress.phase == "measure" and "Insert" in progress.note:
            watch.cancel()

    watch = Watch(listen)
    with pytest.raises(Cancelled, match="nothing is left behind"):
        measured(chat, workspace, watch=watch)
    assert not list(workspace.reports.glob("*.json"))
    assert rows(chat, COUNTS) == before


def test_an_empty_database_and_one_sampled_as_production_are_refused(target: Target, workspace: Workspace) -> None:
    with pytest.raises(DatabaseError, match="none of the queries can be asked here"):
        measured(target, workspace)
    with target.open() as connection:
        remember(connection)
    with pytest.raises(DatabaseError, match="was sampled as production"):
        measured(target, workspace)


def test_a_cold_measurement_says_why_it_is_not_possible(chat: Target, workspace: Workspace) -> None:
    request = BaselineRequest(MeasureRequest(repeats=1, warm_up=0, cold=True))
    baseline = run_baseline(chat, "pre-optimization", request, workspace, Watch()).document
    assert baseline.method is not None
    possible = any(found.cold is not None for query in baseline.queries for found in query.strata)
    assert possible != (baseline.method.cold or "").startswith("not possible: ")
