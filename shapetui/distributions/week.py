"""The weekly rhythm: 168 hour-of-week weights (UTC, hour 0 is Sunday 00:00) and the clock that they warp.

On the warped clock time passes as fast as messages are written: uniform there is the weekly rhythm here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from shapetui.distributions.bins import FloatArray, IntArray

HOURS: Final = 168
HOUR_MS: Final = 3_600_000
# 1970-01-01 was a Thursday: hour 96 of a week that begins on Sunday.
_EPOCH_HOUR: Final = 96


def hour_of_week(ms: ArrayLike) -> IntArray:
    """Hour of the week (0..167, 0 = Sunday 00:00 UTC) of each time in milliseconds since 1970."""
    return np.asarray((np.asarray(ms, dtype=np.int64) // HOUR_MS + _EPOCH_HOUR) % HOURS, dtype=np.int64)


@dataclass(frozen=True)
class WarpedClock:
    """Maps time to the fraction of the messages written by then, and back.

    Attributes:
        start_ms, end_ms: the window, milliseconds since 1970, `[start, end)`.
        weights: 168 relative rates; all zero or any shortage of positive hours inside the window means uniform.
    """

    start_ms: int
    end_ms: int
    weights: tuple[float, ...]

    @cached_property
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        """Times (ms after start) and cumulative fractions at the borders of the hours of the window."""
        first = self.start_ms // HOUR_MS + 1
        last = (self.end_ms - 1) // HOUR_MS
        borders = np.arange(first, last + 1, dtype=np.int64) * HOUR_MS
        times = np.concatenate([[self.start_ms], borders[borders > self.start_ms], [self.end_ms]])
        rate = np.asarray(self.weights, dtype=np.float64)[hour_of_week(times[:-1])]
        mass = rate * np.diff(times)
        if not mass.sum() > 0:
            mass = np.diff(times).astype(np.float64)
        sums = np.cumsum(mass)
        # Divided by the last sum, hours of weight zero at the end are flat at exactly 1.
        fractions = np.concatenate([[0.0], sums / sums[-1]])
        return (times - self.start_ms).astype(np.float64), fractions

    def fraction(self, ms: ArrayLike) -> FloatArray:
        """Warped time 0..1 of real times (ms since 1970)."""
        times, fractions = self._knots
        return np.interp(np.asarray(ms, dtype=np.float64) - self.start_ms, times, fractions)

    def time(self, fraction: ArrayLike) -> IntArray:
        """Real times (ms since 1970, in [start, end)) of warped times 0..1."""
        times, fractions = self._knots
        share = np.asarray(fraction, dtype=np.float64)
        # Hours of weight zero are flat in `fractions`: searching from the right never lands inside one, except at
        # the very end, where the last hour that rises is the last of all.
        last = int(np.flatnonzero(np.diff(fractions))[-1])
        index = np.clip(np.searchsorted(fractions, share, side="right") - 1, 0, last)
        inside = np.clip((share - fractions[index]) / (fractions[index + 1] - fractions[index]), 0.0, 1.0)
        offset = np.floor(times[index] + inside * (times[index + 1] - times[index]))
        return self.start_ms + np.minimum(offset, times[index + 1] - 1).astype(np.int64)
