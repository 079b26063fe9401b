"""Integrity facts: none in what was generated, and every broken row counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shapetui.database.ddl import create_schema
from shapetui.database.target import Target
from shapetui.fidelity.facts import Facts
from shapetui.generation.generate import generate
from shapetui.generation.plan import Request, make_plan
from shapetui.progress import Watch
from shapetui.sampling.integrity import Integrity
from shapetui.sampling.sample import SampleRequest, sample, sample_with_facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def generated(target: Target) -> Target:
    """A small synthetic chat, without foreign keys so that rows can be broken."""
    generate(target, make_plan(Request(target_messages=3000, until=NOW), NOW), Watch(), None, NOW)
    with target.open() as connection:
        connection.execute("SET session_replication_role = replica")
        for name, table in connection.execute(
            "SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        ).fetchall():
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        connection.commit()
    return target


def facts(target: Target, moment: datetime = NOW, *, senders: bool = True) -> Facts:
    with target.open() as connection:
        request = SampleRequest(window_days=0, min_cell_count=1, judged_only=True)
        shape, found = sample_with_facts(connection, request, NOW, Watch(), integrity=Integrity(moment, senders))
        # The other grouping measures the same.
        assert shape == sample(connection, request, NOW, Watch())
    assert found is not None
    return found


def spoiled(target: Target, statement: str) -> Facts:
    with target.open() as connection:
        connection.execute(statement)
        connection.commit()
    return facts(target)


def test_generated_rows_break_no_rule(generated: Target) -> None:
    assert facts(generated) == Facts(0, 0, 0, 0, 0, 0)


def test_a_sender_who_does_not_exist_is_unknown_and_a_stranger(generated: Target) -> None:
    found = spoiled(
        generated, """UPDATE messages SET "senderId" = 'nobody' WHERE id IN (SELECT id FROM messages LIMIT 3)"""
    )
    assert (found.orphans, found.unknown_senders, found.strangers) == (0, 3, 3)


def test_messages_of_a_conversation_that_is_gone_are_orphans(generated: Target) -> None:
    with generated.open() as connection:
        row = connection.execute(
            'SELECT "conversationId", count(*) FROM messages GROUP BY 1 ORDER BY 2 DESC LIMIT 1'
        ).fetchone()
        assert row is not None
        connection.execute("DELETE FROM conversations WHERE id = %s", [row[0]])
        connection.commit()
    assert facts(generated).orphans == facts(generated, senders=False).orphans == row[1]


def test_a_sender_who_left_is_a_stranger(generated: Target) -> None:
    found = spoiled(generated, "DELETE FROM conversation_users")
    assert found.unknown_senders == 0
    with generated.open() as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (found.strangers,)


def test_a_conversation_opened_after_its_messages_is_out_of_order(generated: Target) -> None:
    found = spoiled(
        generated,
        """UPDATE conversations SET "createdAt" = '2030-01-01' WHERE id IN (
             SELECT "conversationId" FROM messages GROUP BY 1 ORDER BY 1 LIMIT 2)""",
    )
    assert (found.out_of_order, found.in_future) == (2, 0)


def test_a_conversation_that_names_another_last_message_is_out_of_order(generated: Target) -> None:
    found = spoiled(
        generated,
        """UPDATE conversations SET "lastMessageAt" = NULL WHERE id IN (
             SELECT "conversationId" FROM messages GROUP BY 1 ORDER BY 1 LIMIT 1)""",
    )
    assert found.out_of_order == 1


def test_messages_after_the_moment_lie_in_the_future(generated: Target) -> None:
    found = spoiled(
        generated,
        """UPDATE messages SET "createdAt" = '2031-01-01' WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT 4)""",
    )
    assert found.in_future == 4
    assert facts(generated, datetime(2032, 1, 1, tzinfo=UTC)).in_future == 0


def test_ids_are_counted_where_no_unique_index_holds_them(generated: Target) -> None:
    found = spoiled(
        generated,
        """ALTER TABLE messages DROP CONSTRAINT messages_pkey CASCADE;
           INSERT INTO messages SELECT * FROM messages LIMIT 2""",
    )
    assert found.duplicates == 2


def test_senders_are_counted_only_when_asked_for(generated: Target) -> None:
    assert facts(generated, senders=False) == Facts(orphans=0, duplicates=0, out_of_order=0, in_future=0)


def test_an_empty_database_breaks_no_rule(target: Target) -> None:
    with target.open(create=True) as connection:
        create_schema(connection)
        connection.commit()
    assert facts(target) == Facts(0, 0, 0, 0, 0, 0)
