"""Files: what is in the folder, what belongs together, what to do next, both databases."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.tui.dialogs import Form
from tests.tui.screens import NOBODY, User, put, with_documents, with_everything, workbench
from tests.workbench.benches import chat, fitted, hand_made


def cursor(user: User) -> str:
    """The line that the cursor is on."""
    return next(line for line in user.lines if line.startswith("│ ▸"))


def on(user: User, name: str) -> bool:
    """Whether the cursor is on a document, and seen there."""
    return name in cursor(user)


async def test_documents_stand_below_the_shape_that_they_belong_to(tmp_path: Path) -> None:
    hand = put(hand_made(), with_everything(tmp_path), "hand.json", 0)
    raw = json.loads(hand.read_text())
    raw.pop("schema_version", None)
    hand.write_text(json.dumps(raw))
    async with workbench(tmp_path) as user:
        await user.until(lambda: user.shown.rounds)
        names = [entry.path.name for entry in user.shown.listed]
        assert names == [
            "shape.json",
            "config.json",
            "fidelity-report-2.json",
            "fidelity-report-1.json",
            "elsewhere.json",
            "hand.json",
        ]
        await user.sees("✓ shape.json   5,000 conversations, 50,400 messages", "✓ config.json   from shape.json")
        await user.sees("✓ fidelity-report-2.json   WARNING, GO, 3 of 4", "! hand.json   no source named")
        rows = [next(y for y, line in enumerate(user.lines) if name in line) for name in names]
        assert rows == sorted(rows), "in the order of the cursor"


async def test_enter_opens_each_kind_on_the_screen_that_shows_it(tmp_path: Path) -> None:
    put(hand_made(), with_everything(tmp_path), "hand.json", 9)
    async with workbench(tmp_path) as user:
        await user.until(lambda: user.shown.rounds)
        # The newest of each kind is open from the start.
        assert Path(str(user.bench.draft.config_path)).name == "hand.json"
        for name, place in (
            ("elsewhere.json", "shape"),
            ("config.json", "calibrate"),
            ("fidelity-report-1.json", "report"),
        ):
            await user.go("files")
            while user.shown.chosen is None or user.shown.chosen.path.name != name:
                await user.press("j")
                await user.settles()
            await user.until(partial(on, user, name))
            await user.press("enter")
            await user.arrives(place)
        assert Path(str(user.bench.draft.shape_path)).name == "elsewhere.json"
        assert user.bench.draft.loaded == fitted()
        assert user.round == 0
        await user.sees("FAIL")
        # Undo takes back edits: what was opened stays open.
        await user.press("u", "u")
        await user.hears("undo ends where config.json was opened")
        assert user.bench.draft.loaded == fitted()
        assert user.notices.count("undo ends where config.json was opened") == 1, "a key that is held down is told once"


async def test_a_filter_narrows_the_list_until_it_is_emptied(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path)) as user:
        await user.until(lambda: user.shown.rounds)
        await user.press("slash")
        await user.answer("FIDELITY")
        await user.sees("documents holding “FIDELITY”")
        assert [entry.path.name for entry in user.shown.listed] == ["fidelity-report-2.json", "fidelity-report-1.json"]
        assert "elsewhere" not in user.text
        await user.press("k", "enter")
        await user.until(lambda: user.at("report") and user.round == 0)
        await user.go("files")
        await user.press("slash")
        await user.answer("[bold]nothing[/]")
        await user.sees("no document holds “[bold]nothing[/]”")
        await user.press("enter", "j", "c")
        await user.hears("choose a shape first")
        await user.press("slash")
        await user.until(lambda: isinstance(user.app.screen, Form))
        await user.press("escape")
        await user.sees("no document holds")
        await user.press("slash")
        await user.answer("")
        await user.sees("elsewhere.json", "shape.json")


async def test_calibrating_a_shape_writes_a_config_of_its_own_and_opens_both(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(chat(), tmp_path, "shape.json", 1)
    async with workbench(tmp_path, ready=False) as user:
        await user.until(lambda: user.shown.workbench is not None and user.bench.draft.shape is not None)
        await user.sees("▸ nothing personal", "press c on a shape")
        await user.press("c")
        await user.until(lambda: user.at("calibrate") and user.bench.draft.config is not None)
        [path] = (tmp_path / "reports").glob("calibrated-config-*.json")
        assert load(path, Config).calibration_metadata.source_shape_file == "shape.json"
        assert user.bench.draft.config == load(path, Config)
        assert not user.bench.unsaved
        await user.go("files")
        await user.sees("✓ generator calibrated", f"✓ {path.name}   from shape.json")
        # On the config there is nothing to fit.
        await user.press("j", "c")
        await user.hears("choose a shape first")


async def test_an_empty_folder_says_how_to_begin_and_no_key_does_harm(tmp_path: Path) -> None:
    async with workbench(tmp_path, ready=False) as user:
        await user.sees("nothing here yet", "D  the whole loop", "S  measure the shape")
        await user.until(lambda: user.shown.workbench is not None)
        await user.press("enter", "j", "k", "pagedown")
        for key, answer in (
            ("c", "choose a shape first"),
            ("u", "nothing to undo"),
            ("U", "nothing to redo"),
            ("g", "there is no config to generate from: press c on a shape"),
            ("v", "there is no production shape to judge by: open one"),
            ("r", "there is no config to generate from: press c on a shape"),
            ("l", "the loop needs a shape and a config"),
        ):
            user.notices.clear()
            await user.press(key)
            await user.hears(answer)
        assert user.shown.news is None
        for place, text in (
            ("shape", "no shape is open"),
            ("calibrate", "no config yet"),
            ("run", "no job yet"),
            ("report", "no report yet"),
        ):
            await user.go(place)
            await user.sees(text)
            await user.press("a", "c", "t", "o", "e", "d", "s", "L", "equals_sign", "left_square_bracket", "space", "k")
            await user.settles()
            await user.closes()
        assert user.shown.entries == ()


async def test_what_is_being_worked_on_is_not_replaced_by_a_file_that_turns_up(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path)) as user:
        await user.press("j")
        await user.until(lambda: "config.json" in cursor(user))
        draft = user.bench.draft
        put(chat(), tmp_path, "newest.json", 30)
        put(hand_made(), tmp_path, "newest-config.json", 31)
        user.app.documents.read_again()
        await user.sees("newest.json", "newest-config.json")
        assert user.bench.draft is draft
        # And the cursor stays on its document.
        await user.until(lambda: " config.json" in cursor(user))


async def test_both_databases_are_looked_at_and_again_on_demand(tmp_path: Path, target: Target) -> None:
    async with workbench(tmp_path, target.label, production=NOBODY, ready=False) as user:
        await user.sees(target.label, "PostgreSQL", "primary, 0 messages", "nobody: empty")
        await user.sees("nobody@/nonexistent:5432", "cannot connect")
        with target.open() as connection:
            connection.execute("CREATE TABLE messages (id text)")
            connection.execute("INSERT INTO messages VALUES ('a')")
        await user.press("R")
        await user.sees("1 messages", "by somebody else: 1 rows")


async def test_the_first_frame_names_the_files_before_any_is_read(tmp_path: Path) -> None:
    with_everything(tmp_path)
    async with workbench(tmp_path, ready=False) as user:
        assert user.shown.names == tuple(sorted((p.name for p in (tmp_path / "reports").iterdir()), reverse=True))
        assert user.shown.entries == ()
        await user.until(lambda: user.shown.loaded)
