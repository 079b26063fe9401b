"""The driver, under a small app of its own: output, input and their ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal

# It shows the last key and how many there were; q leaves. Signals end it as they end the workbench.
_APP = """
import asyncio, signal, sys
from textual.app import App
from textual.widgets import Static
from shapetui.tui.thin import ThinDriver

class Small(App):
    ENABLE_COMMAND_PALETTE = False
    keys = 0

    def __init__(self):
        super().__init__(driver_class=ThinDriver)

    def compose(self):
        yield Static("ready", id="word")

    def on_mount(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.leave, number)

    def leave(self, number):
        self.exit(return_code=128 + number)

    def on_key(self, event):
        if event.key == "q":
            self.exit(return_code=0)
        self.keys += 1
        self.query_one("#word", Static).update(f"{event.key} {self.keys}")

    async def on_mouse_down(self, event):
        self.query_one("#word", Static).update(f"mouse at {event.x}")

    def on_paste(self, event):
        self.query_one("#word", Static).update(f"pasted {event.text}")

app = Small()
app.run()
sys.exit(app.return_code)
"""


def small(leads: bool = True) -> Terminal:
    """The small app, ready."""
    terminal = Terminal([sys.executable, "-c", _APP], width=40, height=10, leads=leads)
    terminal.until(lambda text: "ready" in text)
    return terminal


def test_keys_mouse_and_pastes_arrive_and_it_leaves_as_it_came() -> None:
    terminal = small()
    for keys, seen in (
        ("a", "a 1"),
        ("é", " 2"),
        ("\x1b[A", "up 3"),
        ("\x1b[<0;6;2M", "mouse at 5"),
        ("\x1b[200~words\x1b[201~", "pasted words"),
        ("\x1b", "escape 4"),
    ):
        terminal.press(keys)
        terminal.until(lambda text, seen=seen: seen in text)  # type: ignore[misc]
    terminal.press("q")
    assert terminal.ended() == 0
    for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l"):
        assert sequence in terminal.sent
    terminal.close()


@pytest.mark.parametrize("leads", [True, False], ids=["with a hangup", "without a hangup"])
def test_a_closed_window_is_a_hangup_whether_the_system_says_so_or_not(leads: bool) -> None:
    terminal = small(leads=leads)
    terminal.hang_up()
    assert terminal.ended() == 128 + signal.SIGHUP
    terminal.close()


def test_a_signal_leaves_as_a_key_does() -> None:
    terminal = small()
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.ended() == 128 + signal.SIGTERM
    assert b"\x1b[?1049l" in terminal.sent
    terminal.close()


def test_a_small_change_is_a_small_message() -> None:
    terminal = small()
    terminal.press("a")
    terminal.until(lambda text: "a 1" in text)
    assert terminal.quiet() == 0
    before = len(terminal.sent)
    terminal.press("a")
    terminal.until(lambda text: "a 2" in text)
    assert len(terminal.sent) - before < 60
    terminal.close()


def test_a_window_of_another_size_shows_the_whole_picture() -> None:
    terminal = small()
    for width, height in ((20, 5), (60, 20), (40, 10)):
        terminal.screen.erase_in_display(2)
        terminal.resize(width, height)
        terminal.press("a")
        terminal.until(lambda text: "a " in text)
    terminal.close()


def test_it_is_seen_when_standard_error_is_a_file(tmp_path: Path) -> None:
    script = f'exec "{sys.executable}" -c "$APP" 2>"{tmp_path}/log"'
    terminal = Terminal(["sh", "-c", script], environment={"APP": _APP}, width=40, height=10)
    terminal.until(lambda text: "ready" in text)
    terminal.press("q")
    assert terminal.ended() == 0
    assert (tmp_path / "log").read_bytes() == b""
    terminal.close()


def test_it_continues_with_its_picture_after_a_stop() -> None:
    terminal = small()
    terminal.press("a")
    terminal.until(lambda text: "a 1" in text)
    os.kill(terminal.process.pid, signal.SIGTSTP)
    while b"\x1b[?1049l" not in terminal.sent:
        terminal.watch(0.05)
    terminal.screen.reset()
    os.kill(terminal.process.pid, signal.SIGCONT)
    terminal.until(lambda text: "a 1" in text)
    terminal.press("b")
    terminal.until(lambda text: "b 2" in text)
    terminal.close()
