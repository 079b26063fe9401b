"""`predict`: the shape that a config is expected to produce at a target, by arithmetic, without generating.

The generator gives conversation i of C the size at quantile (i + 1/2) / C, so the number of conversations up to any
size is floor(C F(x) + 1/2): exact. That is what makes the preview live.
"""

from __future__ import annotations

import numpy as np

from shapetui.calibration.model import Model
from shapetui.distributions.bins import IntArray, lower_edges, upper_edges
from shapetui.distributions.categories import largest_remainder
from shapetui.distributions.discrete import DiscreteDistribution, grid_count
from shapetui.documents.labels import labelled
from shapetui.documents.shape import (
    PERCENTILES,
    ContentLengthStats,
    Conversations,
    ConversationType,
    Messages,
    MessageType,
    Shape,
    SizePercentiles,
    Users,
)


def conversation_count(model: Model, target_messages: int) -> int:
    """How many conversations hold about `target_messages` messages; at least one."""
    return max(1, round(target_messages / model.mean_size))


def predict(model: Model, target_messages: int, extracted_at: str, window_days: int) -> Shape:
    """The expected shape at a target. `extracted_at` (ISO 8601) and `window_days` are only written down."""
    rooms = conversation_count(model, target_messages)
    by_type = largest_remainder(model.conversation_types, rooms)
    sizes = [(model.sizes[label], count) for label, count in by_type.items() if count]
    means = {label: model.sizes[label].mean() for label in by_type}
    total = round(sum(count * means[label] for label, count in by_type.items()))
    message_types = largest_remainder(model.message_types, total)
    lengths = [(model.lengths[label], count) for label, count in message_types.items() if count]
    length_mean = sum(law.mean() * count for law, count in lengths) / max(total, 1)
    length_points = _order_statistics(lengths, [(total // 2), int((total - 1) * 0.95)]) if total else [0, 0]
    week = np.asarray(model.week) / sum(model.week)
    hours = np.diff(np.round(np.concatenate([[0.0], np.cumsum(week)]) * total)).astype(np.int64)
    percentiles = _order_statistics(sizes, [int((rooms - 1) * p) for p in PERCENTILES.values()])
    return Shape(
        extracted_at=extracted_at,
        sample_window_days=window_days,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        users=Users(total_count=max(1, round(rooms * model.users_per_conversation))),
        conversations=Conversations(
            total_count=rooms,
            type_distribution=by_type,
            messages_per_conversation_percentiles=SizePercentiles(
                **dict(zip(PERCENTILES, percentiles, strict=True)), max=max(law.maximum for law, _ in sizes)
            ),
            messages_per_conversation_mean=total / rooms,
            messages_per_conversation_cells=_cells(sizes),
            by_type={
                label: ConversationType(
                    total_count=count,
                    message_count=round(count * means[label]),
                    messages_per_conversation_cells=_cells([(model.sizes[label], count)]),
                )
                for label, count in by_type.items()
            },
        ),
        messages=Messages(
            total_count=total,
            content_length_stats=ContentLengthStats(
                mean=round(length_mean), median=length_points[0], p95=length_points[1]
            ),
            type_distribution=message_types,
            hourly_distribution=hours.reshape(7, 24).sum(axis=0).tolist(),
            day_of_week_distribution=hours.reshape(7, 24).sum(axis=1).tolist(),
            content_length_mean=length_mean,
            content_length_median=length_points[0],
            content_length_cells=_cells(lengths),
            by_type={
                label: MessageType(
                    total_count=count,
                    content_length_mean=model.lengths[label].mean(),
                    content_length_cells=_cells([(model.lengths[label], count)]),
                )
                for label, count in message_types.items()
            },
            hour_of_week=hours.tolist(),
        ),
        schema_version=2,
        population="predicted from a config",
    )


def _cells(grids: list[tuple[DiscreteDistribution, int]]) -> dict[str, int]:
    """Exact counts of quantile grids in the fixed bins, empty ones left out."""
    largest = max((law.maximum for law, _ in grids), default=0)
    bins = int(np.searchsorted(upper_edges(), largest)) + 1
    hi = upper_edges()[:bins]
    below: IntArray = np.zeros(bins, dtype=np.int64)
    for law, count in grids:
        below = below + grid_count(law, hi, count)
    counts = np.diff(np.concatenate([[0], below]))
    kept = counts > 0
    return labelled(zip(lower_edges()[:bins][kept].tolist(), hi[kept].tolist(), counts[kept].tolist(), strict=True))


def _order_statistics(grids: list[tuple[DiscreteDistribution, int]], ranks: list[int]) -> list[int]:
    """Value at each rank (from 0) of all grids together: bisection on the exact counts."""
    wanted = np.asarray(ranks) + 1
    low = np.full(wanted.size, -1, dtype=np.int64)
    high = np.full(wanted.size, max(law.maximum for law, _ in grids), dtype=np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        reached = sum(grid_count(law, middle, count) for law, count in grids) >= wanted
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return [int(value) for value in high]
