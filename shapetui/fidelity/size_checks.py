"""Checks on conversations: their types, and how many messages they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.documents.checks import Check, Difference
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity import folding, laws, noise, sides
from shapetui.fidelity.gate import judged
from shapetui.fidelity.measures import mean_size, relative_error, size_errors, sizes_of, top_share

_NAMED: Final = 3
_TOP: Final = 0.01
_TAIL: Final = 0.02
# Of fewer conversations an exponent says nothing.
_FEWEST: Final = 5.0
_PERCENTILES: Final = ("p50", "p90", "p95", "p99")
_SMALLEST_RATIO: Final = 1e-6
_DOUBLINGS: Final = ["0", "1", *(f"{2**step}-{2 ** (step + 1) - 1}" for step in range(1, noise.OCTAVES - 1))]
# Differences that no table shows are none.
_SEEN: Final = 5e-5


def conversation_checks(production: Shape, synthetic: Shape, tolerance: float) -> Iterator[Check]:
    """All of them that the two shapes allow, in the order of a report."""
    numbers = production.conversations.total_count, synthetic.conversations.total_count
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
    law = laws.size_law(production) or laws.size_law(synthetic)
    if law is None:
        return
    spread = sides.weighted(production, synthetic) or (noise.Weighted.of(law),) * 2
    rows = sides.rows_by_size(production, synthetic)
    if rows:
        one, other = rows
        yield judged(
            "messages_by_size",
            "total variation of the shares of messages in conversations of 1, 2-3, 4-7, ... messages",
            0.5 * float(np.abs(one - other).sum()),
            noise.row_shares(law, *numbers),
            numbers,
            tolerance,
            unit="share",
            worst=largest(_DOUBLINGS, one, other),
        )
    percentiles = synthetic.conversations.messages_per_conversation_percentiles.values()
    errors = size_errors(production, percentiles)
    known = production.conversations.messages_per_conversation_percentiles.values()
    for name in _PERCENTILES:
        if name in errors:
            yield judged(
                name,
                f"{name} of messages per conversation, either way",
                off(errors[name]),
                noise.percentile(law, PERCENTILES[name], *numbers),
                numbers,
                tolerance,
                unit="relative",
                production=known[name],
                synthetic=percentiles[name],
            )
    means = mean_size(production), mean_size(synthetic)
    if means[0] and means[1] is not None:
        yield judged(
            "mean_size",
            "mean messages per conversation",
            abs(relative_error(means[0], means[1])),
            noise.mean(spread, *numbers),
            numbers,
            tolerance,
            unit="relative",
            production=means[0],
            synthetic=means[1],
        )
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
    tails = sides.tails(production, synthetic, _TAIL, _FEWEST)
    if tails:
        yield judged(
            "tail_alpha",
            f"exponent of the tail: conversations of {tails.start} messages or more, the largest {_TAIL:.0%}",
            abs(tails.synthetic - tails.production),
            noise.exponent(tails.production, *tails.counts),
            numbers,
            tolerance,
            unit="exponent",
            production=tails.production,
            synthetic=tails.synthetic,
        )
    yield from _by_type(production, synthetic, numbers, tolerance)


def _types(production: Shape, synthetic: Shape, numbers: tuple[int, int], tolerance: float) -> Iterator[Check]:
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


def _by_type(production: Shape, synthetic: Shape, numbers: tuple[int, int], tolerance: float) -> Iterator[Check]:
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
            floor += count / total * noise.kolmogorov(count, count_other)
            places.append((count / total * gap.distance, up_to(gap, "messages", label)))
    yield judged(
        "size_by_conversation_type",
        "KS distance of messages per conversation within each conversation type, weighted by type",
        distance,
        floor,
        numbers,
        tolerance,
        unit="share",
        worst=ordered(places),
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
    """(K,) shares of both sides together: what the noise of two honest samples depends on."""
    return np.asarray((one * numbers[0] + other * numbers[1]) / sum(numbers))


def largest(names: Sequence[str], one: FloatArray, other: FloatArray) -> list[Difference]:
    """The places where two sides differ most."""
    order = np.argsort(-np.abs(one - other), kind="stable")[:_NAMED]
    return [
        Difference(at=names[i], production=float(one[i]), synthetic=float(other[i]))
        for i in order
        if one[i] != other[i]
    ]


def ordered(places: list[tuple[float, Difference]]) -> list[Difference]:
    """The places that weigh most."""
    return [place for weight, place in sorted(places, key=lambda item: -item[0])[:_NAMED] if weight >= _SEEN]


def up_to(gap: laws.Gap, of: str, label: str = "") -> Difference:
    """The place of a KS distance in words: shares of the values up to there."""
    at = f"up to {max(gap.at, 0)} {of}"
    return Difference(at=f"{label} {at}".strip(), production=gap.production, synthetic=gap.synthetic)


def off(error: float) -> float:
    """How far off a number is, relative and the same either way: 1.0 for twice and for half of what it should be."""
    ratio = max(1 + error, _SMALLEST_RATIO)
    return max(ratio, 1 / ratio) - 1
