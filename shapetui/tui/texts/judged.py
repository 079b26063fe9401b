"""The four tests with their margins, and the numbers of two sides beside one another: on Calibrate expected, on Report
measured.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.text import Text

from shapetui.documents.report import LengthTest, SizeTest, Tests, TypeTest
from shapetui.documents.shape import PERCENTILES
from shapetui.tui.texts.words import minus, percent

_NAMES: Final = {
    "conversation_types": "conversation types",
    "messages_per_conversation": "messages / conv.",
    "message_types": "message types",
    "content_length": "content length",
}
# The original's limit of the chi-square tests.
_SIGNIFICANCE: Final = 0.05


class Numbers(NamedTuple):
    """What a reader compares first: percentiles and mean of the sizes, mean and median length, top-1 % share."""

    percentiles: dict[str, int]
    mean: float | None
    length_mean: float | None
    length_median: float | None
    top_share: float | None


def four_tests(tests: Tests, tolerance: float, bar: int = 0) -> Text:
    """A line per test: mark, name, the number that decides with its limit; `bar` cells show how much is used of it."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for name, verdict in tests.verdicts().items():
        good = verdict == "PASS"
        said, used = _margin(getattr(tests, name), tolerance)
        text.append("✓ " if good else "✗ ", "green" if good else "bold red")
        text.append(f"{_NAMES[name]:<19}")
        if bar:
            filled = min(bar, round(bar * min(used, 1.0)))
            text.append("━" * filled, "" if good else "bold red")
            text.append("─" * (bar - filled), "dim")
            text.append("  ")
        text.append(f"{said}\n", "" if good else "bold red")
    return text


def _margin(test: TypeTest | SizeTest | LengthTest, tolerance: float) -> tuple[str, float]:
    """(the number that decides, how much of its limit it uses: above 1 fails)."""
    match test:
        case TypeTest():
            if test.cramers_v is None:
                return "other labels", 1.0
            # What is left of the way from a perfect p of 1 down to the limit.
            used = (1 - float(test.p_value)) / (1 - _SIGNIFICANCE)
            return f"p {float(test.p_value):.2f}  V {float(test.cramers_v):.3f}", used
        case SizeTest():
            errors = test.percentile_errors
            if not errors:
                return "no percentiles", 1.0
            worst = max(errors, key=lambda name: abs(errors[name]))
            return _of(worst, float(errors[worst]), tolerance), abs(float(errors[worst])) / tolerance
        case LengthTest():
            if test.mean_error_pct is None or test.median_error_pct is None:
                return "not known", 1.0
            mean, median = float(test.mean_error_pct), float(test.median_error_pct)
            name, worst_error = ("mean", mean) if mean >= median else ("median", median)
            return _of(name, worst_error, tolerance, signed=False), worst_error / tolerance


def _of(name: str, error: float, tolerance: float, signed: bool = True) -> str:
    shown = percent(error).removesuffix(" %") if signed else f"{100 * error:.1f}"
    return f"{name} {shown} of {100 * tolerance:g} %"


def numbers(production: Numbers, other: Numbers, word: str) -> Text:
    """Production beside the other side (`word`: expected, measured), with the relative error."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{'':<12}{'production':>10}{word:>10}{'':>9}\n", "dim")
    for name in PERCENTILES:
        if name in production.percentiles and name in other.percentiles:
            text.append_text(_row(name, production.percentiles[name], other.percentiles[name], ",d"))
    text.append_text(_row("mean", production.mean, other.mean, ",.2f"))
    text.append_text(_row("top 1 %", production.top_share, other.top_share, ".3f"))
    text.append_text(_row("length mean", production.length_mean, other.length_mean, ",.1f"))
    text.append_text(_row("length p50", production.length_median, other.length_median, ",.0f"))
    return text


def _row(name: str, one: float | None, two: float | None, form: str) -> Text:
    if one is None or two is None:
        return Text("")
    # As the tests do: relative to production, or to 1 where that is less; a share to itself.
    error = (two - one) / (max(one, 1) if one >= 1 else one or 1)
    return Text(f"{name:<12}{one:>10{form}}{two:>10{form}}{minus(percent(error)):>9}\n")
