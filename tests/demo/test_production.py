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
    with pytest.raises(DatabaseError, match="holds tables that no demo made"):
        build_production(target, small_log(), Watch())
    assert ask(target, "SELECT username FROM users") == "anna"


def test_other_tables_of_others_are_refused_too(target: Target) -> None:
    execute(target, "CREATE TABLE orders (id integer)")
    with pytest.raises(DatabaseError, match="holds tables that no demo made"):
        build_production(target, small_log(), Watch())
    assert ask(target, "SELECT count(*) FROM orders") == 0


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
