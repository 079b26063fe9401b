"""ASCII for terminals and fonts that have nothing else: every other character of the screen becomes one of it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ASCII: Final = {
    **dict.fromkeys("─━╌╍┄┅═▔▁⎯", "-"),
    **dict.fromkeys("│┃┆┇║▌▐▏▕▎▍▊", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛╔╗╚╝", "+"),
    **dict.fromkeys("█▇▆▅▓", "#"),
    **dict.fromkeys("▄▃▂▀▒", "="),
    **dict.fromkeys("░", ":"),
    "▸": ">",
    "●": "*",
    "◆": "*",
    "✓": "+",
    "✗": "x",
    "·": ".",
    "•": ".",
    "…": "~",
    "−": "-",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "’": "'",
    "×": "x",
    "±": "~",
    "≤": "<",
    "≥": ">",
    "α": "a",
    "μ": "m",
    "σ": "s",
    "Δ": "d",
    "↑": "^",
    "↓": "v",
    "▲": "^",
    "▼": "v",
    "→": ">",
}


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The text in ASCII, as many cells wide as it was."""
    if text.isascii():
        return text
    return "".join(_one(character) for character in text)


def _one(character: str) -> str:
    if character.isascii():
        return character
    if character in _ASCII:
        return _ASCII[character]
    # é is e; what has no letter below it, or takes two cells, is a question mark for each of them.
    base = unicodedata.normalize("NFKD", character)[:1]
    if base.isascii() and base.isprintable():
        return base
    if unicodedata.combining(character):
        return ""
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


class PlainCharacters(LineFilter):
    """Applied to every line before it is sent."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII."""
        return [Segment(plain(text), style, control) for text, style, control in segments]
