"""The dialogs by themselves, over an app that has nothing else: forms, lists and texts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text
from textual import events
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

import shapetui.tui.app
from shapetui.tui.app import LEAST_SIZE
from shapetui.tui.dialogs import Choose, Form, Line, Read, TooSmall, ask
from shapetui.tui.said import Panel
from tests.tui.screens import with_documents, workbench

UNSAID: Any = object()
EVIL = "a[red]b[/] \x1b[2J [@click=app.bell()]x[/]"


class Small(App[None]):
    """Only a dialog, looking as it does in the workbench; `said` is what came of it."""

    CSS_PATH = Path(shapetui.tui.app.__file__).with_name("shapetui.tcss")
    said: Any = UNSAID


@asynccontextmanager
async def over_nothing(dialog: ModalScreen[Any], size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[None]]:
    """The dialog, open."""
    app = Small()
    async with app.run_test(size=size) as pilot:
        app.push_screen(dialog, lambda said: setattr(app, "said", said))
        await pilot.pause()
        yield pilot


async def type_(pilot: Pilot[Any], *keys: str) -> None:
    """Keys all at once, as a terminal sends what was pasted or typed ahead."""
    for key in keys:
        pilot.app.post_message(
            events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None)
        )
    for _ in range(3):
        await pilot.pause(0)


def text_of(pilot: Pilot[Any]) -> str:
    """The screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(one.text for one in strip) for strip in strips)


def form(*lines: Line) -> Form:
    """A form of some lines, or of two."""
    usual = (
        Line("one", "the first", "1", lambda text: "" if text.isdecimal() else f"not a number: {text}"),
        Line("two", "the second", "b"),
    )
    return Form("a form", "to be filled", lines or usual)


async def test_what_stands_in_a_form_is_accepted_as_it_is() -> None:
    async with over_nothing(form()) as pilot:
        for said in ("a form", "to be filled", "the first", "the second"):
            assert said in text_of(pilot)
        await type_(pilot, "enter")
        assert pilot.app.said == {"one": "1", "two": "b"}  # type: ignore[attr-defined]


async def test_lines_are_gone_through_and_typed_into_behind_what_is_there() -> None:
    async with over_nothing(form()) as pilot:
        await type_(pilot, "2", "down", "c", "tab", "3", "shift+tab", "d", "up", "4", " ", "enter")
        assert pilot.app.said == {"one": "1234", "two": "bcd"}  # type: ignore[attr-defined]


async def test_escape_says_nothing_from_any_line() -> None:
    async with over_nothing(form()) as pilot:
        await type_(pilot, "down", "x", "escape")
        assert pilot.app.said is None  # type: ignore[attr-defined]


async def test_what_is_wrong_is_objected_to_at_its_line_and_literally() -> None:
    async with over_nothing(form()) as pilot:
        await type_(pilot, *"[b]", "down", "enter")
        assert pilot.app.said is UNSAID  # type: ignore[attr-defined]
        assert "not a number: 1[b]" in text_of(pilot)
        focused = pilot.app.focused
        assert isinstance(focused, Input)
        assert focused.id == "line-one"
        await type_(pilot, "backspace", "backspace", "backspace", "enter")
        assert pilot.app.said == {"one": "1", "two": "b"}  # type: ignore[attr-defined]


async def test_a_form_of_one_line() -> None:
    async with over_nothing(ask(EVIL, EVIL, "x", lambda text: "" if text == "xyz" else EVIL)) as pilot:
        # Title, explanation and objection are told literally.
        assert text_of(pilot).count("a[red]b[/] \\x1b[2J") == 2
        await type_(pilot, "y", "enter")
        assert text_of(pilot).count("a[red]b[/] \\x1b[2J") == 3
        await type_(pilot, "z", "enter")
        assert pilot.app.said == {"said": "xyz"}  # type: ignore[attr-defined]


async def test_no_cursor_blinks() -> None:
    """It would cost 2.5 KB a second over SSH."""
    async with over_nothing(form()) as pilot:
        assert [field.cursor_blink for field in pilot.app.screen.query(Input)] == [False, False]


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (("enter",), 0),
        (("j", "j", "enter"), 2),
        (("down", "enter"), 1),
        (("j", "k", "enter"), 0),
        (("k", "enter"), 2),
        (("end", "enter"), 2),
        (("j", "escape"), None),
        (("q",), None),
        (("?",), None),
    ],
)
async def test_a_list_gives_the_index_of_what_was_chosen(keys: Sequence[str], chosen: int | None) -> None:
    async with over_nothing(Choose("choose", [Text("a"), Text(EVIL.replace("\x1b", "")), Text("c")])) as pilot:
        assert "a[red]b[/]" in text_of(pilot)
        await type_(pilot, *keys)
        assert pilot.app.said == chosen  # type: ignore[attr-defined]


async def test_a_long_list_is_scrolled_with_its_cursor() -> None:
    async with over_nothing(
        Choose("choose", [Text(f"line {number}") for number in range(200)]), size=LEAST_SIZE
    ) as pilot:
        await type_(pilot, *["j"] * 150)
        assert "line 150" in text_of(pilot)
        assert pilot.app.screen.query_one(OptionList).highlighted == 150


@pytest.mark.parametrize("key", ["escape", "enter", "q", "d", "space"])
async def test_a_text_is_closed_by_any_of_the_usual_keys(key: str) -> None:
    async with over_nothing(Read("read", Text("all of it\n" * 100))) as pilot:
        assert "all of it" in text_of(pilot)
        await type_(pilot, "down", "pagedown", key)
        assert not isinstance(pilot.app.screen, Read)


async def test_enter_that_ends_a_dialog_may_come_twice(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.press("slash")
        await user.until(lambda: isinstance(user.app.screen, Form))
        # Both at once, as over a slow link.
        for _ in range(2):
            user.app.post_message(events.Key("enter", None))
        await user.until(lambda: not isinstance(user.app.screen, Form) or "from" in user.text)
        await user.closes()
        await user.go("run")


async def test_what_runs_goes_on_behind_a_dialog(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="run") as user:
        user.keep_busy()
        await user.press("question_mark")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        below = user.app.screen_stack[0].query_one("#log", Panel)
        user.app.say_done("something was done")
        await user.until(lambda: "something was done" in str(below.render()))
        [job] = user.app.runner.running
        job.cancel()
        await user.until(lambda: "cancelled" in str(below.render()))
        assert isinstance(user.app.screen, Choose)


@pytest.mark.parametrize("width", [80, 120])
async def test_help_stands_in_columns_at_any_width(tmp_path: Path, width: int) -> None:
    async with workbench(with_documents(tmp_path), size=(width, 24), screen="calibrate") as user:
        await user.press("question_mark")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        rows = [line[line.index("│") + 1 : line.rindex("│")] for line in user.lines if line.count("│") >= 2]
        # Behind keys and titles; the frame, margins and what is before the help.
        assert all(not row[3:36].strip() or not row[:13].isspace() for row in rows if row.strip())


async def test_nothing_shines_through_the_notice_of_too_small_a_terminal(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), size=(50, 15), ready=False) as user:
        await user.until(lambda: isinstance(user.app.screen, TooSmall))
        assert user.app.screen.styles.background.a == 1
        assert "Files" not in user.text
