"""Report: measured synthetic data over production, the tests, advice, and the trail of rounds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from shapetui.tui import plots
from shapetui.tui.overlay import GLYPHS, Overlay
from shapetui.tui.said import Panel
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.texts import report as texts

# Lower screens need the rows of the large letters for the tests.
_HIGH = 30
# Before the panel has been laid out it has no width.
_NARROWEST = 48


class ReportInFull(Place):
    """The verdict on the left, the overlay on the right, the trail below."""

    place = "report"

    def panels(self) -> ComposeResult:
        """Two panels and the overlay."""
        with Horizontal(classes="columns"):
            with VerticalScroll(classes="verdict-column page", can_focus=False):
                yield Panel("fidelity", "fidelity")
            yield Overlay(id="measured")
        yield Panel("trail", "trail")

    def show(self, shown: Shown) -> None:
        """The round under the cursor."""
        glyphs = GLYPHS[shown.glyphs]
        fidelity, trail = self.panel("fidelity"), self.panel("trail")
        width = max(_NARROWEST, fidelity.content_size.width)
        fidelity.say_at_length(texts.headline(shown.report, glyphs, width, large=self.size.height >= _HIGH))
        self.query_one("#measured", Overlay).show(plots.picture_of("report", shown) or plots.NOTHING, glyphs)
        trail.say(texts.trail(shown, trail.content_size.width, trail.rows, glyphs))
