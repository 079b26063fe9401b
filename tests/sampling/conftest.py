"""Small chat databases on a real server, made by hand or from a chat log."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from shapetui.database.ddl import create_schema
from shapetui.database.embedded import EmbeddedServer
from shapetui.demo.chat_log import ChatLog
from shapetui.documents.shape import Shape
from shapetui.progress import Watch
from shapetui.sampling.sample import SampleRequest, sample

SALT = "0123456789abcdef0123456789abcdef"
NOW = datetime(2025, 11, 22, tzinfo=UTC)
_numbers = count()


class Chat:
    """One database, with the chat schema unless `labels` is None, and what tests do with it."""

    def __init__(self, server: EmbeddedServer, labels: dict[str, list[str]] | None) -> None:
        self.name = f"sampling{next(_numbers)}"
        self._server = server
        server.ensure_database(self.name)
        self.connection = self.connect()
        if labels is not None:
            create_schema(self.connection, labels)
        self._ids = count()

    def connect(self) -> psycopg.Connection[Any]:
        """One more connection, in autocommit."""
        return psycopg.connect(self._server.conninfo(self.name), autocommit=True)

    def sample(self, watch: Watch | None = None, salt: str | None = SALT, **request: Any) -> Shape:
        """All of history without protection, unless `request` says otherwise."""
        asked = SampleRequest(**{"window_days": 0, "min_cell_count": 1, **request})
        return sample(self.connection, asked, NOW, watch or Watch(), salt)

    def user(self, name: str, **filled: str) -> None:
        """A user, whose id and username are `name`."""
        columns = "".join(f', "{column}"' for column in filled)
        self.connection.execute(
            f'INSERT INTO users (id, email, username, "updatedAt"{columns})'
            f" VALUES (%s, %s, %s, now(){', %s' * len(filled)}) ON CONFLICT DO NOTHING",
            [name, f"{name}@example.local", name, *filled.values()],
        )

    def room(self, name: str, kind: str = "GROUP_CHAT", at: datetime = NOW - timedelta(days=1)) -> None:
        """A conversation created at `at`; its creator is the user "creator", who is no member."""
        self.user("creator")
        self.connection.execute(
            'INSERT INTO conversations (id, type, "createdAt", "updatedAt", "creatorId")'
            " VALUES (%s, %s, %s, now(), 'creator')",
            [name, kind, at],
        )

    def member(self, room: str, user: str) -> None:
        """Puts a user into a conversation."""
        self.user(user)
        self.connection.execute(
            'INSERT INTO conversation_users (id, "updatedAt", "userId", "conversationId") VALUES (%s, now(), %s, %s)',
            [f"x{next(self._ids)}", user, room],
        )

    def message(self, room: str, sender: str, at: datetime, content: str | None = "hello", kind: str = "TEXT") -> None:
        """One message."""
        self.user(sender)
        self.connection.execute(
            'INSERT INTO messages (id, content, type, "createdAt", "updatedAt", "senderId", "conversationId")'
            " VALUES (%s, %s, %s, %s, now(), %s, %s)",
            [f"m{next(self._ids)}", content, kind, at, sender, room],
        )

    def fill(self, log: ChatLog) -> None:
        """The whole log; users n and conversations n are named by their numbers, senders are members."""
        run = self.connection.execute
        run("CREATE TEMP TABLE rows (c int, u int, t int, l int, ms int8)")
        with self.connection.cursor().copy("COPY rows FROM STDIN") as copy:
            for row in zip(
                *(
                    values.tolist()
                    for values in (log.conversation, log.sender, log.message_type, log.content_length, log.sent_at)
                ),
                strict=True,
            ):
                copy.write_row(row)
        kinds = [log.conversation_types[i] for i in log.conversation_type]
        run(
            'INSERT INTO users (id, email, username, "updatedAt") SELECT n, n, n, now() FROM generate_series(0, %s) n',
            [log.users - 1],
        )
        run(
            'INSERT INTO conversations (id, type, "createdAt", "updatedAt", "creatorId")'
            " SELECT n - 1, t, '2025-01-01', now(), '0' FROM unnest(%s::text[]::\"ConversationType\"[])"
            " WITH ORDINALITY k (t, n)",
            [kinds],
        )
        run(
            'INSERT INTO conversation_users (id, "updatedAt", "userId", "conversationId")'
            " SELECT row_number() OVER (), now(), u, c FROM (SELECT DISTINCT u, c FROM rows) p"
        )
        run(
            'INSERT INTO messages (id, content, type, "createdAt", "updatedAt", "senderId", "conversationId")'
            " SELECT row_number() OVER (), repeat('é', l), ((%s::text[])[t + 1])::\"MessageType\","
            " to_timestamp(ms / 1000.0), now(), u, c FROM rows ORDER BY ms",
            [list(log.message_types)],
        )
        run("ANALYZE")


@pytest.fixture(scope="session")
def chat_server() -> Iterator[EmbeddedServer]:
    """A server in a folder that its account can enter; pytest's own temporary folders are closed to it."""
    top = Path(tempfile.mkdtemp(prefix="shapetui-test-", dir="/tmp"))
    top.chmod(0o755)
    with EmbeddedServer.acquire(top / "home") as server:
        yield server
    shutil.rmtree(top)


@pytest.fixture
def chat(chat_server: EmbeddedServer) -> Iterator[Chat]:
    """An empty chat database."""
    found = Chat(chat_server, {})
    yield found
    found.connection.close()


@pytest.fixture
def bare(chat_server: EmbeddedServer) -> Iterator[Chat]:
    """A database without tables."""
    found = Chat(chat_server, None)
    yield found
    found.connection.close()


@pytest.fixture
def own_labels(chat_server: EmbeddedServer) -> Iterator[Chat]:
    """A chat database whose enums are its own, with labels that need quoting everywhere."""
    odd = ['it\'s "odd" \\', "Grüße 🎉", "OTHER"]
    found = Chat(chat_server, {"MessageType": odd, "ConversationType": odd})
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def simulated(chat_server: EmbeddedServer) -> Iterator[tuple[Chat, ChatLog]]:
    """A simulated chat of 20,000 messages, and the log it was made from."""
    from shapetui.demo.simulator import simulate

    log = simulate(20_000)
    found = Chat(chat_server, {"MessageType": list(log.message_types)})
    found.fill(log)
    yield found, log
    found.connection.close()


@pytest.fixture(scope="session")
def hour_of_week() -> Any:
    """A function from milliseconds since 1970 UTC to the hour of the week, by the calendar of Python."""

    def hour(sent_at: Any) -> Any:
        moments = [datetime.fromtimestamp(ms / 1000, UTC) for ms in np.asarray(sent_at).tolist()]
        return np.array([moment.isoweekday() % 7 * 24 + moment.hour for moment in moments])

    return hour
