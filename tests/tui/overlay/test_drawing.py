"""Facts of the drawing: how high a bar is, where the line lies, that nothing is cut, on any histograms and sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from shapetui.distributions.histogram import Histogram
from shapetui.tui.overlay import ASCII, BLOCK, BRAILLE, GLYPHS, Glyphs, OverlayData, draw, text_of
from shapetui.tui.overlay.axes import across, upright_linear
from tests.tui.overlay.pictures import BOTH, PRODUCTION, SIZES, SYNTHETIC, bar_heights, canvas, levels_of_line, lines


@pytest.mark.parametrize("glyphs", GLYPHS.values(), ids=GLYPHS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_row_is_exactly_as_wide_as_asked(size: tuple[int, int], glyphs: Glyphs) -> None:
    for data in (BOTH, replace(BOTH, log_x=False, log_y=False), replace(BOTH, ccdf=True)):
        drawn = lines(draw(data, *size, glyphs))
        assert [cell_len(line) for line in drawn] == [size[0]] * size[1]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.none() | st.dictionaries(st.integers(0, 10**15 - 1), st.integers(0, 10**9)), min_size=2, max_size=2),
    st.integers(0, 250),
    st.integers(0, 70),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.sampled_from(list(GLYPHS.values())),
    st.tuples(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20)),
)
def test_any_histograms_at_any_size_are_drawn_exactly(
    counts: list[dict[int, int] | None],
    width: int,
    height: int,
    flags: tuple[bool, bool, bool],
    glyphs: Glyphs,
    texts: tuple[str, str, str],
) -> None:
    sides = [None if side is None else Histogram.of_cells([(v, v, n) for v, n in side.items()]) for side in counts]
    log_x, log_y, ccdf = flags
    data = OverlayData(sides[0], sides[1], texts[0], texts[1:], log_x=log_x, log_y=log_y, ccdf=ccdf)
    drawn = lines(draw(data, width, height, glyphs))
    assert [cell_len(line) for line in drawn] == [width] * height
    if glyphs is ASCII:
        assert all(line.isascii() and line.isprintable() for line in drawn)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=300), st.integers(20, 250), st.integers(6, 70))
def test_histograms_in_the_fixed_bins_are_drawn_exactly(values: list[int], width: int, height: int) -> None:
    half = len(values) // 2
    one, other = (Histogram.of_values(np.array(part, dtype=np.int64)) for part in (values[:half], values[half:]))
    drawn = lines(draw(OverlayData(one, other), width, height))
    assert [cell_len(line) for line in drawn] == [width] * height


def test_a_bar_stands_in_the_columns_of_its_value() -> None:
    histogram = Histogram.of_cells([(1, 1, 10), (8, 8, 10), (64, 64, 10)])
    rows = canvas(draw(OverlayData(histogram, None), 105, 24))
    columns = len(rows[0])
    axis = across([histogram], log=True)
    filled = {column for column, height in enumerate(bar_heights(rows)) if height}
    for value in (1, 8, 64):
        assert axis.column(value, columns) in filled
    for value in (3, 7, 20, 60, 80, 100):
        assert axis.column(value, columns) not in filled


def test_on_linear_axes_heights_are_the_shares() -> None:
    histogram = Histogram.of_cells([(0, 0, 10), (1, 1, 20), (2, 2, 30), (3, 3, 40)])
    rows = canvas(draw(OverlayData(histogram, None, log_x=False, log_y=False), 64, 25))
    heights, axis = bar_heights(rows), across([histogram], log=False)
    at = [heights[axis.column(value, len(heights)) + 2] for value in range(4)]
    assert at == pytest.approx([at[3] * share for share in (0.25, 0.5, 0.75, 1)], abs=1 / 8)
    # All shares together: the area is the whole, in rows of the axis and columns per integer.
    top = upright_linear(0.4).high
    area = sum(heights) / len(rows) * top * axis.high / len(heights)
    assert area == pytest.approx(1, abs=0.03)


def test_ten_times_the_share_is_a_decade_higher() -> None:
    histogram = Histogram.of_cells([(1, 1, 1000), (2, 3, 100), (4, 7, 10)])
    rows = canvas(draw(OverlayData(histogram, None), 64, 40))
    heights, axis = bar_heights(rows), across([histogram], log=True)
    at = [heights[axis.column(value, len(heights)) + 2] for value in (1, 2, 4)]
    assert at[0] - at[1] == pytest.approx(at[1] - at[2], abs=1 / 4)


def test_the_line_lies_above_the_fill_where_synthetic_has_more() -> None:
    production = Histogram.of_cells([(1, 1, 500), (2, 3, 100), (4, 7, 100), (8, 15, 300)])
    synthetic = Histogram.of_cells([(1, 1, 100), (2, 3, 500), (4, 7, 300), (8, 15, 100)])
    drawing = draw(OverlayData(production, synthetic), 70, 30)
    bars = bar_heights(canvas(draw(OverlayData(production, None), 70, 30)))
    line = levels_of_line(drawing)
    axis = across([production], log=True)
    for value, above in ((1, False), (2, True), (4, True), (8, False)):
        column = axis.column(value, len(bars)) + 4
        assert (line[column] + 0.5 > bars[column]) is above
    strip = lines(drawing)[-2][-len(bars) :]
    for value, sign in ((1, BLOCK.much_less), (2, BLOCK.much_more), (4, BLOCK.much_more), (8, BLOCK.much_less)):
        assert strip[axis.column(value, len(bars)) + 4] == sign


def test_the_line_is_visible_over_the_fill_without_colour() -> None:
    drawn = canvas(draw(OverlayData(PRODUCTION, PRODUCTION), 80, 24))
    assert all(any(row[column] in "━┓┗┛┏┃" for row in drawn) for column in range(60))


def test_equal_sides_differ_nowhere() -> None:
    strip = lines(draw(OverlayData(PRODUCTION, PRODUCTION), 100, 30))[-2]
    assert set(strip.removeprefix("  diff")) <= {" ", BLOCK.same}


def test_small_and_large_differences_have_signs_of_their_own() -> None:
    cells = [(1, 1), (2, 3), (4, 7), (8, 15), (16, 31)]
    one = Histogram.of_cells([(lo, hi, 1000) for lo, hi in cells])
    other = Histogram.of_cells([(lo, hi, n) for (lo, hi), n in zip(cells, [1000, 1250, 2000, 750, 400], strict=True)])
    strip = lines(draw(OverlayData(one, other), 60, 20))[-2]
    order = "".join(dict.fromkeys(strip.removeprefix(" diff").replace("diff", "").replace(" ", "")))
    # 5400 in all: shares are 0.93, 1.16, 1.85, 0.69 and 0.37 of production's.
    assert order == BLOCK.same + BLOCK.more + BLOCK.much_more + BLOCK.less + BLOCK.much_less


def test_the_ccdf_begins_at_all_and_never_rises() -> None:
    rows = canvas(draw(OverlayData(PRODUCTION, None, ccdf=True), 100, 30))
    heights = bar_heights(rows)
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 0.9 * len(rows)
    line = levels_of_line(draw(OverlayData(None, SYNTHETIC, ccdf=True), 100, 30))
    levels = [line[column] for column in sorted(line)]
    assert levels == sorted(levels, reverse=True)
    assert "100%" in text_of(draw(OverlayData(PRODUCTION, None, ccdf=True), 100, 30))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_ascii_is_only_ascii(size: tuple[int, int]) -> None:
    drawn = draw(OverlayData(PRODUCTION, SYNTHETIC, "größe ✓", ("prodüktion", "—")), *size, ASCII)
    assert text_of(drawn).isascii()
    assert "#" in text_of(drawn)
    assert "=" in text_of(drawn) or "-" in text_of(drawn)


def test_braille_draws_the_line_in_dots_on_blocks() -> None:
    text = text_of(draw(BOTH, 100, 30, BRAILLE))
    assert sum(0x2800 < ord(glyph) < 0x2900 for glyph in text) > 60
    assert "█" in text
    assert "┏" not in text


def test_rows_have_few_runs() -> None:
    # Each run costs about twenty bytes of colour on the wire.
    assert max(len(row) for row in draw(BOTH, 100, 30)[1:-3]) <= 9


@pytest.mark.parametrize("glyphs", GLYPHS.values(), ids=GLYPHS)
def test_merged_ranges_and_nothing_else_are_hatched(glyphs: Glyphs) -> None:
    cells = [(1, 1, 800), (2, 3, 400), (4, 7, 200), (8, 15, 100), (16, 31, 50)]
    data = OverlayData(Histogram.of_cells(cells), None, merged=((4, 7), (16, 31)))
    rows = canvas(draw(data, 60, 30, glyphs), glyphs)
    axis = across([Histogram.of_cells(cells)], log=True)
    columns = len(rows[0])
    hatched = {column for row in rows for column, glyph in enumerate(row) if glyph == glyphs.hatch}
    expected = {
        column for lo, hi in data.merged for column in range(axis.column(lo, columns), axis.column(hi + 1, columns))
    }
    assert hatched == expected


def test_the_line_over_a_hatched_bar_lies_on_the_background() -> None:
    roles = [
        {role for row in draw(replace(BOTH, merged=merged), 100, 30) for _, role in row}
        for merged in ((), ((1, 10_000),))
    ]
    assert "over" in roles[0]
    assert "over" not in roles[1]
    assert roles[1] - roles[0] == {"merged"}


def test_inside_a_merged_range_the_strip_compares_the_range_as_a_whole() -> None:
    one = Histogram.of_cells([(1, 1, 400), (2, 2, 200), (3, 3, 200), (4, 4, 90), (5, 5, 10), (6, 6, 10), (7, 7, 90)])
    other = Histogram.of_cells([(1, 1, 400), (2, 2, 200), (3, 3, 200), (4, 4, 10), (5, 5, 90), (6, 6, 90), (7, 7, 10)])
    apart, whole = (lines(draw(OverlayData(one, other, merged=merged), 80, 20))[-2] for merged in ((), ((4, 7),)))
    assert BLOCK.much_more in apart
    assert BLOCK.much_less in apart
    assert set(whole.removeprefix(" diff")) <= {" ", BLOCK.same, *"dif"}


def test_the_steps_of_rounding_inside_a_merged_range_are_not_drawn() -> None:
    cells = [(value, value, 10_000 // value**2) for value in range(1, 17)]
    rough = [*cells, (20, 22, 3), (29, 30, 5), (40, 50, 2)]
    rows = canvas(draw(OverlayData(Histogram.of_cells(rough), None, merged=((17, 56),)), 100, 30))
    heights = bar_heights([row.replace(BLOCK.hatch, BLOCK.fill[8]) for row in rows])
    axis = across([Histogram.of_cells(rough)], log=True)
    inside = heights[axis.column(17, len(heights)) : axis.column(57, len(heights))]
    assert min(inside) > 0
    assert inside == sorted(inside, reverse=True)


def test_a_bar_of_ascii_characters_has_no_background_for_the_line() -> None:
    assert "over" not in {role for row in draw(BOTH, 100, 30, ASCII) for _, role in row}
