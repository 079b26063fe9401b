"""The guard before data is replaced: a database that holds rows is filled only when its name was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapetui.tui.databases import Database
from shapetui.tui.dialogs import ask
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.jobs.look import DatabaseState
    from shapetui.tui.app import ShapetuiApp


class Guard(Handler):
    """Asks once for each database of the session."""

    def __init__(self, app: ShapetuiApp) -> None:
        super().__init__(app)
        # Databases whose data may be replaced in this session, with the name that was typed for rows that are there;
        # None where it was empty.
        self._allowed: dict[str, str | None] = {}
        self._asking = False

    def named(self, database: Database) -> str | None:
        """The name that was typed for a database; None where none had to be."""
        return self._allowed.get(database.label)

    def wrote(self, label: str) -> None:
        """This session has filled a database: what is in it now is its own, and needs no asking."""
        self._allowed.setdefault(label, None)

    async def may_replace(self, database: Database) -> bool:
        """Whether a database may be filled: it is free, and what is in it may go."""
        if self._asking:
            return False
        self._asking = True
        try:
            if self.app.runner.on(database.label) is not None:
                self.warn("a job is running on this database: x cancels it")
                return False
            if database.label in self._allowed:
                return True
            state = await in_thread(_state, database.url)
            name = await self._named(database, state) if state.rows else None
            if state.rows and name is None:
                return False
            # A database that could not be looked at is looked at again the next time.
            if not state.trouble:
                self._allowed[database.label] = name
            return True
        finally:
            self._asking = False

    async def _named(self, database: Database, state: DatabaseState) -> str | None:
        """The name of the database, if it was typed."""
        name = (await in_thread(database.target)).database or database.label
        by = f", written by {state.written_by}" if state.written_by else ""
        said = await self.app.push_screen_wait(
            ask(
                "data will be replaced",
                f"{database.label} holds {state.rows:,} rows{by}. Type its name, {name}, to replace them.",
                refuse=lambda text: "" if text == name else f"the name is {name}",
            )
        )
        return name if said is not None else None


def _state(url: str) -> DatabaseState:
    from shapetui.database.target import Target
    from shapetui.jobs.look import look_synthetic

    return look_synthetic(Target.parse(url))
