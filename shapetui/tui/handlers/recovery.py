"""The journal of this session, and what an earlier one left that ended without being closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from shapetui.errors import ShapetuiError
from shapetui.tui.dialogs import Choose
from shapetui.tui.handlers.documents import Files
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.workbench.intents import Intent
    from shapetui.workbench.journal import Journal
    from shapetui.workbench.state import Workbench


class Recovery(Handler):
    """Keeps the journal; offers an earlier one once."""

    _journal: Journal | None = None
    _trouble = ""

    def start(self) -> None:
        """Begins the session's journal; without one all works but recovery, and that is said."""
        from shapetui.workbench.journal import Journal

        try:
            self._journal = Journal.start(self.app.folder)
        except ShapetuiError as error:
            self.warn(f"{error.message}\n{error.hint}")

    def record(self, intent: Intent) -> None:
        """Notes an intent that was carried out."""
        if self._journal is None:
            return
        self._journal.record(intent)
        if self._journal.trouble != self._trouble:
            self._trouble = self._journal.trouble
            self.warn(self._trouble)

    def close(self, *, clean: bool) -> None:
        """Ends the journal; unsaved changes are kept beside it, unless the session ends as it should."""
        from shapetui.jobs.written import now

        if self._journal is None:
            return
        if self.shown.workbench is not None:
            self._journal.save_draft(self.shown.workbench, now())
        self._journal.close(clean)

    async def offer(self) -> bool:
        """Offers what an earlier session left; whether it was taken."""
        from shapetui.workbench.journal import draft_path, settle, unfinished
        from shapetui.workbench.journal_file import intents_of

        folder = self.app.folder
        try:
            left = unfinished(folder)
            steps = [intent for _, intent in intents_of(left)] if left is not None else []
        except (ShapetuiError, OSError):
            return False
        if left is None or not any(_changes(intent) for intent in _asked_for(steps)):
            if left is not None:
                settle(left)
            return False
        draft = draft_path(left)
        choices = [f"go on where it ended: {len(steps)} steps are done again, undo included", "throw it away"]
        if draft.exists():
            choices.insert(1, "keep its config as a file of its own, and start anew")
        chosen = await self.app.push_screen_wait(
            Choose("an earlier session ended without being closed", [Text(choice) for choice in choices])
        )
        if chosen is None:
            # Offered again the next time.
            return False
        if chosen == 0:
            return await self._restore(left, steps)
        if chosen == 1 and len(choices) == 3 and not self._keep(draft):
            return False
        settle(left)
        return False

    async def _restore(self, left: Path, steps: list[Intent]) -> bool:
        from shapetui.workbench.journal import settle
        from shapetui.workbench.state import Workbench

        # On top of what this session's journal holds already, so that both stay the same.
        start = self.shown.workbench or Workbench()
        try:
            bench = await in_thread(_after, start, steps, Files(self.shown.entries))
        except ShapetuiError as error:
            self.complain(error)
            return False
        for step in steps:
            self.record(step)
        settle(left)
        self.show(workbench=replace(bench, refusal=""))
        self.app.say_done(f"restored {len(steps)} steps of an earlier session")
        # The screen that was asked for at the start, or gone to meanwhile, stays.
        self.app.go("calibrate", unless=("shape", "run", "report"))
        return True

    def _keep(self, draft: Path) -> bool:
        """The draft as a config of the folder."""
        from shapetui.documents.config import Config
        from shapetui.documents.files import load
        from shapetui.jobs.written import now

        try:
            config = load(draft, Config)
            path = self.app.workspace.output(Config, None, now(), force=False)
            self.app.workspace.save(config, path)
        except ShapetuiError as error:
            self.complain(error)
            return False
        self.app.notify(f"kept as {path.name}")
        self.app.documents.read_again()
        return True


def _after(bench: Workbench, steps: list[Intent], files: Files) -> Workbench:
    from shapetui.workbench.state import apply

    for step in steps:
        bench = apply(bench, step, files)
    return bench


def _asked_for(steps: list[Intent]) -> list[Intent]:
    """The steps without the one with which a session begins by itself: the tolerance of the settings."""
    from shapetui.workbench.intents import SetTolerance

    return steps[1:] if steps and isinstance(steps[0], SetTolerance) else steps


def _changes(intent: Intent) -> bool:
    """Whether an intent is more than opening and looking."""
    from shapetui.workbench import intents

    return not isinstance(intent, intents.OpenShape | intents.OpenConfig | intents.Focus)
