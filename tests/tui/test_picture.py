"""Less is sent, and the same is seen."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shapetui.tui.picture import Picture

WIDTH, HEIGHT = 12, 4
BLUE = "\x1b[38;2;1;2;3;48;2;4;5;6m"
PIECES = st.tuples(
    st.integers(1, HEIGHT),
    st.integers(1, WIDTH // 2).map(lambda half: 2 * half - 1),
    st.sampled_from(["0", "1;38;2;1;2;3;48;2;4;5;6", "38;2;9;9;9", "48;2;8;8;8", "7", "4"]),
    # Two cells and more, as nothing here may leave half of a wide glyph: Textual never does.
    st.sampled_from(["ab", "  ", "    ", "b c ", "██━━", "漢", "漢字x ", "e\u0301f", "🔎ab"]),
)


def frame(pieces: list[tuple[int, int, str, str]]) -> str:
    """What Textual would write. What does not fit into the terminal is left out."""
    return "".join(
        f"\x1b[{y};{x}H\x1b[{codes}m{text}\x1b[0m" for y, x, codes, text in pieces if x - 1 + cell_len(text) <= WIDTH
    )


def seen(screen: pyte.Screen) -> list[object]:
    """All cells. Blanks have no foreground."""
    cells = [screen.buffer[y][x] for y in range(screen.lines) for x in range(screen.columns)]
    return [
        cell if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough else (" ", cell.bg)
        for cell in cells
    ]


@given(st.lists(st.lists(PIECES, min_size=1, max_size=6), max_size=6), st.integers(1, 3), st.booleans())
def test_the_same_is_seen_however_many_frames_are_skipped(
    frames: list[list[tuple[int, int, str, str]]], every: int, forgets: bool
) -> None:
    whole, little = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    picture = Picture(WIDTH, HEIGHT)
    for number, pieces in enumerate(frames, start=1):
        data = frame(pieces)
        pyte.Stream(whole).feed(data)
        assert picture.draw(data)
        if number % every == 0 or number == len(frames):
            pyte.Stream(little).feed(picture.difference())
            assert seen(little) == seen(whole)
            assert picture.difference() == ""
        if forgets and number == 2:
            little.reset()
            picture.forget()


def test_what_is_shown_already_is_not_sent_and_a_colour_that_stays_is_said_once() -> None:
    picture = Picture(20, 2)
    assert picture.draw(f"\x1b[1;1H{BLUE}one\x1b[0m{BLUE} two\x1b[0m")
    assert picture.difference() == f"\x1b[1H{BLUE}one two\x1b[m\x1b[1;8H"
    assert picture.draw(f"\x1b[1;1H{BLUE}one\x1b[0m{BLUE} too\x1b[0m\x1b[2;1H")
    assert picture.difference() == f"\x1b[1;6H{BLUE}o\x1b[m\x1b[2;1H"


def test_a_frame_may_go_on_in_the_next_row() -> None:
    picture = Picture(20, 2)
    assert picture.draw("\x1b[1;1Ha\nb")
    assert picture.difference() == "\x1b[1Ha\x1b[2Hb\x1b[2;2H"
    assert not picture.draw("\x1b[2;1Ha\n"), "it would scroll"


def test_what_stands_behind_a_glyph_of_disputed_width_gets_a_place_of_its_own() -> None:
    for glyph in ("❤\ufe0f", "👩\u200d💻", "漢", "👍🏽"):
        picture = Picture(20, 1)
        assert picture.draw(f"\x1b[1;1Ha{glyph}bc")
        assert picture.difference() == f"\x1b[1Ha{glyph}\x1b[1;4Hbc\x1b[1;6H"
        assert picture.draw(f"\x1b[1;1Ha{glyph}bd")
        assert picture.difference() == "\x1b[1;5Hd\x1b[1;6H"
        assert picture.draw("\x1b[1;1Ha  bd")
        assert picture.difference().endswith("  bd\x1b[1;6H"), "what stood beside it is not sure"


def test_what_is_outside_is_not_drawn() -> None:
    picture = Picture(3, 1)
    assert picture.draw("\x1b[1;2Habcdef\x1b[9;1Hno")
    assert picture.difference() == "\x1b[1;2Hab\x1b[9;3H"


def test_another_size_is_drawn_anew() -> None:
    picture = Picture(3, 1)
    assert picture.draw("\x1b[1;1Habc")
    assert "abc" in picture.difference()
    picture.clear(5, 2)
    assert picture.difference() == ""
    assert picture.draw("\x1b[1;1Habc")
    assert "abc" in picture.difference()


def test_a_frame_that_says_anything_else_is_left_alone() -> None:
    for data in ("\x1b[2J", "\x1b[1;1Ha\x1b[K", "\x1b[1;1Ha\tb", "\x1b[58;5;1ma", "\x1b]8;;https://example.org\x1b\\a"):
        picture = Picture(20, 2)
        assert not picture.draw(data)
        assert picture.difference() == ""
    assert not Picture(20, 2).draw("where?")
