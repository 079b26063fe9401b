"""A line of a table of measurements: median, range, what is wanted, and whether it is met."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Values of one quantity.

    Attributes:
        what: what was measured.
        values: each time it was.
        unit: of the values.
        most: what the median may be at most; None: only told.
        each: whether every value has to be within it, not only the median.
    """

    what: str
    values: tuple[float, ...]
    unit: str
    most: float | None = None
    each: bool = False

    @property
    def missed(self) -> bool:
        """Whether it is more than wanted. What could not be measured is missed."""
        if not self.values:
            return True
        judged = max(self.values) if self.each else statistics.median(self.values)
        return self.most is not None and judged > self.most

    def show(self) -> None:
        """Prints the line."""
        wanted = "" if self.most is None else f"wanted {'each ' if self.each else ''}<= {_number(self.most)}"
        told = "nothing measured"
        if self.values:
            middle, low, high = statistics.median(self.values), min(self.values), max(self.values)
            told = f"{_number(middle):>9} {self.unit:<3} ({_number(low)} to {_number(high)}, {len(self.values)})"
        sys.stdout.write(f"{'MISSED' if self.missed else '':<7}{self.what:<58}{told:<42}{wanted}\n")
        sys.stdout.flush()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
