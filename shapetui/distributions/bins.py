"""The fixed integer bins in which every histogram of shapetui is kept.

Every integer up to 10 has a bin of its own; from there the upper edges grow by 2^(1/4). The edges are fixed in
advance, so that the bins themselves say nothing about anybody, and they are so fine that a power-law exponent
loses less than 2 % of its information (statistics of binned power laws: Virkar & Clauset 2014, section 2).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

# Up to here each integer is a bin: half of all conversations have fewer than ten messages.
LAST_SINGLE: Final = 10
# 10 * 2^(k/4) reaches 10^15 at k = 187; the last edge is cut to the 15 digits that a label of a cell may have.
LAST_STEP: Final = 187
LAST_EDGE: Final = 10**15 - 1


@cache
def upper_edges() -> IntArray:
    """(B,) inclusive upper edges of the fixed bins, beginning with the bin of 0: 0, 1, ..., 10, 11, 14, 16, 20, ..."""
    grown = np.floor(LAST_SINGLE * 2.0 ** (np.arange(1, LAST_STEP + 1) / 4)).astype(np.int64)
    edges: IntArray = np.minimum(np.concatenate([np.arange(LAST_SINGLE + 1, dtype=np.int64), grown]), LAST_EDGE)
    edges.flags.writeable = False
    return edges


@cache
def lower_edges() -> IntArray:
    """(B,) inclusive lower edges of the fixed bins."""
    edges = np.concatenate([np.zeros(1, dtype=np.int64), upper_edges()[:-1] + 1])
    edges.flags.writeable = False
    return edges


def bin_of(values: IntArray) -> IntArray:
    """Index of the fixed bin that holds each non-negative integer."""
    return np.searchsorted(upper_edges(), values, side="left").astype(np.int64)
