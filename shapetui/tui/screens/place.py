"""What all screens share: top line, keys, and how they come to show the state."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Final, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.css.query import NoMatches
from textual.screen import Screen

from shapetui.tui.said import Panel, Said
from shapetui.tui.shown import Shown
from shapetui.tui.texts.frame import key_line, top_line
from shapetui.workbench.actions import Action, actions_of

TITLES: Final = {"files": "Files", "shape": "Shape", "calibrate": "Calibrate", "run": "Run", "report": "Report"}


class Showing(Protocol):
    """The app, as far as screens know it."""

    shown: Shown

    def check_size(self) -> None:
        """Puts a notice over the screen when there is no room for it."""


def bindings_of(actions: Sequence[Action]) -> list[BindingType]:
    """The keys of a screen, from the table of actions."""
    return [
        Binding(",".join(action.keys), f"app.act('{action.id}')", action.title, id=action.id, tooltip=action.help)
        for action in actions
    ]


def with_keys(kind: type[Place], actions: Sequence[Action]) -> type[Place]:
    """The screen with these keys: the user's may differ from the table's."""
    here = actions_of(kind.place, actions)
    return type(kind.__name__, (kind,), {"BINDINGS": bindings_of(here), "actions": here})


class Place(Screen[None]):
    """A screen of the workbench."""

    place: ClassVar[str]
    actions: ClassVar[tuple[Action, ...]] = ()
    # Textual declares it without ClassVar. Three columns of numbers need the wide one (from 118 on mu and sigma are
    # whole), 80 columns are normal.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (118, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]  # noqa: RUF012
    AUTO_FOCUS = None
    _waiting = False

    def compose(self) -> ComposeResult:
        """Top line, panels, keys."""
        yield Said("top")
        yield from self.panels()
        yield Said("keys")

    def panels(self) -> ComposeResult:
        """The panels of the screen."""
        raise NotImplementedError

    def show(self, shown: Shown) -> None:
        """Shows the state."""
        raise NotImplementedError

    def refresh_from(self, shown: Shown) -> None:
        """Shows the state, frame included; does nothing before the panels are there, and when they go."""
        if not self.is_mounted or not self.query("#keys"):
            return
        width = self.app.size.width
        busy = shown.news is not None and shown.news.running
        # At the end of the app they go one after the other, and a job may still have news.
        with suppress(NoMatches):
            self.query_one("#top", Said).say(top_line(self.place, TITLES, shown, width))
            self.query_one("#keys", Said).say(key_line(self.actions, width, busy=busy))
            self.show(shown)

    def scroll_lines(self, lines: int) -> None:
        """Moves what does not fit by some lines; what fits stays."""
        for page in self.query(".page").results(VerticalScroll):
            page.scroll_relative(y=lines, animate=False)

    def on_screen_resume(self) -> None:
        """What changed while another screen was on top."""
        # Textual leaves what is to be done after a refresh to the screen on top, and forgets it with a dialog.
        self._waiting = False
        self.refresh_from(self.showing.shown)
        self.showing.check_size()

    def on_resize(self, _event: events.Resize) -> None:
        """Everything that is as wide as the screen is written anew."""
        self._show_again_soon()

    def on_panel_resized(self, message: Panel.Resized) -> None:
        """A panel has other room, mostly several at once."""
        message.stop()
        self._show_again_soon()

    def _show_again_soon(self) -> None:
        if not self._waiting:
            self._waiting = True
            self.call_after_refresh(self._show_again)

    def _show_again(self) -> None:
        self._waiting = False
        self.refresh_from(self.showing.shown)

    @property
    def showing(self) -> Showing:
        """The app. Raises TypeError for one that has nothing to show."""
        app = self.app
        if not hasattr(app, "shown"):
            raise TypeError(app)
        return app  # type: ignore[return-value]

    def panel(self, name: str) -> Panel:
        """One of the panels."""
        return self.query_one(f"#{name}", Panel)
