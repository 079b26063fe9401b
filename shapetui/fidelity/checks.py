"""`run_checks`: everything that the original's four tests cannot see, each with its margin and its noise floor.

A check whose numbers are not in both shapes (the original's files, older ones, predictions) is left out, never failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.documents.checks import Check, Decision
from shapetui.documents.shape import PREDICTED, Shape
from shapetui.fidelity.facts import Facts, integrity_checks
from shapetui.fidelity.gate import decide
from shapetui.fidelity.message_checks import message_checks
from shapetui.fidelity.size_checks import conversation_checks

# Conversations. Two real chats as grids of 300 rooms are up to three margins off in the mean and p99; as grids of 1,200
# nothing is off that would not be at any size (`python -m tests.bench.fidelity`).
_FINE_GRID: Final = 1000


@dataclass(frozen=True)
class Checks:
    """The checks in the order of a report, and what they come to; None where there was nothing to check."""

    checks: tuple[Check, ...]
    decision: Decision | None

    def named(self, name: str) -> Check | None:
        """The check of that name, if it was made."""
        return next((check for check in self.checks if check.name == name), None)


def run_checks(
    production: Shape, synthetic: Shape, tolerance: float, facts: Facts | None = None, *, exact: bool | None = None
) -> Checks:
    """All checks of a synthetic shape against production's; `tolerance` moves the margins of relative differences.

    `exact`: whether the synthetic side is the quantile grid of a config and no random sample. Then it has no noise of
    its own (but for the hours), and all that blurs a distance is that production is one sample of its chat; a small
    target does not. A config that was fitted to another sample brings the noise of that one along and is not exact.
    None: it is where it was predicted. Of rows that were measured only their ledger knows. Few conversations are a
    coarse grid, which is off by as much as a sample would be: then it is taken for one.
    """
    if exact is None:
        exact = synthetic.population == PREDICTED
    exact = exact and synthetic.conversations.total_count >= _FINE_GRID
    if production.messages.total_count and not synthetic.messages.total_count:
        found = [_nothing(production)]
    else:
        # Shapes at the edge of what a float holds must not warn on a screen.
        with np.errstate(all="ignore"):
            found = [
                *conversation_checks(production, synthetic, tolerance, exact=exact),
                *message_checks(production, synthetic, tolerance, exact=exact),
            ]
    if facts is not None:
        found += integrity_checks(facts)
    return Checks(tuple(found), decide(found))


def _nothing(production: Shape) -> Check:
    return Check(
        name="messages",
        measures="messages at all",
        value=1,
        margin=0,
        noise=0,
        verdict="NO-GO",
        unit="relative",
        production=production.messages.total_count,
        synthetic=0,
    )
