"""What is nobody's to lose unasked: databases, drafts under a loop, unsaved changes, secrets in the text of a bug."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.generation import ledger
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import Choose, Form, Looking
from shapetui.tui.handlers.documents import Documents
from shapetui.workbench import intents
from shapetui.workbench.journal import unfinished
from shapetui.workbench.loop import LoopStart
from shapetui.workbench.settings import Settings
from tests.tui.screens import with_documents, workbench


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    return with_documents(tmp_path)


def configs(folder: Path) -> list[Path]:
    """The configs that were written."""
    return sorted((folder / "reports").glob("calibrated-config-*"))


async def test_the_database_that_was_looked_at_is_the_one_that_is_filled(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        user.app.intend(intents.SetTarget(3_000))
        await user.press("g")
        await user.until(lambda: isinstance(user.app.screen, Looking))
        # Before the look is over, another one is chosen.
        user.app.use(Database.named("embedded:precious"))
        await user.job_ends("generate")
        assert user.shown.news is not None
        assert user.shown.news.database == target.label
    with target.open() as connection:
        assert sum(ledger.row_counts(connection).values())


async def test_rows_that_others_add_during_the_session_are_asked_about_each_time(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        user.app.intend(intents.SetTarget(3_000))
        await user.press("g")
        await user.job_ends("generate")
        for name in ("one", "two"):
            with target.open() as connection:
                connection.execute(
                    "INSERT INTO users SELECT (json_populate_record(u, %s)).* FROM users u LIMIT 1",
                    [f'{{"id": "{name}", "email": "{name}@example.local", "username": "{name}"}}'],
                )
            await user.press("g")
            await user.until(lambda: isinstance(user.app.screen, Form))
            await user.sees("somebody else")
            jobs = len(user.shown.jobs)
            await user.answer(target.database)
            await user.until(lambda before=jobs: len(user.shown.jobs) > before and not user.app.busy)  # type: ignore[misc]
            await user.job_ends("generate")


async def test_a_loop_leaves_a_draft_alone_that_was_changed_meanwhile(folder: Path) -> None:
    async with workbench(folder, screen="calibrate") as user:
        before = user.bench.draft.config
        alpha = intents.SetValues((("alpha GROUP_CHAT", 2.5),))
        user.app.running.round_started(LoopStart(2, before, alpha, None))
        follows = user.bench.draft.config
        assert follows != before
        # A nudge of the user's own, while the loop goes on from what it knew.
        await user.press("right_square_bracket")
        await user.until(lambda: user.bench.draft.config != follows)
        own = user.bench
        wrote = intents.Wrote(str(folder / "reports" / "config.json"))
        user.app.running.round_started(LoopStart(3, follows, alpha, wrote))
        assert user.bench == own
        await user.hears("the screen keeps its own draft")


async def test_quitting_with_unsaved_changes_asks_what_becomes_of_them(folder: Path) -> None:
    async with workbench(folder, screen="calibrate") as user:
        await user.press("right_square_bracket", "q")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("escape")
        await user.arrives("calibrate")
        assert user.app.return_code is None
        await user.press("q")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("enter")
        await user.until(lambda: user.app.return_code == 0)
    [path] = configs(folder)
    assert load(path, Config).calibration_metadata.nudges
    assert unfinished(folder) is None
    async with workbench(folder, screen="calibrate") as user:
        await user.press("right_square_bracket", "q")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("down", "enter")
        await user.until(lambda: user.app.return_code == 0)
    assert unfinished(folder) is not None
    assert configs(folder) == [path]
    async with workbench(folder, ready=False) as user:
        await user.sees("an earlier session ended without being closed")


async def test_the_tolerance_of_the_settings_is_the_drafts(folder: Path) -> None:
    async with workbench(folder, settings=Settings(tolerance=0.05)) as user:
        assert user.bench.draft.tolerance == 0.05
    async with workbench(folder) as user:
        assert user.bench.draft.tolerance == 0.15


async def test_a_bug_ends_the_app_without_showing_what_variables_hold(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fails(_self: Documents) -> None:
        url = "postgresql://bob:hunter2secret@db/chat"
        raise ValueError(len(url))

    monkeypatch.setattr(Documents, "_read", fails)
    with pytest.raises(Exception, match="ValueError"):
        async with workbench(folder, ready=False) as user:
            await user.until(lambda: user.app.failure)
    printed = capsys.readouterr()
    assert "hunter2secret" not in printed.out + printed.err
