"""Plots of one line or of seven: sparklines, bars, and the week as a heat map, in the characters of the overlay."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite

from shapetui.distributions.week import HOURS
from shapetui.tui.overlay.glyphs import BLOCK, Glyphs

_DAY = 24


def spark(values: Sequence[float], width: int, glyphs: Glyphs = BLOCK) -> str:
    """Non-negative values as one line of at most `width` cells, as high as the largest of them.

    More values than cells: each cell is the largest of its values, because a peak is what one looks for. What is
    above zero has at least the lowest character; zero, less and what is not finite is blank.
    """
    count = len(values)
    cells = min(width, count)
    if cells <= 0:
        return ""
    known = [value if isfinite(value) and value > 0 else 0.0 for value in values]
    tops = [max(known[at * count // cells : (at + 1) * count // cells]) for at in range(cells)]
    largest = max(tops)
    steps = len(glyphs.level)
    return "".join(glyphs.level[min(steps, ceil(top / largest * steps)) - 1] if top else " " for top in tops)


def bar(share: float, width: int, glyphs: Glyphs = BLOCK) -> str:
    """A horizontal bar of a share 0..1 of `width` cells, filled up with blanks to exactly that width.

    What is above zero has at least the thinnest character; outside of 0..1 the bar is empty or full.
    """
    if width <= 0:
        return ""
    steps = len(glyphs.eighths)
    held = min(max(share, 0.0), 1.0) if share == share else 0.0
    parts = max(round(held * width * steps), 1 if held else 0)
    whole, rest = divmod(parts, steps)
    return (glyphs.eighths[-1] * whole + (glyphs.eighths[rest - 1] if rest else "")).ljust(width)


def heat(counts: Sequence[int], glyphs: Glyphs = BLOCK) -> list[str]:
    """Seven rows of 24 cells: the hours of a week, from the first on, in four shades up to the busiest hour.

    An hour with anything in it has at least the lightest shade. Raises ValueError unless there are 168 counts.
    """
    if len(counts) != HOURS:
        raise ValueError(f"a week has {HOURS} hours, not {len(counts)}")
    largest = max(counts)
    shades = len(glyphs.shades) - 1
    cells = [glyphs.shades[-(-max(count, 0) * shades // max(largest, 1))] for count in counts]
    return ["".join(cells[day : day + _DAY]) for day in range(0, HOURS, _DAY)]
