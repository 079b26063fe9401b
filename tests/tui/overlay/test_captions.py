"""The words around the picture: title, legend, what a height means, and notices instead of a picture."""

from __future__ import annotations

from dataclasses import replace

from shapetui.distributions.histogram import Histogram
from shapetui.tui.overlay import ASCII, BLOCK, EMPTY, OverlayData, draw, text_of
from shapetui.tui.overlay.axes import across
from tests.tui.overlay.pictures import BOTH, PRODUCTION, lines


def test_the_top_line_names_the_title_and_both_sides() -> None:
    top = lines(draw(BOTH, 100, 30))[0]
    assert top.startswith("messages per conversation ")
    assert top.endswith("██ production  ━━ synthetic")
    assert lines(draw(BOTH, 20, 6))[0] == "██ produ…  ━━ synth…"


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


def test_the_legend_says_what_is_hatched_or_the_sentence_below_does() -> None:
    data = replace(BOTH, merged=((96, 7000),))
    wide, narrow, low = (lines(draw(data, *size)) for size in ((100, 30), (70, 30), (70, 10)))
    assert wide[0].endswith("██ production  ▒▒ merged below k  ━━ synthetic")
    assert "merged" not in wide[-1]
    assert "merged" not in narrow[0]
    assert narrow[-1].rstrip() == "share of conversations per doubling; ▒▒ merged below k"
    assert lines(draw(data, 50, 30))[-1].rstrip() == "share per doubling; ▒▒ merged below k"
    assert "merged" not in "".join(low)
    assert "// merged below k" in text_of(draw(data, 100, 30, ASCII))


def test_nothing_is_said_of_hatching_that_is_not_in_sight() -> None:
    for data in (BOTH, replace(BOTH, merged=((10**6, 10**7),)), replace(BOTH, production=None, merged=((96, 7000),))):
        assert "merged" not in text_of(draw(data, 100, 30))
