"""Laws that a tail may follow instead of a power law, each fitted to the same cells by maximum likelihood.

All are weights x^-a exp(-b t(x)) on the tail: b = 0 is the power law, t(x) = x the power law with exponential
cut-off (a = 0: the exponential), t(x) = ln(x)^2 the log-normal (b = 1 / (2 sigma^2), a = 1 - mu / sigma^2), which is
integrated from x - 1/2 to x + 1/2 as everywhere here. Given b, the likelihood is concave in a; the profile over b has
one maximum. So a log-normal that fits only as the limit of a power law, sigma without bound, is found like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.cells import Cells
from shapetui.distributions.nodes import Nodes, integrating, summing

_GOLDEN: Final = (5**0.5 - 1) / 2
# Of ln b; the likelihood is flat at its maximum, and loses (1e-4)^2 of its curvature.
_PRECISION: Final = 1e-4
# A standard deviation of ln x beyond these is a power law, or one value.
_SIGMA: Final = (0.02, 300.0)


@dataclass(frozen=True)
class Fitted:
    """A law fitted to cells.

    Attributes:
        parameters: its parameters by name.
        log_probability: (C,) of each cell.
        counts: (C,) values in each cell.
    """

    parameters: dict[str, float]
    log_probability: FloatArray
    counts: FloatArray

    @cached_property
    def log_likelihood(self) -> float:
        """Of the counts given the cells."""
        filled = self.counts > 0
        return float(self.counts[filled] @ self.log_probability[filled])

    @cached_property
    def ks(self) -> float:
        """Largest distance of the cumulative distributions at the ends of the cells."""
        reached = np.cumsum(self.counts) / self.counts.sum()
        return float(np.abs(reached - np.cumsum(np.exp(self.log_probability))).max())


class Families:
    """The laws of one set of cells; each method fits one."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._sums = summing(cells)

    def power_law(self, alpha: float | None = None) -> Fitted:
        """The power law with the given exponent, or the best one."""
        if alpha is None:
            alpha = _exponent(self._sums, np.zeros(1))
        return self._fitted(self._sums, -alpha * self._sums.log_x, {"alpha": alpha})

    def cut_off(self) -> Fitted:
        """x^-alpha exp(-rate x), rate >= 0."""
        nodes = self._sums
        rate, alpha = self._profile(nodes, nodes.x, self._rates())
        return self._fitted(nodes, -alpha * nodes.log_x - rate * nodes.x, {"alpha": alpha, "rate": rate})

    def exponential(self) -> Fitted:
        """exp(-rate x), rate > 0."""
        nodes = self._sums

        def value(logarithm: float) -> float:
            return _likelihood(nodes, -exp(logarithm) * nodes.x)

        low, high = self._rates()
        rate = exp(_golden(value, log(low), log(high)))
        return self._fitted(nodes, -rate * nodes.x, {"rate": rate})

    def log_normal(self) -> Fitted:
        """The discretised log-normal, given that it lies in the tail."""
        nodes = integrating(self._cells)
        square = nodes.log_x**2
        narrow, wide = _SIGMA
        b, a = self._profile(nodes, square, (1 / (2 * wide**2), 1 / (2 * narrow**2)))
        found = {"mu": (1 - a) / (2 * b), "sigma": sqrt(1 / (2 * b))}
        return self._fitted(nodes, -a * nodes.log_x - b * square, found)

    def _rates(self) -> tuple[float, float]:
        """From a cut-off far beyond the largest value to one below the first."""
        largest = float(self._cells.hi[self._cells.counts > 0][-1])
        return 1e-7 / largest, 20.0

    def _profile(self, nodes: Nodes, statistic: FloatArray, bounds: tuple[float, float]) -> tuple[float, float]:
        """(b, a) of the largest likelihood of x^-a exp(-b statistic)."""
        start = [1.0]

        def value(logarithm: float) -> float:
            offset = -exp(logarithm) * statistic
            start[0] = _exponent(nodes, offset, start[0])
            return _likelihood(nodes, offset - start[0] * nodes.log_x)

        b = exp(_golden(value, log(bounds[0]), log(bounds[1])))
        return b, _exponent(nodes, -b * statistic, start[0])

    @staticmethod
    def _fitted(nodes: Nodes, log_weight: FloatArray, parameters: dict[str, float]) -> Fitted:
        return Fitted(parameters, _log_probability(nodes, log_weight), nodes.counts)


def _log_masses(nodes: Nodes, log_weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(C,) logarithms of the mass of each cell, not normalised; (M,) share of its cell's mass at each node."""
    value = nodes.log_weight + log_weight
    highest = np.maximum.reduceat(value, nodes.starts)
    sizes = np.diff(np.append(nodes.starts, value.size))
    weight = np.exp(value - np.repeat(highest, sizes))
    mass = np.add.reduceat(weight, nodes.starts)
    return highest + np.log(mass), weight / np.repeat(mass, sizes)


def _log_probability(nodes: Nodes, log_weight: FloatArray) -> FloatArray:
    masses, _ = _log_masses(nodes, log_weight)
    highest = masses.max()
    return np.asarray(masses - highest - np.log(np.exp(masses - highest).sum()), dtype=np.float64)


def _likelihood(nodes: Nodes, log_weight: FloatArray) -> float:
    filled = nodes.counts > 0
    return float(nodes.counts[filled] @ _log_probability(nodes, log_weight)[filled])


def _exponent(nodes: Nodes, offset: FloatArray, start: float = 2.0) -> float:
    """The a with the largest likelihood of x^-a exp(offset), by Newton's steps on the moments of ln x.

    The likelihood is concave, so the sign of its slope tells the side. Steps stay between the exponents that are
    known to be too small and too large; while one of these is not known, they are at most 1, 2, 4, ... long.
    """
    low, high, longest = -np.inf, np.inf, 1.0
    a = start
    for _ in range(200):
        slope, curvature = _slope(nodes, offset - a * nodes.log_x)
        low, high = (a, high) if slope > 0 else (low, a)
        step = -slope / curvature if curvature < 0 else float(np.copysign(np.inf, slope))
        if abs(step) < 1e-10 * (1 + abs(a)):
            break
        following = a + float(np.clip(step, -longest, longest))
        if not low < following < high:
            following = (low + high) / 2
        if following == a:
            break
        a, longest = following, longest * 2
    return a


def _slope(nodes: Nodes, log_weight: FloatArray) -> tuple[float, float]:
    """First and second derivative of the log-likelihood by the exponent."""
    counts, total = nodes.counts, nodes.counts.sum()
    masses, share = _log_masses(nodes, log_weight)
    mean = np.add.reduceat(share * nodes.log_x, nodes.starts)
    # Around the mean of the cell, so that a narrow one far out does not cancel.
    sizes = np.diff(np.append(nodes.starts, nodes.x.size))
    variance = np.add.reduceat(share * (nodes.log_x - np.repeat(mean, sizes)) ** 2, nodes.starts)
    probability = np.exp(masses - masses.max())
    probability /= probability.sum()
    expected = float(probability @ mean)
    spread = float(probability @ (variance + (mean - expected) ** 2))
    return float(total * expected - counts @ mean), float(counts @ variance - total * spread)


def _golden(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one maximum has it."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > _PRECISION:
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = function(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = function(left)
    return (low + high) / 2
