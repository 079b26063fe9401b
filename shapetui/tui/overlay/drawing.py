"""The drawing of two histograms over one another, as rows of text with roles: no terminal, no state.

Production is filled with eighth blocks, synthetic is a line over it, a strip below says where they differ and how
much. Heights are shares per doubling of the value, because cells of unequal width would otherwise show steps that
are not in the data; or the share that reaches a value (CCDF).
"""

from __future__ import annotations

from typing import Final

from shapetui.tui.overlay.axes import across, ticks
from shapetui.tui.overlay.canvas import Canvas
from shapetui.tui.overlay.captions import header, line_of, note, notice
from shapetui.tui.overlay.data import OverlayData
from shapetui.tui.overlay.glyphs import BLOCK, Glyphs
from shapetui.tui.overlay.rows import Drawing
from shapetui.tui.overlay.sides import heights_of, levelled, merged_columns, sides_of, upright, values_of

NARROWEST: Final = 20
LOWEST: Final = 6
EMPTY: Final = "no histogram"
# From these heights on there is room for the line of the horizontal axis, and for the sentence below it.
_WITH_FLOOR: Final = 10
_WITH_NOTE: Final = 14
# About what the labels of the vertical axis take: a linear axis must know the columns before it has labels.
_GUTTER: Final = 5


def draw(data: OverlayData, width: int, height: int, glyphs: Glyphs = BLOCK) -> Drawing:
    """`height` rows of runs (text, role), each exactly `width` cells wide.

    Below 20 by 6 cells nothing can be read: the rows say so. Never raises on any two histograms.
    """
    if width < NARROWEST or height < LOWEST:
        return notice("", f"needs {NARROWEST}x{LOWEST}", width, height, glyphs)
    sides = sides_of(data)
    if not sides:
        return notice(data.title, EMPTY, width, height, glyphs)
    shown = [side.histogram.from_value(1) if data.log_x else side.histogram for side in sides]
    if not any(histogram.total for histogram in shown):
        return notice(data.title, "nothing above 0 to draw", width, height, glyphs)
    x = across(shown, data.log_x)
    y = upright(data, sides, x, (width - _GUTTER) * (2 if glyphs.braille else 1))
    two = len(sides) == 2
    with_floor, with_note = height >= _WITH_FLOOR, height >= _WITH_NOTE
    rows = height - 2 - two - with_floor - with_note
    marks = ticks(y, rows, upright=True)
    gutter = max([4 if two else 1, *(len(label) for _, label in marks)])
    canvas = Canvas(width, height - 1 - with_note, gutter, rows, glyphs)
    canvas.upright_axis(marks)
    canvas.across_axis(ticks(x, canvas.columns, upright=False), with_floor)
    merged = merged_columns(data, x, canvas.columns) if sides[0].filled else []
    values = []
    for side in sides:
        finer = 2 if glyphs.braille and not side.filled else 1
        value = values_of(data, side, x, finer * canvas.columns)
        heights = heights_of(value, y) * rows
        if side.filled:
            canvas.fill(heights, merged)
        else:
            canvas.line(heights)
        values.append(value if finer == 1 else value.reshape(-1, 2).mean(axis=1))
    if two:
        canvas.difference(*(levelled(value, merged, ccdf=data.ccdf) for value in values))
    hatch = any((values[0][span] > 0).any() for span in merged)
    top, said = header(data, sides, width, glyphs, hatch=hatch)
    below = [line_of(note(data, sides, x, width, glyphs, hatch=hatch and not said), width, glyphs)] if with_note else []
    return (top, *canvas.rows_of_runs(), *below)
