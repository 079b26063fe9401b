"""The dialog that shows what a parameter does to the checks; it stands while that is reckoned, and is filled then."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from shapetui.errors import PlanError
from shapetui.tui.dialogs import Dialog
from shapetui.tui.overlay import GLYPHS
from shapetui.tui.texts.sensitivity import panel
from shapetui.tui.texts.words import visible
from shapetui.workbench.solving import Stopped

if TYPE_CHECKING:
    from shapetui.workbench.sensitivity import Sensitivity


class Over(Dialog[None]):
    """The checks over a range of one parameter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,p,space", "dismiss", "close"),
        Binding("j", "scroll(1)", "down"),
        Binding("k", "scroll(-1)", "up"),
    ]
    DEFAULT_CSS = """
    Over { align: center middle; background: transparent; }
    Over VerticalScroll {
        width: 100; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; scrollbar-size-vertical: 1;
        border: round $primary; background: $surface; border-subtitle-color: $text-muted;
    }
    """

    def __init__(self, key: str, look: Callable[[], Coroutine[Any, Any, Sensitivity]], glyphs: str) -> None:
        super().__init__()
        self._key, self._look, self._glyphs = key, look, GLYPHS[glyphs]
        self._found: Sensitivity | None = None
        self._said = Text("reckoning …", "dim")

    def compose(self) -> ComposeResult:
        """A box that scrolls."""
        with VerticalScroll() as box:
            box.border_title = Text(f"{visible(self._key)}: where the checks pass")
            box.border_subtitle = Text("escape closes")
            yield Static(self._said)

    def on_mount(self) -> None:
        """The reckoning begins."""
        self.run_worker(self._fill(), exclusive=True)

    async def _fill(self) -> None:
        try:
            self._found = await self._look()
        except Stopped:
            return
        except PlanError as error:
            self._said = Text(visible(f"{error.message}: {error.hint}" if error.hint else error.message), "bold red")
        self._say()

    def on_resize(self) -> None:
        """It is drawn for the room that there is."""
        self._say()

    def _say(self) -> None:
        if not self.is_mounted or self.app.screen is not self:
            return
        if self._found is not None:
            # Borders and padding; a cell for the bar beside it.
            width, height = min(self.size.width, 100) - 5, self.size.height - 2
            self._said = panel(self._found, width, height, self._glyphs)
        self.query_one(Static).update(self._said)

    def action_scroll(self, lines: int) -> None:
        """Moves what does not fit."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
