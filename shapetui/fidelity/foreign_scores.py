"""What Evidently and SDMetrics would say by their published rules, computed from the shapes: beside ours, not instead.

Evidently (`calculations/stattests/registry.py`, version of 2026-05): over 1,000 reference rows a number drifts at a
Wasserstein distance of 0.1 standard deviations of the reference, a category at a Jensen-Shannon distance (base e) of
0.1; up to 1,000 rows at p < 0.05 of the two-sample KS, chi-square or, with two values, Z test; numbers of at most five
values are categories. The dataset drifts when half of the columns do. SDMetrics 0.29: KSComplement for numbers,
TVComplement for categories, CardinalityShapeSimilarity for children per parent; averages, and no limit anywhere.
Hours of the week are taken as a category, which is the more sensitive choice. Which rows a shape cannot tell apart
inside a cell, these scores cannot either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, exp, sqrt
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.categories import chi_square_test
from shapetui.distributions.discrete import DiscreteDistribution, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.checks import ForeignScore
from shapetui.documents.shape import Shape
from shapetui.fidelity import folding
from shapetui.fidelity.measures import ks_distance, lengths_of, sizes_of
from shapetui.fidelity.size_checks import label_shares

_LARGE: Final = 1000
_SIGNIFICANCE: Final = 0.05
_DISTANCE: Final = 0.1
_DATASET: Final = 0.5
_CATEGORY_VALUES: Final = 5


@dataclass(frozen=True)
class _Column:
    """A column as both sides have it: a histogram of numbers, or counts of labels."""

    name: str
    production: Histogram | Mapping[str, int]
    synthetic: Histogram | Mapping[str, int]
    children: bool = False


def foreign_scores(production: Shape, synthetic: Shape) -> list[ForeignScore]:
    """The scores of every column that both shapes have, and of the whole; empty where they have none."""
    found = [
        _Column("messages per conversation", sizes_of(production), sizes_of(synthetic), children=True),
        _Column("conversation type", *folding.conversation_types(production, synthetic)),
        _Column("content length", lengths_of(production), lengths_of(synthetic)),
        _Column("message type", *folding.message_types(production, synthetic)),
        _Column("hour of week", _hours(production), _hours(synthetic)),
    ]
    columns = [column for column in found if _total(column.production) and _total(column.synthetic)]
    return [*_evidently(columns), *_sdmetrics(columns)]


def _evidently(columns: list[_Column]) -> list[ForeignScore]:
    scores = [_drift(column) for column in columns]
    if scores:
        drifting = sum(score.says == "drift" for score in scores) / len(scores)
        scores.append(_evident("all columns", "share of the columns that drift", drifting, _DATASET))
    return scores


def _evident(column: str, rule: str, score: float, limit: float, *, p: bool = False) -> ForeignScore:
    drifts = score < limit if p else score >= limit
    return ForeignScore(
        tool="Evidently", column=column, rule=rule, score=score, limit=limit, says="drift" if drifts else "pass"
    )


def _drift(column: _Column) -> ForeignScore:
    numbers = _numbers(column)
    if numbers and max(np.count_nonzero(side.counts) for side in numbers) > _CATEGORY_VALUES:
        one, other = numbers
        if one.total > _LARGE:
            distance = wasserstein_in_deviations(smooth(one), smooth(other))
            return _evident(column.name, "Wasserstein / std", distance, _DISTANCE)
        p = _ks_p(ks_distance(one, other) or 0.0, one.total, other.total)
        return _evident(column.name, "KS, p", p, _SIGNIFICANCE, p=True)
    production, synthetic = _labels(column.production), _labels(column.synthetic)
    count, count_other = sum(production.values()), sum(synthetic.values())
    labels, shares, shares_other = _shares(production, synthetic)
    if count > _LARGE:
        return _evident(column.name, "Jensen-Shannon distance", jensen_shannon(shares, shares_other), _DISTANCE)
    if len(labels) > 2:
        return _evident(column.name, "chi-square, p", chi_square_test(synthetic, production)[1], _SIGNIFICANCE, p=True)
    p = _z_p(float(shares[0]), float(shares_other[0]), count, count_other)
    return _evident(column.name, "Z test, p", p, _SIGNIFICANCE, p=True)


def _sdmetrics(columns: list[_Column]) -> list[ForeignScore]:
    scores: list[ForeignScore] = []
    shapes: list[float] = []
    cardinality: list[float] = []
    for column in columns:
        if numbers := _numbers(column):
            distance, rule = ks_distance(*numbers) or 0.0, "KSComplement"
        else:
            _, one, other = _shares(_labels(column.production), _labels(column.synthetic))
            distance, rule = 0.5 * float(np.abs(one - other).sum()), "TVComplement"
        score = max(1 - distance, 0.0)
        if column.children:
            rule = "CardinalityShapeSimilarity"
        (cardinality if column.children else shapes).append(score)
        scores.append(ForeignScore(tool="SDMetrics", column=column.name, rule=rule, score=score))
    properties = [sum(values) / len(values) for values in (shapes, cardinality) if values]
    if properties:
        rule, overall = "mean of Column Shapes and Cardinality", sum(properties) / len(properties)
        scores.append(ForeignScore(tool="SDMetrics", column="all columns", rule=rule, score=overall))
    return scores


def wasserstein_in_deviations(reference: DiscreteDistribution, current: DiscreteDistribution) -> float:
    """First Wasserstein distance of two laws on the integers, in standard deviations of the first one."""
    starts = np.concatenate([reference.lo - 1, current.lo - 1, reference.hi, current.hi])
    edges = np.unique(starts)
    gap = reference.cdf(edges) - current.cdf(edges)
    width, left, right = np.diff(edges), gap[:-1], gap[1:]
    # Between two edges the gap is a line; over the integers from the left one on it is summed as a series.
    same = np.abs(width * (left + right) / 2 - (right - left) / 2)
    crossing = width * (left**2 + right**2) / (2 * np.maximum(np.abs(left) + np.abs(right), 1e-300))
    distance = float(np.where(left * right >= 0, same, crossing).sum())
    middle = (reference.lo + reference.hi) / 2
    inside = ((reference.hi - reference.lo + 1.0) ** 2 - 1) / 12
    variance = float(reference.probability @ ((middle - reference.mean()) ** 2 + inside))
    return distance / sqrt(variance) if variance > 0 else distance


def jensen_shannon(one: FloatArray, other: FloatArray) -> float:
    """Jensen-Shannon distance, base e: between 0 and sqrt(ln 2)."""
    middle = (one + other) / 2
    return sqrt(max((_divergence(one, middle) + _divergence(other, middle)) / 2, 0.0))


def _divergence(one: FloatArray, other: FloatArray) -> float:
    kept = one > 0
    return float(one[kept] @ np.log(one[kept] / other[kept]))


def _ks_p(distance: float, one: int, other: int) -> float:
    """Kolmogorov's asymptotic p of two samples."""
    at = distance * sqrt(one * other / (one + other))
    if at < 0.2:
        return 1.0
    return float(min(max(2 * sum((-1) ** (k - 1) * exp(-2 * (k * at) ** 2) for k in range(1, 50)), 0.0), 1.0))


def _z_p(one: float, other: float, count: int, count_other: int) -> float:
    share = (one * count + other * count_other) / (count + count_other)
    deviation = sqrt(max(share * (1 - share), 0.0) * (1 / count + 1 / count_other))
    return float(erfc(abs(one - other) / deviation / sqrt(2))) if deviation > 0 else 1.0


def _hours(shape: Shape) -> dict[str, int]:
    return {str(hour): count for hour, count in enumerate(shape.messages.hour_of_week)}


def _numbers(column: _Column) -> tuple[Histogram, Histogram] | None:
    one, other = column.production, column.synthetic
    return (one, other) if isinstance(one, Histogram) and isinstance(other, Histogram) else None


def _labels(side: Histogram | Mapping[str, int]) -> Mapping[str, int]:
    if isinstance(side, Histogram):
        return {f"{lo}-{hi}": count for lo, hi, count in side.cells() if count}
    return {label: count for label, count in side.items() if count}


def _shares(production: Mapping[str, int], synthetic: Mapping[str, int]) -> tuple[list[str], FloatArray, FloatArray]:
    """Both sides of a column hold something."""
    found = label_shares(production, synthetic)
    return found if found else ([], np.zeros(0), np.zeros(0))


def _total(side: Histogram | Mapping[str, int]) -> int:
    return side.total if isinstance(side, Histogram) else sum(side.values())
