"""The dialogs: a form of a few lines, a list to choose from, a text to read, and the notice of too small a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from shapetui.tui.texts.words import visible

Result = TypeVar("Result")

# Of `.dialog.tall` in the style sheet.
WIDEST: Final = 100
_KEYS = "enter accepts, tab goes on, escape leaves all as it is"
_ONE = "enter accepts, escape leaves all as it is"


@dataclass(frozen=True)
class Line:
    """One line of a form: what it is called, what stands in it, what is wrong with a text (empty = nothing)."""

    name: str
    title: str
    value: str = ""
    refuse: Callable[[str], str] = lambda _text: ""


class Field(Input):
    """A line to type in that keeps the order of keys.

    Textual inserts characters when the line gets them, but does what backspace means only after that key has gone
    up to the app: of keys that arrive together, as over a slow link, the characters come first.
    """

    _ACTIONS: ClassVar[dict[str, str]] = {
        key.strip(): binding.action
        for binding in Input.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }

    async def _on_key(self, event: events.Key) -> None:
        action = self._ACTIONS.get(event.key)
        if action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(action)


class Dialog(ModalScreen[Result]):
    """What all dialogs share: they end once, however often the key is pressed that ends them."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """As Textual's, which would take the next screen away when the key comes a second time."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)


class Looking(Dialog[None]):
    """Stands while something is looked at, so that keys typed ahead are no commands; escape gives up waiting."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "give up")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.left = False

    def compose(self) -> ComposeResult:
        """One sentence."""
        with Vertical(classes="dialog") as box:
            box.border_subtitle = Text("escape gives up waiting")
            yield Static(Text(visible(self._text)))

    def action_leave(self) -> None:
        """Nobody waits any more."""
        self.left = True
        self.dismiss()


class Form(Dialog[dict[str, str] | None]):
    """Asks for a few lines of text; escape gives None. What a line's `refuse` objects to is not accepted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel"),
        # With priority, or what is typed right behind them would still go to the line before.
        Binding("tab,down", "app.focus_next", "next", priority=True),
        Binding("shift+tab,up", "app.focus_previous", "previous", priority=True),
    ]

    def __init__(self, title: str, explanation: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._title, self._explanation, self._lines = title, explanation, tuple(lines)

    def compose(self) -> ComposeResult:
        """A box with the question, its lines and room for an objection."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text(visible(self._title))
            box.border_subtitle = Text(_KEYS if len(self._lines) > 1 else _ONE)
            if self._explanation:
                yield Static(Text(visible(self._explanation)), classes="explanation")
            for line in self._lines:
                if line.title:
                    yield Static(Text(visible(line.title), "dim"))
                field = Field(line.value, id=f"line-{line.name}", select_on_focus=False)
                # A blinking cursor costs 2.5 KB a second over SSH.
                field.cursor_blink = False
                yield field
            yield Static("", id="objection")

    def on_mount(self) -> None:
        """The cursor stands behind what is there."""
        for field in self.query(Input):
            field.cursor_position = len(field.value)
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Accepts all lines, or objects to the first that is wrong."""
        event.stop()
        values = {line.name: self.query_one(f"#line-{line.name}", Input).value.strip() for line in self._lines}
        for line in self._lines:
            if objection := line.refuse(values[line.name]):
                self.query_one("#objection", Static).update(Text(visible(objection), "bold red"))
                self.query_one(f"#line-{line.name}", Input).focus()
                return
        self.dismiss(values)

    def action_leave(self) -> None:
        """Nothing was said."""
        self.dismiss(None)


def ask(title: str, explanation: str, value: str = "", refuse: Callable[[str], str] = lambda _text: "") -> Form:
    """A form of one line, named `said`."""
    return Form(title, explanation, [Line("said", "", value, refuse)])


class Choose(Dialog[int | None]):
    """A list; enter gives the index of the chosen line, escape None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "leave", "close"),
        Binding("j", "down", "down"),
        Binding("k", "up", "up"),
    ]

    def __init__(self, title: str, lines: Sequence[Text]) -> None:
        super().__init__()
        self._title, self._lines = title, tuple(lines)

    def compose(self) -> ComposeResult:
        """One line per choice."""
        with Vertical(classes="dialog tall") as box:
            box.border_title = Text(visible(self._title))
            box.border_subtitle = Text("enter chooses, escape closes")
            yield OptionList(*(Option(line) for line in self._lines))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """It was chosen."""
        event.stop()
        self.dismiss(event.option_index)

    def action_down(self) -> None:
        """The next line."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The line before."""
        self.query_one(OptionList).action_cursor_up()

    def action_leave(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)


class Read(Dialog[None]):
    """A text to read; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,d,space", "dismiss", "close")]

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """A box that scrolls."""
        with VerticalScroll(classes="dialog tall") as box:
            box.border_title = Text(visible(self._title))
            box.border_subtitle = Text("escape closes")
            yield Static(self._text)


class TooSmall(ModalScreen[None]):
    """Says what size is needed; goes away by itself when there is room."""

    # What lies below has no room to be drawn in: torn pieces of it would only be in the way.
    DEFAULT_CSS = "TooSmall { background: $background; Static { text-align: center; } }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.act('quit')", "quit")]

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
