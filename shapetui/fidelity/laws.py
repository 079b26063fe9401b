"""The histograms of a shape as the checks need them: by type, on cells that both sides know, as laws with a slope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import DiscreteDistribution, mixture, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.identity import Same
from shapetui.documents.labels import parse_label
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import lengths_of, sizes_of
from shapetui.fidelity.noise import Weighted

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


def size_laws(
    production: Shape, synthetic: Shape, *, exact: bool
) -> tuple[DiscreteDistribution, DiscreteDistribution] | None:
    """The laws that draws of both sides follow; a side without cells, or without draws, is taken to be like the other.

    `exact`: the synthetic side was not drawn.
    """
    one = size_law(production)
    other = one if exact and one else size_law(synthetic)
    one, other = one or other, other or one
    return (one, other) if one and other else None


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
        law = mixture([(part.total, size_law_of(part, types[label].message_count)) for label, part in known.items()])
    elif sizes_of(shape.it).total:
        law = size_law_of(sizes_of(shape.it), None)
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


def length_spread(shape: Shape) -> Weighted | None:
    """Characters per message as the noise of their mean needs them; None where the shape has no cells."""
    return _length_spread(Same(shape))


@lru_cache(maxsize=8)
def _length_spread(shape: Same[Shape]) -> Weighted | None:
    lengths = lengths_of(shape.it)
    return Weighted.of(smooth(lengths)) if lengths.total else None


def _filled(cells: Mapping[str, Mapping[str, int]]) -> dict[str, Histogram]:
    return {label: _histogram(part) for label, part in cells.items() if any(part.values())}


def _histogram(cells: Mapping[str, int]) -> Histogram:
    lo, hi, order = _ends(tuple(cells))
    histogram = Histogram(lo, hi, np.fromiter(cells.values(), np.int64, len(cells))[order])
    return histogram if histogram.counts.all() else histogram.without_empty()


# From one key to the next the cells of a draft are the same ones, only their counts are not.
@lru_cache(maxsize=64)
def _ends(labels: tuple[str, ...]) -> tuple[IntArray, IntArray, IntArray]:
    """(B,) first and last integer of each cell, ascending, and which label it is that of."""
    ends = np.array([parse_label(label) for label in labels], dtype=np.int64).reshape(-1, 2)
    order = np.argsort(ends[:, 0], kind="stable")
    return ends[order, 0], ends[order, 1], order


@dataclass(frozen=True)
class Common:
    """Two histograms over the integers `edges` at which both are known: (E,) shares of the values up to there."""

    edges: IntArray
    production: FloatArray
    synthetic: FloatArray


def common(one: Histogram, other: Histogram) -> Common:
    """Both histograms where both are known; kept for the pairs looked at last."""
    return _common(Same(one), Same(other))


# As `common_edges` and `cumulative_at` find them, which look for every edge several times.
@lru_cache(maxsize=64)
def _common(one: Same[Histogram], other: Same[Histogram]) -> Common:
    sides = _steps(one), _steps(other)
    edges = np.sort(np.concatenate([side.edges for side in sides]))
    edges = edges[np.append(True, edges[1:] > edges[:-1])]
    places = [np.searchsorted(side.hi, edges, side="right") for side in sides]
    outside = [side.lo[place] > edges for side, place in zip(sides, places, strict=True)]
    known = outside[0] & outside[1]
    production, synthetic = (side.below[place[known]] for side, place in zip(sides, places, strict=True))
    return Common(edges[known], production, synthetic)


@dataclass(frozen=True)
class _Steps:
    """A histogram as a cumulative distribution.

    Attributes:
        lo: (B + 1,) where each cell that is not empty begins, and one beyond all integers.
        hi: (B,) where it ends.
        below: (B + 1,) share of the values below each cell, and of all.
        edges: (E,) the integers at which the share of the values up to there may change and is known.
    """

    lo: IntArray
    hi: IntArray
    below: FloatArray
    edges: IntArray


@lru_cache(maxsize=64)
def _steps(histogram: Same[Histogram]) -> _Steps:
    filled = histogram.it if histogram.it.counts.all() else histogram.it.without_empty()
    sums = np.cumsum(filled.counts)
    below = np.concatenate([[0.0], sums / sums[-1:]])
    edges = np.concatenate([filled.hi, filled.lo - 1])
    return _Steps(np.append(filled.lo, np.iinfo(np.int64).max), filled.hi, below, edges)


def largest_gap(production: Histogram, synthetic: Histogram) -> Gap | None:
    """The lattice KS distance over the integers where both are known, and where it is; None when either is empty."""
    if not production.total or not synthetic.total:
        return None
    shared = common(production, synthetic)
    gaps = np.abs(shared.production - shared.synthetic)
    place = int(gaps.argmax())
    return Gap(
        float(gaps[place]),
        int(shared.edges[place]),
        float(shared.production[place]),
        float(shared.synthetic[place]),
    )


def size_law_of(sizes: Histogram, messages: int | None) -> DiscreteDistribution:
    """The histogram as a law, its last cell so that the exact number of messages comes out, as far as the cell allows.

    Disclosure control joins the largest conversations to one cell, in which a slope taken from smaller ones puts too
    few messages (a fifth less in lean_zulip), and they decide every moment.
    """
    return _law(Same(sizes), messages)


@lru_cache(maxsize=32)
def _law(sizes: Same[Histogram], messages: int | None) -> DiscreteDistribution:
    law = smooth(sizes.it)
    filled = sizes.it if sizes.it.counts.all() else sizes.it.without_empty()
    # From there on the pieces are those of the last cell.
    first = int(np.searchsorted(law.lo, filled.lo[-1]))
    # A cell of the fixed bins is too narrow to be bent.
    if messages is None or law.lo.size - first < 2 or filled.hi[-1] < _WIDE * filled.lo[-1]:
        return law
    middle, inside = (law.lo + law.hi) / 2, law.probability[first:]
    mass = inside.sum()
    wanted = (messages / filled.total - float(law.probability[:first] @ middle[:first])) / float(mass)
    # (T, K) shares of the cell's pieces, bent by x^t; their mean grows with t.
    relative = np.maximum(middle[first:], 0.5) / middle[-1]
    shares = inside * np.exp(np.log(relative) * _BENDS[:, None])
    bend = float(np.interp(wanted, shares @ middle[first:] / shares.sum(axis=1), _BENDS))
    bent = inside * relative**bend
    return DiscreteDistribution(law.lo, law.hi, np.concatenate([law.probability[:first], bent * (mass / bent.sum())]))
