"""The drawing of two histograms over one another, as rows of text with roles: no terminal, no state.

Production is filled with eighth blocks, synthetic is a line over it, a strip below says where they differ and how
much. Heights are shares per doubling of the value, because cells of unequal width would otherwise show steps that
are not in the data; or the share that reaches a value (CCDF).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import floor, log10
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.density import densities, density_of_columns, on_same_cells, reached_in_columns
from shapetui.distributions.histogram import Histogram
from shapetui.tui.glyphs import BLOCK, Glyphs
from shapetui.tui.overlay_axes import Axis, across, label_start, ticks, upright_linear, upright_log

Role = Literal["label", "axis", "production", "synthetic", "over", "difference"]
Row = tuple[tuple[str, Role], ...]
Drawing = tuple[Row, ...]

NARROWEST: Final = 20
LOWEST: Final = 6
EMPTY: Final = "no histogram"
# From these heights on there is room for the line of the horizontal axis, and for the sentence below it.
_WITH_FLOOR: Final = 10
_WITH_NOTE: Final = 14
# About what the labels of the vertical axis take: a linear axis must know the columns before it has labels.
_GUTTER: Final = 5
# A share per doubling below this is the rounding of a sum.
_NOTHING: Final = 1e-12
# |ln(synthetic / production)| from which the strip shows a sign, and a strong one: the 15 % that validation
# tolerates by default, and one and a half times as many (or two thirds).
_DIFFERS: Final = float(np.log(1.15))
_DIFFERS_MUCH: Final = float(np.log(1.5))
# In the order of the numbers in `_Canvas.roles`; 0 is a blank, which takes any style.
_ROLES: Final[tuple[Role, ...]] = ("axis", "axis", "label", "production", "synthetic", "over", "difference")
_AXIS, _LABEL, _PRODUCTION, _SYNTHETIC, _OVER, _DIFFERENCE = range(1, 7)
# A cell of the line can show no eighths of the fill: from this many on it counts as filled, below as free. Always
# free, and a line that equals production would seem to lie half a row above it.
_HALF: Final = 4
# Bits of a braille character: (4 rows from the top, 2 columns).
_DOTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])

TextArray = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class OverlayData:
    """What an overlay shows. Two of them are the same only if they are one object: arrays are not compared.

    Attributes:
        production, synthetic: the filled and the outlined side; None where there is none.
        title: for the left end of the top line.
        labels: what the two sides are called in the legend.
        of: what is counted, for the sentence below.
        log_x, log_y: logarithmic axes (base 2, base 10).
        ccdf: the share of values that are at least x, instead of the share at x.
    """

    production: Histogram | None
    synthetic: Histogram | None
    title: str = ""
    labels: tuple[str, str] = ("production", "synthetic")
    of: Literal["conversations", "messages"] = "conversations"
    log_x: bool = True
    log_y: bool = True
    ccdf: bool = False

    def with_other_axes(self) -> OverlayData:
        """Both axes linear, or both logarithmic again (key `a`)."""
        log = not (self.log_x and self.log_y)
        return replace(self, log_x=log, log_y=log)

    def with_other_curve(self) -> OverlayData:
        """The CCDF on logarithmic axes, or the shares again (key `c`)."""
        return replace(self, ccdf=not self.ccdf, log_x=True, log_y=True)


@dataclass(frozen=True)
class _Side:
    """One histogram as it is drawn: its name, its cells as compared and as given, which glyphs it gets."""

    name: str
    histogram: Histogram
    whole: Histogram
    filled: bool


def draw(data: OverlayData, width: int, height: int, glyphs: Glyphs = BLOCK) -> Drawing:
    """`height` rows of runs (text, role), each exactly `width` cells wide.

    Below 20 by 6 cells nothing can be read: the rows say so. Never raises on any two histograms.
    """
    if width < NARROWEST or height < LOWEST:
        return _notice("", f"needs {NARROWEST}x{LOWEST}", width, height, glyphs)
    sides = _sides(data)
    if not sides:
        return _notice(data.title, EMPTY, width, height, glyphs)
    shown = [side.histogram.from_value(1) if data.log_x else side.histogram for side in sides]
    if not any(histogram.total for histogram in shown):
        return _notice(data.title, "nothing above 0 to draw", width, height, glyphs)
    x = across(shown, data.log_x)
    y = _upright(data, sides, x, (width - _GUTTER) * (2 if glyphs.braille else 1))
    two = len(sides) == 2
    floor_row, note = height >= _WITH_FLOOR, height >= _WITH_NOTE
    rows = height - 2 - two - floor_row - note
    marks = ticks(y, rows, upright=True)
    gutter = max([4 if two else 1, *(len(label) for _, label in marks)])
    canvas = _Canvas(width, height - 1 - note, gutter, rows, glyphs)
    canvas.upright_axis(marks)
    canvas.across_axis(ticks(x, canvas.columns, upright=False), floor_row)
    values = []
    for side in sides:
        finer = 2 if glyphs.braille and not side.filled else 1
        value = _values(data, side.histogram, x, finer * canvas.columns)
        heights = _heights(value, y) * rows
        (canvas.fill if side.filled else canvas.line)(heights)
        values.append(value if finer == 1 else value.reshape(-1, 2).mean(axis=1))
    if two:
        canvas.difference(values[0], values[1])
    rest = [_line(_note(data, sides, x), width, glyphs)] if note else []
    return (_header(data, sides, width, glyphs), *canvas.rows_of_runs(), *rest)


def text_of(drawing: Drawing) -> str:
    """The drawing without its roles, one line per row, without blanks at the ends of lines."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in drawing)


def _sides(data: OverlayData) -> list[_Side]:
    """The sides that hold anything, on cells that can be compared."""
    found = [
        _Side(name, histogram.without_empty(), histogram.without_empty(), filled)
        for name, histogram, filled in zip(data.labels, (data.production, data.synthetic), (True, False), strict=True)
        if histogram is not None and histogram.total
    ]
    if not found:
        return []
    one, other = on_same_cells(found[0].histogram, found[1].histogram if len(found) > 1 else None)
    return [replace(side, histogram=cells) for side, cells in zip(found, (one, other), strict=False) if cells]


def _values(data: OverlayData, histogram: Histogram, x: Axis, columns: int) -> FloatArray:
    """(columns,) what is drawn in each column: the share at it, or the share that reaches it."""
    curve = reached_in_columns if data.ccdf else density_of_columns
    return curve(histogram, x.low, x.high, columns, log=x.log)


def _upright(data: OverlayData, sides: list[_Side], x: Axis, columns: int) -> Axis:
    """The vertical axis over what is in sight."""
    largest = max(float(_values(data, side.histogram, x, columns).max()) for side in sides)
    if not data.log_y:
        return upright_linear(largest)
    if data.ccdf:
        # The curve ends at 0, which has no place in decades: the last cell's whole share is the least that is known.
        return upright_log(min(float(side.histogram.counts[-1]) / side.histogram.total for side in sides), largest)
    # The first side is production if there is one: as it is alone, it does not move, and the axis must not at every
    # key. What goes a little lower runs along the floor; only for what goes much lower there is more below.
    finest = (x.high - x.low) / columns
    drawn = [on_same_cells(sides[0].whole, None)[0], *(side.histogram for side in sides)]
    found = [densities(histogram, log=x.log, below=x.high, finest=finest) for histogram in drawn]
    first, *rest = [float(density.min()) for density in found if density.size]
    lowest = min(rest, default=first)
    much_lower = lowest < 10.0 ** (floor(log10(first)) - 1)
    return upright_log(max(lowest, first / 100) if much_lower else first, largest)


def _heights(value: FloatArray, y: Axis) -> FloatArray:
    """(columns,) height 0..1; nan where there is nothing."""
    there = value > _NOTHING
    place = np.log10(np.where(there, value, 1.0)) if y.log else value
    return np.where(there, np.clip((place - y.low) / (y.high - y.low), 0.0, 1.0), np.nan)


class _Canvas:
    """The rows between the top line and the sentence: characters and roles, cell by cell; row 0 is the uppermost."""

    def __init__(self, width: int, height: int, gutter: int, rows: int, glyphs: Glyphs) -> None:
        self.glyphs, self.gutter, self.rows = glyphs, gutter, rows
        self.left = gutter + 1
        self.columns = width - self.left
        self.text: TextArray = np.full((height, width), " ", dtype="<U1")
        self.roles = np.zeros((height, width), dtype=np.uint8)
        self.filled = np.zeros((rows, self.columns), dtype=bool)
        self.plot_text = self.text[:rows, self.left :]
        self.plot_roles = self.roles[:rows, self.left :]

    def write(self, row: int, column: int, text: str, role: int) -> None:
        """Text in one row, from a column on."""
        self.text[row, column : column + len(text)] = list(text)
        self.roles[row, column : column + len(text)] = role

    def upright_axis(self, marks: list[tuple[int, str]]) -> None:
        """The line of the vertical axis and its labels, flush right; marks count rows from below."""
        self.text[: self.rows, self.gutter] = self.glyphs.axis
        self.roles[: self.rows, self.gutter] = _AXIS
        for level, label in marks:
            self.write(self.rows - 1 - level, 0, label.rjust(self.gutter) + self.glyphs.tick, _AXIS)

    def across_axis(self, marks: list[tuple[int, str]], with_floor: bool) -> None:
        """The line of the horizontal axis, where there is room for it, and its labels."""
        if with_floor:
            line = [self.glyphs.floor] * self.columns
            for cell, _ in marks:
                line[cell] = self.glyphs.floor_tick
            self.write(self.rows, self.gutter, self.glyphs.corner + "".join(line), _AXIS)
        for cell, label in marks:
            self.write(self.rows + with_floor, self.left + label_start(cell, label, self.columns), label, _AXIS)

    def fill(self, heights: FloatArray) -> None:
        """Production: (columns,) heights in rows; what is there has at least an eighth of a row."""
        eighths = np.where(np.isnan(heights), 0.0, np.maximum(1.0, np.round(np.nan_to_num(heights) * 8)))
        base = 8 * np.arange(self.rows - 1, -1, -1)[:, None]
        level = np.clip(eighths[None, :] - base, 0, 8).astype(np.int64)
        self.plot_text[:] = np.array(list(self.glyphs.fill))[level]
        self.plot_roles[:] = np.where(level > 0, _PRODUCTION, 0)
        self.filled = level >= _HALF

    def line(self, heights: FloatArray) -> None:
        """Synthetic: (columns,) heights in rows, or (2 columns,) where the line is dots."""
        if self.glyphs.braille:
            self._dots(heights)
        else:
            self._outline(heights)

    def _put(self, row: int, column: int, glyph: str) -> None:
        """One character of the line; over a filled cell it keeps production's colour behind it."""
        over = self.filled[row, column]
        if over and glyph == self.glyphs.across:
            glyph = self.glyphs.across_fill
        self.plot_text[row, column] = glyph
        self.plot_roles[row, column] = _OVER if over else _SYNTHETIC

    def _outline(self, heights: FloatArray) -> None:
        """A line through the rows of the heights, with corners where it changes rows and walls where it ends."""
        glyphs = self.glyphs
        there = ~np.isnan(heights)
        levels = np.where(there, np.minimum(np.nan_to_num(heights).astype(np.int64), self.rows - 1), -1)
        rows = (self.rows - 1 - levels).tolist()
        nothing = self.rows
        before = rows[0]
        for column, row in enumerate(rows):
            if row == before:
                if row < nothing:
                    self._put(row, column, glyphs.across)
                continue
            corners = (glyphs.falls_from, glyphs.falls_to) if row > before else (glyphs.climbs_from, glyphs.climbs_to)
            for between in range(min(row, before) + 1, max(row, before)):
                self._put(between, column, glyphs.upright)
            for at, glyph in zip((before, row), corners, strict=True):
                if at < nothing:
                    self._put(at, column, glyph)
            before = row

    def _dots(self, heights: FloatArray) -> None:
        """The same as dots, four to a row and two to a column."""
        tall = 4 * self.rows
        there = ~np.isnan(heights)
        places = np.where(there, tall - 1 - np.minimum((np.nan_to_num(heights) * 4).astype(np.int64), tall - 1), tall)
        before = np.concatenate([places[:1], places[:-1]])
        # From its own height a dot's column reaches to one short of the height before it.
        first = np.minimum(places, np.where(before < places, before + 1, places))
        last = np.maximum(places, np.where(before > places, before - 1, places))
        level = np.arange(tall)[:, None]
        dots = (level >= first) & (level <= last)
        bits = (dots.reshape(self.rows, 4, self.columns, 2) * _DOTS[None, :, None, :]).sum(axis=(1, 3))
        drawn = bits > 0
        characters = np.array([chr(0x2800 + code) for code in range(256)])
        self.plot_text[drawn] = characters[bits[drawn]]
        self.plot_roles[drawn] = np.where(self.filled[drawn], _OVER, _SYNTHETIC)

    def difference(self, production: FloatArray, synthetic: FloatArray) -> None:
        """The strip in the last row: sign and strength of synthetic against production, per column."""
        glyphs = self.glyphs
        one, two = np.maximum(production, _NOTHING), np.maximum(synthetic, _NOTHING)
        ratio = np.log(two / one)
        kind = np.digitize(ratio, [-_DIFFERS_MUCH, -_DIFFERS, _DIFFERS, _DIFFERS_MUCH])
        kind[(production <= _NOTHING) & (synthetic <= _NOTHING)] = 5
        signs = np.array([glyphs.much_less, glyphs.less, glyphs.same, glyphs.more, glyphs.much_more, " "])
        self.text[-1, self.left :] = signs[kind]
        self.roles[-1, self.left :] = np.array([_DIFFERENCE, _DIFFERENCE, _AXIS, _DIFFERENCE, _DIFFERENCE, 0])[kind]
        self.write(self.text.shape[0] - 1, 0, "diff".rjust(self.gutter), _AXIS)

    def rows_of_runs(self) -> list[Row]:
        """The rows as runs of one role each, as few as can be: a blank belongs to the run before it."""
        columns = np.arange(self.roles.shape[1])
        last = np.maximum.accumulate(np.where(self.roles > 0, columns, 0), axis=1)
        roles = np.maximum(np.take_along_axis(self.roles, last, axis=1), _AXIS)
        # What has a background may not lend its style to blanks.
        roles[(self.roles == 0) & (roles == _OVER)] = _SYNTHETIC
        rows: list[Row] = []
        for characters, row in zip(self.text, roles, strict=True):
            starts: IntArray = np.flatnonzero(np.diff(row)) + 1
            line = "".join(characters.tolist())
            cuts = [0, *starts.tolist(), len(line)]
            rows.append(tuple((line[a:b], _ROLES[row[a]]) for a, b in pairwise(cuts)))
        return rows


def _header(data: OverlayData, sides: list[_Side], width: int, glyphs: Glyphs) -> Row:
    """Title to the left, legend to the right; the title is cut first, then the names."""
    samples = [
        (glyphs.fill[8] * 2, "production") if side.filled else (glyphs.across * 2, "synthetic") for side in sides
    ]
    names = [_plain(side.name, glyphs) for side in sides]
    room = width - 5 * len(sides) + 2
    if sum(map(cell_len, names)) > room:
        names = [_cut(name, room // len(sides), glyphs) for name in names]
    runs: list[tuple[str, Role]] = []
    for (sample, role), name in zip(samples, names, strict=True):
        runs.append((sample, "production" if role == "production" else "synthetic"))
        runs.append((f" {name}  ", "label"))
    runs[-1] = (runs[-1][0].rstrip() or " ", "label")
    used = sum(cell_len(text) for text, _ in runs)
    left = width - used
    title = _cut(_plain(data.title, glyphs), max(0, left - 2), glyphs) if left >= 6 else ""
    return ((set_cell_size(title, left), "label"), *runs) if left else tuple(runs)


def _note(data: OverlayData, sides: list[_Side], x: Axis) -> str:
    """What a height means, and what has no place on the horizontal axis."""
    at = "with at least as many" if data.ccdf else "per doubling" if data.log_x else "at each number"
    if data.of == "messages" and data.ccdf:
        at = "at least as long"
    parts = [f"share of {data.of} {at}"]
    if data.log_x:
        outside = [float(side.histogram.below_value(1).total) / side.histogram.total for side in sides]
        where = "at 0"
    else:
        outside = [float(side.histogram.from_value(int(x.high)).total) / side.histogram.total for side in sides]
        where = f"beyond {int(x.high):,}"
    if any(outside):
        shares = [f"{100 * share:.1f}%" if share >= 0.01 or not share else f"{100 * share:.2g}%" for share in outside]
        named = [f"{side.name} {share}" for side, share in zip(sides, shares, strict=True)]
        parts.append(f"{where}: {', '.join(named)}")
    return "; ".join(parts)


def _notice(title: str, message: str, width: int, height: int, glyphs: Glyphs) -> Drawing:
    """The title, and a message in the middle of nothing."""
    rows = [""] * height
    if height:
        rows[height // 2] = _cut(message, width, glyphs).center(width)
    if title and height > 1:
        rows[0] = title
    return tuple(_line(text, width, glyphs) for text in rows)


def _line(text: str, width: int, glyphs: Glyphs) -> Row:
    """One row of plain text, cut or filled to the width."""
    return ((set_cell_size(_cut(_plain(text, glyphs), width, glyphs), width), "label"),) if width else ()


def _plain(text: str, glyphs: Glyphs) -> str:
    """The text without what a terminal would obey or could not show; in ASCII where the glyphs are."""
    ascii_only = glyphs.name == "ascii"
    return "".join(
        character
        if character.isprintable() and cell_len(character) and (not ascii_only or character.isascii())
        else "?"
        for character in text
    )


def _cut(text: str, width: int, glyphs: Glyphs) -> str:
    """The text within so many cells, with an ellipsis where something was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + glyphs.ellipsis if width > 0 else ""
