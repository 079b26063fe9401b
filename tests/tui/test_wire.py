"""The wire: never in the way of the app, always at the newest picture."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import threading
import tty
from collections.abc import Iterator

import pyte
import pytest

from shapetui.tui.wire import Wire

PATIENCE = 30.0
START, END = "\x1b[?2026h", "\x1b[?2026l"


class Far:
    """A terminal at the other end of a wire."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.gone = threading.Event()
        self.wire = Wire(self.slave, self.gone.set)

    def received(self) -> bytes:
        """What comes until everything is sent."""
        data = b""
        while not self.wire.finish(0.0) or select.select([self.master], [], [], 0.0)[0]:
            if select.select([self.master], [], [], 0.01)[0]:
                data += os.read(self.master, 65536)
        return data


@pytest.fixture
def far() -> Iterator[Far]:
    """A terminal."""
    terminal = Far()
    yield terminal
    for descriptor in (terminal.slave, terminal.master):
        # Some tests close them.
        try:
            os.close(descriptor)
        except OSError:
            continue


def numbered(number: int) -> str:
    """A frame of 4,000 cells, each different from the last one's."""
    return "".join(f"\x1b[{y};1H{(str(number % 10) * 80)}" for y in range(1, 26)) + f"\x1b[1;1Hframe {number};"


def test_a_terminal_that_takes_nothing_holds_nobody_up_and_gets_the_newest_picture_then(far: Far) -> None:
    for number in range(300):
        far.wire.write(numbered(number))
    assert not far.wire.finish(0.0), "it has taken everything"
    screen = pyte.Screen(80, 25)
    data = far.received()
    pyte.ByteStream(screen).feed(data)
    assert screen.display[0].startswith("frame 299;999")
    assert set("".join(screen.display[1:])) == {"9"}
    assert len(data) < 30 * len(numbered(0)), "old frames were sent"


def test_modes_keep_their_order_and_the_picture_its_place(far: Far) -> None:
    far.wire.write("\x1b[?1049h")
    far.wire.write("\x1b[?25l")
    far.wire.write("\x1b[1;1Habc")
    far.wire.write("\x1b[?1049l")
    assert re.fullmatch(rb"\x1b\[\?1049h.*abc.*\x1b\[\?1049l", data := far.received())
    assert b"\x1b[?25l" in data


def test_entering_the_other_screen_again_draws_it_again(far: Far) -> None:
    far.wire.write("\x1b[?1049h")
    far.wire.write("\x1b[1;1Habc")
    far.wire.write("\x1b[?1049l")
    far.received()
    far.wire.write("\x1b[?1049h")
    assert far.received() == b"\x1b[?1049h\x1b[1Habc\x1b[1;4H"
    far.wire.redraw()
    assert far.received() == b"\x1b[1Habc\x1b[1;4H"


def test_a_terminal_that_shows_whole_frames_at_once_is_told_where_they_begin_and_end(far: Far) -> None:
    for data in (START, "\x1b[1;1Habc", END, START, "\x1b[1;1Habc", END, "\x07"):
        far.wire.write(data)
    assert far.received() in (
        f"{START}\x1b[1Habc\x1b[1;4H{END}\x07".encode(),
        # The bell has overtaken nothing but a frame that says nothing.
        f"\x07{START}\x1b[1Habc\x1b[1;4H{END}".encode(),
    )


def test_what_it_does_not_understand_passes_through_and_the_next_frames_are_whole(far: Far) -> None:
    far.wire.write("\x1b[1;1Habc")
    far.wire.write("\x1b[2J")
    far.wire.write("\x1b[1;1Habc")
    assert far.received() == b"\x1b[1Habc\x1b[1;4H\x1b[2J\x1b[1Habc\x1b[1;4H"


def test_another_size_makes_the_next_frame_whole(far: Far) -> None:
    far.wire.write("\x1b[1;1Habc")
    far.received()
    far.wire.resize(80, 25)
    far.wire.write("\x1b[1;1Habc")
    assert far.received() == b"", "the size is the same"
    far.wire.resize(40, 25)
    far.wire.write("\x1b[1;1Habc")
    assert far.received() == b"\x1b[1Habc\x1b[1;4H"


def test_a_terminal_that_is_gone_is_told_once_and_swallows_the_rest(far: Far) -> None:
    os.close(far.master)
    far.wire.write("\x1b[1;1Habc")
    assert far.gone.wait(PATIENCE)
    for _ in range(100):
        far.wire.write("\x1b[1;1Habc")
    assert far.wire.finish(PATIENCE)


def test_a_terminal_that_refuses_to_wait_is_waited_for(far: Far) -> None:
    flags = fcntl.fcntl(far.slave, fcntl.F_GETFL)
    fcntl.fcntl(far.slave, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    for number in range(40):
        far.wire.write(numbered(number))
        far.wire.write("\x07" * 4000)
    assert far.received().count(b"\x07") == 160_000
    assert not far.gone.is_set()
