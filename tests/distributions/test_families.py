"""Rival laws and the rules that sum them: known sums, known parameters from expected counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_ndtr, ndtr

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.cells import Cells, adjoining
from shapetui.distributions.families import Families
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.nodes import Nodes, integrating, summing
from shapetui.distributions.tail import fit_tail
from shapetui.distributions.zeta import power_sum
from tests.distributions.drawn import expected_counts, in_bins, of_shares, random_counts


def cells_between(edges: list[float]) -> Cells:
    lo = np.array(edges[:-1])
    return Cells(lo, np.array(edges[1:]) - 1, np.ones(lo.size))


def sums(nodes: Nodes, values: FloatArray) -> FloatArray:
    return np.asarray(np.add.reduceat(np.exp(nodes.log_weight) * values, nodes.starts), dtype=np.float64)


@given(st.floats(-1.0, 6.0), st.lists(st.integers(1, 10**7), min_size=2, max_size=12, unique=True))
def test_sums_of_powers_over_any_cells(alpha: float, edges: list[int]) -> None:
    cells = cells_between([float(edge) for edge in sorted(edges)])
    nodes = summing(cells)
    assert sums(nodes, nodes.x**-alpha) == pytest.approx(power_sum(alpha, cells.lo, cells.hi), rel=1e-10)


@pytest.mark.parametrize("alpha", [1.15, 1.5, 2.5, 4.0])
@pytest.mark.parametrize("first", [1, 7, 5000, 10**7])
def test_sums_without_end(alpha: float, first: int) -> None:
    cells = Cells(np.array([first, first + 3.0]), np.array([first + 2.0, np.inf]), np.ones(2))
    nodes = summing(cells)
    assert sums(nodes, nodes.x**-alpha) == pytest.approx(power_sum(alpha, cells.lo, cells.hi), rel=1e-9)


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 0.05, 0.5])
def test_sums_of_an_exponential_over_wide_cells(rate: float) -> None:
    cells = cells_between([1.0, 2.0, 10.0, 300.0, 5000.0, 10.0**6])
    nodes = summing(cells)
    width = cells.hi - cells.lo + 1
    wanted = np.exp(-rate * cells.lo) * -np.expm1(-rate * width) / -np.expm1(-rate)
    assert sums(nodes, np.exp(-rate * nodes.x)) == pytest.approx(wanted, rel=1e-6, abs=1e-12)


def test_integrals_go_from_half_integers_to_half_integers() -> None:
    cells = cells_between([1.0, 2.0, 10.0, 300.0, 10.0**6])
    nodes = integrating(cells)
    wanted = np.log((cells.hi + 0.5) / (cells.lo - 0.5))
    assert sums(nodes, 1 / nodes.x) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize("alpha", [1.3, 2.0, 3.5])
def test_the_power_law_is_that_of_the_tail(alpha: float, endless: bool) -> None:
    counts = random_counts(alpha, 4, 3000, seed=1)
    law, fitted = Families(adjoining(counts, endless=endless)).power_law(), fit_tail(counts, 4, endless=endless)
    assert law.parameters["alpha"] == pytest.approx(fitted.alpha, abs=1e-7)
    assert law.log_likelihood == pytest.approx(fitted.log_likelihood, rel=1e-10)
    assert law.ks == pytest.approx(fitted.ks, abs=1e-8)


def test_the_cut_off_is_found() -> None:
    values = np.arange(3, 3001, dtype=np.int64)
    share = values**-1.7 * np.exp(-values / 250)
    counts = Histogram(values, values, np.round(1e14 * share / share.sum()).astype(np.int64)).without_empty()
    for found in (counts, in_bins(counts)):
        law = Families(adjoining(found, endless=False)).cut_off()
        assert law.parameters["alpha"] == pytest.approx(1.7, abs=1e-4)
        assert law.parameters["rate"] == pytest.approx(1 / 250, rel=1e-3)
        assert law.ks < 1e-5


def test_the_exponential_is_the_geometric_law() -> None:
    values = np.arange(5, 400, dtype=np.int64)
    counts = of_shares(values, np.exp(np.log(0.9) * (values - 5)), 20_000, seed=3)
    law = Families(adjoining(counts, endless=True)).exponential()
    # Its maximum likelihood in closed form: q = m / (1 + m) with m the mean above the first value.
    m = float(counts.counts @ (counts.lo - 5)) / counts.total
    assert np.exp(-law.parameters["rate"]) == pytest.approx(m / (1 + m), rel=1e-5)


def normal_shares(values: FloatArray, mu: float, sigma: float) -> FloatArray:
    upper, lower = (np.log(values + 0.5) - mu) / sigma, (np.log(values - 0.5) - mu) / sigma
    return np.asarray(np.where(lower > 0, ndtr(-lower) - ndtr(-upper), ndtr(upper) - ndtr(lower)), dtype=np.float64)


@pytest.mark.parametrize("xmin", [1, 10])
@pytest.mark.parametrize(("mu", "sigma"), [(3.0, 1.0), (1.0, 1.5), (-2.0, 2.0)])
def test_the_log_normal_is_found_from_its_tail_alone(mu: float, sigma: float, xmin: int) -> None:
    values = np.arange(xmin, 50_000, dtype=np.int64)
    share = normal_shares(values.astype(np.float64), mu, sigma)
    counts = Histogram(values, values, np.round(1e15 * share / share.sum()).astype(np.int64)).without_empty()
    law = Families(adjoining(in_bins(counts), endless=False)).log_normal()
    assert law.parameters["mu"] == pytest.approx(mu, abs=0.02)
    assert law.parameters["sigma"] == pytest.approx(sigma, abs=0.01)
    assert law.ks < 1e-5


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_the_log_normals_likelihood_is_that_of_its_distribution_function(seed: int) -> None:
    values = np.arange(3, 4000, dtype=np.int64)
    counts = of_shares(values, normal_shares(values.astype(np.float64), 2.0, 1.2), 2000, seed)
    law = Families(adjoining(counts, endless=True)).log_normal()
    mu, sigma = law.parameters["mu"], law.parameters["sigma"]
    shares = normal_shares(counts.lo.astype(np.float64), mu, sigma)
    wanted = float(counts.counts @ np.log(shares)) - counts.total * float(log_ndtr(-(np.log(2.5) - mu) / sigma))
    assert law.log_likelihood == pytest.approx(wanted, rel=1e-8)


def test_a_power_law_is_the_limit_of_log_normals() -> None:
    counts = expected_counts(2.5, 30, 1e13, last=100_000)
    families = Families(adjoining(in_bins(counts), endless=False))
    law = families.log_normal()
    assert law.parameters["sigma"] > 20
    assert law.log_likelihood <= families.power_law().log_likelihood * (1 - 1e-6)


@settings(deadline=None, max_examples=30)
@given(st.floats(1.2, 4.0), st.integers(1, 50), st.booleans(), st.integers(0, 10**6))
def test_a_law_that_holds_the_power_law_is_not_worse(alpha: float, xmin: int, endless: bool, seed: int) -> None:
    counts = random_counts(alpha, xmin, 500, seed)
    families = Families(adjoining(counts, endless=endless))
    assert families.cut_off().log_likelihood >= families.power_law().log_likelihood - 1e-3
    assert float(np.exp(families.cut_off().log_probability).sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(np.exp(families.log_normal().log_probability).sum()) == pytest.approx(1.0, abs=1e-12)
