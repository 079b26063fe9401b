"""Index definitions in files: what is understood, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.errors import DocumentError
from shapetui.indexlab.ddl import BUNDLED, IndexDefinition, read_definitions
from shapetui.indexlab.roles import LAB_TABLES


def read(tmp_path: Path, text: str) -> list[IndexDefinition]:
    """The definitions of a text."""
    path = tmp_path / "own.sql"
    path.write_text(text)
    return read_definitions(path)


def test_the_bundled_file_has_the_originals_three_on_the_tables_of_the_mapping() -> None:
    found = {one.name: one for one in read_definitions(BUNDLED)}
    assert set(found) == {
        "idx_messages_conversation_created_desc",
        "idx_conversation_users_user_active",
        "idx_conversations_updated_desc",
    }
    messages = LAB_TABLES.messages
    history = found["idx_messages_conversation_created_desc"]
    assert history.table == messages.name
    assert history.tail == f'("{messages.columns["conversation"]}", "{messages.columns["created_at"]}" DESC)'
    members, rooms = LAB_TABLES.members, LAB_TABLES.conversations
    assert f'"{members.columns["active"]}"' in found["idx_conversation_users_user_active"].tail
    assert f'"{rooms.columns["updated_at"]}"' in found["idx_conversations_updated_desc"].tail


def test_all_forms_of_create_index_are_built_concurrently(tmp_path: Path) -> None:
    text = """
    -- one; two
    create unique index a on public.Users using btree (lower("email")) where "isActive"; /* ; */
    CREATE INDEX CONCURRENTLY IF NOT EXISTS "B ""b" ON "messages" (content) INCLUDE (type) WITH (fillfactor = 70)
    """
    first, second = read(tmp_path, text)
    assert (first.name, first.schema, first.table, first.unique) == ("a", "public", "users", True)
    assert first.place.endswith("own.sql: line 3")
    made = 'CREATE UNIQUE INDEX CONCURRENTLY "a" ON "public"."users" using btree (lower("email")) where "isActive"'
    assert first.create().as_string() == made
    made = 'CREATE INDEX CONCURRENTLY "B ""b" ON "messages" (content) INCLUDE (type) WITH (fillfactor = 70)'
    assert second.create().as_string() == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CREATE INDEX a ON b (c);\n\nDROP TABLE users;", "line 3: DROP is not CREATE INDEX"),
        ("BEGIN;\nCREATE INDEX a ON b (c);", "line 1: BEGIN is not CREATE INDEX"),
        ("CREATE TABLE a (b int);", "line 1: CREATE TABLE is not CREATE INDEX"),
        ("CREATE INDEX ON b (c);", "line 1: the index has no name"),
        ("\nCREATE INDEX a ON b;", "line 2: \\( was expected and the end of the statement found"),
        ("CREATE INDEX a ON b (c);\nCREATE INDEX a ON d (c);", "line 2: the index a was defined before"),
        ("CREATE INDEX a ON b ('c);", "line 1: the quote ' has no end"),
        ("/* nothing", "line 1: the comment /\\* has no end"),
        ("-- nothing", "line 1: there is no CREATE INDEX in it"),
        ("CREATE INDEX a ON ONLY b (c);", "line 1: an index ON ONLY a table"),
    ],
)
def test_anything_else_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=f"own.sql: {said}"):
        read(tmp_path, text)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.sql"
    path.write_bytes(b"CREATE\n\xff\xfe")
    with pytest.raises(DocumentError, match="line 2: not text in UTF-8"):
        read_definitions(path)
    with pytest.raises(DocumentError, match="cannot be read"):
        read_definitions(tmp_path / "none.sql")
