"""Keyed randomness that can be asked for any element in any order: a hash of (key, index), no generator with state.

The same seed gives the same rows in any slice order, on any machine and with any version of numpy (whose
`Generator` methods may change between releases). The mixer is the finaliser of splitmix64 (Steele, Lea & Flood
2014, "Fast splittable pseudorandom number generators", variant 13 of Stafford).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shapetui.distributions.bins import FloatArray, IntArray

UIntArray = NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
# Below this size a permutation is a table; above, a Feistel network, which needs a large domain to look random.
_TABLE_UP_TO: Final = 1 << 16
_ROUNDS: Final = 6


def derive_key(seed: str, *purpose: str | int) -> int:
    """A 64-bit key for one purpose of one seed."""
    text = "\x1f".join([seed, *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def mix(values: UIntArray) -> UIntArray:
    """splitmix64's finaliser, a bijection of 64-bit integers."""
    x = values ^ (values >> np.uint64(30))
    x = x * _FIRST
    x ^= x >> np.uint64(27)
    x *= _SECOND
    x ^= x >> np.uint64(31)
    return x


def hashed(key: int, index: ArrayLike) -> UIntArray:
    """A 64-bit hash per index."""
    # At least one dimension: numpy warns of the overflow that is meant here only for scalars.
    return mix(np.atleast_1d(np.asarray(index)).astype(np.uint64) * _GOLDEN + np.uint64(key))


def uniform(key: int, index: ArrayLike) -> FloatArray:
    """A number in [0, 1) with 53 random bits per index."""
    return np.asarray((hashed(key, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def normal(key: int, index: ArrayLike) -> FloatArray:
    """A standard normal number per index, from two uniform ones (Box & Muller 1958)."""
    twice = 2 * np.asarray(index)
    radius = np.sqrt(-2 * np.log1p(-uniform(key, twice)))
    return np.asarray(radius * np.cos(2 * np.pi * uniform(key, twice + 1)))


@dataclass(frozen=True)
class Permutation:
    """A keyed bijection of 0..size-1, evaluated for any indices without a table of the whole (for large sizes).

    A Feistel network over pairs (a, b) of an s x s square, s = ceil(sqrt(size)), walked until it lands inside
    (Black & Rogaway 2002, "cycle walking"): the square exceeds the size by at most 2 sqrt(size) + 1, so hardly any
    index needs a second step.
    """

    size: int
    key: int

    def __call__(self, index: IntArray) -> IntArray:
        """The image of each index. Raises nothing; indices must lie in 0..size-1."""
        if self.size <= _TABLE_UP_TO:
            return np.asarray(self._table[index], dtype=np.int64)
        side = int(np.ceil(np.sqrt(self.size)))
        result = self._network(np.asarray(index, dtype=np.uint64), np.uint64(side))
        outside = np.flatnonzero(result >= np.uint64(self.size))
        while outside.size:
            result[outside] = self._network(result[outside], np.uint64(side))
            outside = outside[result[outside] >= np.uint64(self.size)]
        return result.astype(np.int64)

    @cached_property
    def _table(self) -> IntArray:
        return np.argsort(hashed(self.key, np.arange(self.size)), kind="stable")

    def _network(self, values: UIntArray, side: np.uint64) -> UIntArray:
        left, right = np.divmod(values, side)
        for step in range(_ROUNDS):
            scrambled = mix(right * _GOLDEN + np.uint64(derive_key("round", self.key, step)))
            # The upper half times the side, shifted down, is a remainder without a division (Lemire 2019).
            offset = ((scrambled >> np.uint64(32)) * side) >> np.uint64(32)
            total = left + offset
            left, right = right, np.where(total >= side, total - side, total)
        return np.asarray(left * side + right, dtype=np.uint64)
