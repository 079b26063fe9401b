"""The pieces that more than one view of `shapetui show` is made of: headings, tables, bars, plots, the four tests.

Everything that comes out of a file goes through `literal`; rich is imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.plots import PRODUCTION_COLOUR, overlay
from shapetui.cli.show_numbers import UNKNOWN, number, share, signed
from shapetui.distributions.histogram import Histogram
from shapetui.documents.report import LengthTest, SizeTest, Tests, TypeTest

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

# Red and green say good or bad and nothing else; the word always stands beside the colour.
VERDICT_STYLES: Final = {"PASS": "bold green", "WARNING": "bold yellow", "FAIL": "bold red"}
TEST_NAMES: Final = {
    "conversation_types": "conversation types",
    "messages_per_conversation": "messages per conv.",
    "message_types": "message types",
    "content_length": "content length",
}
SIZES: Final = "messages per conversation"
LENGTHS: Final = "content length, characters"
_BAR: Final = 24
_WIDEST_LABEL: Final = 24


@dataclass(frozen=True)
class Plot:
    """An overlay that is as wide as the console and coloured when the console is.

    `log_y` as in `plots.overlay`; heights are lines.
    """

    production: Histogram
    other: Histogram | None
    title: str
    labels: tuple[str, str] = ("production", "synthetic")
    of: str = "conversations"
    log_y: bool = True
    height: int = 18

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines of the plot for this console."""
        from rich.text import Text

        coloured = console.color_system is not None and not console.no_color
        text = overlay(
            self.production,
            self.other,
            self.title,
            options.max_width,
            self.height,
            self.labels,
            of=self.of,
            log_y=self.log_y,
            colour=coloured,
        )
        for line in text.split("\n"):
            yield Text.from_ansi(line, no_wrap=True, overflow="crop")


def plots(sizes: Sequence[Histogram], lengths: Sequence[Histogram], labels: tuple[str, str]) -> list[RenderableType]:
    """The plot of sizes and the plot of lengths of one side or two; what a document does not have is left out."""
    found: list[RenderableType] = []
    if any(side.total for side in sizes):
        found.append(Plot(sizes[0], sizes[1] if len(sizes) > 1 else None, SIZES, labels))
    if any(side.total for side in lengths):
        other = lengths[1] if len(lengths) > 1 else None
        found.append(Plot(lengths[0], other, LENGTHS, labels, of="messages", log_y=False, height=14))
    return found


def heading(text: str, note: str = "") -> Text:
    """A section's heading; both are printed as they are."""
    line = literal(text, "bold")
    if note:
        line.append_text(literal(f"   {note}", "dim"))
    return line


def facts(pairs: Mapping[str, str | Text]) -> Table:
    """Names and values, one pair per line; empty values are left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs.items():
        if value:
            grid.add_row(literal(name), literal(value) if isinstance(value, str) else value)
    return grid


def table(first: str, *others: str, left: Sequence[str] = ()) -> Table:
    """An empty table without lines: the first column and those in `left` to the left, the others to the right."""
    from rich.table import Table

    made = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    made.add_column(literal(first), overflow="fold", max_width=_WIDEST_LABEL)
    for name in others:
        justify, wrap = ("left", False) if name in left else ("right", True)
        made.add_column(literal(name), justify=justify, no_wrap=wrap, overflow="fold")  # type: ignore[arg-type]
    return made


def row(made: Table, *cells: object, style: str = "") -> None:
    """Adds a row of values as they are; texts keep their style."""
    from rich.text import Text

    made.add_row(*(cell if isinstance(cell, Text) else literal(cell) for cell in cells), style=style)


def bar(fraction: float, style: str = PRODUCTION_COLOUR, width: int = _BAR) -> Text:
    """A horizontal bar in eighths of a character; anything above 0 shows at least one."""
    eighths = round(min(max(fraction, 0.0), 1.0) * width * 8)
    eighths = max(eighths, 1) if fraction > 0 else 0
    partial = " ▏▎▍▌▋▊▉"[eighths % 8].strip()
    return literal("█" * (eighths // 8) + partial, style)


def shares_side_by_side(
    first: str, names: Sequence[str], sides: Sequence[Mapping[str, float]], *, difference: bool = True
) -> Table:
    """One row per label of any side with its share on each side, and the difference of the last from the first."""
    totals = [sum(side.values()) for side in sides]
    labels = list(dict.fromkeys(label for side in sides for label in side))
    made = table(first, *names, *(["difference"] if difference else []))
    for label in sorted(labels, key=lambda label: -max(side.get(label, 0) for side in sides)):
        found = [side.get(label, 0) / total if total else None for side, total in zip(sides, totals, strict=True)]
        cells = [share(value) for value in found]
        if difference:
            one, other = found[0], found[-1]
            points = None if one is None or other is None else 100 * (other - one)
            cells.append(UNKNOWN if points is None else f"{_plus(points)}{number(points, 2)} pt".replace("-", "−"))
        row(made, label, *cells)
    return made


def verdict(word: str) -> Text:
    """PASS, WARNING or FAIL in its colour."""
    return literal(word, VERDICT_STYLES.get(word, ""))


def tests_table(tests: Tests, tolerance: float) -> Table:
    """The four tests: verdict, limit, statistic, and the details beneath it."""
    made = table(
        "test", "verdict", "limit", "statistic and details", left=("verdict", "limit", "statistic and details")
    )
    for name, word in tests.verdicts().items():
        test = getattr(tests, name)
        limit = "p > 0.05" if isinstance(test, TypeTest) else f"< {share(tolerance)}"
        text = literal(_statistic(test))
        if test.details:
            text.append("\n")
            text.append_text(literal(test.details, "dim"))
        row(made, TEST_NAMES.get(name, name), verdict(word), limit, text)
    return made


def _statistic(test: TypeTest | SizeTest | LengthTest) -> str:
    if isinstance(test, TypeTest):
        effect = f", V {test.cramers_v:.4f}" if test.cramers_v is not None else ""
        chi = "unbounded" if test.chi_square_statistic is None else number(test.chi_square_statistic, 2)
        return f"χ² {chi}, p {test.p_value:.3f}{effect}"
    ks = "KS unknown" if test.ks_statistic is None else f"KS {test.ks_statistic:.4f}"
    if isinstance(test, SizeTest):
        mean = f", mean {signed(test.mean_error)}" if test.mean_error is not None else ""
        return f"error {share(test.max_percentile_error)}, {ks}{mean}"
    return f"mean {share(test.mean_error_pct)}, median {share(test.median_error_pct)}, {ks}"


def _plus(value: float) -> str:
    return "+" if round(value, 2) > 0 else ""
