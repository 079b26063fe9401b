"""The gate: from a distance, its margin and its noise floor to a verdict, one rule for every check.

In this order: NO-GO where the distance is beyond twice the margin and beyond three times the noise; INCONCLUSIVE where
it is beyond twice the margin, but an honest copy could show as much, or where the noise is so large that hardly any
distance could be told from that of an honest copy; GO within the margin, or within what an honest copy shows; WARN for
what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, isfinite, log1p
from typing import Final

from shapetui.documents.checks import Check, CheckVerdict, Decision, Difference, Unit
from shapetui.documents.model import LARGEST
from shapetui.fidelity.noise import REFUSED

_BAD: Final = 2.0
_GOOD_NOISE: Final = 2.0
# In margins: beyond that an honest copy may be three margins off and more.
_MOST_NOISE: Final = 1.5
# The margins hold for this tolerance; those of relative differences grow and shrink with it.
TOLERANCE: Final = 0.15

# Largest distance that is good. Twice of it is bad, so that types 3 points off, lengths 10 % off and a tail that is cut
# are NO-GO, while the best fits of two real corpora are GO.
MARGINS: Final[Mapping[str, float]] = {
    "conversation_types": 0.01,
    "message_types": 0.01,
    "hour_of_week": 0.03,
    "sizes": 0.03,
    "messages_by_size": 0.05,
    "p50": 0.10,
    "p90": 0.10,
    "p95": 0.10,
    "p99": 0.15,
    "mean_size": 0.03,
    "top_1_percent_share": 0.02,
    "tail_alpha": 0.10,
    "size_by_conversation_type": 0.03,
    "lengths": 0.02,
    "mean_length": 0.03,
    "length_by_message_type": 0.03,
}
_EPSILON: Final = 1e-12


def verdict(value: float, margin: float, noise: float) -> CheckVerdict:
    """The rule."""
    if value > _BAD * margin + _EPSILON:
        return "NO-GO" if value > REFUSED * noise + _EPSILON else "INCONCLUSIVE"
    if noise > _MOST_NOISE * margin:
        return "INCONCLUSIVE"
    return "GO" if value <= max(margin, _GOOD_NOISE * noise) + _EPSILON else "WARN"


def judged(
    name: str,
    measures: str,
    value: float,
    noise: float,
    conversations: tuple[float, float],
    tolerance: float,
    *,
    unit: Unit,
    production: float | None = None,
    synthetic: float | None = None,
    worst: Iterable[Difference] = (),
    assumes: str | None = None,
    ratio: bool = False,
) -> Check:
    """A check with its verdict.

    `conversations`: how many were drawn on the two sides, infinitely many where a side is exact; noise falls with
    their root, that of a `ratio` (the larger of two numbers over the smaller, less 1) in its logarithm.
    """
    margin = MARGINS[name] * (tolerance / TOLERANCE if unit == "relative" else 1.0)
    said = verdict(value, margin, noise)
    return Check(
        name=name,
        measures=measures,
        value=value,
        margin=margin,
        noise=noise,
        verdict=said,
        unit=unit,
        production=production,
        synthetic=synthetic,
        worst=list(worst),
        settled_at=_settled_at(value, margin, noise, conversations, ratio) if said == "INCONCLUSIVE" else None,
        assumes=assumes,
    )


def decide(checks: Iterable[Check]) -> Decision | None:
    """NO-GO if any check is; INCONCLUSIVE if none could be decided, GO otherwise; None without any check.

    Checks without noise, such as the shares of a single type, are no reason to GO if all others are open; that rows are
    whole (integrity) says nothing of how alike two chats are.
    """
    found = list(checks)
    if not found:
        return None
    if any(check.verdict == "NO-GO" for check in found):
        return "NO-GO"
    compared = [check for check in found if check.unit != "rows"]
    noisy = [check for check in compared if check.noise] or compared
    return "GO" if any(check.verdict != "INCONCLUSIVE" for check in noisy) else "INCONCLUSIVE"


def _settled_at(value: float, margin: float, noise: float, conversations: tuple[float, float], ratio: bool) -> int:
    """How many conversations on each side that is not exact give this distance a verdict."""
    enough = value / REFUSED if value > _BAD * margin + _EPSILON else _MOST_NOISE * margin
    factor = log1p(REFUSED * noise) / log1p(REFUSED * enough) if ratio else noise / enough
    common = sum(map(isfinite, conversations)) / sum(1 / number for number in conversations)
    return min(ceil(common * factor**2), LARGEST)
