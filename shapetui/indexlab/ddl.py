"""Reads index definitions from an SQL file: statements CREATE INDEX and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from psycopg import sql

from shapetui.indexlab.lexing import Piece, Unfinished, statements
from shapetui.indexlab.own_queries import RawSql, read_sql, refuse

# The original's three indexes, correct.
BUNDLED: Final = Path(__file__).with_name("phase-2-indexes.sql")
_FORMAT: Final = 'a statement is: CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] "NAME" ON "TABLE" (…) …;'


@dataclass(frozen=True)
class IndexDefinition:
    """One statement. `schema` is empty where the table's name has none; `tail` begins behind the table's name."""

    name: str
    table: str
    schema: str
    unique: bool
    tail: str
    place: str

    def create(self, concurrently: bool = True, table: sql.Composable | None = None) -> sql.Composed:
        """The statement that builds it, on another table where one is given."""
        named = sql.Identifier(self.schema, self.table) if self.schema else sql.Identifier(self.table)
        return sql.SQL("CREATE {}INDEX {}{} ON {} ").format(
            sql.SQL("UNIQUE " if self.unique else ""),
            sql.SQL("CONCURRENTLY " if concurrently else ""),
            sql.Identifier(self.name),
            table or named,
        ) + RawSql(self.tail)


def read_definitions(path: Path) -> list[IndexDefinition]:
    """The indexes of a file, in order. Raises DocumentError naming file and line for anything else in it."""
    text = read_sql(path)
    try:
        found = [_Reader(path, pieces).definition() for pieces in statements(text)]
    except Unfinished as error:
        refuse(path, error.line, f"{error.what} has no end", _FORMAT)
    if not found:
        refuse(path, 1, "there is no CREATE INDEX in it", _FORMAT)
    seen: dict[str, IndexDefinition] = {}
    for definition in found:
        if definition.name in seen:
            first = seen[definition.name].place
            _refuse_at(definition.place, f"the index {definition.name} was defined before ({first})", "rename one")
        seen[definition.name] = definition
    return found


def _refuse_at(place: str, what: str, hint: str) -> NoReturn:
    path, _, line = place.rpartition(": line ")
    refuse(Path(path), int(line), what, hint)


class _Reader:
    """Walks through one statement."""

    def __init__(self, path: Path, pieces: list[Piece]) -> None:
        self._path = path
        self._all = pieces
        self._solid = [index for index, piece in enumerate(pieces) if not piece.blank]
        self._next = 0

    def definition(self) -> IndexDefinition:
        """The index that the statement defines."""
        line = self._all[0].line
        if not self._word("CREATE"):
            self._refuse(f"{self._seen()} is not CREATE INDEX: nothing else is carried out from this file")
        unique = self._word("UNIQUE")
        if not self._word("INDEX"):
            self._refuse(f"CREATE {self._seen()} is not CREATE INDEX: nothing else is carried out from this file")
        self._word("CONCURRENTLY")
        if self._word("IF") and not (self._word("NOT") and self._word("EXISTS")):
            self._refuse("IF is followed by NOT EXISTS here")
        if self._at("ON"):
            self._refuse("the index has no name, so it could not be taken back")
        name = self._name("the name of the index")
        if not self._word("ON"):
            self._refuse(f"ON was expected and {self._seen()} found")
        if self._word("ONLY"):
            self._refuse("an index ON ONLY a table is not supported")
        schema, table = "", self._name("the name of the table")
        if self._symbol("."):
            schema, table = table, self._name("the name of the table")
        if not (self._at("USING") or self._peek() == "("):
            self._refuse(f"( was expected and {self._seen()} found")
        # Comments go; a psycopg statement without parameters takes % as it is.
        rest = self._all[self._solid[self._next] :]
        tail = "".join(" " if piece.kind == "comment" else piece.text for piece in rest)
        return IndexDefinition(name, table, schema, unique, tail, f"{self._path}: line {line}")

    def _piece(self) -> Piece | None:
        return self._all[self._solid[self._next]] if self._next < len(self._solid) else None

    def _peek(self) -> str:
        piece = self._piece()
        return piece.text if piece is not None else ""

    def _seen(self) -> str:
        return self._peek()[:30] or "the end of the statement"

    def _at(self, word: str) -> bool:
        piece = self._piece()
        return piece is not None and piece.is_word(word)

    def _word(self, word: str) -> bool:
        if found := self._at(word):
            self._next += 1
        return found

    def _symbol(self, symbol: str) -> bool:
        if found := self._peek() == symbol:
            self._next += 1
        return found

    def _name(self, what: str) -> str:
        piece = self._piece()
        if piece is None or piece.kind not in ("word", "identifier"):
            self._refuse(f"{what} was expected and {self._seen()} found")
        self._next += 1
        return piece.name

    def _refuse(self, what: str) -> NoReturn:
        piece = self._piece() or self._all[-1]
        refuse(self._path, piece.line, what, _FORMAT)
