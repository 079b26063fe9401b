"""`Picture`: what a terminal shows, cell by cell, and what it lacks of the frames that Textual draws.

Textual repaints whole widgets where one digit has changed, and the whole screen, sometimes twice, where a dialog opens.
Only what differs has to be sent. And a terminal that is behind needs the newest picture, not all those before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

from shapetui.tui.looks import PLAIN, Look, after, change, for_blank, on_blank

# A glyph (with what combines with it) and its look; the right half of a wide glyph is empty.
Cell = tuple[str, Look]
Row = list[Cell | None]

# The whole language of Textual's frames: a place, a look, text, and a line feed before the next place.
_TOKEN: Final = re.compile(r"\x1b\[(?:(\d+);(\d+)H|([\d;]*)m)|([^\x00-\x1f\x7f-\x9f]+)|\n")
# A jump within a row is written in four bytes or more, so a gap is rather written anew when it needs no more.
_GAP: Final = 4


class Picture:
    """What the app wants to be seen (`wanted`) and what the terminal shows (`shown`); None: not known. Not thread-safe.

    Cells outside the terminal are dropped: where a terminal puts them is its own affair.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.clear()

    def clear(self, width: int = 0, height: int = 0) -> None:
        """Nothing is known, neither what is shown nor what is wanted: the app draws all of it anew."""
        self.width, self.height = width or self.width, height or self.height
        self._wanted: list[Row] = [[None] * self.width for _ in range(self.height)]
        self._cursor: tuple[int, int] | None = None
        self.forget()

    def forget(self) -> None:
        """The terminal shows something else now: what is wanted is sent again, whole."""
        self._shown: list[Row] = [[None] * self.width for _ in range(self.height)]
        self._touched = set(range(self.height))

    def draw(self, frame: str) -> bool:
        """Takes in a frame. False, and nothing is taken in, where it says more than places, looks and text."""
        pieces: list[tuple[int, int, str, Look]] = []
        look, place, end = PLAIN, self._cursor, 0
        for token in _TOKEN.finditer(frame):
            if token.start() != end:
                return False
            end = token.end()
            row, column, parameters, text = token.groups()
            if text is not None:
                if place is None:
                    return False
                pieces.append((*place, text, look))
                place = (place[0], place[1] + len(_glyphs(text)))
            elif parameters is not None:
                try:
                    look = after(look, parameters)
                except ValueError:
                    return False
            elif row is not None:
                place = (int(row) - 1, int(column) - 1)
            else:
                # In the last row it would scroll.
                if place is None or place[0] + 1 >= self.height:
                    return False
                place = (place[0] + 1, 0)
        if end != len(frame):
            return False
        for y, x, text, style in pieces:
            if y < self.height and x < self.width:
                self._put(y, x, _glyphs(text), style)
        self._cursor = place
        return True

    def _put(self, y: int, x: int, glyphs: tuple[str, ...], look: Look) -> None:
        row = self._wanted[y]
        glyphs = glyphs[: self.width - x]
        blank = on_blank(look)
        cells: Row = [(glyph, blank if glyph == " " else look) for glyph in glyphs]
        # Half of a wide glyph cannot stay.
        if x > 0 and (before := row[x]) is not None and before[0] == "" and (left := row[x - 1]) is not None:
            row[x - 1] = (" ", on_blank(left[1]))
        end = x + len(cells)
        if end < self.width and (behind := row[end]) is not None and behind[0] == "":
            row[end] = (" ", on_blank(behind[1]))
        row[x:end] = cells
        self._touched.add(y)

    def difference(self) -> str:
        """What the terminal lacks; it counts as shown from now on. Looks begin and end plain."""
        said: list[str] = []
        look = PLAIN
        for y in sorted(self._touched):
            wanted, shown = self._wanted[y], self._shown[y]
            if wanted == shown:
                continue
            for x, end in _spans(wanted, shown):
                said.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
                look = _say(said, wanted[x:end], look)
            self._shown[y] = wanted.copy()
        self._touched.clear()
        if not said:
            return ""
        said.append(change(look, PLAIN))
        if self._cursor is not None:
            said.append(f"\x1b[{self._cursor[0] + 1};{self._cursor[1] + 1}H")
        return "".join(said)


def _spans(wanted: Row, shown: Row) -> list[tuple[int, int]]:
    """The parts of a row to be sent, as (first, one after the last)."""
    spans: list[tuple[int, int]] = []
    for x in _changed(wanted, shown):
        if spans and (x == spans[-1][1] or _cheap(wanted[spans[-1][1] - 1 : x + 1])) and not _ends(wanted, x):
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
    return spans


def _changed(wanted: Row, shown: Row) -> list[int]:
    """The cells to be sent. Terminals do not agree on how wide some glyphs are, so their neighbours are sent, too."""
    changed = {x for x, (new, old) in enumerate(zip(wanted, shown, strict=True)) if new != old}
    if any(_unsure(cell) for cell in (*wanted, *shown)):
        for x in range(len(wanted)):
            if x in changed and (_unsure(wanted[x]) or _unsure(shown[x])):
                changed |= {x - 1, x + 1, x + 2} & set(range(len(wanted)))
        # A half cannot be sent alone.
        changed |= {x - 1 for x in changed if (cell := wanted[x]) is not None and cell[0] == "" and x > 0}
    return sorted(x for x in changed if wanted[x] is not None)


def _ends(wanted: Row, x: int) -> bool:
    """Whether a glyph whose width is not sure ends before x, so that x needs a place of its own."""
    cell = wanted[x]
    return x > 0 and _unsure(wanted[x - 1]) and cell is not None and cell[0] != ""


def _cheap(gap: Row) -> bool:
    """Whether it costs no more to write what lies between two changes (the ends of `gap`) than to jump over it."""
    looks = {cell[1] if cell is not None else None for cell in gap[:-1]}
    return None not in looks and len(looks) == 1 and sum(len(cell[0].encode()) for cell in gap[1:-1] if cell) <= _GAP


def _unsure(cell: Cell | None) -> bool:
    return cell is not None and len(cell[0]) != 1


def _say(said: list[str], cells: Row, look: Look) -> Look:
    """Appends cells in their looks; returns the last look."""
    for cell in cells:
        if cell is not None:
            glyph, own = cell
            if own is not look:
                own = for_blank(look, own) if glyph == " " else own
                said.append(change(look, own))
                look = own
            said.append(glyph)
    return look


@lru_cache(4096)
def _glyphs(text: str) -> tuple[str, ...]:
    """One string per cell: what combines stands with its base, a wide glyph is followed by an empty one."""
    if text.isascii():
        return tuple(text)
    glyphs: list[str] = []
    whole = ""
    for character in text:
        # As wide as Textual takes it for, which has laid out the row by it: joined emoji are one, a selector may widen.
        if whole and (not cell_len(character) or cell_len(whole + character) == cell_len(whole)):
            del glyphs[-max(1, cell_len(whole)) :]
            whole += character
        else:
            whole = character
        glyphs += [whole, *[""] * (cell_len(whole) - 1)]
    return tuple(glyphs)
