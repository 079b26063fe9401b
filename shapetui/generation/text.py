"""Message texts: runs of offsets into one buffer of made-up words, never a string per row."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shapetui.distributions.bins import IntArray
from shapetui.generation.randomness import derive_key, hashed

# Words of lorem ipsum: nobody's, and plainly synthetic to whoever reads a row.
_WORDS: Final = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna",
    "aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis",
    "aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat",
    "cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum",
)
# A batch of 8,192 messages of lean_zulip has 1.8 MB of text; larger ones get a buffer of their own.
_BUFFER_BYTES: Final = 8 << 20


class TextBuffer:
    """An endless text of ASCII words, so that characters and bytes are the same, from which texts are cut."""

    def __init__(self, seed: str) -> None:
        key = derive_key(seed, "text")
        words = [word.encode() + b" " for word in " ".join(_WORDS).split()]
        # One stretch of 64 Ki words, repeated: what the rows say is of no account, their lengths are.
        chosen = hashed(key, np.arange(65_536)) % np.uint64(len(words))
        stretch = np.frombuffer(b"".join([words[i] for i in chosen.tolist()]), dtype=np.uint8)
        self._period = stretch.size
        self._bytes: NDArray[np.uint8] = np.resize(stretch, _BUFFER_BYTES)
        self._key = key

    def place(self, number: int) -> int:
        """Where in the endless text the texts of one slice begin."""
        return int(hashed(self._key, number).item() % self._period)

    def texts(self, lengths: IntArray, place: int) -> pa.StringArray:
        """One text per length (characters = bytes), one behind the other from `place` in the endless text.

        Raises ValueError for more than 2 GiB in all.
        """
        offsets = np.zeros(lengths.size + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        start = place % self._period
        end = int(offsets[-1]) + start
        if end > 2**31 - 1:
            raise ValueError("a batch of texts must stay below 2 GiB")
        buffer = self._bytes if end <= self._bytes.size else np.resize(self._bytes[: self._period], end)
        return pa.StringArray.from_buffers(
            lengths.size,
            pa.py_buffer((offsets + start).astype(np.int32)),
            pa.py_buffer(buffer),
        )
