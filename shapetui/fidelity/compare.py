"""`compare`: the one judge, of a preview and of a measured database alike.

The four tests of the original decide the verdict (4 pass: PASS, 3: WARNING, fewer: FAIL), with true statistics:
chi-square with its true p over the union of the labels, the lattice KS, the largest relative percentile error, and
the errors of mean and median length. The checks beside them decide `decision` (`checks.run_checks`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shapetui.distributions.categories import chi_square_test, cramers_v, fractions
from shapetui.documents.model import format_time
from shapetui.documents.report import (
    LengthTest,
    Overall,
    Overlay,
    Report,
    Side,
    SizeTest,
    Summary,
    Tests,
    TypeTest,
    Verdict,
)
from shapetui.documents.shape import Shape
from shapetui.fidelity import folding
from shapetui.fidelity.advice import recommendations
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.facts import Facts
from shapetui.fidelity.foreign_scores import foreign_scores
from shapetui.fidelity.measures import (
    drawn_sizes,
    ks_distance,
    lengths_of,
    mean_and_median_length,
    mean_size,
    relative_error,
    same_cells,
    sizes_of,
    top_share,
)
from shapetui.fidelity.measures import size_errors as size_errors

_SIGNIFICANCE: Final = 0.05


def compare(
    production: Shape,
    synthetic: Shape,
    tolerance: float,
    production_file: str,
    now: datetime,
    facts: Facts | None = None,
    *,
    exact: bool | None = None,
) -> Report:
    """The report of a synthetic shape against a production shape; `tolerance` is a relative error (0.15 = 15 %).

    `facts`: what was counted of the synthetic rows themselves, where somebody could. `exact`: whether they are the
    quantile grid of a config that was fitted to this production (`run_checks`).
    """
    tests = run_tests(production, synthetic, tolerance)
    checks = run_checks(production, synthetic, tolerance, facts, exact=exact)
    passed = sum(verdict == "PASS" for verdict in tests.verdicts().values())
    return Report(
        validation_timestamp=format_time(now),
        production_shape_file=production_file,
        tolerance_threshold=tolerance,
        overall_verdict=overall(passed),
        tests=tests,
        summary=Summary(
            passed_tests=passed,
            failed_tests=4 - passed,
            recommendations=recommendations(tests, checks.checks, production, synthetic),
        ),
        schema_version=2,
        production=_side(production),
        synthetic=_side(synthetic),
        histograms=Overlay(
            messages_per_conversation=same_cells(drawn_sizes(production), drawn_sizes(synthetic)),
            content_length=same_cells(lengths_of(production), lengths_of(synthetic)),
        ),
        decision=checks.decision,
        checks=list(checks.checks),
        foreign_scores=foreign_scores(production, synthetic),
    )


def overall(passed: int) -> Overall:
    """The original's rule over its four tests."""
    return "PASS" if passed == 4 else "WARNING" if passed == 3 else "FAIL"


def run_tests(production: Shape, synthetic: Shape, tolerance: float) -> Tests:
    """The four tests alone: what the live preview needs at every key."""
    return Tests(
        conversation_types=_type_test(*folding.conversation_types(production, synthetic)),
        messages_per_conversation=_size_test(production, synthetic, tolerance),
        message_types=_type_test(*folding.message_types(production, synthetic)),
        content_length=_length_test(production, synthetic, tolerance),
    )


def _type_test(expected: dict[str, int], observed: dict[str, int]) -> TypeTest:
    if not sum(observed.values()) or not sum(expected.values()):
        side = "synthetic" if not sum(observed.values()) else "production"
        return TypeTest(chi_square_statistic=None, p_value=0.0, verdict="FAIL", details=f"{side} side is empty")
    statistic, p = chi_square_test(observed, expected)
    total, shares = sum(observed.values()), fractions(expected)
    labels = {label for label in (*observed, *shares) if observed.get(label) or shares.get(label)}
    worst = max(sorted(labels), key=lambda label: abs(observed.get(label, 0) / total - shares.get(label, 0.0)))
    extra = sorted(label for label in labels if not shares.get(label))
    missing = sorted(label for label in labels if not observed.get(label))
    details = f"largest difference {worst}: {shares.get(worst, 0):.4f} -> {observed.get(worst, 0) / total:.4f}"
    if extra:
        details = f"not in production: {', '.join(extra)}; " + details
    if missing:
        details = f"missing in synthetic: {', '.join(missing)}; " + details
    finite = statistic != float("inf")
    return TypeTest(
        chi_square_statistic=round(statistic, 2) if finite else None,
        p_value=round(p, 3),
        verdict=_verdict(p > _SIGNIFICANCE),
        details=details,
        degrees_of_freedom=max(1, len(labels) - 1),
        cramers_v=round(min(cramers_v(statistic, total, len(labels)), 1.0), 5) if finite else None,
    )


def length_errors(production: Shape, mean: float | None, median: float | None) -> dict[str, float] | None:
    """Signed relative errors of mean and median length: what that test judges; None where not all is known."""
    mean_one, median_one = mean_and_median_length(production)
    if mean_one is None or median_one is None or mean is None or median is None:
        return None
    return {"mean": relative_error(mean_one, mean), "median": relative_error(median_one, median)}


def _size_test(production: Shape, synthetic: Shape, tolerance: float) -> SizeTest:
    errors = size_errors(production, synthetic.conversations.messages_per_conversation_percentiles.values())
    ks = ks_distance(sizes_of(production), sizes_of(synthetic))
    if not errors:
        return SizeTest(
            ks_statistic=_rounded(ks, 4),
            max_percentile_error=None,
            verdict="FAIL",
            details="no percentile is known on both sides",
        )
    worst = max(errors, key=lambda name: abs(errors[name]))
    mean_one, mean_other = mean_size(production), mean_size(synthetic)
    return SizeTest(
        ks_statistic=_rounded(ks, 4),
        max_percentile_error=round(abs(errors[worst]), 3),
        verdict=_verdict(abs(errors[worst]) < tolerance),
        details=f"largest percentile error {worst}: {errors[worst]:+.1%} (limit {tolerance:.0%})",
        percentile_errors={name: round(error, 4) for name, error in errors.items()},
        mean_error=round(relative_error(mean_one, mean_other), 4) if mean_one and mean_other is not None else None,
    )


def _length_test(production: Shape, synthetic: Shape, tolerance: float) -> LengthTest:
    ks = _rounded(ks_distance(lengths_of(production), lengths_of(synthetic)), 4)
    (mean_one, median_one), (mean_other, median_other) = (
        mean_and_median_length(production),
        mean_and_median_length(synthetic),
    )
    errors = length_errors(production, mean_other, median_other)
    if errors is None:
        return LengthTest(
            mean_error_pct=None,
            median_error_pct=None,
            verdict="FAIL",
            details="mean and median are not known on both sides",
            ks_statistic=ks,
        )
    mean, median = errors["mean"], errors["median"]
    return LengthTest(
        mean_error_pct=round(abs(mean), 3),
        median_error_pct=round(abs(median), 3),
        verdict=_verdict(max(abs(mean), abs(median)) < tolerance),
        details=f"mean {mean_one:.1f} -> {mean_other:.1f} ({mean:+.1%}), "
        f"median {median_one:g} -> {median_other:g} ({median:+.1%}), limit {tolerance:.0%}",
        ks_statistic=ks,
    )


def _verdict(good: bool) -> Verdict:
    return "PASS" if good else "FAIL"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _side(shape: Shape) -> Side:
    mean, median = mean_and_median_length(shape)
    return Side(
        digest=shape.digest(),
        conversations=shape.conversations.total_count,
        messages=shape.messages.total_count,
        messages_per_conversation_mean=mean_size(shape),
        messages_per_conversation_percentiles=shape.conversations.messages_per_conversation_percentiles.values(),
        content_length_mean=mean,
        content_length_median=median,
        top_1_percent_share=top_share(shape),
    )
