"""Histograms over integer cells: comparing two of different resolution never raises a false alarm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapetui.distributions.histogram import Histogram, common_edges, cumulative_at, merged
from shapetui.fidelity.measures import ks_distance

VALUES = st.lists(st.integers(0, 3000), min_size=1, max_size=200)


def coarsened(histogram: Histogram, cuts: list[int]) -> Histogram:
    """Neighbouring cells joined, except where the index of a cell is in `cuts`."""
    cells: list[tuple[int, int, int]] = []
    for index, (lo, hi, count) in enumerate(histogram.cells()):
        if cells and index not in cuts:
            cells[-1] = (cells[-1][0], hi, cells[-1][2] + count)
        else:
            cells.append((lo, hi, count))
    return Histogram.of_cells(cells)


def test_values_are_counted_in_the_fixed_bins() -> None:
    found = Histogram.of_values(np.array([0, 3, 3, 13, 12, 20, 21]))
    assert found.cells() == [(0, 0, 1), (3, 3, 2), (12, 14, 2), (17, 20, 1), (21, 23, 1)]


def test_cells_may_come_in_any_order() -> None:
    assert Histogram.of_cells([(5, 9, 1), (0, 4, 2)]).cells() == [(0, 4, 2), (5, 9, 1)]


@pytest.mark.parametrize(
    "cells", [[(0, 4, 1), (4, 9, 1)], [(5, 4, 1)], [(0, 4, -1)]], ids=["overlap", "upside down", "negative count"]
)
def test_what_is_no_histogram_is_refused(cells: list[tuple[int, int, int]]) -> None:
    with pytest.raises(ValueError, match="cells must ascend"):
        Histogram.of_cells(cells)


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        Histogram(np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.int64), np.ones(3, dtype=np.int64))


def test_an_empty_histogram_has_no_total_and_no_cells() -> None:
    empty = Histogram.of_cells([])
    assert (empty.total, empty.cells(), empty.cumulative().size) == (0, [], 0)


def test_cutting_at_a_value_keeps_whole_cells() -> None:
    cells = Histogram.of_cells([(0, 0, 5), (1, 4, 6), (5, 9, 7)])
    assert cells.from_value(1).cells() == [(1, 4, 6), (5, 9, 7)]
    assert cells.from_value(2).cells() == [(5, 9, 7)]
    assert cells.below_value(5).cells() == [(0, 0, 5), (1, 4, 6)]
    assert cells.below_value(4).cells() == [(0, 0, 5)]


def test_edges_inside_a_merged_cell_are_not_common() -> None:
    fine = Histogram.of_cells([(1, 1, 4), (2, 2, 3), (3, 3, 2), (4, 7, 1)])
    coarse = Histogram.of_cells([(1, 1, 4), (2, 3, 5), (4, 7, 1)])
    assert common_edges(fine, coarse).tolist() == [0, 1, 3, 7]
    assert cumulative_at(fine, common_edges(fine, coarse)).tolist() == [0.0, 0.4, 0.9, 1.0]
    assert cumulative_at(coarse, common_edges(fine, coarse)).tolist() == [0.0, 0.4, 0.9, 1.0]


def test_edges_in_the_gap_between_two_cells_are_known() -> None:
    gap = Histogram.of_cells([(1, 2, 1), (10, 12, 1)])
    inside = Histogram.of_cells([(5, 6, 1)])
    assert common_edges(gap, inside).tolist() == [0, 2, 4, 6, 9, 12]
    assert cumulative_at(gap, common_edges(gap, inside)).tolist() == [0.0, 0.5, 0.5, 0.5, 0.5, 1.0]


def test_an_empty_cell_hides_no_edge() -> None:
    one = Histogram.of_cells([(1, 9, 0), (10, 10, 3)])
    other = Histogram.of_cells([(4, 5, 2), (10, 10, 1)])
    assert common_edges(one, other).tolist() == [3, 5, 9, 10]


@given(VALUES, st.lists(st.integers(0, 60)))
def test_a_histogram_and_its_own_coarsening_are_at_distance_zero(values: list[int], cuts: list[int]) -> None:
    fine = Histogram.of_values(np.array(values))
    assert ks_distance(fine, coarsened(fine, cuts)) == 0.0
    assert ks_distance(coarsened(fine, cuts), fine) == 0.0


@given(VALUES, VALUES)
def test_the_distance_in_the_fixed_bins_is_the_largest_difference_at_their_edges(
    one: list[int], other: list[int]
) -> None:
    first, second = Histogram.of_values(np.array(one)), Histogram.of_values(np.array(other))
    edges = common_edges(first, second)
    by_hand = max(abs(np.mean(np.array(one) <= edge) - np.mean(np.array(other) <= edge)) for edge in edges)
    assert ks_distance(first, second) == pytest.approx(by_hand, abs=1e-12)


@given(VALUES, VALUES, st.lists(st.integers(0, 60)), st.lists(st.integers(0, 60)))
def test_a_coarser_side_never_makes_the_distance_larger(
    one: list[int], other: list[int], cuts: list[int], other_cuts: list[int]
) -> None:
    first, second = Histogram.of_values(np.array(one)), Histogram.of_values(np.array(other))
    fine = ks_distance(first, second)
    coarse = ks_distance(coarsened(first, cuts), coarsened(second, other_cuts))
    assert fine is not None
    assert coarse is not None
    assert coarse <= fine + 1e-12


@given(st.lists(st.tuples(VALUES, st.lists(st.integers(0, 60))), min_size=1, max_size=4))
def test_merging_keeps_every_value_and_every_edge_that_all_parts_know(parts: list[tuple[list[int], list[int]]]) -> None:
    histograms = [coarsened(Histogram.of_values(np.array(values)), cuts) for values, cuts in parts]
    together = merged(histograms)
    values = np.array([value for part, _ in parts for value in part])
    assert together.total == values.size
    for lo, hi, count in together.cells():
        assert ((values >= lo) & (values <= hi)).sum() == count


def test_merging_joins_cells_that_overlap() -> None:
    one = Histogram.of_cells([(1, 1, 1), (2, 3, 2), (9, 9, 1)])
    other = Histogram.of_cells([(1, 1, 1), (3, 5, 4)])
    assert merged([one, other]).cells() == [(1, 1, 2), (2, 5, 6), (9, 9, 1)]
    assert merged([]).cells() == []
