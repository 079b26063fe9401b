"""Checks on messages: types, hours, lengths. Those of one conversation are alike, so fewer count than there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.checks import Check
from shapetui.documents.shape import Shape
from shapetui.fidelity import folding, laws, noise
from shapetui.fidelity.gate import judged
from shapetui.fidelity.measures import lengths_of, mean_and_median_length, relative_error
from shapetui.fidelity.size_checks import drawn, label_shares, largest, ordered, pooled, up_to

_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_HOURS: Final = 168
_HOUR_NAMES: Final = [f"{day} {hour:02d}:00" for day in _DAYS for hour in range(24)]
_ALIKE: Final = "messages of one conversation have a correlation of {:g}"
_HOURS_ALIKE: Final = "two messages of a conversation of n fall into one hour with .45 / (1 + n / 50) beyond chance"


def message_checks(production: Shape, synthetic: Shape, tolerance: float, *, exact: bool) -> Iterator[Check]:
    """All of them that the two shapes allow, in the order of a report; `exact`: see `run_checks`."""
    conversations = production.conversations.total_count, synthetic.conversations.total_count
    messages = production.messages.total_count, synthetic.messages.total_count
    if not all(conversations) or not all(messages):
        return
    likeness = _Likeness(laws.size_laws(production, synthetic, exact=exact), conversations, exact)
    found = label_shares(*folding.message_types(production, synthetic))
    if found:
        labels, one, other = found
        independent = likeness.independent(noise.TYPE_LIKENESS, messages)
        yield judged(
            "message_types",
            "total variation of the shares of message types",
            0.5 * float(np.abs(one - other).sum()),
            noise.total_variation(pooled(one, other, independent), *independent),
            likeness.conversations,
            tolerance,
            unit="share",
            worst=largest(labels, one, other),
            assumes=_ALIKE.format(noise.TYPE_LIKENESS),
        )
    yield from _hours(production, synthetic, likeness, tolerance)
    gap = laws.largest_gap(lengths_of(production), lengths_of(synthetic))
    if gap:
        yield judged(
            "lengths",
            "KS distance of characters per message",
            gap.distance,
            noise.kolmogorov(*likeness.independent(noise.LENGTH_LIKENESS, messages)),
            likeness.conversations,
            tolerance,
            unit="share",
            worst=[up_to(gap, "characters")],
            assumes=_ALIKE.format(noise.LENGTH_LIKENESS),
        )
    (mean_one, _), (mean_other, _) = mean_and_median_length(production), mean_and_median_length(synthetic)
    spread = laws.length_spread(production)
    if spread and mean_one and mean_other is not None:
        yield judged(
            "mean_length",
            "mean characters per message",
            abs(relative_error(mean_one, mean_other)),
            noise.mean(
                (spread, spread if exact else laws.length_spread(synthetic) or spread),
                *likeness.independent(noise.MEAN_LENGTH_LIKENESS, messages),
            ),
            likeness.conversations,
            tolerance,
            unit="relative",
            production=mean_one,
            synthetic=mean_other,
            assumes=_ALIKE.format(noise.MEAN_LENGTH_LIKENESS),
        )
    yield from _by_type(production, synthetic, likeness, tolerance)


@dataclass(frozen=True)
class _Likeness:
    """How far the messages of one conversation are alike: laws of the sizes of conversations, and how many these are.

    `exact`: the synthetic side was not drawn, so its messages are like infinitely many independent ones.
    """

    laws: tuple[DiscreteDistribution, DiscreteDistribution] | None
    counts: tuple[int, int]
    exact: bool

    @property
    def conversations(self) -> tuple[float, float]:
        """Conversations drawn on both sides."""
        return drawn(*self.counts, self.exact)

    def independent(self, likeness: float, messages: tuple[int, int]) -> tuple[float, float]:
        """How many independent messages these say as much as; where sizes are unknown, one per conversation."""
        if self.laws is None:
            one, other = (float(min(pair)) for pair in zip(messages, self.counts, strict=True))
        else:
            effects = (noise.design_effect(law, likeness) for law in self.laws)
            one, other = (max(count / effect, 1.0) for count, effect in zip(messages, effects, strict=True))
        return drawn(one, other, self.exact)


def _hours(production: Shape, synthetic: Shape, likeness: _Likeness, tolerance: float) -> Iterator[Check]:
    """When conversations live is drawn by the generator, too: here neither side is exact."""
    one, other = _same_hours(production, synthetic)
    if not one.sum() > 0 or not other.sum() > 0:
        return
    if likeness.laws is None:
        independent = float(likeness.counts[0]), float(likeness.counts[1])
    else:
        effects = [noise.hours_design_effect(law) for law in likeness.laws]
        independent = float(one.sum()) / effects[0], float(other.sum()) / effects[1]
    one, other = one / one.sum(), other / other.sum()
    yield judged(
        "hour_of_week",
        "total variation of the shares of the 168 hours of the week, UTC",
        0.5 * float(np.abs(one - other).sum()),
        noise.total_variation(pooled(one, other, independent), *independent),
        likeness.counts,
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


def _by_type(production: Shape, synthetic: Shape, likeness: _Likeness, tolerance: float) -> Iterator[Check]:
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
            floor += weight * min(noise.kolmogorov(*likeness.independent(noise.LENGTH_LIKENESS, both)), 1.0)
            places.append((weight * gap.distance, gap, label))
    yield judged(
        "length_by_message_type",
        "KS distance of characters per message within each message type, weighted by type",
        distance,
        floor,
        likeness.conversations,
        tolerance,
        unit="share",
        worst=ordered(places, "characters"),
        assumes=_ALIKE.format(noise.LENGTH_LIKENESS),
    )
