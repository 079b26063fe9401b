"""What a session that was killed has left is offered to the next one, and each answer is carried out."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.tui.dialogs import Choose
from shapetui.tui.handlers.documents import Files
from shapetui.workbench import intents
from shapetui.workbench.intents import Intent
from shapetui.workbench.journal import Journal, draft_path, unfinished
from shapetui.workbench.state import Workbench, apply
from tests.tui.screens import User, with_documents, workbench
from tests.workbench.benches import NOW, fitted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    return with_documents(tmp_path)


def killed(folder: Path, *steps: Intent) -> Workbench:
    """A session that ended without being closed, after opening both documents and these steps; its end."""
    journal, bench = Journal.start(folder), Workbench()
    reports = folder.resolve() / "reports"
    opened = (intents.OpenShape(str(reports / "shape.json")), intents.OpenConfig(str(reports / "config.json")))
    for step in (*opened, *steps):
        bench = apply(bench, step, Files())
        journal.record(step)
    journal.save_draft(bench, NOW)
    journal.close(clean=False)
    return bench


CHANGES = (
    intents.Focus("alpha GROUP_CHAT"),
    intents.Nudge(3, True),
    intents.SetTarget(12_345),
    intents.Nudge(1, False),
    intents.Undo(),
)


async def offered(user: User) -> None:
    """Waits for the question."""
    await user.until(lambda: isinstance(user.app.screen, Choose))
    await user.sees("an earlier session ended without being closed")


async def test_going_on_gives_the_state_with_its_past_and_its_future(folder: Path) -> None:
    end = killed(folder, *CHANGES)
    async with workbench(folder, ready=False) as user:
        await offered(user)
        # What the folder holds stands behind the question.
        await user.sees("go on where it ended: 7 steps", "keep its config", "throw it away")
        assert user.bench == Workbench()
        await user.press("enter")
        await user.arrives("calibrate")
        assert user.bench == end
        await user.hears("restored 7 steps")
        await user.sees("● unsaved", "▸ α    GROUP_CHAT")
        assert user.bench.past
        assert user.bench.future
        # What was restored is in this session's journal: a second loss loses nothing.
        assert unfinished(folder) is None, "the old one is settled, this one is alive"
    left = unfinished(folder)
    assert left is not None
    async with workbench(folder, ready=False) as user:
        await offered(user)
        await user.press("enter")
        await user.until(lambda: user.at("calibrate") and user.bench == end)


async def test_the_screen_that_was_asked_for_stays(folder: Path) -> None:
    end = killed(folder, *CHANGES)
    async with workbench(folder, ready=False, screen="run") as user:
        await offered(user)
        await user.press("enter")
        await user.hears("restored 7 steps")
        await user.arrives("run")
        assert user.bench == end


async def test_keeping_its_config_writes_a_file_and_begins_anew(folder: Path) -> None:
    end = killed(folder, *CHANGES)
    async with workbench(folder, ready=False) as user:
        await offered(user)
        await user.press("j", "enter")
        await user.hears("kept as calibrated-config-")
        await user.until(lambda: user.at("files") and user.bench.draft.config is not None)
        [path] = (folder / "reports").glob("calibrated-config-*.json")
        kept = load(path, Config)
        assert end.draft.config is not None
        assert kept.conversation_generation == end.draft.config.conversation_generation
        assert kept.calibration_metadata.parent_config_digest == fitted().digest()
        await user.leave()
    assert unfinished(folder) is None


async def test_throwing_it_away_leaves_nothing_of_it(folder: Path) -> None:
    killed(folder, *CHANGES)
    left = unfinished(folder)
    assert left is not None
    assert draft_path(left).exists()
    async with workbench(folder, ready=False) as user:
        await offered(user)
        await user.press("j", "j", "enter")
        await user.until(lambda: user.at("files") and user.bench.draft.loaded == fitted())
        assert not user.bench.unsaved
        assert not draft_path(left).exists()
        await user.leave()
    assert unfinished(folder) is None
    assert not list((folder / "reports").glob("calibrated-config-*.json"))


async def test_escape_decides_nothing_and_it_is_offered_again(folder: Path) -> None:
    killed(folder, *CHANGES)
    left = unfinished(folder)
    for _ in range(2):
        async with workbench(folder, ready=False) as user:
            await offered(user)
            await user.press("escape")
            await user.until(lambda: user.at("files") and user.bench.draft.config is not None)
            await user.leave()
        assert unfinished(folder) == left


async def test_a_session_that_changed_nothing_is_not_offered(folder: Path) -> None:
    killed(folder, intents.Focus("alpha GROUP_CHAT"))
    async with workbench(folder) as user:
        await user.until(lambda: user.shown.loaded)
        assert not user.asked
        await user.leave()
    assert unfinished(folder) is None


async def test_without_unsaved_changes_there_is_no_config_to_keep(folder: Path) -> None:
    killed(folder, intents.SetTarget(777))
    async with workbench(folder, ready=False) as user:
        await offered(user)
        assert "keep its config" not in user.text
        await user.press("j", "enter")
        await user.until(lambda: user.at("files") and user.bench.draft.config is not None)
        assert user.bench.draft.target != 777


async def test_a_document_that_is_gone_is_said_and_the_journal_stays(folder: Path) -> None:
    killed(folder, *CHANGES)
    left = unfinished(folder)
    (folder / "reports" / "config.json").unlink()
    async with workbench(folder, ready=False) as user:
        await offered(user)
        await user.press("enter")
        await user.hears("config.json")
        await user.until(lambda: user.at("files") and user.bench.draft.shape is not None)
        assert user.bench.draft.config is None
        await user.leave()
    assert unfinished(folder) == left


async def test_a_journal_that_is_none_and_one_of_a_living_session_are_not_in_the_way(folder: Path) -> None:
    killed(folder, *CHANGES)
    left = unfinished(folder)
    assert left is not None
    left.write_bytes(b'{"shapetui_journal": 1, "version": "0", "process": 1}\n{"intent": "Juggle"}\n\xff\xfe\n')
    alive = Journal.start(folder)
    alive.record(intents.SetTarget(5))
    async with workbench(folder) as user:
        await user.press("j")
        await user.until(lambda: user.shown.view.chosen == 1)
        assert not user.asked
    alive.close(clean=True)


async def test_a_folder_without_room_for_a_journal_is_said_and_all_else_works(folder: Path) -> None:
    (folder / "reports" / ".shapetui").write_text("")
    async with workbench(folder, screen="calibrate") as user:
        await user.hears("no journal can be written")
        before = user.value
        await user.press("right_square_bracket")
        await user.until(lambda: user.value != before)
        await user.leave()


async def test_nothing_is_opened_behind_the_question(folder: Path) -> None:
    killed(folder, *CHANGES)
    async with workbench(folder, ready=False) as user:
        await offered(user)
        user.app.documents.read_again()
        await user.until(lambda: user.shown.synthetic is not None)
        await user.press("1", "g", "right_square_bracket")
        await user.settles()
        assert isinstance(user.app.screen, Choose)
        assert user.shown.news is None
