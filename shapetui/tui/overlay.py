"""The overlay: two histograms in one picture, redrawn at every key. The widget around `overlay_drawing.draw`.

It holds what it was last told to show and the last drawing, nothing else; when only part of the picture changed, only
that part is sent, because a terminal over SSH feels every kilobyte.
"""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from shapetui.tui.glyphs import BLOCK, Glyphs
from shapetui.tui.overlay_drawing import Drawing, OverlayData, Role, Row, draw, text_of

__all__ = ["Overlay", "OverlayData", "draw"]

_NOTHING: Final = OverlayData(None, None)


class Overlay(Widget):
    """Production filled, synthetic as a line over it, axes, legend and a strip of differences.

    Args:
        data: what to show first; nothing without it.
        glyphs: the characters to draw with.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "overlay--label",
        "overlay--axis",
        "overlay--production",
        "overlay--synthetic",
        "overlay--over",
        "overlay--difference",
    }
    # Text can be copied as a whole (`text`); a selection of cells would have to be tracked by every strip.
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Overlay {
        height: 1fr;
        width: 1fr;

        & > .overlay--label { color: $foreground; }
        & > .overlay--axis { color: $foreground 60%; }
        & > .overlay--production { color: $primary 60%; }
        & > .overlay--synthetic { color: $text-accent; }
        & > .overlay--over { color: $text-accent; background: $primary 60%; }
        & > .overlay--difference { color: $text-accent; }
    }
    """

    def __init__(
        self,
        data: OverlayData | None = None,
        glyphs: Glyphs = BLOCK,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._data = data or _NOTHING
        self._glyphs = glyphs
        self._drawing: Drawing | None = None
        self._drawn: tuple[OverlayData, Glyphs, int, int] | None = None

    @property
    def data(self) -> OverlayData:
        """What is shown."""
        return self._data

    def show(self, data: OverlayData, glyphs: Glyphs | None = None) -> None:
        """Show something else, with other glyphs if given. Only cells that changed are drawn again."""
        before, size_before = self._drawing, self._drawn and self._drawn[2:]
        self._data = data
        self._glyphs = glyphs or self._glyphs
        if before is None or size_before != (self.size.width, self.size.height):
            self.refresh()
            return
        regions = changed_regions(before, self.drawing())
        if regions:
            self.refresh(*regions)

    def drawing(self) -> Drawing:
        """The picture at the present size, drawn once for each data, glyphs and size."""
        wanted = (self._data, self._glyphs, self.size.width, self.size.height)
        if self._drawing is None or self._drawn != wanted:
            self._drawing = draw(self._data, self.size.width, self.size.height, self._glyphs)
            self._drawn = wanted
        return self._drawing

    def text(self) -> str:
        """The picture as plain text, one line per row."""
        return text_of(self.drawing())

    def render_line(self, y: int) -> Strip:
        """One row of the picture (of the content, without border and padding)."""
        rows = self.drawing()
        if y >= len(rows):
            return Strip.blank(self.size.width, self.rich_style)
        return Strip([Segment(text, self.get_component_rich_style(_CLASSES[role])) for text, role in rows[y]])


_CLASSES: Final[dict[Role, str]] = {
    "label": "overlay--label",
    "axis": "overlay--axis",
    "production": "overlay--production",
    "synthetic": "overlay--synthetic",
    "over": "overlay--over",
    "difference": "overlay--difference",
}


def changed_regions(before: Drawing, after: Drawing) -> list[Region]:
    """Per row that differs, the cells from the first to the last that do. Both drawings have the same size.

    Textual 8.2.8 sends such a row from the left edge of the widget up to the end of its region.
    """
    return [
        Region(first, y, last + 1 - first, 1)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        if old != new
        for first, last in [_changed_cells(old, new)]
    ]


def _changed_cells(old: Row, new: Row) -> tuple[int, int]:
    """The first and the last cell in which two rows of the same width differ."""
    cells = [[(character, role) for text, role in row for character in text] for row in (old, new)]
    width = sum(cell_len(text) for text, _ in new)
    if any(len(row) != width for row in cells):
        # A title with wide characters: characters are not cells.
        return 0, width - 1
    changed = [at for at, (one, other) in enumerate(zip(*cells, strict=True)) if one != other]
    return (changed[0], changed[-1]) if changed else (0, 0)
