"""Checks on conversations: their types, and how many messages they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf, isfinite
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.documents.checks import Check, Difference
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity import folding, laws, noise, sides
from shapetui.fidelity.gate import judged
from shapetui.fidelity.measures import mean_size, relative_error, size_errors, sizes_of, top_share
from shapetui.fidelity.percentile_law import ASSUMED, mean_noise, percentile_law, percentile_noise

_NAMED: Final = 3
_TOP: Final = 0.01
# The tail is that share of the conversations, or so many of them that they have an exponent (50: Clauset et al. 2009),
# but at most the upper half.
_TAIL: Final = 0.02
_TAIL_COUNT: Final = 50.0
_LARGEST_TAIL: Final = 0.5
# Of fewer conversations an exponent says nothing.
_FEWEST: Final = 5.0
_PERCENTILES: Final = ("p50", "p90", "p95", "p99")
_SMALLEST_RATIO: Final = 1e-6
_DOUBLINGS: Final = ["0", "1", *(f"{2**step}-{2 ** (step + 1) - 1}" for step in range(1, noise.OCTAVES - 1))]
# Names of all checks on how many messages conversations have.
SIZE_CHECKS: Final = frozenset(
    {
        *("sizes", "messages_by_size", *_PERCENTILES, "mean_size"),
        *("top_1_percent_share", "tail_alpha", "size_by_conversation_type"),
    }
)
# Differences that no table shows are none.
_SEEN: Final = 5e-5


def conversation_checks(production: Shape, synthetic: Shape, tolerance: float, *, exact: bool) -> Iterator[Check]:
    """All of them that the two shapes allow, in the order of a report; `exact`: see `run_checks`."""
    numbers = drawn(production.conversations.total_count, synthetic.conversations.total_count, exact)
    if not all(numbers):
        return
    yield from _types(production, synthetic, numbers, tolerance)
    gap = laws.largest_gap(sizes_of(production), sizes_of(synthetic))
    if gap:
        yield judged(
            "sizes",
            "KS distance of messages per conversation",
            gap.distance,
            noise.kolmogorov(*numbers),
            numbers,
            tolerance,
            unit="share",
            worst=[up_to(gap, "messages")],
        )
    both = laws.size_laws(production, synthetic, exact=exact)
    if both is None:
        yield from _by_percentiles(production, synthetic, numbers, tolerance)
        return
    spread = sides.weighted(production, synthetic) or (noise.Weighted.of(both[0]), noise.Weighted.of(both[1]))
    rows = sides.rows_by_size(production, synthetic)
    if rows:
        one, other = rows
        yield judged(
            "messages_by_size",
            "total variation of the shares of messages in conversations of 1, 2-3, 4-7, ... messages",
            0.5 * float(np.abs(one - other).sum()),
            noise.row_shares(both, *numbers),
            numbers,
            tolerance,
            unit="share",
            worst=largest(_DOUBLINGS, one, other),
        )
    yield from _percentiles(
        production, synthetic, numbers, tolerance, lambda part, at: noise.percentile(both[0], part, at[0], *numbers)
    )
    yield from _mean(production, synthetic, numbers, tolerance, lambda: noise.mean(spread, *numbers))
    shares = top_share(production), top_share(synthetic)
    if shares[0] is not None and shares[1] is not None:
        yield judged(
            "top_1_percent_share",
            "share of the messages in the largest 1 % of the conversations",
            abs(shares[1] - shares[0]),
            noise.share_of_the_largest(spread, _TOP, *numbers),
            numbers,
            tolerance,
            unit="share",
            production=shares[0],
            synthetic=shares[1],
        )
    fraction = min(max(_TAIL, _TAIL_COUNT / numbers[0]), _LARGEST_TAIL)
    tails = sides.tails(production, synthetic, fraction, _FEWEST)
    if tails:
        yield judged(
            "tail_alpha",
            f"exponent of the tail: conversations of {tails.start} messages or more, the largest {fraction:.0%}",
            abs(tails.synthetic - tails.production),
            noise.exponent(tails.production, *drawn(*tails.counts, exact)),
            numbers,
            tolerance,
            unit="exponent",
            production=tails.production,
            synthetic=tails.synthetic,
        )
    yield from _by_type(production, synthetic, numbers, tolerance, exact)


def drawn(production: float, synthetic: float, exact: bool) -> tuple[float, float]:
    """How many draws there were on both sides; an exact side is like infinitely many, if it has any at all."""
    return production, inf if exact and synthetic else synthetic


def _types(production: Shape, synthetic: Shape, numbers: tuple[float, float], tolerance: float) -> Iterator[Check]:
    found = label_shares(*folding.conversation_types(production, synthetic))
    if found:
        labels, one, other = found
        yield judged(
            "conversation_types",
            "total variation of the shares of conversation types",
            0.5 * float(np.abs(one - other).sum()),
            noise.total_variation(pooled(one, other, numbers), *numbers),
            numbers,
            tolerance,
            unit="share",
            worst=largest(labels, one, other),
        )


def _by_percentiles(
    production: Shape, synthetic: Shape, numbers: tuple[float, float], tolerance: float
) -> Iterator[Check]:
    """What two shapes without cells allow, the original's files: their percentiles, and the mean where both say it."""
    one, other = percentile_law(production), percentile_law(synthetic)
    both = one or other, other or one
    if both[0] is None or both[1] is None:
        return
    known = both[0], both[1]
    yield from _percentiles(
        production, synthetic, numbers, tolerance, lambda part, at: percentile_noise(known, part, at, numbers), ASSUMED
    )
    yield from _mean(production, synthetic, numbers, tolerance, lambda: mean_noise(known, numbers), ASSUMED)


def _percentiles(
    production: Shape,
    synthetic: Shape,
    numbers: tuple[float, float],
    tolerance: float,
    floor: Callable[[float, tuple[float, float]], float],
    assumes: str | None = None,
) -> Iterator[Check]:
    """Those that both sides have; `floor` is the noise of a percentile, from its fraction and both values."""
    percentiles = synthetic.conversations.messages_per_conversation_percentiles.values()
    errors = size_errors(production, percentiles)
    known = production.conversations.messages_per_conversation_percentiles.values()
    for name in _PERCENTILES:
        if name in errors:
            yield judged(
                name,
                f"{name} of messages per conversation, either way",
                off(errors[name]),
                floor(PERCENTILES[name], (known[name], percentiles[name])),
                numbers,
                tolerance,
                unit="relative",
                production=known[name],
                synthetic=percentiles[name],
                assumes=assumes,
                ratio=True,
            )


def _mean(
    production: Shape,
    synthetic: Shape,
    numbers: tuple[float, float],
    tolerance: float,
    floor: Callable[[], float],
    assumes: str | None = None,
) -> Iterator[Check]:
    """The mean, where both sides have it and production's is not zero."""
    means = mean_size(production), mean_size(synthetic)
    if means[0] and means[1] is not None:
        yield judged(
            "mean_size",
            "mean messages per conversation",
            abs(relative_error(means[0], means[1])),
            floor(),
            numbers,
            tolerance,
            unit="relative",
            production=means[0],
            synthetic=means[1],
            assumes=assumes,
        )


def _by_type(
    production: Shape, synthetic: Shape, numbers: tuple[float, float], tolerance: float, exact: bool
) -> Iterator[Check]:
    one, other = laws.type_sizes(production), laws.type_sizes(synthetic)
    labels = [label for label in one if label in other]
    # Of one type it is the check of all sizes again.
    if len(labels) < 2:
        return
    counts = [
        (production.conversations.by_type[label].total_count, synthetic.conversations.by_type[label].total_count)
        for label in labels
    ]
    total = sum(count for count, _ in counts)
    distance = floor = 0.0
    places = []
    for label, (count, count_other) in zip(labels, counts, strict=True):
        gap = laws.largest_gap(one[label], other[label])
        if gap and count and count_other:
            distance += count / total * gap.distance
            floor += count / total * noise.kolmogorov(*drawn(count, count_other, exact))
            places.append((count / total * gap.distance, gap, label))
    yield judged(
        "size_by_conversation_type",
        "KS distance of messages per conversation within each conversation type, weighted by type",
        distance,
        floor,
        numbers,
        tolerance,
        unit="share",
        worst=ordered(places, "messages"),
    )


def label_shares(
    production: Mapping[str, int], synthetic: Mapping[str, int]
) -> tuple[list[str], FloatArray, FloatArray] | None:
    """The union of the labels and (K,) their shares on both sides; None where a side is empty."""
    labels = list(dict.fromkeys((*production, *synthetic)))
    one = np.array([production.get(label, 0) for label in labels], dtype=np.float64)
    other = np.array([synthetic.get(label, 0) for label in labels], dtype=np.float64)
    if not one.sum() > 0 or not other.sum() > 0:
        return None
    return labels, one / one.sum(), other / other.sum()


def pooled(one: FloatArray, other: FloatArray, numbers: tuple[float, float]) -> FloatArray:
    """(K,) shares of both sides together, or of production where the other is exact: what the noise depends on."""
    if not isfinite(numbers[1]):
        return one
    return np.asarray((one * numbers[0] + other * numbers[1]) / sum(numbers))


def largest(names: Sequence[str], one: FloatArray, other: FloatArray) -> list[Difference]:
    """The places where two sides differ most."""
    order = np.argsort(-np.abs(one - other), kind="stable")[:_NAMED]
    return [
        Difference(at=names[i], production=float(one[i]), synthetic=float(other[i]))
        for i in order
        if one[i] != other[i]
    ]


def ordered(places: list[tuple[float, laws.Gap, str]], of: str) -> list[Difference]:
    """The places that weigh most, of (weight, gap, label)."""
    most = sorted(places, key=lambda place: -place[0])[:_NAMED]
    return [up_to(gap, of, label) for weight, gap, label in most if weight >= _SEEN]


def up_to(gap: laws.Gap, of: str, label: str = "") -> Difference:
    """The place of a KS distance in words: shares of the values up to there."""
    at = f"up to {max(gap.at, 0)} {of}"
    return Difference(at=f"{label} {at}".strip(), production=gap.production, synthetic=gap.synthetic)


def off(error: float) -> float:
    """How far off a number is, relative and the same either way: 1.0 for twice and for half of what it should be."""
    ratio = max(1 + error, _SMALLEST_RATIO)
    return max(ratio, 1 / ratio) - 1
