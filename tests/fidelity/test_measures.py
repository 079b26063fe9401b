"""Distances between shapes, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shapetui.distributions.histogram import Histogram
from shapetui.fidelity.measures import ks_distance, percentile_errors, relative_error, same_cells


def test_the_lattice_distance_is_the_largest_difference_between_the_two_staircases() -> None:
    one = Histogram.of_cells([(1, 1, 50), (2, 2, 30), (3, 3, 20)])
    other = Histogram.of_cells([(1, 1, 40), (2, 2, 20), (3, 3, 40)])
    assert ks_distance(one, other) == pytest.approx(0.2)


def test_nothing_has_no_distance() -> None:
    one, empty = Histogram.of_cells([(1, 1, 5)]), Histogram.of_cells([])
    assert ks_distance(one, empty) is None
    assert ks_distance(empty, one) is None
    assert ks_distance(empty, Histogram.of_cells([(1, 1, 0)])) is None


def test_one_cell_against_one_cell_knows_only_its_ends() -> None:
    assert ks_distance(Histogram.of_cells([(0, 9, 5)]), Histogram.of_cells([(5, 20, 5)])) == 0.0
    assert ks_distance(Histogram.of_cells([(0, 9, 5)]), Histogram.of_cells([(10, 20, 5)])) == 1.0


@pytest.mark.parametrize(
    ("expected", "actual", "error"), [(100, 85, -0.15), (50, 60, 0.2), (0, 3, 3.0), (0.5, 1.5, 1.0)]
)
def test_the_relative_error_is_the_originals(expected: float, actual: float, error: float) -> None:
    assert relative_error(expected, actual) == pytest.approx(error)


def test_percentiles_are_compared_where_both_sides_have_them() -> None:
    found = percentile_errors({"p50": 10, "p90": 100}, {"p50": 11, "p99": 7}, [], None)
    assert found == {"p50": pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("synthetic", "error"), [(7240, 0.0), (1100, 0.0), (1000, 0.0), (900, -0.1), (500, -0.5), (7964, 0.1)]
)
def test_a_top_coded_percentile_is_only_known_to_lie_in_its_cell(synthetic: int, error: float) -> None:
    found = percentile_errors({"p99": 7240}, {"p99": synthetic}, ["p99", "max"], (1000, 7240))
    assert found["p99"] == pytest.approx(error, abs=1e-4)


def test_a_percentile_that_is_not_top_coded_is_taken_at_its_word() -> None:
    found = percentile_errors({"p95": 1000, "p99": 7240}, {"p95": 900, "p99": 5000}, ["p99"], (2000, 7240))
    assert found == {"p95": pytest.approx(-0.1), "p99": 0.0}


def test_both_sides_are_shown_in_the_same_cells() -> None:
    fine = Histogram.of_values(np.array([0, 1, 2, 2, 3, 13]))
    coarse = Histogram.of_cells([(0, 0, 1), (1, 3, 6), (12, 14, 3)])
    assert same_cells(fine, coarse) == {"0": (1, 1), "1-3": (4, 6), "12-14": (1, 3)}
    assert same_cells(Histogram.of_cells([]), Histogram.of_cells([])) == {}
