"""The guard before data is replaced: rows that this session has not written go only when their database was named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapetui.tui.databases import Database
from shapetui.tui.dialogs import Looking, ask
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.jobs.look import DatabaseState
    from shapetui.tui.app import ShapetuiApp


@dataclass(frozen=True)
class Permit:
    """That a database may be filled now; `replace`: the name that was typed for rows that are somebody else's."""

    replace: str | None = None


class Guard(Handler):
    """Looks at a database every time before it is filled, and asks where somebody may miss what is there."""

    def __init__(self, app: ShapetuiApp) -> None:
        super().__init__(app)
        # What this session may fill, by the words that name it: what shapetui wrote there goes without asking again.
        self._filled: set[str] = set()
        self._asking = False

    def wrote(self, database: Database) -> None:
        """This session has filled a database."""
        self._filled.add(database.url)

    async def permit(self, database: Database) -> Permit | None:
        """Whether a database may be filled: nothing works on it, and what is in it may go."""
        if self._asking:
            return None
        self._asking = True
        try:
            if self.app.runner.on(database.label) is not None:
                self.warn("a job is running on this database: x cancels it")
                return None
            waiting = Looking(f"looking at what {database.label} holds …")
            self.app.push_screen(waiting)
            state = await in_thread(_state, database)
            if waiting.left:
                return None
            waiting.dismiss()
            # What cannot be looked at (it does not exist yet, mostly) is the job's to find out; it replaces no rows
            # that are not shapetui's.
            known = state.ours and database.url in self._filled
            permit = Permit() if not state.rows or known else await self._named(database, state)
            if permit is not None and not state.trouble:
                self._filled.add(database.url)
            return permit
        finally:
            self._asking = False

    async def _named(self, database: Database, state: DatabaseState) -> Permit | None:
        """The permit, if the name of the database was typed."""
        name = state.database or database.label
        by = f", written by {state.written_by}" if state.written_by else ""
        said = await self.app.push_screen_wait(
            ask(
                "data will be replaced",
                f"{database.label} holds {state.rows:,} rows{by}. Type its name, {name}, to replace them.",
                refuse=lambda text: "" if text == name else f"the name is {name}",
            )
        )
        return Permit(name) if said is not None else None


def _state(database: Database) -> DatabaseState:
    from shapetui.jobs.look import look_synthetic

    return look_synthetic(database.target())
