"""What goes over the wire, and how it ends: the app on a pseudo-terminal."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shapetui.documents.files import save
from tests.tui.terminal import Terminal
from tests.workbench.benches import chat, fitted


def _shows(text: str, screen: str) -> bool:
    return text in screen


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The app on a shape and its config."""
    (tmp_path / "reports").mkdir()
    save(chat(), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    running = Terminal(tmp_path)
    running.until(lambda text: "config.json" in text and "embedded:nobody" in text)
    yield running
    running.close()


def test_the_wire_is_silent_when_nothing_happens_and_short_when_something_does(terminal: Terminal) -> None:
    for key, text in (("2", "certificate"), ("3", "expected verdict"), ("4", "plan"), ("5", "trail"), ("1", "check")):
        terminal.press(key)
        terminal.until(partial(_shows, text))
        terminal.quiet(0.3)
    for key in "23451":
        terminal.press(key)
        # It ends with two seconds in which nothing comes, the folder having been looked at meanwhile.
        assert 0 < terminal.quiet(2.1) <= 20_000, key
    terminal.press("3")
    terminal.quiet()
    for key in "[[]":
        terminal.press(key)
        assert 0 < terminal.quiet() <= 9_000, key


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_a_clean_terminal_and_the_journal(
    terminal: Terminal, tmp_path: Path, number: signal.Signals
) -> None:
    terminal.press("3")
    terminal.until(lambda text: "expected verdict" in text)
    terminal.press("]")
    terminal.until(lambda text: "unsaved" in text)
    terminal.process.send_signal(number)
    assert terminal.ended() == 128 + number
    # The other screen is left, the cursor is back, the mouse is no longer reported.
    for switched_off in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):
        assert switched_off in terminal.sent
    [journal] = (tmp_path / "reports" / ".shapetui").glob("journal-*.jsonl")
    assert "nudge" in journal.read_text().lower()
    assert list(journal.parent.glob("draft-*.json"))
