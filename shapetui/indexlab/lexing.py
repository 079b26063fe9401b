"""SQL cut into pieces, just well enough to see statements, comments and quoted text: nothing is parsed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["word", "space", "comment", "quoted", "identifier", "cast", "symbol"]

_PIECE: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>--[^\n]*)
      | (?P<quoted>[eE]'(?:[^'\\]|\\.|'')*' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'
          | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)
      | (?P<identifier>"(?:[^"]|"")+")
      | (?P<word>[\w$]+)
      | (?P<cast>::)
      | (?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")


@dataclass(frozen=True)
class Piece:
    """A stretch of SQL, and the line (from 1) on which it begins."""

    kind: Kind
    text: str
    line: int

    def is_word(self, word: str) -> bool:
        """Whether it is this key word, in any case."""
        return self.kind == "word" and self.text.upper() == word

    @property
    def name(self) -> str:
        """What an identifier means: quoted as written, otherwise in small letters."""
        return self.text[1:-1].replace('""', '"') if self.kind == "identifier" else self.text.lower()

    @property
    def blank(self) -> bool:
        """Whether the server would skip it."""
        return self.kind in ("space", "comment")


class Unfinished(Exception):
    """A quote or a comment that never ends; `line` is where it begins."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def pieces(text: str, line: int = 1) -> Iterator[Piece]:
    """All of a text, piece by piece, nothing left out. Raises Unfinished."""
    place = 0
    while place < len(text):
        if text.startswith("/*", place):
            end = _end_of_comment(text, place, line)
            kind: Kind = "comment"
        else:
            match = _PIECE.match(text, place)
            # The last alternative takes any character, so there is always a match.
            kind, end = (_kind(match), match.end()) if match is not None else ("symbol", place + 1)
            if kind == "symbol" and text[place] in "'\"":
                raise Unfinished(f"the quote {text[place]}", line)
        piece = Piece(kind, text[place:end], line)
        yield piece
        line += piece.text.count("\n")
        place = end


def _kind(match: re.Match[str]) -> Kind:
    kinds: tuple[Kind, ...] = ("space", "comment", "quoted", "identifier", "word", "cast")
    for kind in kinds:
        if match[kind] is not None:
            return kind
    return "symbol"


def _end_of_comment(text: str, place: int, line: int) -> int:
    """Comments nest in PostgreSQL."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, place):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    raise Unfinished("the comment /*", line)


def statements(text: str) -> list[list[Piece]]:
    """The statements of a text, split at `;`, without blank ends; empty ones are left out. Raises Unfinished."""
    found: list[list[Piece]] = []
    current: list[Piece] = []
    for piece in (*pieces(text), Piece("symbol", ";", 0)):
        if piece.kind == "symbol" and piece.text == ";":
            while current and current[0].blank:
                current.pop(0)
            while current and current[-1].blank:
                current.pop()
            if current:
                found.append(current)
            current = []
        else:
            current.append(piece)
    return found
