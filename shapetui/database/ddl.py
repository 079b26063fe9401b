"""Creating the chat schema: tables, enums, primary keys, uniques and foreign keys, but no secondary index, so that
an index test has something to show. The columns are those of the original's Prisma schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]

ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ConversationType": ("DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL"),
    "ConversationRole": ("MEMBER", "ADMIN", "OWNER"),
    "MessageType": ("TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO", "LOCATION", "SYSTEM"),
    "MessageStatus": ("SENT", "DELIVERED", "READ", "DELETED"),
    "AttachmentType": ("IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "OTHER"),
    "VisibilityType": ("PUBLIC", "CONNECTIONS_ONLY", "CLOSE_FRIENDS_ONLY", "PRIVATE"),
}

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
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
        " AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)",
        [list(_TABLES)],
    )
    return {name for (name,) in rows.fetchall()}


def create_schema(connection: Connection, labels: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Creates what is missing of enums and tables, in the caller's transaction; returns the names of new tables.

    `labels` replaces the values of an enum that does not exist yet (a database whose message types are its own);
    to an existing enum missing values are not added here, see `add_labels`.
    """
    for name, defaults in ENUMS.items():
        values = list(dict.fromkeys((labels or {}).get(name, defaults))) or list(defaults)
        exists = connection.execute(
            "SELECT 1 FROM pg_type WHERE typname = %s AND typnamespace = current_schema()::regnamespace", [name]
        ).fetchone()
        if not exists:
            listed = sql.SQL(", ").join(map(sql.Literal, values))
            connection.execute(sql.SQL("CREATE TYPE {} AS ENUM ({})").format(sql.Identifier(name), listed))
    present = existing_tables(connection)
    created = []
    for name, definition in _TABLES.items():
        if name not in present:
            body = definition
            for enum, column, default in (("ConversationType", "type", "DIRECT_MESSAGE"), ("MessageType", "type", "TEXT")):
                # An enum of a database's own need not hold the original's default label.
                if labels and enum in labels and default not in labels[enum]:
                    body = body.replace(f'"{column}" "{enum}" NOT NULL DEFAULT \'{default}\'', f'"{column}" "{enum}" NOT NULL')
            connection.execute(sql.SQL("CREATE TABLE {} (" + body + ")").format(sql.Identifier(name)))  # type: ignore[arg-type]
            created.append(name)
    return created
