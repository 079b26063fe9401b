"""States to make texts of: what the screens are told to show, without a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from shapetui.documents.files import AnyDocument
from shapetui.tui.shown import Shown
from shapetui.workbench.entry import Entry
from shapetui.workbench.folder import checklist, grouped
from shapetui.workbench.intents import Intent
from shapetui.workbench.rounds import rounds_of
from tests.tui.screens import two_reports
from tests.workbench.benches import after, chat, fitted

# Escape sequences, markup and a line break.
ODD = "a[red]b\x1b[2J\n"


def given(*steps: Intent, **changes: Any) -> Shown:
    """A shape and its config are open, and these steps were taken."""
    usual = {"synthetic_label": "embedded:synthetic", "production_label": "embedded:production", "loaded": True}
    return Shown(**{**usual, "workbench": after(*steps), **changes})


def entry(document: AnyDocument | None, name: str, age: int = 0, trouble: str = "") -> Entry:
    """A document of a folder; the larger `age` is the newer."""
    return Entry(Path("/reports") / name, (age, 1), document, trouble)


def folder(*entries: Entry, **changes: Any) -> Shown:
    """These documents are in the folder."""
    return given(
        entries=entries, groups=grouped(entries), steps=checklist(entries), rounds=rounds_of(entries), **changes
    )


def full(**changes: Any) -> Shown:
    """A shape, its config and two rounds."""
    reports = [entry(report, f"report-{number}.json", 3 + number) for number, report in enumerate(two_reports())]
    return folder(entry(chat(), "shape.json", 1), entry(fitted(), "config.json", 2), *reports, **changes)


def plain(text: Text) -> str:
    """A text that holds nothing but what can be seen."""
    assert all(line.isprintable() for line in text.plain.split("\n"))
    return text.plain
