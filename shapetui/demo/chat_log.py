"""A whole chat history without its text: what the simulator makes and a corpus file holds, ready to be loaded
into a demo "production" database. Only arrays, no names and no words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LABEL_BYTES = 63  # an enum label of PostgreSQL is a `name`: NAMEDATALEN 64 with the closing NUL


@dataclass(frozen=True, eq=False)  # eq: comparing arrays gives an array, not a truth
class ChatLog:
    """One row per message, N rows, sorted by time as an append-only heap would be filled; C conversations.

    `conversation_types`, `message_types`: labels, distinct, 1..63 bytes each.
    `conversation_type`: (C,) int16, index into `conversation_types`.
    `conversation`: (N,) int32, 0..C-1.
    `sender`: (N,) int32, 0..users-1; not every user need have written.
    `message_type`: (N,) int16, index into `message_types`.
    `content_length`: (N,) int32 characters, 0 and up.
    `sent_at`: (N,) int64 milliseconds since 1970 UTC, never decreasing.

    Raises ValueError when lengths, ranges, dtypes or the order do not hold.
    """

    conversation_types: tuple[str, ...]
    message_types: tuple[str, ...]
    conversation_type: NDArray[np.int16]
    conversation: NDArray[np.int32]
    sender: NDArray[np.int32]
    users: int
    message_type: NDArray[np.int16]
    content_length: NDArray[np.int32]
    sent_at: NDArray[np.int64]

    def __post_init__(self) -> None:
        self.validate()

    @classmethod
    def from_rows(
        cls,
        *,
        conversation_types: tuple[str, ...],
        message_types: tuple[str, ...],
        conversation_type: NDArray[Any],
        conversation: NDArray[Any],
        sender: NDArray[Any],
        users: int,
        message_type: NDArray[Any],
        content_length: NDArray[Any],
        sent_at: NDArray[np.int64],
    ) -> ChatLog:
        """The log of rows in any order: sorts them by time, rows of one millisecond in the order given."""
        order = np.argsort(sent_at, kind="stable")
        return cls(
            conversation_types=conversation_types,
            message_types=message_types,
            conversation_type=conversation_type.astype(np.int16),
            conversation=conversation[order].astype(np.int32),
            sender=sender[order].astype(np.int32),
            users=users,
            message_type=message_type[order].astype(np.int16),
            content_length=content_length[order].astype(np.int32),
            sent_at=sent_at[order],
        )

    @property
    def messages(self) -> int:
        """N, the number of messages."""
        return len(self.sent_at)

    @property
    def conversations(self) -> int:
        """C, the number of conversations."""
        return len(self.conversation_type)

    def conversation_sizes(self) -> NDArray[np.int64]:
        """(C,) messages per conversation."""
        return np.bincount(self.conversation, minlength=self.conversations).astype(np.int64)

    def validate(self) -> None:
        """Raise ValueError for the first thing that makes these arrays no chat log."""
        _check_labels("conversation_types", self.conversation_types)
        _check_labels("message_types", self.message_types)
        rows = len(self.sent_at)
        columns: dict[str, tuple[NDArray[Any], int, int | None]] = {
            "conversation_type": (self.conversation_type, self.conversations, len(self.conversation_types)),
            "conversation": (self.conversation, rows, self.conversations),
            "sender": (self.sender, rows, self.users),
            "message_type": (self.message_type, rows, len(self.message_types)),
            "content_length": (self.content_length, rows, None),
            "sent_at": (self.sent_at, rows, None),
        }
        for name, (values, length, limit) in columns.items():
            if values.ndim != 1 or len(values) != length:
                raise ValueError(f"{name} has the shape {values.shape}, expected ({length},)")
            if not np.issubdtype(values.dtype, np.integer):
                raise ValueError(f"{name} holds {values.dtype}, expected integers")
            if not length:
                continue
            if name != "sent_at" and int(values.min()) < 0:
                raise ValueError(f"{name} holds {int(values.min())}, expected 0 or more")
            if limit is not None and int(values.max()) >= limit:
                raise ValueError(f"{name} holds {int(values.max())}, expected less than {limit}")
        if rows > 1 and bool(np.any(self.sent_at[1:] < self.sent_at[:-1])):
            raise ValueError("sent_at goes back in time, expected rows sorted by sent_at")


def _check_labels(name: str, labels: tuple[str, ...]) -> None:
    for label in labels:
        if not 1 <= len(label.encode()) <= LABEL_BYTES or "\0" in label:
            raise ValueError(f"{name} holds a label that is empty, over {LABEL_BYTES} bytes or has a NUL")
    if len(set(labels)) != len(labels):
        raise ValueError(f"{name} holds one label twice")
