"""The rows of a plan: what each column of users, conversations, members and messages holds, without a Python object
per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shapetui.database.tables import CHAT_TABLES
from shapetui.distributions.bins import IntArray
from shapetui.distributions.categories import largest_remainder
from shapetui.generation import identifiers
from shapetui.generation.attachments import MediaMessages, attachments, carries_file
from shapetui.generation.batches import Batch, cached, times
from shapetui.generation.conversations import Conversations
from shapetui.generation.people import Members, senders
from shapetui.generation.plan import Plan
from shapetui.generation.randomness import Permutation, derive_key, hashed, normal, uniform
from shapetui.generation.slices import SliceRows
from shapetui.generation.text import TextBuffer

_MINUTE: Final = 60_000
# Bytes of text in one batch: far above what chats have, far below the 2 GiB of an Arrow string array.
_TEXT_PER_BATCH: Final = 64 << 20
# The original generator's shares of users with a biography and with a picture.
_WITH_BIO, _WITH_IMAGE = 0.6, 0.4


@dataclass(frozen=True)
class RowMaker:
    """Makes the batches of all tables of one plan; holds the ids of users and conversations."""

    plan: Plan
    conversations: Conversations
    members: Members
    last_message_ms: IntArray

    @cached_property
    def _user_ids(self) -> identifiers.Bytes:
        return identifiers.unordered(derive_key(self.plan.seed, "user id"), np.arange(self.plan.users))

    @cached_property
    def _room_ids(self) -> identifiers.Bytes:
        return identifiers.unordered(derive_key(self.plan.seed, "room id"), np.arange(self.plan.conversations))

    @cached_property
    def _room_created_ms(self) -> IntArray:
        """Rooms exist one second to one minute before their first message can be written."""
        key = derive_key(self.plan.seed, "room created")
        lead = 1000 + (hashed(key, np.arange(self.plan.conversations)) % np.uint64(59_000)).astype(np.int64)
        return self.plan.clock.time(self.conversations.start) - lead

    @cached_property
    def _text(self) -> TextBuffer:
        return TextBuffer(self.plan.seed)

    @cached_property
    def _message_types(self) -> tuple[tuple[str, ...], IntArray]:
        """Labels and the upper borders of their stretches of 0..messages-1."""
        counts = largest_remainder(self.plan.model.message_types, self.conversations.messages)
        return tuple(counts), np.cumsum(list(counts.values()))

    @cached_property
    def _message_order(self) -> Permutation:
        return Permutation(max(self.conversations.messages, 1), derive_key(self.plan.seed, "message"))

    def _id_of(self, ids: identifiers.Bytes, index: IntArray) -> Callable[[], pa.Array]:
        return cached(lambda: identifiers.as_array(ids[index]))

    def users(self, first: int, rows: int) -> Batch:
        """Users, all of them older than the window."""
        index = np.arange(first, first + rows)
        plan = self.plan
        window = plan.clock.end_ms - plan.clock.start_ms
        age = 2 * _MINUTE + uniform(derive_key(plan.seed, "user created"), index) * window
        created = cached(lambda: times(plan.clock.start_ms - age.astype(np.int64)))
        has_bio = uniform(derive_key(plan.seed, "bio"), index) < _WITH_BIO
        has_image = uniform(derive_key(plan.seed, "image"), index) < _WITH_IMAGE
        numbers = pa.array(index).cast(pa.string())

        def named(before: str, after: str) -> pa.Array:
            return pc.binary_join_element_wise(pa.scalar(before), numbers, pa.scalar(after), "")

        return Batch(
            CHAT_TABLES.users.name,
            rows,
            {
                "id": self._id_of(self._user_ids, index),
                "email": cached(lambda: named("synthetic_", "@example.local")),
                "username": cached(lambda: self._usernames(index)),
                "first_name": lambda: pa.array(np.full(rows, "Synthetic")),
                "last_name": lambda: named("User", ""),
                "bio": lambda: pc.if_else(
                    pa.array(has_bio), pa.scalar("synthetic biography"), pa.scalar(None, pa.string())
                ),
                "image": lambda: pc.if_else(
                    pa.array(has_image), named("https://cdn.example.com/avatars/", ".jpg"), pa.scalar(None, pa.string())
                ),
                # Left to the database it would be the present, and no two runs alike.
                "weekly_reset": created,
                "created_at": created,
                "updated_at": created,
            },
            ("id", "email", "username", "created_at"),
        )

    def _usernames(self, index: IntArray) -> pa.Array:
        """Unique names of normally distributed length: a number, filled up with letters."""
        plan, key = self.plan, derive_key(self.plan.seed, "username")
        wanted = np.clip(np.round(plan.username_mean + plan.username_stddev * normal(key, index)), 3, 60).astype(
            np.int64
        )
        filler = "usersyntheticabcdefghijklmnopqrstuvwxyzusersyntheticabcdefghijklmnop"
        names = [
            filler[: max(1, length - len(str(number)) - 1)] + "_" + str(number)
            for number, length in zip(index.tolist(), wanted.tolist(), strict=True)
        ]
        return pa.array(names)

    def rooms(self, first: int, rows: int) -> Batch:
        """Conversations; groups have names, direct messages have none."""
        index = np.arange(first, first + rows)
        rooms = self.conversations
        labels = pa.array(rooms.labels)
        is_direct = np.array([label == "DIRECT_MESSAGE" for label in rooms.labels])[rooms.kind[index]]
        created = cached(lambda: times(self._room_created_ms[index]))
        last = self.last_message_ms[index]
        silent = rooms.size[index] == 0

        def names() -> pa.Array:
            numbered = pc.binary_join_element_wise(pa.scalar("Group"), pa.array(index).cast(pa.string()), " ")
            return pc.if_else(pa.array(is_direct), pa.scalar(None, pa.string()), numbered)

        return Batch(
            CHAT_TABLES.conversations.name,
            rows,
            {
                "id": self._id_of(self._room_ids, index),
                "name": names,
                "type": cached(lambda: labels.take(pa.array(rooms.kind[index]))),
                "last_message_at": lambda: pc.if_else(
                    pa.array(silent), pa.scalar(None, pa.timestamp("us")), times(last)
                ),
                "created_at": created,
                "updated_at": lambda: times(np.where(silent, self._room_created_ms[index], last)),
                "creator": self._id_of(self._user_ids, self.members.creator[index]),
            },
            ("id", "type", "created_at", "creator"),
        )

    def memberships(self, first: int, rows: int, room: IntArray) -> Batch:
        """Memberships `first` to `first + rows`; `room` is their conversation. People are in a room from its begin."""
        index = np.arange(first, first + rows)
        joined_ms = self._room_created_ms[room]
        joined = cached(lambda: times(joined_ms))

        def last_read() -> pa.Array:
            share = uniform(derive_key(self.plan.seed, "last read"), index)
            return times(joined_ms + ((self.last_message_ms[room] - joined_ms) * np.sqrt(share)).astype(np.int64))

        return Batch(
            CHAT_TABLES.members.name,
            rows,
            {
                "id": cached(
                    lambda: identifiers.as_array(
                        identifiers.ordered(derive_key(self.plan.seed, "member id"), index, joined_ms)
                    )
                ),
                "joined_at": joined,
                "last_read_at": last_read,
                "created_at": joined,
                "updated_at": joined,
                "user": self._id_of(self._user_ids, self.members.user[index]),
                "conversation": self._id_of(self._room_ids, room),
            },
            ("id", "joined_at", "user", "conversation"),
        )

    def messages(self, rows: SliceRows, rows_per_batch: int) -> Iterator[tuple[Batch, Batch | None]]:
        """The messages of one slice in batches, each with the attachments of its media messages.

        The rows do not depend on `rows_per_batch`. Batches of long texts have fewer rows.
        """
        count = rows.conversation.size
        place = self._message_order(rows.first + np.arange(count))
        kind = np.searchsorted(self._message_types[1], place, side="right")
        lengths = self._lengths(kind, place)
        written = np.concatenate([[0], np.cumsum(lengths)])
        start = self._text.place(rows.first)
        begin = 0
        while begin < count:
            fits = int(np.searchsorted(written, written[begin] + _TEXT_PER_BATCH, side="right")) - 1
            end = min(begin + rows_per_batch, max(fits, begin + 1), count)
            part = SliceRows(
                rows.first + begin,
                rows.conversation[begin:end],
                rows.position[begin:end],
                rows.created_ms[begin:end],
            )
            yield self._message_batch(part, kind[begin:end], lengths[begin:end], start + int(written[begin]))
            begin = end

    def _message_batch(
        self, part: SliceRows, kind: IntArray, lengths: IntArray, text_place: int
    ) -> tuple[Batch, Batch | None]:
        plan, count = self.plan, part.conversation.size
        index = part.first + np.arange(count)
        labels, _ = self._message_types
        sender = senders(plan, self.members, part.conversation, part.first)
        ids = identifiers.ordered(derive_key(plan.seed, "message id"), index, part.created_ms)
        id_array = cached(lambda: identifiers.as_array(ids))
        created = cached(lambda: times(part.created_ms))
        batch = Batch(
            CHAT_TABLES.messages.name,
            count,
            {
                "id": id_array,
                "content": cached(lambda: self._text.texts(lengths, text_place)),
                "type": cached(lambda: pa.array(labels).take(pa.array(kind))),
                "created_at": created,
                "updated_at": created,
                "sender": self._id_of(self._user_ids, sender),
                "conversation": self._id_of(self._room_ids, part.conversation),
                # Distinct because the ids are.
                "idempotency_key": lambda: pc.binary_join_element_wise(pa.scalar("idem"), id_array(), "-"),
                "correlation_id": lambda: pc.binary_join_element_wise(pa.scalar("corr"), id_array(), "-"),
            },
            ("id", "content", "type", "created_at", "sender", "conversation"),
        )
        chosen = np.flatnonzero(carries_file(labels)[kind])
        if not chosen.size:
            return batch, None
        media = MediaMessages(
            index[chosen], part.created_ms[chosen], labels, kind[chosen], ids[chosen], self._user_ids[sender[chosen]]
        )
        return batch, attachments(plan.seed, media)

    def _lengths(self, kind: IntArray, place: IntArray) -> IntArray:
        """Characters of each message: its type's law at the quantile of its place within the type."""
        labels, borders = self._message_types
        lengths = np.empty(kind.size, dtype=np.int64)
        for number, label in enumerate(labels):
            rows = np.flatnonzero(kind == number)
            first = borders[number - 1] if number else 0
            total = borders[number] - first
            lengths[rows] = self.plan.model.lengths[label].quantile((place[rows] - first + 0.5) / max(total, 1))
        return lengths
