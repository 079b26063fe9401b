"""The chat tables by role: which table and which column holds what. Queries ask here and spell no name themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from psycopg import sql


@dataclass(frozen=True, eq=False)
class TableNames:
    """One table: its name and, by role, its columns. Compared by identity, so it can be a key."""

    name: str
    columns: Mapping[str, str]

    @property
    def identifier(self) -> sql.Identifier:
        """The table's name, quoted."""
        return sql.Identifier(self.name)

    def __getitem__(self, role: str) -> sql.Identifier:
        """The column of a role, quoted. Raises KeyError for a role that the table does not have."""
        return sql.Identifier(self.columns[role])


def _table(table: str, /, **columns: str) -> TableNames:
    return TableNames(table, MappingProxyType(columns))


@dataclass(frozen=True)
class ChatTables:
    """The five tables that are sampled and filled; the defaults are the original system's (Prisma camelCase)."""

    users: TableNames = field(
        default_factory=lambda: _table(
            "users",
            id="id",
            email="email",
            username="username",
            first_name="firstName",
            last_name="lastName",
            bio="bio",
            image="profileImageUrl",
            weekly_reset="lastWeeklyReset",
            created_at="createdAt",
            updated_at="updatedAt",
        )
    )
    conversations: TableNames = field(
        default_factory=lambda: _table(
            "conversations",
            id="id",
            name="name",
            type="type",
            last_message_at="lastMessageAt",
            created_at="createdAt",
            updated_at="updatedAt",
            creator="creatorId",
        )
    )
    members: TableNames = field(
        default_factory=lambda: _table(
            "conversation_users",
            id="id",
            joined_at="joinedAt",
            last_read_at="lastReadAt",
            created_at="createdAt",
            updated_at="updatedAt",
            user="userId",
            conversation="conversationId",
        )
    )
    messages: TableNames = field(
        default_factory=lambda: _table(
            "messages",
            id="id",
            content="content",
            type="type",
            created_at="createdAt",
            updated_at="updatedAt",
            sender="senderId",
            conversation="conversationId",
            idempotency_key="idempotencyKey",
            correlation_id="correlationId",
        )
    )
    attachments: TableNames = field(
        default_factory=lambda: _table(
            "attachments",
            id="id",
            filename="filename",
            original_name="originalName",
            mime_type="mimeType",
            size="size",
            url="url",
            type="type",
            created_at="createdAt",
            updated_at="updatedAt",
            uploader="uploaderId",
            message="messageId",
        )
    )

    def all(self) -> tuple[TableNames, ...]:
        """The five, parents before children."""
        return (self.users, self.conversations, self.members, self.messages, self.attachments)


CHAT_TABLES = ChatTables()
