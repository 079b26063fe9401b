"""Points and weights with which smooth functions are summed over the integers of cells, or integrated over them.

A sum over N integers is a Gauss rule for the counting measure (discrete Chebyshev polynomials; Gautschi 2004, table
1.1): with eight points it is exact for polynomials of degree 15, so that any law given by its weight at an integer
can be normalised over cells of any width without a formula of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.cells import Cells

_ORDER: Final = 8
# Between two edges of a panel: a power of x is nearly a polynomial of low degree there.
_RATIO: Final = 2.0**0.5
# From here on a sum is the integral: they differ by less than 1e-12 of it.
_DENSE: Final = 1e6
# ln x at which a law without end is cut: beyond it a tail with alpha 1.1 holds 1e-15.
_END: Final = 345.0


@dataclass(frozen=True)
class Nodes:
    """A rule for every cell: sum over its integers of f = sum of weight * f(x) over its nodes.

    Attributes:
        x: (M,) nodes, ascending. `log_x`: (M,) their logarithms.
        log_weight: (M,) logarithms of the weights.
        starts: (C,) index of the first node of each cell.
        counts: (C,) how many values fell into each cell.
    """

    x: FloatArray
    log_x: FloatArray
    log_weight: FloatArray
    starts: IntArray
    counts: FloatArray


def summing(cells: Cells) -> Nodes:
    """Nodes for sums over the integers of each cell."""
    begin, end, owner = _panels(cells.lo, cells.hi)
    panels = [
        _counting(begin[at], end[at]) if end[at] - begin[at] >= _ORDER else _integers(begin[at], end[at])
        for at in range(begin.size)
        if np.isfinite(end[at])
    ]
    x, weight = [np.concatenate([panel[side] for panel in panels]) for side in (0, 1)]
    sizes = np.array([panel[0].size for panel in panels])
    owners = np.repeat(owner[: sizes.size], sizes)
    log_x, log_weight = np.log(x), np.log(weight)
    if np.isinf(end[-1]):
        far_x, far_weight = _integral(np.array([begin[-1] - 0.5]), np.array([np.inf]))
        log_x, log_weight = np.append(log_x, far_x), np.append(log_weight, far_weight)
        owners = np.append(owners, np.full(far_x.size, owner[-1]))
    return Nodes(np.exp(log_x), log_x, log_weight, np.searchsorted(owners, np.arange(cells.lo.size)), cells.counts)


def integrating(cells: Cells) -> Nodes:
    """Nodes for integrals over [lo - 1/2, hi + 1/2] of each cell."""
    begin, end, owner = _panels(cells.lo, cells.hi)
    nodes, weights, owners = [], [], []
    for at in range(begin.size):
        log_x, log_weight = _integral(np.array([begin[at] - 0.5]), np.array([end[at] + 0.5]))
        nodes.append(log_x)
        weights.append(log_weight)
        owners.append(np.full(log_x.size, owner[at]))
    log_x = np.concatenate(nodes)
    starts = np.searchsorted(np.concatenate(owners), np.arange(cells.lo.size))
    return Nodes(np.exp(log_x), log_x, np.concatenate(weights), starts, cells.counts)


def _panels(lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """(P,) first and last integer of the pieces of each cell, and which cell each belongs to."""
    begin: list[float] = []
    end: list[float] = []
    owner: list[int] = []
    for cell, (first, last) in enumerate(zip(lo.tolist(), hi.tolist(), strict=True)):
        at = first
        while at <= last and at < np.inf:
            if at >= _DENSE and last == np.inf:
                stop = last
            else:
                stop = min(last, max(at + _ORDER - 1.0, float(np.floor(at * _RATIO))))
            begin.append(at)
            end.append(stop)
            owner.append(cell)
            at = stop + 1
    return np.array(begin), np.array(end), np.array(owner)


def _integers(first: float, last: float) -> tuple[FloatArray, FloatArray]:
    x = np.arange(first, last + 1)
    return x, np.ones(x.size)


def _counting(first: float, last: float) -> tuple[FloatArray, FloatArray]:
    """The Gauss rule for the integers first..last, at least nine."""
    n = last - first + 1
    k = np.arange(1.0, _ORDER)
    # In units of n, so that a panel of 10^12 integers has the numbers of one of a hundred.
    beside = k / 2 * np.sqrt((1 - (k / n) ** 2) / (4 * k**2 - 1))
    matrix = np.diag(beside, 1) + np.diag(beside, -1)
    places, vectors = np.linalg.eigh(matrix)
    return first + (n - 1) / 2 + n * places, n * vectors[0] ** 2


@cache
def _legendre() -> tuple[FloatArray, FloatArray]:
    places, weights = np.polynomial.legendre.leggauss(_ORDER)
    return np.asarray(places), np.asarray(weights)


def _integral(first: FloatArray, last: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logarithms of nodes and weights of the integral over x from first to last, by Gauss-Legendre in ln x.

    Without end, over panels that grow: where a panel is wide, what is left is next to nothing.
    """
    places, weights = _legendre()
    low = np.log(first)
    if np.isinf(last[0]):
        widths = 0.35 * 1.3 ** np.arange(40)
        edges = low[0] + np.concatenate([[0.0], np.cumsum(widths)])
        edges = np.append(edges[edges < _END], _END)
        low, high = edges[:-1], edges[1:]
    else:
        high = np.log(last)
    half, middle = (high - low) / 2, (high + low) / 2
    log_x = (middle[:, None] + half[:, None] * places).ravel()
    return log_x, (np.log(half)[:, None] + np.log(weights)).ravel() + log_x
