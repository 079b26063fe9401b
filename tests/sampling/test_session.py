"""How a sample behaves towards the server: reads only, stops when told, and says what went wrong without values."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from shapetui.errors import Cancelled, DatabaseError, UsageError
from shapetui.progress import Progress, Watch
from shapetui.sampling.sample import SampleRequest, explain, sample

if TYPE_CHECKING:
    from tests.sampling.conftest import Chat

NOW = datetime(2025, 11, 22, tzinfo=UTC)


def lock_members(chat: Chat) -> psycopg.Connection[object]:
    """Another session that keeps the members table to itself until it is closed."""
    other = chat.connect()
    other.execute("BEGIN; LOCK TABLE conversation_users")
    return other


def test_the_transaction_cannot_write_and_sees_one_snapshot(chat: Chat) -> None:
    chat.room("r")
    said: list[Progress] = []

    def listen(news: Progress) -> None:
        said.append(news)
        if len(said) == 2:
            for name, value in {
                "transaction_read_only": "on",
                "transaction_isolation": "repeatable read",
                "TimeZone": "UTC",
                "application_name": "shapetui",
                "statement_timeout": "10min",
                "lock_timeout": "5s",
            }.items():
                row = chat.connection.execute("SELECT current_setting(%s)", [name]).fetchone()
                assert row == (value,)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), chat.connection.transaction():
                chat.connection.execute("DELETE FROM messages")
            with chat.connect() as other:
                other.execute("DELETE FROM conversations")

    shape = chat.sample(Watch(listen))
    assert shape.conversations.by_type["GROUP_CHAT"].member_count_cells == {"0": 1}
    assert shape.request is not None
    assert [news.note for news in said] == [*shape.request.statements, "done"]
    assert [(news.done, news.total) for news in said] == [(i, len(said) - 1) for i in range(len(said))]
    assert chat.connection.execute("SHOW transaction_read_only").fetchone() == ("off",)
    assert chat.sample().conversations.total_count == 0


def test_cancelling_ends_the_statement_under_way(chat: Chat) -> None:
    def cancel_when_it_waits() -> None:
        with chat.connect() as observer:
            while not observer.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", [chat.name]
            ).fetchone():
                pass
        watch.cancel()

    watcher = threading.Thread(target=cancel_when_it_waits)
    watch = Watch(lambda news: watcher.start() if news.done == 0 else None)
    with lock_members(chat):
        with pytest.raises(Cancelled) as caught:
            chat.sample(watch, lock_timeout_s=60)
        watcher.join()
    assert caught.value.exit_code == 130
    assert chat.sample().messages.total_count == 0  # the connection is good for more


def test_a_cancelled_watch_stops_before_the_first_statement(chat: Chat) -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        chat.sample(watch)


def test_timeouts_are_named(chat: Chat) -> None:
    with lock_members(chat):
        with pytest.raises(DatabaseError, match=r"members.*statement_timeout is 0.1 s") as slow:
            chat.sample(statement_timeout_s=0.1, lock_timeout_s=60)
        with pytest.raises(DatabaseError, match=r"lock_timeout \(0.05 s\).*members") as locked:
            chat.sample(lock_timeout_s=0.05)
    assert slow.value.exit_code == locked.value.exit_code == 3
    assert slow.value.__cause__ is None
    assert "shorter window" in slow.value.hint


def test_a_missing_table_or_column_is_named(bare: Chat, chat: Chat) -> None:
    with pytest.raises(DatabaseError, match="no table messages") as caught:
        bare.sample()
    assert "init-db" in caught.value.hint
    assert "search_path" in caught.value.hint
    chat.connection.execute('ALTER TABLE messages DROP COLUMN "senderId"')
    with pytest.raises(DatabaseError, match="messages has no column senderId"):
        chat.sample()


@pytest.mark.parametrize("table", ["messages", "conversations"])
def test_a_time_of_creation_that_is_no_timestamp_is_named(chat: Chat, table: str) -> None:
    chat.connection.execute(f'ALTER TABLE {table} ALTER "createdAt" DROP DEFAULT, ALTER "createdAt" TYPE text')
    with pytest.raises(DatabaseError, match=f"createdAt of table {table} is of type text"):
        chat.sample()


def test_a_missing_right_is_named(chat: Chat) -> None:
    role = f"reader_{chat.name}"
    run = chat.connection.execute
    run(f"CREATE ROLE {role}; GRANT SELECT ON messages, conversations, users TO {role}; SET ROLE {role}")
    with pytest.raises(DatabaseError, match=r"may not read what members needs.*conversation_users") as caught:
        chat.sample()
    assert "GRANT SELECT" in caught.value.hint
    run(f"RESET ROLE; GRANT SELECT ON conversation_users TO {role}; SET ROLE {role}")
    assert chat.sample().messages.total_count == 0


def test_errors_never_hold_values_of_rows(chat: Chat) -> None:
    chat.connection.execute("ALTER TABLE messages ALTER content TYPE int USING 0, ALTER type TYPE text")
    chat.room("r")
    chat.connection.execute(
        "CREATE FUNCTION char_length(int) RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'alice@example.org'; END $$"
    )
    chat.message("r", "anna", NOW - timedelta(days=1), "7")
    with pytest.raises(DatabaseError, match=r"message lengths.*SQLSTATE P0001") as caught:
        chat.sample()
    assert "alice" not in str(caught.value) + caught.value.hint
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_transaction_of_the_caller_is_not_touched(chat: Chat) -> None:
    with chat.connection.transaction(), pytest.raises(RuntimeError, match="transaction of its own"):
        chat.sample()


def test_numbers_that_cannot_be_and_a_missing_salt_are_usage_errors(chat: Chat) -> None:
    requests: list[dict[str, Any]] = [
        {"window_days": -1},
        {"min_cell_count": 0},
        {"window_days": 10**9},
        {"until": datetime(2025, 1, 1)},
    ]
    for request in requests:
        with pytest.raises(UsageError):
            chat.sample(**request)
    with pytest.raises(UsageError, match="ANONYMIZATION_SALT"):
        sample(chat.connection, SampleRequest(), NOW, Watch(), None)


def test_explain_shows_what_would_run_and_runs_nothing(chat: Chat) -> None:
    chat.room("r")
    chat.message("r", "anna", NOW - timedelta(days=1))
    plans = explain(chat.connection, SampleRequest(), NOW)
    shape = chat.sample(min_cell_count=11, window_days=30)
    assert shape.request is not None
    assert [plan.name for plan in plans] == shape.request.statements
    assert all(plan.total_cost > 0 and plan.rows > 0 for plan in plans)
    assert any("'2025-10-23 00:00:00'" in plan.sql for plan in plans)
    with lock_members(chat):
        chat.connection.execute(
            "ALTER TABLE messages ALTER content SET NOT NULL"
        )  # an open transaction would be in the way
    for plan in plans:
        chat.connection.execute(plan.sql)
