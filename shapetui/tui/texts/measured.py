"""What the checks of a report came to: the decision, the checks by verdict with what is wrong, the scores of other
tools, and what p-values mean at this size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from shapetui.documents.checks import Check, CheckVerdict, Difference
from shapetui.documents.report import Report
from shapetui.fidelity.check_words import amount, check_name
from shapetui.tui.texts.judged import MARKS, smallest_effect, worst_first
from shapetui.tui.texts.words import CHECK_STYLES, TOGETHER, fitted_name, hanging, visible

# As `shapetui compare` says it.
_SENTENCES: Final = {
    "GO": "no check is NO-GO",
    "NO-GO": "not fit for index tests",
    "INCONCLUSIVE": "too few conversations to tell",
}
_DECISION: Final = "decision"
# In which the checks are told.
_ORDER: Final[tuple[CheckVerdict, ...]] = ("NO-GO", "INCONCLUSIVE", "WARN", "GO")
_NAME: Final = 18
_NUMBER: Final = 9
# `messages per conversation`, `pass 0.002`.
_COLUMN: Final = 26
_SCORE: Final = 11
# An effect that is significant from here on is smaller than any margin of the checks; one that is not below the other
# would be seen by eye.
_TINY: Final = 0.01
_LARGE: Final = 0.1


def decision(report: Report, width: int) -> Text:
    """The decision in words, and how many checks came out how; empty for a report of an earlier version."""
    if report.decision is None or report.checks is None:
        return Text()
    verdicts = [check.verdict for check in report.checks]
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in _ORDER if word in verdicts)
    said = hanging(f"{_DECISION} {report.decision}  {_SENTENCES[report.decision]}: {counts}", width, 2, 0)
    text, end = Text(said), len(_DECISION) + 1 + len(report.decision)
    text.stylize(CHECK_STYLES[report.decision], len(_DECISION) + 1, end)
    text.stylize("dim", end)
    return text


def wrong_checks(report: Report, width: int) -> Text:
    """The checks that are not GO, the worst verdict first, each with what it measures and where the sides differ."""
    return _groups(report, width, _ORDER[:-1])


def good_checks(report: Report, width: int) -> Text:
    """The checks that are GO, a line each."""
    return _groups(report, width, _ORDER[-1:])


def _groups(report: Report, width: int, verdicts: Sequence[CheckVerdict]) -> Text:
    text = Text()
    for verdict in verdicts:
        found = [check for check in worst_first(report.checks or ()) if check.verdict == verdict]
        if not found:
            continue
        text.append(f"{MARKS[verdict]} {verdict:<{_NAME}}", CHECK_STYLES[verdict])
        text.append("".join(f"{name:>{_NUMBER}}" for name in ("off by", "margin", "noise")) + "\n", "dim")
        for check in found:
            numbers = (amount(float(value), check.unit) for value in (check.value, check.margin, check.noise))
            text.append(f"  {fitted_name(check_name(check.name), _NAME)}")
            text.append("".join(f"{number:>{_NUMBER}}" for number in numbers) + "\n")
            if verdict != "GO":
                text.append(hanging(_explained(check), width, 4), "dim")
        text.append("\n")
    return text


def _explained(check: Check) -> str:
    """What both sides have, where they differ most, what would settle it; what it measures where that is wrong.

    A small chat has a dozen checks that nobody can settle: they are told shortly.
    """
    said = [_sides(check)]
    if check.worst:
        said.append(f"most at {', '.join(map(_place, check.worst))}")
    if check.settled_at is not None:
        said.append(f"would be settled by {check.settled_at:,} conversations")
    if check.verdict == "NO-GO":
        said.append(visible(check.measures))
    elif check.verdict == "WARN" and check.assumes:
        said.append(f"noise: {visible(check.assumes)}")
    return "; ".join(each for each in said if each)


def _place(place: Difference) -> str:
    one, other = (amount(float(share), "share") for share in (place.production, place.synthetic))
    # In one piece, wherever the line ends.
    return f"{visible(place.at)} {one} → {other}".replace(" ", TOGETHER)


def _sides(check: Check) -> str:
    """Production's number and ours, where a check compares two; of rows only ours."""
    one, other = (_side(value, check) for value in (check.production, check.synthetic))
    return f"{one} → {other}".replace(" ", TOGETHER) if one and other else one or other


def _side(value: float | None, check: Check) -> str:
    if value is None:
        return ""
    if check.unit == "share":
        return amount(float(value), check.unit)
    return f"{value:,.0f}" if float(value).is_integer() and check.unit != "exponent" else f"{value:,.2f}"


def significance(report: Report, width: int) -> Text:
    """What the p-values of the two tests of types mean at these numbers of rows; empty where they are not known."""
    if report.synthetic is None:
        return Text()
    found = [
        (count, things, effect)
        for test, count, things in (
            (report.tests.conversation_types, report.synthetic.conversations, "conversations"),
            (report.tests.message_types, report.synthetic.messages, "messages"),
        )
        if (effect := smallest_effect(test, count)) is not None
    ]
    tiny = [each for each in found if each[2] <= _TINY]
    rest = [each for each in found if each[2] > _TINY]
    said = []
    if tiny:
        rows = " and ".join(f"{count:,} {things}" for count, things, _ in tiny)
        said.append(f"at {rows} any difference is significant: the effect V decides")
    if rest:
        little = ": a pass proves little" if max(effect for _, _, effect in rest) >= _LARGE else ""
        where = ", ".join(f"{effect:.2f} at {count:,} {things}" for count, things, effect in rest)
        said.append(f"differences are found from V {where} on{little}")
    return Text(hanging(f"p: {'; '.join(said)}", width, 3, 0), "dim") if said else Text()


def foreign(report: Report, width: int) -> Text:
    """What the published rules of other tools come to, a line per column of the data; nothing depends on them."""
    if not report.foreign_scores:
        return Text()
    title = "scores of other tools, computed by us from the shapes by their published rules; nothing here decides"
    text = Text().append(hanging(title, width, 0), "dim")
    tools = list(dict.fromkeys(score.tool for score in report.foreign_scores))
    text.append(f"{'':<{_COLUMN}}" + "".join(f"{tool:>{_SCORE}}" for tool in tools) + "\n", "dim")
    for column in dict.fromkeys(score.column for score in report.foreign_scores):
        text.append(fitted_name(column, _COLUMN))
        for tool in tools:
            score = next((s for s in report.foreign_scores if (s.tool, s.column) == (tool, column)), None)
            said = f"{score.says or ''} {float(score.score):.3f}" if score is not None else "–"
            text.append(f"{said.strip():>{_SCORE}}", "yellow" if score is not None and score.says == "drift" else "")
        text.append("\n")
    return text
