"""Noise floors: how far two honest samples of one chat lie apart on average, in closed form from the shape alone.

Conversations are taken as independent draws from the law of sizes, `one` and `other` of them on the two sides. What a
conversation contributes to a statistic is its influence (Hampel 1974): the variance of a mean, of a share of rows or of
the share of the largest is the second moment of that, so nothing is simulated. For a distance that is a sum of
absolute differences the expectation of a half-normal is taken, sqrt(2 / pi) of a standard deviation
(mostlyai-qa's `calculate_expected_l1_multinomial`).

Messages are not independent: those of one conversation are alike. `N` messages say as much as `N / D` independent ones,
with the design effect (Kish 1965) D = 1 + sum n (n - 1) rho / sum n over conversations of n messages. The sizes are
known; rho, the likeness of two messages of a conversation, is not in a shape and is assumed (see below).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.identity import Same

# The mean of Kolmogorov's distribution, sqrt(pi / 2) ln 2: of D sqrt(n m / (n + m)) for two samples of one law. It is
# an upper bound where many values are equal.
_KOLMOGOROV_MEAN: Final = 0.8687
_HALF_NORMAL: Final = sqrt(2 / pi)
# The gate refuses beyond three noises. A number's noise is so many of its standard deviations that this is 3.4 of them:
# with sixteen checks one honest copy in a hundred is refused (Sidak), at three it would be one in twenty-five.
REFUSED: Final = 3.0
_DEVIATIONS: Final = 3.4
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
    """Mean total variation distance of two samples whose labels have these shares, (K,) summing to 1."""
    return float(0.5 * _HALF_NORMAL * np.sqrt(shares * (1 - shares)).sum() * per_draw(one, other))


@dataclass(frozen=True)
class Weighted:
    """What one side's draws look like: (K,) values in any order, and the probability of each."""

    size: FloatArray
    probability: FloatArray

    @classmethod
    def of(cls, law: DiscreteDistribution) -> Weighted:
        """A law, each cell at its middle."""
        return cls(np.asarray((law.lo + law.hi) / 2, dtype=np.float64), law.probability)

    @property
    def mean(self) -> float:
        """The expected value."""
        return float(self.probability @ self.size)


def mean(sides: tuple[Weighted, Weighted], one: float, other: float) -> float:
    """Noise of the ratio of two means, relative (0.02 = 2 %); each side with its own variance, as Welch does.

    A side that by chance has few of the largest conversations would put the noise too low alone.
    """
    spreads = [float(side.probability @ (side.size - side.mean) ** 2) / side.mean**2 for side in sides]
    return DEVIATION * sqrt(spreads[0] / one + spreads[1] / other)


def share_of_the_largest(sides: tuple[Weighted, Weighted], fraction: float, one: float, other: float) -> float:
    """Noise of the difference of the shares that the largest `fraction` of the draws have of the sum; as `mean`."""
    spreads = []
    for side in sides:
        order = np.argsort(side.size)
        place = int(np.searchsorted(np.cumsum(side.probability[order]), 1 - fraction))
        edge = side.size[order][min(place, order.size - 1)]
        above = np.maximum(side.size - edge, 0.0)
        excess = float(side.probability @ above)
        share = (excess + fraction * edge) / side.mean
        influence = (above - excess - share * (side.size - side.mean)) / side.mean
        spreads.append(float(side.probability @ influence**2))
    return DEVIATION * sqrt(spreads[0] / one + spreads[1] / other)


def exponent(alpha: float, one: float, other: float) -> float:
    """Noise of the difference of two exponents of a tail, of so many values each (Clauset et al. 2009, eq. 3.2)."""
    return DEVIATION * (alpha - 1) * per_draw(one, other)


def row_shares(law: DiscreteDistribution, one: float, other: float) -> float:
    """Mean total variation distance of the shares of all rows that lie in draws of each doubling of size."""
    return _row_shares(Same(law)) * per_draw(one, other)


def percentile(law: DiscreteDistribution, fraction: float, one: float, other: float) -> float:
    """A third of how far off, relative and either way, a percentile may be by 3.4 standard deviations of its rank.

    By ranks, because values are integers: where a percentile is 2 or 3 by chance, its standard deviation says little.
    """
    spread = _DEVIATIONS * sqrt(fraction * (1 - fraction)) * per_draw(one, other)
    ranks = np.clip([fraction - spread, fraction, fraction + spread], 1e-12, 1.0)
    low, middle, high = np.maximum(law.quantile(ranks), 0.5).tolist()
    return float(min(max(middle / low, high / middle) - 1, _MOST_OFF) / REFUSED)


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
@lru_cache(maxsize=16)
def _row_shares(law: Same[DiscreteDistribution]) -> float:
    side = Weighted.of(law.it)
    size, average = side.size, side.mean
    at, probability = octave(size), law.it.probability
    rows = np.bincount(at, probability * size) / average
    squares = np.bincount(at, probability * size**2)
    variance = (squares * (1 - 2 * rows) + rows**2 * squares.sum()) / average**2
    return float(0.5 * _HALF_NORMAL * np.sqrt(np.maximum(variance, 0.0)).sum())


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
