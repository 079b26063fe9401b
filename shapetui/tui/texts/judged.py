"""The four tests with their margins, the checks a line each, and the numbers of two sides beside one another: on
Calibrate expected, on Report measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from rich.text import Text

from shapetui.documents.checks import Check, CheckVerdict, Decision
from shapetui.documents.report import LengthTest, SizeTest, Tests, TypeTest
from shapetui.documents.shape import PERCENTILES
from shapetui.fidelity.check_words import check_name
from shapetui.tui.texts.words import CHECK_STYLES, fitted_name, minus, percent
from shapetui.workbench.outcome import used

_NAMES: Final = {
    "conversation_types": "conversation types",
    "messages_per_conversation": "messages / conv.",
    "message_types": "message types",
    "content_length": "content length",
}
# The original's limit of the chi-square tests.
_SIGNIFICANCE: Final = 0.05
# Where the upper 5 % of a normal law begin, for the limit of a chi-square (Wilson & Hilferty 1931).
_UPPER: Final = 1.645
MARKS: Final[dict[CheckVerdict, str]] = {"GO": "✓", "WARN": "!", "NO-GO": "✗", "INCONCLUSIVE": "?"}
_CHECK_NAME, _CHECK_NUMBERS = 18, 15


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


def significant_from(tests: Tests, conversations: int, messages: int) -> Text:
    """From which effect size on the chi-square tests fail with so many rows: how little, or how much, p says."""
    pairs = ((tests.conversation_types, conversations), (tests.message_types, messages))
    found = [effect for test, count in pairs if (effect := smallest_effect(test, count)) is not None]
    said = " / ".join(f"{effect:.{2 if effect >= 0.1 else 3}f}".removeprefix("0") for effect in found)
    return Text(f"  p fails from V {said} on at this N\n" if said else "", "dim", no_wrap=True, overflow="ellipsis")


def smallest_effect(test: TypeTest, count: int) -> float | None:
    """The smallest Cramér's V of which p is below 0.05 with so many rows; None where there is nothing to differ."""
    degrees = test.degrees_of_freedom
    if not degrees or not count:
        return None
    limit = degrees * (1 - 2 / (9 * degrees) + _UPPER * sqrt(2 / (9 * degrees))) ** 3
    return sqrt(limit / (count * degrees))


def decision_line(checks: Sequence[Check], decision: Decision, width: int) -> Text:
    """`checks  NO-GO   13 GO · 1 WARN · 1 NO-GO`; on two lines where that is too long."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("checks  ", "dim").append(decision, CHECK_STYLES[decision])
    counts = counted(checks)
    return text.append("   " if text.cell_len + 3 + len(counts) <= width else "\n").append(f"{counts}\n")


def counted(checks: Sequence[Check]) -> str:
    """How many came out how: `13 GO · 1 WARN · 1 NO-GO`."""
    said = [check.verdict for check in checks]
    return " · ".join(f"{said.count(verdict)} {verdict}" for verdict in MARKS if verdict in said)


def worst_first(checks: Sequence[Check]) -> list[Check]:
    """Those that are not GO, by how much of what they allow is used; then the others as they are."""
    bad = sorted((check for check in checks if check.verdict != "GO"), key=used, reverse=True)
    return [*bad, *(check for check in checks if check.verdict == "GO")]


def check_lines(checks: Sequence[Check], rows: int) -> Text:
    """A line per check, the worst first: mark, name, its numbers, its verdict unless it is good; in so many rows."""
    text = Text(no_wrap=True, overflow="ellipsis")
    ordered = worst_first(checks)
    shown = ordered if len(ordered) <= rows else ordered[: max(0, rows - 1)]
    for check in shown:
        good = check.verdict == "GO"
        text.append(f"{MARKS[check.verdict]} ", "green" if good else CHECK_STYLES[check.verdict])
        text.append(f"{fitted_name(check_name(check.name), _CHECK_NAME)}{check_numbers(check):>{_CHECK_NUMBERS}}")
        # The mark of an inconclusive one says it in one cell; the word has twelve.
        word = check.verdict if check.verdict in ("WARN", "NO-GO") else ""
        text.append(f" {word}\n" if word else "\n", CHECK_STYLES[check.verdict])
    if rows > 0 and len(shown) < len(ordered):
        rest = ordered[len(shown) :]
        text.append(f"  and {counted(rest)} more\n", "dim")
    return text


def check_numbers(check: Check) -> str:
    """The two numbers that a check compares, `147 → 145`, or else its distance and margin, `2.0 of 5 %`."""
    one, other = check.production, check.synthetic
    if one is None or other is None:
        if check.unit == "rows":
            return f"{check.value:,.0f} of {check.margin:,.0f}"
        factor, unit, digits = (1, "", 2) if check.unit == "exponent" else (100, " %", 1)
        return f"{factor * float(check.value):.{digits}f} of {factor * float(check.margin):g}{unit}"
    if check.unit == "share":
        return minus(f"{100 * float(one):.1f} → {100 * float(other):.1f} %")
    if check.unit == "exponent":
        return minus(f"{one:.2f} → {other:.2f}")
    digits = 0 if (float(one).is_integer() and float(other).is_integer()) or one >= 1_000 else 1 if one >= 100 else 2
    return minus(f"{one:,.{digits}f} → {other:,.{digits}f}")


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
