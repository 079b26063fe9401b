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
from shapetui.tui.dialogs import Choose, Form, Line, Read, ask
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
