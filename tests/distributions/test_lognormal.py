"""The discretised log-normal against scipy's continuous one at k + 1/2, and fits that give the truth back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from shapetui.distributions import lognormal
from shapetui.distributions.bins import upper_edges
from shapetui.distributions.histogram import Histogram

POINTS = np.array([0, 1, 2, 3, 10, 50, 100, 255, 256, 257, 1000, 10_000, 10**6], dtype=np.int64)


@pytest.mark.parametrize(("mu", "sigma"), [(4.0, 1.1), (0.0, 1.0), (-1.0, 0.5), (6.0, 0.05), (9.0, 3.0)])
def test_the_law_is_scipys_at_half_integers_given_more_than_half(mu: float, sigma: float) -> None:
    law = stats.lognorm(s=sigma, scale=np.exp(mu))
    expected = (law.cdf(POINTS + 0.5) - law.cdf(0.5)) / law.sf(0.5)
    assert lognormal.cumulative(POINTS, mu, sigma) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=200)
@given(st.floats(-5, 20), st.floats(1e-6, 6))
def test_the_cumulative_law_rises_from_zero_to_one_for_any_parameters_of_a_config(mu: float, sigma: float) -> None:
    points = np.concatenate([[0], upper_edges()[1:]])
    reached = lognormal.cumulative(points, mu, sigma)
    assert reached[0] == 0
    assert np.isfinite(reached).all()
    assert (np.diff(reached) >= -1e-15).all()
    assert reached.max() <= 1
    if mu < 15:
        assert reached[-1] == pytest.approx(1, abs=1e-3)


@settings(max_examples=100)
@given(st.floats(-5, 20), st.floats(1e-6, 6), st.sampled_from([1, 2, 255, 256, 257, 5000, 10**8]))
def test_any_parameters_of_a_config_make_a_law_on_its_range(mu: float, sigma: float, maximum: int) -> None:
    law = lognormal.discretised(mu, sigma, maximum)
    assert law.minimum >= 1
    assert law.maximum <= maximum
    assert law.probability.sum() == pytest.approx(1)
    assert 1 <= law.mean() <= maximum


def test_a_law_that_lies_below_one_character_gives_one_character() -> None:
    # It used to give the longest message of all: 0 / 0 was taken for "everything is beyond the maximum".
    assert lognormal.discretised(-5.0, 0.01, 5000).mean() == 1


def test_a_law_that_lies_beyond_the_maximum_gives_the_maximum() -> None:
    assert lognormal.discretised(20.0, 0.01, 5000).mean() == 5000


@pytest.mark.parametrize(("sigma", "maximum"), [(0.0, 10), (-1.0, 10), (1.0, 0)])
def test_what_is_no_log_normal_is_refused(sigma: float, maximum: int) -> None:
    with pytest.raises(ValueError, match="sigma > 0"):
        lognormal.discretised(1.0, sigma, maximum)


@pytest.mark.parametrize(("mu", "sigma"), [(4.0, 1.1), (4.5, 1.0), (3.0, 0.4), (6.1, 0.9), (1.5, 0.8), (5.0, 2.0)])
def test_the_table_is_the_direct_pmf(mu: float, sigma: float) -> None:
    maximum = 20_000
    k = np.arange(1, maximum + 1)
    law = stats.lognorm(s=sigma, scale=np.exp(mu))
    pmf = law.cdf(k + 0.5) - law.cdf(k - 0.5)
    table = lognormal.discretised(mu, sigma, maximum)
    assert table.mean() == pytest.approx(float(k @ pmf / pmf.sum()), rel=2e-4)
    assert table.cdf(k) == pytest.approx(np.cumsum(pmf) / pmf.sum(), abs=2e-3)


@pytest.mark.parametrize(("mu", "sigma"), [(4.0, 1.1), (4.743, 1.127), (3.749, 1.164), (6.1, 0.3), (3.0, 1.0)])
def test_the_fit_to_random_draws_gives_scipys_truth_back(mu: float, sigma: float) -> None:
    draws = stats.lognorm(s=sigma, scale=np.exp(mu)).rvs(40_000, random_state=np.random.default_rng(5))
    lengths = np.floor(draws + 0.5).astype(np.int64)
    found = lognormal.fit(Histogram.of_values(lengths[lengths >= 1]))
    assert found is not None
    assert found.mu == pytest.approx(mu, abs=4 * sigma / 200)
    assert found.sigma == pytest.approx(sigma, rel=0.02)
    assert found.ks < 0.012


def test_the_fit_leaves_empty_messages_aside() -> None:
    cells = [(1, 9, 300), (10, 99, 500), (100, 999, 100)]
    with_empty, without = (lognormal.fit(Histogram.of_cells(found)) for found in ([(0, 0, 400), *cells], cells))
    assert with_empty == without
    assert with_empty is not None


@pytest.mark.parametrize("cells", [[], [(0, 0, 7)], [(5, 9, 100)], [(5, 9, 100), (10, 20, 0)]])
def test_fewer_than_two_cells_determine_no_log_normal(cells: list[tuple[int, int, int]]) -> None:
    assert lognormal.fit(Histogram.of_cells(cells)) is None


@given(
    st.lists(
        st.tuples(st.integers(1, 50_000), st.integers(1, 10_000)), min_size=2, max_size=30, unique_by=lambda c: c[0]
    )
)
@settings(max_examples=60)
def test_the_fit_of_any_cells_is_a_law(values: list[tuple[int, int]]) -> None:
    found = lognormal.fit(Histogram.of_cells([(value, value, count) for value, count in values]))
    assert found is not None
    assert np.isfinite(found.mu)
    assert lognormal.SIGMA_LOWEST <= found.sigma <= lognormal.SIGMA_HIGHEST
    assert 0 <= found.ks <= 1


@pytest.mark.parametrize(
    ("mu", "sigma", "mean"), [(4.0228, 1.2002, 114.8), (4.743, 1.127, 216.5), (3.749, 1.164, 83.6)]
)
def test_the_mean_is_the_published_one_of_three_real_sets(mu: float, sigma: float, mean: float) -> None:
    assert lognormal.LogNormalFit(mu, sigma, 0.0).mean == pytest.approx(mean, abs=0.2)


@given(st.floats(1, 1e5), st.floats(1.001, 50))
def test_mean_and_median_give_the_law_in_closed_form(median: float, ratio: float) -> None:
    mu, sigma = lognormal.from_mean_and_median(median * ratio, median)
    law = lognormal.LogNormalFit(mu, sigma, 0.0)
    assert np.exp(mu) == pytest.approx(median)
    assert law.mean == pytest.approx(median * ratio)


@pytest.mark.parametrize(("mean", "median"), [(60, 60), (50, 60), (0, 0), (0, 60)])
def test_a_mean_at_or_below_the_median_leaves_almost_no_spread(mean: float, median: float) -> None:
    assert lognormal.from_mean_and_median(mean, median)[1] == lognormal.SIGMA_LOWEST
