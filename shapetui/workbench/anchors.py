"""Anchors: the value of each parameter that fits production's own numbers best, and how far the draft is from it.

Types are independent in the model: the sizes of a type depend on its own tail alone, its lengths on its own mu and
sigma. So each parameter can be fitted by itself, and what is far from its fit is what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config, LengthModel, Tail
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import Shape
from shapetui.workbench import shares
from shapetui.workbench.expectation import parameters_of
from shapetui.workbench.outcome import Moves
from shapetui.workbench.parameters import WEIGHTS, Parameter, weights_of
from shapetui.workbench.refit import INSIDE, differing


@dataclass(frozen=True)
class Anchor:
    """Parameters that are set together; `off` is how many standard errors the draft is away, roughly.

    Or a part that is fitted anew (`workbench.refit`), of which no such number is known.
    """

    moves: Moves
    off: float
    refit: str = ""

    @property
    def whole(self) -> bool:
        """Whether going only a part of the way makes no sense: weights are counted."""
        return any(key.startswith(WEIGHTS) for key, _ in self.moves)

    def moves_in(self, part: str) -> bool:
        """Whether its parameters lie inside of a part that is fitted anew, which sets them."""
        kind, _, label = part.partition(" ")
        inside = INSIDE.get(kind, ())
        return bool(self.moves) and any(
            key == f"{name} {label}" or (not label and key.startswith(f"{name} "))
            for name in inside
            for key, _ in self.moves
        )


def anchors(config: Config, shape: Shape, locked: frozenset[str]) -> list[Anchor]:
    """Every parameter of a config that is not where production has it, each by itself, the farthest first."""
    parameters = {parameter.key: parameter for parameter in parameters_of(config)}
    found = [
        *_weights(config, shape, locked),
        *_tails(config, shape, parameters),
        *_lengths(config, shape, parameters),
    ]
    return sorted(found, key=lambda anchor: -anchor.off)


def refits(config: Config, shape: Shape) -> list[Anchor]:
    """Whole parts as a calibration from scratch has them, for where no parameter is enough."""
    return [Anchor((), math.inf, name) for name in differing(config, shape)]


def _weights(config: Config, shape: Shape, locked: frozenset[str]) -> Iterator[Anchor]:
    for kind in WEIGHTS:
        moves = shares.to_set(config, shape, kind, locked)
        if moves:
            weights, total = weights_of(config, kind), sum(shares.counts_of(shape, kind).values())
            distance = sum(abs(value - weights[key.removeprefix(f"{kind} ")]) for key, value in moves) / 2
            yield Anchor(moves, distance * math.sqrt(total))


def _tails(config: Config, shape: Shape, parameters: dict[str, Parameter]) -> Iterator[Anchor]:
    block = config.conversation_generation
    if not block.by_type:
        alpha = parameters["alpha all types"]
        law = block.messages_per_conversation
        whole = Tail(alpha=alpha.value, xmin=max(law.min, 1), xmax=law.max, share=1.0)
        yield from _alpha(alpha, whole, _cells(shape.conversations.messages_per_conversation_cells))
    for label, model in block.by_type.items():
        part = shape.conversations.by_type.get(label)
        cells = _cells(part.messages_per_conversation_cells if part else {}) or _cells(
            shape.conversations.messages_per_conversation_cells
        )
        tail = model.tail
        if tail is None or cells is None:
            continue
        yield from _alpha(parameters[f"alpha {label}"], tail, cells)
        last = int(cells.hi[-1])
        beyond = int(cells.counts[cells.lo > tail.xmax].sum())
        if last >= tail.xmin and (beyond or tail.xmax > last):
            yield _one(parameters[f"xmax {label}"], last, last / math.sqrt(beyond + 1))
        share = cells.from_value(tail.xmin).total / cells.total
        if sum(model.body_cells.values()) and 0 < share < 1:
            spread = math.sqrt(share * (1 - share) / cells.total)
            yield _one(parameters[f"tail share {label}"], share, spread)


def _alpha(parameter: Parameter, tail: Tail, cells: Histogram | None) -> Iterator[Anchor]:
    """The likeliest exponent between xmin and xmax."""
    if cells is None:
        return
    above = cells.from_value(tail.xmin)
    kept = above.lo <= tail.xmax
    above = Histogram(above.lo[kept], np.minimum(above.hi[kept], tail.xmax), above.counts[kept])
    if above.lo.size > 1:
        found = powerlaw.fit(above)
        yield _one(parameter, found.alpha, found.standard_error)


def _lengths(config: Config, shape: Shape, parameters: dict[str, Parameter]) -> Iterator[Anchor]:
    for label, model in config.message_generation.by_type.items():
        wanted = _length(model, shape, label)
        mu, sigma = parameters.get(f"mu {label}"), parameters.get(f"sigma {label}")
        # Of types without a share, too: weights that are set together with these may give them one.
        if wanted is None or mu is None or sigma is None:
            continue
        to, spread, count = wanted
        yield _one(mu, to, spread / math.sqrt(count))
        yield _one(sigma, spread, spread / math.sqrt(2 * count))


def _length(model: LengthModel, shape: Shape, label: str) -> tuple[float, float, int] | None:
    """mu and sigma as production has them, and of how many messages; a histogram has its own."""
    part = shape.messages.by_type.get(label)
    cells = _cells(part.content_length_cells if part else {}) or _cells(shape.messages.content_length_cells)
    count = cells.total if cells else 1
    if model.model == "histogram":
        return None if model.cells_mu is None else (float(model.cells_mu), float(model.cells_sigma or 1), count)
    positive = cells.from_value(1) if cells else None
    found = lognormal.fit(positive) if positive and positive.lo.size else None
    return (found.mu, found.sigma, count) if found else None


def _one(parameter: Parameter, value: float, spread: float) -> Anchor:
    value = parameter.limited(value)
    difference = abs(value - parameter.value)
    off = difference / spread if spread > 0 and math.isfinite(spread) else float(difference > 0)
    return Anchor(((parameter.key, value),), off)


def _cells(cells: dict[str, int]) -> Histogram | None:
    """None where they hold nothing."""
    found = Histogram.of_cells(cells_of(cells)).without_empty()
    return found if found.total else None
