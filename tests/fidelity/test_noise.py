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


def test_the_floor_of_messages_by_size_is_the_mean_distance_or_more(pairs: tuple[NDArray[np.int64], ...]) -> None:
    distances = [_row_distance(one, other) for one, other in zip(*pairs, strict=True)]
    floor = noise.row_shares((LAW, LAW), DRAWS, 2 * DRAWS)
    assert np.mean(distances) < floor < 1.5 * np.mean(distances)
    assert max(distances) < 3 * floor


def test_the_floor_of_many_shares_is_the_mean_distance() -> None:
    random, shares = np.random.default_rng(3), np.full(168, 1 / 168)
    distances = _share_distances(random, shares, 5000, 9000)
    assert noise.total_variation(shares, 5000, 9000) == pytest.approx(float(distances.mean()), rel=0.05)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], [0.7, 0.2, 0.08, 0.02], [0.4, 0.3, 0.2, 0.1]])
def test_three_floors_of_few_shares_are_reached_by_no_honest_copy(shares: list[float]) -> None:
    distances = _share_distances(np.random.default_rng(4), np.array(shares), 500, 900, repeats=20_000)
    floor = noise.total_variation(np.array(shares), 500, 900)
    # Of two shares it is exactly four standard deviations: 6 in 100,000.
    assert np.mean(distances > 3 * floor) <= 3e-4
    assert floor >= distances.mean()
    if len(shares) == 2:
        assert 3 * floor == pytest.approx(4 * float(np.sqrt(np.mean(distances**2))), rel=0.03)


def test_an_exact_side_has_no_noise_of_its_own() -> None:
    one, wide = noise.Weighted.of(LAW), noise.Weighted.of(powerlaw.truncated(1.2, 1, 10**6))
    assert noise.mean((one, wide), DRAWS, np.inf) == pytest.approx(noise.mean((one, one), 2 * DRAWS, 2 * DRAWS))
    both = noise.share_of_the_largest((one, one), 0.01, 2 * DRAWS, 2 * DRAWS)
    assert noise.share_of_the_largest((one, wide), 0.01, DRAWS, np.inf) == pytest.approx(both)
    shares = np.array([0.6, 0.4])
    halved = noise.total_variation(shares, 2 * DRAWS, 2 * DRAWS)
    assert noise.total_variation(shares, DRAWS, np.inf) == pytest.approx(halved)
    assert noise.kolmogorov(DRAWS, np.inf) == pytest.approx(noise.kolmogorov(2 * DRAWS, 2 * DRAWS))
    assert noise.row_shares((LAW, LAW), DRAWS, np.inf) == pytest.approx(noise.row_shares((LAW, LAW), 8000, 8000))


def test_the_noise_of_a_mean_is_relative_to_the_first_side() -> None:
    one, other = (noise.Weighted(np.array([0.0, 2 * size]), np.array([0.5, 0.5])) for size in (1.0, 3.0))
    assert noise.mean((one, other), 100, 100) == pytest.approx(noise.DEVIATION * (0.01 + 0.09) ** 0.5)
    assert noise.mean((other, one), 100, 100) == pytest.approx(noise.DEVIATION * (0.01 + 0.09) ** 0.5 / 3)


def test_the_floor_of_the_ks_distance_is_its_mean_and_a_bound_on_a_lattice() -> None:
    random = np.random.default_rng(5)
    distances = [_ks(random.random(400), random.random(600)) for _ in range(500)]
    assert noise.kolmogorov(400, 600) == pytest.approx(float(np.mean(distances)), rel=0.06)
    lattice = [_ks(LAW.quantile(random.random(400)), LAW.quantile(random.random(600))) for _ in range(500)]
    assert np.mean(lattice) < noise.kolmogorov(400, 600)


def test_a_percentile_that_chance_moves_by_one_has_that_for_noise() -> None:
    even = DiscreteDistribution.of_weights([2, 3], [2, 3], [0.5, 0.5])
    # Half of the values are 2: the median is 2 or 3, half more.
    assert 3 * noise.percentile(even, 0.5, 2, 1000, 1000) == pytest.approx(0.5)
    clear = DiscreteDistribution.of_weights([2, 3], [2, 3], [0.8, 0.2])
    assert noise.percentile(clear, 0.5, 2, 1000, 1000) == 0.0


def test_three_noises_hold_nearly_every_honest_percentile(pairs: tuple[NDArray[np.int64], ...]) -> None:
    for fraction in (0.5, 0.9, 0.95, 0.99):
        one, other = (np.sort(side, axis=1)[:, int((side.shape[1] - 1) * fraction)] for side in pairs)
        off = np.maximum(one / other, other / one) - 1
        at = LAW.quantile(fraction)
        # The interval stands around the law's own percentile, not around that of either sample.
        assert np.mean(off > 3 * noise.percentile(LAW, fraction, float(at), DRAWS, 2 * DRAWS) + 1e-9) < 0.01


def test_a_percentile_is_off_from_where_it_was_measured_not_from_where_its_cell_puts_it() -> None:
    law = DiscreteDistribution.of_weights([1, 12, 20], [11, 19, 40], [0.5, 0.4, 0.1])
    # The cell 12 to 19 puts p72 at 16; it was measured at 13.
    assert noise.percentile(law, 0.72, 16, 1e12, 1e12) == 0.0
    assert 3 * noise.percentile(law, 0.72, 13, 1e12, 1e12) == pytest.approx(16 / 13 - 1)


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


def _share_distances(
    random: np.random.Generator, shares: NDArray[np.float64], one: int, other: int, repeats: int = 2000
) -> NDArray[np.float64]:
    first, second = random.multinomial(one, shares, repeats) / one, random.multinomial(other, shares, repeats) / other
    return np.asarray(0.5 * np.abs(first - second).sum(axis=1))


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
