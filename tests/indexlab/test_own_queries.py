"""Files of one's own queries."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.errors import DocumentError
from shapetui.indexlab.own_queries import read_queries
from shapetui.indexlab.queries import LabQuery

GOOD = """-- Two queries.
-- name: Images of a room
-- param :room from conversations
-- param :kind = 'IMAGE'
-- param :most = 20
-- target: 50 ms
SELECT id, ':room', "a:room"::text, tags[1:2] -- :nothing
FROM messages WHERE "conversationId" = :room AND type = :kind::text AND content LIKE '50%' LIMIT :most;

-- name: Rooms
-- param reader from users
WITH mine AS (SELECT * FROM conversation_users WHERE "userId" = :reader) SELECT count(*) FROM mine
"""


def read(tmp_path: Path, text: str) -> list[LabQuery]:
    """The queries of a text."""
    path = tmp_path / "own.sql"
    path.write_text(text)
    return read_queries(path)


def test_queries_have_names_parameters_and_where_they_come_from(tmp_path: Path) -> None:
    images, rooms = read(tmp_path, GOOD)
    assert (images.id, images.name, images.target_ms) == ("own_1", "Images of a room", 50.0)
    assert images.parameters == {"room": "conversations"}
    assert images.constants == {"kind": "IMAGE", "most": 20}
    assert rooms.parameters == {"reader": "users"}
    assert rooms.place.endswith("own.sql: line 10")


def test_only_what_is_a_parameter_becomes_one(tmp_path: Path) -> None:
    text = read(tmp_path, GOOD)[0].statement.as_string()
    assert text.count("%(room)s") == 1
    assert "':room'" in text
    assert '"a:room"::text' in text
    assert "[1:2]" in text
    assert "%(kind)s::text" in text
    assert "'50%%'" in text
    assert "nothing" not in text
    assert "LIKE '50%'" in read(tmp_path, GOOD)[0].shown()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT 1", "line 1: SQL before the first -- name:"),
        ("-- name: A\n-- name: B\nSELECT 1", "line 1: the query A has no SQL"),
        ("-- name: A\nSELECT :x", "line 2: :x is used and not declared"),
        ("-- name: A\n-- param :x from rooms\nSELECT :x", "line 2: values do not come from 'rooms'"),
        ("-- name: A\n-- param :x from users\nSELECT 1", "line 2: :x is nowhere in the query A"),
        ("-- name: A\n-- param :x = no\nSELECT :x", "line 2: the value 'no' is neither a number nor a text"),
        ("-- name: A\n-- param x y\nSELECT :x", "line 2: -- param 'x y' cannot be understood"),
        (
            "-- name: A\n-- param :x from users\n-- param :x = 1\nSELECT :x",
            "line 3: :x was declared in line 2 already",
        ),
        ("-- name: A\nSELECT 1;\nSELECT 2", "line 2: the query A has more than one statement"),
        ("-- name: A\nDELETE FROM users", "line 2: the query A begins with DELETE"),
        ("-- name: A\n-- target: soon\nSELECT 1", "line 2: the target 'soon' is no time"),
        ("-- name: A\nSELECT 'x", "line 2: the quote ' has no end"),
        ("-- name:\nSELECT 1", "line 1: -- name: is followed by a name"),
        ("", "line 1: there is no query in it"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=f"own.sql: {said}"):
        read(tmp_path, text)
