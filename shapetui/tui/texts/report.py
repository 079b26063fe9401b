"""What the Report screen says: the verdict in large letters, tests, advice, the trail, two rounds compared."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.text import Text

from shapetui.documents.report import Report, Side
from shapetui.tui.overlay import Glyphs, spark
from shapetui.tui.shown import Shown
from shapetui.tui.texts.judged import Numbers, four_tests, numbers
from shapetui.tui.texts.words import VERDICT_STYLES, fitted_name, minus, percent, visible
from shapetui.workbench.parameters import ALL
from shapetui.workbench.rounds import Round, compare_rounds

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
_COLUMN: Final = 8
# Cursor and mark, number, time, verdict and tests.
_BEFORE_ERRORS: Final = 32
# Smaller errors would fill the chart of a column that holds nothing else.
_SMALLEST_ERROR: Final = 0.005
# The first word of what was changed.
_LEAST_CHANGED: Final = 14


def headline(report: Report | None, glyphs: Glyphs, *, large: bool) -> Text:
    """The verdict in large letters if there is room, the four tests with their limits, both sides' numbers, advice."""
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
    text.append(report.overall_verdict, style)
    text.append(f"  {report.summary.passed_tests} of 4", "bold")
    text.append(f"   tolerance {float(report.tolerance_threshold):.2f}", "dim")
    text.append(f"   {visible(report.validation_timestamp)[5:16].replace('T', ' ')} UTC\n\n", "dim")
    text.append_text(four_tests(report.tests, float(report.tolerance_threshold), bar=8))
    text.append("\n")
    if report.production is not None and report.synthetic is not None:
        text.append_text(numbers(_numbers(report.production), _numbers(report.synthetic), "measured"))
        text.append("\n")
    for line in report.summary.recommendations:
        text.append(f"{visible(line)}\n")
    return text


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
    """A row per round, oldest first: verdict, errors, what was changed; a small chart of each error below."""
    rounds = shown.rounds
    if not rounds:
        return Text("no round yet", "dim")
    text = Text(no_wrap=True, overflow="ellipsis")
    fitting = max(1, (width - _BEFORE_ERRORS) // _COLUMN)
    errors = [name for name in _ERRORS if name in _FIRST[:fitting]]
    text.append(" " * _BEFORE_ERRORS + "".join(f"{name:>{_COLUMN}}" for name in errors), "dim")
    room = width - _BEFORE_ERRORS - _COLUMN * len(errors)
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
        text.append("".join(f"{minus(percent(one.errors.get(name))):>{_COLUMN}}" for name in errors))
        text.append(f"   {_changed(one)}\n" if room >= _LEAST_CHANGED else "\n", "dim")
    if with_chart:
        text.append(f"{'     size of the errors':<{_BEFORE_ERRORS}}", "dim")
        for name in errors:
            values = [abs(one.errors.get(name) or 0.0) for one in rounds[-(_COLUMN - 2) :]]
            values = [value if value >= _SMALLEST_ERROR else 0.0 for value in values]
            text.append("  " + spark(values, min(_COLUMN - 2, len(values)), glyphs).rjust(_COLUMN - 2))
    return text


def chosen_round(shown: Shown) -> int:
    """The index of the round that the cursor is on; 0 where there is none."""
    return round_at(shown, shown.view.round, max(0, len(shown.rounds) - 1))


def round_at(shown: Shown, report: Path | None, otherwise: int) -> int:
    """The index of the round of a report."""
    return next((index for index, one in enumerate(shown.rounds) if one.report_path == report), otherwise)


def _changed(one: Round) -> str:
    # What moves several at once is told by those.
    own = [change for change in one.changes if not change.key.endswith(ALL)] or one.changes
    said = [f"{visible(key)} {'–' if after is None else format(after, '.4g')}" for key, _, after in own]
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return minus(", ".join(said[:3]) + more) if said else visible(one.config.removesuffix(".json"))


def comparison(one: Round, other: Round) -> Text:
    """Two rounds beside one another."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{'':<30}{f'round {one.number}':>16}{f'round {other.number}':>16}\n", "dim")
    text.append(f"{'verdict':<30}")
    for round_ in (one, other):
        text.append(f"{f'{round_.verdict} {round_.passed} of 4':>16}", VERDICT_STYLES[round_.verdict])
    text.append("\n")
    for name, first, second in compare_rounds(one, other):
        text.append(f"{fitted_name(name, 30)}{first:>16}{second:>16}\n", "" if first != second else "dim")
    return text
