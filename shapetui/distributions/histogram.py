"""Histograms over inclusive integer cells `[lo, hi]`: what a shape publishes of any count or length.

Cells are disjoint and ascending; integers between two cells have count zero. Cells may be coarser than the
fixed bins where disclosure control merged them, so two histograms are compared on the cells of the coarser one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray, bin_of, lower_edges, upper_edges


@dataclass(frozen=True)
class Histogram:
    """Counts per inclusive integer cell.

    Attributes:
        lo: (B,) first integer of each cell.
        hi: (B,) last integer of each cell.
        counts: (B,) how many values fell into each cell.
    """

    lo: IntArray
    hi: IntArray
    counts: IntArray

    def __post_init__(self) -> None:
        if not (self.lo.shape == self.hi.shape == self.counts.shape) or self.lo.ndim != 1:
            raise ValueError("lo, hi and counts must be one-dimensional and equally long")
        if self.lo.size and (
            (self.lo > self.hi).any() or (self.lo[1:] <= self.hi[:-1]).any() or (self.counts < 0).any()
        ):
            raise ValueError("cells must ascend without overlap, counts must not be negative")

    @classmethod
    def of_cells(cls, cells: list[tuple[int, int, int]]) -> Histogram:
        """From `(lo, hi, count)` triples in any order."""
        array = np.array(sorted(cells), dtype=np.int64).reshape(-1, 3)
        return cls(array[:, 0], array[:, 1], array[:, 2])

    @classmethod
    def of_values(cls, values: IntArray) -> Histogram:
        """Of raw non-negative integers, in the fixed bins; empty bins are left out."""
        bins, counts = np.unique(bin_of(np.asarray(values, dtype=np.int64)), return_counts=True)
        return cls(lower_edges()[bins], upper_edges()[bins], counts.astype(np.int64))

    @property
    def total(self) -> int:
        """How many values there are in all."""
        return int(self.counts.sum())

    def cells(self) -> list[tuple[int, int, int]]:
        """`(lo, hi, count)` per cell, as plain integers."""
        return list(zip(self.lo.tolist(), self.hi.tolist(), self.counts.tolist(), strict=True))

    def without_empty(self) -> Histogram:
        """The same histogram without cells of count zero."""
        kept = self.counts > 0
        return Histogram(self.lo[kept], self.hi[kept], self.counts[kept])

    def from_value(self, first: int) -> Histogram:
        """The cells that lie wholly at or above `first`."""
        kept = self.lo >= first
        return Histogram(self.lo[kept], self.hi[kept], self.counts[kept])

    def below_value(self, first: int) -> Histogram:
        """The cells that lie wholly below `first`."""
        kept = self.hi < first
        return Histogram(self.lo[kept], self.hi[kept], self.counts[kept])

    def cumulative(self) -> FloatArray:
        """(B,) fraction of all values at or below the upper edge of each cell."""
        total = self.total
        return np.cumsum(self.counts) / total if total else np.zeros(self.counts.size)


def merged(parts: list[Histogram]) -> Histogram:
    """The histogram of all parts together, on the finest cells that no part's cell crosses.

    Parts may have different cells: wherever cells overlap, their union becomes one cell.
    """
    cells = sorted(cell for part in parts for cell in part.cells() if cell[2])
    joined: list[list[int]] = []
    for lo, hi, count in cells:
        if joined and lo <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], hi)
            joined[-1][2] += count
        else:
            joined.append([lo, hi, count])
    return Histogram.of_cells([(lo, hi, count) for lo, hi, count in joined])


def common_edges(one: Histogram, other: Histogram) -> IntArray:
    """(E,) integers x at which both histograms know the number of values <= x exactly.

    An edge is known to a histogram when it does not lie inside one of its non-empty cells. These are the
    points at which two histograms of different resolution can be compared without a false alarm.
    """
    one, other = one.without_empty(), other.without_empty()
    candidates = np.unique(np.concatenate([one.hi, other.hi, one.lo - 1, other.lo - 1]))
    return candidates[_known(one, candidates) & _known(other, candidates)]


def cumulative_at(histogram: Histogram, points: IntArray) -> FloatArray:
    """(E,) fraction of values <= each point. Exact at points that lie in no cell's interior."""
    total = histogram.total
    if not total:
        return np.zeros(points.size)
    sums = np.concatenate([[0], np.cumsum(histogram.counts)])
    return np.asarray(sums[np.searchsorted(histogram.hi, points, side="right")] / total, dtype=np.float64)


def _known(histogram: Histogram, points: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each point lies outside the interior of every cell (`lo <= x < hi` is inside)."""
    if not histogram.lo.size:
        return np.ones(points.size, dtype=bool)
    index = np.searchsorted(histogram.hi, points, side="right")
    inside = (index < histogram.lo.size) & (histogram.lo[np.minimum(index, histogram.lo.size - 1)] <= points)
    return np.asarray(~inside)
