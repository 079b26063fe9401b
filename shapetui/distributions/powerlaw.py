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

# Beyond these exponents a tail is one value (upper) or grows with x (lower); real sets lie in 0.8 to 4.3.
ALPHA_LOWEST: Final = 0.2
ALPHA_HIGHEST: Final = 8.0
# Integers up to here get a cell each; above, cells grow by 2^(1/32): a uniform cell 2 % wide
# is wrong in its mean by less than 1e-4.
_SINGLE_UP_TO: Final = 256
_DIRECT: Final = 16
_BERNOULLI: Final = (1 / 6, -1 / 30, 1 / 42, -1 / 30)
_GOLDEN: Final = (5**0.5 - 1) / 2


def harmonic(alpha: float, lo: ArrayLike, hi: ArrayLike) -> FloatArray:
    """Sum of k^-alpha for k = lo..hi inclusive, lo >= 1, any real alpha; 0 where hi < lo.

    Euler-Maclaurin after 16 direct terms, with four corrections; relative error below 1e-13 against 30-digit
    arithmetic for alpha in 0.5..4. The integral is written with expm1, so alpha = 1 is no special case.
    """
    low, high = np.broadcast_arrays(np.asarray(lo, dtype=np.float64), np.asarray(hi, dtype=np.float64))
    direct = low[..., None] + np.arange(_DIRECT)
    result = np.where(direct <= high[..., None], direct**-alpha, 0.0).sum(axis=-1)
    m = low + _DIRECT
    rest = high >= m
    m, h = np.where(rest, m, 1.0), np.where(rest, high, 1.0)
    log = np.log(h / m)
    y = (alpha - 1.0) * log
    safe = np.where(np.abs(y) < 1e-300, 1.0, y)
    integral = m ** (1 - alpha) * log * np.where(np.abs(y) < 1e-300, 1.0, -np.expm1(-safe) / safe)
    tail = integral + (m**-alpha + h**-alpha) / 2
    rising, factorial = alpha, 2.0
    for j, bernoulli in enumerate(_BERNOULLI, start=1):
        power = -alpha - 2 * j + 1
        tail = tail + bernoulli / factorial * rising * (m**power - h**power)
        rising *= (alpha + 2 * j - 1) * (alpha + 2 * j)
        factorial *= (2 * j + 1) * (2 * j + 2)
    return np.asarray(np.where(rest, result + tail, result), dtype=np.float64)


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


def best_tail(histogram: Histogram, least_count: int = 50, least_cells: int = 4) -> PowerLawFit | None:
    """The tail whose xmin gives the smallest KS distance (Clauset, Shalizi & Newman 2009, section 3.3).

    Candidates are the lower edges of the cells with at least `least_count` values and `least_cells` cells at or
    above them: without that guard the smallest KS picks tails of a handful of values, or of two cells, which one
    exponent always fits exactly (KS 0). None when there is none.
    """
    histogram = histogram.without_empty()
    above = np.cumsum(histogram.counts[::-1])[::-1]
    candidates = [
        int(lo)
        for index, lo in enumerate(histogram.lo)
        if lo >= 1 and above[index] >= least_count and histogram.lo.size - index >= least_cells
    ]
    fits = [fit(histogram.from_value(xmin)) for xmin in candidates]
    return min(fits, key=lambda found: found.ks, default=None)
