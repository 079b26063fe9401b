"""The conversations of a plan as arrays: type, size, life, and how many of their messages have been written by when.

Nothing is drawn: conversation i has the size at quantile (pi(i) + 1/2) / C of its type, pi a keyed permutation, so
totals are known before generating and every size class is right to within one conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import DiscreteDistribution, grid_values
from shapetui.distributions.week import HOUR_MS
from shapetui.errors import PlanError
from shapetui.generation.plan import Plan
from shapetui.generation.randomness import Permutation, derive_key, uniform

# Real rooms that write more have more members; measured rank correlations lie around this.
_SIZE_MEMBER_CORRELATION: Final = 0.6
# Without measured lifetimes: larger rooms live longer, as in both real sets.
_SIZE_LIFETIME_CORRELATION: Final = 0.6
_SHORTEST_DEFAULT_LIFE_MS: Final = 3_600_000
# Messages of one conversation are at least this far apart on average, in its busiest hour.
_LEAST_GAP_MS: Final = 4


@dataclass(frozen=True)
class Conversations:
    """C conversations in the order of their begin, in which the table is filled.

    Attributes:
        labels: conversation types.
        kind: (C,) index into labels.
        size: (C,) messages.
        members: (C,) members.
        start, life: (C,) begin and length of life on the warped clock, fractions of the window.
        phase: (C,) in [0, 1): where between two messages the clock stands at the begin.
    """

    labels: tuple[str, ...]
    kind: IntArray
    size: IntArray
    members: IntArray
    start: FloatArray
    life: FloatArray
    phase: FloatArray

    @property
    def messages(self) -> int:
        """All messages."""
        return int(self.size.sum())

    def written_by(self, warped: float, rows: slice | IntArray = slice(None)) -> IntArray:
        """(C,) messages written up to a warped time: floor(n F(t) + phase), all of them at 1."""
        size = self.size[rows]
        if warped >= 1.0:
            return size
        elapsed = np.clip((warped - self.start[rows]) / self.life[rows], 0.0, 1.0)
        return np.minimum(np.floor(size * elapsed + self.phase[rows]).astype(np.int64), size)

    def last_message(self) -> FloatArray:
        """(C,) warped time at which `written_by` reaches the size; the begin for empty conversations."""
        share = (self.size - self.phase) / np.maximum(self.size, 1)
        return np.where(self.size > 0, self.start + self.life * np.clip(share, 0.0, 1.0), self.start)


def lay_out(plan: Plan) -> Conversations:
    """All conversations of a plan. Raises PlanError when the window cannot hold the largest of them."""
    model, rooms = plan.model, plan.conversations
    counts = plan.rooms_by_type
    labels = tuple(label for label, count in counts.items() if count)
    place = Permutation(rooms, derive_key(plan.seed, "conversation type"))(np.arange(rooms))
    borders = np.cumsum([counts[label] for label in labels])
    kind = np.searchsorted(borders, place, side="right").astype(np.int64)
    size = np.empty(rooms, dtype=np.int64)
    for index, label in enumerate(labels):
        # `place` is a permutation, so the places of a type are 0..count-1 in keyed order.
        rows = np.flatnonzero(kind == index)
        size[rows] = grid_values(model.sizes[label], counts[label])[place[rows] - (borders[index] - counts[label])]
    noise = uniform(derive_key(plan.seed, "size ties"), np.arange(rooms))
    rank = _ranks(size + noise)
    members = np.empty(rooms, dtype=np.int64)
    for index, label in enumerate(labels):
        rows = np.flatnonzero(kind == index)
        members[rows] = _coupled(
            plan, f"members {label}", model.members[label], _ranks(rank[rows]), _SIZE_MEMBER_CORRELATION
        )
    life = _lives(plan, size, rank)
    start = (Permutation(rooms, derive_key(plan.seed, "start"))(np.arange(rooms)) + 0.5) / rooms * (1.0 - life)
    phase = uniform(derive_key(plan.seed, "phase"), np.arange(rooms))
    members = np.clip(members, 1, plan.users)
    # Rooms are numbered, and written, in the order in which they come to life.
    order = np.argsort(start, kind="stable")
    return Conversations(labels, kind[order], size[order], members[order], start[order], life[order], phase[order])


def _ranks(values: FloatArray) -> FloatArray:
    """(n,) rank of each value as a fraction (rank + 1/2) / n."""
    ranks = np.empty(values.size)
    ranks[np.argsort(values, kind="stable")] = np.arange(values.size)
    return (ranks + 0.5) / max(values.size, 1)


def _coupled(
    plan: Plan, purpose: str, law: DiscreteDistribution, size_rank: FloatArray, correlation: float
) -> IntArray:
    """The quantile grid of a law, handed out by ranks that correlate with the ranks of the sizes.

    Scores are sums of logistic quantiles of size rank and of keyed noise (a Gaussian copula but for the quantile
    function, which numpy lacks).
    """
    noise = uniform(derive_key(plan.seed, purpose), np.arange(size_rank.size))
    noise = np.clip(noise, 1e-12, 1 - 1e-12)
    score = correlation * np.log(size_rank / (1 - size_rank)) + (1 - correlation**2) ** 0.5 * np.log(
        noise / (1 - noise)
    )
    return law.quantile(_ranks(score))


def _busiest(plan: Plan) -> float:
    """Rate of messages in the busiest hour of the window, as a multiple of the mean over the window."""
    clock = plan.clock
    hours = np.arange(clock.start_ms // HOUR_MS + 1, (clock.end_ms - 1) // HOUR_MS + 1) * HOUR_MS
    borders = np.unique(np.concatenate([[clock.start_ms], hours, [clock.end_ms]]))
    return float((np.diff(clock.fraction(borders)) / np.diff(borders)).max() * (clock.end_ms - clock.start_ms))


def _lives(plan: Plan, size: IntArray, rank: FloatArray) -> FloatArray:
    """(C,) length of each life as a fraction of the window, long enough for its messages."""
    window = plan.clock.end_ms - plan.clock.start_ms
    model = plan.model
    if model.lifetime is not None:
        ms = _coupled(plan, "lifetime", model.lifetime, rank, model.size_lifetime_correlation) * 1000.0
    else:
        low = np.log(min(_SHORTEST_DEFAULT_LIFE_MS, window / 2))
        steps = np.arange(1024, dtype=np.int64)
        even = DiscreteDistribution(steps, steps, np.full(1024, 1 / 1024))
        share = _coupled(plan, "lifetime", even, rank, _SIZE_LIFETIME_CORRELATION) / 1023
        ms = np.exp(low + share * (np.log(window) - low))
    least = (size + 1) * _LEAST_GAP_MS * _busiest(plan)
    if least.max() > window:
        raise PlanError(
            f"a conversation of {int(size.max()):,} messages does not fit into a window of {window / 1000:,.0f} s",
            "generate fewer messages per conversation, or from a config with a longer window",
        )
    # A life of exactly the window would leave no room to vary its begin; float division needs it above zero.
    return np.asarray(np.clip(np.maximum(ms, least) / window, 1e-12, 1.0))
