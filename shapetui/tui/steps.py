"""Sizes of conversations where a shape has percentiles and no histogram, as files of the original system do."""

from __future__ import annotations

from dataclasses import replace

from shapetui.distributions.histogram import Histogram
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.tui.overlay import OverlayData


def with_steps(picture: OverlayData, shape: Shape) -> OverlayData:
    """The picture of a shape's sizes; drawn from its percentiles, and entitled so, where it has nothing else."""
    if picture.production is not None and picture.production.total:
        return picture
    steps = steps_of(shape)
    if not steps.total:
        return picture
    return replace(picture, production=steps, title="messages per conversation, by percentiles")


def steps_of(shape: Shape) -> Histogram:
    """The conversations between one percentile and the next, evenly; those beyond p99 up to the largest."""
    found = shape.conversations.messages_per_conversation_percentiles
    ends = {**{name: share for name, share in PERCENTILES.items() if getattr(found, name) is not None}, "max": 1.0}
    cells: list[tuple[int, int, int]] = []
    low, below = 1, 0
    for name, share in ends.items():
        high = getattr(found, name)
        reached = round(share * shape.conversations.total_count)
        # Percentiles that are equal, or 0, share a step; without a maximum nobody knows where the last one ends.
        if high is None or high < low:
            continue
        cells.append((low, high, reached - below))
        low, below = high + 1, reached
    return Histogram.of_cells(cells)
