"""Histogram labels: `"7"` is one integer, `"12-14"` a cell with both ends inside.

The original system wrote two styles, `"5-9"` (both ends inside) and `"5-10"` (upper end outside); both are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_LABEL = re.compile(r"(\d{1,15})(?:-(\d{1,15}))?", re.ASCII)

Cell = tuple[int, int, int]


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
    """`(lo, hi, count)` ascending, both ends inside. Raises ValueError when cells overlap.

    Half-open labels are recognised by a cell that ends where another begins, or, when no two cells touch, by
    widths that are multiples of five (the original's 5, 50, 60 and 100), where both-inside cells are one less.
    """
    ends = {label: parse_label(label) for label in histogram}
    starts = {low for low, _ in ends.values()}
    wide = [(low, high) for low, high in ends.values() if high > low]
    half_open = any(high in starts for _, high in wide) or (
        bool(wide) and len(wide) == len(ends) and all((high - low) % 5 == 0 for low, high in wide)
    )
    cells = sorted(
        (low, high - 1 if half_open and high > low else high, histogram[label]) for label, (low, high) in ends.items()
    )
    for (_, high, _), (low, _, _) in zip(cells, cells[1:], strict=False):
        if low <= high:
            raise ValueError(f"two cells overlap at {low}")
    return cells


def labelled(cells: Iterable[Cell]) -> dict[str, int]:
    """The inverse of `cells_of`, always with both ends inside."""
    return {str(low) if low == high else f"{low}-{high}": count for low, high, count in cells}
