"""The few questions that are asked: a value, a database's name, a yes or no, and the list of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from shapetui.tui.actions import Action
from shapetui.tui.panels import visible


class Ask(ModalScreen[str | None]):
    """Asks for a line of text; escape gives None. A text that `refuse` objects to is not accepted."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]

    def __init__(
        self, title: str, explanation: str, value: str = "", refuse: Callable[[str], str] = lambda _text: ""
    ) -> None:
        super().__init__()
        self._title, self._explanation, self._value, self._refuse = title, explanation, value, refuse

    def compose(self) -> ComposeResult:
        """A box with the question, the line and room for an objection."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text(visible(self._title))
            yield Static(Text(visible(self._explanation)))
            field = Input(self._value, id="field")
            # A blinking cursor costs 2.5 KB a second over SSH.
            field.cursor_blink = False
            yield field
            yield Static("", id="objection")

    def on_mount(self) -> None:
        """The cursor stands behind what is there."""
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(self._value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Accepts or objects."""
        event.stop()
        if objection := self._refuse(event.value.strip()):
            self.query_one("#objection", Static).update(Text(objection, "bold red"))
        else:
            self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Nothing was said."""
        self.dismiss(None)


class Keys(ModalScreen[str | None]):
    """The keys of a place; choosing one runs it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "leave", "close")]

    def __init__(self, title: str, actions: tuple[Action, ...]) -> None:
        super().__init__()
        self._title, self._actions = title, actions

    def compose(self) -> ComposeResult:
        """One line per action."""
        with Vertical(classes="dialog tall") as box:
            box.border_title = Text(visible(self._title))
            yield OptionList(
                *(
                    Option(
                        Text.assemble((f"{action.shown_key:>7}  ", "bold"), f"{action.title:<18}", (action.help, "dim"))
                    )
                    for action in self._actions
                )
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Runs what was chosen."""
        event.stop()
        self.dismiss(self._actions[event.option_index].name)

    def action_leave(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)


class TooSmall(ModalScreen[None]):
    """Says what size is needed; goes away by itself when there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.leave", "quit")]

    def __init__(self, least: tuple[int, int]) -> None:
        super().__init__()
        self._least = least
        self._gone = False

    def compose(self) -> ComposeResult:
        """One sentence, as short as the terminal is small."""
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        """As on a resize."""
        self._say()

    def on_resize(self, _event: Any) -> None:
        """The new size, or away."""
        self._say()

    def on_screen_resume(self) -> None:
        """The size may have changed while another screen was on top."""
        self._say()

    def _say(self) -> None:
        size, (width, height) = self.size, self._least
        if not self.is_mounted or self.app.screen is not self:
            return
        if size.width >= width and size.height >= height:
            if not self._gone:
                self._gone = True
                self.dismiss()
            return
        self.query_one(Static).update(
            Text(f"shapetui needs {width}×{height}\nthis is {size.width}×{size.height}", justify="center")
        )
