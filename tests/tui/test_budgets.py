"""What goes over the wire at 120 x 40, in bytes: silent when nothing happens, short when something does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from shapetui.database.target import Target
from shapetui.documents.files import save
from tests.tui.long_job import eventually, many_times, slices
from tests.tui.terminal import SHAPETUI, Terminal
from tests.workbench.benches import chat, fitted

SCREENS: Final = "12345"
SWITCH, NUDGE, BURST, DIALOG = 20_000, 9_000, 60_000, 20_000
JOB_PER_SECOND: Final = 2_000


@pytest.fixture
def open_on(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens the workbench on a shape of so many times as much data, and its config."""
    opened: list[Terminal] = []

    def opener(database: str = "embedded:nobody", times: int = 1) -> Terminal:
        (tmp_path / "reports").mkdir()
        save(many_times(chat(), times), tmp_path / "reports" / "shape.json")
        save(fitted(), tmp_path / "reports" / "config.json")
        terminal = Terminal([*SHAPETUI, tmp_path], environment={"SHAPETUI_SYNTHETIC_URL": database})
        opened.append(terminal)
        terminal.until(lambda text: "shape · config" in text and database in text)
        terminal.quiet()
        return terminal

    yield opener
    for terminal in opened:
        terminal.close()


def go(terminal: Terminal, screen: str) -> int:
    """Another screen; how many bytes that took."""
    terminal.press(screen)
    return terminal.answer()


def test_every_screen_is_short_at_the_first_visit_and_the_next_and_silent_between(
    open_on: Callable[..., Terminal],
) -> None:
    terminal = open_on()
    assert len(terminal.sent) <= SWITCH, "the first frame"
    for screen in "2345123451":
        assert go(terminal, screen) <= SWITCH, screen
    for screen in SCREENS:
        terminal.press(screen)
        terminal.quiet()
        # The folder is looked at meanwhile.
        assert terminal.watch(2.1) == 0, screen


def test_a_nudge_and_a_burst_of_nudges_are_short_and_end_alike(open_on: Callable[..., Terminal]) -> None:
    terminal = open_on()
    go(terminal, "3")
    for key in "]" * 40:
        terminal.press(key)
        assert terminal.answer(0.1) <= NUDGE
    # Some of it is computed beside the screen.
    terminal.quiet()
    nudged = told(terminal)
    terminal.press("u" * 40)
    assert terminal.answer() <= BURST
    assert told(terminal) != nudged
    terminal.press("]" * 40)
    assert terminal.answer() <= BURST
    terminal.until(lambda _: told(terminal) == nudged)
    for key in "{}":
        terminal.press(key)
        assert terminal.answer() <= NUDGE


def told(terminal: Terminal) -> list[str]:
    """The rows of the screen."""
    return [row.rstrip() for row in terminal.screen.display]


def test_help_is_short_when_it_comes_and_when_it_goes(open_on: Callable[..., Terminal]) -> None:
    terminal = open_on()
    for screen in "13":
        terminal.press(screen)
        terminal.quiet()
        shown = terminal.text
        terminal.press("?")
        assert terminal.answer() <= DIALOG
        assert terminal.text != shown
        assert terminal.watch(1.0) == 0, "the dialog is not silent"
        terminal.press("\x1b")
        assert terminal.answer() <= DIALOG
        terminal.until(partial(shown.__eq__))


def test_a_running_job_is_a_trickle_on_every_screen(open_on: Callable[..., Terminal], target: Target) -> None:
    terminal = open_on(target.label, times=60)
    # A first visit costs more, and longer beside a job.
    for screen in "23454":
        go(terminal, screen)
    terminal.press("g")
    eventually(lambda: terminal.watch(0.05) >= 0 and slices(target))
    for screen in SCREENS:
        terminal.press(screen)
        terminal.watch(1.0)
        came = terminal.watch(2.0)
        assert came <= 2 * JOB_PER_SECOND, screen
        assert came or screen != "4", "nothing is told of the job"
