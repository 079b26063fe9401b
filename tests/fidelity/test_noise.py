"""Noise floors: closed forms against draws, and against what two honest halves of a real chat show."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from shapetui.distributions import powerlaw
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.distributions.histogram import Histogram
from shapetui.fidelity import noise

LAW = powerlaw.truncated(2.4, 1, 2000)
SIDES = (noise.Weighted.of(LAW), noise.Weighted.of(LAW))
DRAWS = 4000
REPEATS = 300


@pytest.fixture(scope="module")
def pairs() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(REPEATS, DRAWS) and (REPEATS, 2 * DRAWS) sizes drawn from the same law."""
    random = np.random.default_rng(7)
    one, other = random.random((REPEATS, DRAWS)), random.random((REPEATS, 2 * DRAWS))
    return LAW.quantile(one), LAW.quantile(other)


def test_three_floors_of_the_mean_are_a_few_standard_deviations(pairs: tuple[NDArray[np.int64], ...]) -> None:
    one, other = (side.mean(axis=1) for side in pairs)
    assert noise.mean(SIDES, DRAWS, 2 * DRAWS) == pytest.approx(noise.DEVIATION * float(np.std(other / one)), rel=0.15)


def test_so_are_those_of_the_share_of_the_largest(
    pairs: tuple[NDArray[np.int64], ...],
) -> None:
    one, other = (np.array([_top(row) for row in side]) for side in pairs)
    found = noise.share_of_the_largest(SIDES, 0.01, DRAWS, 2 * DRAWS)
    assert found == pytest.approx(noise.DEVIATION * float(np.std(other - one)), rel=0.2)


def test_the_floor_of_messages_by_size_is_the_mean_distance(pairs: tuple[NDArray[np.int64], ...]) -> None:
    distances = [_row_distance(one, other) for one, other in zip(*pairs, strict=True)]
    assert noise.row_shares(LAW, DRAWS, 2 * DRAWS) == pytest.approx(float(np.mean(distances)), rel=0.2)


def test_the_floor_of_shares_is_the_mean_distance() -> None:
    random, shares = np.random.default_rng(3), np.array([0.7, 0.2, 0.08, 0.02])
    one, other = random.multinomial(500, shares, 2000) / 500, random.multinomial(900, shares, 2000) / 900
    distances = 0.5 * np.abs(one - other).sum(axis=1)
    assert noise.total_variation(shares, 500, 900) == pytest.approx(float(distances.mean()), rel=0.05)


def test_the_floor_of_the_ks_distance_is_its_mean_and_a_bound_on_a_lattice() -> None:
    random = np.random.default_rng(5)
    distances = [_ks(random.random(400), random.random(600)) for _ in range(500)]
    assert noise.kolmogorov(400, 600) == pytest.approx(float(np.mean(distances)), rel=0.06)
    lattice = [_ks(LAW.quantile(random.random(400)), LAW.quantile(random.random(600))) for _ in range(500)]
    assert np.mean(lattice) < noise.kolmogorov(400, 600)


def test_a_percentile_that_chance_moves_by_one_has_that_for_noise() -> None:
    even = DiscreteDistribution.of_weights([2, 3], [2, 3], [0.5, 0.5])
    # Half of the values are 2: the median is 2 or 3, half more.
    assert 3 * noise.percentile(even, 0.5, 1000, 1000) == pytest.approx(0.5)
    clear = DiscreteDistribution.of_weights([2, 3], [2, 3], [0.8, 0.2])
    assert noise.percentile(clear, 0.5, 1000, 1000) == 0.0


def test_three_noises_hold_nearly_every_honest_percentile(pairs: tuple[NDArray[np.int64], ...]) -> None:
    for fraction in (0.5, 0.9, 0.95, 0.99):
        one, other = (np.sort(side, axis=1)[:, int((side.shape[1] - 1) * fraction)] for side in pairs)
        off = np.maximum(one / other, other / one) - 1
        # The interval stands around the law's own percentile, not around that of either sample.
        assert np.mean(off > 3 * noise.percentile(LAW, fraction, DRAWS, 2 * DRAWS) + 1e-9) < 0.01


def test_a_design_effect_is_that_of_messages_which_are_alike_within_a_conversation() -> None:
    random, sizes = np.random.default_rng(11), np.array([1, 4, 30, 200])
    law = DiscreteDistribution.of_weights(sizes, sizes, [0.5, 0.3, 0.15, 0.05])
    means = []
    for _ in range(400):
        drawn = law.quantile(random.random(300))
        # Conversations have their own share of a type: Beta(0.5, 0.5) gives a correlation of 1 / (0.5 + 0.5 + 1).
        means.append(random.binomial(drawn, random.beta(0.5, 0.5, drawn.size)).sum() / drawn.sum())
    effect = noise.design_effect(law, 0.5)
    expected = (0.25 * effect / (300 * law.mean())) ** 0.5
    assert np.std(means) == pytest.approx(expected, rel=0.1)
    assert noise.design_effect(law, 0.0) == 1.0
    assert noise.design_effect(DiscreteDistribution.of_weights([1], [1], [1.0]), 1.0) == 1.0


def test_hours_of_large_conversations_spread_out() -> None:
    small, large = (DiscreteDistribution.of_weights([n], [n], [1.0]) for n in (10, 1000))
    assert noise.hours_design_effect(small) == pytest.approx(1 + 9 * 0.45 / 1.2)
    assert noise.hours_design_effect(large) < 1 + 999 * 0.03


def test_doublings_of_size() -> None:
    assert noise.octave(np.array([0, 1, 2, 3, 4, 7, 8, 1023, 1024])).tolist() == [0, 1, 2, 2, 3, 3, 4, 10, 11]
    assert noise.octave(np.array([float(10**15 - 1)]))[0] < noise.OCTAVES


def _top(sizes: NDArray[np.int64]) -> float:
    return float(np.sort(sizes)[-(sizes.size // 100) :].sum() / sizes.sum())


def _row_distance(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    shares = [
        np.bincount(noise.octave(side.astype(float)), side, minlength=noise.OCTAVES) / side.sum()
        for side in (one, other)
    ]
    return float(0.5 * np.abs(shares[0] - shares[1]).sum())


def _ks(one: NDArray[np.float64] | NDArray[np.int64], other: NDArray[np.float64] | NDArray[np.int64]) -> float:
    points = np.union1d(one, other)
    return float(
        np.abs(
            np.searchsorted(np.sort(one), points, side="right") / one.size
            - np.searchsorted(np.sort(other), points, side="right") / other.size
        ).max()
    )


def test_a_histogram_of_values_gives_the_same_floor_as_its_law() -> None:
    drawn = LAW.quantile((np.arange(200_000) + 0.5) / 200_000)
    cells = Histogram.of_values(drawn)
    law = DiscreteDistribution.of_weights(cells.lo, cells.hi, cells.counts)
    assert noise.mean((noise.Weighted.of(law),) * 2, 100, 100) == pytest.approx(noise.mean(SIDES, 100, 100), rel=0.1)
