"""`predict`: the shape that a config is expected to produce at a target, by arithmetic, without generating.

The generator gives conversation i of C the size at quantile (i + 1/2) / C, so the number of conversations up to any
size is floor(C F(x) + 1/2): exact. That is what makes the preview live.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from shapetui.calibration.model import Model
from shapetui.distributions.bins import IntArray, lower_edges, upper_edges
from shapetui.distributions.categories import largest_remainder
from shapetui.distributions.discrete import DiscreteDistribution, grid_count, grid_sum
from shapetui.documents.labels import labelled
from shapetui.documents.model import LARGEST
from shapetui.documents.shape import (
    PERCENTILES,
    PREDICTED,
    ContentLengthStats,
    Conversations,
    ConversationType,
    Messages,
    MessageType,
    Shape,
    SizePercentiles,
    Users,
)
from shapetui.errors import PlanError

# Points probed at once when a value is looked for inside a bin: two rounds settle a bin of 4,000 integers.
_PROBES: Final = 64
# From so many rooms on the grid has the mean of its law to within a percent, whatever the tail.
_ENOUGH_ROOMS: Final = 5_000
_CORRECTIONS: Final = 8
_NEAR_ENOUGH: Final = 0.005


def conversation_count(model: Model, target_messages: int) -> int:
    """How many conversations hold about `target_messages` messages; at least one.

    The target over the mean, corrected where rooms are few: a grid of a few hundred of them falls short of the mean
    of a heavy tail, by more than half for fifty.
    """
    rooms = max(1, round(target_messages / model.mean_size))
    for _ in range(_CORRECTIONS):
        if rooms >= _ENOUGH_ROOMS:
            break
        by_type = largest_remainder(model.conversation_types, rooms)
        messages = sum(grid_sum(model.sizes[label], count) for label, count in by_type.items())
        corrected = max(1, round(rooms * target_messages / messages)) if messages else 2 * rooms
        if corrected == rooms or abs(messages / target_messages - 1) < _NEAR_ENOUGH:
            break
        rooms = corrected
    return rooms


def predict(model: Model, target_messages: int, extracted_at: str, window_days: int) -> Shape:
    """The expected shape at a target. `extracted_at` (ISO 8601) and `window_days` are only written down."""
    rooms = conversation_count(model, target_messages)
    by_type = largest_remainder(model.conversation_types, rooms)
    sizes = _Grids.of(model.sizes, by_type)
    messages = {label: round(grid_sum(model.sizes[label], count)) for label, count in by_type.items()}
    total = sum(messages.values())
    if total > LARGEST:
        raise PlanError(
            f"the config makes {total:.1e} messages of a target of {target_messages:,}",
            "lower xmax or raise the alpha of the tail",
        )
    message_types = largest_remainder(model.message_types, total)
    lengths = _Grids.of(model.lengths, message_types)
    characters = {label: grid_sum(model.lengths[label], count) for label, count in message_types.items()}
    length_mean = sum(characters.values()) / max(total, 1)
    length_points = lengths.values_at([int((total - 1) * 0.5), int((total - 1) * 0.95)]) if total else [0, 0]
    week = np.asarray(model.week) / sum(model.week)
    hours = np.diff(np.round(np.concatenate([[0.0], np.cumsum(week)]) * total)).astype(np.int64)
    # As the sampler counts: the largest 1 % of the conversations that have messages, rounded up.
    top = -(-sizes.above(0) // 100)
    *percentiles, edge, largest = sizes.values_at(
        [*(int((rooms - 1) * p) for p in PERCENTILES.values()), rooms - max(top, 1), rooms - 1]
    )
    return Shape(
        extracted_at=extracted_at,
        sample_window_days=window_days,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        users=Users(total_count=max(1, round(rooms * model.users_per_conversation))),
        conversations=Conversations(
            total_count=rooms,
            type_distribution=by_type,
            messages_per_conversation_percentiles=SizePercentiles(
                **dict(zip(PERCENTILES, percentiles, strict=True)), max=largest
            ),
            messages_per_conversation_mean=total / rooms,
            messages_per_conversation_cells=sizes.cells(),
            by_type={
                label: ConversationType(
                    total_count=count,
                    message_count=messages[label],
                    messages_per_conversation_cells=sizes.cells(label),
                )
                for label, count in by_type.items()
            },
            top_1_percent_share=min(sizes.sum_of_largest(top, edge) / total, 1.0) if total and top else None,
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
            content_length_cells=lengths.cells(),
            by_type={
                label: MessageType(
                    total_count=count,
                    content_length_mean=characters[label] / count if count else None,
                    content_length_cells=lengths.cells(label),
                )
                for label, count in message_types.items()
            },
            hour_of_week=hours.tolist(),
        ),
        schema_version=2,
        population=PREDICTED,
    )


@dataclass(frozen=True)
class _Grids:
    """Quantile grids of several labels, counted exactly in the fixed bins.

    Attributes:
        laws: label -> (distribution, how many values), labels without any left out.
        below: label -> (B,) values at or below the upper edge of each bin, up to the bin of the largest value.
    """

    laws: dict[str, tuple[DiscreteDistribution, int]]
    below: dict[str, IntArray]

    @classmethod
    def of(cls, laws: dict[str, DiscreteDistribution], counts: dict[str, int]) -> _Grids:
        grids = {label: (laws[label], count) for label, count in counts.items() if count}
        largest = max((law.maximum for law, _ in grids.values()), default=0)
        hi = upper_edges()[: int(np.searchsorted(upper_edges(), largest)) + 1]
        return cls(grids, {label: grid_count(law, hi, count) for label, (law, count) in grids.items()})

    @cached_property
    def _together(self) -> IntArray:
        return np.asarray(sum(self.below.values()), dtype=np.int64)

    def cells(self, label: str | None = None) -> dict[str, int]:
        """The histogram of one label, or of all together, empty bins left out."""
        if not self.below or (label is not None and label not in self.below):
            return {}
        counts = np.diff(self._together if label is None else self.below[label], prepend=0)
        kept = np.flatnonzero(counts)
        return labelled(
            zip(lower_edges()[kept].tolist(), upper_edges()[kept].tolist(), counts[kept].tolist(), strict=True)
        )

    def above(self, value: int) -> int:
        """How many values of all labels together are larger."""
        return sum(count - int(grid_count(law, value, count)) for law, count in self.laws.values())

    def sum_of_largest(self, how_many: int, smallest: int) -> float:
        """Sum of the largest values of all labels together; `smallest` is the smallest of them."""
        larger, total = 0, 0.0
        for law, count in self.laws.values():
            ends = grid_count(law, law.hi, count)
            first = int(grid_count(law, smallest, count))
            # Each cell's values from the `first` on: none in the cells below, all of them in those above.
            starts = np.maximum(np.concatenate([[0], ends[:-1]]), first)
            ends = np.maximum(ends, first)
            total += float((ends - starts) @ law.means_between(starts / count, ends / count))
            larger += count - first
        return total + (how_many - larger) * smallest

    def values_at(self, ranks: list[int]) -> list[int]:
        """The value at each rank (from 0) of all labels together, by exact counts: its bin, then inside the bin."""
        wanted = np.asarray(ranks)[:, None] + 1
        bins = np.searchsorted(self._together, wanted[:, 0], side="left")
        low, high = lower_edges()[bins] - 1, upper_edges()[bins]
        rows = np.arange(high.size)
        while (high - low > 1).any():
            steps = np.arange(1, _PROBES + 1)
            probes = low[:, None] + ((high - low)[:, None] * steps + _PROBES - 1) // _PROBES
            counts = sum(grid_count(law, probes, count) for law, count in self.laws.values())
            first = np.argmax(counts >= wanted, axis=1)
            low, high = np.where(first > 0, probes[rows, first - 1], low), probes[rows, first]
        return [int(value) for value in high]
