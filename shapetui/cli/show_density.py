"""Histograms as shares per doubling: what the plots draw, free of steps that only the widths of the cells make."""

from __future__ import annotations

from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of
from shapetui.fidelity.measures import same_cells

# From fewer cells no slope can be told: an original file may have three of 50 characters each.
_FEW: Final = 6
# Cells with fewer are joined with the next lower one before they are drawn.
_THIN: Final = 5


def on_same_cells(one: Histogram, other: Histogram | None) -> tuple[Histogram, Histogram | None]:
    """Both on the cells that both know, so that a merged cell of one side is no difference; each on its own cells
    where they have too few in common (an original file's linear cells)."""
    if other is None or not one.total or not other.total:
        return _thick([one])[0], None if other is None else _thick([other])[0]
    common = same_cells(one, other)
    if 2 * len(common) < min(one.lo.size, other.lo.size):
        return _thick([one])[0], _thick([other])[0]
    pairs = _thick(
        [Histogram.of_cells(cells_of({label: counts[side] for label, counts in common.items()})) for side in (0, 1)]
    )
    return pairs[0], pairs[1]


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


def _spans(side: Histogram) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(P,) begin and end on log2 of the pieces of the cells above 0 (n reaches from n to n + 1), and their shares.

    A wide cell slopes inside as its neighbours do (`smooth`: the reading that the generator draws from), so that a
    merged one is no plateau with a cliff before it.
    """
    if not side.total:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    pieces = DiscreteDistribution.of_weights(side.lo, side.hi, side.counts) if side.lo.size < _FEW else smooth(side)
    kept = pieces.hi > 0
    begin = np.log2(np.maximum(pieces.lo[kept], 1).astype(np.float64))
    return begin, np.log2(pieces.hi[kept] + 1.0), pieces.probability[kept]


def densities(side: Histogram) -> FloatArray:
    """(P,) share per doubling of each piece above 0."""
    begin, end, share = _spans(side)
    return share / (end - begin)


def density_of_columns(side: Histogram, low: float, high: float, columns: int) -> FloatArray:
    """(columns,) mean share per doubling in equal columns between two places on log2."""
    begin, end, share = _spans(side)
    edges = np.linspace(low, high, columns + 1)
    if not share.size:
        return np.zeros(columns)
    sums = np.concatenate([[0.0], np.cumsum(share)])
    knots = np.stack([begin, end], axis=1).ravel()
    below = np.interp(edges, knots, np.stack([sums[:-1], sums[1:]], axis=1).ravel())
    return np.asarray(np.maximum(np.diff(below), 0.0) / (edges[1] - edges[0]), dtype=np.float64)
