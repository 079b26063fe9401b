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
class Common:
    """Two histograms over the integers `edges` at which both are known: (E,) shares of the values up to there."""

    edges: IntArray
    production: FloatArray
    synthetic: FloatArray


def common(one: Histogram, other: Histogram) -> Common:
    """Both histograms where both are known; kept for the pairs looked at last."""
    return _common(Same(one), Same(other))


@lru_cache(maxsize=64)
def _common(one: Same[Histogram], other: Same[Histogram]) -> Common:
    edges = common_edges(one.it, other.it)
    return Common(edges, cumulative_at(one.it, edges), cumulative_at(other.it, edges))


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
    relative = np.maximum(middle[inside], 0.5) / middle[inside][-1]
    shares = law.probability[inside] * relative ** _BENDS[:, None]
    shares /= shares.sum(axis=1, keepdims=True)
    bend = float(np.interp(wanted, shares @ middle[inside], _BENDS))
    weights = law.probability.copy()
    weights[inside] *= relative**bend
    weights[inside] *= law.probability[inside].sum() / weights[inside].sum()
    return DiscreteDistribution.of_weights(law.lo, law.hi, weights)
