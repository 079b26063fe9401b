"""What the Report screen says: the verdict in large letters, tests, advice, the trail, two rounds compared."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from shapetui.documents.report import Report, Side
from shapetui.tui.overlay import Glyphs, spark
from shapetui.tui.shown import Shown
from shapetui.tui.texts.judged import Numbers, four_tests, numbers
from shapetui.tui.texts.words import VERDICT_STYLES, fitted_name, minus, percent, visible
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
_COLUMN: Final = 9


def headline(report: Report | None, glyphs: Glyphs) -> Text:
    """The verdict in large letters, the four tests with their limits, both sides' numbers, and what to do."""
    if report is None:
        return Text("no report yet\n\nv measures the synthetic database and judges it, r generates first", "dim")
    text = Text()
    style = VERDICT_STYLES[report.overall_verdict]
    if glyphs.name == "ascii":
        text.append("  ".join(report.overall_verdict) + "\n\n", style)
    else:
        for row in range(2):
            text.append(" ".join(_LETTERS[letter][row] for letter in report.overall_verdict) + "\n", style)
        text.append("\n")
    text.append(f"{report.overall_verdict}  {report.summary.passed_tests} of 4", "bold")
    text.append(f"   tolerance {float(report.tolerance_threshold):.2f}\n", "dim")
    text.append(f"{visible(report.validation_timestamp)[:19].replace('T', ' ')} UTC\n\n", "dim")
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


def trail(shown: Shown, height: int, glyphs: Glyphs) -> Text:
    """A row per round, oldest first: verdict, errors, what was changed; a small chart of each error below."""
    rounds = shown.rounds
    if not rounds:
        return Text("no round yet", "dim")
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{'':<4}{'':<13}{'':<15}" + "".join(f"{name:>{_COLUMN}}" for name in _ERRORS) + "   changed\n", "dim")
    chosen = chosen_round(shown)
    with_chart = len(rounds) > 1 and height > 3
    room = max(1, height - 1 - with_chart)
    first = min(max(0, chosen - room + 1), max(0, len(rounds) - room))
    for index, one in enumerate(rounds[first : first + room], start=first):
        mark = "◆" if index == shown.view.marked else " "
        text.append(f"{'▸' if index == chosen else ' '}{mark}{one.number:<3}", "bold")
        text.append(f"{one.time[5:16].replace('T', ' '):<12}", "dim")
        text.append(f"{one.verdict:<8}", VERDICT_STYLES[one.verdict])
        text.append(f"{one.passed} of 4 ")
        text.append("".join(f"{minus(percent(one.errors.get(name))):>{_COLUMN}}" for name in _ERRORS))
        text.append(f"   {_changed(one)}\n", "dim")
    if with_chart:
        text.append(f"{'':<4}{'size of the error, by round':<28}", "dim")
        for name in _ERRORS:
            values = [abs(one.errors.get(name) or 0.0) for one in rounds[-(_COLUMN - 2) :]]
            text.append("  " + spark(values, min(_COLUMN - 2, len(values)), glyphs).rjust(_COLUMN - 2))
    return text


def chosen_round(shown: Shown) -> int:
    """The index of the round that the cursor is on; 0 where there is none."""
    last = max(0, len(shown.rounds) - 1)
    return last if shown.view.round is None else min(shown.view.round, last)


def _changed(one: Round) -> str:
    said = [f"{visible(key)} {'–' if after is None else format(after, '.4g')}" for key, _, after in one.changes]
    config = f"{visible(one.config)}  " if one.config else ""
    return config + ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


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
