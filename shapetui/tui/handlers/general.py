"""Help, palette, themes, the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from rich.text import Text
from textual.app import SystemCommand
from textual.widgets import Input

from shapetui.tui.dialogs import WIDEST, Choose, ask
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.texts.words import hanging
from shapetui.tui.thin import ThinDriver
from shapetui.workbench.actions import Action, actions_of

_UNSAVED = (
    Text("write them as a new config, and quit"),
    Text("quit; the next start offers them again"),
    Text("quit without them"),
)


# What a list takes of its dialog, of which the height is at most so much of the screen's: frame and margins at the
# sides, the bar that scrolls, frame and margins above and below.
_FRAME: Final = 8
_BAR: Final = 2
_ABOVE: Final = 4
_TALLEST: Final = 0.9
_BEFORE_HELP: Final = 32


def _line_of_help(action: Action, width: int) -> Text:
    """Keys, title, and what it does, below one another where the line ends."""
    text = Text.assemble((f"{action.shown_keys:>9}  ", "bold"), f"{action.title:<21}")
    said = hanging(action.help, width, _BEFORE_HELP).strip()
    return text.append(said, "dim")


class General(Handler):
    """What is the same everywhere."""

    async def help(self) -> None:
        """The keys of this place; the chosen one runs."""
        found = actions_of(self.app.place, self.app.actions)
        size = self.app.size
        bar = _BAR if len(found) + _ABOVE > _TALLEST * size.height else 0
        lines = [_line_of_help(action, min(WIDEST, size.width) - _FRAME - bar) for action in found]
        chosen = await self.app.push_screen_wait(Choose(f"keys of {self.app.place}", lines))
        if chosen is not None:
            await self.app.action_act(found[chosen].id)

    def redraw(self) -> None:
        """The whole screen again, also what has not changed."""
        if isinstance(driver := self.app._driver, ThinDriver):
            driver.redraw()
        self.app.refresh(layout=True)

    def theme(self) -> None:
        """Textual's list of themes."""
        self.app.action_change_theme()

    def palette(self) -> None:
        """Textual's palette, fed from the table of actions."""
        self.app.action_command_palette()
        self.app.call_after_refresh(self._no_blinking)

    def _no_blinking(self) -> None:
        """A blinking cursor costs 2.5 KB a second over SSH."""
        for field in self.app.screen.query(Input):
            field.cursor_blink = False

    def commands(self) -> Iterable[SystemCommand]:
        """The actions of this place, for the palette."""
        for action in actions_of(self.app.place, self.app.actions):
            yield SystemCommand(f"{action.title} ({action.shown_keys})", action.help, self._runs(action.id))

    def _runs(self, name: str) -> Callable[[], Any]:
        async def run() -> None:
            await self.app.action_act(name)

        return run

    _leaving = False

    async def quit(self) -> None:
        """Leaves; asks first when a job runs or something is unsaved."""
        if self._leaving:
            return
        self._leaving = True
        try:
            await self._quit()
        finally:
            self._leaving = False

    async def _quit(self) -> None:
        if self.app.busy:
            said = await self.app.push_screen_wait(
                ask(
                    "a job is running",
                    "Type yes to cancel it and quit.",
                    refuse=lambda text: "" if text == "yes" else "yes, or escape",
                )
            )
            if said is None:
                return
        bench = self.shown.workbench
        if bench is None or not bench.unsaved:
            self.app.end(0, clean=True)
            return
        chosen = await self.app.push_screen_wait(Choose("the config has unsaved changes", _UNSAVED))
        if chosen is None or (chosen == 0 and not self.app.tuning.write()):
            return
        self.app.end(0, clean=chosen != 1)
