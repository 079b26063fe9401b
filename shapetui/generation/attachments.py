"""Attachments of media messages: one for each, of a size as the original's specification has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shapetui.database.tables import CHAT_TABLES
from shapetui.distributions.bins import IntArray
from shapetui.generation import identifiers
from shapetui.generation.batches import Batch, cached, times
from shapetui.generation.randomness import derive_key, normal


@dataclass(frozen=True)
class _Media:
    """The file of one message type: kind of attachment, MIME type, and the law of its size.

    The size is log-normal, in KB: `mu` and `sigma` of its natural logarithm, cut to `smallest`..`largest`.
    """

    kind: str
    mime_type: str
    mu: float
    sigma: float
    smallest: int
    largest: int


# By message type; the laws are "size_ranges_kb" of the original's distribution-spec.json, where FILE is "document".
_MEDIA: Final = {
    "IMAGE": _Media("IMAGE", "image/jpeg", 5.5, 1.2, 50, 8_000),
    "VIDEO": _Media("VIDEO", "video/mp4", 8.0, 1.5, 500, 50_000),
    "AUDIO": _Media("AUDIO", "audio/ogg", 6.0, 1.3, 50, 10_000),
    "FILE": _Media("DOCUMENT", "application/pdf", 5.0, 1.0, 10, 5_000),
}
_KB: Final = 1024


@dataclass(frozen=True)
class MediaMessages:
    """Messages that carry a file. Arrays (M,): number, moment in ms, place of the type in `types`, ids (M, 25)."""

    index: IntArray
    created_ms: IntArray
    types: tuple[str, ...]
    kind: IntArray
    id: identifiers.Bytes
    sender_id: identifiers.Bytes


def attachment_kinds(message_types: Iterable[str]) -> set[str]:
    """Attachment types that messages of these types bring with them."""
    return {_MEDIA[label].kind for label in message_types if label in _MEDIA}


def carries_file(message_types: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether messages of each type carry a file."""
    return np.array([label in _MEDIA for label in message_types], dtype=np.bool_)


def attachments(seed: str, messages: MediaMessages) -> Batch:
    """One attachment for each of the messages, of the message's sender and moment."""
    key = derive_key(seed, "attachment")
    kinds, which = np.unique(messages.kind, return_inverse=True)
    media = [_MEDIA[messages.types[kind]] for kind in kinds]
    numbers = pa.array(messages.index).cast(pa.string())
    created = cached(lambda: times(messages.created_ms))
    name = cached(lambda: pc.binary_join_element_wise(pa.scalar("synthetic"), numbers, "-"))

    def of_media(attribute: str) -> Any:
        return np.array([getattr(each, attribute) for each in media])[which]

    def sizes() -> pa.Array:
        wanted = np.exp(
            of_media("mu") + of_media("sigma") * normal(derive_key(seed, "attachment size"), messages.index)
        )
        return pa.array((np.clip(wanted, of_media("smallest"), of_media("largest")) * _KB).astype(np.int32))

    return Batch(
        CHAT_TABLES.attachments.name,
        messages.index.size,
        {
            "id": cached(lambda: identifiers.as_array(identifiers.ordered(key, messages.index, messages.created_ms))),
            "filename": name,
            "original_name": name,
            "mime_type": lambda: pa.array([each.mime_type for each in media]).take(pa.array(which)),
            "size": sizes,
            "url": lambda: pc.binary_join_element_wise(pa.scalar("https://cdn.example.com/files"), numbers, "/"),
            "type": cached(lambda: pa.array([each.kind for each in media]).take(pa.array(which))),
            "created_at": created,
            "updated_at": created,
            "uploader": cached(lambda: identifiers.as_array(messages.sender_id)),
            "message": cached(lambda: identifiers.as_array(messages.id)),
        },
        ("id", "type", "uploader", "message"),
    )
