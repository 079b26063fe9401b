"""Where a value lies on an axis, and which round values have labels."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.distributions.histogram import Histogram
from shapetui.tui.overlay import OverlayData, draw
from shapetui.tui.overlay.axes import Axis, across, percent, short, ticks, upright_log
from tests.tui.overlay.pictures import lines


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
