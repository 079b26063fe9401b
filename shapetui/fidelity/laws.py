"""The histograms of a shape as the checks need them: by type, on cells that both sides know, as laws with a slope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import DiscreteDistribution, smooth
from shapetui.distributions.histogram import Histogram, common_edges, cumulative_at
from shapetui.documents.identity import Same
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import drawn_sizes, lengths_of, sizes_of
from shapetui.fidelity.noise import OCTAVES, octave


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
    sizes = drawn_sizes(shape.it)
    if not sizes.total:
        return None
    law = smooth(sizes)
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
    """(B,) share of all messages that lie in conversations of each doubling of size, on both sides.

    Both are brought to the cells that both know, per type where the types are the same, and smoothed alike, so that
    what disclosure control merged costs resolution only. The last cell of each type has the rows that the exact number
    of messages leaves for it.
    """
    one, other = type_sizes(production), type_sizes(synthetic)
    if one and one.keys() == other.keys():
        types, types_other = production.conversations.by_type, synthetic.conversations.by_type
        sides = [
            (
                _rows(Same(mine), types[label].message_count),
                _rows(Same(theirs), types_other[label].message_count),
            )
            for label in one
            for mine, theirs in (_aligned(one[label], other[label]),)
        ]
    elif sizes_of(production).total and sizes_of(synthetic).total:
        mine, theirs = _aligned(sizes_of(production), sizes_of(synthetic))
        sides = [(_rows(Same(mine), None), _rows(Same(theirs), None))]
    else:
        return None
    rows, rows_other = (np.asarray(sum(side), dtype=np.float64) for side in zip(*sides, strict=True))
    if not rows.sum() > 0 or not rows_other.sum() > 0:
        return None
    return rows / rows.sum(), rows_other / rows_other.sum()


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


@lru_cache(maxsize=32)
def _rows(sizes: Same[Histogram], messages: int | None) -> FloatArray:
    """(OCTAVES,) messages in conversations of each doubling of size."""
    law, filled = smooth(sizes.it), sizes.it.without_empty()
    middle = (law.lo + law.hi) / 2
    rows = law.probability * middle * filled.total
    first, last, count = int(filled.lo[-1]), int(filled.hi[-1]), int(filled.counts[-1])
    if messages is not None and first < last:
        inside = law.lo >= first
        wanted = min(max(messages - float(rows[~inside].sum()), first * count), last * count)
        rows = np.where(inside, rows * (wanted / rows[inside].sum()), rows)
    return np.asarray(np.bincount(octave(middle), rows, minlength=OCTAVES), dtype=np.float64)
