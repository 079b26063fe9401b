"""ASCII for terminals and fonts that have nothing else: every other character of the screen becomes one of it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
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
    found, width = "".join(_one(character) for character in text), cell_len(text)
    # Some characters are narrower together than each for itself.
    return found[:width].ljust(width)


def _one(character: str) -> str:
    if character.isascii():
        return character
    if character in _ASCII:
        return _ASCII[character]
    # é is e; what has no letter below it is a question mark for each of its cells, and so is the second cell.
    base, width = unicodedata.normalize("NFKD", character)[:1], cell_len(character)
    return (base if base.isascii() and base.isprintable() else "?")[:width].ljust(width, "?")


class PlainCharacters(LineFilter):
    """Applied to every line before it is sent."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII."""
        return [Segment(plain(text), style, control) for text, style, control in segments]
