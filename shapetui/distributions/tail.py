"""The discrete power law above xmin fitted to any integer counts, exact or in cells, truncated or endless.

P(x) = x^-alpha / sum k^-alpha over k = xmin..xmax (Clauset, Shalizi & Newman 2009, eq. 3.1; without end it is the
zeta law). The likelihood is that of the cells (discrete form of Virkar & Clauset 2014, eq. 3.3), which for counts of
single integers is the exact one. Alpha is fitted for every candidate of xmin at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.cells import Cells, adjoining
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.zeta import power_sum

# A law without end has no sum at alpha <= 1. Published tails reach 4.3 (Clauset et al., table 6.1); a limit of 3 is
# known to have spoiled fits silently, and beyond 20 a tail is one value.
ALPHA_LOWEST_ENDLESS: Final = 1.001
ALPHA_LOWEST: Final = -4.0
ALPHA_HIGHEST: Final = 20.0
# More than these candidates or points do not move the smallest distance by more than a cell 1 % wide holds.
_MOST_CANDIDATES: Final = 400
_MOST_POINTS: Final = 1500
_STENCIL: Final = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
_FIRST: Final = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / 12
_SECOND: Final = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / 12


@dataclass(frozen=True)
class TailFit:
    """A power law fitted to all values at or above xmin.

    Attributes:
        alpha: density exponent. At `ALPHA_HIGHEST` or the lowest it is a limit, not a maximum.
        standard_error: of alpha, 1 / sqrt(observed information); infinite at a limit.
        xmin: where the tail begins. `xmax`: where the law ends; None without end.
        count: how many values lie in the tail.
        ks: largest distance of the cumulative distributions over all integers at which the data's is known.
        log_likelihood: of the counts given the cells (multinomial, without its constant).
    """

    alpha: float
    standard_error: float
    xmin: int
    xmax: int | None
    count: int
    ks: float
    log_likelihood: float

    @property
    def aic(self) -> float:
        """Akaike's criterion with one parameter, alpha."""
        return 2.0 - 2.0 * self.log_likelihood


@dataclass(frozen=True)
class XminScan:
    """Where a tail could begin, and how well a power law would fit from there: a curve over xmin.

    Attributes:
        xmin: (J,) candidates, ascending.
        ks: (J,) KS distance of the law fitted from each.
        alpha: (J,) its exponent. `standard_error`: (J,) of it.
        count: (J,) values at or above it.
    """

    xmin: IntArray
    ks: FloatArray
    alpha: FloatArray
    standard_error: FloatArray
    count: IntArray

    @property
    def best(self) -> int:
        """The candidate with the smallest distance."""
        return int(self.xmin[int(np.argmin(self.ks))])

    def curve(self) -> list[tuple[int, float]]:
        """(xmin, KS) pairs."""
        return list(zip(self.xmin.tolist(), self.ks.tolist(), strict=True))


def fit_tail(histogram: Histogram, xmin: int, *, endless: bool = False) -> TailFit:
    """The power law with the largest likelihood on all cells that lie at or above `xmin`.

    Truncated it ends where the last filled cell ends. A cell that `xmin` cuts is left out. Raises ValueError unless
    xmin >= 1 and the tail has at least two different cells.
    """
    if xmin < 1:
        raise ValueError(f"a power law begins at 1 or above, not at {xmin}")
    tail = histogram.from_value(xmin).without_empty()
    if tail.lo.size < 2:
        raise ValueError("a tail needs at least two different values")
    # The law begins at xmin, even where nobody has that value.
    begins = np.array([xmin], dtype=np.int64)
    alpha, error, value = _maximise(_likelihood(tail, np.zeros(1, dtype=np.int64), begins, endless), 1, endless)
    xmax = None if endless else int(tail.hi[-1])
    cells = adjoining(tail, endless=False).beginning_at(xmin)
    ks = _distance(cells, float(alpha[0]), endless, thin=False)
    return TailFit(float(alpha[0]), float(error[0]), xmin, xmax, tail.total, ks, float(value[0]))


def scan_xmin(
    histogram: Histogram, *, endless: bool = False, least_count: int = 50, least_cells: int = 4
) -> XminScan | None:
    """Every lower edge of a filled cell from which at least `least_count` values and `least_cells` filled cells go on.

    The smallest KS distance chooses xmin (Clauset, Shalizi & Newman 2009, section 3.3). Without the guard it picks
    a handful of values, or two cells, which one exponent always fits exactly. None without any candidate. Of more
    than 400 candidates, 400 are tried that lie at equal ratios; beyond 1,500 cells the distance is taken at as many.
    """
    filled = histogram.from_value(1).without_empty()
    above = np.cumsum(filled.counts[::-1])[::-1]
    index = np.flatnonzero((above >= least_count) & (np.arange(filled.lo.size, 0, -1) >= max(2, least_cells)))
    if not index.size:
        return None
    index = _thinned(filled.lo, index, _MOST_CANDIDATES)
    begins = filled.lo[index]
    alpha, error, _ = _maximise(_likelihood(filled, index, begins, endless), index.size, endless)
    cells = adjoining(filled, endless=False)
    starts = np.searchsorted(cells.lo, begins)
    ks = [
        _distance(cells.from_cell(int(at)), float(exponent), endless, thin=True)
        for at, exponent in zip(starts, alpha, strict=True)
    ]
    return XminScan(begins, np.array(ks), alpha, error, above[index])


def best_tail(
    histogram: Histogram, *, endless: bool = False, least_count: int = 50, least_cells: int = 4
) -> tuple[TailFit, XminScan] | None:
    """The tail from the best xmin, and the curve that chose it; None where there is no candidate."""
    scan = scan_xmin(histogram, endless=endless, least_count=least_count, least_cells=least_cells)
    return None if scan is None else (fit_tail(histogram, scan.best, endless=endless), scan)


def tail_share_up_to(points: FloatArray, alpha: float, xmin: int, xmax: float) -> FloatArray:
    """P(X <= point) of the power law on xmin..xmax (infinite: without end), at integers >= xmin - 1."""
    whole = power_sum(alpha, xmin, xmax)
    # From the nearer end: beyond the body of the law the sum below is one minus next to nothing.
    return np.asarray(1.0 - power_sum(alpha, points + 1, xmax) / whole, dtype=np.float64)


def _thinned(values: IntArray, index: IntArray, most: int) -> IntArray:
    """At most `most` of the positions `index`, first and last among them, where `values` grow at equal ratios."""
    if index.size <= most:
        return index
    wanted = np.geomspace(max(float(values[index[0]]), 1.0), float(values[index[-1]]), most)
    found = np.searchsorted(values[index], np.floor(wanted))
    kept = np.unique(np.append(np.minimum(found, index.size - 1), [0, index.size - 1]))
    return np.asarray(index[kept], dtype=np.int64)


def _likelihood(
    cells: Histogram, index: IntArray, begins: IntArray, endless: bool
) -> Callable[[FloatArray], FloatArray]:
    """log L of the cells from each `index` (J,) on, given that values are >= `begins` (J,), as a function of alpha.

    The function takes (K, J) exponents and returns (K, J) values.
    """
    counts = cells.counts.astype(np.float64)
    total = np.cumsum(counts[::-1])[::-1][index]
    single = cells.lo == cells.hi
    logs = np.where(single, counts * np.log(cells.lo), 0.0)
    sum_of_logs = np.cumsum(logs[::-1])[::-1][index]
    wide = np.flatnonzero(~single)
    # (J, W) counts of the wide cells that belong to each tail.
    inside = counts[wide] * (wide >= index[:, None])
    xmax = np.inf if endless else float(cells.hi[-1])

    def value(alpha: FloatArray) -> FloatArray:
        found = -alpha * sum_of_logs - total * np.log(power_sum(alpha, begins, xmax))
        if wide.size:
            masses = power_sum(alpha[..., None], cells.lo[wide], cells.hi[wide])
            found = found + (inside * np.log(np.maximum(masses, 1e-300))).sum(axis=-1)
        return np.asarray(found, dtype=np.float64)

    return value


def _maximise(
    likelihood: Callable[[FloatArray], FloatArray], size: int, endless: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(J,) exponents of the largest likelihood, their standard errors and the likelihoods there.

    Newton's steps on the derivatives of a five-point stencil, held inside a bracket: the likelihood has one maximum.
    """
    low = np.full(size, ALPHA_LOWEST_ENDLESS if endless else ALPHA_LOWEST)
    high = np.full(size, ALPHA_HIGHEST)
    alpha = np.full(size, 2.0)

    def derivatives(at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        # Without end the sum has a pole at 1, from which the stencil must keep away.
        step = np.minimum(1e-3, (at - 1.0) / 8) if endless else np.full(at.shape, 1e-3)
        values = likelihood(at + _STENCIL[:, None] * step)
        return _FIRST @ values / step, _SECOND @ values / step**2, values[2]

    for _ in range(60):
        slope, curvature, _ = derivatives(alpha)
        low, high = np.where(slope > 0, alpha, low), np.where(slope > 0, high, alpha)
        newton = alpha - slope / np.where(curvature < 0, curvature, -1e-300)
        following = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        settled = np.abs(following - alpha).max() < 1e-10
        alpha = following
        if settled:
            break
    _, curvature, value = derivatives(alpha)
    edge = (alpha > ALPHA_HIGHEST - 1e-6) | (alpha < (ALPHA_LOWEST_ENDLESS if endless else ALPHA_LOWEST) + 1e-6)
    error = np.where((curvature < 0) & ~edge, np.abs(curvature) ** -0.5, np.inf)
    return alpha, error, value


def _distance(cells: Cells, alpha: float, endless: bool, *, thin: bool) -> float:
    """The KS distance from the law that begins with the first cell, at the ends of the cells; `thin`: at 1,500."""
    points, reached = cells.hi, cells.reached()
    if thin and points.size > _MOST_POINTS:
        kept = _thinned(points.astype(np.int64), np.arange(points.size), _MOST_POINTS)
        points, reached = points[kept], reached[kept]
    end = np.inf if endless else float(cells.hi[-1])
    return float(np.abs(reached - tail_share_up_to(points, alpha, int(cells.lo[0]), end)).max())
