"""Checks on messages: types, hours, lengths. Those of one conversation are alike, so fewer count than there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.checks import Check
from shapetui.documents.shape import Shape
from shapetui.fidelity import folding, laws, noise
from shapetui.fidelity.gate import judged
from shapetui.fidelity.measures import lengths_of, mean_and_median_length, relative_error
from shapetui.fidelity.size_checks import label_shares, largest, ordered, pooled, up_to

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_HOURS: Final = 168
_HOUR_NAMES: Final = [f"{day} {hour:02d}:00" for day in _DAYS for hour in range(24)]
_ALIKE: Final = "messages of one conversation have a correlation of {:g}"
_HOURS_ALIKE: Final = "two messages of a conversation of n fall into one hour with .45 / (1 + n / 50) beyond chance"


def message_checks(production: Shape, synthetic: Shape, tolerance: float) -> Iterator[Check]:
    """All of them that the two shapes allow, in the order of a report."""
    numbers = production.conversations.total_count, synthetic.conversations.total_count
    messages = production.messages.total_count, synthetic.messages.total_count
    if not all(numbers) or not all(messages):
        return
    law = laws.size_law(production) or laws.size_law(synthetic)
    found = label_shares(*folding.message_types(production, synthetic))
    if found:
        labels, one, other = found
        effective = _independent(law, noise.TYPE_LIKENESS, messages, numbers)
        yield judged(
            "message_types",
            "total variation of the shares of message types",
            0.5 * float(np.abs(one - other).sum()),
            noise.total_variation(pooled(one, other, effective), *effective),
            numbers,
            tolerance,
            unit="share",
            worst=largest(labels, one, other),
            assumes=_ALIKE.format(noise.TYPE_LIKENESS),
        )
    yield from _hours(production, synthetic, law, numbers, tolerance)
    effective = _independent(law, noise.LENGTH_LIKENESS, messages, numbers)
    gap = laws.largest_gap(lengths_of(production), lengths_of(synthetic))
    if gap:
        yield judged(
            "lengths",
            "KS distance of characters per message",
            gap.distance,
            noise.kolmogorov(*effective),
            numbers,
            tolerance,
            unit="share",
            worst=[up_to(gap, "characters")],
            assumes=_ALIKE.format(noise.LENGTH_LIKENESS),
        )
    (mean_one, _), (mean_other, _) = mean_and_median_length(production), mean_and_median_length(synthetic)
    length_law = laws.length_law(production)
    if length_law and mean_one and mean_other is not None:
        yield judged(
            "mean_length",
            "mean characters per message",
            abs(relative_error(mean_one, mean_other)),
            noise.mean(
                (noise.Weighted.of(length_law),) * 2, *_independent(law, noise.MEAN_LENGTH_LIKENESS, messages, numbers)
            ),
            numbers,
            tolerance,
            unit="relative",
            production=mean_one,
            synthetic=mean_other,
            assumes=_ALIKE.format(noise.MEAN_LENGTH_LIKENESS),
        )
    yield from _by_type(production, synthetic, law, numbers, tolerance)


def _hours(
    production: Shape,
    synthetic: Shape,
    law: DiscreteDistribution | None,
    numbers: tuple[int, int],
    tolerance: float,
) -> Iterator[Check]:
    one, other = _same_hours(production, synthetic)
    if not one.sum() > 0 or not other.sum() > 0:
        return
    effect = noise.hours_design_effect(law) if law else 1.0
    effective = (
        (float(one.sum()) / effect, float(other.sum()) / effect) if law else (float(numbers[0]), float(numbers[1]))
    )
    one, other = one / one.sum(), other / other.sum()
    yield judged(
        "hour_of_week",
        "total variation of the shares of the 168 hours of the week, UTC",
        0.5 * float(np.abs(one - other).sum()),
        noise.total_variation(pooled(one, other, effective), *effective),
        numbers,
        tolerance,
        unit="share",
        worst=largest(_HOUR_NAMES, one, other),
        assumes=_HOURS_ALIKE,
    )


def _same_hours(production: Shape, synthetic: Shape) -> tuple[FloatArray, FloatArray]:
    """(168,) messages per hour; hours that disclosure control emptied on one side are joined on both, as it did."""
    sides = [np.asarray(shape.messages.hour_of_week, dtype=np.float64) for shape in (production, synthetic)]
    if any(side.size != _HOURS for side in sides):
        return np.zeros(0), np.zeros(0)
    for shape, side in zip((production, synthetic), list(sides), strict=True):
        if shape.certificate and shape.certificate.merged_cells.get("hour_of_week"):
            filled = np.flatnonzero(side)
            if filled.size:
                nearest = filled[np.abs(np.arange(_HOURS)[:, None] - filled).argmin(axis=1)]
                sides = [np.bincount(nearest, each, minlength=_HOURS).astype(np.float64) for each in sides]
    return sides[0], sides[1]


def _by_type(
    production: Shape,
    synthetic: Shape,
    law: DiscreteDistribution | None,
    numbers: tuple[int, int],
    tolerance: float,
) -> Iterator[Check]:
    one, other = laws.type_lengths(production), laws.type_lengths(synthetic)
    labels = [label for label in one if label in other]
    # Of one type it is the check of all lengths again.
    if len(labels) < 2:
        return
    counts = [
        (production.messages.by_type[label].total_count, synthetic.messages.by_type[label].total_count)
        for label in labels
    ]
    total = sum(count for count, _ in counts)
    distance = floor = 0.0
    places = []
    for label, both in zip(labels, counts, strict=True):
        gap = laws.largest_gap(one[label], other[label])
        if gap and all(both):
            weight = both[0] / total
            distance += weight * gap.distance
            # Never more than 1: of a type with few messages the noise says only that nothing is known.
            floor += weight * min(noise.kolmogorov(*_independent(law, noise.LENGTH_LIKENESS, both, numbers)), 1.0)
            places.append((weight * gap.distance, up_to(gap, "characters", label)))
    yield judged(
        "length_by_message_type",
        "KS distance of characters per message within each message type, weighted by type",
        distance,
        floor,
        numbers,
        tolerance,
        unit="share",
        worst=ordered(places),
        assumes=_ALIKE.format(noise.LENGTH_LIKENESS),
    )


def _independent(
    law: DiscreteDistribution | None, likeness: float, messages: tuple[int, int], numbers: tuple[int, int]
) -> tuple[float, float]:
    """How many independent messages these say as much as; where sizes are unknown, one per conversation."""
    if law is None:
        return float(min(messages[0], numbers[0])), float(min(messages[1], numbers[1]))
    effect = noise.design_effect(law, likeness)
    return max(messages[0] / effect, 1.0), max(messages[1] / effect, 1.0)
