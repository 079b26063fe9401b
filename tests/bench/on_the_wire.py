"""What the workbench sends, and when: bytes and milliseconds at the other end of a pseudo-terminal of 120 x 40."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shapetui.database.target import Target
from tests.bench.measured import Measured
from tests.tui.long_job import complete, slices
from tests.tui.terminal import PATIENCE, SHAPETUI, Terminal

# After so long without a byte, the last one that came was the last one.
SILENCE: Final = 0.15
NUDGES: Final = 40
_EMPTY: Final = """
from textual.app import App
from textual.widgets import Label
class Empty(App):
    def compose(self):
        yield Label("an empty app")
Empty().run()
"""


@contextmanager
def opened(workspace: Path, database: str = "embedded:nobody", rate: float = 0) -> Iterator[Terminal]:
    """The workbench, its documents and the state of its database on the screen, and silent."""
    forgotten(workspace)
    terminal = Terminal([*SHAPETUI, workspace], environment={"SHAPETUI_SYNTHETIC_URL": database}, rate=rate)
    try:
        terminal.until(lambda text: named(workspace, text) and database in text)
        terminal.quiet()
        yield terminal
    finally:
        terminal.close()


def forgotten(workspace: Path) -> None:
    """Removes the journals of sessions that were ended without a goodbye, or the next one would ask about them."""
    shutil.rmtree(workspace / "reports" / ".shapetui", ignore_errors=True)


def named(workspace: Path, text: str) -> bool:
    """Whether a screen names a document of the workspace."""
    return any(path.stem[:20] in text for path in (workspace / "reports").glob("*.json"))


def first_frame(workspace: Path, rounds: int) -> Iterator[Measured]:
    """From the start of the process to the names of the documents, alternating with an empty Textual app."""
    empty: list[float] = []
    useful: list[float] = []
    sent: list[float] = []
    commands: tuple[tuple[list[str], list[float]], ...] = (
        ([sys.executable, "-c", _EMPTY], empty),
        ([*SHAPETUI, str(workspace)], useful),
    )
    for _ in range(rounds):
        for command, times in commands:
            forgotten(workspace)
            begun = time.monotonic()
            terminal = Terminal(command, environment={"SHAPETUI_SYNTHETIC_URL": "embedded:nobody"})
            terminal.until(lambda text: "an empty app" in text or named(workspace, text))
            times.append(terminal.last - begun)
            if times is useful:
                terminal.quiet()
                sent.append(float(len(terminal.sent)))
            terminal.close()
    yield Measured("an empty Textual app", tuple(empty), "s")
    yield Measured("first useful frame", tuple(useful), "s", max(0.8, 1.7 * sorted(empty)[len(empty) // 2]))
    yield Measured("first useful frame", tuple(sent), "B", 20_000)


def screens(workspace: Path) -> Iterator[Measured]:
    """Switching to every screen, twice; silence on each; help."""
    with opened(workspace) as terminal:
        visits = [[float(_press(terminal, key)) for key in "23451"] for _ in range(3)]
        yield Measured("first visit of a screen", tuple(visits[0]), "B", 20_000, each=True)
        yield Measured("next visits", (*visits[1], *visits[2]), "B", 20_000, each=True)
        times = [_milliseconds(terminal, key) for key in "234512345123451"]
        yield Measured("next visits, from key to last byte", tuple(times), "ms")
        silent, helped = [], []
        for key in "23451":
            _press(terminal, key)
            silent.append(float(terminal.watch(3.0)))
            helped += [float(_press(terminal, "?")), float(_press(terminal, "\x1b"))]
        yield Measured("idle for 3 s, every screen", tuple(silent), "B", 0, each=True)
        yield Measured("help comes and goes, every screen", tuple(helped), "B", 20_000, each=True)


def nudges(workspace: Path) -> Iterator[Measured]:
    """One by one, and 40 in a burst."""
    with opened(workspace) as terminal:
        _press(terminal, "3")
        sizes, times = [], []
        for key in "]" * NUDGES:
            before = len(terminal.sent)
            times.append(_milliseconds(terminal, key))
            sizes.append(float(len(terminal.sent) - before))
        one_by_one = _settled(terminal)
        for key in "[" * 10 + "]" * 10:
            times.append(_milliseconds(terminal, key))
        yield Measured("a nudge", tuple(sizes), "B", 9_000, each=True)
        yield Measured("a nudge, from key to last byte", tuple(times), "ms", 60)
        # Back and forth: the ten that were taken back and given again are in the undo as well.
        _press(terminal, "u" * (NUDGES + 20))
        sent = float(_press(terminal, "]" * NUDGES))
        yield Measured("40 nudges in one burst", (sent,), "B", 60_000)
        yield Measured("40 nudges in one burst: rows that are wrong", (_wrong(terminal, one_by_one),), "", 0)


def slow_link(workspace: Path, rate: float) -> Iterator[Measured]:
    """The same burst over a link of so many bytes a second."""
    keys = "]" * NUDGES + "{"
    # One after the other: each forgets the journals of the workspace, and a session whose journal goes away says so.
    with opened(workspace) as fast:
        for part in ("3", keys):
            _press(fast, part)
        wanted = _settled(fast)
    with opened(workspace, rate=rate) as slow:
        _press(slow, "3")
        begun = time.monotonic()
        slow.press(keys)
        slow.answer()
        yield Measured(f"at {rate:,.0f} B/s: 41 nudges to last byte", (1000 * (slow.last - begun),), "ms")
        yield Measured("  rows that differ from a fast link's", (_wrong(slow, wanted),), "", 0)


def job(workspace: Path, target: Target) -> Iterator[Measured]:
    """While a generation runs into an empty database: the trickle on every screen, keys, and its end in the middle."""
    with opened(workspace, target.label) as terminal:
        for key in "23454":
            _press(terminal, key)
        terminal.press("g")
        _wait_for(terminal, target)
        trickle, switches, presses = [], [], []
        for key in "12345":
            switches.append(_first_answer(terminal, key))
            terminal.watch(0.7)
            trickle.append(terminal.watch(2.0) / 2)
        _press(terminal, "3", 0.3)
        for _ in range(5):
            presses.append(_first_answer(terminal, "]"))
            terminal.watch(0.3)
        assert not complete(target), "the job has ended before all was measured: it needs more messages"
        yield Measured("a running job, every screen", tuple(trickle), "B/s", 2_000, each=True)
        yield Measured("another screen beside a job, from key to first byte", tuple(switches), "ms")
        yield Measured("a nudge beside a job, from key to first byte", tuple(presses), "ms")
        begun = time.monotonic()
        terminal.process.terminate()
        terminal.ended()
        yield Measured("SIGTERM in the middle of a job, until it has ended", (1000 * (terminal.over - begun),), "ms")


def quitting(workspace: Path, rounds: int) -> Iterator[Measured]:
    """q without a job."""
    times = []
    for _ in range(rounds):
        with opened(workspace) as terminal:
            begun = time.monotonic()
            terminal.press("q")
            terminal.ended()
            times.append(1000 * (terminal.over - begun))
    yield Measured("q, until the process has ended", tuple(times), "ms")


def _press(terminal: Terminal, keys: str, silence: float = 0.7) -> int:
    """How many bytes come of keys."""
    terminal.press(keys)
    return terminal.answer(silence)


def _milliseconds(terminal: Terminal, key: str) -> float:
    begun = time.monotonic()
    terminal.press(key)
    terminal.answer(SILENCE)
    return 1000 * (terminal.last - begun)


def _first_answer(terminal: Terminal, key: str) -> float:
    """Milliseconds to the first hundred bytes at once: what a job tells at a time is less."""
    begun, end = time.monotonic(), time.monotonic() + PATIENCE
    terminal.press(key)
    while terminal.watch(0.001) < 100 and time.monotonic() < end:
        pass
    return 1000 * (terminal.last - begun)


def _settled(terminal: Terminal) -> list[str]:
    terminal.quiet()
    return [row.rstrip() for row in terminal.screen.display]


def _wrong(terminal: Terminal, wanted: list[str]) -> float:
    end = time.monotonic() + 10
    # A notice may still be on one of them.
    while (rows := _settled(terminal)) != wanted and time.monotonic() < end:
        terminal.watch(0.5)
    return float(sum(row != other for row, other in zip(rows, wanted, strict=True)))


def _wait_for(terminal: Terminal, target: Target) -> None:
    end = time.monotonic() + PATIENCE
    while not slices(target):
        assert time.monotonic() < end, terminal.text
        terminal.watch(0.05)
