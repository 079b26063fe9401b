"""One query on one stratum, before and after: what may be claimed, and why the rest may not.

Pages come first: they are the same on every machine. A latency may claim something only where the server did other
work than before (another plan, other pages), and by more than queries moved that did the same work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Final, Literal

from shapetui.documents.baseline import Measurement
from shapetui.documents.comparison import Ratio, Status, StratumComparison
from shapetui.indexlab.bootstrap import FEWEST, ratio_of_medians
from shapetui.indexlab.plan_words import in_words, plan_change, plan_lines, same_plan

# The original's: what changes by less is no change.
MARGIN: Final = 0.10
# A page or two more or fewer is a level of a B-tree, not a gain.
LEAST_PAGES: Final = 8
# Less than a statement needs on its way through a network; below it the clock and the caches of the CPU are measured.
LEAST_MS: Final = 0.1
# Where pages and latency contradict one another, only a latency that no machine explains decides.
CLEAR: Final = 2.0
# So few queries that did the same work tell nothing about the machine.
_FEWEST_UNCHANGED: Final = 3
# What a busy machine does between two measurements, where they do not tell themselves.
_UNKNOWN_DRIFT: Final = 2.0

_MOST_ROWS: Final = 10**15

Direction = Literal[-1, 0, 1]
_STATUS: Final[dict[Direction, Status]] = {-1: "IMPROVED", 0: "NO_CHANGE", 1: "DEGRADED"}


@dataclass(frozen=True)
class Pair:
    """The two measurements of a query on a stratum; `limits`: seconds after which each was given up."""

    before: Measurement
    after: Measurement
    time: Ratio | None
    pages: Ratio | None
    same_plan: bool
    limits: tuple[float, float]

    @property
    def same_work(self) -> bool:
        """Whether the server did what it did before: then the clock tells about the machine."""
        return self.same_plan and self.time is not None and not self.pages_say

    @property
    def pages_say(self) -> Direction:
        """Whether clearly fewer (-1) or more (1) pages are needed, spilled ones included."""
        if self.pages is None:
            return 0
        one, other = (_pages(side) for side in (self.before, self.after))
        return leaves(self.pages, MARGIN) if abs(other - one) >= LEAST_PAGES else 0

    def time_says(self, drift: float = 1.0) -> Direction:
        """Whether it is clearly faster (-1) or slower (1), by more than the factor `drift` of the machine."""
        if self.time is None or abs(_time(self.after) - _time(self.before)) < LEAST_MS:
            return 0
        return leaves(self.time, MARGIN, drift)


def leaves(ratio: Ratio, margin: float, factor: float = 1.0) -> Direction:
    """Where the whole interval lies below `1 - margin` (-1) or above `1 + margin` (1), and beyond the factor."""
    low, high = ratio.low, ratio.high
    if low is None or high is None:
        return 0
    if high < min(1 - margin, 1 / factor):
        return -1
    return 1 if low > max(1 + margin, factor) else 0


def pair(before: Measurement, after: Measurement, limits: tuple[float, float]) -> Pair | None:
    """None where nothing is known on a side but that it failed, and not that it took too long."""
    if any(side.trouble is not None and not _given_up(side) for side in (before, after)):
        return None
    if _given_up(before) or _given_up(after):
        return Pair(before, after, None, None, same_plan=_given_up(before) and _given_up(after), limits=limits)
    if before.analysis is None or after.analysis is None or not before.execution_ms or not after.execution_ms:
        return None
    pages = ratio_of_medians(_all_pages(before), _all_pages(after))
    if pages is not None and pages.low is None:
        # One run tells them as well as twenty.
        pages = Ratio(value=pages.value, low=pages.value, high=pages.value)
    return Pair(
        before,
        after,
        ratio_of_medians(before.execution_ms, after.execution_ms),
        pages,
        same_plan=same_plan(before.analysis, after.analysis),
        limits=limits,
    )


def drift_of(pairs: Sequence[Pair]) -> tuple[float, Ratio | None]:
    """(the factor by which the machine alone moves a median, the range of it) from queries that did the same work.

    Without enough of them the factor is that of a busy machine.
    """
    moved = [
        log(found.time.value)
        for found in pairs
        if found.same_work and found.time is not None and min(_time(found.before), _time(found.after)) >= LEAST_MS
    ]
    if len(moved) < _FEWEST_UNCHANGED:
        return _UNKNOWN_DRIFT, None
    values = exp(median(moved)), exp(min(moved)), exp(max(moved))
    value, low, high = (round(number, 4) for number in values)
    return exp(max(map(abs, moved))), Ratio(value=value, low=low, high=high)


def compared(found: Pair, drift: float) -> StratumComparison:
    """The document's part, with its status and the reason where a difference counts for nothing."""
    before, after = found.before, found.after
    direction, note = _decide(found, drift)
    temp = before.buffers.temp_written, after.buffers.temp_written
    rows = before.rows, after.rows
    # A file may hold more rows than can be written out.
    if not note and rows[0] != rows[1] and found.time is not None and max(rows) < _MOST_ROWS:
        note = f"returns {rows[1]:,.0f} rows, before {rows[0]:,.0f}"
    return StratumComparison(
        stratum=before.stratum,
        status=_STATUS[direction],
        pre_time_ms=round(_time(before, found.limits[0]), 4),
        post_time_ms=round(_time(after, found.limits[1]), 4),
        time=found.time,
        pre_pages=round(_pages(before)),
        post_pages=round(_pages(after)),
        pages=found.pages,
        pre_temp_pages=temp[0],
        post_temp_pages=temp[1],
        pre_cold_ms=_cold(before),
        post_cold_ms=_cold(after),
        pre_wal_bytes=before.wal.bytes if before.wal is not None else None,
        post_wal_bytes=after.wal.bytes if after.wal is not None else None,
        messages=after.chosen.messages if after.chosen is not None else None,
        plan_changed=not found.same_plan,
        plan_change=_plan_words(before, after),
        note=note,
        pre_plan=plan_lines(before.plan),
        post_plan=plan_lines(after.plan),
    )


def _decide(found: Pair, drift: float) -> tuple[Direction, str]:
    if found.time is None:
        return _decide_given_up(found)
    pages, time = found.pages_say, found.time_says(drift)
    if found.same_plan and not pages:
        moved = found.time_says()
        word = "slower" if moved > 0 else "faster"
        return 0, f"{word} with the same plan and pages: the machine, not the indexes" if moved else ""
    if not pages:
        return time, "" if time or found.time.low is not None else f"fewer than {FEWEST} runs: latency decides nothing"
    if time == -pages:
        clear = found.time_says(max(drift, CLEAR))
        more, slower = ("more", "faster") if pages > 0 else ("fewer", "slower")
        return clear, f"{more} pages, and {slower}" + ("" if clear else ": neither decides")
    return pages, ""


def _decide_given_up(found: Pair) -> tuple[Direction, str]:
    was, now = _given_up(found.before), _given_up(found.after)
    if was and now:
        return 0, "takes longer than the limit on both sides"
    if was:
        return -1, f"before it took longer than the limit of {found.limits[0]:g} s"
    return 1, f"takes longer than the limit of {found.limits[1]:g} s now"


def _given_up(side: Measurement) -> bool:
    return side.trouble is not None and "statement_timeout" in side.trouble


def _time(side: Measurement, limit: float = 0.0) -> float:
    """Median in ms; of what was given up, the limit (in seconds)."""
    return float(median(side.execution_ms)) if side.execution_ms else limit * 1000


def _pages(side: Measurement) -> float:
    found = _all_pages(side)
    return float(median(found)) if found else 0.0


def _all_pages(side: Measurement) -> list[int]:
    """Pages of each run; what went to disk and came back is as much work as what was read."""
    spilled = side.buffers.temp_read + side.buffers.temp_written
    return [pages + spilled for pages in side.pages or [side.buffers.pages]]


def _cold(side: Measurement) -> float | None:
    return round(float(median(side.cold.execution_ms)), 4) if side.cold and side.cold.execution_ms else None


def _plan_words(before: Measurement, after: Measurement) -> str:
    if before.analysis is not None and after.analysis is not None:
        return plan_change(before.analysis, after.analysis)
    known = after.analysis or before.analysis
    if known is None:
        return ""
    return f"given up → {in_words(known)}" if after.analysis is not None else f"{in_words(known)} → given up"
