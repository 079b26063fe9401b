"""Whether a tail could come from a power law at all: the semi-parametric bootstrap of Clauset, Shalizi & Newman
(2009, section 4.1), for all replicates at once.

A replicate has as many values as the data, each from the fitted tail with the tail's share and else one of the
values below xmin; on cells that is one multinomial draw. Each is fitted as the data was: alpha, the end of a
truncated law, and xmin where it was chosen by its KS distance. p is the share of replicates that lie at least as far
from their own law as the data from its own.

Likelihoods are tabulated over a grid of exponents and cells, so that a fit is a look-up with interpolation (of fourth
degree; error in alpha below 1e-3 of itself), and the data is treated as one more replicate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.cells import grown_edges, on_edges
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.tail import TailFit
from shapetui.distributions.zeta import power_sum

# A power law is ruled out below this (Clauset, Shalizi & Newman 2009, section 4.1).
PLAUSIBLE_FROM: Final = 0.1

# Exact counts are put into cells for this: single integers, then 9 % wide.
_SINGLES: Final = 48
_PER_DOUBLING: Final = 8
# Cells of a law without end beyond the largest value: doublings, and the last has no end.
_DOUBLINGS_BEYOND: Final = 30
# Replicates that are fitted together, so that the tables stay below some 100 MB.
_TABLE: Final = 4_000_000
# Exponents of the grid. Without end they crowd towards the pole at 1.
_ENDLESS_GRID: Final = 1.0 + np.exp(np.linspace(np.log(0.01), np.log(12.0), 160))
_GRID: Final = np.linspace(-1.0, 10.0, 221)


@dataclass(frozen=True)
class Goodness:
    """What the bootstrap found.

    Attributes:
        p: share of replicates at least as far from a power law as the data.
        replicates: how many there were.
        ks: the distance of the data, fitted on the same cells as the replicates.
    """

    p: float
    replicates: int
    ks: float

    @property
    def plausible(self) -> bool:
        """Whether a power law is not ruled out."""
        return self.p >= PLAUSIBLE_FROM


@dataclass(frozen=True)
class _Tables:
    """Logarithms over (A,) exponents and (C,) cells.

    Attributes:
        grid: (A,) exponents.
        mass: (A, C) logarithm of the sum over each cell.
        beyond: (A, C) logarithm of the sum from the first integer of each cell to the end of the law.
    """

    grid: FloatArray
    mass: FloatArray
    beyond: FloatArray


def goodness_of_fit(
    histogram: Histogram,
    fitted: TailFit,
    *,
    scanned: bool,
    replicates: int,
    seed: str,
    least_count: int = 50,
    least_cells: int = 4,
) -> Goodness | None:
    """p of the fitted tail; None without a replicate that can be fitted.

    `scanned` says that xmin was chosen by its KS distance among tails of `least_count` values and `least_cells`
    filled cells; else it stays where it is. The same `seed` gives the same p.
    """
    endless = fitted.xmax is None
    cells = _cells(histogram, fitted)
    lo, hi, counts = cells.lo.astype(np.float64), cells.hi.astype(np.float64), cells.counts
    if endless:
        lo, hi, counts = _without_end(lo, hi, counts)
    start = int(np.searchsorted(lo, fitted.xmin))
    candidates = np.array([start])
    if scanned:
        above = np.cumsum(counts[::-1])[::-1]
        candidates = np.flatnonzero((lo >= 1) & (above >= least_count))
    else:
        least_count, least_cells = 1, 1
    base = int(candidates[0])
    end = np.inf if endless else hi[-1]
    tables = _tables(lo[base:], hi[base:], end, endless)
    rng = np.random.default_rng(list(seed.encode()) or [0])
    data = counts[None, :].astype(np.int64)
    drawn = _draws(rng, counts, lo, hi, start, fitted, end, replicates)
    size = max(1, _TABLE // (tables.mass.size + 1))

    def distances(rows: IntArray) -> FloatArray:
        part = rows[:, base:].astype(np.float64)
        return _smallest_distance(part, candidates - base, tables, endless, least_count, least_cells)

    ks = float(distances(data)[0])
    found = np.concatenate([distances(drawn[at : at + size]) for at in range(0, replicates, size)])
    found = found[np.isfinite(found)]
    if not found.size or not np.isfinite(ks):
        return None
    return Goodness(float((found >= ks - 1e-12).mean()), int(found.size), ks)


def _cells(histogram: Histogram, fitted: TailFit) -> Histogram:
    """Adjoining cells from the smallest value on: the histogram's own, or grown ones where it is exact; a cell begins
    at xmin, and gaps are cells."""
    filled = histogram.without_empty()
    first, last = int(filled.lo[0]), int(filled.hi[-1])
    edges = grown_edges(first, last, _SINGLES, _PER_DOUBLING)
    edges = np.unique(np.append(edges, fitted.xmin))
    if (filled.hi > filled.lo).any():
        gaps = np.concatenate([[first - 1], filled.hi])
        # Of the grown edges those that lie in gaps.
        at = np.searchsorted(filled.lo, edges, side="right") - 1
        edges = edges[(edges > filled.hi[np.maximum(at, 0)]) | (edges == first)]
        edges = np.unique(np.concatenate([edges, filled.lo, gaps[1:-1] + 1]))
    return on_edges(filled, edges)


def _without_end(lo: FloatArray, hi: FloatArray, counts: IntArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """The cells with doublings beyond the largest value, the last of which has no end."""
    beyond = np.floor((hi[-1] + 1) * 2.0 ** np.arange(_DOUBLINGS_BEYOND))
    return (
        np.concatenate([lo, beyond]),
        np.concatenate([hi, beyond[1:] - 1, [np.inf]]),
        np.concatenate([counts, np.zeros(beyond.size, dtype=np.int64)]),
    )


def _tables(lo: FloatArray, hi: FloatArray, end: float, endless: bool) -> _Tables:
    grid = _ENDLESS_GRID if endless else _GRID
    mass = power_sum(grid[:, None], lo, hi)
    # The sums over single cells, added up from the end, differ from the sum beyond by rounding only.
    beyond = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
    return _Tables(grid, np.log(mass), np.log(beyond))


def _draws(
    rng: np.random.Generator,
    counts: IntArray,
    lo: FloatArray,
    hi: FloatArray,
    start: int,
    fitted: TailFit,
    end: float,
    replicates: int,
) -> IntArray:
    """(R, C) counts: below xmin with the frequencies of the data, above with those of the law."""
    law = power_sum(fitted.alpha, lo[start:], hi[start:]) / power_sum(fitted.alpha, fitted.xmin, end)
    total, tail = int(counts.sum()), float(counts[start:].sum())
    probability = np.concatenate([counts[:start] / total, law / law.sum() * (tail / total)])
    return rng.multinomial(total, probability / probability.sum(), size=replicates)


def _smallest_distance(
    rows: FloatArray, candidates: IntArray, tables: _Tables, endless: bool, least_count: int, least_cells: int
) -> FloatArray:
    """(R,) the KS distance of each row of counts from its own best law; infinite where no tail is large enough."""
    cells = rows.shape[1]
    above = np.cumsum(rows[:, ::-1], axis=1)[:, ::-1]
    filled = np.cumsum((rows > 0)[:, ::-1], axis=1)[:, ::-1]
    # A truncated law ends where the last filled cell of its row ends: (R,) index of the cell after it.
    after = np.full(len(rows), cells) if endless else cells - np.argmax((rows > 0)[:, ::-1], axis=1)
    place, weights = _exponents(rows, above, after, tables, candidates, endless)
    best = np.full(len(rows), np.inf)
    for column, distance in _distances(rows, above, after, place, weights, tables, candidates):
        allowed = (above[:, column] >= least_count) & (filled[:, column] >= least_cells)
        best = np.where(allowed & (distance < best), distance, best)
    return best


def _exponents(
    rows: FloatArray, above: FloatArray, after: IntArray, tables: _Tables, candidates: IntArray, endless: bool
) -> tuple[IntArray, FloatArray]:
    """Where on the grid the likelihood of each row from each candidate is largest.

    (R, J) index of the middle of five exponents, and (R, J, 5) weights with which values at them are interpolated.
    """
    # (R, A, C) suffix sums over cells of count * log mass.
    terms = rows[:, None, :] * tables.mass
    terms = np.cumsum(terms[:, :, ::-1], axis=2)[:, :, ::-1][:, :, candidates]
    whole = tables.beyond[None, :, candidates]
    if not endless:
        whole = whole + np.log1p(-np.minimum(_cut(tables, after)[:, :, None] / np.exp(whole), 1 - 1e-15))
    likelihood = terms - above[:, None, candidates] * whole
    peak = np.clip(np.argmax(likelihood, axis=1), 2, tables.grid.size - 3)
    around = np.stack([np.take_along_axis(likelihood, (peak + k)[:, None], 1)[:, 0] for k in range(-2, 3)], axis=-1)
    first = around @ (np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / 12)
    second = around @ (np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / 12)
    third = around @ (np.array([-1.0, 2.0, 0.0, -2.0, 1.0]) / 2)
    step = np.zeros(peak.shape)
    for _ in range(4):
        curvature = second + third * step
        slope = first + second * step + third * step**2 / 2
        step = np.clip(step - np.where(curvature < 0, slope / np.where(curvature < 0, curvature, -1.0), 0.0), -2, 2)
    return peak, _lagrange(step)


def _cut(tables: _Tables, after: IntArray) -> FloatArray:
    """(R, A) the sum beyond the end of each row's law."""
    beyond = np.concatenate([np.exp(tables.beyond), np.zeros((tables.grid.size, 1))], axis=1)
    return np.asarray(beyond[:, after].T, dtype=np.float64)


def _lagrange(step: FloatArray) -> FloatArray:
    """(..., 5) weights of the values at -2..2 for the value at `step`."""
    t = step[..., None] - np.arange(-2, 3)
    products = [np.prod(np.delete(t, k, axis=-1), axis=-1) for k in range(5)]
    return np.asarray(np.stack(products, axis=-1) / np.array([24.0, -6.0, 4.0, -6.0, 24.0]), dtype=np.float64)


def _distances(
    rows: FloatArray,
    above: FloatArray,
    after: IntArray,
    place: IntArray,
    weights: FloatArray,
    tables: _Tables,
    candidates: IntArray,
) -> Iterator[tuple[int, FloatArray]]:
    """(cell, (R,) KS distances) of each candidate, at the ends of the cells above it."""
    reach = np.arange(len(rows))
    for j, column in enumerate(candidates.tolist()):
        # (R, C - column + 1) the law's sum beyond each cell's first integer, and 0 after the last.
        near = tables.beyond[place[:, j, None] + np.arange(-2, 3), column:]
        logs = np.einsum("rk,rkc->rc", weights[:, j], near)
        beyond = np.concatenate([np.exp(logs - logs[:, :1]), np.zeros((len(rows), 1))], axis=1)
        cut = beyond[reach, np.maximum(after - column, 0)][:, None]
        law = 1.0 - np.maximum(beyond[:, 1:] - cut, 0.0) / np.maximum(1.0 - cut, 1e-300)
        reached = np.cumsum(rows[:, column:], axis=1) / np.maximum(above[:, column, None], 1.0)
        yield column, np.abs(reached - law).max(axis=1)
