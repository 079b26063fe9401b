"""Rows as Arrow arrays by role: what each column of each table holds, without a Python object per row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shapetui.database.tables import CHAT_TABLES
from shapetui.distributions.bins import IntArray
from shapetui.distributions.categories import largest_remainder
from shapetui.generation import identifiers
from shapetui.generation.conversations import Conversations
from shapetui.generation.people import Members, senders
from shapetui.generation.plan import Plan
from shapetui.generation.randomness import Permutation, derive_key, hashed, uniform
from shapetui.generation.slices import SliceRows
from shapetui.generation.text import TextBuffer

_MINUTE: Final = 60_000
# Bytes of text in one batch: far above what chats have, far below the 2 GiB of an Arrow string array.
_TEXT_PER_BATCH: Final = 64 << 20
# The original generator's shares of users with a biography and with a picture.
_WITH_BIO, _WITH_IMAGE = 0.6, 0.4
# Message types that carry a file, with the kind of their attachment, its MIME type and the median size in KB of
# the original's specification (exp(mu) of its log-normals).
_MEDIA: Final = {
    "IMAGE": ("IMAGE", "image/jpeg", 245),
    "VIDEO": ("VIDEO", "video/mp4", 2981),
    "AUDIO": ("AUDIO", "audio/ogg", 403),
    "FILE": ("DOCUMENT", "application/pdf", 148),
}


@dataclass(frozen=True)
class Batch:
    """Rows of one table: role -> column, made when asked for; `core` are the roles that the digest covers."""

    table: str
    rows: int
    columns: Mapping[str, Callable[[], pa.Array]]
    core: tuple[str, ...]


class ContentDigest:
    """SHA-256 over the core columns of the batches of one table in one slice.

    The same for the same rows, whatever columns the database has and however the rows are cut into batches: each
    column is hashed on its own, strings as their lengths and their bytes. Core columns are never null.
    """

    def __init__(self) -> None:
        self._columns: dict[str, tuple[Any, Any]] = {}

    def add(self, batch: Batch) -> None:
        """Takes in the next batch."""
        for role in batch.core:
            lengths, values = self._columns.setdefault(role, (hashlib.sha256(), hashlib.sha256()))
            array = batch.columns[role]()
            if pa.types.is_string(array.type):
                offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset :][: len(array) + 1]
                lengths.update(np.diff(offsets).tobytes())
                if array.buffers()[2] is not None:
                    values.update(memoryview(array.buffers()[2])[int(offsets[0]) : int(offsets[-1])])
            else:
                values.update(np.asarray(array.cast(pa.int64())).tobytes())

    def hexdigest(self) -> str:
        """The digest of everything so far."""
        state = hashlib.sha256()
        for role in sorted(self._columns):
            lengths, values = self._columns[role]
            state.update(role.encode() + b":" + lengths.digest() + values.digest())
        return state.hexdigest()


def _cached(make: Callable[[], pa.Array]) -> Callable[[], pa.Array]:
    """`make`, called once: the digest and the encoder read the same array."""
    made: list[pa.Array] = []

    def once() -> pa.Array:
        if not made:
            made.append(make())
        return made[0]

    return once


def attachment_kinds(message_types: Iterable[str]) -> set[str]:
    """Attachment types that messages of these types bring with them."""
    return {_MEDIA[label][0] for label in message_types if label in _MEDIA}


def times(ms: IntArray) -> pa.Array:
    """Milliseconds since 1970 as an Arrow timestamp array."""
    return pa.array(ms * 1000).cast(pa.timestamp("us"))


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
        return _cached(lambda: identifiers.as_array(ids[index]))

    def users(self, first: int, rows: int) -> Batch:
        """Users, all of them older than the window."""
        index = np.arange(first, first + rows)
        plan = self.plan
        window = plan.clock.end_ms - plan.clock.start_ms
        age = 2 * _MINUTE + uniform(derive_key(plan.seed, "user created"), index) * window
        created = _cached(lambda: times(plan.clock.start_ms - age.astype(np.int64)))
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
                "email": _cached(lambda: named("synthetic_", "@example.local")),
                "username": _cached(lambda: self._usernames(index)),
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
        plan = self.plan
        key = derive_key(plan.seed, "username")
        # Box-Muller on two keyed uniforms.
        radius = np.sqrt(-2 * np.log1p(-uniform(key, 2 * index)))
        normal = radius * np.cos(2 * np.pi * uniform(key, 2 * index + 1))
        wanted = np.clip(np.round(plan.username_mean + plan.username_stddev * normal), 3, 60).astype(np.int64)
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
        created = _cached(lambda: times(self._room_created_ms[index]))
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
                "type": _cached(lambda: labels.take(pa.array(rooms.kind[index]))),
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
        joined = _cached(lambda: times(joined_ms))

        def last_read() -> pa.Array:
            share = uniform(derive_key(self.plan.seed, "last read"), index)
            return times(joined_ms + ((self.last_message_ms[room] - joined_ms) * np.sqrt(share)).astype(np.int64))

        return Batch(
            CHAT_TABLES.members.name,
            rows,
            {
                "id": _cached(
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
        id_array = _cached(lambda: identifiers.as_array(ids))
        created = _cached(lambda: times(part.created_ms))
        batch = Batch(
            CHAT_TABLES.messages.name,
            count,
            {
                "id": id_array,
                "content": _cached(lambda: self._text.texts(lengths, text_place)),
                "type": _cached(lambda: pa.array(labels).take(pa.array(kind))),
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
        is_media = np.array([label in _MEDIA for label in labels])[kind]
        chosen = np.flatnonzero(is_media)
        return batch, self._attachments(part, index, ids, sender, kind, chosen) if chosen.size else None

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

    def _attachments(
        self,
        part: SliceRows,
        index: IntArray,
        message_ids: identifiers.Bytes,
        sender: IntArray,
        kind: IntArray,
        chosen: IntArray,
    ) -> Batch:
        labels, _ = self._message_types
        media = [_MEDIA.get(label, ("OTHER", "application/octet-stream", 1)) for label in labels]
        which = pa.array(kind[chosen])
        created = _cached(lambda: times(part.created_ms[chosen]))
        numbers = pa.array(index[chosen]).cast(pa.string())
        name = _cached(lambda: pc.binary_join_element_wise(pa.scalar("synthetic"), numbers, "-"))
        key = derive_key(self.plan.seed, "attachment")

        def sizes() -> pa.Array:
            spread = np.exp(2.0 * (uniform(key, index[chosen]) - 0.5) * 2.0)
            median = np.array([kb * 1024 for _, _, kb in media])[kind[chosen]]
            return pa.array((median * spread).astype(np.int32))

        return Batch(
            CHAT_TABLES.attachments.name,
            chosen.size,
            {
                "id": _cached(
                    lambda: identifiers.as_array(identifiers.ordered(key, index[chosen], part.created_ms[chosen]))
                ),
                "filename": name,
                "original_name": name,
                "mime_type": lambda: pa.array([mime for _, mime, _ in media]).take(which),
                "size": sizes,
                "url": lambda: pc.binary_join_element_wise(pa.scalar("https://cdn.example.com/files"), numbers, "/"),
                "type": _cached(lambda: pa.array([what for what, _, _ in media]).take(which)),
                "created_at": created,
                "updated_at": created,
                "uploader": self._id_of(self._user_ids, sender[chosen]),
                "message": self._id_of(message_ids, chosen),
            },
            ("id", "type", "uploader", "message"),
        )
