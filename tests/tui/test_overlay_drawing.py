"""Facts of the drawing: where a value lies, how high a bar is, that nothing is cut, on any histograms and sizes."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from shapetui.distributions.histogram import Histogram
from shapetui.distributions.powerlaw import truncated
from shapetui.tui.glyphs import ASCII, BLOCK, BRAILLE, GLYPHS, Glyphs
from shapetui.tui.overlay_axes import Axis, across, percent, short, ticks, upright_linear, upright_log
from shapetui.tui.overlay_drawing import EMPTY, Drawing, OverlayData, draw, text_of


def lean_like(alpha: float, seed: int = 1, size: int = 20_000) -> Histogram:
    """Sizes as in the Lean chat: a log-normal body below 95, a power law from there."""
    random = np.random.default_rng(seed)
    body = np.floor(random.lognormal(1.5, 1.3, size)).astype(np.int64) + 1
    tail = truncated(alpha, 95, 7240).quantile(random.random(size // 30))
    return Histogram.of_values(np.concatenate([body[body < 95], tail]))


PRODUCTION, SYNTHETIC = lean_like(2.9), lean_like(2.3, seed=2)
BOTH = OverlayData(PRODUCTION, SYNTHETIC, "messages per conversation")
SIZES = [(20, 6), (21, 7), (40, 9), (60, 12), (80, 24), (100, 30), (120, 40), (250, 70)]


def lines(drawing: Drawing) -> list[str]:
    return ["".join(text for text, _ in row) for row in drawing]


def canvas(drawing: Drawing, glyphs: Glyphs = BLOCK) -> list[str]:
    """The rows of the plot, right of the vertical axis."""
    found = []
    for line in lines(drawing)[1:]:
        at = min((line.index(mark) for mark in (glyphs.axis, glyphs.tick) if mark in line), default=-1)
        if at < 0:
            break
        found.append(line[at + 1 :])
    return found


def bar_heights(rows: list[str]) -> list[float]:
    """Height in rows of the fill of each column; of a drawing without a line."""
    return [sum(BLOCK.fill.index(row[column]) for row in rows) / 8 for column in range(len(rows[0]))]


def levels_of_line(drawing: Drawing) -> dict[int, int]:
    """Column -> the uppermost row from below in which there is a part of the line."""
    rows = canvas(drawing)
    marks = {BLOCK.across, BLOCK.falls_from, BLOCK.climbs_to, BLOCK.upright, BLOCK.falls_to, BLOCK.climbs_from}
    found: dict[int, int] = {}
    for level, row in enumerate(reversed(rows)):
        found |= {column: level for column, glyph in enumerate(row) if glyph in marks}
    return found


@pytest.mark.parametrize("glyphs", GLYPHS.values(), ids=GLYPHS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_row_is_exactly_as_wide_as_asked(size: tuple[int, int], glyphs: Glyphs) -> None:
    for data in (BOTH, BOTH.with_other_axes(), BOTH.with_other_curve()):
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


def test_the_top_line_names_the_title_and_both_sides() -> None:
    top = lines(draw(BOTH, 100, 30))[0]
    assert top.startswith("messages per conversation ")
    assert top.endswith("██ production  ━━ synthetic")
    assert lines(draw(BOTH, 20, 6))[0] == "██ produ…  ━━ synth…"


@pytest.mark.parametrize(("high", "found"), [(9, "1 2 4 8"), (6000, "1 2 4 8 16 32 64 128 256 512 1k 2k 4k")])
def test_doublings_have_labels_where_there_is_room(high: int, found: str) -> None:
    axis = across([Histogram.of_cells([(1, 1, 1), (high, high, 1)])], log=True)
    assert " ".join(label for _, label in ticks(axis, 100, upright=False)).startswith(found)
    assert next(label for _, label in ticks(axis, 100, upright=False)) == "1"


def test_decades_have_labels_where_there_is_less() -> None:
    axis = across([Histogram.of_cells([(1, 1, 1), (7000, 7000, 1)])], log=True)
    assert [label for _, label in ticks(axis, 40, upright=False)] == ["1", "10", "100", "1k"]
    assert [label for _, label in ticks(upright_log(0.0002, 0.3), 20, upright=True)] == [
        "0.01%",
        "0.1%",
        "1%",
        "10%",
    ]


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 10**15 - 1), st.integers(10, 240), st.booleans())
def test_labels_never_touch(high: int, columns: int, log: bool) -> None:
    axis = across([Histogram.of_cells([(0, 0, 1), (high, high, 9)]).from_value(int(log))], log=log)
    drawn = [" "] * columns
    for cell, label in ticks(axis, columns, upright=False):
        start = max(0, min(cell - (len(label) - 1) // 2, columns - len(label)))
        assert drawn[max(0, start - 1) : start + len(label)] == [" "] * (len(label) + (start > 0))
        drawn[start : start + len(label)] = label
    assert "".join(drawn).strip()


def test_a_value_begins_in_the_column_of_its_logarithm() -> None:
    axis = Axis(0.0, 10.0, True, ())
    assert [axis.column(2**k, 100) for k in range(10)] == list(range(0, 100, 10))
    assert axis.column(0, 100) == -1
    assert axis.column(100, 100) == int(10 * log2(100))


def test_limits_do_not_move_with_the_largest_value() -> None:
    first, second = (across([Histogram.of_cells([(1, 1, 5), (high, high, 5)])], log=True) for high in (4200, 7900))
    assert (first.low, first.high) == (second.low, second.high) == (0.0, 13.0)


def test_a_linear_axis_ends_at_the_99th_percentile_of_a_heavy_tail_and_says_so() -> None:
    assert across([Histogram.of_cells([(1, 20, 1000), (9000, 9000, 5)])], log=False).high < 40
    assert across([Histogram.of_cells([(1, 20, 1000), (60, 60, 5)])], log=False).high >= 61
    assert "beyond " in text_of(draw(OverlayData(PRODUCTION, None, log_x=False), 100, 30))


def test_zeros_are_named_where_they_have_no_place() -> None:
    histogram = Histogram.of_cells([(0, 0, 30), (1, 1, 60), (2, 2, 10)])
    assert "at 0: production 30.0%" in text_of(draw(OverlayData(histogram, None), 80, 20))
    only = Histogram.of_cells([(0, 0, 30)])
    assert "nothing above 0" in text_of(draw(OverlayData(only, only), 80, 20))
    assert "█" in text_of(draw(OverlayData(only, None, log_x=False), 80, 20))
    assert BLOCK.much_more in text_of(draw(OverlayData(only, histogram), 80, 20))
    assert BLOCK.much_less in text_of(draw(OverlayData(histogram, only, ccdf=True), 80, 20))


def test_nothing_is_said_to_be_nothing() -> None:
    empty = Histogram.of_cells([(1, 1, 0), (2, 2, 0)])
    for data in (OverlayData(None, None), OverlayData(empty, None), OverlayData(None, empty)):
        assert EMPTY in text_of(draw(data, 40, 10))


def test_what_is_too_small_says_so() -> None:
    assert "needs 20x6" in text_of(draw(BOTH, 19, 6))
    assert lines(draw(BOTH, 0, 2)) == ["", ""]
    assert draw(BOTH, 80, 0) == ()


def test_control_characters_of_names_are_not_printed() -> None:
    drawn = text_of(draw(OverlayData(PRODUCTION, None, "a\x1b[31mb\tc\u200b", ("\r", "")), 80, 20))
    assert "a?[31mb?c?" in drawn
    assert "\x1b" not in drawn
    assert "\r" not in drawn


def test_rows_have_few_runs() -> None:
    # Each run costs about twenty bytes of colour on the wire.
    assert max(len(row) for row in draw(BOTH, 100, 30)[1:-3]) <= 9


def test_axes_and_curve_are_switched_both_ways() -> None:
    linear = BOTH.with_other_axes()
    assert (linear.log_x, linear.log_y) == (False, False)
    assert (linear.with_other_axes().log_x, linear.with_other_axes().log_y) == (True, True)
    assert linear.with_other_curve().ccdf
    assert linear.with_other_curve().log_x
    assert not BOTH.with_other_curve().with_other_curve().ccdf


def test_round_numbers_are_short() -> None:
    assert [percent(value) for value in (1, 0.5, 0.01, 0.001, 1e-5, 1e-6)] == [
        "100%",
        "50%",
        "1%",
        "0.1%",
        "0.001%",
        "1e-4%",
    ]
    assert [short(value) for value in (0, 999, 1000, 1500, 16_000_000)] == ["0", "999", "1k", "1.5k", "16M"]


def test_the_vertical_axis_follows_production_while_synthetic_goes_a_little_lower() -> None:
    cells = [(1, 1), (2, 3), (4, 7), (8, 15)]

    def lowest_label(last: int) -> str:
        sides = [
            Histogram.of_cells([(lo, hi, n) for (lo, hi), n in zip(cells, [10_000, 3000, 1000, end], strict=True)])
            for end in (300, last)
        ]
        drawn = lines(draw(OverlayData(sides[0], sides[1]), 60, 24))
        return [line.split("┤")[0].strip() for line in drawn if "┤" in line][-1]

    assert lowest_label(300) == lowest_label(100) == lowest_label(20) == "1%"
    assert lowest_label(1) == "0.01%"
