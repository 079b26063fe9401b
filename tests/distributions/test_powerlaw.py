"""The truncated discrete power law against scipy's zeta, direct sums and the published values of its pmf."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import zeta

from shapetui.distributions import powerlaw
from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.distributions.histogram import Histogram

ANY_ALPHA = [-2.0, -1.0, 0.0, 0.5, 1.0, 1.0 + 1e-12, 1.0001, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0]


def in_bins(alpha: float, xmin: int, xmax: int, n: float) -> Histogram:
    """The expected counts of n draws in the fixed bins, cut at the ends of the law."""
    bins = int(np.searchsorted(upper_edges(), xmax)) + 1
    hi, lo = np.minimum(upper_edges()[:bins], xmax), np.maximum(lower_edges()[:bins], xmin)
    kept = lo <= hi
    lo, hi = lo[kept], hi[kept]
    share = powerlaw.harmonic(alpha, lo, hi) / powerlaw.harmonic(alpha, xmin, xmax)
    return Histogram(lo, hi, np.round(n * share).astype(np.int64)).without_empty()


@pytest.mark.parametrize("alpha", ANY_ALPHA)
@pytest.mark.parametrize(("lo", "hi"), [(1, 1), (1, 5), (1, 17), (7, 23), (1, 1000), (90, 100_000), (99_990, 100_000)])
def test_the_harmonic_sum_is_the_direct_sum(alpha: float, lo: int, hi: int) -> None:
    direct = float((np.arange(lo, hi + 1, dtype=np.float64) ** -alpha).sum())
    assert float(powerlaw.harmonic(alpha, lo, hi)) == pytest.approx(direct, rel=1e-12)


@pytest.mark.parametrize("alpha", [1.01, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0])
@pytest.mark.parametrize(("lo", "hi"), [(1, 10), (1, 10**7), (90, 10**7), (10**6, 10**7)])
def test_the_harmonic_sum_is_a_difference_of_two_zetas(alpha: float, lo: int, hi: int) -> None:
    assert float(powerlaw.harmonic(alpha, lo, hi)) == pytest.approx(zeta(alpha, lo) - zeta(alpha, hi + 1), rel=1e-11)


@pytest.mark.parametrize("alpha", ANY_ALPHA)
def test_the_harmonic_sum_of_no_integers_is_zero(alpha: float) -> None:
    assert powerlaw.harmonic(alpha, [5, 100, 10**6], [4, 2, 1]).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("alpha", "xmin", "first"), [(2.5, 1, 0.745), (1.5, 1, 0.383), (2.5, 2, 0.518), (2.5, 5, 0.258)]
)
def test_the_smallest_value_has_its_published_probability(alpha: float, xmin: int, first: float) -> None:
    law = powerlaw.truncated(alpha, xmin, 10**12)
    assert float(law.cdf(xmin)) == pytest.approx(first, abs=6e-4)


@pytest.mark.parametrize("alpha", [-1.0, 0.0, 0.5, 1.0, 1.8, 2.5, 4.0])
@pytest.mark.parametrize(
    ("xmin", "xmax"), [(1, 1), (1, 255), (1, 257), (5, 40_000), (256, 256), (257, 5000), (400, 400)]
)
def test_the_law_is_the_direct_pmf(alpha: float, xmin: int, xmax: int) -> None:
    law = powerlaw.truncated(alpha, xmin, xmax)
    x = np.arange(xmin, xmax + 1)
    weights = x.astype(np.float64) ** -alpha
    direct = np.cumsum(weights) / weights.sum()
    assert (law.minimum, law.maximum) == (xmin, xmax)
    # Exact at the end of each cell; a cell is at most 2.2 % wide, and uniform.
    assert law.cdf(law.hi) == pytest.approx(direct[law.hi - xmin], abs=1e-12)
    assert law.cdf(x) == pytest.approx(direct, abs=2e-3)
    assert law.mean() == pytest.approx(float(x @ weights / weights.sum()), rel=2e-4)


@pytest.mark.parametrize(("xmin", "xmax"), [(0, 10), (10, 9), (-3, 5)])
def test_a_range_that_is_none_is_refused(xmin: int, xmax: int) -> None:
    with pytest.raises(ValueError, match="1 <= xmin <= xmax"):
        powerlaw.truncated(2.0, xmin, xmax)


@pytest.mark.parametrize("alpha", [0.8, 1.0, 1.5, 2.0, 2.5, 3.0, 4.5])
@pytest.mark.parametrize(("xmin", "xmax"), [(1, 100_000), (5, 6000), (96, 7240)])
def test_the_fit_to_expected_counts_is_the_truth(alpha: float, xmin: int, xmax: int) -> None:
    found = powerlaw.fit(in_bins(alpha, xmin, xmax, 1e15))
    assert found.xmin == xmin
    assert found.alpha == pytest.approx(alpha, abs=2e-6)
    assert found.ks < 1e-6


@pytest.mark.parametrize("alpha", [1.5, 2.0, 2.5, 3.0])
@pytest.mark.parametrize("xmin", [1, 5])
def test_the_fit_to_random_draws_is_within_three_standard_errors(alpha: float, xmin: int) -> None:
    law = powerlaw.truncated(alpha, xmin, int(upper_edges()[64]))
    draws = law.quantile(np.random.default_rng(round(alpha * 10) + xmin).random(50_000))
    cells = Histogram.of_values(draws)
    found = powerlaw.fit(Histogram(np.maximum(cells.lo, xmin), cells.hi, cells.counts))
    assert found.alpha == pytest.approx(alpha, abs=3 * found.standard_error)
    assert 0 < found.standard_error < 0.02
    assert found.count == 50_000


@pytest.mark.parametrize("alpha", [1.5, 2.0, 2.5])
def test_the_series_1_2_5_is_enough_for_the_discrete_likelihood(alpha: float) -> None:
    # The continuous likelihood gives 1.61, 2.26 and 2.90 here.
    edges = np.array([step * 10**power for power in range(5) for step in (1, 2, 5)] + [10**5 + 1])
    law = powerlaw.truncated(alpha, 1, 10**5)
    lo, hi = edges[:-1], edges[1:] - 1
    counts = np.round(50_000 * (law.cdf(hi) - law.cdf(lo - 1))).astype(np.int64)
    assert powerlaw.fit(Histogram(lo, hi, counts)).alpha == pytest.approx(alpha, abs=0.01)


def test_the_standard_error_is_that_of_the_whole_data_almost() -> None:
    # Discrete MLE: 1 / sqrt(n (zeta''/zeta - (zeta'/zeta)^2)); the fixed bins lose less than 2 % of the information.
    alpha, n = 2.5, 100_000
    k = np.arange(1, 10**6 + 1, dtype=np.float64)
    p = k**-alpha / (k**-alpha).sum()
    variance = float(p @ np.log(k) ** 2 - (p @ np.log(k)) ** 2)
    found = powerlaw.fit(in_bins(alpha, 1, 10**6, n))
    assert found.standard_error == pytest.approx((n * variance) ** -0.5, rel=0.02)


def test_nothing_to_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        powerlaw.fit(Histogram.of_cells([(1, 5, 0)]))
