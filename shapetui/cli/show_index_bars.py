"""Bars of the index lab: what a query takes on each stratum, in latency and in pages, before and after, log scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.plots import OTHER_COLOUR, PRODUCTION_COLOUR
from shapetui.cli.show_numbers import UNKNOWN, count, number
from shapetui.cli.show_tables import bar, row, table
from shapetui.documents.comparison import Improvement, Ratio, Status, StratumComparison

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

STATUS_STYLES: Final[dict[str, str]] = {"IMPROVED": "bold green", "DEGRADED": "bold red", "NO_CHANGE": "dim"}
STATUS_WORDS: Final[dict[Status, str]] = {"IMPROVED": "improved", "DEGRADED": "worse", "NO_CHANGE": "no change"}
# At 80 columns two bars and five columns of words and numbers fit with these.
_MS_BAR: Final = 14
_PAGES_BAR: Final = 10
# What is below is not told apart on the axis.
_LEAST_MS: Final = 0.01


@dataclass(frozen=True)
class Scale:
    """A log scale from one power of ten to another."""

    low: int
    high: int

    @classmethod
    def over(cls, values: Iterable[float], least: float) -> Scale:
        """The decades that hold all values above `least`."""
        found = [max(value, least) for value in values] or [least]
        low = floor(log10(min(found)))
        return cls(low, max(ceil(log10(max(found))), low + 1))

    def fraction(self, value: float) -> float:
        """0..1; what lies at the lower end is a sliver, nothing is nothing."""
        if value <= 0:
            return 0.0
        return min(max((log10(value) - self.low) / (self.high - self.low), 0.01), 1.0)

    def words(self, unit: str) -> str:
        """`0.01 to 1,000 ms`."""
        ends = (f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}" for power in (self.low, self.high))
        return f"{' to '.join(ends)} {unit}"


@dataclass(frozen=True)
class Scales:
    """One scale of each kind for a whole document, so that bars of different queries can be compared."""

    ms: Scale
    pages: Scale

    def note(self) -> str:
        """What a full bar means."""
        return f"bars are logarithmic: {self.ms.words('ms')}, {self.pages.words('pages')}"


def scales(times: Iterable[float], pages: Iterable[float]) -> Scales:
    """Scales that hold all these."""
    return Scales(Scale.over(times, _LEAST_MS), Scale.over(pages, 1))


def scales_of(found: Sequence[Improvement]) -> Scales:
    """Scales for a comparison."""
    strata = [stratum for query in found for stratum in query.strata]
    return scales(
        [time for stratum in strata for time in (stratum.pre_time_ms, stratum.post_time_ms)],
        [pages for stratum in strata for pages in (stratum.pre_pages, stratum.post_pages)],
    )


def bars(found: Improvement, shared: Scales) -> Table:
    """Two rows per stratum: before, and after with what that makes."""
    cold = any(stratum.pre_cold_ms is not None or stratum.post_cold_ms is not None for stratum in found.strata)
    made = table("", "", "latency", "ms", *(["cold"] if cold else []), "", "pages", "", left=("", "latency"))
    for stratum in found.strata:
        for side, time, without_cache, pages, colour, last in (
            (
                "before",
                stratum.pre_time_ms,
                stratum.pre_cold_ms,
                stratum.pre_pages,
                PRODUCTION_COLOUR,
                literal(""),
            ),
            (
                "after",
                stratum.post_time_ms,
                stratum.post_cold_ms,
                stratum.post_pages,
                OTHER_COLOUR,
                change(stratum),
            ),
        ):
            row(
                made,
                stratum.stratum if side == "before" else _messages(stratum),
                side,
                bar(shared.ms.fraction(time), colour, _MS_BAR),
                milliseconds(time),
                *([milliseconds(without_cache)] if cold else []),
                bar(shared.pages.fraction(pages), colour, _PAGES_BAR),
                count(pages),
                last,
            )
    return made


def _messages(stratum: StratumComparison) -> Text:
    """How many messages the conversation has, in few characters."""
    found = stratum.messages
    if found is None:
        return literal("")
    return literal(f"{count(found)} m." if found < 100_000 else f"{count(found / 1000)}k m.", "dim")


def change(stratum: StratumComparison) -> Text:
    """`−99.9 %` or `× 2.4` in the colour of what may be claimed; what may not be is dim and in brackets."""
    words = ratio_words(stratum.time)
    if stratum.status == "NO_CHANGE":
        return literal(f"({words})", "dim")
    return literal(words, STATUS_STYLES[stratum.status])


def ratio_words(ratio: Ratio | None) -> str:
    """A ratio as what is saved, or as how many times as much: −99.9 %, +12.0 %, × 4.3."""
    if ratio is None:
        return UNKNOWN
    if ratio.value >= 2:
        return f"× {number(ratio.value, 1)}"
    text = f"{100 * (ratio.value - 1):+.1f} %"
    return "0.0 %" if text in ("+0.0 %", "-0.0 %") else text.replace("-", "−")


def interval_words(ratio: Ratio | None) -> str:
    """The interval of a ratio: `0.0007 to 0.0012`."""
    if ratio is None or ratio.low is None or ratio.high is None:
        return UNKNOWN
    return f"{_short(ratio.low)} to {_short(ratio.high)}"


def _short(value: float) -> str:
    if value >= 100:
        return count(value)
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def milliseconds(value: float | None) -> str:
    """As many digits as say something: 0.099, 12.3, 1,234."""
    if value is None:
        return UNKNOWN
    return number(value, 3 if value < 1 else 2 if value < 10 else 1 if value < 1000 else 0)


def megabytes(value: float) -> str:
    """A size in bytes: 824 kB, 14.2 MB."""
    return f"{value / 1000:,.0f} kB" if value < 1e6 else f"{value / 1e6:,.1f} MB"
