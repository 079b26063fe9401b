"""A look at a database: what is in it and who wrote it, never an error, never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled
from shapetui.generation.plan import Request
from shapetui.jobs.generate import run_generate, run_init
from shapetui.jobs.look import DatabaseState, look_production, look_synthetic
from shapetui.progress import Progress, Watch


def test_an_empty_database_is_nobodys_with_and_without_tables(target: Target) -> None:
    state = look_synthetic(target)
    assert (state.trouble, state.rows, state.messages, state.written_by) == ("", 0, 0, "nobody: empty")
    assert state.version.split(".")[0].isdigit()
    run_init(target)
    assert look_synthetic(target).written_by == "nobody: empty"


def test_what_shapetui_wrote_is_counted_exactly_and_told_with_its_seed(target: Target, tmp_path: Path) -> None:
    made = run_generate(target, Request(target_messages=2_000, seed="wren"), Workspace(tmp_path), None, Watch())
    state = look_synthetic(target)
    assert state.messages == made.document.counts.messages
    assert state.rows == sum(made.document.counts.model_dump().values())
    assert state.written_by == "shapetui, seed wren, finished"
    assert not state.estimated


def test_an_unfinished_run_is_told_as_one(target: Target, tmp_path: Path) -> None:
    watch: Watch

    def listener(news: Progress) -> None:
        if news.phase == "messages" and news.done > 100_000:
            watch.cancel()

    watch = Watch(listener)
    with pytest.raises(Cancelled):
        run_generate(target, Request(target_messages=1_000_000, seed="wren"), Workspace(tmp_path), None, watch)
    assert look_synthetic(target).written_by == "shapetui, seed wren, unfinished"


def test_rows_of_somebody_else_are_theirs_also_beside_ours(target: Target, server: EmbeddedServer) -> None:
    build_production(target, simulate(2_000), Watch())
    state = look_synthetic(target)
    assert state.written_by == f"somebody else: {state.rows:,} rows"


def test_rows_added_to_ours_are_somebody_elses(target: Target, tmp_path: Path) -> None:
    run_generate(target, Request(target_messages=500), Workspace(tmp_path), None, Watch())
    with target.open() as connection:
        connection.execute("DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)")
    assert look_synthetic(target).written_by.startswith("somebody else: ")


def test_a_production_is_estimated_and_never_counted(target: Target) -> None:
    build_production(target, simulate(20_000), Watch())
    with target.open(autocommit=True) as connection:
        connection.execute("ANALYZE")
        exact = connection.execute("SELECT count(*) FROM messages").fetchone()
    state = look_production(target)
    assert state.estimated
    assert exact is not None
    assert state.messages == pytest.approx(exact[0], rel=0.05)
    assert state.rows > state.messages
    assert (state.role, state.written_by, state.trouble) == ("primary", "", "")


def test_tables_that_nobody_analysed_count_as_empty(target: Target) -> None:
    run_init(target)
    assert look_production(target).rows == 0


@pytest.mark.parametrize("look", [look_synthetic, look_production])
def test_what_cannot_be_reached_says_why_and_no_secret(look: object, server: EmbeddedServer) -> None:
    assert callable(look)
    nowhere = Target.parse("postgresql://me:hunter2secret@localhost:1/none?connect_timeout=1")
    for target in (nowhere, Target.parse("embedded:not_there")):
        state = look(target)
        assert isinstance(state, DatabaseState)
        assert state.trouble
        assert "hunter2secret" not in repr(state)
