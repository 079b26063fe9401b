"""Cells for fitting: gaps are cells, exact counts are grouped without losing any."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shapetui.distributions.cells import adjoining, grouped, grown_edges, on_edges
from shapetui.distributions.histogram import Histogram


def test_gaps_are_cells_without_a_count() -> None:
    cells = adjoining(Histogram.of_cells([(1, 1, 5), (2, 3, 4), (7, 7, 1)]), endless=False)
    assert cells.lo.tolist() == [1, 2, 4, 7]
    assert cells.hi.tolist() == [1, 3, 6, 7]
    assert cells.counts.tolist() == [5, 4, 0, 1]
    assert cells.reached().tolist() == [0.5, 0.9, 0.9, 1.0]


def test_a_law_without_end_has_a_cell_without_end() -> None:
    cells = adjoining(Histogram.of_cells([(3, 3, 5), (4, 4, 1)]), endless=True).beginning_at(1)
    assert cells.lo.tolist() == [1, 3, 4, 5]
    assert cells.hi.tolist() == [2, 3, 4, np.inf]
    assert cells.counts.tolist() == [0, 5, 1, 0]
    assert cells.beginning_at(1) is cells


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 100), st.integers(1, 64))
def test_grown_edges_ascend_from_single_integers_to_wide_cells(first: int, more: int, singles: int, per: int) -> None:
    edges = grown_edges(first, first + more, singles, per)
    assert edges[0] == first
    assert edges[-1] <= first + more
    assert (np.diff(edges) > 0).all()
    assert edges[: min(singles, more + 1)].tolist() == list(range(first, first + min(singles, more + 1)))


@given(st.dictionaries(st.integers(1, 10**6), st.integers(1, 1000), min_size=1, max_size=200), st.integers(1, 50))
def test_grouping_keeps_every_value(found: dict[int, int], most: int) -> None:
    counts = Histogram.of_cells([(value, value, count) for value, count in found.items()])
    small = grouped(counts, most, 8, 4)
    assert small.total == counts.total
    assert (small.lo[0], small.hi[-1]) == (counts.lo[0], counts.hi[-1])
    if counts.lo.size <= most:
        assert small.cells() == counts.cells()


def test_cells_that_are_wide_already_stay_as_they_are() -> None:
    counts = Histogram.of_cells([(1, 1, 5), (2, 2, 3), (3, 8, 4)])
    assert grouped(counts, 1, 1, 1).cells() == counts.cells()


def test_values_below_the_first_edge_are_left_out() -> None:
    counts = Histogram.of_cells([(1, 1, 5), (2, 2, 3), (9, 9, 4)])
    assert on_edges(counts, np.array([2, 4])).cells() == [(2, 3, 3), (4, 9, 4)]
