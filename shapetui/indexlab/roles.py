"""The tables that the queries of the index lab use, by role: the sampled ones, with what only queries need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shapetui.database.tables import CHAT_TABLES, TableNames


def _more(table: TableNames, **columns: str) -> TableNames:
    return TableNames(table.name, MappingProxyType({**table.columns, **columns}))


@dataclass(frozen=True)
class LabTables:
    """The tables by role; the defaults are the original system's (Prisma camelCase)."""

    users: TableNames = field(default_factory=lambda: CHAT_TABLES.users)
    conversations: TableNames = field(default_factory=lambda: CHAT_TABLES.conversations)
    # A generated row leaves these to the column's default, so the mapping that is filled does not have them.
    members: TableNames = field(default_factory=lambda: _more(CHAT_TABLES.members, active="isActive"))
    messages: TableNames = field(default_factory=lambda: CHAT_TABLES.messages)
    reads: TableNames = field(
        default_factory=lambda: TableNames(
            "message_reads",
            MappingProxyType(
                {
                    "id": "id",
                    "read_at": "readAt",
                    "created_at": "createdAt",
                    "updated_at": "updatedAt",
                    "user": "userId",
                    "message": "messageId",
                }
            ),
        )
    )

    def all(self) -> tuple[TableNames, ...]:
        """All of them, parents before children."""
        return (self.users, self.conversations, self.members, self.messages, self.reads)

    def by_name(self) -> Mapping[str, TableNames]:
        """The same by the table's name."""
        return {names.name: names for names in self.all()}


LAB_TABLES = LabTables()
