"""Which index can do all that another can: read from their definitions as the catalogue writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shapetui.documents.baseline import IndexFacts
from shapetui.indexlab.lexing import Piece, Unfinished, pieces


@dataclass(frozen=True)
class Definition:
    """An index in parts. `keys`: expression (with collation and operator class) and direction, in order.

    Directions are `ASC NULLS LAST` written out, so that equal ones are equal. `rest`: predicate and options.
    """

    table: str
    method: str
    unique: bool
    keys: tuple[tuple[str, str], ...]
    included: frozenset[str]
    rest: str


def read_definition(index: IndexFacts) -> Definition | None:
    """The parts of `pg_get_indexdef`; None for what cannot be read."""
    try:
        words = [piece for piece in pieces(index.definition) if not piece.blank]
    except Unfinished:
        return None
    using = next((place for place, piece in enumerate(words) if piece.is_word("USING")), None)
    if using is None or using + 2 >= len(words) or words[using + 2].text != "(":
        return None
    unique = any(piece.is_word("UNIQUE") for piece in words[:using])
    keys, place = _list(words, using + 2)
    included: frozenset[str] = frozenset()
    if place + 1 < len(words) and words[place].is_word("INCLUDE") and words[place + 1].text == "(":
        found, place = _list(words, place + 1)
        included = frozenset(_text(entry) for entry in found)
    return Definition(
        table=index.table,
        method=words[using + 1].name,
        unique=unique,
        keys=tuple(map(_key, keys)),
        included=included,
        # How full pages are and where they lie changes nothing that an index can do.
        rest=_text(_predicate(words[place:])),
    )


def covered_by(index: IndexFacts, others: Sequence[IndexFacts]) -> IndexFacts | None:
    """The first of the others that answers whatever `index` answers; a unique index forbids something and stays."""
    one = read_definition(index)
    if one is None or one.unique:
        return None
    for other in others:
        if other.name == index.name or other.table != index.table or not other.valid:
            continue
        found = read_definition(other)
        if found is not None and _covers(found, one):
            return other
    return None


def sorted_otherwise(index: IndexFacts, others: Sequence[IndexFacts]) -> IndexFacts | None:
    """The first of the others with the same columns in other directions.

    Where all columns but the last are compared with `=`, both give the same order, one of them read backward.
    """
    one = read_definition(index)
    for other in others:
        if one is None or one.unique or other.name == index.name or other.table != index.table or not other.valid:
            continue
        found = read_definition(other)
        if (
            found is not None
            and (found.method, found.rest) == (one.method, one.rest)
            and [key for key, _ in found.keys] == [key for key, _ in one.keys]
            and found.keys != one.keys
        ):
            return other
    return None


def _covers(wide: Definition, narrow: Definition) -> bool:
    if (wide.method, wide.rest) != (narrow.method, narrow.rest):
        return False
    if wide.method != "btree":
        return (wide.keys, wide.included) == (narrow.keys, narrow.included)
    first = wide.keys[: len(narrow.keys)]
    # Read backwards, an index gives the opposite order of all its columns.
    if first not in (narrow.keys, tuple((key, _OPPOSITE[way]) for key, way in narrow.keys)):
        return False
    return narrow.included <= wide.included | {key for key, _ in wide.keys}


_OPPOSITE = {
    "ASC NULLS LAST": "DESC NULLS FIRST",
    "DESC NULLS FIRST": "ASC NULLS LAST",
    "ASC NULLS FIRST": "DESC NULLS LAST",
    "DESC NULLS LAST": "ASC NULLS FIRST",
}


def _list(words: Sequence[Piece], opening: int) -> tuple[list[list[Piece]], int]:
    """(the entries of a list in brackets, the place behind it)."""
    entries: list[list[Piece]] = [[]]
    depth = 0
    for place in range(opening, len(words)):
        piece = words[place]
        depth += {"(": 1, ")": -1}.get(piece.text, 0)
        if depth == 0:
            return entries, place + 1
        if piece.text == "," and depth == 1:
            entries.append([])
        elif place != opening:
            entries[-1].append(piece)
    return entries, len(words)


def _key(entry: list[Piece]) -> tuple[str, str]:
    """(what is indexed, in which direction)."""
    descending = first = last = False
    kept = list(entry)
    while kept and kept[-1].text in ("ASC", "DESC", "NULLS", "FIRST", "LAST"):
        word = kept.pop().text
        descending, first, last = descending or word == "DESC", first or word == "FIRST", last or word == "LAST"
    nulls_first = first or (descending and not last)
    return _text(kept), f"{'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


def _predicate(words: Sequence[Piece]) -> Sequence[Piece]:
    """What is left of the definition without storage parameters and tablespace."""
    where = next((place for place, piece in enumerate(words) if piece.is_word("WHERE")), len(words))
    nulls = any(piece.is_word("NULLS") for piece in words[:where])
    return [*(words[:1] if nulls else []), *words[where:]]


def _text(words: Sequence[Piece]) -> str:
    return " ".join(piece.name if piece.kind == "identifier" else piece.text for piece in words)
