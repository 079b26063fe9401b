"""Which columns of the tables at hand are filled, and the encoder that turns Arrow batches into binary COPY."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pgpq
import psycopg
import pyarrow as pa
from psycopg import sql

from shapetui.database.catalogue import Column, columns, enum_labels, enum_type
from shapetui.database.ddl import enums_of_ours
from shapetui.database.tables import CHAT_TABLES, TableNames
from shapetui.errors import DatabaseError
from shapetui.generation.batches import Batch

Connection = psycopg.Connection[Any]

_TEXT: Final = frozenset({"text", "varchar", "bpchar", "citext"})
_TIME: Final = frozenset({"timestamp", "timestamptz"})
_WHOLE: Final = {"int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64()}
_TIME_ROLES: Final = frozenset(
    {"created_at", "updated_at", "last_message_at", "joined_at", "last_read_at", "weekly_reset"}
)
# Without these a row would mean nothing; every other known column may be missing.
_NEEDED: Final = {
    CHAT_TABLES.users: ("id",),
    CHAT_TABLES.conversations: ("id", "type", "created_at"),
    CHAT_TABLES.members: ("user", "conversation"),
    CHAT_TABLES.messages: ("id", "content", "type", "created_at", "sender", "conversation"),
    CHAT_TABLES.attachments: ("id",),
}


@dataclass(frozen=True)
class TableColumns:
    """The columns of one table that are filled: roles in the order of the COPY, and their Arrow types."""

    names: TableNames
    roles: tuple[str, ...]
    types: tuple[pa.DataType | None, ...]

    def copy_statement(self) -> sql.Composed:
        """`COPY table (columns) FROM STDIN (FORMAT BINARY)`."""
        listed = sql.SQL(", ").join(self.names[role] for role in self.roles)
        return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(self.names.identifier, listed)

    def record_batch(self, batch: Batch) -> pa.RecordBatch:
        """The filled columns of a batch."""
        arrays = [
            array if wanted is None else array.cast(wanted)
            for role, wanted in zip(self.roles, self.types, strict=True)
            for array in (batch.columns[role](),)
        ]
        return pa.RecordBatch.from_arrays(arrays, list(self.roles))


class Encoder:
    """Binary COPY of the batches of one statement: `encode` each of them, then `finish`."""

    def __init__(self, table: TableColumns) -> None:
        self._table = table
        self._encoder: pgpq.ArrowToPostgresBinaryEncoder | None = None

    def encode(self, batch: Batch) -> bytes:
        """Bytes to send now: with the header first, and possibly none, for pgpq keeps back small batches."""
        record_batch = self._table.record_batch(batch)
        if self._encoder is None:
            self._encoder = pgpq.ArrowToPostgresBinaryEncoder(record_batch.schema)
            return bytes(self._encoder.write_header()) + self._encoder.write_batch(record_batch)
        return bytes(self._encoder.write_batch(record_batch))

    def finish(self) -> bytes:
        """What was kept back, and the mark that ends the stream; nothing when nothing was encoded."""
        return bytes(self._encoder.finish()) if self._encoder is not None else b""


def resolve_columns(connection: Connection) -> dict[str, TableColumns]:
    """Per table (by its name) what will be filled.

    Raises DatabaseError, before anything is written, for a missing table or column, for a type that cannot be
    filled, and for an unknown NOT NULL column without a default, all of them listed.
    """
    resolved, problems = {}, []
    for names in CHAT_TABLES.all():
        found = columns(connection, names.name)
        if not found:
            problems.append(f'table "{names.name}" does not exist')
            continue
        roles = {role: found[column] for role, column in names.columns.items() if column in found}
        known = {column.name for column in roles.values()}
        problems += [
            f'"{names.name}" has no column "{names.columns[role]}"' for role in _NEEDED[names] if role not in roles
        ]
        problems += [
            f'"{names.name}"."{column.name}" is NOT NULL, has no default and is unknown to shapetui'
            for column in found.values()
            if column.name not in known and not column.may_be_left_out
        ]
        types = []
        for role, column in roles.items():
            supported, wanted = _arrow_type(role, column)
            types.append(wanted)
            if not supported:
                problems.append(
                    f'"{names.name}"."{column.name}" has the type {column.type_name}, which is not supported'
                )
        resolved[names.name] = TableColumns(names, tuple(roles), tuple(types))
    if problems:
        raise DatabaseError(
            "the chat tables cannot be filled: " + "; ".join(problems),
            "give unknown columns a default, or use a database of its own for the synthetic data (shapetui init-db)",
        )
    return resolved


def _arrow_type(role: str, column: Column) -> tuple[bool, pa.DataType | None]:
    if role in _TIME_ROLES:
        return column.type_name in _TIME, None
    if role == "size":
        return column.type_name in _WHOLE, _WHOLE.get(column.type_name)
    return column.is_enum or column.type_name in _TEXT, None


def missing_labels(connection: Connection, wanted: dict[TableNames, set[str]]) -> dict[TableNames, list[str]]:
    """Labels that the enum of a table's `type` column lacks, per table; not of enums of ours, which get them."""
    ours = enums_of_ours(connection)
    missing = {}
    for names, labels in wanted.items():
        kind = enum_type(connection, names.name, names.columns["type"])
        present = enum_labels(connection, names.name, names.columns["type"])
        if kind not in ours and present is not None and (absent := sorted(labels - set(present))):
            missing[names] = absent
    return missing
