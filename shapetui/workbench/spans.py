"""Where something passes, of which only some values of a parameter were looked at: for the sensitivity of checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Values from `low` to `high` at which something passes; an open end is where the range that was looked at ends."""

    low: float
    high: float
    open_low: bool
    open_high: bool


@dataclass(frozen=True)
class Spans:
    """Finds where something passes: of several spans the one around the present value, or the nearest to it."""

    values: tuple[float, ...]
    present: int
    whole: bool

    def where(self, good: Sequence[bool]) -> Span | None:
        """From the first to the last value of a span."""
        ends = self._run(good)
        return self._span(*ends, *(self.values[end] for end in ends)) if ends is not None else None

    def within(self, uses: Sequence[float]) -> Span | None:
        """The same for at most 1 of what is used; between two values the line between them tells where that is."""
        ends = self._run([use <= 1 for use in uses])
        if ends is None:
            return None
        first, last = ends
        return self._span(first, last, self._crossing(uses, first, -1), self._crossing(uses, last, 1))

    def _span(self, first: int, last: int, low: float, high: float) -> Span:
        return Span(low, high, first == 0, last == len(self.values) - 1)

    def _crossing(self, uses: Sequence[float], at: int, step: int) -> float:
        here, beyond = self.values[at], at + step
        if not 0 <= beyond < len(self.values) or not math.isfinite(uses[beyond]):
            return here
        part = (1 - uses[at]) / (uses[beyond] - uses[at])
        crossing = here + part * (self.values[beyond] - here)
        if self.whole:
            return float(math.floor(crossing) if step > 0 else math.ceil(crossing))
        return crossing

    def _run(self, good: Sequence[bool]) -> tuple[int, int] | None:
        at = min((at for at, each in enumerate(good) if each), key=lambda at: abs(at - self.present), default=None)
        if at is None:
            return None
        first = last = at
        while first > 0 and good[first - 1]:
            first -= 1
        while last + 1 < len(good) and good[last + 1]:
            last += 1
        return first, last
