"""Queries of the user's own from an SQL file, with comments that say what each is called and where its values are from:

    -- name: Images of a room
    -- param :room from conversations
    -- param :reader from users
    -- param :kind = 'IMAGE'
    -- target: 50 ms
    SELECT id FROM messages WHERE "conversationId" = :room AND type = :kind AND "senderId" <> :reader LIMIT 20;

`conversations` is the conversation of the stratum that is measured, `users` an active member of it. A query begins at
its `-- name:` and is one statement that only reads: the server is told so, and refuses anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from psycopg import sql

from shapetui.errors import DocumentError
from shapetui.indexlab.lexing import Piece, Unfinished, pieces
from shapetui.indexlab.queries import LabQuery, Source

LARGEST_FILE: Final = 1 << 20
_DIRECTIVE: Final = re.compile(r"--\s*(?P<what>name|param|target)\b\s*:?(?!\w)\s*(?P<rest>.*?)\s*$", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    r":?(?P<name>[a-z_]\w*)\s*(?:from\s+(?P<source>\w+)|=\s*(?P<value>.+))", re.IGNORECASE | re.ASCII
)
_SOURCES: Final[dict[str, Source]] = {"conversations": "conversations", "users": "users"}
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_TARGET: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:ms)?")
_READING: Final = ("SELECT", "WITH", "VALUES", "TABLE")
_FORMAT: Final = (
    "a query is:  -- name: WORDS,  then -- param :NAME from conversations (or users, or = VALUE),  then SQL"
)


@dataclass
class _Draft:
    """A query as it is read."""

    name: str
    line: int
    sources: dict[str, Source] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, int] = field(default_factory=dict)
    target: float | None = None
    body: list[Piece] = field(default_factory=list)


def read_queries(path: Path) -> list[LabQuery]:
    """The queries of a file, in order, as `own_1`, `own_2`, ... Raises DocumentError naming file and line."""
    text = read_sql(path)
    try:
        drafts = list(_drafts(path, text))
    except Unfinished as error:
        refuse(path, error.line, f"{error.what} has no end", _FORMAT)
    if not drafts:
        refuse(path, 1, "there is no query in it", _FORMAT)
    return [_finished(path, number, draft) for number, draft in enumerate(drafts, start=1)]


def read_sql(path: Path) -> str:
    """The text of an SQL file. Raises DocumentError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}", "mend its name, or say where it is") from None
    if len(content) > LARGEST_FILE:
        raise DocumentError(f"{path}: has more than 1 MB", "is this the file you mean?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        refuse(path, line, "not text in UTF-8", "save the file as UTF-8")
    if "\x00" in text:
        refuse(path, text[: text.index("\x00")].count("\n") + 1, "holds a zero byte", "is this the file you mean?")
    return text.replace("\r\n", "\n")


def refuse(path: Path, line: int, what: str, hint: str) -> NoReturn:
    """Raises DocumentError for a line of a file."""
    raise DocumentError(f"{path}: line {line}: {what}", hint)


def _drafts(path: Path, text: str) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for piece in pieces(text):
        directive = _DIRECTIVE.match(piece.text) if piece.kind == "comment" else None
        if directive is not None and directive["what"].lower() == "name":
            if draft is not None:
                yield draft
            if not 0 < len(directive["rest"]) <= 120:
                refuse(path, piece.line, "-- name: is followed by a name of 1 to 120 characters", _FORMAT)
            draft = _Draft(directive["rest"], piece.line)
        elif draft is None:
            if not piece.blank:
                refuse(path, piece.line, "SQL before the first -- name:", _FORMAT)
            if directive is not None:
                refuse(path, piece.line, f"-- {directive['what']} before the first -- name:", _FORMAT)
        elif directive is not None:
            _declare(path, piece.line, draft, directive["what"].lower(), directive["rest"])
        else:
            draft.body.append(piece)
    if draft is not None:
        yield draft


def _declare(path: Path, line: int, draft: _Draft, what: str, rest: str) -> None:
    if what == "target":
        found = _TARGET.fullmatch(rest)
        if found is None:
            refuse(path, line, f"the target {rest[:40]!r} is no time", "write -- target: 50 ms")
        draft.target = float(found[1])
        return
    parameter = _PARAMETER.fullmatch(rest)
    if parameter is None:
        refuse(path, line, f"-- param {rest[:60]!r} cannot be understood", _FORMAT)
    name = parameter["name"]
    if name in draft.declared:
        refuse(path, line, f":{name} was declared in line {draft.declared[name]} already", "give it another name")
    draft.declared[name] = line
    if parameter["source"] is not None:
        source = _SOURCES.get(parameter["source"].lower())
        if source is None:
            refuse(path, line, f"values do not come from {parameter['source']!r}", "say conversations or users")
        draft.sources[name] = source
    else:
        draft.constants[name] = _constant(path, line, parameter["value"])


def _constant(path: Path, line: int, text: str) -> Any:
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    refuse(path, line, f"the value {text[:40]!r} is neither a number nor a text in ' '", "write 20 or 'IMAGE'")


def _finished(path: Path, number: int, draft: _Draft) -> LabQuery:
    body = list(draft.body)
    while body and (body[-1].blank or body[-1].text == ";"):
        body.pop()
    while body and body[0].blank:
        body.pop(0)
    if not body:
        refuse(path, draft.line, f"the query {draft.name} has no SQL", _FORMAT)
    # "(" may open a SELECT, too.
    first = next((piece for piece in body if not piece.blank and piece.text != "("), body[0])
    if not any(first.is_word(word) for word in _READING):
        what = f"begins with {first.text[:20]}"
        refuse(path, first.line, f"the query {draft.name} {what}", "a query of one's own begins with SELECT or WITH")
    statement, used = _composed(path, draft, body)
    for name, line in draft.declared.items():
        if name not in used:
            refuse(path, line, f":{name} is nowhere in the query {draft.name}", "remove the parameter, or use it")
    return LabQuery(
        id=f"own_{number}",
        name=draft.name,
        statement=statement,
        parameters=draft.sources,
        target_ms=draft.target,
        constants=draft.constants,
        place=f"{path}: line {draft.line}",
    )


def _composed(path: Path, draft: _Draft, body: list[Piece]) -> tuple[sql.Composed, set[str]]:
    """(the statement with placeholders, the parameters that it has)."""
    parts: list[sql.Composable] = []
    used: set[str] = set()
    skip = False
    for piece, following in zip(body, [*body[1:], None], strict=True):
        if skip:
            skip = False
        elif piece.text == ";" and piece.kind == "symbol":
            refuse(path, piece.line, f"the query {draft.name} has more than one statement", "begin each with -- name:")
        elif piece.text == ":" and following is not None and _is_name(following):
            name = following.text
            if name not in draft.declared:
                hint = f"declare it: -- param :{name} from conversations"
                refuse(path, piece.line, f":{name} is used and not declared", hint)
            used.add(name)
            parts.append(sql.Placeholder(name))
            skip = True
        elif piece.kind == "comment":
            parts.append(sql.SQL(" "))
        else:
            # psycopg reads % as the begin of a placeholder, in quotes, too.
            parts.append(RawSql(piece.text.replace("%", "%%")))
    return sql.Composed(parts), used


def _is_name(piece: Piece) -> bool:
    """Not so in `array[1:2]`."""
    return piece.kind == "word" and not piece.text[0].isdigit()


class RawSql(sql.Composable):
    """A piece of the user's own SQL, as it stands in the file."""

    def as_bytes(self, context: Any = None) -> bytes:
        """The text for the server."""
        return str(self._obj).encode()

    def as_string(self, context: Any = None) -> str:
        """The text."""
        return str(self._obj)
