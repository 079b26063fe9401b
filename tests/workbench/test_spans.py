"""Where something passes, found from some values of a parameter."""

from __future__ import annotations

import math

import pytest

from shapetui.workbench.spans import Span, Spans

SPANS = Spans((0.0, 1.0, 2.0, 3.0, 4.0), 1, whole=False)


@pytest.mark.parametrize(
    ("uses", "found"),
    [
        ((2.0, 0.5, 0.5, 0.5, 2.0), Span(1 - 1 / 3, 3 + 1 / 3, False, False)),
        ((0.5, 0.5, 0.5, 0.5, 0.5), Span(0.0, 4.0, True, True)),
        ((2.0, 2.0, 2.0, 2.0, 2.0), None),
        # Two of them: the one that is nearer to the present value.
        ((0.5, 2.0, 2.0, 0.5, 0.5), Span(0.0, 1 / 3, True, False)),
        # Beyond what has no distance, nothing is told.
        ((math.inf, 0.5, math.inf, math.inf, math.inf), Span(1.0, 1.0, False, False)),
    ],
)
def test_it_ends_where_the_line_between_two_values_crosses_the_limit(
    uses: tuple[float, ...], found: Span | None
) -> None:
    span = SPANS.within(uses)
    assert (span is None) == (found is None)
    if span is not None and found is not None:
        assert (span.low, span.high) == pytest.approx((found.low, found.high))
        assert (span.open_low, span.open_high) == (found.open_low, found.open_high)


def test_what_is_only_good_or_bad_ends_at_the_last_good_value() -> None:
    assert SPANS.where([False, True, True, False, True]) == Span(1.0, 2.0, False, False)
    assert SPANS.where([False, False, False, False, True]) == Span(4.0, 4.0, False, True)
    assert SPANS.where([False] * 5) is None


def test_whole_numbers_end_at_whole_numbers_within() -> None:
    spans = Spans((10.0, 20.0, 30.0), 1, whole=True)
    assert spans.within((2.0, 0.5, 2.0)) == Span(17.0, 23.0, False, False)
