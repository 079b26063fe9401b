"""Undo takes back edits; where a document was opened it ends, or asks where unsaved changes lie beyond."""

from __future__ import annotations

from pathlib import Path

from shapetui.tui.dialogs import Choose
from shapetui.workbench import intents
from tests.tui.screens import User, with_everything, workbench
from tests.workbench.benches import fitted


def reports(folder: Path) -> Path:
    return folder.resolve() / "reports"


async def edited_and_left(user: User, folder: Path) -> float:
    """Changes a parameter of the config, then opens another shape; the changed value."""
    user.app.intend(intents.Nudge(3, True))
    value = user.value
    user.app.intend(intents.OpenShape(str(reports(folder) / "elsewhere.json")))
    assert str(user.bench.draft.shape_path).endswith("elsewhere.json")
    return value


async def test_undo_ends_where_a_document_was_opened_and_says_so_once(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="calibrate") as user:
        start = user.bench.draft
        await user.press("right_square_bracket", "right_square_bracket")
        await user.until(lambda: user.bench.draft != start)
        # As of a key that is held down.
        await user.press(*["u"] * 20)
        await user.hears("nothing to undo")
        await user.settles()
        assert user.bench.draft == start, "the documents with which the session began stay open"
        assert user.notices.count("nothing to undo") == 1
        assert user.bench.future
        user.app.intend(intents.OpenShape(str(reports(tmp_path) / "elsewhere.json")))
        await user.press(*["u"] * 20)
        await user.hears("undo ends where elsewhere.json was opened")
        await user.settles()
        assert str(user.bench.draft.shape_path).endswith("elsewhere.json")
        assert user.notices.count("undo ends where elsewhere.json was opened") == 1


async def test_unsaved_changes_before_an_opening_are_gone_back_to_only_when_somebody_says_so(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="calibrate") as user:
        value = await edited_and_left(user, tmp_path)
        await user.press("u", "u", "u")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.sees("undo ends where elsewhere.json was opened", "go back to config.json with its unsaved changes")
        await user.press("escape")
        await user.arrives("calibrate")
        assert str(user.bench.draft.shape_path).endswith("elsewhere.json")
        await user.press("u")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("enter")
        await user.hears("back to config.json, with its unsaved changes")
        assert str(user.bench.draft.shape_path).endswith("shape.json")
        assert user.value == value
        # Redo opens it again, and says so; the changes are still there to be taken back.
        await user.press("U")
        await user.hears("opened again: elsewhere.json")
        assert str(user.bench.draft.shape_path).endswith("elsewhere.json")


async def test_a_write_is_no_opening(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="calibrate") as user:
        user.app.intend(intents.Nudge(3, True))
        await user.press("w")
        await user.hears("written: ")
        await user.press("u")
        await user.until(lambda: user.bench.unsaved)
        assert user.bench.draft.config is not None
        assert user.bench.draft.config.conversation_generation == fitted().conversation_generation


async def test_the_checklist_follows_the_config_that_is_open(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path)) as user:
        user.app.intend(intents.Nudge(3, True))
        user.app.tuning.write()
        await user.until(lambda: user.shown.steps[2].note.startswith("calibrated-config-"))
        user.app.intend(intents.OpenConfig(str(reports(tmp_path) / "config.json")))
        assert user.shown.steps[2].note == "config"
