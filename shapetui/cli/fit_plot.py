"""The curve that chooses xmin, as text: the KS distance of the power law fitted from each xmin, both axes log."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

POINT: Final = "•"
CHOSEN: Final = "█"
_NARROWEST: Final = 40
_WIDEST: Final = 90
_LABEL: Final = 8


def xmin_curve(curve: list[tuple[int, float]], chosen: int, width: int, rows: int = 9) -> list[str]:
    """Lines of at most `width` columns: `rows` of points, the lowest of each column, above an axis of xmin.

    `curve` holds (xmin, KS) pairs, ascending; a distance of 0 counts as the smallest that is not.
    """
    import plotext as plt

    least = min((ks for _, ks in curve if ks > 0), default=1e-3)
    columns = min(max(width, _NARROWEST), _WIDEST) - _LABEL
    x_low, x_high = log10(curve[0][0]), log10(max(curve[-1][0], curve[0][0] * 2))
    y_low, y_high = log10(least), max(log10(max(ks for _, ks in curve) or least), log10(least) + 0.05)
    lowest: dict[int, int] = {}
    for xmin, ks in curve:
        column = round((log10(xmin) - x_low) / (x_high - x_low) * (columns - 1))
        row = round((log10(max(ks, least)) - y_low) / (y_high - y_low) * (rows - 1))
        lowest[column] = min(row, lowest.get(column, rows))
    at = round((log10(chosen) - x_low) / (x_high - x_low) * (columns - 1))
    plt.clear_figure()
    plt.theme("clear")
    plt.limit_size(False, False)
    plt.plot_size(columns + _LABEL, rows + 2)
    plt.xaxes(True, False)
    plt.yaxes(True, False)
    plt.xlim(0, columns - 1)
    plt.ylim(0, rows - 1)
    levels = {row: f"{10 ** (y_low + row / (rows - 1) * (y_high - y_low)):.4f}" for row in range(0, rows, 2)}
    plt.yticks(list(levels), [text.rjust(_LABEL - 1) for text in levels.values()])
    values = [step * 10**power for power in range(floor(x_low), ceil(x_high) + 1) for step in (1, 2, 5)]
    if x_high - x_low > columns / 18:
        values = [value for value in values if str(value).startswith("1")]
    inside = [value for value in values if x_low <= log10(value) <= x_high] or [curve[0][0]]
    places = [round((log10(value) - x_low) / (x_high - x_low) * (columns - 1)) for value in inside]
    plt.xticks(places, [f"{value:,}" for value in inside])
    others = [(column, row) for column, row in lowest.items() if column != at]
    if others:
        plt.scatter([column for column, _ in others], [row for _, row in others], marker=POINT)
    plt.scatter([at], [lowest[at]], marker=CHOSEN)
    text = plt.uncolorize(plt.build())
    plt.clear_figure()
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]


@dataclass(frozen=True)
class Curve:
    """The curve as wide as the console."""

    scan: list[tuple[int, float]]
    chosen: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        from rich.text import Text

        for line in xmin_curve(self.scan, self.chosen, options.max_width):
            yield Text(line, no_wrap=True, overflow="crop")
