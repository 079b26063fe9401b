"""The histograms of a shape as the checks need them: by type, on cells that both sides know, as laws with a slope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import DiscreteDistribution, mixture, smooth
from shapetui.distributions.histogram import Histogram, common_edges, cumulative_at
from shapetui.documents.identity import Same
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import lengths_of, sizes_of
from shapetui.fidelity.noise import OCTAVES, Weighted, octave

_WIDE: Final = 1.3
# Exponents between which the density inside the last cell is bent.
_BENDS: Final = np.linspace(-12.0, 12.0, 97)


@dataclass(frozen=True)
class Gap:
    """Where two cumulative distributions differ most: `distance` at the value `at`, and both of them there."""

    distance: float
    at: int
    production: float
    synthetic: float


def size_law(shape: Shape) -> DiscreteDistribution | None:
    """Messages per conversation as a law; None where the shape has no cells."""
    return _size_law(Same(shape))


def type_sizes(shape: Shape) -> dict[str, Histogram]:
    """Messages per conversation by conversation type, types without cells left out."""
    return _type_sizes(Same(shape))


def type_lengths(shape: Shape) -> dict[str, Histogram]:
    """Characters per message by message type, types without cells left out."""
    return _type_lengths(Same(shape))


# A live preview asks for the same production's at every key.
@lru_cache(maxsize=8)
def _size_law(shape: Same[Shape]) -> DiscreteDistribution | None:
    known, types = type_sizes(shape.it), shape.it.conversations.by_type
    if known:
        law = mixture([(part.total, _law(Same(part), types[label].message_count)) for label, part in known.items()])
    elif sizes_of(shape.it).total:
        law = _law(Same(sizes_of(shape.it)), None)
    else:
        return None
    return law if law.maximum > 0 else None


@lru_cache(maxsize=8)
def _type_sizes(shape: Same[Shape]) -> dict[str, Histogram]:
    parts = shape.it.conversations.by_type.items()
    return _filled({label: part.messages_per_conversation_cells for label, part in parts})


@lru_cache(maxsize=8)
def _type_lengths(shape: Same[Shape]) -> dict[str, Histogram]:
    return _filled({label: part.content_length_cells for label, part in shape.it.messages.by_type.items()})


def length_law(shape: Shape) -> DiscreteDistribution | None:
    """Characters per message as a law; None where the shape has no cells."""
    return _length_law(Same(shape))


@lru_cache(maxsize=8)
def _length_law(shape: Same[Shape]) -> DiscreteDistribution | None:
    lengths = lengths_of(shape.it)
    return smooth(lengths) if lengths.total else None


def _filled(cells: Mapping[str, Mapping[str, int]]) -> dict[str, Histogram]:
    found = {label: Histogram.of_cells(cells_of(part)).without_empty() for label, part in cells.items()}
    return {label: histogram for label, histogram in found.items() if histogram.total}


@dataclass(frozen=True)
class _Common:
    """Two histograms over the integers `edges` at which both are known: (E,) shares of the values up to there."""

    edges: IntArray
    production: FloatArray
    synthetic: FloatArray


@lru_cache(maxsize=64)
def _common(one: Same[Histogram], other: Same[Histogram]) -> _Common:
    edges = common_edges(one.it, other.it)
    return _Common(edges, cumulative_at(one.it, edges), cumulative_at(other.it, edges))


def largest_gap(production: Histogram, synthetic: Histogram) -> Gap | None:
    """The lattice KS distance over the integers where both are known, and where it is; None when either is empty."""
    if not production.total or not synthetic.total:
        return None
    common = _common(Same(production), Same(synthetic))
    gaps = np.abs(common.production - common.synthetic)
    place = int(gaps.argmax())
    return Gap(
        float(gaps[place]),
        int(common.edges[place]),
        float(common.production[place]),
        float(common.synthetic[place]),
    )


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
    if sides is None:
        return None
    one, other = (Weighted(side.middle, side.counts / side.counts.sum()) for side in sides)
    return one, other


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
    one, other = type_sizes(production.it), type_sizes(synthetic.it)
    types, types_other = production.it.conversations.by_type, synthetic.it.conversations.by_type
    found = []
    if one and one.keys() == other.keys():
        for label in one:
            mine, theirs = _aligned(one[label], other[label])
            found.append(
                (
                    _pieces(mine, types[label].message_count),
                    _pieces(theirs, types_other[label].message_count),
                )
            )
    elif sizes_of(production.it).total and sizes_of(synthetic.it).total:
        mine, theirs = _aligned(sizes_of(production.it), sizes_of(synthetic.it))
        found.append((_pieces(mine, None), _pieces(theirs, None)))
    else:
        return None
    return _together([pieces for pieces, _ in found]), _together([pieces for _, pieces in found])


def _together(parts: list[_Pieces]) -> _Pieces:
    if len(parts) == 1:
        return parts[0]
    return _Pieces(
        np.concatenate([part.lo for part in parts]),
        np.concatenate([part.middle for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.rows for part in parts]),
    )


def _aligned(one: Histogram, other: Histogram) -> tuple[Histogram, Histogram]:
    """Both histograms on the finest cells that both know; a histogram that has them already is returned itself."""
    common = _common(Same(one), Same(other))
    lo, hi = common.edges[:-1] + 1, common.edges[1:]
    return _on(one, lo, hi, common.production), _on(other, lo, hi, common.synthetic)


def _on(histogram: Histogram, lo: IntArray, hi: IntArray, shares: FloatArray) -> Histogram:
    counts = np.diff(np.round(shares * histogram.total).astype(np.int64)).astype(np.int64)
    kept = counts > 0
    if np.array_equal(lo[kept], histogram.lo) and np.array_equal(hi[kept], histogram.hi):
        return histogram
    return Histogram(lo[kept], hi[kept], counts[kept])


def _pieces(sizes: Histogram, messages: int | None) -> _Pieces:
    law = _law(Same(sizes), messages)
    middle = np.asarray((law.lo + law.hi) / 2, dtype=np.float64)
    counts = law.probability * sizes.total
    return _Pieces(law.lo, middle, counts, counts * middle)


@lru_cache(maxsize=32)
def _law(sizes: Same[Histogram], messages: int | None) -> DiscreteDistribution:
    """The histogram as a law, its last cell so that the exact number of messages comes out, as far as the cell allows.

    Disclosure control joins the largest conversations to one cell, in which a slope taken from smaller ones puts too
    few messages (a third in lean_zulip), and they decide every moment.
    """
    law, filled = smooth(sizes.it), sizes.it.without_empty()
    inside = law.lo >= filled.lo[-1]
    # A cell of the fixed bins is too narrow to be bent.
    if messages is None or inside.sum() < 2 or filled.hi[-1] < _WIDE * filled.lo[-1]:
        return law
    middle = (law.lo + law.hi) / 2
    wanted = (messages / filled.total - float(law.probability[~inside] @ middle[~inside])) / float(
        law.probability[inside].sum()
    )
    # (T, K) shares of the cell's pieces, bent by x^t; their mean grows with t.
    shares = law.probability[inside] * (middle[inside] / middle[inside][-1]) ** _BENDS[:, None]
    shares /= shares.sum(axis=1, keepdims=True)
    bend = float(np.interp(wanted, shares @ middle[inside], _BENDS))
    weights = law.probability.copy()
    weights[inside] *= (middle[inside] / middle[inside][-1]) ** bend
    weights[inside] *= law.probability[inside].sum() / weights[inside].sum()
    return DiscreteDistribution.of_weights(law.lo, law.hi, weights)
