"""Power-law tails: published fits from what is published of them, information lost in bins, the choice of xmin."""

from __future__ import annotations

from math import log, sinh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.distributions import powerlaw
from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.tail import ALPHA_HIGHEST, best_tail, fit_tail, scan_xmin, tail_share_up_to
from shapetui.distributions.zeta import power_sum
from tests.distributions.drawn import expected_counts, in_bins, random_counts

# Fits of plfit's test data with plfit itself and with two other programs: alpha, xmin, values in the tail and the
# log-likelihood. At the maximum the three first determine the last, as there the mean logarithm is the law's own.
PLFIT = [
    ("discrete_data", 2.58330, 2, 5457, -9155.61701),
    ("celegans-indegree", 2.99720, 10, 80, -245.14869),
    ("celegans-outdegree", 3.37781, 11, 80, -232.80207),
    ("celegans-totaldegree", 3.29266, 18, 91, -315.78214),
    ("condmat2005-degree", 3.68634, 49, 739, -3152.48302),
]


@pytest.mark.parametrize(
    ("alpha", "xmin", "n", "log_likelihood"), [row[1:] for row in PLFIT], ids=[r[0] for r in PLFIT]
)
def test_the_likelihood_of_a_published_fit(alpha: float, xmin: int, n: int, log_likelihood: float) -> None:
    scale = 1e15
    found = fit_tail(expected_counts(alpha, xmin, scale, last=400_000), xmin, endless=True)
    assert found.alpha == pytest.approx(alpha, abs=1e-4)
    assert found.log_likelihood / scale * n == pytest.approx(log_likelihood, abs=0.02)


@pytest.mark.parametrize(
    ("alpha", "xmin", "first"), [(2.5, 1, 0.745), (1.5, 1, 0.383), (2.5, 2, 0.518), (2.5, 5, 0.258)]
)
def test_the_smallest_value_of_a_law_without_end(alpha: float, xmin: int, first: float) -> None:
    assert float(tail_share_up_to(np.array([xmin]), alpha, xmin, np.inf)[0]) == pytest.approx(first, abs=6e-4)


def test_the_standard_errors_of_published_fits() -> None:
    # Clauset, Shalizi & Newman 2009: table 2, n = 10^4: 2.49(2); table 6.1, words: 1.95(2) of 2958 values from 7 on.
    simulated = fit_tail(expected_counts(2.5, 1, 10_000), 1, endless=True)
    assert round(simulated.standard_error, 2) == 0.02
    words = fit_tail(expected_counts(1.95, 7, 2958e6, last=200_000), 7, endless=True)
    assert round(words.standard_error * 1e3, 2) == 0.02


def test_the_closed_form_of_logarithmic_bins() -> None:
    # Virkar & Clauset 2014, for the continuous law: alpha = 1 + log_c(1 + 1 / mean index). Far out integers are dense.
    edges = np.array([10**7, 10**8, 10**9, 10**10])
    found = fit_tail(Histogram(edges[:-1], edges[1:] - 1, np.array([900, 90, 9])), 10**7, endless=True)
    assert found.alpha == pytest.approx(2.010723865, abs=1e-7)
    assert found.standard_error == pytest.approx(0.0397, abs=5e-5)


@pytest.mark.parametrize(
    ("growth", "kept"), [(2, (0.99, 0.96, 0.92, 0.85)), (5, (0.95, 0.81, 0.63, 0.45)), (10, (0.90, 0.66, 0.40, 0.22))]
)
def test_the_information_that_bins_keep(growth: int, kept: tuple[float, ...]) -> None:
    first = 10**6
    for alpha, share in zip((1.5, 2.0, 2.5, 3.0), kept, strict=True):
        lo = first * float(growth) ** np.arange(int(50 / np.log10(growth) / 6))
        masses = power_sum(alpha, lo, lo * growth - 1) / float(power_sum(alpha, first))
        cells = Histogram(lo.astype(np.int64), (lo * growth - 1).astype(np.int64), np.round(masses * 1e14).astype(int))
        found = fit_tail(cells, first, endless=True)
        information = 1 / (1e14 * found.standard_error**2) * (alpha - 1) ** 2
        y = (alpha - 1) * log(growth)
        assert information == pytest.approx((y / 2 / sinh(y / 2)) ** 2, rel=0.02)
        assert information == pytest.approx(share, abs=0.012)


@settings(deadline=None, max_examples=60)
@given(st.floats(1.2, 5.0), st.integers(1, 60), st.booleans())
def test_expected_counts_give_their_exponent_back(alpha: float, xmin: int, endless: bool) -> None:
    last = 20_000
    # What lies beyond the last value is missing from the law without end.
    held = float(tail_share_up_to(np.array([last]), alpha, xmin, np.inf)[0])
    counts = expected_counts(alpha, xmin, 1e14, last, np.inf if endless else last)
    found = fit_tail(counts, xmin, endless=endless)
    assert found.xmax == (None if endless else counts.hi[-1])
    assert found.alpha == pytest.approx(alpha, abs=2e-4 if not endless else 2e-4 + 30 * (1 - held))


@settings(deadline=None, max_examples=30)
@given(st.floats(-1.0, 4.0), st.integers(1, 40), st.integers(0, 10**6))
def test_a_truncated_fit_is_where_the_likelihood_is_highest(alpha: float, xmin: int, seed: int) -> None:
    counts = random_counts(alpha, xmin, 3000, seed, last=xmin + 500)
    found = fit_tail(counts, xmin)

    def likelihood(exponent: float) -> float:
        logs = -exponent * np.log(counts.lo) - np.log(power_sum(exponent, xmin, counts.hi[-1]))
        return float(counts.counts @ logs)

    assert found.log_likelihood == pytest.approx(likelihood(found.alpha), rel=1e-12)
    step = 0.05 * found.standard_error
    assert likelihood(found.alpha) >= max(likelihood(found.alpha - step), likelihood(found.alpha + step))
    # One standard error away it is half a unit lower.
    assert found.log_likelihood - likelihood(found.alpha + found.standard_error) == pytest.approx(0.5, abs=0.06)
    assert found.aic == 2 - 2 * found.log_likelihood


@settings(deadline=None, max_examples=30)
@given(st.floats(1.3, 4.0), st.integers(1, 30), st.integers(0, 10**6), st.booleans())
def test_the_distance_is_the_largest_over_all_integers(alpha: float, xmin: int, seed: int, endless: bool) -> None:
    counts = random_counts(alpha, xmin, 400, seed, last=xmin + 2000)
    found = fit_tail(counts, xmin, endless=endless)
    every = np.arange(xmin, counts.hi[-1] + 1)
    data = np.searchsorted(np.repeat(counts.lo, counts.counts), every, side="right") / counts.total
    weights = every.astype(np.float64) ** -found.alpha
    law = np.cumsum(weights) / float(power_sum(found.alpha, xmin, np.inf if endless else counts.hi[-1]))
    assert found.ks == pytest.approx(float(np.abs(data - law).max()), abs=1e-9)


def test_fine_bins_say_what_the_values_say() -> None:
    counts = random_counts(2.4, 1, 50_000, seed=1)
    exact, binned = fit_tail(counts, 1), fit_tail(in_bins(counts), 1)
    assert binned.alpha == pytest.approx(exact.alpha, abs=0.3 * exact.standard_error)
    assert binned.standard_error == pytest.approx(exact.standard_error, rel=0.02)


def test_cells_of_a_shape_are_fitted_as_its_tail_is() -> None:
    counts = in_bins(random_counts(2.0, 5, 5000, seed=2, last=3000))
    found, law = fit_tail(counts, 5), powerlaw.fit(counts)
    assert (found.xmin, found.xmax, found.count) == (law.xmin, law.xmax, law.count)
    assert found.alpha == pytest.approx(law.alpha, abs=2e-6)
    assert found.standard_error == pytest.approx(law.standard_error, rel=1e-4)
    assert found.log_likelihood == pytest.approx(law.log_likelihood, rel=1e-12)


def test_a_tail_that_begins_below_its_smallest_value() -> None:
    counts = Histogram.of_cells([(4, 4, 100), (5, 5, 60), (9, 9, 20)])
    found = fit_tail(counts, 2, endless=True)
    assert found.xmin == 2
    # Nobody has 2 or 3, where the law has most.
    assert found.ks >= float(tail_share_up_to(np.array([3]), found.alpha, 2, np.inf)[0]) - 1e-12


def test_values_up_to_a_million_millions() -> None:
    values = 10 ** np.arange(13, dtype=np.int64)
    found = fit_tail(Histogram(values, values, 2 ** np.arange(12, -1, -1)), 1, endless=True)
    assert 1.1 < found.alpha < 1.6
    assert 0 < found.ks < 1


def test_an_exponent_at_a_limit_has_no_standard_error() -> None:
    found = fit_tail(Histogram.of_cells([(1, 1, 10**9), (2, 2, 1)]), 1, endless=True)
    assert found.alpha == pytest.approx(ALPHA_HIGHEST, abs=1e-6)
    assert found.standard_error == np.inf


@pytest.mark.parametrize(("cells", "xmin"), [([], 1), ([(3, 3, 5)], 1), ([(3, 3, 5), (4, 4, 5)], 4)])
def test_one_value_is_no_tail(cells: list[tuple[int, int, int]], xmin: int) -> None:
    with pytest.raises(ValueError, match="two different values"):
        fit_tail(Histogram.of_cells(cells), xmin)
    with pytest.raises(ValueError, match="at 1 or above"):
        fit_tail(Histogram.of_cells(cells), 0)


def body_and_tail(alpha: float, xmin: int, tail: int) -> Histogram:
    """Expected counts of a tail in fixed bins, below it half as many values spread evenly over 1..xmin-1."""
    top = int(upper_edges()[55])
    fine = in_bins(expected_counts(alpha, xmin, tail * 10**7, top, top))
    cells = [(lo, hi, round(count / 10**7)) for lo, hi, count in fine.cells()]
    body = list(zip(lower_edges()[1:].tolist(), upper_edges()[1:].tolist(), strict=True))
    inside = [(lo, min(hi, xmin - 1)) for lo, hi in body if lo < xmin]
    return Histogram.of_cells([(lo, hi, (hi - lo + 1) * tail // 40) for lo, hi in inside] + cells)


@pytest.mark.parametrize("alpha", [1.8, 2.5, 3.2])
def test_the_best_tail_begins_where_the_power_law_begins(alpha: float) -> None:
    found = best_tail(body_and_tail(alpha, 48, 10**7))
    assert found is not None
    fit, scan = found
    assert fit.xmin == scan.best >= 48
    assert fit.alpha == pytest.approx(alpha, abs=0.01)
    # Expected counts lie on the law from 48 on, so that rounding decides above; from further below they do not.
    assert scan.ks[scan.xmin == 48][0] < 1e-5
    assert scan.ks[scan.xmin < 48].min() > 1e-3


def test_the_curve_holds_the_fit_from_every_xmin() -> None:
    counts = random_counts(2.2, 3, 3000, seed=5)
    scan = scan_xmin(counts)
    assert scan is not None
    assert scan.curve() == list(zip(scan.xmin.tolist(), scan.ks.tolist(), strict=True))
    assert scan.xmin[0] == 3
    assert (scan.count >= 50).all()
    assert (np.diff(scan.count) < 0).all()
    for at in (0, scan.xmin.size // 2, scan.xmin.size - 1):
        alone = fit_tail(counts, int(scan.xmin[at]))
        assert alone.alpha == pytest.approx(scan.alpha[at], abs=1e-8)
        assert alone.ks == pytest.approx(scan.ks[at], abs=1e-9)
        assert alone.standard_error == pytest.approx(scan.standard_error[at], rel=1e-6)
        assert alone.count == scan.count[at]


def test_of_very_many_candidates_some_hundred_are_tried() -> None:
    values = np.arange(1, 30_001, dtype=np.int64)
    found = scan_xmin(Histogram(values, values, np.full(values.size, 2)))
    assert found is not None
    assert found.xmin[0] == 1
    assert 200 < found.xmin.size <= 402


def test_no_tail_is_made_of_fewer_than_fifty_values() -> None:
    assert scan_xmin(in_bins(random_counts(2.5, 1, 49, seed=1))) is None
    found = best_tail(in_bins(random_counts(2.5, 1, 2000, seed=1)))
    assert found is not None
    assert found[0].count >= 50


def test_two_cells_are_no_tail_because_one_exponent_fits_them_exactly() -> None:
    # As published with a high noise floor: the last two cells hold enough, and KS 0 would win over every real tail.
    cells = body_and_tail(2.5, 48, 10**7).cells()
    low, high = cells[:-8], cells[-8:]
    merged_top = [(high[0][0], high[-1][1], sum(count for _, _, count in high))]
    found = scan_xmin(Histogram.of_cells(low + merged_top))
    assert found is not None
    assert found.best >= 48
    assert found.xmin[-1] == low[-3][0]


def test_values_of_zero_are_never_in_a_tail() -> None:
    found = scan_xmin(Histogram.of_cells([(0, 0, 500), (1, 1, 400), (2, 2, 100), (3, 3, 40), (4, 4, 20)]))
    assert found is not None
    assert found.xmin.tolist() == [1]
