"""The three sets of characters in which plots are drawn: blocks, blocks with a braille line, plain ASCII.

Production (fill) and synthetic (line) differ in the kind of glyph, so that both are told apart without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Glyphs:
    """Every character that the overlay draws; each is one cell wide.

    Attributes:
        name: as in the settings.
        fill: nine characters for 0 to 8 eighths of a cell, from blank to full.
        hatch: a full cell where bins were merged and the picture is interpolation.
        level: characters for heights within one row, from the lowest to the full row.
        shades: five characters for none, and four shades of more.
        eighths: a cell filled from the left by 1 to 8 parts, as many as there are characters.
        across, across_fill: the line beside and over the fill.
        upright: the line where it climbs or falls by more than a row.
        falls_from, falls_to: corners where the line leaves its height downwards and arrives at the lower one.
        climbs_from, climbs_to: corners where it leaves upwards and arrives.
        braille: the line is dots of a quarter of a row and half a column instead.
        axis, tick: the vertical axis beside a row without and with a label.
        floor, floor_tick, corner: the horizontal axis.
        same: both sides agree in a column.
        less, much_less, more, much_more: synthetic against production.
        ellipsis: the end of a text that was cut.
    """

    name: str
    fill: str = " ▁▂▃▄▅▆▇█"
    hatch: str = "▒"
    level: str = "▁▂▃▄▅▆▇█"
    shades: str = " ░▒▓█"
    eighths: str = "▏▎▍▌▋▊▉█"
    across: str = "━"
    across_fill: str = "━"
    upright: str = "┃"
    falls_from: str = "┓"
    falls_to: str = "┗"
    climbs_from: str = "┛"
    climbs_to: str = "┏"
    braille: bool = False
    axis: str = "│"
    tick: str = "┤"
    floor: str = "─"
    floor_tick: str = "┴"
    corner: str = "└"
    same: str = "·"
    less: str = "▿"
    much_less: str = "▾"
    more: str = "▵"
    much_more: str = "▴"
    ellipsis: str = "…"


BLOCK: Final = Glyphs("block")
BRAILLE: Final = Glyphs("braille", across="⠒", across_fill="⠒", braille=True)
ASCII: Final = Glyphs(
    "ascii",
    fill=" ...:::##",
    hatch="/",
    level="_.-=#",
    shades=" .:+#",
    eighths="#",
    across="-",
    across_fill="=",
    upright="|",
    falls_from="+",
    falls_to="+",
    climbs_from="+",
    climbs_to="+",
    axis="|",
    tick="+",
    floor="-",
    floor_tick="+",
    corner="+",
    same=".",
    less="-",
    much_less="v",
    more="+",
    much_more="^",
    ellipsis="~",
)
GLYPHS: Final[dict[str, Glyphs]] = {glyphs.name: glyphs for glyphs in (BLOCK, BRAILLE, ASCII)}
