"""The overlay: two histograms in one picture, redrawn at every key; with the small plots in the same characters.

`draw` is a pure function from data to rows of text with roles, `Overlay` the widget around it.
"""

from shapetui.tui.overlay.data import OverlayData, merged_lengths, merged_sizes, rows_of
from shapetui.tui.overlay.drawing import EMPTY, LOWEST, NARROWEST, draw
from shapetui.tui.overlay.glyphs import ASCII, BLOCK, BRAILLE, GLYPHS, Glyphs
from shapetui.tui.overlay.rows import Drawing, Role, Row, text_of
from shapetui.tui.overlay.sparks import bar, heat, spark
from shapetui.tui.overlay.widget import Overlay

__all__ = [
    "ASCII",
    "BLOCK",
    "BRAILLE",
    "EMPTY",
    "GLYPHS",
    "LOWEST",
    "NARROWEST",
    "Drawing",
    "Glyphs",
    "Overlay",
    "OverlayData",
    "Role",
    "Row",
    "bar",
    "draw",
    "heat",
    "merged_lengths",
    "merged_sizes",
    "rows_of",
    "spark",
    "text_of",
]
