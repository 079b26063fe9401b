"""What the Files screen says: the documents of the folder, the checklist, both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from shapetui.tui.shown import Shown
from shapetui.tui.texts.words import visible

# The first frame waits for none of the engine: its documents are a fifth of a second of imports.
if TYPE_CHECKING:
    from shapetui.jobs.look import DatabaseState
    from shapetui.workbench.folder import Step


def documents(shown: Shown) -> Text:
    """The documents in the groups that belong together, newest first; the chosen one marked, opened ones in bold."""
    if not shown.loaded:
        return Text("\n".join(f"  {visible(name)}" for name in shown.names) or "  reading …", "dim", no_wrap=True)
    if not shown.entries:
        text = Text("nothing here yet\n\n", "bold")
        text.append("D  ", "bold")
        text.append("the whole loop on data of its own, in a few seconds\n")
        text.append("S  ", "bold")
        return text.append("measure the shape of your production database (README: sample)\n")
    draft = shown.workbench.draft if shown.workbench else None
    opened = {path for path in (draft.shape_path, draft.config_path) if path} if draft else set()
    text = Text(no_wrap=True, overflow="ellipsis")
    index = 0
    listed = shown.listed
    for title, rows in shown.listed_groups:
        text.append(f"{chr(10) if index else ''}{visible(title)}\n", "dim")
        for depth, entry in rows:
            here = index == min(shown.view.chosen, len(listed) - 1)
            broken = entry.document is None
            style = "red" if broken else "bold" if str(entry.path) in opened else ""
            text.append("▸ " if here else "  ", "bold")
            text.append("  " * depth)
            text.append(f"{entry.glyph} {visible(entry.path.name)}", "reverse" if here else style)
            text.append(f"   {visible(entry.says)}\n", "red" if broken else "dim")
            index += 1
    if not listed:
        text.append(
            f"no document holds “{visible(shown.view.filters.get('files', ''))}”: / changes the filter\n", "dim"
        )
    return text


def checklist(lines: Sequence[Step]) -> Text:
    """From shape to index tests, with the next step marked."""
    text = Text(no_wrap=True, overflow="ellipsis")
    marked = False
    for step in lines:
        following = not step.done and not marked
        marked = marked or following
        text.append("✓ " if step.done else "▸ " if following else "· ", "green" if step.done else "bold")
        text.append(f"{step.title:<23}", "bold" if following else "")
        text.append(f"{visible(step.note)}\n", "dim")
    return text


def databases(shown: Shown) -> Text:
    """Production and the synthetic database, each as soon as its answer is there."""
    text = Text()
    for role, label, state in (
        ("production", shown.production_label, shown.production),
        ("synthetic", shown.synthetic_label, shown.synthetic),
    ):
        text.append(f"{role:<11}", "dim")
        text.append(f"{visible(label)}\n", "bold")
        text.append_text(_state(state))
    return text


def _state(state: DatabaseState | None) -> Text:
    if state is None:
        return Text("  looking …\n", "dim")
    if state.trouble:
        return Text(f"  {visible(state.trouble)}\n", "dim")
    about = "about " if state.estimated else ""
    server = " ".join(word for word in ("PostgreSQL", state.version, state.role) if word)
    written = f"  by {visible(state.written_by)}\n" if state.written_by else ""
    return Text(f"  {server}, {about}{state.messages:,} messages\n{written}", "dim")
