"""The demo's production database holds exactly the rows of its chat log, and nobody else's are lost for it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from shapetui.database.ddl import create_schema
from shapetui.database.target import Target
from shapetui.demo.chat_log import ChatLog
from shapetui.demo.corpus import read_messages
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.errors import Cancelled, DatabaseError
from shapetui.progress import Progress, Watch
from tests.conftest import real_data
from tests.generation.helpers import ask, execute, row_counts


def assert_holds(target: Target, log: ChatLog) -> None:
    """Every message of the log is there with its room, sender, type, length and time, in the order of time."""
    with target.open() as connection:
        rows = connection.execute(
            'SELECT m.type::text, c.type::text, length(content), (extract(epoch FROM m."createdAt") * 1000)::bigint,'
            ' m."conversationId", m."senderId"'
            ' FROM messages m JOIN conversations c ON c.id = m."conversationId" ORDER BY m.id COLLATE "C"'
        ).fetchall()
    assert len(rows) == log.messages
    assert [row[0] for row in rows] == [log.message_types[i] for i in log.message_type]
    assert [row[1] for row in rows] == [log.conversation_types[i] for i in log.conversation_type[log.conversation]]
    assert [row[2] for row in rows] == log.content_length.tolist()
    assert [row[3] for row in rows] == log.sent_at.tolist()
    # Ids are other than the log's numbers, but one for one.
    for column, numbers in ((4, log.conversation), (5, log.sender)):
        pairs = set(zip((row[column] for row in rows), numbers.tolist(), strict=True))
        assert len(pairs) == len({pair[0] for pair in pairs}) == len({pair[1] for pair in pairs})
    counts = row_counts(target)
    assert counts["users"] == log.users
    assert counts["conversations"] == log.conversations
    assert counts["conversation_users"] == len(set(zip(log.conversation.tolist(), log.sender.tolist(), strict=True)))
    sizes = ask(target, 'SELECT array_agg(n) FROM (SELECT count(*) n FROM messages GROUP BY "conversationId") _')
    assert Counter(sizes) == Counter(size for size in log.conversation_sizes().tolist() if size)


def small_log() -> ChatLog:
    """Odd labels, empty messages, two rows in one millisecond, a room and a user without any message."""
    return ChatLog.from_rows(
        conversation_types=('it\'s "so"', "ż" * 31),
        message_types=("NULL", "back\\slash 🐢", "x" * 63),
        conversation_type=np.array([0, 1, 0]),
        conversation=np.array([1, 0, 1, 0, 1]),
        sender=np.array([3, 0, 1, 0, 3]),
        users=5,
        message_type=np.array([0, 1, 2, 0, 1]),
        content_length=np.array([0, 5_000, 1, 17, 3]),
        sent_at=np.array([5, 1, 1, 9, 7], dtype=np.int64) * 1_000 + 1_700_000_000_123,
    )


def test_a_simulated_log_becomes_exactly_its_rows_and_the_next_demo_replaces_them(target: Target) -> None:
    first = simulate(20_000, seed="a")
    build_production(target, first, Watch())
    assert_holds(target, first)
    second = simulate(15_000, seed="b")
    build_production(target, second, Watch())
    assert_holds(target, second)
    assert (
        ask(target, 'SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT FROM users WHERE id = "senderId")') == 0
    )
    late = (
        'SELECT count(*) FROM messages m JOIN conversations c ON c.id = "conversationId" JOIN users u'
        ' ON u.id = "senderId" WHERE c."createdAt" >= m."createdAt" OR u."createdAt" >= c."createdAt"'
    )
    assert ask(target, late) == 0
    wrong = (
        'SELECT count(*) FROM conversations c WHERE "lastMessageAt" IS DISTINCT FROM'
        ' (SELECT max("createdAt") FROM messages WHERE "conversationId" = c.id)'
    )
    assert ask(target, wrong) == 0


def test_odd_labels_silent_rooms_and_empty_messages(target: Target) -> None:
    build_production(target, small_log(), Watch())
    assert_holds(target, small_log())
    assert ask(target, 'SELECT count(*) FROM conversations WHERE "lastMessageAt" IS NULL') == 1
    first = ask(target, 'SELECT min("createdAt") FROM messages')
    assert first == datetime.fromtimestamp(1_700_000_001.123, UTC).replace(tzinfo=None)


def test_a_real_corpus_becomes_exactly_its_rows(target: Target) -> None:
    log = read_messages(real_data("uci_dm"))
    build_production(target, log, Watch())
    assert_holds(target, log)


def test_chat_tables_of_others_are_refused(target: Target) -> None:
    with target.open() as connection:
        create_schema(connection)
    execute(target, "INSERT INTO users (id, email, username, \"updatedAt\") VALUES ('u', 'a@b.c', 'anna', now())")
    with pytest.raises(DatabaseError, match="holds what no demo made: "):
        build_production(target, small_log(), Watch())
    assert ask(target, "SELECT username FROM users") == "anna"


def test_other_tables_of_others_are_refused_too(target: Target) -> None:
    execute(target, "CREATE TABLE orders (id integer)")
    with pytest.raises(DatabaseError, match="holds what no demo made: "):
        build_production(target, small_log(), Watch())
    assert ask(target, "SELECT count(*) FROM orders") == 0


def refused(target: Target) -> DatabaseError:
    """The refusal of another demo, which has left everything as it was."""
    before = row_counts(target)
    with pytest.raises(DatabaseError) as told:
        build_production(target, simulate(15_000), Watch())
    assert row_counts(target) == before
    assert "SHAPETUI_HOME" in told.value.hint
    return told.value


def test_a_table_of_others_beside_the_demos_is_named_and_kept(target: Target) -> None:
    build_production(target, small_log(), Watch())
    execute(target, "CREATE TABLE orders (id integer)", "INSERT INTO orders VALUES (1)")
    assert "holds what no demo made: table orders" in refused(target).message
    assert ask(target, "SELECT count(*) FROM orders") == 1
    execute(target, "DROP TABLE orders")
    build_production(target, small_log(), Watch())


def test_many_objects_of_others_are_named_in_part(target: Target) -> None:
    build_production(target, small_log(), Watch())
    execute(target, *(f"CREATE TABLE t{number} (id integer)" for number in range(7)))
    assert "table t3, table t4 and 2 more" in refused(target).message


def test_a_restored_table_of_the_same_name_is_kept(target: Target) -> None:
    build_production(target, small_log(), Watch())
    execute(target, "CREATE TABLE new AS TABLE attachments", "DROP TABLE attachments")
    execute(target, "ALTER TABLE new RENAME TO attachments")
    assert "holds what no demo made: table attachments" in refused(target).message


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ("INSERT INTO users (id, email, username, \"updatedAt\") VALUES ('u', 'a@b.c', 'anna', now())", "6 in users"),
        ("DELETE FROM messages WHERE content = ''", "4 in messages"),
        (
            'INSERT INTO message_reads (id, "updatedAt", "userId", "messageId")'
            " SELECT 'r', now(), \"senderId\", id FROM messages LIMIT 1",
            "1 in message_reads",
        ),
        ("DROP TABLE message_reads", "5 in messages"),
    ],
)
def test_rows_other_than_those_of_the_last_demo_are_kept(target: Target, change: str, held: str) -> None:
    build_production(target, small_log(), Watch())
    execute(target, change)
    error = refused(target)
    assert "does not hold the rows that the last demo left" in error.message
    assert held in error.message


def test_a_mark_without_counts_vouches_for_no_rows(target: Target) -> None:
    build_production(target, small_log(), Watch())
    for comment in ("shapetui demo production", "shapetui demo production {", "shapetui demo production []"):
        execute(target, f"COMMENT ON DATABASE {target.database} IS '{comment}'")
        assert "does not hold the rows" in refused(target).message


def test_what_hangs_on_the_demos_tables_elsewhere_is_kept(target: Target) -> None:
    build_production(target, small_log(), Watch())
    execute(target, "CREATE SCHEMA theirs", "CREATE VIEW theirs.names AS SELECT username FROM users")
    assert "view theirs.names depends on" in refused(target).message
    assert ask(target, "SELECT count(*) FROM theirs.names") == 5


def test_other_schemas_and_the_rights_of_the_schema_outlive_a_demo(target: Target) -> None:
    build_production(target, small_log(), Watch())
    execute(target, "CREATE SCHEMA theirs CREATE TABLE orders (id integer)", "GRANT CREATE ON SCHEMA public TO PUBLIC")
    build_production(target, small_log(), Watch())
    assert_holds(target, small_log())
    assert ask(target, "SELECT count(*) FROM theirs.orders") == 0
    assert ask(target, "SELECT has_schema_privilege('pg_monitor', 'public', 'CREATE')")


def test_what_a_killed_demo_leaves_is_built_anew(target: Target) -> None:
    # Marked, and killed before its tables were there; then with tables but no rows; then without the schema.
    execute(target, f"COMMENT ON DATABASE {target.database} IS 'shapetui demo production'")
    build_production(target, small_log(), Watch())
    execute(target, "TRUNCATE users CASCADE")
    build_production(target, small_log(), Watch())
    execute(target, "DROP SCHEMA public CASCADE")
    build_production(target, small_log(), Watch())
    assert_holds(target, small_log())


@pytest.mark.parametrize("phase", ["production messages", "production users"])
def test_a_cancelled_demo_leaves_no_half_and_the_next_one_works(target: Target, phase: str) -> None:
    def listen(news: Progress) -> None:
        if news.phase == phase:
            watch.cancel()

    watch = Watch(listen)
    with pytest.raises(Cancelled):
        build_production(target, simulate(15_000), watch)
    assert ask(target, "SELECT to_regclass('messages')") is None
    build_production(target, small_log(), Watch())
    assert_holds(target, small_log())
