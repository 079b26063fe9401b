"""Run: generating and validating, with progress, and what was done."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from shapetui.tui.overlay import GLYPHS
from shapetui.tui.said import Panel
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.texts import run as texts


class Run(Place):
    """The plan beside the job, the log below."""

    place = "run"

    def panels(self) -> ComposeResult:
        """Three panels."""
        with Horizontal(classes="columns"):
            yield Panel("plan", "plan")
            yield Panel("job", "job")
        yield Panel("what was done", "log")

    def show(self, shown: Shown) -> None:
        """Plan, news of the job, log."""
        plan, job, log = self.panel("plan"), self.panel("job"), self.panel("log")
        plan.say(texts.plan(shown, plan.content_size.width))
        job.say(texts.job(shown.news, job.content_size.width, job.rows, GLYPHS[shown.glyphs]))
        log.say(texts.log(shown, log.rows))
