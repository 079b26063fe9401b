"""The two widgets that most screens are made of: a text, and a framed text."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget


class Said(Widget):
    """A text, drawn again only when it has changed."""

    def __init__(self, name: str, classes: str = "") -> None:
        super().__init__(id=name, classes=classes)
        self._said = Text()

    def render(self) -> Text:
        """The text."""
        return self._said

    @property
    def rows(self) -> int:
        """How many rows it has room for; at least one."""
        return max(1, self.content_size.height)

    def say(self, text: Text) -> None:
        """Shows a text; the widget keeps its size, so nothing else is laid out again."""
        if text != self._said:
            self._said = text
            self.refresh()

    def say_at_length(self, text: Text) -> None:
        """Shows a text that the widget grows and shrinks with."""
        grows = text.plain.count("\n") != self._said.plain.count("\n")
        if text != self._said:
            self._said = text
            self.refresh(layout=grows)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Neighbours of one style as one piece: each piece costs a terminal forty bytes for its colours."""
        return [strip.simplify() for strip in super().render_lines(crop)]


class Panel(Said):
    """A framed text, which is written for the room that it has."""

    class Resized(Message):
        """The room has changed, so the text is to be said anew."""

    def on_resize(self) -> None:
        """Its screen says it anew."""
        self.post_message(self.Resized())

    def __init__(self, title: str, name: str) -> None:
        super().__init__(name, "panel")
        self.border_title = title
        self._entitled = (title, "")

    def entitle(self, title: str, note: str = "") -> None:
        """Title above and note below, only when they have changed: each sends the whole panel."""
        if (title, note) != self._entitled:
            self._entitled = (title, note)
            self.border_title, self.border_subtitle = Text(title), Text(note)
