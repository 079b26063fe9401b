"""Cells for fitting: a histogram's cells with the gaps between them, and exact counts put into cells that are fine
enough to lose nothing that a fit would see.

A gap is a cell with a count of zero: a law that puts mass there is as wrong as one that misses a filled cell, and
the KS distance on integers (Clauset, Shalizi & Newman 2009, eq. 3.9) is taken there too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.histogram import Histogram


@dataclass(frozen=True)
class Cells:
    """Adjoining cells over the whole range of a law.

    Attributes:
        lo: (C,) first integer of each cell; each is the integer after the end of the cell before.
        hi: (C,) last integer of each cell; the last may be infinite.
        counts: (C,) how many values fell into each, 0 in gaps.
    """

    lo: FloatArray
    hi: FloatArray
    counts: FloatArray

    @property
    def total(self) -> float:
        """How many values there are."""
        return float(self.counts.sum())

    def reached(self) -> FloatArray:
        """(C,) fraction of the values at or below the end of each cell."""
        return np.asarray(np.cumsum(self.counts) / self.counts.sum(), dtype=np.float64)

    def from_cell(self, index: int) -> Cells:
        """The cells from one on."""
        return Cells(self.lo[index:], self.hi[index:], self.counts[index:])

    def beginning_at(self, first: int) -> Cells:
        """With an empty cell before the others where a law begins below the smallest value."""
        if first >= self.lo[0]:
            return self
        lo, hi = np.append(float(first), self.lo), np.append(self.lo[0] - 1, self.hi)
        return Cells(lo, hi, np.append(0.0, self.counts))


def adjoining(histogram: Histogram, *, endless: bool) -> Cells:
    """The cells of a histogram and its gaps as adjoining cells; with `endless` a last one goes on for ever."""
    filled = histogram.without_empty()
    starts = np.unique(np.concatenate([filled.lo, filled.hi + 1]))
    lo, hi = starts[:-1].astype(np.float64), starts[1:].astype(np.float64) - 1
    counts = np.zeros(lo.size)
    counts[np.searchsorted(lo, filled.lo)] = filled.counts
    if endless:
        lo, hi, counts = np.append(lo, starts[-1]), np.append(hi, np.inf), np.append(counts, 0.0)
    return Cells(lo, hi, counts)


def grown_edges(first: int, last: int, singles: int, per_doubling: int) -> IntArray:
    """First integers of cells from `first` on: `singles` cells of one integer, then `per_doubling` a doubling.

    The last one begins at or below `last`.
    """
    alone = np.arange(first, min(first + singles, last + 1), dtype=np.int64)
    if alone[-1] >= last:
        return alone
    begin = float(alone[-1] + 1)
    steps = int(np.ceil(np.log2(last / begin) * per_doubling)) if last > begin else 0
    grown = np.floor(begin * 2.0 ** (np.arange(steps + 1) / per_doubling)).astype(np.int64)
    return np.unique(np.concatenate([alone, grown[grown <= last]]))


def on_edges(histogram: Histogram, edges: IntArray) -> Histogram:
    """The histogram on cells that begin at `edges` (ascending); its own cells must not cross them.

    The last cell ends with the histogram. Values below the first edge are left out.
    """
    kept = histogram.from_value(int(edges[0])).without_empty()
    at = np.searchsorted(edges, kept.lo, side="right") - 1
    counts = np.zeros(edges.size, dtype=np.int64)
    np.add.at(counts, at, kept.counts)
    hi = np.append(edges[1:] - 1, max(int(kept.hi[-1]), int(edges[-1])))
    return Histogram(np.asarray(edges, dtype=np.int64), hi, counts)


def grouped(histogram: Histogram, most: int, singles: int, per_doubling: int) -> Histogram:
    """The histogram as it is where it has at most `most` cells or cells wider than one integer, else on grown edges.

    With exact counts the last cell ends at the largest value.
    """
    filled = histogram.without_empty()
    if filled.lo.size <= most or (filled.hi > filled.lo).any():
        return filled
    edges = grown_edges(int(filled.lo[0]), int(filled.lo[-1]), singles, per_doubling)
    return on_edges(filled, edges).without_empty()
