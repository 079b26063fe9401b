"""Plots of one line: the widths are exact, a little is never nothing, and more is never less."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.tui.overlay import ASCII, BLOCK, GLYPHS, Glyphs, bar, heat, spark

ALL = pytest.mark.parametrize("glyphs", GLYPHS.values(), ids=GLYPHS)


def test_a_sparkline_is_as_high_as_its_largest_value() -> None:
    assert spark([0, 1, 2, 3, 4, 5, 6, 7, 8], 9) == " ▁▂▃▄▅▆▇█"
    assert spark([0.001, 1.0], 5) == "▁█"
    assert spark([3, 3, 3], 3) == "███"
    assert spark([0, 1, 2, 3, 4, 5], 6, ASCII) == " _.-=#"


def test_more_values_than_cells_keep_their_peaks() -> None:
    assert spark([1, 1, 1, 8, 1, 1], 2) == "▁█"
    assert spark([1, 8], 1) == "█"


def test_a_sparkline_of_nothing_is_empty_or_blank() -> None:
    assert spark([], 5) == ""
    assert spark([1, 2], 0) == ""
    assert spark([0, 0], 5) == "  "
    assert spark([nan, inf, -1, 1], 4) == "   █"


def test_a_bar_has_eighths() -> None:
    assert bar(0.5, 8) == "████    "
    assert bar(3 / 16, 2) == "▍ "
    assert bar(1, 4) == "████"
    assert bar(0.5, 8, ASCII) == "####    "


def test_a_share_outside_of_the_whole_fills_or_empties_the_bar() -> None:
    assert bar(7, 3) == "███"
    assert bar(-1, 3) == bar(nan, 3) == bar(0, 3) == "   "
    assert bar(inf, 3) == "███"
    assert bar(0.5, 0) == ""


def test_a_little_is_seen() -> None:
    assert bar(1e-9, 10) == "▏         "
    assert bar(1e-9, 10, ASCII) == "#         "


@ALL
@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 60))
def test_the_larger_share_has_the_longer_bar(glyphs: Glyphs, one: float, other: float, width: int) -> None:
    def length(drawn: str) -> int:
        return sum(glyphs.eighths.index(glyph) + 1 for glyph in drawn.rstrip())

    small, large = (bar(share, width, glyphs) for share in sorted((one, other)))
    assert len(small) == len(large) == width
    assert length(small) <= length(large)


@ALL
@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(), max_size=80), st.integers(0, 60))
def test_a_sparkline_has_no_more_cells_than_there_are(glyphs: Glyphs, values: list[float], width: int) -> None:
    drawn = spark(values, width, glyphs)
    assert len(drawn) == min(width, len(values))
    assert set(drawn) <= {" ", *glyphs.level}


def test_the_week_has_four_shades_from_the_first_message_to_the_busiest_hour() -> None:
    counts = [0] * 168
    counts[0], counts[1], counts[25], counts[26], counts[167] = 1, 25, 50, 75, 100
    rows = heat(counts)
    assert [len(row) for row in rows] == [24] * 7
    assert rows[0].startswith("░░  ")
    assert rows[1].startswith(" ▒▓ ")
    assert rows[6].endswith(" █")
    assert heat(counts, ASCII)[1].startswith(" :+ ")
    assert heat([0] * 168, BLOCK) == [" " * 24] * 7


def test_a_week_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="168 hours"):
        heat([1] * 24)
