"""The workbench over links and in windows that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from shapetui.database.target import Target
from shapetui.documents.files import save
from tests.tui.long_job import eventually, many_times, slices
from tests.tui.terminal import SHAPETUI, Terminal
from tests.workbench.benches import chat, fitted

SLOW: Final = 10_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    (tmp_path / "reports").mkdir()
    save(many_times(chat(), 40), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    return tmp_path


@pytest.fixture
def open_on(folder: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens the workbench of the folder."""
    opened: list[Terminal] = []

    def opener(database: str = "embedded:nobody", rate: float = 0) -> Terminal:
        terminal = Terminal([*SHAPETUI, folder], environment={"SHAPETUI_SYNTHETIC_URL": database}, rate=rate)
        opened.append(terminal)
        # The documents are listed before they are opened, which the top line tells; a key may come only then.
        terminal.until(lambda text: "shape · config" in text and database in text)
        terminal.quiet()
        return terminal

    yield opener
    for terminal in opened:
        terminal.close()


def calibrating(terminal: Terminal) -> str:
    """The Calibrate screen after a burst of keys, when nothing comes any more."""
    terminal.press("3")
    terminal.until(lambda text: "expected verdict" in text)
    terminal.press("]" * 25 + "{" + "[" * 5 + "j]]]")
    terminal.answer()
    return terminal.text


def test_a_slow_link_ends_at_the_same_picture_as_a_fast_one(open_on: Callable[..., Terminal]) -> None:
    assert calibrating(open_on(rate=SLOW)) == calibrating(open_on())


def test_a_link_that_has_stalled_through_a_job_shows_the_present_when_it_is_back(
    open_on: Callable[..., Terminal], target: Target
) -> None:
    terminal = open_on(target.label)
    terminal.press("4g")
    eventually(lambda: terminal.watch(0.05) >= 0 and slices(target) > 0)
    # Nobody reads from here on. Screens and back are more than the system keeps for a reader.
    before = slices(target)
    terminal.press("1234" * 30)
    eventually(lambda: slices(target) >= before + 5)
    terminal.press("3")
    terminal.until(lambda text: "expected verdict" in text)
    fresh = open_on()
    fresh.press("3")
    fresh.until(lambda text: "expected verdict" in text)
    fresh.quiet()
    terminal.press("x")
    # Notices come and go at the right; the left half is the plot and the parameters.
    terminal.until(lambda _: left(terminal) == left(fresh))


def left(terminal: Terminal) -> list[str]:
    """The left half of what is between the first and the last row."""
    return [row[:60] for row in terminal.screen.display[1:-1]]


def test_windows_of_any_size_and_back(open_on: Callable[..., Terminal]) -> None:
    terminal = open_on()
    terminal.press("3")
    terminal.until(lambda text: "expected verdict" in text)
    terminal.quiet()
    shown = terminal.text
    for width, height in ((60, 20), (10, 4), (200, 60), (80, 24)):
        terminal.resize(width, height)
        terminal.answer()
    terminal.resize(120, 40)
    terminal.until(lambda text: text == shown)
