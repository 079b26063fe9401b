"""Redundant and useless indexes are named before anything is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.documents.applied import AppliedIndex
from shapetui.indexlab.apply import plan
from shapetui.indexlab.ddl import read_definitions

PREPARE = (
    "CREATE TABLE rows (id int PRIMARY KEY, room int, at int, flag boolean NOT NULL, text text)",
    "INSERT INTO rows SELECT n, n % 50, n, false, 'x' FROM generate_series(1, 1000) n",
    "CREATE INDEX rows_room_at ON rows (room, at)",
    "CREATE INDEX rows_text ON rows (text) INCLUDE (room)",
    "CREATE INDEX rows_part ON rows (at) WHERE flag",
    "ANALYZE rows",
)


@pytest.fixture(scope="module")
def connection(server: EmbeddedServer) -> Iterator[psycopg.Connection[Any]]:
    """A table with some indexes."""
    server.ensure_database("redundancy")
    with psycopg.connect(server.conninfo("redundancy"), autocommit=True) as opened:
        for statement in PREPARE:
            opened.execute(statement.encode())
        yield opened


def planned(connection: psycopg.Connection[Any], tmp_path: Path, *definitions: str) -> AppliedIndex:
    """What is said about the last of some definitions."""
    path = tmp_path / "own.sql"
    path.write_text("\n".join(f"CREATE INDEX new{number} ON rows {text};" for number, text in enumerate(definitions)))
    return plan(connection, read_definitions(path))[-1].about


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("(room, at)", [("rows_room_at", "equal")]),
        ("(room DESC, at DESC)", [("rows_room_at", "equal")]),
        ("(room, at DESC)", [("rows_room_at", "directions")]),
        ("(room)", [("rows_room_at", "leading")]),
        ("(room DESC)", [("rows_room_at", "leading")]),
        ("(room, at, id)", [("rows_room_at", "extends")]),
        ("(room) INCLUDE (at)", [("rows_room_at", "leading")]),
        ("(room) INCLUDE (text)", []),
        ("(text)", [("rows_text", "leading")]),
        ("(at, room)", []),
        ("(at) WHERE flag", [("rows_part", "equal")]),
        ("(at)", []),
        ("(text text_pattern_ops)", []),
        ("USING hash (room)", []),
    ],
)
def test_an_index_that_does_the_same_is_named(
    connection: psycopg.Connection[Any], tmp_path: Path, definition: str, expected: list[tuple[str, str]]
) -> None:
    said = planned(connection, tmp_path, definition).overlaps
    if definition == "(text)":
        # It has the same key and carries more.
        assert [(one.index, one.kind) for one in said] in ([("rows_text", "leading")], [("rows_text", "equal")])
    else:
        assert [(one.index, one.kind) for one in said] == expected


def test_two_of_the_same_file_are_compared_too(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    said = planned(connection, tmp_path, "(flag, id, at)", "(flag, id)").overlaps
    assert [(one.index, one.kind) for one in said] == [("new0", "leading")]


def test_a_column_with_one_value_narrows_nothing_down(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    said = planned(connection, tmp_path, "(flag)").notes
    assert said == ["its first column flag has 1 value, the most frequent in 100% of the rows: it narrows little down"]


def test_an_index_that_begins_alike_is_mentioned(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    said = planned(connection, tmp_path, "(room, text)").notes
    assert said == ["rows_room_at (room, at) begins with the same column"]


def test_looking_leaves_nothing_behind(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    planned(connection, tmp_path, "(room, text)")
    query = "SELECT count(*) FROM pg_class WHERE relname LIKE '%probe%' OR relname LIKE 'new%'"
    assert connection.execute(query.encode()).fetchone() == (0,)
