"""Builds the demo's "production" database from a chat log; the texts are made up, of the right length."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from shapetui.database.ddl import (
    chat_row_counts,
    create_schema,
    drop_schema,
    existing_tables,
    lock_tables,
    restore_scattered_unique,
    strange_objects,
)
from shapetui.database.tables import CHAT_TABLES, TableNames
from shapetui.database.target import Target
from shapetui.demo.chat_log import ChatLog
from shapetui.distributions.bins import IntArray
from shapetui.errors import DatabaseError, EnvironmentProblem
from shapetui.generation import identifiers, ledger
from shapetui.generation.batches import Batch, times
from shapetui.generation.columns import Encoder, resolve_columns
from shapetui.generation.load import ROWS_PER_BATCH
from shapetui.generation.randomness import derive_key
from shapetui.generation.text import TextBuffer
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]

# Marks the database as the demo's own, which it may empty the next time while it holds what the demo left.
_MARK: Final = "shapetui demo production"
# How much of what is not the demo's a refusal names.
_NAMED: Final = 5
_ELSEWHERE: Final = "set SHAPETUI_HOME to another folder: the demo builds its own production database there"
_SECOND: Final = 1000
_DAY: Final = 86_400_000


def build_production(target: Target, log: ChatLog, watch: Watch) -> None:
    """Fills a database of the demo's own with a chat log, replacing what the last demo left there.

    Raises DatabaseError when the database holds anything that the last demo did not leave there.
    """
    with target.open(create=True, autocommit=True) as connection, watch.over(connection):
        ledger.lock(connection)
        _make_room(connection)
        try:
            with connection.transaction():
                connection.execute("SET LOCAL synchronous_commit = off")
                _fill(connection, log, watch)
                _mark(connection, chat_row_counts(connection))
            for names in CHAT_TABLES.all():
                watch.check()
                connection.execute(sql.SQL("ANALYZE {}").format(names.identifier))
        except psycopg.errors.DiskFull:
            raise EnvironmentProblem(
                "the server's disk is full, the demo's production database is empty again", "free some space"
            ) from None
        except psycopg.errors.QueryCanceled:
            watch.check()
            raise


def _make_room(connection: Connection) -> None:
    """Removes what the last demo left and nothing else, and marks the database as the demo's own.

    Raises DatabaseError when anything in the schema is not as the last demo left it. What a killed demo left, no
    tables or empty ones, is always removed.
    """
    database = connection.info.dbname
    comment = _comment(connection)
    strange = strange_objects(connection)
    if not comment.startswith(_MARK):
        strange = strange or [f"table {name}" for name in sorted(existing_tables(connection))]
    if strange:
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        raise DatabaseError(
            f"the database {database} holds what no demo made: {', '.join(strange[:_NAMED])}{more}",
            f"move that to another database, or {_ELSEWHERE}",
        )
    with connection.transaction():
        lock_tables(connection)
        counts = chat_row_counts(connection)
        if any(counts.values()) and counts != _noted(comment):
            held = ", ".join(f"{count:,} in {table}" for table, count in counts.items() if count)
            raise DatabaseError(
                f"the database {database} does not hold the rows that the last demo left: it has {held}",
                f"keep what you need of it and drop the database, or {_ELSEWHERE}",
            )
        try:
            drop_schema(connection)
        except psycopg.errors.DependentObjectsStillExist as error:
            hanging = "; ".join((error.diag.message_detail or "").splitlines())
            raise DatabaseError(
                f"other objects hang on the demo's tables in the database {database}: {hanging}",
                f"move them to another database, or {_ELSEWHERE}",
            ) from None
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        _mark(connection, {})


def _comment(connection: Connection) -> str:
    """The comment of the database; empty when it has none."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return str(row[0] or "") if row else ""


def _mark(connection: Connection, counts: dict[str, int]) -> None:
    """Marks the database as the demo's own, with the rows that it leaves in each table."""
    text = f"{_MARK} {json.dumps(counts)}" if counts else _MARK
    connection.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(connection.info.dbname), sql.Literal(text))
    )


def _noted(comment: str) -> dict[str, int] | None:
    """The rows per table that a mark notes; None when it notes none."""
    try:
        noted = json.loads(comment.removeprefix(_MARK))
    except ValueError:
        return None
    return noted if isinstance(noted, dict) else None


def _fill(connection: Connection, log: ChatLog, watch: Watch) -> None:
    """All rows in the caller's transaction, parents before children, messages in the order of time."""
    create_schema(connection, {"ConversationType": log.conversation_types, "MessageType": log.message_types})
    connection.execute("SET LOCAL session_replication_role = replica")
    tables = resolve_columns(connection)
    rows = _Rows(log)
    for names, total, make in (
        (CHAT_TABLES.users, log.users, rows.users),
        (CHAT_TABLES.conversations, log.conversations, rows.rooms),
        (CHAT_TABLES.members, rows.pairs.shape[0], rows.memberships),
        (CHAT_TABLES.messages, log.messages, rows.messages),
    ):
        encoder = Encoder(tables[names.name])
        with connection.cursor().copy(tables[names.name].copy_statement()) as copy:
            done = 0
            for batch in _batches(make, total):
                watch.check()
                copy.write(encoder.encode(batch))
                done += batch.rows
                watch.report(f"production {names.name}", done, total)
            copy.write(encoder.finish())
    restore_scattered_unique(connection)


def _batches(make: Callable[[int, int], Batch], total: int) -> Iterator[Batch]:
    for first in range(0, total, ROWS_PER_BATCH):
        yield make(first, min(ROWS_PER_BATCH, total - first))


class _Rows:
    """The rows of a chat log as batches. Members of a room are those who wrote in it."""

    def __init__(self, log: ChatLog) -> None:
        self._log = log
        self._text = TextBuffer("demo")
        self._user_ids = identifiers.unordered(derive_key("demo", "user"), np.arange(log.users))
        self._room_ids = identifiers.unordered(derive_key("demo", "room"), np.arange(log.conversations))
        # Conversations in which nobody wrote are as old as the log.
        first = np.full(log.conversations, int(log.sent_at[0]), dtype=np.int64)
        last = first.copy()
        # In the order of time: of several assignments the last one stays.
        first[log.conversation[::-1]] = log.sent_at[::-1]
        last[log.conversation] = log.sent_at
        self._first, self._last = first, last
        self._silent = log.conversation_sizes() == 0
        key = log.conversation.astype(np.int64) * log.users + log.sender
        _, seen = np.unique(key, return_index=True)
        # In the order in which people first wrote, so that the first member of a room is its creator.
        seen = np.sort(seen)
        self.pairs = np.stack([log.conversation[seen], log.sender[seen]], axis=1).astype(np.int64)
        self._joined = log.sent_at[seen]
        creator = np.zeros(log.conversations, dtype=np.int64)
        creator[self.pairs[::-1, 0]] = self.pairs[::-1, 1]
        self._creator = creator

    def users(self, first: int, rows: int) -> Batch:
        """Users, all older than the first message."""
        index = np.arange(first, first + rows)
        numbers = pa.array(index).cast(pa.string())
        created = times(np.full(rows, int(self._log.sent_at[0]) - _DAY) - index * _SECOND)
        return _batch(
            CHAT_TABLES.users,
            rows,
            id=identifiers.as_array(self._user_ids[index]),
            email=pc.binary_join_element_wise(pa.scalar("demo_"), numbers, pa.scalar("@example.local"), ""),
            username=pc.binary_join_element_wise(pa.scalar("demo"), numbers, "_"),
            weekly_reset=created,
            created_at=created,
            updated_at=created,
        )

    def rooms(self, first: int, rows: int) -> Batch:
        """Conversations, created one second before their first message."""
        index = np.arange(first, first + rows)
        labels = pa.array(self._log.conversation_types)
        return _batch(
            CHAT_TABLES.conversations,
            rows,
            id=identifiers.as_array(self._room_ids[index]),
            type=labels.take(pa.array(self._log.conversation_type[index])),
            last_message_at=pc.if_else(
                pa.array(self._silent[index]), pa.scalar(None, pa.timestamp("us")), times(self._last[index])
            ),
            created_at=times(self._first[index] - _SECOND),
            updated_at=times(self._last[index]),
            creator=identifiers.as_array(self._user_ids[self._creator[index]]),
        )

    def memberships(self, first: int, rows: int) -> Batch:
        """One per person and room, since the person's first message there."""
        index = np.arange(first, first + rows)
        joined = self._joined[index]
        return _batch(
            CHAT_TABLES.members,
            rows,
            id=identifiers.as_array(identifiers.ordered(derive_key("demo", "member"), index, joined)),
            joined_at=times(joined),
            created_at=times(joined),
            updated_at=times(joined),
            user=identifiers.as_array(self._user_ids[self.pairs[index, 1]]),
            conversation=identifiers.as_array(self._room_ids[self.pairs[index, 0]]),
        )

    def messages(self, first: int, rows: int) -> Batch:
        """Messages in the order of time."""
        log, part = self._log, slice(first, first + rows)
        sent: IntArray = log.sent_at[part]
        index = np.arange(first, first + rows)
        return _batch(
            CHAT_TABLES.messages,
            rows,
            id=identifiers.as_array(identifiers.ordered(derive_key("demo", "message"), index, sent)),
            content=self._text.texts(log.content_length[part].astype(np.int64), first),
            type=pa.array(log.message_types).take(pa.array(log.message_type[part])),
            created_at=times(sent),
            updated_at=times(sent),
            sender=identifiers.as_array(self._user_ids[log.sender[part]]),
            conversation=identifiers.as_array(self._room_ids[log.conversation[part]]),
        )


def _batch(names: TableNames, rows: int, **columns: pa.Array) -> Batch:
    """A batch of finished columns. A column that the table has but this demo leaves out is null."""
    absent = pa.nulls(rows, pa.string())
    made = {role: partial(columns.get, role, absent) for role in names.columns}
    return Batch(names.name, rows, made, ())
