"""Comparing laws on a tail: published p-values of Vuong's test, the winner that is known, fairness to the loser."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
import pytest
from scipy.stats import chi2

from shapetui.distributions.rivals import (
    CUT_OFF,
    EXPONENTIAL,
    LOG_NORMAL,
    WHOLE_RANGE,
    RivalFit,
    fit_rivals,
    nested_p,
    vuong,
)
from shapetui.distributions.tail import best_tail, fit_tail
from tests.distributions.drawn import in_bins, of_shares, random_counts

# Clauset, Shalizi & Newman 2009, table 5: normalised likelihood ratios of power law and log-normal, and their p.
PUBLISHED = [
    (-0.807, 0.42), (-2.03, 0.04), (-0.141, 0.89), (-1.10, 0.27), (-1.05, 0.29), (-0.091, 0.93), (-0.456, 0.65),
    (-1.63, 0.10), (-0.278, 0.78), (0.395, 0.69),
]  # fmt: skip


@pytest.mark.parametrize(("ratio", "p"), PUBLISHED)
def test_published_ratios_have_their_published_p(ratio: float, p: float) -> None:
    # Two terms, +1 and -1 around the mean that makes the normalised ratio come out.
    n = 10_000.0
    mean = ratio / sqrt(n)
    found = vuong(np.array([n / 2, n / 2]), np.array([mean + 1, mean - 1]), np.zeros(2))
    assert found is not None
    assert found[0] == pytest.approx(ratio)
    assert round(found[1], 2) == p


def test_vuongs_ratio_by_hand() -> None:
    counts = np.array([3.0, 0.0, 1.0])
    one, other = np.log([0.5, 0.2, 0.3]), np.log([0.4, 0.2, 0.4])
    terms = np.array([*[np.log(0.5 / 0.4)] * 3, np.log(0.3 / 0.4)])
    z = terms.sum() / (terms.std() * 2)
    assert vuong(counts, one, other) == pytest.approx((z, erfc(abs(z) / sqrt(2))))
    assert vuong(counts, other, one) == pytest.approx((-z, erfc(abs(z) / sqrt(2))))


def test_two_equal_laws_cannot_be_compared() -> None:
    law = np.log([0.5, 0.5])
    assert vuong(np.array([5.0, 7.0]), law, law) is None


@pytest.mark.parametrize("gain", [0.0, 0.1, 0.899, 1.92, 20.0])
def test_a_nested_gain_is_chi_square_with_one_degree_of_freedom(gain: float) -> None:
    assert nested_p(gain) == pytest.approx(float(chi2.sf(2 * gain, 1)))


def by_model(rivals: list[RivalFit]) -> dict[str, RivalFit]:
    return {rival.model: rival for rival in rivals}


@pytest.mark.parametrize("endless", [True, False])
def test_a_power_law_is_told_from_an_exponential_but_not_from_its_limits(endless: bool) -> None:
    counts = random_counts(2.5, 1, 5000, seed=1)
    tail = fit_tail(counts, 5, endless=endless)
    rivals = by_model(fit_rivals(counts, tail))
    assert set(rivals) == {WHOLE_RANGE, CUT_OFF, EXPONENTIAL, LOG_NORMAL}
    exponential, cut_off = rivals[EXPONENTIAL], rivals[CUT_OFF]
    assert exponential.delta_aic > 100
    assert exponential.vuong is not None
    assert exponential.vuong > 2
    assert exponential.p is not None
    assert exponential.p < 0.02
    assert cut_off.p is not None
    assert cut_off.p > 0.05
    assert 0 < cut_off.delta_aic <= 2
    assert rivals[LOG_NORMAL].delta_aic > -2


def test_a_log_normal_is_told_from_a_power_law() -> None:
    values = np.arange(1, 20_000, dtype=np.int64)
    counts = of_shares(values, np.exp(-((np.log(values) - 2) ** 2) / 2) / values, 20_000, seed=2)
    best = fit_rivals(counts, fit_tail(counts, 5))[0]
    assert best.model == LOG_NORMAL
    assert best.delta_aic < -100
    assert best.vuong is not None
    assert best.vuong < -3


def test_a_cut_off_is_told_from_a_power_law() -> None:
    values = np.arange(1, 3000, dtype=np.int64)
    counts = of_shares(values, np.exp(-1.8 * np.log(values) - values / 100), 10_000, seed=3)
    found = by_model(fit_rivals(counts, fit_tail(counts, 1, endless=True)))
    assert WHOLE_RANGE not in found
    assert found[CUT_OFF].p is not None
    assert found[CUT_OFF].p < 1e-6
    assert found[CUT_OFF].parameters["rate"] == pytest.approx(0.01, rel=0.15)


def test_bins_and_values_give_the_same_ranking() -> None:
    counts = random_counts(1.8, 1, 20_000, seed=4, last=5000)
    exact, binned = fit_rivals(counts, fit_tail(counts, 8)), fit_rivals(in_bins(counts), fit_tail(in_bins(counts), 9))
    assert exact[-1].model == binned[-1].model == EXPONENTIAL


def test_very_many_values_are_compared_on_cells() -> None:
    values = np.arange(1, 200_001, dtype=np.int64)
    counts = of_shares(values, np.exp(-1.2 * np.log(values)), 300_000, seed=5)
    tail = fit_tail(counts, 1)
    found = by_model(fit_rivals(counts, tail))
    assert found[CUT_OFF].log_likelihood > tail.log_likelihood
    assert found[EXPONENTIAL].delta_aic > 1000
    assert found[CUT_OFF].p is not None
    assert found[CUT_OFF].p > 0.01


def test_the_rivals_of_a_scanned_tail() -> None:
    found = best_tail(random_counts(2.2, 1, 3000, seed=6))
    assert found is not None
    deltas = [rival.delta_aic for rival in fit_rivals(random_counts(2.2, 1, 3000, seed=6), found[0])]
    assert deltas == sorted(deltas)
