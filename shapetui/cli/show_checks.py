"""The checks of a report as tables: ours with margin and noise, and the scores of other tools beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.show_numbers import UNKNOWN, count, number, share
from shapetui.cli.show_tables import row, table
from shapetui.documents.checks import Check, ForeignScore, Unit
from shapetui.documents.report import Report
from shapetui.fidelity.check_words import CHECK_NAMES

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

STYLES: Final = {"GO": "bold green", "WARN": "bold yellow", "NO-GO": "bold red", "INCONCLUSIVE": "bold yellow"}
_SENTENCES: Final = {
    "GO": "no check is NO-GO",
    "NO-GO": "not fit for index tests",
    "INCONCLUSIVE": "too few conversations to tell",
}


def decision_line(report: Report) -> Text | None:
    """The decision in words and colour, and how the checks came out; None for a report without checks."""
    if report.decision is None or report.checks is None:
        return None
    said = [check.verdict for check in report.checks]
    numbers = ", ".join(f"{said.count(word)} {word}" for word in STYLES if word in said)
    line = literal(report.decision, STYLES.get(report.decision, ""))
    line.append_text(literal(f"   {_SENTENCES[report.decision]}: {numbers}"))
    return line


def checks_table(checks: list[Check], sides: tuple[str, str] = ("production", "synthetic")) -> Table:
    """One row per check: the numbers of both sides, or those at the place where two distributions differ most."""
    made = table("check", *sides, "off by", "margin", "noise", "verdict", left=("verdict",))
    for check in checks:
        name = literal(CHECK_NAMES.get(check.name, check.name))
        one, other = _sides(check)
        row(
            made,
            name,
            one,
            other,
            _written(check.value, check.unit),
            _written(check.margin, check.unit),
            _written(check.noise, check.unit),
            literal(check.verdict, STYLES.get(check.verdict, "")),
        )
    return made


def reasons(checks: list[Check]) -> list[Text]:
    """A line for every check that is not GO: what it measures, where the sides differ most, what would settle it."""
    found = []
    for check in checks:
        if check.verdict == "GO":
            continue
        line = literal("• ")
        line.append_text(literal(check.verdict, STYLES.get(check.verdict, "")))
        line.append_text(literal(f" {CHECK_NAMES.get(check.name, check.name)}: {check.measures}"))
        if check.worst:
            places = "; ".join(
                f"{place.at} {share(place.production)} → {share(place.synthetic)}" for place in check.worst
            )
            line.append_text(literal(f". Most: {places}"))
        if check.settled_at is not None:
            line.append_text(literal(f". {count(check.settled_at)} conversations on both sides would settle it"))
        if check.assumes and check.verdict in ("WARN", "INCONCLUSIVE"):
            line.append_text(literal(f" (noise: {check.assumes})", "dim"))
        found.append(line)
    return found


def foreign_table(scores: list[ForeignScore]) -> Table:
    """What other tools' rules come to; computed here from the shapes."""
    made = table("column", "tool", "rule", "score", "limit", "says", left=("tool", "rule", "says"))
    for score in scores:
        limit = UNKNOWN if score.limit is None else number(score.limit, 2)
        row(made, score.column, score.tool, score.rule, number(score.score, 4), limit, score.says or "")
    return made


def _sides(check: Check) -> tuple[str, str]:
    """The two numbers, or those of the place where two distributions differ most."""
    if check.production is not None or check.synthetic is not None:
        return _side(check.production, check), _side(check.synthetic, check)
    if check.worst:
        return share(check.worst[0].production), share(check.worst[0].synthetic)
    return UNKNOWN, UNKNOWN


def _side(value: float | None, check: Check) -> str:
    if value is None or check.unit == "share":
        return share(value)
    if check.unit == "exponent":
        return number(value, 2)
    return count(value) if float(value).is_integer() else number(value)


def _written(value: float, unit: Unit) -> str:
    if unit == "exponent":
        return number(value, 2)
    return count(value) if unit == "rows" else share(value)
