"""The two widgets that most screens are made of: a text, and a framed text. Only rows that changed are sent again."""

from __future__ import annotations

from itertools import zip_longest

from rich.text import Text
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget


class Said(Widget):
    """A text of which only the rows that have changed are sent again: over SSH every kilobyte is felt."""

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
        if text == self._said:
            return
        self._said = text
        drawn, self_size = self._render_cache, self.size
        if not self.is_mounted or self._dirty_regions or drawn.size != self_size:
            # What is on the terminal is not what was drawn last.
            self.refresh()
            return
        self._layout_cache.clear()
        self._render_content()
        blank = Strip.blank(self_size.width, self.visual_style.rich_style)
        pairs = zip_longest(drawn.lines, self._render_cache.lines, fillvalue=blank)
        rows = [Region(0, y, self_size.width, 1) for y, (old, new) in enumerate(pairs) if old != new]
        if rows:
            self.refresh(*rows)

    def say_at_length(self, text: Text) -> None:
        """Shows a text that the widget grows and shrinks with."""
        if text.plain.count("\n") == self._said.plain.count("\n"):
            self.say(text)
        else:
            self._said = text
            self.refresh(layout=True)

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
