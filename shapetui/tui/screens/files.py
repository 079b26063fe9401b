"""Files: what is in the folder, what to do next, and both databases."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from shapetui.tui.said import Panel
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.texts import files


class Files(Place):
    """The listing on the left, checklist and databases on the right."""

    place = "files"

    def panels(self) -> ComposeResult:
        """Three panels."""
        with Horizontal(classes="columns"):
            with VerticalScroll(classes="left", can_focus=False):
                yield Panel("documents", "documents")
            with Vertical(classes="right"):
                yield Panel("checklist", "checklist")
                yield Panel("databases", "databases")

    def show(self, shown: Shown) -> None:
        """The listing with its chosen entry, kept in view."""
        documents = self.panel("documents")
        text = files.documents(shown)
        wanted = shown.view.filters.get("files", "")
        documents.entitle(f"documents holding “{wanted}”" if wanted else "documents")
        documents.say_at_length(text)
        self.panel("checklist").say(files.checklist(shown.steps))
        self.panel("databases").say(files.databases(shown))
        row = next((number for number, line in enumerate(text.plain.split("\n")) if line.startswith("▸")), 0)
        self.query_one(".left", VerticalScroll).scroll_to(y=max(0, row - self.size.height // 2), animate=False)
