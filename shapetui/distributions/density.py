"""Histograms as curves: share per doubling (or per integer) and share reached, as plots of both faces draw them.

Free of steps that only the widths of the cells make: a wide cell slopes inside as its neighbours do, two histograms
are put on the cells that both know, and thin cells of the upper end are joined. `merged_ranges` says where that is
interpolation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray, bin_of, lower_edges, upper_edges
from shapetui.distributions.discrete import DiscreteDistribution, smooth
from shapetui.distributions.histogram import Histogram, common_edges, cumulative_at

# From fewer cells no slope can be told: an original file may have three of 50 characters each.
_FEW: Final = 6
# Cells with fewer are joined with the next lower one before they are drawn.
_THIN: Final = 5
# In doublings: the logarithms of 10^15 and the next integer are the same number.
_FINEST: Final = 1e-9

# Inclusive ranges [lo, hi] of values, ascending, disjoint.
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Curve:
    """A histogram as the pieces of which its curve is made; for one that is drawn in several ways.

    A wide cell slopes inside as its neighbours do (`smooth`: the reading that the generator draws from), so that a
    merged one is no plateau with a cliff before it.

    Attributes:
        begin, end: (P,) first integer of each piece, and the integer beyond it.
        share: (P,) its share of all values.
    """

    begin: FloatArray
    end: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, side: Histogram) -> Curve:
        """The pieces of a histogram; none of an empty one."""
        if not side.total:
            return cls(np.zeros(0), np.zeros(0), np.zeros(0))
        pieces = DiscreteDistribution.of_weights(side.lo, side.hi, side.counts) if side.lo.size < _FEW else smooth(side)
        return cls(pieces.lo.astype(np.float64), pieces.hi.astype(np.float64) + 1, pieces.probability)


def on_same_cells(one: Histogram, other: Histogram | None) -> tuple[Histogram, Histogram | None]:
    """Both on the cells that both know, so that a merged cell of one side is no difference; each on its own cells
    where they have too few in common (an original file's linear cells)."""
    if other is None or not one.total or not other.total:
        return _thick([one])[0], None if other is None else _thick([other])[0]
    common = _common_cells(one, other)
    if 2 * common[0].lo.size < min(one.lo.size, other.lo.size):
        return _thick([one])[0], _thick([other])[0]
    pairs = _thick(common)
    return pairs[0], pairs[1]


def _common_cells(one: Histogram, other: Histogram) -> list[Histogram]:
    """Both on the finest cells that both know exactly, without those that are empty in both."""
    known = common_edges(one, other)
    known = known[known >= -1]
    lo, hi = known[:-1] + 1, known[1:]
    counts: list[IntArray] = [
        np.asarray(np.diff(np.round(cumulative_at(side, known) * side.total)), dtype=np.int64) for side in (one, other)
    ]
    kept = (counts[0] > 0) | (counts[1] > 0)
    return [Histogram(lo[kept], hi[kept], count[kept]) for count in counts]


def _thick(sides: list[Histogram]) -> list[Histogram]:
    """The sides, all on the same cells, with thin cells of the upper end joined until one side has enough in them.

    Above the last full cell a histogram is a row of ones with gaps; joined, it is the curve that it comes from. One
    full side is enough: where the other has nothing its line ends, which is what there is to see.
    """
    joined: list[tuple[int, int, list[int]]] = []
    for index in range(sides[0].lo.size - 1, -1, -1):
        low, high = int(sides[0].lo[index]), int(sides[0].hi[index])
        counts = [int(side.counts[index]) for side in sides]
        if joined and high > 0 and max(joined[-1][2]) < _THIN:
            _, high, above = joined.pop()
            counts = [here + there for here, there in zip(counts, above, strict=True)]
        joined.append((low, high, counts))
    return [
        Histogram.of_cells([(low, high, counts[side]) for low, high, counts in joined]).without_empty()
        for side in range(len(sides))
    ]


def _spans(side: Histogram | Curve, log: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(P,) begin and end of the pieces on the axis (n reaches from n to n + 1), and their shares.

    On log2 with `log`, where 0 has no place: its pieces are left out, the shares stay shares of all.
    """
    curve = side if isinstance(side, Curve) else Curve.of(side)
    begin, end, share = curve.begin, curve.end, curve.share
    if not log:
        return begin, end, share
    kept = end > 1
    return np.log2(np.maximum(begin[kept], 1.0)), np.log2(end[kept]), share[kept]


def densities(
    side: Histogram | Curve, *, log: bool = True, below: float = np.inf, finest: float = _FINEST
) -> FloatArray:
    """(P,) share per doubling of each piece above 0, or per integer without `log`.

    Only of pieces that begin `below` a place on the axis. Pieces that lie alone and together are narrower than
    `finest` (the width of a column) count as that wide, which is how they are drawn.
    """
    begin, end, share = _spans(side, log)
    if not share.size:
        return np.zeros(0)
    width = end - begin
    alone = np.concatenate([[0], np.cumsum(begin[1:] > end[:-1])])
    together, reach = np.bincount(alone, share)[alone], np.bincount(alone, width)[alone]
    found = np.where(reach < finest, together / finest, share / np.maximum(width, _FINEST))
    return np.asarray(found[begin < below], dtype=np.float64)


def density_of_columns(
    side: Histogram | Curve, low: float, high: float, columns: int, *, log: bool = True
) -> FloatArray:
    """(columns,) mean share per doubling in equal columns between two places on log2, or per integer between two
    values without `log`."""
    begin, end, share = _spans(side, log)
    edges = np.linspace(low, high, columns + 1)
    if not share.size:
        return np.zeros(columns)
    below = np.interp(edges, *_cumulative(begin, end, share))
    return np.asarray(np.maximum(np.diff(below), 0.0) / (edges[1] - edges[0]), dtype=np.float64)


def reached_in_columns(
    side: Histogram | Curve, low: float, high: float, columns: int, *, log: bool = True
) -> FloatArray:
    """(columns,) share of values that are at least as large as the middle of each column (the CCDF).

    The columns are equal between two places on log2, or between two values without `log`. Never rises; exact where
    a column's middle is an integer at which a cell begins, a straight line between those.
    """
    begin, end, share = _spans(side, log)
    if not share.size:
        return np.zeros(columns)
    edges = np.linspace(low, high, columns + 1)
    knots, below = _cumulative(begin, end, share)
    middle = (edges[1:] + edges[:-1]) / 2
    return np.asarray(np.clip(below[-1] - np.interp(middle, knots, below), 0.0, 1.0), dtype=np.float64)


def _cumulative(begin: FloatArray, end: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(2P,) places on the axis, and the share below each."""
    sums = np.concatenate([[0.0], np.cumsum(share)])
    knots = np.stack([begin, end], axis=1).ravel()
    return knots, np.stack([sums[:-1], sums[1:]], axis=1).ravel()


def merged_ranges(parts: list[Histogram]) -> Ranges:
    """Where a picture of all parts together is interpolation: the fixed bins of which at least half of the values
    come from cells that several bins were merged into. A range ends where every part knows how many values lie below.

    Empty for cells that do not end where fixed bins do: an original file's are wide for another reason.
    """
    parts = [part for part in (part.without_empty() for part in parts) if part.total]
    if not any((bin_of(part.hi) > bin_of(part.lo)).any() for part in parts):
        return ()
    lower, upper = lower_edges(), upper_edges()
    bins = int(bin_of(np.array([part.hi[-1] for part in parts])).max()) + 1
    held, interpolated = np.zeros(bins), np.zeros(bins)
    # Whether a cell of any part goes on beyond the end of each bin.
    crossed = np.zeros(bins, dtype=bool)
    for part in parts:
        first, last = bin_of(part.lo), bin_of(part.hi)
        if (lower[first] != part.lo).any() or (upper[last] != part.hi).any():
            return ()
        wide = np.zeros(bins, dtype=bool)
        for start, end in zip(first[last > first].tolist(), last[last > first].tolist(), strict=True):
            wide[start : end + 1] = True
            crossed[start:end] = True
        inside = np.diff(smooth(part).cdf(upper[:bins]) * part.total, prepend=0.0)
        held += inside
        interpolated += inside * wide
    marked = ((interpolated > 0) & (2 * interpolated >= held)).tolist()
    ranges: list[tuple[int, int]] = []
    for at in range(bins):
        if marked[at] and at and marked[at - 1] and crossed[at - 1]:
            ranges[-1] = (ranges[-1][0], int(upper[at]))
        elif marked[at]:
            ranges.append((int(lower[at]), int(upper[at])))
    return tuple(ranges)


def joined_in(side: Histogram, ranges: Ranges) -> Histogram:
    """The side with all cells inside of each range as one: what was interpolated to whole numbers there is a curve
    again, without the steps and gaps of the rounding."""
    cells = side.cells()
    for lo, hi in ranges:
        inside = [cell for cell in cells if lo <= cell[0] and cell[1] <= hi]
        if inside:
            cells = [cell for cell in cells if cell not in inside]
            # A bin to which the rounding gave nothing belongs to the range too, unless a cell sticks out into it.
            low = max([lo, *(cell[1] + 1 for cell in cells if cell[0] < lo <= cell[1])])
            high = min([hi, *(cell[0] - 1 for cell in cells if cell[0] <= hi < cell[1])])
            cells.append((low, high, sum(count for _, _, count in inside)))
    return Histogram.of_cells(cells)
