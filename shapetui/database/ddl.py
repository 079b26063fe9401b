"""Creating the chat schema: tables, enums, primary keys, uniques and foreign keys, but no secondary index, so that
an index test has something to show. The columns are those of the original's Prisma schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.catalogue import objects_beside

Connection = psycopg.Connection[Any]

ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ConversationType": ("DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL"),
    "ConversationRole": ("MEMBER", "ADMIN", "OWNER"),
    "MessageType": ("TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO", "LOCATION", "SYSTEM"),
    "MessageStatus": ("SENT", "DELIVERED", "READ", "DELETED"),
    "AttachmentType": ("IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"),
    "VisibilityType": ("PUBLIC", "CONNECTIONS_ONLY", "CLOSE_FRIENDS_ONLY", "PRIVATE"),
}

# Marks enums and tables as created here, so that labels may be added and a constraint rebuilt.
_OURS: Final = "created by shapetui"
# PostgreSQL's own name for the UNIQUE of conversation_users below.
_SCATTERED_TABLE: Final = "conversation_users"
_SCATTERED_COLUMNS: Final = ("userId", "conversationId")
_SCATTERED_NAME: Final = "conversation_users_userId_conversationId_key"
_DEFAULT_LABELS: Final = {"ConversationType": "DIRECT_MESSAGE", "MessageType": "TEXT"}

# Every NOT NULL column without a default is one that a loader must supply, as with Prisma (`updatedAt`).
_TABLES: Final[Mapping[str, str]] = {
    "users": """
        "id" text NOT NULL PRIMARY KEY, "email" text NOT NULL UNIQUE, "username" text NOT NULL UNIQUE,
        "firstName" text, "lastName" text, "bio" text, "profileImageUrl" text, "isActive" boolean NOT NULL DEFAULT true,
        "anonymousPostsToday" integer NOT NULL DEFAULT 0, "weeklyPushesUsed" integer NOT NULL DEFAULT 0,
        "lastAnonymousPostDate" timestamp(3), "lastWeeklyReset" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "allowDirectMessages" boolean NOT NULL DEFAULT true, "showOnlineStatus" boolean NOT NULL DEFAULT true,
        "profileVisibility" "VisibilityType" NOT NULL DEFAULT 'PUBLIC', "isOnline" boolean NOT NULL DEFAULT false,
        "lastSeenAt" timestamp(3), "typingIn" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL, "lastLoginAt" timestamp(3)""",
    "conversations": """
        "id" text NOT NULL PRIMARY KEY, "name" text, "description" text,
        "type" "ConversationType" NOT NULL DEFAULT 'DIRECT_MESSAGE', "avatarUrl" text,
        "isActive" boolean NOT NULL DEFAULT true, "allowMemberAdd" boolean NOT NULL DEFAULT true,
        "allowFileSharing" boolean NOT NULL DEFAULT true, "maxMembers" integer, "lastMessageAt" timestamp(3),
        "lastMessageId" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL,
        "creatorId" text NOT NULL REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE""",
    "conversation_users": """
        "id" text NOT NULL PRIMARY KEY, "role" "ConversationRole" NOT NULL DEFAULT 'MEMBER',
        "isActive" boolean NOT NULL DEFAULT true, "isMuted" boolean NOT NULL DEFAULT false, "mutedUntil" timestamp(3),
        "joinedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "leftAt" timestamp(3), "lastReadAt" timestamp(3),
        "lastReadMessageId" text, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL,
        "userId" text NOT NULL REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        "conversationId" text NOT NULL REFERENCES "conversations" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        UNIQUE ("userId", "conversationId")""",
    "messages": """
        "id" text NOT NULL PRIMARY KEY, "content" text, "type" "MessageType" NOT NULL DEFAULT 'TEXT',
        "status" "MessageStatus" NOT NULL DEFAULT 'SENT', "isEdited" boolean NOT NULL DEFAULT false,
        "editedAt" timestamp(3), "isDeleted" boolean NOT NULL DEFAULT false, "deletedAt" timestamp(3),
        "replyToId" text REFERENCES "messages" ("id") ON UPDATE CASCADE ON DELETE SET NULL, "threadId" text,
        "metadata" jsonb, "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL,
        "senderId" text NOT NULL REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        "conversationId" text NOT NULL REFERENCES "conversations" ("id") ON UPDATE CASCADE ON DELETE CASCADE""",
    "message_reads": """
        "id" text NOT NULL PRIMARY KEY, "readAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
        "userId" text NOT NULL REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        "messageId" text NOT NULL REFERENCES "messages" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        UNIQUE ("userId", "messageId")""",
    "attachments": """
        "id" text NOT NULL PRIMARY KEY, "filename" text NOT NULL, "originalName" text NOT NULL,
        "mimeType" text NOT NULL, "size" integer NOT NULL, "url" text NOT NULL, "thumbnailUrl" text,
        "type" "AttachmentType" NOT NULL, "width" integer, "height" integer, "duration" integer,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" timestamp(3) NOT NULL,
        "uploaderId" text NOT NULL REFERENCES "users" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
        "messageId" text REFERENCES "messages" ("id") ON UPDATE CASCADE ON DELETE CASCADE""",
}


def existing_tables(connection: Connection) -> set[str]:
    """Which of the chat tables exist in the connection's current schema."""
    return tables_among(connection, list(_TABLES))


def tables_among(connection: Connection, names: Sequence[str]) -> set[str]:
    """Which of some tables exist in the connection's current schema; those of other schemas are not ours to touch."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))"
        " AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)",
        [list(names)],
    )
    return {name for (name,) in rows.fetchall()}


def create_schema(connection: Connection, labels: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Creates what is missing of enums and tables, in the caller's transaction; returns the names of new tables.

    `labels` replaces the values of an enum that does not exist yet (a database whose message types are its own);
    to an existing enum missing values are not added here, see `add_labels`.
    """
    for name, defaults in ENUMS.items():
        if not _enum_exists(connection, name):
            values = list(dict.fromkeys((labels or {}).get(name, defaults)))
            listed = sql.SQL(", ").join(map(sql.Literal, values))
            connection.execute(sql.SQL("CREATE TYPE {} AS ENUM ({})").format(sql.Identifier(name), listed))
            connection.execute(sql.SQL("COMMENT ON TYPE {} IS {}").format(sql.Identifier(name), sql.Literal(_OURS)))
    present = existing_tables(connection)
    held = _labels(connection)
    created = []
    for name, definition in _TABLES.items():
        if name not in present:
            body = definition
            for enum, default in _DEFAULT_LABELS.items():
                # An enum of a database's own need not hold the original's default label.
                if default not in held[enum]:
                    body = body.replace(f"\"{enum}\" NOT NULL DEFAULT '{default}'", f'"{enum}" NOT NULL')
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), sql.SQL(body)))
            connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(name), sql.Literal(_OURS)))
            created.append(name)
    return created


def chat_row_counts(connection: Connection) -> dict[str, int]:
    """Exact number of rows of each table of the schema that exists, with receipts."""
    counts = {}
    for name in sorted(existing_tables(connection)):
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


def lock_tables(connection: Connection) -> None:
    """Keeps everybody else from the chat tables to the end of the caller's transaction."""
    for name in sorted(existing_tables(connection)):
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(name)))


def strange_objects(connection: Connection) -> list[str]:
    """What the current schema holds beside the tables and enums that `create_schema` made, see `objects_beside`."""
    return objects_beside(connection, list(_TABLES), list(ENUMS), _OURS)


def drop_schema(connection: Connection) -> None:
    """Drops the tables and enums that `create_schema` makes, whoever made them, and nothing else.

    Raises psycopg's DependentObjectsStillExist when something of another's hangs on them.
    """
    enums = [name for name in ENUMS if _enum_exists(connection, name)]
    for statement, names in (("DROP TABLE {}", sorted(existing_tables(connection))), ("DROP TYPE {}", enums)):
        if names:
            # In one statement, because they refer to each other.
            connection.execute(sql.SQL(statement).format(sql.SQL(", ").join(map(sql.Identifier, names))))


def drop_scattered_unique(connection: Connection) -> None:
    """Drops, for the time of a load, the one unique constraint whose index would be filled in random order.

    Only from a table that shapetui created and this role owns. Building that index afterwards takes a quarter of the
    time. `restore_scattered_unique` must follow; a killed load leaves it to the next one.
    """
    if _is_ours(connection, _SCATTERED_TABLE, owned=True):
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
                sql.Identifier(_SCATTERED_TABLE), sql.Identifier(_SCATTERED_NAME)
            )
        )


def restore_scattered_unique(connection: Connection) -> None:
    """Adds the constraint that `drop_scattered_unique` took away, where it is missing."""
    exists = connection.execute(
        "SELECT FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)",
        [_SCATTERED_NAME, f'"{_SCATTERED_TABLE}"'],
    ).fetchone()
    if exists is None and _is_ours(connection, _SCATTERED_TABLE):
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE ({})").format(
                sql.Identifier(_SCATTERED_TABLE),
                sql.Identifier(_SCATTERED_NAME),
                sql.SQL(", ").join(map(sql.Identifier, _SCATTERED_COLUMNS)),
            )
        )


def _is_ours(connection: Connection, table: str, owned: bool = False) -> bool:
    """Whether shapetui created a table; with `owned`, also whether this role may alter it."""
    row = connection.execute(
        "SELECT coalesce(obj_description(oid, 'pg_class') = %s AND (NOT %s OR pg_has_role(relowner, 'USAGE')), false)"
        " FROM pg_class WHERE oid = to_regclass(%s)",
        [_OURS, owned, f'"{table}"'],
    ).fetchone()
    return bool(row and row[0])


def add_labels(connection: Connection, labels: Mapping[str, Sequence[str]]) -> None:
    """Adds missing values to enums that shapetui created (they carry its comment); others are left alone.

    The connection must be in autocommit mode: a new value cannot be used in the transaction that adds it.
    """
    ours, held = enums_of_ours(connection), _labels(connection)
    for name, values in labels.items():
        for value in values:
            # Asked for only where it is missing: the statement needs the type's owner even when it does nothing.
            if name in ours and value not in held[name]:
                connection.execute(
                    sql.SQL("ALTER TYPE {} ADD VALUE IF NOT EXISTS {}").format(sql.Identifier(name), sql.Literal(value))
                )


def enums_of_ours(connection: Connection) -> set[str]:
    """Which of the chat enums in the current schema shapetui created."""
    rows = connection.execute(
        "SELECT typname FROM pg_type WHERE obj_description(oid, 'pg_type') = %s AND typname = ANY(%s)"
        " AND typnamespace = to_regnamespace(quote_ident(current_schema()))",
        [_OURS, list(ENUMS)],
    )
    return {name for (name,) in rows.fetchall()}


def _labels(connection: Connection) -> dict[str, set[str]]:
    """Labels of the chat enums in the current schema; empty where there is no such enum."""
    rows = connection.execute(
        "SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid"
        " WHERE t.typname = ANY(%s) AND t.typnamespace = to_regnamespace(quote_ident(current_schema()))",
        [list(ENUMS)],
    )
    held: dict[str, set[str]] = {name: set() for name in ENUMS}
    for name, label in rows.fetchall():
        held[name].add(label)
    return held


def _enum_exists(connection: Connection, name: str) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_type WHERE typname = %s"
        " AND typnamespace = to_regnamespace(quote_ident(current_schema())))",
        [name],
    ).fetchone()
    return bool(row and row[0])
