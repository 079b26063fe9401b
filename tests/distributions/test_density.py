"""Histograms as curves: nothing is lost in columns, the CCDF is exact at cells, merged cells are no difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.distributions.density import (
    densities,
    density_of_columns,
    joined_in,
    merged_ranges,
    on_same_cells,
    reached_in_columns,
)
from shapetui.distributions.histogram import Histogram

VALUES = st.lists(st.integers(0, 10**6), min_size=1, max_size=200)


@settings(max_examples=50, deadline=None)
@given(VALUES, st.integers(1, 120), st.booleans())
def test_columns_together_hold_every_value_above_zero(values: list[int], columns: int, log: bool) -> None:
    histogram = Histogram.of_values(np.array(values))
    high = 21.0 if log else float(2**21)
    density = density_of_columns(histogram, 0.0, high, columns, log=log)
    held = np.mean(np.array(values) > 0) if log else 1.0
    assert density.sum() * high / columns == pytest.approx(held, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(VALUES, st.integers(1, 120), st.booleans())
def test_the_ccdf_never_rises(values: list[int], columns: int, log: bool) -> None:
    histogram = Histogram.of_values(np.array(values))
    reached = reached_in_columns(histogram, 0.0, 21.0 if log else float(2**21), columns, log=log)
    assert (np.diff(reached) <= 1e-12).all()
    assert reached.min() >= 0
    assert reached.max() <= 1


def test_the_ccdf_is_exact_where_a_cell_begins() -> None:
    histogram = Histogram.of_cells([(1, 1, 50), (2, 2, 30), (3, 3, 15), (4, 4, 5)])
    # Columns of width 1 around 1, 2, 3, 4 have their middles there.
    assert reached_in_columns(histogram, 0.5, 4.5, 4, log=False) == pytest.approx([1.0, 0.5, 0.2, 0.05])
    assert reached_in_columns(histogram, -0.5, 2.5, 3, log=True) == pytest.approx([1.0, 0.5, 0.05])


def test_a_share_per_integer_does_not_depend_on_the_width_of_the_cell() -> None:
    histogram = Histogram.of_cells([(0, 9, 100), (10, 99, 900)])
    assert densities(histogram, log=False) == pytest.approx([0.01, 0.01])
    assert density_of_columns(histogram, 0.0, 100.0, 10, log=False) == pytest.approx(np.full(10, 0.01))


def test_only_pieces_that_begin_below_the_limit_are_counted() -> None:
    histogram = Histogram.of_cells([(1, 1, 1), (2, 3, 1), (4, 7, 2)])
    assert densities(histogram, below=2.0) == pytest.approx([0.25, 0.25])


def test_a_piece_alone_and_narrower_than_a_column_counts_as_wide_as_one() -> None:
    histogram = Histogram.of_cells([(1, 1, 1), (10**15 - 1, 10**15 - 1, 1)])
    assert densities(histogram, finest=0.5) == pytest.approx([0.5, 1.0])
    assert np.isfinite(densities(histogram)).all()
    side_by_side = Histogram.of_cells([(value, value, 1) for value in range(8, 16)])
    assert densities(side_by_side, finest=0.5) == pytest.approx(densities(side_by_side))


def test_zeros_have_no_place_on_a_logarithmic_axis_but_stay_in_the_total() -> None:
    histogram = Histogram.of_cells([(0, 0, 75), (1, 1, 25)])
    assert density_of_columns(histogram, 0.0, 1.0, 1) == pytest.approx([0.25])
    assert density_of_columns(Histogram.of_cells([(0, 0, 3)]), 0.0, 1.0, 4).tolist() == [0.0] * 4


def test_a_cell_merged_on_one_side_is_merged_on_both() -> None:
    fine = Histogram.of_cells([(value, value, 10) for value in range(1, 9)])
    merged = Histogram.of_cells([*fine.cells()[:5], (6, 8, 30)])
    one, other = on_same_cells(fine, merged)
    assert other is not None
    assert one.cells() == other.cells() == merged.cells()


def test_thin_cells_of_the_upper_end_are_joined() -> None:
    one, other = on_same_cells(Histogram.of_cells([(1, 1, 90), (10, 11, 2), (20, 21, 1), (40, 43, 2)]), None)
    assert other is None
    assert one.cells() == [(1, 1, 90), (10, 43, 5)]


def test_an_empty_histogram_has_no_curve() -> None:
    nothing = Histogram.of_cells([])
    assert density_of_columns(nothing, 0.0, 1.0, 3).tolist() == [0.0] * 3
    assert reached_in_columns(nothing, 0.0, 1.0, 3).tolist() == [0.0] * 3
    assert on_same_cells(nothing, nothing)[0].total == 0


def test_ranges_of_merged_bins_end_where_every_part_knows_how_many_lie_below() -> None:
    fine = [(value, value, 50) for value in range(1, 11)]
    part = Histogram.of_cells([*fine, (11, 14, 11), (15, 20, 12), (21, 23, 13)])
    assert merged_ranges([part]) == ((11, 14), (15, 20))
    other = Histogram.of_cells([(1, 1, 9), (11, 20, 500)])
    assert merged_ranges([part, other]) == ((11, 20),)


def test_a_little_that_was_merged_marks_nothing() -> None:
    part = Histogram.of_cells([(value, value, 50) for value in range(1, 11)])
    assert merged_ranges([part, Histogram.of_cells([(1, 4, 11), (5, 10, 12)])]) == ()
    assert merged_ranges([part]) == ()
    assert merged_ranges([]) == ()


def test_cells_that_are_not_of_the_fixed_bins_are_not_merged_ones() -> None:
    assert merged_ranges([Histogram.of_cells([(0, 49, 60), (50, 99, 40)])]) == ()


def test_a_range_of_cells_is_joined_and_what_crosses_its_ends_is_not() -> None:
    side = Histogram.of_cells([(1, 1, 9), (4, 4, 1), (6, 6, 2), (8, 9, 5)])
    assert joined_in(side, ((3, 7),)).cells() == [(1, 1, 9), (3, 7, 3), (8, 9, 5)]
    assert joined_in(side, ((3, 8),)).cells() == [(1, 1, 9), (3, 7, 3), (8, 9, 5)]
    assert joined_in(side, ((5, 5), (9, 9), (10, 20))).cells() == side.cells()


@settings(max_examples=50, deadline=None)
@given(VALUES, st.integers(0, 100), st.integers(0, 10**4))
def test_joining_keeps_the_total(values: list[int], low: int, width: int) -> None:
    histogram = Histogram.of_values(np.array(values))
    assert joined_in(histogram, ((low, low + width),)).total == histogram.total
