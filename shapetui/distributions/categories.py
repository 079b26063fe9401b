"""Shares of labels: exact fractions in, exact integer counts out."""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, exp, lgamma, log, sqrt


def fractions(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights divided by their sum. Raises ValueError when no weight is positive."""
    total = sum(weights.values())
    if not total > 0:
        raise ValueError("at least one weight must be positive")
    return {label: weight / total for label, weight in weights.items()}


def largest_remainder(weights: Mapping[str, float], total: int) -> dict[str, int]:
    """`total` things shared out in proportion to weights, each share right to within one (Hamilton's method).

    Ties go to the earlier label, so the result depends on nothing but the arguments.
    """
    exact = {label: share * total for label, share in fractions(weights).items()}
    counts = {label: int(value) for label, value in exact.items()}
    order = sorted(exact, key=lambda label: counts[label] - exact[label])
    for label in order[: total - sum(counts.values())]:
        counts[label] += 1
    return counts


def chi_square_survival(statistic: float, degrees: int) -> float:
    """P(X >= statistic) of a chi-square law with a whole number of degrees of freedom >= 1.

    The finite sums of Abramowitz & Stegun 26.4.4 and 26.4.5: exact, and no import of scipy (0.3 s).
    """
    if degrees < 1:
        raise ValueError("degrees of freedom must be at least 1")
    if statistic <= 0:
        return 1.0
    if statistic == float("inf"):
        return 0.0
    half = statistic / 2
    # Even: r = 0 .. degrees/2 - 1; odd: erfc, and r = 1/2, 3/2, .. degrees/2 - 1. In logarithms, so that no term
    # overflows where the statistic is large.
    powers = [r + (degrees % 2) / 2 for r in range(degrees // 2)]
    total = sum(exp(power * log(half) - lgamma(power + 1) - half) for power in powers)
    return min(1.0, total + (erfc(sqrt(half)) if degrees % 2 else 0.0))


def chi_square_test(observed: Mapping[str, float], expected: Mapping[str, float]) -> tuple[float, float]:
    """Pearson's goodness of fit of observed counts to expected fractions over the union of the labels.

    A label that is observed but never expected makes the statistic infinite and p zero. Returns (statistic, p);
    (0, 1) when there is nothing to compare.
    """
    total = sum(observed.values())
    share = fractions(expected) if sum(expected.values()) > 0 else {}
    labels = {label for label in (*observed, *share) if observed.get(label, 0) or share.get(label, 0)}
    if not total or not labels:
        return (0.0, 1.0) if not labels else (float("inf"), 0.0)
    statistic = 0.0
    for label in sorted(labels):
        want = share.get(label, 0.0) * total
        if want == 0:
            return float("inf"), 0.0
        statistic += (observed.get(label, 0) - want) ** 2 / want
    return statistic, chi_square_survival(statistic, max(1, len(labels) - 1))


def cramers_v(statistic: float, total: float, labels: int) -> float:
    """Effect size of a one-sample chi-square: sqrt(chi2 / (N (k - 1))); 0 = no difference."""
    if not total or labels < 2:
        return 0.0
    return sqrt(statistic / (total * (labels - 1)))
