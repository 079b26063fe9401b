"""Calibrate, the heart: production and what the draft is expected to produce, redrawn at every key."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from shapetui.tui import plots
from shapetui.tui.overlay import GLYPHS, Overlay
from shapetui.tui.said import Panel, Said
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.texts import calibrate as texts
from shapetui.tui.texts import expected


class Calibrate(Place):
    """Overlay and parameters on the left, expected verdict and fit on the right."""

    place = "calibrate"

    def panels(self) -> ComposeResult:
        """The overlay and five panels; small terminals have the verdict in two lines instead."""
        with Horizontal(classes="columns"):
            with Vertical(classes="left"):
                yield Said("brief")
                yield Overlay(id="overlay")
                with Horizontal(classes="parameters"):
                    yield Panel("sizes", "sizes")
                    with Vertical():
                        yield Panel("types", "weights")
                        yield Panel("content length", "lengths")
            with VerticalScroll(classes="right page", can_focus=False):
                yield Panel("expected verdict", "verdict")
                yield Panel("fit of the tails", "fit")

    def show(self, shown: Shown) -> None:
        """The draft and its expectation."""
        bench = shown.workbench
        if bench is None:
            return
        glyphs = GLYPHS[shown.glyphs]
        self.query_one("#overlay", Overlay).show(plots.picture_of("calibrate", shown) or plots.NOTHING, glyphs)
        self.query_one("#brief", Said).say(expected.brief_verdict(shown, self.app.size.width - 2))
        wanted = shown.view.filters.get("calibrate", "")
        sizes = self.panel("sizes")
        sizes.entitle(f"parameters with “{wanted}”" if wanted else "sizes", "● loaded value" if bench.changes else "")
        sizes.say(texts.sizes(shown, sizes.content_size.width, sizes.rows))
        weights, lengths = self.panel("weights"), self.panel("lengths")
        weights.say(texts.weights(shown, weights.content_size.width, weights.rows, glyphs))
        lengths.say(texts.lengths(shown, lengths.content_size.width, lengths.rows, glyphs))
        self._keep_the_focused_one(bench.focused.kind if bench.focused is not None else "")
        verdict = self.panel("verdict")
        verdict.entitle(f"expected verdict at {bench.draft.target:,}", self._key_of_sensitivity)
        verdict.say(expected.expected_verdict(shown, verdict.content_size.width, verdict.rows))
        self.panel("fit").say_at_length(texts.fit_of_tails(bench.draft.config, glyphs))

    @property
    def _key_of_sensitivity(self) -> str:
        return next((f"{each.shown_key} {each.footer}" for each in self.actions if each.id == "sensitivity"), "")

    def _keep_the_focused_one(self, kind: str) -> None:
        """In a small terminal only the panel with the cursor is shown."""
        name = "sizes" if kind in texts.SIZES else "lengths" if kind in texts.LENGTHS else "weights"
        for panel in ("sizes", "weights", "lengths"):
            self.panel(panel).set_class(panel != name, "elsewhere")
