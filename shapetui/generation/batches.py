"""Batches: rows of one table as Arrow arrays by role, and the digest of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from shapetui.distributions.bins import IntArray


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


def cached(make: Callable[[], pa.Array]) -> Callable[[], pa.Array]:
    """`make`, called once: the digest and the encoder read the same array."""
    made: list[pa.Array] = []

    def once() -> pa.Array:
        if not made:
            made.append(make())
        return made[0]

    return once


def times(ms: IntArray) -> pa.Array:
    """Milliseconds since 1970 as an Arrow timestamp array."""
    return pa.array(ms * 1000).cast(pa.timestamp("us"))
