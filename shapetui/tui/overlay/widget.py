"""The widget around `draw`: it holds what it was last told to show and the last drawing, nothing else.

When only part of the picture changed, only that part is rendered anew; what of it is sent, cell by cell, is the
driver's affair.
"""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from shapetui.tui.overlay.contrast import TEXT, at_least, colours_for
from shapetui.tui.overlay.data import OverlayData
from shapetui.tui.overlay.drawing import draw
from shapetui.tui.overlay.glyphs import BLOCK, Glyphs
from shapetui.tui.overlay.rows import Drawing, Role, Row, text_of

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
    }
    # Text can be copied as a whole (`text`); a selection of cells would have to be tracked by every strip.
    ALLOW_SELECT: ClassVar[bool] = False
    # Hues; `contrast` sees to it that they can be told apart. A terminal's own 16 colours are taken as they are, and
    # its blue is too dark for bars on black.
    DEFAULT_CSS = """
    Overlay {
        height: 1fr;
        width: 1fr;

        & > .overlay--label { color: $foreground; }
        & > .overlay--axis { color: $foreground 60%; }
        & > .overlay--production { color: $primary; }
        & > .overlay--synthetic { color: $accent; }
        &:ansi:dark > .overlay--production { color: ansi_bright_blue; }
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
        self._role_styles: dict[Role, Style] = {}
        self._styled_on: Color | None = None

    @property
    def data(self) -> OverlayData:
        """What is shown."""
        return self._data

    @property
    def glyphs(self) -> Glyphs:
        """What it is drawn with."""
        return self._glyphs

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

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows, in colours for what is behind them now."""
        background = self.background_colors[1]
        if background != self._styled_on:
            self._styled_on = background
            self._role_styles = {}
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the picture (of the content, without border and padding)."""
        rows = self.drawing()
        if y >= len(rows):
            return Strip.blank(self.size.width, self.rich_style)
        styles = self.role_styles()
        return Strip([Segment(text, styles[role]) for text, role in rows[y]])

    def notify_style_update(self) -> None:
        """The theme or the style sheet changed."""
        self._role_styles = {}
        super().notify_style_update()

    def role_styles(self) -> dict[Role, Style]:
        """The style of each role, on the present theme and background."""
        if not self._role_styles:
            self._role_styles = self._ansi_styles() if self.app.native_ansi_color else self._true_styles()
        return self._role_styles

    def _true_styles(self) -> dict[Role, Style]:
        """Colours that have the contrast they need."""
        background = self.background_colors[1].with_alpha(1.0)
        label, axis, production, synthetic = (background + colour for colour in self._hues())
        bar, hatch, line = colours_for(background, production, synthetic)
        colours: dict[Role, tuple[Color, Color]] = {
            "label": (at_least(label, background, TEXT), background),
            "axis": (at_least(axis, background, TEXT), background),
            "production": (bar, background),
            "merged": (hatch, background),
            "synthetic": (line, background),
            "over": (line, bar),
            "difference": (line, background),
        }
        return {
            role: Style(color=colour.rich_color, bgcolor=behind.rich_color)
            for role, (colour, behind) in colours.items()
        }

    def _ansi_styles(self) -> dict[Role, Style]:
        """The terminal's own colours. What they look like is not known: the line over a bar is cut out of it, which
        can be seen without any colour too."""
        label, axis, production, synthetic = (Style(color=colour.rich_color) for colour in self._hues())
        return {
            "label": label,
            "axis": axis,
            "production": production,
            "merged": production,
            "synthetic": synthetic,
            "over": production + Style(reverse=True),
            "difference": synthetic,
        }

    def _hues(self) -> list[Color]:
        """What the style sheet says of label, axis, production, synthetic."""
        return [
            self.get_component_styles(f"overlay--{name}").color for name in ("label", "axis", "production", "synthetic")
        ]


def changed_regions(before: Drawing, after: Drawing) -> list[Region]:
    """Per row that differs, the cells from the first to the last that do. Both drawings have the same size."""
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
