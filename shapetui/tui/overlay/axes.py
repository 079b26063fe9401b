"""The axes of the overlay: where a value lies on them, and which round values are worth a label.

Limits are snapped to whole doublings, quarter decades or round numbers: a nudge of a parameter moves the line, not
the picture under it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log2, log10
from typing import Final

import numpy as np

from shapetui.distributions.histogram import Histogram

# A single value would fill the whole width: at least three doublings, or ten integers, are shown.
_DOUBLINGS: Final = 3
_INTEGERS: Final = 10
# Below this many decades the rest of the curve would only become flat.
_DECADES: Final = 7
# On a linear axis a heavy tail leaves nothing to see of the body. Where the largest value lies further out than this
# many times the 99th percentile, the axis ends there.
_FAR: Final = 4
_MOST: Final = 0.99
# From this many pairs of rows on, labels of the vertical axis keep a row between them.
_ROWS_APART: Final = 4
# Rounding of a logarithm must not put a round number into the column before its own.
_ROUNDING: Final = 1e-9

Tick = tuple[float, str]


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        low, high: its limits; of a log axis their logarithms (base 2 across, base 10 upright).
        log: whether it is logarithmic.
        choices: ticks (place between the limits, label), the finest set first; the first that fits is drawn.
    """

    low: float
    high: float
    log: bool
    choices: tuple[tuple[Tick, ...], ...]

    def share(self, place: float) -> float:
        """0..1 along the axis, of a place given as the limits are."""
        return (place - self.low) / (self.high - self.low)

    def column(self, value: int, columns: int) -> int:
        """The column of a horizontal axis in which a value begins; may lie outside of it."""
        place = log2(value) if self.log and value > 0 else -np.inf if self.log else float(value)
        return floor(self.share(place) * columns + _ROUNDING) if np.isfinite(place) else -1


def across(sides: list[Histogram], log: bool) -> Axis:
    """The horizontal axis over all values; on log2 those above 0. At least one side must have such a value."""
    filled = [side for side in sides if side.total]
    if log:
        low = float(floor(log2(min(max(1, int(side.lo[0])) for side in filled))))
        high = float(max(ceil(log2(max(int(side.hi[-1]) for side in filled) + 1)), low + _DOUBLINGS))
        # 1000 and not 1024: people count messages in thousands.
        doublings = [2**k if k < 10 else 1000 * 2 ** (k % 10) * 1000 ** (k // 10 - 1) for k in range(50)]
        chosen = [doublings, [10**k for k in range(16)], [100**k for k in range(8)], [1000**k for k in range(6)]]
        return Axis(
            low,
            high,
            True,
            tuple(tuple((log2(v), short(v)) for v in values if low <= log2(v) <= high) for values in chosen),
        )
    most = max(int(side.hi[np.searchsorted(side.cumulative(), _MOST)]) for side in filled) + 1
    end = max(int(side.hi[-1]) for side in filled) + 1
    top = _rounded_up(float(max(_INTEGERS, most if end > _FAR * most else end)))
    return Axis(0.0, top, False, _linear_choices(top, lambda value, _: short(round(value)), whole=True))


def upright_log(least: float, largest: float) -> Axis:
    """The vertical axis in decades of shares, from the one below the least to a quarter decade above the largest."""
    top = ceil(4 * (log10(largest) + 0.02)) / 4
    bottom = max(floor(log10(least)), ceil(top) - _DECADES)
    bottom = min(bottom, floor(top - 1.0))
    decades = [(float(k), percent(10.0**k)) for k in range(bottom, floor(top) + 1)]
    choices = [decades[::-1][::step][::-1] for step in (1, 2, 3, 4)]
    if len(decades) < 3:
        parts = [(k + log10(m), percent(m * 10.0**k)) for k in range(bottom, ceil(top)) for m in (1, 2, 5)]
        choices.insert(0, [tick for tick in parts if tick[0] <= top])
    return Axis(float(bottom), top, True, tuple(tuple(choice) for choice in choices))


def upright_linear(largest: float) -> Axis:
    """The vertical axis of shares from 0 to a round number above the largest."""
    top = _rounded_up(largest * 1.02)
    return Axis(0.0, top, False, _linear_choices(top, _linear_percent))


def ticks(axis: Axis, length: int, upright: bool) -> list[tuple[int, str]]:
    """(cell along the axis of `length` cells, label) of the finest set of ticks whose labels do not touch.

    Across, a label is centred under its cell and ends within the axis, and at least one blank keeps two apart.
    Upright, every other row is without a label where there are rows enough. If no set of two or more fits as a
    whole, as many as fit are taken of the set of which most do.
    """
    apart = 2 if length >= 2 * _ROWS_APART else 1
    most: list[tuple[int, str]] = []
    for choice in axis.choices:
        placed: list[tuple[int, str]] = []
        free = 0
        for place, label in choice:
            if upright:
                # The bar of a height ends at the upper edge of a row, so that row is where it is read.
                cell = first = min(length - 1, max(0, round(axis.share(place) * length - 0.5)))
                after = cell + apart
            else:
                cell = min(length - 1, floor(axis.share(place) * length + _ROUNDING))
                first = label_start(cell, label, length)
                after = first + len(label) + 1
            if first >= free and (upright or len(label) <= length):
                placed.append((cell, label))
                free = after
        if len(placed) == len(choice) >= 2:
            return placed
        most = max(most, placed, key=len)
    return most


def label_start(cell: int, label: str, length: int) -> int:
    """The first cell of a label that is centred under a cell of a horizontal axis, moved inwards at its ends."""
    return max(0, min(cell - (len(label) - 1) // 2, length - len(label)))


def percent(value: float) -> str:
    """A share of one or two digits as per cent: 50%, 0.1%, 2e-5%."""
    scaled = 100 * value
    if scaled < 0.00095:
        return f"{scaled:.0e}%".replace("e-0", "e-")
    return f"{scaled:.1g}%" if scaled < 9.5 else f"{scaled:.0f}%"


def short(value: int) -> str:
    """1, 512, 2k, 1.5k, 16M: round values in few characters."""
    for size, suffix in ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:g}{suffix}"
    return str(value)


def _rounded_up(value: float) -> float:
    """The value or the next larger number that is easy to divide: 1, 1.2, 1.5, 1.6, 2, 2.5, 3, 4, 5, 6, 8, 10, ..."""
    size = 10.0 ** floor(log10(value))
    return next(m * size for m in (1, 1.2, 1.5, 1.6, 2, 2.5, 3, 4, 5, 6, 8, 10) if m * size >= value * (1 - 1e-9))


def _linear_choices(
    top: float, label: Callable[[float, float], str], *, whole: bool = False
) -> tuple[tuple[Tick, ...], ...]:
    """Sets of about 10, 5, 2 and 1 ticks from 0 to `top` at multiples of 1, 2 or 5 times a power of ten."""
    choices = []
    for wanted in (10, 5, 2, 1):
        size = 10.0 ** floor(log10(top / wanted))
        step = next(m * size for m in (1, 2, 5, 10) if m * size >= top / wanted * (1 - 1e-9))
        step = max(1.0, step) if whole else step
        choices.append(tuple((k * step, label(k * step, step)) for k in range(floor(top / step + 1e-9) + 1)))
    return tuple(choices)


def _linear_percent(value: float, step: float) -> str:
    """A share as per cent with as many digits as its axis needs."""
    digits = max(0, -floor(log10(step) + 1e-9) - 2)
    return f"{100 * value:.{digits}f}%"
