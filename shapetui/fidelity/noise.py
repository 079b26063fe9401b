"""Noise floors: how far two honest samples of one chat lie apart on average, in closed form from the shape alone.

Conversations are taken as independent draws from the law of sizes, `one` and `other` of them on the two sides. What a
conversation contributes to a statistic is its influence (Hampel 1974): the variance of a mean, of a share of rows or of
the share of the largest is the second moment of that, so nothing is simulated. For a distance that is a sum of
absolute differences the expectation of a half-normal is taken, sqrt(2 / pi) of a standard deviation
(mostlyai-qa's `calculate_expected_l1_multinomial`). A side that is no sample, but the quantile grid of a law, has no
noise of its own: it counts as infinitely many draws.

The gate refuses beyond three noises, so three noises have to be what an honest copy does not reach. Where three times
the mean is less than that, as of shares of two labels, a third of what it does not reach is the noise.

Messages are not independent: those of one conversation are alike. `N` messages say as much as `N / D` independent ones,
with the design effect (Kish 1965) D = 1 + sum n (n - 1) rho / sum n over conversations of n messages. The sizes are
known; rho, the likeness of two messages of a conversation, is not in a shape and is assumed (see below).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isinf, pi, sqrt
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.identity import Same

# The mean of Kolmogorov's distribution, sqrt(pi / 2) ln 2: of D sqrt(n m / (n + m)) for two samples of one law. It is
# an upper bound where many values are equal.
_KOLMOGOROV_MEAN: Final = 0.8687
_HALF_NORMAL: Final = sqrt(2 / pi)
# The gate refuses beyond three noises. A number's noise is so many of its standard deviations that this is four of
# them: with sixteen checks one honest copy in 1,000 is refused (Sidak), at three it would be one in 24. Of 2,000 splits
# of two real chats none is, at 3.4 seven were (`python -m tests.bench.fidelity`).
REFUSED: Final = 3.0
_DEVIATIONS: Final = 4.0
DEVIATION: Final = _DEVIATIONS / REFUSED
_MOST_OFF: Final = 1e6
# Doublings of size up to the largest integer of the fixed bins.
OCTAVES: Final = 51

# Likeness of the messages of one conversation, as measured by conversation on two corpora of human chat, the large
# conversations weighing most: types .54 (TEXT of lean_zulip; one of links only lifts LINK to 1.2, small types .01 to
# .07), lengths around the median .13 and .20, logarithm of lengths .13 and .33, lengths themselves .05 and .47.
TYPE_LIKENESS: Final = 0.5
LENGTH_LIKENESS: Final = 0.25
MEAN_LENGTH_LIKENESS: Final = 0.5
# Two messages of a conversation of n fall into the same hour of the week with .45 / (1 + n / 50) beyond chance: .45,
# .37, .24, .11, .01 measured at about 3, 12, 45, 200, 1,200 messages in lean_zulip, .28, .26, .17, .09 in uci_dm.
_HOUR_LIKENESS: Final = 0.45
_HOUR_BURST: Final = 50.0


def per_draw(one: float, other: float) -> float:
    """sqrt(1/one + 1/other): what a standard deviation of one draw is multiplied by."""
    return sqrt(1 / one + 1 / other)


def kolmogorov(one: float, other: float) -> float:
    """Mean KS distance of two samples of these numbers of independent values."""
    return _KOLMOGOROV_MEAN * per_draw(one, other)


def total_variation(shares: FloatArray, one: float, other: float) -> float:
    """Noise of the total variation distance of two samples whose labels have these shares, (K,) summing to 1."""
    # The distance is the largest difference of any set of labels; none has a larger variance than half of all draws.
    half = max(float(shares.max()), 0.5)
    return _of_a_distance(float(np.sqrt(shares * (1 - shares)).sum()), sqrt(half * (1 - half))) * per_draw(one, other)


def _of_a_distance(deviations: float, largest: float) -> float:
    """Noise of half a sum of absolute differences.

    `deviations` is the sum of their standard deviations, `largest` the standard deviation of the sum of those that
    vary most together. The distance is the supremum of a Gaussian process, whose tail beyond its mean is no heavier
    than that of its largest member (Borell 1975); with two labels it is |N(0, largest)|, and the limit exactly its.
    """
    average = 0.5 * _HALF_NORMAL * deviations
    return max(average, (average + (_DEVIATIONS - _HALF_NORMAL) * largest) / REFUSED)


@dataclass(frozen=True)
class Weighted:
    """What one side's draws look like: (K,) values in any order, and the probability of each."""

    size: FloatArray
    probability: FloatArray

    @classmethod
    def of(cls, law: DiscreteDistribution) -> Weighted:
        """A law, each cell at its middle."""
        return cls(np.asarray((law.lo + law.hi) / 2, dtype=np.float64), law.probability)

    @cached_property
    def mean(self) -> float:
        """The expected value."""
        return float(self.probability @ self.size)

    @cached_property
    def variance(self) -> float:
        """Of one draw."""
        return float(self.probability @ (self.size - self.mean) ** 2)


def mean(sides: tuple[Weighted, Weighted], one: float, other: float) -> float:
    """Noise of the difference of two means, relative to the first (0.02 = 2 %); each side with its own variance.

    That is Welch's: a side that by chance has few of the largest would put the noise too low alone.
    """
    return DEVIATION * sqrt(sides[0].variance / one + sides[1].variance / other) / sides[0].mean


def share_of_the_largest(sides: tuple[Weighted, Weighted], fraction: float, one: float, other: float) -> float:
    """Noise of the difference of the shares that the largest `fraction` of the draws have of the sum; as `mean`."""
    # Of a side that is exact nothing is asked.
    spreads = [
        0.0 if isinf(draws) else _largest_variance(Same(side), fraction) / draws
        for side, draws in zip(sides, (one, other), strict=True)
    ]
    return DEVIATION * sqrt(sum(spreads))


def exponent(alpha: float, one: float, other: float) -> float:
    """Noise of the difference of two exponents of a tail, of so many values each (Clauset et al. 2009, eq. 3.2)."""
    return DEVIATION * (alpha - 1) * per_draw(one, other)


def row_shares(laws: tuple[DiscreteDistribution, DiscreteDistribution], one: float, other: float) -> float:
    """Noise of the total variation distance of the shares of all rows that lie in draws of each doubling of size.

    Each side with its own law, as `mean`.
    """
    by_size, from_there = (
        (np.asarray(first) / one + np.asarray(second) / other) ** 0.5
        for first, second in zip(*(_row_variances(Same(law)) for law in laws), strict=True)
    )
    # What varies most together are the largest conversations, from some size on.
    return _of_a_distance(float(by_size.sum()), float(from_there.max()))


def percentile(law: DiscreteDistribution, fraction: float, at: float, one: float, other: float) -> float:
    """A third of how far off, relative and either way, a percentile may be by four standard deviations of its rank.

    By ranks, because values are integers: where a percentile is 2 or 3 by chance, its standard deviation says little.
    `at` is the percentile itself, which `law` puts beside it where it lies inside a cell.
    """
    return _percentile(Same(law), fraction, at, per_draw(one, other))


def design_effect(law: DiscreteDistribution, likeness: float) -> float:
    """How many messages say as much as one independent one; `law` is that of the sizes of conversations."""
    return 1 + likeness * _other_rows(Same(law))


def hours_design_effect(law: DiscreteDistribution) -> float:
    """The same for the hours of the week: small conversations are over within one, large ones spread out."""
    return _hours(Same(law))


def octave(sizes: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Doubling of size that each value lies in: 0 for 0, 1 for 1, 2 for 2 to 3, 3 for 4 to 7, ..."""
    return np.where(sizes >= 1, np.floor(np.log2(np.maximum(sizes, 1.0))) + 1, 0).astype(np.int64)


# What depends on the law alone is kept: a live preview asks for the same production's at every key.
@lru_cache(maxsize=32)
def _percentile(law: Same[DiscreteDistribution], fraction: float, at: float, per_draw: float) -> float:
    spread = _DEVIATIONS * sqrt(fraction * (1 - fraction)) * per_draw
    low, high = law.it.quantile(np.clip([fraction - spread, fraction + spread], 1e-12, 1.0)).tolist()
    middle = max(at, 0.5)
    return float(min(max(middle / max(low, 0.5), high / middle) - 1, _MOST_OFF) / REFUSED)


@lru_cache(maxsize=16)
def _row_variances(law: Same[DiscreteDistribution]) -> tuple[FloatArray, FloatArray]:
    """(OCTAVES,) variance, for one draw, of the share of the rows in each doubling of size, and in it and above."""
    side = Weighted.of(law.it)
    size, average = side.size, side.mean
    at, probability = octave(size), law.it.probability
    rows = np.bincount(at, probability * size, OCTAVES) / average
    squares = np.bincount(at, probability * size**2, OCTAVES) / average**2

    def variance(shares: FloatArray, square: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(square * (1 - 2 * shares) + shares**2 * squares.sum(), 0.0))

    return variance(rows, squares), variance(np.cumsum(rows[::-1]), np.cumsum(squares[::-1]))


@lru_cache(maxsize=16)
def _largest_variance(side: Same[Weighted], fraction: float) -> float:
    """Variance, for one draw, of the share that the largest `fraction` of the draws have of the sum."""
    size, probability, average = side.it.size, side.it.probability, side.it.mean
    order = np.argsort(size)
    place = int(np.searchsorted(np.cumsum(probability[order]), 1 - fraction))
    edge = size[order][min(place, order.size - 1)]
    above = np.maximum(size - edge, 0.0)
    excess = float(probability @ above)
    share = (excess + fraction * edge) / average
    influence = (above - excess - share * (size - average)) / average
    return float(probability @ influence**2)


@lru_cache(maxsize=16)
def _other_rows(law: Same[DiscreteDistribution]) -> float:
    """How many other messages the conversation of an average message has."""
    side = Weighted.of(law.it)
    size, average = side.size, side.mean
    return max(float(law.it.probability @ size**2) / average - 1, 0.0)


@lru_cache(maxsize=16)
def _hours(law: Same[DiscreteDistribution]) -> float:
    side = Weighted.of(law.it)
    size, average = side.size, side.mean
    pairs = np.maximum(size * (size - 1), 0.0) * _HOUR_LIKENESS / (1 + size / _HOUR_BURST)
    return 1 + float(law.it.probability @ pairs) / average
