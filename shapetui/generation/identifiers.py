"""Row ids in the form of cuid (25 characters, a `c` first), built as byte matrices, never as Python strings.

Messages, members and attachments get ids that begin with their time, as cuid v1 does: their primary keys grow at
one end. Users and conversations get ids without order, as cuid2 does: the id of a room tells nothing of its age,
so a room's messages lie anywhere in an index by room.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shapetui.distributions.bins import IntArray
from shapetui.generation.randomness import hashed

Bytes = NDArray[np.uint8]

LENGTH: Final = 25
_FOUR: Final = 36**4


@cache
def _digits() -> NDArray[np.uint32]:
    """Four base-36 digits of each number below 36^4, packed into one 32-bit word: 6.7 MB, read like a dictionary."""
    alphabet = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
    table = np.empty((_FOUR, 4), dtype=np.uint8)
    rest = np.arange(_FOUR)
    for place in (3, 2, 1, 0):
        table[:, place] = alphabet[rest % 36]
        rest //= 36
    return table.view(np.uint32).ravel()


def unordered(key: int, index: IntArray) -> Bytes:
    """(n, 25) ids without order, distinct for distinct indices below 36^4 * 36^4: the index is part of them."""
    random = hashed(key, index)
    words = np.empty((index.size, 6), dtype=np.uint32)
    digits = _digits()
    for place in range(3):
        words[:, place] = digits[(random >> np.uint64(20 * place)) % np.uint64(_FOUR)]
    second = hashed(key ^ 0x5DEECE66D, index)
    words[:, 3] = digits[second % np.uint64(_FOUR)]
    words[:, 4] = digits[(index // _FOUR) % _FOUR]
    words[:, 5] = digits[index % _FOUR]
    return _lettered(words)


def ordered(key: int, index: IntArray, ms: IntArray) -> Bytes:
    """(n, 25) ids that sort by time, then by index: `c`, 8 digits of milliseconds, 4 of a counter, 12 random.

    Distinct as long as fewer than 36^4 rows share a millisecond.
    """
    random = hashed(key, index)
    words = np.empty((index.size, 6), dtype=np.uint32)
    digits = _digits()
    words[:, 0] = digits[(ms // _FOUR) % _FOUR]
    words[:, 1] = digits[ms % _FOUR]
    words[:, 2] = digits[index % _FOUR]
    for place in range(3):
        words[:, 3 + place] = digits[(random >> np.uint64(20 * place)) % np.uint64(_FOUR)]
    return _lettered(words)


def _lettered(words: NDArray[np.uint32]) -> Bytes:
    ids = np.empty((words.shape[0], LENGTH), dtype=np.uint8)
    ids[:, 0] = ord("c")
    ids[:, 1:] = words.view(np.uint8)
    return ids


def as_array(ids: Bytes) -> pa.StringArray:
    """The ids as an Arrow string array, without copying."""
    rows = ids.shape[0]
    offsets = np.arange(0, LENGTH * (rows + 1), LENGTH, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(ids)))
