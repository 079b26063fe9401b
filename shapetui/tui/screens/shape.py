"""Shape: one shape in full."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from shapetui.tui import plots
from shapetui.tui.overlay import GLYPHS, Overlay
from shapetui.tui.said import Panel
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.steps import with_steps
from shapetui.tui.texts import shape as texts


class ShapeInFull(Place):
    """Sizes and lengths above; types, the week, percentiles, certificate below."""

    place = "shape"

    def panels(self) -> ComposeResult:
        """Two plots above, four texts below."""
        with VerticalScroll(classes="page", can_focus=False):
            with Horizontal(classes="plots"):
                yield Overlay(id="sizes")
                yield Overlay(id="lengths")
            with Horizontal(classes="texts"):
                yield Panel("types", "types")
                yield Panel("the week, UTC", "week")
            with Horizontal(classes="texts"):
                yield Panel("messages per conversation", "percentiles")
                yield Panel("certificate", "certificate")

    def show(self, shown: Shown) -> None:
        """The shape that is open, and the one laid over it."""
        shape = shown.workbench.draft.shape if shown.workbench is not None else None
        glyphs = GLYPHS[shown.glyphs]
        sizes = plots.picture_of("shape", shown) or plots.NOTHING
        self.query_one("#sizes", Overlay).show(with_steps(sizes, shape) if shape is not None else sizes, glyphs)
        if shape is None:
            self.query_one("#lengths", Overlay).show(plots.NOTHING, glyphs)
            self.panel("types").say(Text("no shape is open: choose one on screen 1", "dim"))
            for name in ("week", "percentiles", "certificate"):
                self.panel(name).say(Text(""))
            return
        name, other = plots.laid_over(shown)
        lengths = plots.lengths(shape, other, None, shown.view, ("this shape", name))
        self.query_one("#lengths", Overlay).show(lengths, glyphs)
        self.panel("types").say(texts.types(shape, glyphs))
        self.panel("week").say(texts.week(shape, glyphs))
        self.panel("percentiles").say(texts.percentiles(shape))
        self.panel("certificate").say(texts.certificate(shape))
