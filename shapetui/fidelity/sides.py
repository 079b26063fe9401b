"""Sizes of two shapes on the cells that both know, and what is compared of them: messages by size, tails, spreads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.histogram import Histogram
from shapetui.documents.identity import Same
from shapetui.documents.shape import Shape
from shapetui.fidelity import laws
from shapetui.fidelity.measures import sizes_of
from shapetui.fidelity.noise import OCTAVES, Weighted, octave


def rows_by_size(production: Shape, synthetic: Shape) -> tuple[FloatArray, FloatArray] | None:
    """(OCTAVES,) share of all messages that lie in conversations of each doubling of size, on both sides.

    What disclosure control merged costs resolution only (see `_sides`).
    """
    sides = _sides(production, synthetic)
    if sides is None:
        return None
    one, other = (np.bincount(octave(side.middle), side.rows, minlength=OCTAVES) for side in sides)
    if not one.sum() > 0 or not other.sum() > 0:
        return None
    return one / one.sum(), other / other.sum()


def weighted(production: Shape, synthetic: Shape) -> tuple[Weighted, Weighted] | None:
    """Sizes of both sides as the noise of a number needs them."""
    sides = _sides(production, synthetic)
    return None if sides is None else (_weighted(Same(sides[0])), _weighted(Same(sides[1])))


@lru_cache(maxsize=8)
def _weighted(side: Same[_Pieces]) -> Weighted:
    return Weighted(side.it.middle, side.it.counts / side.it.counts.sum())


@dataclass(frozen=True)
class Tails:
    """Exponents of the conversations of `start` messages or more on both sides, and how many these are."""

    start: int
    production: float
    synthetic: float
    counts: tuple[float, float]


def tails(production: Shape, synthetic: Shape, fraction: float, fewest: float) -> Tails | None:
    """The tails above the size that `fraction` of production's conversations reach.

    Hill's estimator with the half of an integer (Clauset, Shalizi & Newman 2009, eq. 3.7), 1 + n / sum ln(x / (x0 -
    1/2)): both sides are measured alike, so that what it misses of a cut tail is missed on both. None where a side has
    fewer than `fewest` conversations there.
    """
    sides = _sides(production, synthetic)
    if sides is None:
        return None
    one = sides[0]
    order = np.argsort(one.lo, kind="stable")
    reaching = np.cumsum(one.counts[order][::-1])[::-1]
    place = int(np.searchsorted(-reaching, -fraction * reaching[0]))
    if place >= order.size:
        return None
    start = max(int(one.lo[order[place]]), 1)
    found = []
    for side in sides:
        above = side.lo >= start
        counts = side.counts[above]
        number = float(counts.sum())
        spread = float(counts @ np.log(side.middle[above] / (start - 0.5)))
        if number < fewest or not spread > 0:
            return None
        found.append((1 + number / spread, number))
    (alpha, count), (alpha_other, count_other) = found
    return Tails(start, alpha, alpha_other, (count, count_other))


@dataclass(frozen=True)
class _Pieces:
    """A smoothed histogram in uniform pieces: (K,) first integer, middle, conversations, messages."""

    lo: IntArray
    middle: FloatArray
    counts: FloatArray
    rows: FloatArray


def _sides(production: Shape, synthetic: Shape) -> tuple[_Pieces, _Pieces] | None:
    """Sizes of both shapes on the cells that both know, smoothed alike; per type where the types are the same."""
    return _both(Same(production), Same(synthetic))


@lru_cache(maxsize=2)
def _both(production: Same[Shape], synthetic: Same[Shape]) -> tuple[_Pieces, _Pieces] | None:
    one, other = laws.type_sizes(production.it), laws.type_sizes(synthetic.it)
    types, types_other = production.it.conversations.by_type, synthetic.it.conversations.by_type
    if one and one.keys() == other.keys():
        pairs = [(*_aligned(one[label], other[label]), label) for label in one]
        production_side = [_pieces(Same(mine), types[label].message_count) for mine, _, label in pairs]
        synthetic_side = [_pieces(Same(theirs), types_other[label].message_count) for _, theirs, label in pairs]
    elif sizes_of(production.it).total and sizes_of(synthetic.it).total:
        mine, theirs = _aligned(sizes_of(production.it), sizes_of(synthetic.it))
        production_side, synthetic_side = [_pieces(Same(mine), None)], [_pieces(Same(theirs), None)]
    else:
        return None
    return _union(tuple(map(Same, production_side))), _union(tuple(map(Same, synthetic_side)))


# Those of production are the same at every key where a draft has finer cells.
@lru_cache(maxsize=8)
def _union(parts: tuple[Same[_Pieces], ...]) -> _Pieces:
    if len(parts) == 1:
        return parts[0].it
    return _Pieces(
        np.concatenate([part.it.lo for part in parts]),
        np.concatenate([part.it.middle for part in parts]),
        np.concatenate([part.it.counts for part in parts]),
        np.concatenate([part.it.rows for part in parts]),
    )


def _aligned(one: Histogram, other: Histogram) -> tuple[Histogram, Histogram]:
    """Both histograms on the finest cells that both know; a histogram that has them already is returned itself."""
    shared = laws.common(one, other)
    lo, hi = shared.edges[:-1] + 1, shared.edges[1:]
    return _on(one, lo, hi, shared.production), _on(other, lo, hi, shared.synthetic)


def _on(histogram: Histogram, lo: IntArray, hi: IntArray, shares: FloatArray) -> Histogram:
    counts = np.diff(np.round(shares * histogram.total).astype(np.int64)).astype(np.int64)
    kept = counts > 0
    if np.array_equal(lo[kept], histogram.lo) and np.array_equal(hi[kept], histogram.hi):
        return histogram
    return Histogram(lo[kept], hi[kept], counts[kept])


@lru_cache(maxsize=32)
def _pieces(sizes: Same[Histogram], messages: int | None) -> _Pieces:
    law = laws.size_law_of(sizes.it, messages)
    middle = np.asarray((law.lo + law.hi) / 2, dtype=np.float64)
    counts = law.probability * sizes.it.total
    return _Pieces(law.lo, middle, counts, counts * middle)
