"""What the Report screen says: the verdict in large letters, tests, checks, advice, the trail, two rounds compared."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.text import Text

from shapetui.documents.checks import Check
from shapetui.documents.report import Report, Side
from shapetui.fidelity.check_words import amount, check_name
from shapetui.tui.overlay import Glyphs, spark
from shapetui.tui.shown import Shown
from shapetui.tui.texts.judged import Numbers, four_tests, numbers
from shapetui.tui.texts.measured import decision, foreign, good_checks, significance, wrong_checks
from shapetui.tui.texts.original import is_original, original_tests
from shapetui.tui.texts.words import (
    CHECK_STYLES,
    VERDICT_STYLES,
    fitted_name,
    hanging,
    minus,
    percent,
    prose,
    short_number,
    visible,
)
from shapetui.workbench.parameters import ALL
from shapetui.workbench.rounds import Moved, Round, compare_checks, compare_rounds

# Two rows of half blocks a letter; as few as the three verdicts need.
_LETTERS: Final = {
    "P": ("█▀█", "█▀▀"),
    "A": ("▄▀█", "█▀█"),
    "S": ("█▀", "▄█"),
    "W": ("█ █ █", "▀▄▀▄▀"),
    "R": ("█▀█", "█▀▄"),
    "N": ("█▄ █", "█ ▀█"),
    "I": ("█", "█"),
    "G": ("█▀▀", "█▄█"),
    "F": ("█▀▀", "█▀ "),
    "L": ("█  ", "█▄▄"),
}
_ERRORS: Final = ("p50", "p75", "p90", "p95", "p99", "mean", "length")
# The same, what matters most first: a narrow screen has not room for all.
_FIRST: Final = ("p99", "mean", "length", "p95", "p50", "p90", "p75")
# A gap and `+263.8 %`.
_COLUMN: Final = 9
# Cursor and mark, number, time, verdict and tests; and the decision, where a round has one.
_BEFORE_ERRORS: Final = 32
_DECISION: Final = 10
_SHORT: Final = {"INCONCLUSIVE": "INCONCL."}
# Smaller errors would fill the chart of a column that holds nothing else.
_SMALLEST_ERROR: Final = 0.005
# The columns of a comparison: `conversation weight DIRECT_MESSAGE`, a gap and `INCONCL.   38.1 %`; beside the scroll
# bar of the dialog in the narrowest terminal.
_NAME: Final = 34
_SIDE: Final = 19
# From here on percentages have no decimals: the columns hold no more.
_MANY: Final = 10.0
# From here on there is room for what was changed, and so much: `alpha GROUP_CHAT 2.86`.
_WIDE: Final = 100
_ROOM_CHANGED: Final = 25
# The first word of what was changed.
_LEAST_CHANGED: Final = 14


def headline(report: Report | None, glyphs: Glyphs, width: int, *, large: bool) -> Text:
    """The verdict in large letters if there is room, the four tests with their limits, the decision with what stands
    against it, advice; then what is well, both sides' numbers, and the scores of other tools.
    """
    if report is None:
        return Text("no report yet\n\nv measures the synthetic database and judges it, r generates first", "dim")
    text = Text()
    style = VERDICT_STYLES[report.overall_verdict]
    if large and glyphs.name == "ascii":
        text.append("  ".join(report.overall_verdict) + "\n\n", style)
    elif large:
        for row in range(2):
            text.append(" ".join(_LETTERS[letter][row] for letter in report.overall_verdict) + "\n", style)
        text.append("\n")
    text.append_text(_first_line(report, width)).append("\n\n")
    tolerance = float(report.tolerance_threshold)
    original = is_original(report.tests)
    text.append_text(
        original_tests(report.tests, tolerance) if original else four_tests(report.tests, tolerance, bar=8)
    )
    parts = (
        significance(report, width),
        decision(report, width),
        wrong_checks(report, width),
        Text("".join(hanging(prose(line), width, 0) for line in report.summary.recommendations)),
        good_checks(report, width),
        _both_sides(report),
        foreign(report, width),
    )
    for part in parts:
        if part:
            part.rstrip()
            text.append("\n").append_text(part).append("\n")
    return text


def _first_line(report: Report, width: int) -> Text:
    """Verdict and tolerance; the decision, too, where there is room: low screens do not show where it is explained."""
    text = Text().append(report.overall_verdict, VERDICT_STYLES[report.overall_verdict])
    text.append(f"  {report.summary.passed_tests} of 4", "bold")
    rest = Text(f"   tolerance {float(report.tolerance_threshold):.2f}", "dim")
    rest.append(f"   {visible(report.validation_timestamp)[5:16].replace('T', ' ')} UTC")
    if report.decision is not None and text.cell_len + 12 + len(report.decision) + rest.cell_len <= width:
        text.append("   decision ").append(report.decision, CHECK_STYLES[report.decision])
    return text.append_text(rest)


def _both_sides(report: Report) -> Text:
    if report.production is None or report.synthetic is None:
        return Text()
    return numbers(_numbers(report.production), _numbers(report.synthetic), "measured")


def _numbers(side: Side) -> Numbers:
    return Numbers(
        side.messages_per_conversation_percentiles,
        *(
            None if value is None else float(value)
            for value in (
                side.messages_per_conversation_mean,
                side.content_length_mean,
                side.content_length_median,
                side.top_1_percent_share,
            )
        ),
    )


def trail(shown: Shown, width: int, height: int, glyphs: Glyphs) -> Text:
    """A row per round, oldest first: verdict, decision, errors, what was changed; a small chart of each error below."""
    rounds = shown.rounds
    if not rounds:
        return Text("no round yet", "dim")
    text = Text(no_wrap=True, overflow="ellipsis")
    decided = _DECISION if any(one.decision for one in rounds) else 0
    begin = _BEFORE_ERRORS + decided
    # What was changed says more than the errors of the smaller percentiles.
    fitting = max(1, (width - begin - (_ROOM_CHANGED if width >= _WIDE else 0)) // _COLUMN)
    errors = [name for name in _ERRORS if name in _FIRST[:fitting]]
    text.append(" " * begin + "".join(f"{name:>{_COLUMN}}" for name in errors), "dim")
    room = width - begin - _COLUMN * len(errors)
    text.append("   changed\n" if room >= _LEAST_CHANGED else "\n", "dim")
    chosen = chosen_round(shown)
    with_chart = len(rounds) > 1 and height > 3
    lines = max(1, height - 1 - with_chart)
    first = min(max(0, chosen - lines + 1), max(0, len(rounds) - lines))
    for index, one in enumerate(rounds[first : first + lines], start=first):
        mark = "◆" if one.report_path == shown.view.marked else " "
        text.append(f"{'▸' if index == chosen else ' '}{mark}{one.number:<3}", "bold")
        text.append(f"{one.time[5:16].replace('T', ' '):<12}", "dim")
        text.append(f"{one.verdict:<8}", VERDICT_STYLES[one.verdict])
        text.append(f"{one.passed} of 4 ")
        text.append(f"{_decided(one):<{decided}}", CHECK_STYLES.get(one.decision or "", "dim"))
        text.append("".join(f" {_error(one.errors.get(name)):>{_COLUMN - 1}}" for name in errors))
        text.append(f"   {_changed(one)}\n" if room >= _LEAST_CHANGED else "\n", "dim")
    if with_chart:
        text.append(f"{'     size of the errors':<{begin}}", "dim")
        for name in errors:
            values = [abs(one.errors.get(name) or 0.0) for one in rounds[-(_COLUMN - 2) :]]
            values = [value if value >= _SMALLEST_ERROR else 0.0 for value in values]
            text.append("  " + spark(values, min(_COLUMN - 2, len(values)), glyphs).rjust(_COLUMN - 2))
    return text


def _error(value: float | None) -> str:
    return percent(value, 0 if value is not None and abs(value) >= _MANY else 1)


def _decided(one: Round) -> str:
    """`2 NO-GO`, `GO`: the decision, and how many checks stand against it."""
    if one.decision is None:
        return ""
    return f"{one.no_go} NO-GO" if one.no_go else _SHORT.get(one.decision, one.decision)


def chosen_round(shown: Shown) -> int:
    """The index of the round that the cursor is on; 0 where there is none."""
    return round_at(shown, shown.view.round, max(0, len(shown.rounds) - 1))


def round_at(shown: Shown, report: Path | None, otherwise: int) -> int:
    """The index of the round of a report."""
    return next((index for index, one in enumerate(shown.rounds) if one.report_path == report), otherwise)


def _changed(one: Round) -> str:
    # What moves several at once is told by those.
    own = [change for change in one.changes if not change.key.endswith(ALL)] or one.changes
    said = [f"{visible(key)} {'–' if after is None else short_number(after)}" for key, _, after in own]
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return minus(", ".join(said[:3]) + more) if said else visible(one.config.removesuffix(".json"))


def comparison(one: Round, other: Round) -> Text:
    """Two rounds beside one another: verdicts, the checks that moved, what was changed, the errors."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{'':<{_NAME}}{f'round {one.number}':>{_SIDE}}{f'round {other.number}':>{_SIDE}}\n", "dim")
    text.append(f"{'verdict':<{_NAME}}")
    for round_ in (one, other):
        text.append(f"{f'{round_.verdict} {round_.passed} of 4':>{_SIDE}}", VERDICT_STYLES[round_.verdict])
    if one.decision or other.decision:
        text.append(f"\n{'decision':<{_NAME}}")
        for round_ in (one, other):
            text.append(f"{round_.decision or '–':>{_SIDE}}", CHECK_STYLES.get(round_.decision or "", "dim"))
    text.append("\n\n")
    moved = compare_checks(one, other)
    if moved:
        text.append(f"{'checks that moved':<{_NAME}}{'off by':>{_SIDE}}{'off by':>{_SIDE}}\n", "dim")
    elif one.checks and other.checks:
        text.append("no check moved\n", "dim")
    for each in moved:
        text.append_text(_moved(each))
    text.append("\n" if one.checks and other.checks else "")
    for name, first, second in compare_rounds(one, other):
        style = "" if first != second else "dim"
        text.append(f"{fitted_name(name, _NAME)} {first:>{_SIDE - 1}} {second:>{_SIDE - 1}}\n", style)
    return text


def _moved(each: Moved) -> Text:
    """A line of a check that moved, with its verdicts where they turned."""
    text = Text(fitted_name(check_name(each.name), _NAME))
    for check in (each.before, each.after):
        style = CHECK_STYLES[check.verdict] if check is not None and each.turned else ""
        text.append(f" {_judged(check):>{_SIDE - 1}}", style)
    return text.append("\n")


def _judged(check: Check | None) -> str:
    if check is None:
        return "–"
    return f"{_SHORT.get(check.verdict, check.verdict)} {amount(float(check.value), check.unit):>8}"
