"""The canvas of the overlay: characters and roles cell by cell, joined to rows of runs in the end."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shapetui.distributions.bins import FloatArray
from shapetui.tui.overlay.axes import label_start
from shapetui.tui.overlay.glyphs import Glyphs
from shapetui.tui.overlay.rows import Role, Row

# A share per doubling below this is the rounding of a sum.
NOTHING: Final = 1e-12
# |ln(synthetic / production)| from which the strip shows a sign, and a strong one: the 15 % that validation
# tolerates by default, and one and a half times as many (or two thirds).
_DIFFERS: Final = float(np.log(1.15))
_DIFFERS_MUCH: Final = float(np.log(1.5))
# In the order of the numbers in `Canvas.roles`; 0 is a blank, which takes any style.
_ROLES: Final[tuple[Role, ...]] = ("axis", "axis", "label", "production", "merged", "synthetic", "over", "difference")
_AXIS, _LABEL, _PRODUCTION, _MERGED, _SYNTHETIC, _OVER, _DIFFERENCE = range(1, 8)
# A cell of the line can show no eighths of the fill: from this many on it counts as filled, below as free. Always
# free, and a line that equals production would seem to lie half a row above it.
_HALF: Final = 4
_FULL: Final = 8
# Bits of a braille character: (4 rows from the top, 2 columns).
_DOTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BRAILLE: Final = np.array([chr(0x2800 + code) for code in range(256)])

TextArray = NDArray[np.str_]


class Canvas:
    """The rows between the top line and the sentence: characters and roles, cell by cell; row 0 is the uppermost."""

    def __init__(self, width: int, height: int, gutter: int, rows: int, glyphs: Glyphs) -> None:
        self.glyphs, self.gutter, self.rows = glyphs, gutter, rows
        self.left = gutter + 1
        self.columns = width - self.left
        self.text: TextArray = np.full((height, width), " ", dtype="<U1")
        self.roles = np.zeros((height, width), dtype=np.uint8)
        self.filled = np.zeros((rows, self.columns), dtype=bool)
        # What has production's colour from edge to edge; hatched cells and ASCII have not.
        self.solid = self.filled
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

    def fill(self, heights: FloatArray, merged: list[slice]) -> None:
        """Production: (columns,) heights in rows, and the columns to be hatched; what is there has at least an eighth.

        Hatched cells know no eighths: a solid edge on a hatched bar looks like a value of its own.
        """
        hatched = np.zeros(self.columns, dtype=bool)
        for span in merged:
            hatched[span] = True
        eighths = np.where(np.isnan(heights), 0.0, np.maximum(1.0, np.round(np.nan_to_num(heights) * _FULL)))
        base = _FULL * np.arange(self.rows - 1, -1, -1)[:, None]
        level = np.clip(eighths[None, :] - base, 0, _FULL).astype(np.int64)
        self.filled = level >= _HALF
        self.solid = self.filled & ~hatched & (self.glyphs.fill[_FULL] == "█")
        self.plot_text[:] = np.array(list(self.glyphs.fill))[level]
        self.plot_text[self.filled & hatched] = self.glyphs.hatch
        self.plot_roles[:] = np.where(level > 0, _PRODUCTION, 0)
        self.plot_roles[self.filled & hatched] = _MERGED

    def line(self, heights: FloatArray) -> None:
        """Synthetic: (columns,) heights in rows, or (2 columns,) where the line is dots."""
        if self.glyphs.braille:
            self._dots(heights)
        else:
            self._outline(heights)

    def _put(self, row: int, column: int, glyph: str) -> None:
        """One character of the line; over a filled cell it keeps production's colour behind it."""
        if self.filled[row, column] and glyph == self.glyphs.across:
            glyph = self.glyphs.across_fill
        self.plot_text[row, column] = glyph
        self.plot_roles[row, column] = _OVER if self.solid[row, column] else _SYNTHETIC

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
        self.plot_text[drawn] = _BRAILLE[bits[drawn]]
        self.plot_roles[drawn] = np.where(self.solid[drawn], _OVER, _SYNTHETIC)

    def difference(self, production: FloatArray, synthetic: FloatArray) -> None:
        """The strip in the last row: sign and strength of synthetic against production, per column."""
        glyphs = self.glyphs
        one, two = np.maximum(production, NOTHING), np.maximum(synthetic, NOTHING)
        ratio = np.log(two / one)
        kind = np.digitize(ratio, [-_DIFFERS_MUCH, -_DIFFERS, _DIFFERS, _DIFFERS_MUCH])
        kind[(production <= NOTHING) & (synthetic <= NOTHING)] = 5
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
        width = self.text.shape[1]
        lines = self.text.view(f"<U{width}").ravel().tolist()
        cuts: list[list[int]] = [[0] for _ in lines]
        for y, x in zip(*(found.tolist() for found in np.nonzero(roles[:, 1:] != roles[:, :-1])), strict=True):
            cuts[y].append(x + 1)
        return [
            tuple((line[a:b], _ROLES[of[a]]) for a, b in pairwise([*cut, width]))
            for line, of, cut in zip(lines, roles.tolist(), cuts, strict=True)
        ]
