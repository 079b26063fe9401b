"""Histograms as text, with plotext: production filled, the other side as a line of another kind of glyph.

The x axis is log2 and the y axis share per doubling of x, so that cells of unequal width (the fixed bins grow, and
disclosure control merges some) show no steps that are not in the data. plotext's own log scale is never used: it
fails on zeros. It gets rows and columns, and draws frame and ticks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2, log10
from typing import Final

import numpy as np

from shapetui.cli.show_numbers import share
from shapetui.distributions.bins import FloatArray
from shapetui.distributions.density import densities, density_of_columns, on_same_cells
from shapetui.distributions.histogram import Histogram

FILL: Final = "█"
LINE: Final = "━"
_EIGHTHS: Final = " ▁▂▃▄▅▆▇"
PRODUCTION_COLOUR: Final = "cyan"
OTHER_COLOUR: Final = "magenta"

# Below these plotext has no room for its axes.
_NARROWEST, _LOWEST = 30, 6
# A density further below the highest than this many decades would only make the rest flat.
_DECADES: Final = 7
# A single value would fill the whole width: at least three doublings are shown.
_DOUBLINGS: Final = 3


@dataclass(frozen=True)
class _Axis:
    """One axis: its limits, where its ticks are and what they say."""

    low: float
    high: float
    ticks: list[tuple[float, str]]

    def place(self, value: float) -> float:
        """0..1 along the axis."""
        return (value - self.low) / (self.high - self.low)


def overlay(
    production: Histogram,
    other: Histogram | None,
    title: str,
    width: int,
    height: int,
    labels: tuple[str, str] = ("production", "synthetic"),
    *,
    of: str = "conversations",
    log_y: bool = True,
    colour: bool = False,
) -> str:
    """One or two histograms of non-negative integers as `height` lines of `width` columns at most.

    `of` names what is counted, for the line below the axis; `log_y` draws the shares in decades; with `colour` the
    string holds ANSI colours. Titles and labels are printed as they are. Values of 0 have no place on a log axis:
    the last line says how many there are. Without anything above 0 the plot is one line that says so.
    """
    width, height = max(width, _NARROWEST), max(height, _LOWEST)
    one, two = on_same_cells(production.without_empty(), other.without_empty() if other is not None else None)
    sides = [side for side in (one, two) if side is not None]
    drawn = [side.from_value(1) if (side.hi == 0).any() else side for side in sides]
    if not any(side.total for side in drawn):
        return f"{title}: nothing above 0 to draw"
    x = _x_axis(drawn, width)
    y = _log_axis(sides) if log_y else _linear_axis(sides, x, width - 8)
    header = _header(title, labels, two is not None, width, colour)
    notes = _notes(sides, labels, of, width)
    rows = max(3, height - len(header) - len(notes) - 2)
    columns = width - max(len(label) for _, label in y.ticks) - 1
    heights = [_heights(side, x, y, columns, log_y) * rows for side in sides]
    return "\n".join([*header, *_canvas(heights, rows, columns, width, x, y, colour), *notes])


def _x_axis(sides: list[Histogram], width: int) -> _Axis:
    """log2 from the octave of the smallest value to the end of the largest; ticks at doublings or decades."""
    filled = [side for side in sides if side.total]
    low = float(floor(log2(min(max(1, int(side.lo[0])) for side in filled))))
    high = max(log2(max(int(side.hi[-1]) for side in filled) + 1), low + _DOUBLINGS)
    doublings = [2**k if k < 10 else 1000 * 2 ** (k % 10) * 1000 ** (k // 10 - 1) for k in range(50)]
    # Labels have up to four characters ("128k") and need a space between them.
    fine = (width - 8) / (high - low) >= 5
    values = doublings if fine else [10**k for k in range(16)]
    return _Axis(low, high, [(log2(v), _short(v)) for v in values if low - 1e-9 <= log2(v) <= high])


def _log_axis(sides: list[Histogram]) -> _Axis:
    """log10 of the share per doubling, from the decade below the smallest cell; ticks at the powers of ten."""
    found = np.concatenate([densities(side) for side in sides])
    found = np.log10(found[found > 0])
    top = float(found.max())
    bottom = float(max(floor(found.min()), ceil(top) - _DECADES))
    top = max(top + 0.1, bottom + 1.1)
    return _Axis(bottom, top, [(float(k), _percent(k)) for k in range(int(bottom), floor(top) + 1)])


def _linear_axis(sides: list[Histogram], x: _Axis, columns: int) -> _Axis:
    """Share per doubling from 0; about four ticks at 1, 2 or 5 times a power of ten."""
    top = max(float(density_of_columns(side, x.low, x.high, columns).max()) for side in sides) * 1.08
    raw = top / 4
    step = next(m * 10 ** floor(log10(raw)) for m in (1, 2, 5, 10) if m * 10 ** floor(log10(raw)) >= raw)
    digits = max(0, -floor(log10(step) + 1e-9) - 2)
    return _Axis(0.0, top, [(k * step, f"{100 * k * step:.{digits}f}%") for k in range(int(top / step) + 1)])


def _heights(side: Histogram, x: _Axis, y: _Axis, columns: int, log_y: bool) -> FloatArray:
    """(columns,) height 0..1 in each column; nan where there is nothing."""
    density = density_of_columns(side, x.low, x.high, columns)
    there = density > 1e-12
    value = np.log10(np.where(there, density, 1.0)) if log_y else density
    return np.where(there, np.clip((value - y.low) / (y.high - y.low), 0.0, 1.0), np.nan)


def _canvas(
    heights: list[FloatArray], rows: int, columns: int, width: int, x: _Axis, y: _Axis, colour: bool
) -> list[str]:
    """The lines of the plot with its axes."""
    import plotext as plt

    plt.clear_figure()
    plt.theme("clear")
    plt.limit_size(False, False)
    plt.plot_size(width, rows + 2)
    plt.xaxes(True, False)
    plt.yaxes(True, False)
    plt.xlim(0, columns - 1)
    plt.ylim(0, rows - 1)
    label_width = max(len(label) for _, label in y.ticks)
    # A tick stands in the middle of its row, a bar of that height ends at the row's edge.
    levels = {min(rows - 1, max(0, round(y.place(at) * rows - 0.5))): label for at, label in y.ticks}
    plt.yticks(list(levels), [label.rjust(label_width) for label in levels.values()])
    places = [(min(columns - 1, round(x.place(at) * columns)), label) for at, label in x.ticks]
    # plotext shifts a label that does not fit; one that would end beyond the axis is left out instead.
    places = [(place, label) for place, label in places if place + len(label) // 2 < columns]
    plt.xticks([place for place, _ in places], [label for _, label in places])
    cells = _filled(heights[0], rows)
    plt.scatter(
        [column for column, _, _ in cells] or [-1],
        [row for _, row, _ in cells] or [-1],
        marker=[glyph for _, _, glyph in cells] or [FILL],
        color=PRODUCTION_COLOUR if colour else "default",
    )
    if len(heights) > 1:
        line = [(column, min(rows - 1, int(value))) for column, value in enumerate(heights[1]) if value == value]
        plt.scatter(
            [column for column, _ in line] or [-1],
            [row for _, row in line] or [-1],
            marker=LINE,
            color=OTHER_COLOUR if colour else "default",
        )
    text = plt.build()
    plt.clear_figure()
    return [line.rstrip() for line in (text if colour else plt.uncolorize(text)).rstrip("\n").split("\n")]


def _filled(heights: FloatArray, rows: int) -> list[tuple[int, int, str]]:
    """(column, row, glyph) of bars in eighths of a row; what is there has at least one eighth."""
    cells = []
    for column, value in enumerate(heights):
        if value != value:
            continue
        eighths = max(1, round(float(value) * 8))
        cells += [(column, row, FILL) for row in range(min(rows, eighths // 8))]
        if eighths % 8 and eighths // 8 < rows:
            cells.append((column, eighths // 8, _EIGHTHS[eighths % 8]))
    return cells


def _header(title: str, labels: tuple[str, str], two: bool, width: int, colour: bool) -> list[str]:
    """Title to the left, legend to the right; on two lines where they do not fit on one."""
    entries = [(FILL, labels[0], PRODUCTION_COLOUR), (LINE, labels[1], OTHER_COLOUR)][: 2 if two else 1]
    legend = "  ".join(f"{glyph * 2} {label}" for glyph, label, _ in entries)
    if len(legend) > width:
        legend = legend[: width - 1] + "…"
    title = title if len(title) <= width else title[: width - 1] + "…"
    gap = width - len(title) - len(legend)
    lines = [title + " " * gap + legend] if gap >= 2 else [title, legend.rjust(width)]
    if colour:
        import plotext as plt

        for glyph, _, name in entries:
            lines[-1] = lines[-1].replace(glyph * 2, plt.colorize(glyph * 2, name))
    return lines


def _notes(sides: list[Histogram], labels: tuple[str, str], of: str, width: int) -> list[str]:
    """What the y axis is, and what has no place on the x axis."""
    note = f"share of {of} per doubling"
    zeros = [float(side.counts[side.hi == 0].sum()) / side.total if side.total else 0.0 for side in sides]
    if any(zeros):
        shares = [share(zero) for zero in zeros]
        named = shares[0] if len(shares) == 1 else ", ".join(f"{a} {b}" for a, b in zip(labels, shares, strict=False))
        parts = [note, f"at 0: {named}"]
        note = "; ".join(parts)
        if len(note) > width:
            return [part if len(part) <= width else part[: width - 1] + "…" for part in parts]
    return [note if len(note) <= width else note[: width - 1] + "…"]


def _percent(power: int) -> str:
    """10^power as a percentage: 10%, 1%, 0.1%."""
    return f"{10 ** (power + 2)}%" if power >= -2 else f"{10.0 ** (power + 2):.{-power - 2}f}%"


def _short(value: int) -> str:
    """1, 512, 2k, 16M: round values in at most four characters."""
    for size, suffix in ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{suffix}"
    return str(value)
