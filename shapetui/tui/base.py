"""Textual's app, with what differs for ours: nothing that a file or a server said is markup, errors print no values,
glyphs may be plain ASCII.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel

from shapetui.tui.plain import PlainCharacters
from shapetui.tui.texts.words import visible
from shapetui.tui.thin import ThinDriver


class BaseApp(App[int]):
    """What any app of ours would do otherwise than Textual does. `ascii`: everything is drawn in ASCII."""

    # The table of actions has a key for it; Textual's own would open it over dialogs, too.
    ENABLE_COMMAND_PALETTE = False
    animation_level = "none"
    ascii = False

    def __init__(self) -> None:
        super().__init__()
        self.use_command_palette = True
        # Not where something else asked for a driver of its own (textual-serve).
        if self.driver_class is LinuxDriver:
            self.driver_class = ThinDriver
        self.animation_level = "none"

    def _fatal_error(self) -> None:
        """An error that nobody foresaw ends the app; `open_workbench` raises it, for the log.

        Textual would print it with the values of all variables, connection strings among them.
        """
        self.bell()
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """What ended the app, if it was an error that nobody foresaw."""
        return self._exception

    def pop_screen(self) -> AwaitComplete:
        """As Textual's; a palette that ends twice, as enter was pressed twice, does not take the last screen away."""
        return super().pop_screen() if len(self.screen_stack) > 1 else AwaitComplete()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """As Textual's; with ASCII glyphs everything is drawn in ASCII."""
        found = super().get_line_filters()
        return [*found, PlainCharacters()] if self.ascii else found

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """As Textual's, but what a file or a server said is shown as it is: no markup is read, nothing steers."""
        shown = "\n".join(visible(line) for line in message.split("\n"))
        super().notify(shown, title=visible(title), severity=severity, timeout=timeout, markup=markup)
