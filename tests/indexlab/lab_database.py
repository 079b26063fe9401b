"""A small chat with a few large and many small conversations, and what tests ask of it."""

from __future__ import annotations

from typing import Any

from shapetui.database.ddl import create_schema
from shapetui.database.target import Target

# Conversation n of 60 has 1200 / n messages and, until they run out, the members 1 to 60 / n.
FILL = """
INSERT INTO users (id, email, username, "updatedAt")
  SELECT 'u' || n, n || '@example.local', 'user' || n, '2025-01-01' FROM generate_series(1, 60) n;
INSERT INTO conversations (id, "createdAt", "updatedAt", "creatorId")
  SELECT 'c' || n, '2025-01-01', timestamp '2025-02-01' + n * interval '1 h', 'u1' FROM generate_series(1, 60) n;
INSERT INTO conversation_users (id, "updatedAt", "userId", "conversationId")
  SELECT 'm' || n || '-' || u, '2025-01-01', 'u' || u, 'c' || n
  FROM generate_series(1, 60) n, generate_series(1, 60 / n) u;
INSERT INTO messages (id, content, "createdAt", "updatedAt", "senderId", "conversationId")
  SELECT 'x' || n || '-' || k, 'secret words', timestamp '2025-01-01' + k * interval '1 min', '2025-01-01', 'u1',
         'c' || n
  FROM generate_series(1, 60) n, generate_series(1, 1200 / n) k ORDER BY k, n;
ANALYZE;
"""


def fill(target: Target) -> None:
    """Makes the tables and their rows."""
    with target.open(create=True) as connection:
        create_schema(connection)
        connection.execute(FILL.encode())


def rows(target: Target, query: str, *given: Any) -> list[tuple[Any, ...]]:
    """The answer to a query."""
    with target.open(autocommit=True) as connection:
        return connection.execute(query.encode(), given or None).fetchall()


def run(target: Target, *statements: str) -> None:
    """Statements in autocommit."""
    with target.open(autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def indexes(target: Target) -> dict[str, bool]:
    """Secondary indexes, and whether each is valid."""
    found = rows(
        target,
        "SELECT i.indexrelid::regclass::text, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS"
        " (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1",
    )
    return {name.strip('"'): valid for name, valid in found}
