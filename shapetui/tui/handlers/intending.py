"""Intents: applied to the workbench, recorded, shown. Opening a document is where undo ends."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.text import Text

from shapetui.tui.dialogs import Choose
from shapetui.tui.handlers.documents import Files
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.texts.words import visible

if TYPE_CHECKING:
    from shapetui.workbench.draft import Draft
    from shapetui.workbench.intents import Intent
    from shapetui.workbench.state import Workbench


class Intending(Handler):
    """The one way in which what is worked on changes."""

    _asking = False

    def intend(self, intent: Intent) -> bool:
        """Applies an intent, records it, shows what came of it; whether it could be carried out.

        Undo takes back edits, as an editor's does: it never puts another document under somebody's eyes by itself.
        Where unsaved changes lie before the opening of one, it asks.
        """
        from shapetui.workbench.intents import Redo, Undo

        bench = self.shown.workbench
        if bench is None:
            return False
        if isinstance(intent, Undo) and bench.past and _others(bench.past[-1], bench.draft):
            return self._end_of_undo(bench)
        if isinstance(intent, Redo) and bench.future and _others(bench.future[-1], bench.draft):
            self.app.notify(f"opened again: {_opened(bench.draft, bench.future[-1])}")
        return self._carry_out(bench, intent)

    def _carry_out(self, bench: Workbench, intent: Intent) -> bool:
        from shapetui.errors import ShapetuiError
        from shapetui.workbench.intents import Nudge, Redo, Undo
        from shapetui.workbench.state import apply

        try:
            after = apply(bench, intent, Files(self.shown.entries))
        except ShapetuiError as error:
            self.app.notify(f"{error.message}\n{error.hint}".strip(), severity="error")
            return False
        self.app.record(intent)
        # A key that is held down at its end is refused once, not thirty times a second.
        held = isinstance(intent, Nudge | Undo | Redo) and after.refusal == bench.refusal
        if after.refusal and not held:
            self.app.notify(after.refusal, severity="warning", timeout=3)
        self.show(workbench=after)
        if after.draft.config_path != bench.draft.config_path:
            self.app.documents.check_off()
        return not after.refusal

    def _end_of_undo(self, bench: Workbench) -> bool:
        """Says where undo ends; asks where changes that are in no file lie beyond."""
        from dataclasses import replace

        before = bench.past[-1]
        if before.config is not None and before.config != before.loaded:
            # Keys of a key that is held down may come before the question does.
            if not self._asking:
                self._asking = True
                self.app.beside(partial(self._ask_back, bench), group="asked")
            return False
        said = f"undo ends where {_opened(before, bench.draft)} was opened" if before.config_path else "nothing to undo"
        # The refusal is kept, so that a key that is held down is answered once.
        if bench.refusal != said:
            self.app.notify(said, severity="warning", timeout=3)
            self.show(workbench=replace(bench, refusal=said))
        return False

    async def _ask_back(self, bench: Workbench) -> None:
        try:
            await self._go_back(bench)
        finally:
            self._asking = False

    async def _go_back(self, bench: Workbench) -> None:
        from shapetui.workbench.intents import Undo

        before = bench.past[-1]
        name = _name(before.config_path)
        chosen = await self.app.push_screen_wait(
            Choose(
                f"undo ends where {_opened(before, bench.draft)} was opened",
                [Text(f"go back to {name} with its unsaved changes"), Text("stay")],
            )
        )
        present = self.shown.workbench
        # A job may have changed the draft meanwhile.
        if chosen == 0 and present is not None and present.past[-1:] == (before,) and self._carry_out(present, Undo()):
            self.app.notify(f"back to {name}, with its unsaved changes")


def _others(one: Draft, other: Draft) -> bool:
    """Whether two drafts are of other documents. A write is no opening: it gives the past its new file."""
    return (one.shape_path, one.config_path) != (other.shape_path, other.config_path)


def _opened(before: Draft, after: Draft) -> str:
    """The name of the document that was opened between two drafts."""
    return _name(after.config_path if after.config_path != before.config_path else after.shape_path)


def _name(path: str | None) -> str:
    return visible(PurePath(path).name) if path else "it"
