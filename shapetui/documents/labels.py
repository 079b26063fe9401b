"""Histogram labels: `"7"` is one integer, `"12-14"` a cell with both ends inside.

The original system wrote two styles, `"5-9"` (both ends inside) and `"5-10"` (upper end outside); both are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

_LABEL = re.compile(r"(\d{1,15})(?:-(\d{1,15}))?", re.ASCII)

Cell = tuple[int, int, int]


# A live preview reads the same few hundred labels of the fixed bins at every key.
@lru_cache(maxsize=4096)
def parse_label(label: str) -> tuple[int, int]:
    """First and last integer as written. Raises ValueError when it is neither `"7"` nor `"12-14"`."""
    found = _LABEL.fullmatch(label)
    if not found:
        raise ValueError('a cell is labelled like "7" or "12-14"')
    low, high = int(found[1]), int(found[2] or found[1])
    if high < low:
        raise ValueError("the upper end of a cell lies below its lower end")
    return low, high


def cells_of(histogram: Mapping[str, int]) -> list[Cell]:
    """`(lo, hi, count)` ascending, both ends inside. Raises ValueError when cells overlap."""
    return _disjoint((*parse_label(label), count) for label, count in histogram.items())


def original_cells_of(histogram: Mapping[str, int]) -> list[Cell]:
    """Like `cells_of`, of a histogram in either style of the original, whose cells are 5, 50, 60 or 100 wide.

    Half-open labels are recognised by a cell that ends where another begins, or, when no two cells touch, by
    widths that are multiples of five (the original's 5, 50, 60 and 100), where both-inside cells are one less.
    """
    ends = {label: parse_label(label) for label in histogram}
    starts = {low for low, _ in ends.values()}
    wide = [(low, high) for low, high in ends.values() if high > low]
    half_open = any(high in starts for _, high in wide) or (
        bool(wide) and len(wide) == len(ends) and all((high - low) % 5 == 0 for low, high in wide)
    )
    return _disjoint(
        (low, high - 1 if half_open and high > low else high, histogram[label]) for label, (low, high) in ends.items()
    )


def _disjoint(found: Iterable[Cell]) -> list[Cell]:
    cells = sorted(found)
    for (_, high, _), (low, _, _) in pairwise(cells):
        if low <= high:
            raise ValueError(f"two cells overlap at {low}")
    return cells


def labelled(cells: Iterable[Cell]) -> dict[str, int]:
    """The inverse of `cells_of`, always with both ends inside."""
    return {str(low) if low == high else f"{low}-{high}": count for low, high, count in cells}
