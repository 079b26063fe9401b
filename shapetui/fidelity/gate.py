"""The gate: from a distance, its margin and its noise floor to a verdict, one rule for every check.

In this order: NO-GO where the distance is beyond twice the margin and beyond three times the noise; INCONCLUSIVE where
the noise is so large that an honest copy could not be told from a bad one; GO within the margin, or within what an
honest copy shows; WARN for what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final

from shapetui.documents.checks import Check, CheckVerdict, Decision, Difference, Unit
from shapetui.documents.model import LARGEST
from shapetui.fidelity.noise import REFUSED

_BAD: Final = 2.0
_GOOD_NOISE: Final = 2.0
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
    "tail_alpha": 0.12,
    "size_by_conversation_type": 0.03,
    "lengths": 0.02,
    "mean_length": 0.03,
    "length_by_message_type": 0.03,
}
_EPSILON: Final = 1e-12


def verdict(value: float, margin: float, noise: float) -> CheckVerdict:
    """The rule."""
    if value > _BAD * margin + _EPSILON and value > REFUSED * noise + _EPSILON:
        return "NO-GO"
    if _GOOD_NOISE * noise > 1.5 * _BAD * margin:
        return "INCONCLUSIVE"
    return "GO" if value <= max(margin, _GOOD_NOISE * noise) + _EPSILON else "WARN"


def judged(
    name: str,
    measures: str,
    value: float,
    noise: float,
    conversations: tuple[int, int],
    tolerance: float,
    *,
    unit: Unit,
    production: float | None = None,
    synthetic: float | None = None,
    worst: Iterable[Difference] = (),
    assumes: str | None = None,
) -> Check:
    """A check with its verdict. `conversations`: how many there are on the two sides; noise falls with their root."""
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
        settled_at=_settled_at(margin, noise, conversations) if said == "INCONCLUSIVE" else None,
        assumes=assumes,
    )


def decide(checks: Iterable[Check]) -> Decision | None:
    """NO-GO if any check is; INCONCLUSIVE if none could be decided, GO otherwise; None without any check."""
    said = {check.verdict for check in checks}
    if not said:
        return None
    if "NO-GO" in said:
        return "NO-GO"
    return "INCONCLUSIVE" if said == {"INCONCLUSIVE"} else "GO"


def _settled_at(margin: float, noise: float, conversations: tuple[int, int]) -> int:
    one, other = conversations
    common = 2 / (1 / one + 1 / other)
    return min(ceil(common * (_GOOD_NOISE * noise / (1.5 * _BAD * margin)) ** 2), LARGEST)
