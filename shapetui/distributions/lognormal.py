"""The discretised log-normal: P(k) = Phi((ln(k + 1/2) - mu) / sigma) - Phi((ln(k - 1/2) - mu) / sigma), k >= 1.

Lengths of messages follow it roughly per message type. It is evaluated at k + 1/2, never at k: integers
tested against the continuous law at k fail at any sample size worth having.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.distributions.histogram import Histogram

# Integers up to here get a cell each, above cells grow by 2^(1/32); the tables stay under a thousand rows.
_SINGLE_UP_TO: Final = 256
SIGMA_LOWEST: Final = 0.01
SIGMA_HIGHEST: Final = 6.0


def normal_cdf(z: FloatArray) -> FloatArray:
    """Standard normal distribution function. `math.erfc` on some hundred edges beats importing scipy (0.3 s)."""
    return np.array([0.5 * erfc(-value / sqrt(2.0)) for value in z.tolist()])


def cumulative(points: IntArray, mu: float, sigma: float) -> FloatArray:
    """P(X <= k) of the untruncated discretised law at integers k >= 0; 0 at k = 0."""
    x = np.asarray(points, dtype=np.float64)
    with np.errstate(over="ignore"):
        z = (np.log(np.maximum(x, 0.5) + 0.5) - mu) / sigma
    at_half = (log(0.5) - mu) / sigma
    beyond_half = 0.5 * erfc(at_half / sqrt(2.0))
    if beyond_half == 0:
        # Nothing is longer than half a character: everything is as short as may be.
        return np.asarray(np.where(x >= 1, 1.0, 0.0))
    # From the nearer end, so that neither a law below 1 nor one far above cancels to nothing.
    nearer = normal_cdf(-np.abs(z))
    below = np.where(z > 0, 1.0 - nearer / beyond_half, (nearer - 0.5 * erfc(-at_half / sqrt(2.0))) / beyond_half)
    return np.asarray(np.where(x >= 1, np.clip(below, 0.0, 1.0), 0.0))


def discretised(mu: float, sigma: float, maximum: int) -> DiscreteDistribution:
    """The law on 1..maximum, renormalised. Raises ValueError unless sigma > 0 and maximum >= 1."""
    if sigma <= 0 or maximum < 1:
        raise ValueError(f"a log-normal needs sigma > 0 and a maximum >= 1, not {sigma} and {maximum}")
    hi = np.arange(1, min(_SINGLE_UP_TO, maximum) + 1, dtype=np.int64)
    if maximum > _SINGLE_UP_TO:
        steps = int(np.ceil(32 * np.log2(maximum / _SINGLE_UP_TO))) + 1
        grown = np.unique(np.round(np.geomspace(_SINGLE_UP_TO, maximum, steps + 1)).astype(np.int64))
        hi = np.concatenate([hi, grown[grown > _SINGLE_UP_TO]])
    lo = np.concatenate([[1], hi[:-1] + 1])
    weights = np.diff(np.concatenate([[0.0], cumulative(hi, mu, sigma)]))
    if not weights.max() > 0:
        # All mass lies beyond the maximum: everything is as long as may be.
        lo, hi, weights = hi[-1:], hi[-1:], np.ones(1)
    return DiscreteDistribution.of_weights(lo, hi, weights)


def from_mean_and_median(mean: float, median: float) -> tuple[float, float]:
    """(mu, sigma) with this mean and median: mu = ln median, sigma = sqrt(2 ln(mean / median)).

    sigma is at least 0.01: a mean at or below the median leaves nothing to spread.
    """
    return log(max(median, 0.5)), max(SIGMA_LOWEST, sqrt(max(0.0, 2.0 * log(max(mean, 0.5) / max(median, 0.5)))))


@dataclass(frozen=True)
class LogNormalFit:
    """A log-normal fitted to cells of positive integers; `ks` is taken at the upper edges of the cells."""

    mu: float
    sigma: float
    ks: float

    @property
    def mean(self) -> float:
        """exp(mu + sigma^2 / 2), of the continuous law."""
        return exp(self.mu + self.sigma**2 / 2)


def fit(histogram: Histogram) -> LogNormalFit | None:
    """Interval-censored maximum likelihood on cells of values >= 1; None with fewer than two non-empty cells.

    The likelihood is concave in (mu / sigma, 1 / sigma) (Burridge 1981), so Newton steps with halving from the
    moments of the cell middles converge. Cell probabilities below 1e-300 are floored.
    """
    cells = histogram.from_value(1).without_empty()
    if cells.lo.size < 2:
        return None
    counts = cells.counts.astype(np.float64)
    upper, lower = np.log(cells.hi + 0.5), np.log(cells.lo - 0.5)
    middle = (upper + lower) / 2
    mean = float(np.average(middle, weights=counts))
    spread = max(float(np.sqrt(np.average((middle - mean) ** 2, weights=counts))), 0.05)

    def negative(theta: FloatArray) -> float:
        shift, scale = theta
        if scale <= 0:
            return float("inf")
        top, bottom = upper * scale - shift, lower * scale - shift
        # Differences on the better side of zero keep the far tails from cancelling to nothing.
        flip = bottom > 0
        first, second = np.where(flip, -bottom, top), np.where(flip, -top, bottom)
        probability = normal_cdf(first) - normal_cdf(second)
        return -float(counts @ np.log(np.maximum(probability, 1e-300)))

    theta = np.array([mean / spread, 1 / spread])
    value = negative(theta)
    for _ in range(60):
        gradient, hessian = _derivatives(negative, theta, value)
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        scale = 1.0
        while scale > 1e-6:
            candidate = theta - scale * step
            candidate_value = negative(candidate)
            if candidate_value < value:
                break
            scale /= 2
        else:
            break
        done = value - candidate_value < 1e-9 * (1 + abs(value))
        theta, value = candidate, candidate_value
        if done:
            break
    sigma = float(np.clip(1 / theta[1], SIGMA_LOWEST, SIGMA_HIGHEST))
    mu = float(theta[0] / theta[1])
    ks = float(np.abs(cells.cumulative() - cumulative(cells.hi, mu, sigma)).max())
    return LogNormalFit(mu, sigma, ks)


def _derivatives(
    function: Callable[[FloatArray], float], theta: FloatArray, value: float
) -> tuple[FloatArray, FloatArray]:
    """Central differences of a function of two variables: gradient (2,) and Hessian (2, 2)."""
    step = 1e-4 * np.maximum(np.abs(theta), 1e-2)
    e = np.diag(step)
    plus = [function(theta + e[i]) for i in range(2)]
    minus = [function(theta - e[i]) for i in range(2)]
    gradient = np.array([(plus[i] - minus[i]) / (2 * step[i]) for i in range(2)])
    both = function(theta + e[0] + e[1]) - plus[0] - plus[1] + 2 * value - minus[0] - minus[1]
    mixed = (both + function(theta - e[0] - e[1])) / (2 * step[0] * step[1])
    hessian = np.array(
        [
            [(plus[0] - 2 * value + minus[0]) / step[0] ** 2, mixed],
            [mixed, (plus[1] - 2 * value + minus[1]) / step[1] ** 2],
        ]
    )
    return gradient, hessian
