"""Every screen at the sizes of usual terminals: frames are whole, nothing is cut without a sign of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.text import Text

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.tui.app import LEAST_SIZE
from shapetui.tui.dialogs import Read, TooSmall
from shapetui.workbench.actions import PLACES
from tests.tui.screens import (
    SIZES,
    User,
    another_shape,
    broken_frames,
    cut_short,
    put,
    two_reports,
    with_everything,
    workbench,
)
from tests.workbench.benches import chat, fitted

LONG = {
    "GROUP_CHAT": "A_GROUP_WITH_A_NAME_AS_LONG_AS_ANYBODY_GAVE_ONE",
    "TEXT": "日本語の名前がとても長いので切られます",
}


def with_long_names(folder: Path) -> Path:
    """As `with_everything`, with names of types and files that fit nowhere, one of them in wide letters."""
    (folder / "reports").mkdir()
    name = "shape-of-the-production-database-in-which-everything-has-a-very-long-name-indeed"
    put(another_shape(), folder, "elsewhere.json", 1)
    shape = Shape.model_validate(renamed(chat().model_dump(mode="json")))
    config = Config.model_validate(renamed(fitted().model_dump(mode="json")))
    origin = config.calibration_metadata.model_copy(update={"source_shape_digest": shape.digest()})
    put(shape, folder, f"{name}.json", 2)
    put(config.model_copy(update={"calibration_metadata": origin}), folder, f"config-{name}.json", 3)
    for number, report in enumerate(two_reports(), start=1):
        put(report, folder, f"fidelity-report-{number}-{name}.json", 3 + number)
    return folder


def renamed(value: Any) -> Any:
    """A document with other labels."""
    if isinstance(value, dict):
        return {LONG.get(key, key): renamed(one) for key, one in value.items()}
    return [renamed(one) for one in value] if isinstance(value, list) else value


def check(user: User, place: str, size: tuple[int, int]) -> None:
    """What holds of every screen."""
    lines = user.lines
    assert len(lines) == size[1]
    assert {cell_len(line) for line in lines} == {size[0]}, place
    assert f"▌{PLACES.index(place) + 1} {place.capitalize()}▐" in lines[0]
    assert lines[-1].rstrip().endswith("? help  q quit"), lines[-1]
    assert broken_frames(user) == [], user.text
    assert cut_short(user) == [], user.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_is_whole(size: tuple[int, int], tmp_path: Path) -> None:
    async with workbench(with_long_names(tmp_path), size=size) as user:
        await user.until(lambda: user.shown.production and user.shown.synthetic and user.shown.rounds)
        for place in PLACES:
            await user.go(place)
            await user.pilot.pause()
            check(user, place, size)


async def test_screens_of_an_empty_folder_are_whole_too(tmp_path: Path) -> None:
    async with workbench(tmp_path, size=LEAST_SIZE, ready=False) as user:
        await user.until(lambda: user.shown.loaded and user.shown.production and user.shown.synthetic)
        for place in PLACES:
            await user.go(place)
            await user.pilot.pause()
            check(user, place, LEAST_SIZE)


async def test_too_small_a_terminal_is_told_what_is_needed_and_every_screen_is_there_again(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), size=LEAST_SIZE) as user:
        for place in PLACES:
            await user.go(place)
            await user.resize(LEAST_SIZE[0], LEAST_SIZE[1] - 1)
            await user.until(lambda: isinstance(user.app.screen, TooSmall))
            await user.resize(50, 15)
            await user.sees(f"shapetui needs {LEAST_SIZE[0]}×{LEAST_SIZE[1]}", "this is 50×15")
            # Nobody can see what a key would do now.
            await user.press("u", "g", "1", "question_mark")
            await user.resize(*LEAST_SIZE)
            await user.arrives(place)
            check(user, place, LEAST_SIZE)
            assert user.shown.news is None


async def test_too_small_a_terminal_under_a_dialog_keeps_the_dialog(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="run") as user:
        await user.press("e")
        await user.sees("plan", "messages:")
        await user.resize(50, 15)
        await user.until(lambda: isinstance(user.app.screen, TooSmall))
        await user.resize(120, 40)
        await user.sees("plan", "messages:")
        await user.press("escape")
        await user.arrives("run")


async def test_what_is_told_while_a_dialog_closes_is_shown_and_what_comes_after_it(tmp_path: Path) -> None:
    async with workbench(tmp_path, screen="run", ready=False) as user:
        await user.until(lambda: user.shown.loaded and user.shown.synthetic and user.shown.production)
        dialog = Read("a text", Text("to be read"))
        user.app.push_screen(dialog)
        await user.sees("to be read")
        # It is about to be drawn again, and goes before it is: so does what Textual would do after that.
        dialog.refresh()
        user.app.say_done("told meanwhile")
        for _ in range(20):
            await asyncio.sleep(0)
        dialog.dismiss()
        await user.arrives("run")
        user.app.say_done("told later")
        await user.sees("told meanwhile", "told later")


async def test_the_largest_dialogs_fit_the_smallest_terminal(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), size=LEAST_SIZE, screen="run") as user:
        await user.press("e")
        await user.sees("database:", "messages:", "seed:", "tolerance:", "50400", "0.15")
        [top] = [line for line in user.lines if "─ plan ─" in line]
        [bottom] = [line for line in user.lines if "─ enter accepts" in line]
        assert (top.find("╭"), top.find("╮")) == (bottom.find("╰"), bottom.find("╯"))
        await user.press("escape")
        await user.go("report")
        await user.press("question_mark")
        await user.sees("keys of report", "enter chooses, escape closes")
        await user.press("k")
        # The last of them, and all of its help.
        await user.sees("Quit")


async def test_the_way_out_of_too_small_a_terminal_is_open(tmp_path: Path) -> None:
    async with workbench(tmp_path, size=(30, 8), ready=False) as user:
        await user.until(lambda: isinstance(user.app.screen, TooSmall) and user.shown.loaded)
        await user.press("q")
        await user.until(lambda: user.app.return_code == 0)
