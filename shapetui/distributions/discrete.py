"""A distribution over non-negative integers, as cells of which each is uniform or a piece of a power of x.

Every model of shapetui (histogram body, power-law tail, log-normal length) is compiled to this one form, so that
cumulative probability, quantile, mean and the exact counts of a quantile grid are written and tested once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.histogram import Histogram


@dataclass(frozen=True)
class DiscreteDistribution:
    """Probability per inclusive integer cell, uniform over the integers of a cell.

    Attributes:
        lo: (K,) first integer of each cell, ascending, disjoint.
        hi: (K,) last integer of each cell.
        probability: (K,) probability of each cell, positive, sums to 1.
    """

    lo: IntArray
    hi: IntArray
    probability: FloatArray

    @classmethod
    def of_weights(cls, lo: ArrayLike, hi: ArrayLike, weights: ArrayLike) -> DiscreteDistribution:
        """From any non-negative weights; cells of weight zero are dropped. Raises ValueError without any weight."""
        low, high = np.asarray(lo, dtype=np.int64), np.asarray(hi, dtype=np.int64)
        weight = np.asarray(weights, dtype=np.float64)
        kept = weight > 0
        total = weight[kept].sum()
        if not total > 0 or not np.isfinite(total):
            raise ValueError("a distribution needs at least one positive, finite weight")
        return cls(low[kept], high[kept], weight[kept] / total)

    @cached_property
    def _below(self) -> FloatArray:
        """(K+1,) probability below each cell, never falling; the last entry is exactly 1."""
        sums: FloatArray = np.minimum(np.concatenate([[0.0], np.cumsum(self.probability)]), 1.0)
        sums[-1] = 1.0
        return sums

    @cached_property
    def _width(self) -> IntArray:
        """(K,) how many integers each cell holds."""
        return np.asarray(self.hi - self.lo + 1)

    @property
    def minimum(self) -> int:
        """The smallest possible integer."""
        return int(self.lo[0])

    @property
    def maximum(self) -> int:
        """The largest possible integer."""
        return int(self.hi[-1])

    def cdf(self, points: ArrayLike) -> FloatArray:
        """Probability of a value <= each point."""
        x = np.asarray(points, dtype=np.int64)
        index = np.minimum(np.searchsorted(self.hi, x, side="left"), self.hi.size - 1)
        return self._up_to(index, x - self.lo[index])

    def _up_to(self, index: IntArray, step: IntArray) -> FloatArray:
        """Probability of a value <= `lo[index] + step`; `step` may lie outside the cell.

        The one place where a cumulative probability is computed: `cdf`, `quantile` and `grid_count` compare the same
        floating-point numbers, so that what is predicted and what is generated agree in every last conversation.
        It never falls as the point grows, and is exactly `_below` at the end of each cell.
        """
        # minimum and maximum instead of clip, whose overhead a live preview pays fifty times at every key.
        inside = np.minimum(np.maximum((step + 1) / self._width[index], 0.0), 1.0)
        whole, end = self._below[index] + inside * self.probability[index], self._below[index + 1]
        return np.asarray(np.where(inside < 1, np.minimum(whole, end), end))

    def quantile(self, fractions: ArrayLike) -> IntArray:
        """The smallest integer whose cumulative probability (`cdf`) is at least each fraction in (0, 1].

        At 0 it is the minimum.
        """
        shape = np.shape(fractions)
        q = np.asarray(fractions, dtype=np.float64).ravel()
        index = np.minimum(np.searchsorted(self._below[1:], q, side="left"), self.lo.size - 1)
        last = (self.hi - self.lo)[index]
        share = np.clip((q - self._below[index]) / self.probability[index], 0.0, 1.0)
        step = np.clip(np.ceil(share * (last + 1)).astype(np.int64) - 1, 0, last)
        # The division above is right to the last digit or so; at a border that digit decides, and `cdf` is the judge.
        wide = np.flatnonzero(last)
        place, cell, chosen = q[wide], index[wide], step[wide]
        low = (self._up_to(cell, chosen) < place) & (chosen < last[wide])
        high = (chosen > 0) & (self._up_to(cell, chosen - 1) >= place)
        wrong = wide[low | high]
        if wrong.size:
            step[wrong] = self._bisected(q[wrong], index[wrong])
        return np.asarray(self.lo[index] + step, dtype=np.int64).reshape(shape)

    def _bisected(self, q: FloatArray, index: IntArray) -> IntArray:
        """The first step of each cell at which the cumulative probability reaches q, by bisection."""
        low = np.full(q.size, -1, dtype=np.int64)
        high = (self.hi - self.lo)[index]
        while (high - low > 1).any():
            middle = (low + high) // 2
            reached = self._up_to(index, middle) >= q
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return high

    def means_between(self, start: FloatArray, end: FloatArray) -> FloatArray:
        """(K,) mean integer of each cell over the cumulative probabilities from start to end, both inside the cell."""
        share = ((start + end) / 2 - self._below[:-1]) / self.probability
        place = np.minimum(np.maximum(share * self._width - 0.5, 0.0), self._width - 1.0)
        return np.asarray(self.lo + place, dtype=np.float64)

    def mean(self) -> float:
        """The expected value."""
        return float(self.probability @ ((self.lo + self.hi) / 2))

    def restricted(self, low: int, high: int) -> DiscreteDistribution:
        """The distribution given that the value lies in `[low, high]`. Raises ValueError when it cannot."""
        lo, hi = np.maximum(self.lo, low), np.minimum(self.hi, high)
        width = np.maximum(hi - lo + 1, 0)
        return DiscreteDistribution.of_weights(lo, hi, self.probability * width / (self.hi - self.lo + 1))


def mixture(parts: list[tuple[float, DiscreteDistribution]]) -> DiscreteDistribution:
    """The mixture of distributions with given weights.

    Where cells of two parts overlap they are cut at each other's edges, so that the result is exact.
    """
    parts = [(weight, part) for weight, part in parts if weight > 0]
    if len(parts) == 1:
        return parts[0][1]
    total = sum(weight for weight, _ in parts)
    starts = np.unique(np.concatenate([np.concatenate([part.lo, part.hi + 1]) for _, part in parts]))
    lo, hi = starts[:-1], starts[1:] - 1
    weights = sum((weight / total) * (part.cdf(hi) - part.cdf(lo - 1)) for weight, part in parts)
    return DiscreteDistribution.of_weights(lo, hi, np.maximum(weights, 0.0))


def grid_count(distribution: DiscreteDistribution, points: ArrayLike, size: int) -> IntArray:
    """How many of the `size` grid values `quantile((i + 1/2) / size)` are <= each point: exact, no sampling."""
    reached = distribution.cdf(points)
    if not size:
        return np.zeros(reached.shape, dtype=np.int64)
    count = np.floor(reached * size + 0.5)
    # The product may round across a whole number; the fractions of the grid themselves decide, as in `grid_values`.
    count += (count + 0.5) / size <= reached
    count -= (count - 0.5) / size > reached
    return np.asarray(np.minimum(count, size), dtype=np.int64)


def grid_values(distribution: DiscreteDistribution, size: int) -> IntArray:
    """(size,) the quantile grid itself, ascending: value i is the quantile at (i + 1/2) / size."""
    return distribution.quantile((np.arange(size) + 0.5) / size)


def grid_sum(distribution: DiscreteDistribution, size: int) -> float:
    """Sum of the `size` grid values, without making them.

    Exact on cells of one integer; on a wide cell every value is taken half an integer around its place, which
    leaves less than 5e-4 of the sum. The mean of the law is not this: of a tail with alpha below 2 on a
    few hundred conversations it is off by several percent.
    """
    if not size:
        return 0.0
    ends = grid_count(distribution, distribution.hi, size)
    starts = np.concatenate([[0], ends[:-1]])
    return float((ends - starts) @ distribution.means_between(starts / size, ends / size))


def smooth(histogram: Histogram, steps: int = 8) -> DiscreteDistribution:
    """The histogram as a distribution, with a slope inside each wide cell taken from its neighbours.

    Inside a cell the density follows x^-s, s from the densities of the neighbouring cells (log-log); a flat
    density would put the mean of a falling cell too high (0.4 % at a bin growth of 2^(1/4), 10 % where
    disclosure control merged several bins). Each wide cell becomes at most `steps` uniform pieces.
    """
    # A live preview asks for the same bodies and lengths at every key; by content, as their arrays are made anew.
    arrays = (histogram.lo, histogram.hi, histogram.counts)
    return _smoothed(*(np.asarray(array, dtype=np.int64).tobytes() for array in arrays), steps)


@lru_cache(maxsize=256)
def _smoothed(lower: bytes, upper: bytes, held: bytes, steps: int) -> DiscreteDistribution:
    lowest, highest, counts = (np.frombuffer(array, dtype=np.int64) for array in (lower, upper, held))
    histogram = Histogram(lowest, highest, counts).without_empty()
    lo, hi = histogram.lo.astype(np.float64), histogram.hi.astype(np.float64)
    width = hi - lo + 1
    slopes = _slopes(lo, hi, histogram.counts / width)
    # (B, steps + 1) edges of the pieces; pieces without an integer get weight zero and are dropped.
    start = np.maximum(lo, 1.0)[:, None]
    edges = np.round(start * ((hi + 1)[:, None] / start) ** (np.arange(steps + 1) / steps))
    edges[:, 0], edges[:, -1] = lo, hi + 1
    edges = np.maximum.accumulate(edges, axis=1)
    first, beyond = edges[:, :-1], edges[:, 1:]
    middle = (np.maximum(first - 0.5, 0.5) * np.maximum(beyond - 0.5, 0.5)) ** 0.5
    piece = (beyond - first) * middle ** -slopes[:, None]
    weights = piece / piece.sum(axis=1, keepdims=True) * histogram.counts[:, None]
    return DiscreteDistribution.of_weights(
        first.ravel().astype(np.int64), beyond.ravel().astype(np.int64) - 1, weights.ravel()
    )


def _slopes(lo: FloatArray, hi: FloatArray, density: FloatArray) -> FloatArray:
    """(B,) local log-log slope -d ln(density) / d ln(x) of each cell, between -2 and 4, from its neighbours."""
    if lo.size < 2:
        return np.zeros(lo.size)
    middle = np.log((np.maximum(lo - 0.5, 0.5) * (hi + 0.5)) ** 0.5)
    slope = -np.gradient(np.log(density), middle)
    return np.asarray(np.clip(slope, -2.0, 4.0))
