"""Fewer bytes, the same picture."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from shapetui.tui.thin import thinned

_CODES = st.sampled_from(
    ["0", "1", "2", "3", "4", "7", "9", "", "1;38;2;1;2;3;48;2;4;5;6", "38;2;9;9;9", "48;2;8;8;8", "44", "39", "49"]
)
_TEXTS = st.sampled_from(["a", " ", "   ", "b c", "\x1b[2;3H", "\r\n", ""])


def picture(data: str) -> tuple[object, object]:
    """What a terminal makes of it, with what it would make of text that follows; blanks have no foreground."""
    screen = pyte.Screen(20, 5)
    pyte.Stream(screen).feed(data + "Z")
    cells = {
        (y, x): cell if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough else (" ", cell.bg)
        for y in range(5)
        for x in range(20)
        for cell in [screen.buffer[y][x]]
    }
    return cells, (screen.cursor.x, screen.cursor.y)


@given(st.lists(st.tuples(_CODES, _TEXTS), max_size=12))
def test_the_picture_is_the_same(pieces: list[tuple[str, str]]) -> None:
    data = "".join(f"\x1b[{codes}m{text}" for codes, text in pieces)
    assert picture(thinned(data)) == picture(data)


def test_a_colour_that_stays_is_said_once() -> None:
    data = "\x1b[38;2;1;2;3;48;2;4;5;6ma\x1b[0m" * 3
    assert thinned(data) == "\x1b[0;38;2;1;2;3;48;2;4;5;6maaa\x1b[0m"
    assert thinned("no colours") == "no colours"
