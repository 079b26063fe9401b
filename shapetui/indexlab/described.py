"""Indexes as the catalogue describes them, column by column; and those to be built, described the same way.

An index that does not exist yet is made on an empty copy of its table inside a transaction that is rolled back: so the
server itself says whether the statement is right and what it means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.errors import DatabaseError
from shapetui.indexlab.ddl import IndexDefinition

Connection = psycopg.Connection[Any]

_PROBE: Final = "shapetui_index_probe"
_COLUMNS: Final = """
    SELECT i.relname, t.relname, m.amname, x.indisunique, x.indisvalid,
           ARRAY(SELECT pg_get_indexdef(i.oid, k, true) || CASE WHEN m.amname = 'btree' THEN '' ELSE ' ' || m.amname END
                 FROM generate_series(1, x.indnkeyatts) k ORDER BY k),
           ARRAY(SELECT o::int FROM unnest(x.indoption) WITH ORDINALITY o (o, n) ORDER BY n),
           ARRAY(SELECT c::text FROM unnest(x.indclass) WITH ORDINALITY c (c, n) ORDER BY n),
           ARRAY(SELECT c::text FROM unnest(x.indcollation) WITH ORDINALITY c (c, n) ORDER BY n),
           ARRAY(SELECT pg_get_indexdef(i.oid, k, true) FROM generate_series(x.indnkeyatts + 1, x.indnatts) k),
           coalesce(pg_get_expr(x.indpred, x.indrelid), ''), pg_get_indexdef(i.oid),
           EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')),
           pg_relation_size(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_am m ON m.oid = i.relam
"""


@dataclass(frozen=True)
class Described:
    """One index.

    Attributes:
        columns: its keys, columns or expressions. `options`: of each, bit 0 = descending, bit 1 = nulls first.
        classes: operator class and collation of each key.
        included: columns that it only carries. `predicate`: of a partial one, else empty.
    """

    name: str
    table: str
    method: str
    unique: bool
    valid: bool
    columns: tuple[str, ...]
    options: tuple[int, ...]
    classes: tuple[tuple[str, str], ...]
    included: frozenset[str]
    predicate: str
    definition: str
    constraint: bool
    bytes: int

    @property
    def sorted_by(self) -> tuple[tuple[str, int, tuple[str, str]], ...]:
        """Its keys with direction and order."""
        return tuple(zip(self.columns, self.options, self.classes, strict=True))

    def same_as(self, other: Described) -> bool:
        """Whether both are the same but for their names."""
        return (
            (self.method, self.unique, self.sorted_by) == (other.method, other.unique, other.sorted_by)
            and self.included == other.included
            and self.predicate == other.predicate
        )


def existing(connection: Connection, table: str) -> list[Described]:
    """The indexes of a table in the current schema, by name."""
    where = (
        " WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relname = %s ORDER BY i.relname"
    )
    return [_described(row) for row in connection.execute(_COLUMNS + where, [table]).fetchall()]


def found(connection: Connection, name: str) -> Described | None:
    """The index of a name in the current schema."""
    where = " WHERE i.relnamespace = to_regnamespace(quote_ident(current_schema())) AND i.relname = %s"
    row = connection.execute(_COLUMNS + where, [name]).fetchone()
    return _described(row) if row is not None else None


def probed(connection: Connection, definitions: Iterable[IndexDefinition]) -> list[Described]:
    """What each definition means on its table. Raises DatabaseError naming the place of one that the server refuses."""
    return [_probe(connection, definition) for definition in definitions]


def _probe(connection: Connection, definition: IndexDefinition) -> Described:
    table = sql.Identifier("pg_temp", _PROBE)
    try:
        with connection.transaction(force_rollback=True):
            original = _table(connection, definition)
            connection.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {})").format(sql.Identifier(_PROBE), original))
            connection.execute(definition.create(concurrently=False, table=table))
            row = connection.execute(
                _COLUMNS + " WHERE t.oid = to_regclass(%s) AND i.relname = %s", [f"pg_temp.{_PROBE}", definition.name]
            ).fetchone()
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate[:2] in ("08", "57"):
            raise
        said = " ".join((error.diag.message_primary or type(error).__name__).split())
        raise DatabaseError(
            f"{definition.place}: the server refuses the index {definition.name}: {said}", "mend the statement"
        ) from None
    if row is None:
        raise DatabaseError(f"{definition.place}: the server made no index of {definition.name}", "mend the statement")
    described = _described(row)
    words = f"ON {_PROBE} "
    tail = described.definition.partition(" USING ")[2]
    head = "CREATE UNIQUE INDEX" if described.unique else "CREATE INDEX"
    shown = f"{head} {_quoted(definition.name)} ON {_quoted(definition.table)} USING {tail}".replace(words, "")
    return Described(**{**described.__dict__, "table": definition.table, "definition": shown})


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def _table(connection: Connection, definition: IndexDefinition) -> sql.Identifier:
    """The table of a definition, which lies in the current schema. Raises DatabaseError."""
    row = connection.execute(
        "SELECT current_schema(), c.relkind FROM pg_class c WHERE c.relname = %s"
        " AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))",
        [definition.table],
    ).fetchone()
    if row is None or definition.schema not in ("", row[0]):
        named = f"{definition.schema}.{definition.table}" if definition.schema else definition.table
        raise DatabaseError(
            f"{definition.place}: there is no table {named} in the current schema",
            'names in capitals need quotes: "conversationId"',
        )
    if row[1] != "r":
        raise DatabaseError(
            f"{definition.place}: {definition.table} is no plain table: it can have no index built concurrently",
            "build the index on its partitions",
        )
    return sql.Identifier(row[0], definition.table)


def _described(row: tuple[Any, ...]) -> Described:
    name, table, method, unique, valid, columns, options, classes, collations, included, predicate, text, own, size = (
        row
    )
    return Described(
        name=name,
        table=table,
        method=method,
        unique=unique,
        valid=valid,
        columns=tuple(columns),
        options=tuple(options),
        classes=tuple(zip(classes, collations, strict=False))[: len(columns)],
        included=frozenset(included),
        predicate=predicate,
        definition=text,
        constraint=own,
        bytes=size,
    )
