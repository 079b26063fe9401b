"""Distances between two histograms or two sets of percentiles, taken at the resolution of the coarser side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from shapetui.distributions.bins import bin_of, lower_edges, upper_edges
from shapetui.distributions.discrete import smooth
from shapetui.distributions.histogram import Histogram, common_edges, cumulative_at
from shapetui.documents.identity import Same
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import PERCENTILES, Shape

# The conversations that are not among the largest 1 %.
_ALL_BUT_TOP: Final = 0.99


def ks_distance(one: Histogram, other: Histogram) -> float | None:
    """Lattice Kolmogorov-Smirnov: the largest difference of the two cumulative distributions over the integers
    at which both are known exactly. Cells merged on either side cost resolution, never a false alarm.

    None when either holds nothing.
    """
    if not one.total or not other.total:
        return None
    edges = common_edges(one, other)
    if not edges.size:
        return 0.0
    return float(np.abs(cumulative_at(one, edges) - cumulative_at(other, edges)).max())


def relative_error(expected: float, actual: float) -> float:
    """(actual - expected) / max(expected, 1): the original's, with its sign kept."""
    return (actual - expected) / max(expected, 1.0)


def percentile_errors(
    production: Mapping[str, int], synthetic: Mapping[str, int], top_coded: list[str], last: tuple[int, int] | None
) -> dict[str, float]:
    """Signed relative error per percentile that both sides have.

    Where production's percentile was published as the upper edge of its last cell (`top_coded`), all that is known
    of it is that it lies in that cell (`last`, inclusive): a synthetic one in the same cell has no error, one
    below it is compared with the cell's lower end.
    """
    errors = {}
    for name in PERCENTILES:
        if name not in production or name not in synthetic:
            continue
        expected, actual = production[name], synthetic[name]
        if name in top_coded and last is not None and last[0] <= expected <= last[1]:
            expected = min(max(actual, last[0]), expected)
        errors[name] = relative_error(expected, actual)
    return errors


def size_errors(production: Shape, percentiles: Mapping[str, int]) -> dict[str, float]:
    """Signed relative error of each percentile of messages per conversation: what the test of sizes judges."""
    coded, last = top_coded(production), None
    # Only there does it matter which is the last cell.
    if any(name in coded for name in percentiles):
        cells = sizes_of(production).without_empty()
        last = (int(cells.lo[-1]), int(cells.hi[-1])) if cells.total else None
    known = production.conversations.messages_per_conversation_percentiles.values()
    return percentile_errors(known, percentiles, coded, last)


def top_coded(shape: Shape) -> list[str]:
    """The percentiles (and the maximum) that stand for the cell they lie in."""
    return shape.certificate.top_coded if shape.certificate else []


def mean_size(shape: Shape) -> float | None:
    """Messages per conversation; only for files of ours: the original's two totals count different populations."""
    mean = shape.conversations.messages_per_conversation_mean
    return None if mean is None else float(mean)


def same_cells(production: Histogram, synthetic: Histogram) -> dict[str, tuple[int, int]]:
    """Label of a cell -> [production, synthetic] counts, on the finest cells that both sides know exactly."""
    edges = common_edges(production, synthetic)
    if not edges.size:
        return {}
    known = edges[edges >= -1]
    lo, hi = known[:-1] + 1, known[1:]
    counts = [
        np.diff(np.round(cumulative_at(side, known) * side.total).astype(np.int64)) for side in (production, synthetic)
    ]
    return {
        (str(first) if first == last else f"{first}-{last}"): (int(a), int(b))
        for first, last, a, b in zip(lo.tolist(), hi.tolist(), *(c.tolist() for c in counts), strict=True)
        if a or b
    }


def drawn_sizes(shape: Shape) -> Histogram:
    """Messages per conversation for the eye: the sum of the types' histograms, each smoothed inside wide cells.

    The published overall cells are as coarse as the coarsest type's, or a difference of two published numbers
    would show what was merged. What is judged is judged on those; a picture may be finer.
    """
    parts = [
        histogram
        for part in shape.conversations.by_type.values()
        if (histogram := Histogram.of_cells(cells_of(part.messages_per_conversation_cells))).total
    ]
    whole = Histogram.of_cells(cells_of(shape.conversations.messages_per_conversation_cells))
    if len(parts) < 2 or sum(part.total for part in parts) < whole.total:
        return whole
    bins = int(bin_of(np.array([part.hi[-1] for part in parts])).max()) + 1
    hi = upper_edges()[:bins]
    below = np.round(sum(smooth(part).cdf(hi) * part.total for part in parts)).astype(np.int64)
    return Histogram(lower_edges()[:bins], hi, np.diff(below, prepend=0)).without_empty()


def top_share(shape: Shape) -> float | None:
    """Share of the messages that the largest 1 % of the conversations hold.

    As measured; of a shape that does not say, as its histograms tell it. None where there are none.
    """
    if shape.conversations.top_1_percent_share is not None:
        return float(shape.conversations.top_1_percent_share)
    sizes = drawn_sizes(shape)
    if not sizes.total:
        return None
    law = smooth(sizes)
    beyond = np.clip(np.cumsum(law.probability) - _ALL_BUT_TOP, 0.0, law.probability)
    whole = law.mean()
    return round(float(beyond @ ((law.lo + law.hi) / 2)) / whole, 4) if whole > 0 else None


def sizes_of(shape: Shape) -> Histogram:
    """Messages per conversation, on the cells that are judged."""
    return _sizes(Same(shape))


def lengths_of(shape: Shape) -> Histogram:
    """Characters per message; the original's wide cells where there are no fine ones."""
    return _lengths(Same(shape))


# A live preview asks for the same production's at every key.
@lru_cache(maxsize=8)
def _sizes(shape: Same[Shape]) -> Histogram:
    return Histogram.of_cells(cells_of(shape.it.conversations.messages_per_conversation_cells))


@lru_cache(maxsize=8)
def _lengths(shape: Same[Shape]) -> Histogram:
    block = shape.it.messages
    return Histogram.of_cells(cells_of(block.content_length_cells or block.content_length_histogram))


def mean_and_median_length(shape: Shape) -> tuple[float | None, float | None]:
    """(mean, median) characters: exact where the file has them, otherwise the original's rounded ones."""
    block, stats = shape.messages, shape.messages.content_length_stats
    return (
        block.content_length_mean if block.content_length_mean is not None else stats.mean,
        block.content_length_median if block.content_length_median is not None else stats.median,
    )
