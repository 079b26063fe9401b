"""The discrete power law, truncated to `[xmin, xmax]`: P(x) = x^-alpha / H(alpha; xmin, xmax).

Alpha is the density exponent (Clauset, Shalizi & Newman 2009, eq. 3.1, with the sum cut at xmax). It is fitted with
the same truncation that generates, by the discrete binned likelihood: the continuous form is off by 0.1 to 0.4
on integers that begin at 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.zeta import power_sum

# Beyond these exponents a tail is one value (upper) or grows with x (lower); real sets lie in 0.8 to 4.3.
ALPHA_LOWEST: Final = 0.2
ALPHA_HIGHEST: Final = 8.0
# Integers up to here get a cell each; above, cells grow by 2^(1/32): a uniform cell 2 % wide
# is wrong in its mean by less than 1e-4.
_SINGLE_UP_TO: Final = 256
_GOLDEN: Final = (5**0.5 - 1) / 2


def harmonic(alpha: float, lo: ArrayLike, hi: ArrayLike) -> FloatArray:
    """Sum of k^-alpha for k = lo..hi inclusive, lo >= 1, any real alpha; 0 where hi < lo (`zeta.power_sum`)."""
    return power_sum(alpha, lo, hi)


def truncated(alpha: float, xmin: int, xmax: int) -> DiscreteDistribution:
    """The power law on `[xmin, xmax]` as a distribution. Raises ValueError unless 1 <= xmin <= xmax."""
    if not 1 <= xmin <= xmax:
        raise ValueError(f"a power law needs 1 <= xmin <= xmax, not xmin {xmin} and xmax {xmax}")
    ends = [np.arange(xmin, min(_SINGLE_UP_TO, xmax) + 1, dtype=np.int64)]
    if xmax > _SINGLE_UP_TO:
        first = max(xmin, _SINGLE_UP_TO)
        count = int(np.ceil(32 * np.log2(xmax / first))) + 1 if xmax > first else 1
        grown = np.unique(np.round(np.geomspace(first, xmax, count + 1)).astype(np.int64))
        ends.append(grown[grown > max(_SINGLE_UP_TO, xmin - 1)])
    hi = np.unique(np.concatenate(ends))
    hi[-1] = xmax
    lo = np.concatenate([[xmin], hi[:-1] + 1])
    return DiscreteDistribution.of_weights(lo, hi, harmonic(alpha, lo, hi))


@dataclass(frozen=True)
class PowerLawFit:
    """A truncated power law fitted to the cells of a histogram.

    Attributes:
        alpha: density exponent.
        standard_error: of alpha, from the curvature of the binned likelihood.
        xmin, xmax: the range of the law.
        count: how many values lie in the range.
        ks: largest distance of the cumulative distributions at the upper edges of the cells.
        log_likelihood: of the counts given the cells (multinomial, without its constant).
    """

    alpha: float
    standard_error: float
    xmin: int
    xmax: int
    count: int
    ks: float
    log_likelihood: float


def fit(tail: Histogram) -> PowerLawFit:
    """Maximum likelihood alpha of the power law over exactly the range of `tail`'s cells.

    Cells P_i = H(alpha; lo_i, hi_i) / H(alpha; xmin, xmax); log L = sum n_i ln P_i (discrete form of Virkar &
    Clauset 2014, eq. 3.3). The likelihood has one maximum, found by golden section.
    Raises ValueError without any value.
    """
    tail = tail.without_empty()
    if not tail.total:
        raise ValueError("no values to fit a tail to")
    xmin, xmax = int(tail.lo[0]), int(tail.hi[-1])
    counts = tail.counts.astype(np.float64)
    total = counts.sum()

    def log_likelihood(alpha: float) -> float:
        cells = np.log(np.maximum(harmonic(alpha, tail.lo, tail.hi), 1e-300))
        return float(counts @ cells - total * np.log(harmonic(alpha, xmin, xmax)))

    low, high = ALPHA_LOWEST, ALPHA_HIGHEST
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    value_left, value_right = log_likelihood(left), log_likelihood(right)
    while high - low > 1e-6:
        if value_left < value_right:
            low, left, value_left = left, right, value_right
            right = low + _GOLDEN * (high - low)
            value_right = log_likelihood(right)
        else:
            high, right, value_right = right, left, value_left
            left = high - _GOLDEN * (high - low)
            value_left = log_likelihood(left)
    alpha = (low + high) / 2
    best = log_likelihood(alpha)
    step = 1e-3
    curvature = (log_likelihood(alpha + step) - 2 * best + log_likelihood(alpha - step)) / step**2
    error = (-1 / curvature) ** 0.5 if curvature < 0 else float("inf")
    model = harmonic(alpha, xmin, tail.hi) / harmonic(alpha, xmin, xmax)
    ks = float(np.abs(np.cumsum(counts) / total - model).max())
    return PowerLawFit(alpha, error, xmin, xmax, int(total), ks, best)
