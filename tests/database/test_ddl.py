"""The chat schema: what is created, what is left alone, and in which schema."""

from __future__ import annotations

import psycopg
import pytest

from shapetui.database.ddl import (
    ENUMS,
    add_labels,
    chat_row_counts,
    create_schema,
    drop_scattered_unique,
    drop_schema,
    enums_of_ours,
    existing_tables,
    restore_scattered_unique,
    strange_objects,
)
from shapetui.database.target import Target

UNIQUES = "SELECT count(*) FROM pg_constraint WHERE conname = 'conversation_users_userId_conversationId_key'"
SIX = {"users", "conversations", "conversation_users", "messages", "message_reads", "attachments"}


def test_all_tables_are_created_once_with_keys_but_without_secondary_indexes(target: Target) -> None:
    with target.open() as connection:
        assert set(create_schema(connection)) == SIX
        assert existing_tables(connection) == SIX
        assert create_schema(connection) == []
        plain = connection.execute(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND NOT indisunique"
        ).fetchone()
        assert plain == (0,)


def test_labels_replace_those_of_an_enum_and_a_default_that_is_none_of_them_goes(target: Target) -> None:
    with target.open() as connection:
        create_schema(connection, {"MessageType": ["it's", "POLL", "POLL"]})
        labels = connection.execute("""SELECT enum_range(NULL::"MessageType")::text[]""").fetchone()
        assert labels == (["it's", "POLL"],)
        defaults = connection.execute(
            "SELECT table_name, column_default FROM information_schema.columns"
            " WHERE column_name = 'type' AND table_name IN ('messages', 'conversations') ORDER BY 1"
        ).fetchall()
        assert defaults == [("conversations", "'DIRECT_MESSAGE'::\"ConversationType\""), ("messages", None)]


def test_labels_are_added_to_enums_of_ours_only(target: Target) -> None:
    with target.open(autocommit=True) as connection:
        connection.execute("CREATE TYPE \"MessageType\" AS ENUM ('POLL')")
        create_schema(connection)
        assert "MessageType" not in enums_of_ours(connection)
        add_labels(connection, {"MessageType": ["NEW"], "ConversationType": ["CHANNEL", "it's new"]})
        found = connection.execute(
            """SELECT enum_range(NULL::"MessageType")::text[], enum_range(NULL::"ConversationType")::text[]"""
        ).fetchone()
        assert found == (["POLL"], ["DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL", "it's new"])


def test_the_scattered_constraint_goes_and_comes_back_in_its_own_schema(target: Target) -> None:
    with target.open(autocommit=True) as connection:
        create_schema(connection)
        connection.execute('CREATE SCHEMA "Another One"')
        connection.execute('SET search_path = "Another One", public')
        assert set(create_schema(connection)) == SIX
        assert connection.execute(UNIQUES).fetchone() == (2,)
        drop_scattered_unique(connection)
        drop_scattered_unique(connection)
        assert connection.execute(UNIQUES).fetchone() == (1,)
        restore_scattered_unique(connection)
        restore_scattered_unique(connection)
        assert connection.execute(UNIQUES).fetchone() == (2,)


def test_the_constraint_of_others_stays(target: Target) -> None:
    with target.open(autocommit=True) as connection:
        create_schema(connection)
        connection.execute("COMMENT ON TABLE conversation_users IS NULL")
        drop_scattered_unique(connection)
        assert connection.execute(UNIQUES).fetchone() == (1,)


def test_what_was_created_is_dropped_and_nothing_else(target: Target) -> None:
    with target.open(autocommit=True) as connection:
        create_schema(connection)
        connection.execute("CREATE TABLE kept (id integer)")
        connection.execute('CREATE SCHEMA "Another One"')
        connection.execute('SET search_path = "Another One", public')
        drop_schema(connection)
        connection.execute("SET search_path = public")
        assert existing_tables(connection) == SIX
        assert chat_row_counts(connection) == dict.fromkeys(SIX, 0)
        drop_schema(connection)
        drop_schema(connection)
        assert existing_tables(connection) == enums_of_ours(connection) == set()
        assert strange_objects(connection) == ["table kept"]


def test_what_hangs_on_the_tables_keeps_them(target: Target) -> None:
    with target.open() as connection:
        create_schema(connection)
        connection.execute("CREATE SCHEMA theirs")
        connection.execute("CREATE VIEW theirs.names AS SELECT username FROM users")
        with pytest.raises(psycopg.errors.DependentObjectsStillExist), connection.transaction():
            drop_schema(connection)
        assert existing_tables(connection) == SIX


@pytest.mark.parametrize(
    ("statement", "described"),
    [
        ("CREATE TABLE orders (id serial)", ["sequence orders_id_seq", "table orders"]),
        ("CREATE VIEW names AS SELECT username FROM users", ["view names"]),
        ("CREATE MATERIALIZED VIEW names AS SELECT username FROM users", ["materialized view names"]),
        ("CREATE TYPE mood AS ENUM ('fine')", ["type mood"]),
        ("CREATE DOMAIN positive AS integer CHECK (VALUE > 0)", ["type positive"]),
        ("CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'", ["function one()"]),
        ('CREATE COLLATION plain FROM "C"', ["collation plain"]),
        ("CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)", ["text search configuration words"]),
        ("CREATE STATISTICS both_names (dependencies) ON email, username FROM users", ["statistics object both_names"]),
        ('CREATE INDEX by_age ON users ("createdAt")', ["index by_age"]),
        ("COMMENT ON TABLE message_reads IS NULL", ["table message_reads"]),
        ('COMMENT ON TYPE "MessageStatus" IS NULL', ['type "MessageStatus"']),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC", []),
        ("GRANT SELECT ON users TO PUBLIC", []),
        ("CREATE SCHEMA theirs CREATE TABLE orders (id integer)", []),
    ],
)
def test_every_object_of_others_in_the_schema_is_described(
    target: Target, statement: str, described: list[str]
) -> None:
    with target.open() as connection:
        assert strange_objects(connection) == []
        create_schema(connection)
        assert strange_objects(connection) == []
        assert enums_of_ours(connection) == set(ENUMS)
        connection.execute(statement.encode())
        assert strange_objects(connection) == described
