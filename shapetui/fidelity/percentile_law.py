"""The law of sizes that a few percentiles leave open, for the noise of shapes without cells (the original's files)."""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import Final

import numpy as np

from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity import noise

# Nothing says how the sizes lie between two percentiles, nor that the conversations counted are those measured (the
# original counts two populations): twice the noise is that of a quarter of them.
_DOUBT: Final = 2.0
# Where the maximum is not known: so many times the largest percentile.
_BEYOND: Final = 10
_PIECES: Final = 16
ASSUMED: Final = "sizes between two percentiles are spread evenly in their logarithm; the noise is twice that"


def percentile_law(shape: Shape) -> DiscreteDistribution | None:
    """Sizes spread evenly in their logarithm between the percentiles of a shape; None where it has none.

    Percentiles of the same value are an atom there. What lies below the first of them begins at 1.
    """
    known = shape.conversations.messages_per_conversation_percentiles
    values = known.values()
    if not values:
        return None
    largest = max(values.values())
    maximum = max(known.max, largest) if known.max is not None else _BEYOND * max(largest, 1)
    lo: list[int] = []
    hi: list[int] = []
    mass: list[float] = []
    before, reached = 0, 0.0
    for value, fraction in [*((value, PERCENTILES[name]) for name, value in values.items()), (maximum, 1.0)]:
        # A percentile below a smaller one is a mistake of the file and adds to what lies there.
        pieces = _pieces(before + 1, value) or [(before, before)]
        widths = [log((last + 1) / max(first, 0.5)) for first, last in pieces]
        lo += [first for first, _ in pieces]
        hi += [last for _, last in pieces]
        mass += [(fraction - reached) * width / sum(widths) for width in widths]
        before, reached = max(before, value), fraction
    return _joined(lo, hi, mass)


Sides = tuple[DiscreteDistribution, DiscreteDistribution]


def percentile_noise(laws: Sides, fraction: float, at: tuple[float, float], numbers: tuple[float, float]) -> float:
    """As `noise.percentile`, with the doubt that such laws deserve: of a law and its percentile on both sides.

    The larger of the two, because the maximum of a small sample says little of what lies beyond it.
    """
    found = [noise.percentile(law, fraction, value, *numbers) for law, value in zip(laws, at, strict=True)]
    return _DOUBT * max(found)


def mean_noise(laws: Sides, numbers: tuple[float, float]) -> float:
    """As `noise.mean`, with the doubt that such laws deserve."""
    one, other = (noise.Weighted.of(law) for law in laws)
    return _DOUBT * noise.mean((one, other), *numbers) if one.mean > 0 else 0.0


def _pieces(first: int, last: int) -> list[tuple[int, int]]:
    """The integers from first to last in pieces that grow by the same factor; none where there are no integers."""
    if last < first:
        return []
    edges = np.unique(np.round(np.geomspace(first, last + 1, _PIECES + 1)).astype(np.int64)).tolist()
    return [(start, end - 1) for start, end in pairwise(edges)]


def _joined(lo: list[int], hi: list[int], mass: list[float]) -> DiscreteDistribution:
    """The pieces as a law: an atom at the end of a piece is cut out of it."""
    starts = np.unique([*lo, *(end + 1 for end in hi)])
    first, last = starts[:-1], starts[1:] - 1
    weight = np.zeros(first.size)
    for start, end, part in zip(lo, hi, mass, strict=True):
        inside = (first >= start) & (last <= end)
        weight[inside] += part * (last - first + 1)[inside] / (end - start + 1)
    return DiscreteDistribution.of_weights(first, last, weight)
