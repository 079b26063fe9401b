"""Weights of types as production has them: what they are to be set to, all together or one alone."""

from __future__ import annotations

import math
from typing import Final

from shapetui.distributions.categories import fractions
from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.workbench.parameters import Kind, weights_of

# What disclosure control folds labels into; the generator spreads its share over the rest.
_FOLDED: Final = "OTHER"
# No test sees a smaller difference of shares, not even in two thousand million messages.
_NOTHING: Final = 1e-7


def counts_of(shape: Shape, kind: Kind) -> dict[str, int]:
    """How many conversations or messages of each type a shape holds."""
    return (shape.conversations if kind == "conversation weight" else shape.messages).type_distribution


def wanted(weights: dict[str, float], shape: Shape, kind: Kind) -> dict[str, float]:
    """Production's share of each of a config's labels, as a sum of 1; 0 for what production has not.

    Labels that production may have folded away share what it has as OTHER. Empty where they have no label in common.
    """
    counts = counts_of(shape, kind)
    shares = {label: float(counts.get(label, 0)) for label in weights}
    if shape.folds_labels and counts.get(_FOLDED) and _FOLDED not in weights:
        unknown = {label: weight for label, weight in weights.items() if not counts.get(label)}
        total = math.fsum(unknown.values())
        shares |= {label: counts[_FOLDED] * weight / total for label, weight in unknown.items() if total > 0}
    return fractions(shares) if sum(shares.values()) > 0 else {}


def to_set(config: Config, shape: Shape, kind: Kind, locked: frozenset[str]) -> tuple[tuple[str, float], ...]:
    """All weights of a kind that are not locked, in production's proportions; nothing where nothing can move."""
    weights = weights_of(config, kind)
    goal, free = wanted(weights, shape, kind), _free(weights, kind, locked)
    total = math.fsum(goal.get(label, 0.0) for label in free)
    if len(free) < 2 or not total > 0:
        return ()
    room = max(0.0, 1.0 - math.fsum(weight for label, weight in weights.items() if label not in free))
    values = {label: min(1.0, room * goal[label] / total) for label in free}
    if all(abs(value - weights[label]) < _NOTHING for label, value in values.items()):
        return ()
    return tuple((f"{kind} {label}", value) for label, value in values.items())


def one_to_set(config: Config, shape: Shape, kind: Kind, locked: frozenset[str]) -> tuple[str, float] | None:
    """The one weight that brings its kind nearest to production's shares, the others giving way in proportion."""
    weights = weights_of(config, kind)
    goal, free = wanted(weights, shape, kind), _free(weights, kind, locked)
    if len(free) < 2 or not goal:
        return None

    def distance(label: str) -> float:
        room = math.fsum(free.values())
        value, rest = min(goal[label], room), math.fsum(free.values()) - free[label]
        scale = (room - value) / rest if rest > 0 else 0.0
        after = {**weights, **{other: weight * scale for other, weight in free.items()}, label: value}
        # As chi-square weighs it; a label that production has not weighs as if it had a millionth.
        return math.fsum((after[other] - goal[other]) ** 2 / max(goal[other], 1e-6) for other in weights)

    best = min(free, key=distance)
    return (f"{kind} {best}", goal[best]) if abs(goal[best] - weights[best]) >= _NOTHING else None


def differences(production: Shape, synthetic: Shape, kind: Kind) -> dict[str, float]:
    """Label -> synthetic share minus production's; empty where a side holds nothing."""
    ours, theirs = counts_of(synthetic, kind), counts_of(production, kind)
    if not sum(ours.values()) or not sum(theirs.values()):
        return {}
    known = dict.fromkeys(ours, 1.0) | theirs
    if production.folds_labels:
        # What was folded has no name; its share is spread over the rest.
        known.pop(_FOLDED, None)
    goal, found = wanted(known, production, kind), fractions(ours)
    return {label: found.get(label, 0.0) - goal[label] for label in goal}


def _free(weights: dict[str, float], kind: Kind, locked: frozenset[str]) -> dict[str, float]:
    return {label: weight for label, weight in weights.items() if f"{kind} {label}" not in locked}
