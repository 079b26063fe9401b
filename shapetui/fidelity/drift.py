"""The checks between two releases of a shape, neither of which is the copy of the other.

`run_checks` takes one side as the reference: its tail says where tails begin, its types weigh, its mean divides. Here
each check is made with either side as the reference, so that it comes out the same whichever is the older one.
"""

from __future__ import annotations

from typing import Final

from shapetui.documents.checks import Check, Difference
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity.checks import Checks, run_checks
from shapetui.fidelity.gate import MARGINS, decide, verdict

_ORDER: Final = {name: place for place, name in enumerate(MARGINS)}


def drift_checks(old: Shape, new: Shape, tolerance: float) -> Checks:
    """All checks between two releases; `production` in them is the old and `synthetic` the new one."""
    # Both are samples of their time, whatever they say of themselves.
    forward = run_checks(old, new, tolerance, exact=False)
    backward = run_checks(new, old, tolerance, exact=False)
    turned = [_turned(check) for check in backward.checks]
    others = {check.name: check for check in turned}
    found = [_both(check, others.get(check.name)) for check in forward.checks]
    known = {check.name for check in found}
    found += [check for check in turned if check.name not in known]
    # What only the second reading could make stands where it would in a report.
    found.sort(key=lambda check: _ORDER.get(check.name, -1))
    return Checks(tuple(found), decide(found))


def _both(one: Check, other: Check | None) -> Check:
    """Of two readings the larger distance, judged with the larger noise.

    Of percentiles the smaller distance: one that is known only to lie in a cell is read as that by the reference
    alone, and two such cells have a value in common just where one of the two readings finds no difference.
    """
    if other is None:
        return one
    if one.name in PERCENTILES:
        chosen = other if other.value < one.value else one
    else:
        chosen = other if other.value > one.value else one
    noise = max(one.noise, other.noise)
    said = verdict(chosen.value, chosen.margin, noise)
    settled = [check.settled_at for check in (one, other) if check.settled_at is not None]
    return chosen.model_copy(
        update={
            "noise": noise,
            "verdict": said,
            "settled_at": max(settled) if said == "INCONCLUSIVE" and settled else None,
        }
    )


def _turned(check: Check) -> Check:
    """The check with its sides exchanged."""
    worst = [Difference(at=place.at, production=place.synthetic, synthetic=place.production) for place in check.worst]
    sides = {"production": check.synthetic, "synthetic": check.production}
    return check.model_copy(update={**sides, "worst": worst})
