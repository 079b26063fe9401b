"""The parameters of a config that a person nudges or types: what they are called, where they lie, how far they go.

The workbench shows them and moves them; `adjust.with_value` puts a value into the config.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from shapetui.documents.config import Config
from shapetui.errors import PlanError

Kind = Literal["alpha", "xmin", "tail share", "xmax", "conversation weight", "message weight", "mu", "sigma"]

ALL: Final = "all types"
WEIGHTS: Final = ("conversation weight", "message weight")
# Shares that sum to 1 but for the rounding of a sum are taken as they are: dividing them again and again by a sum of
# 1 - 2^-53 would move a locked one.
_SUM_MARGIN: Final = 1e-9
# A journal may ask for any number of steps; these many cross the longest range in the finest steps (mu: 2,500).
_MOST_STEPS: Final = 10_000
# Where factors begin to move what stands at zero.
_SMALLEST: Final = 1e-4


@dataclass(frozen=True)
class Parameter:
    """One adjustable number. `fine` and `coarse` are added by a nudge, or multiplied when `factor` is set.

    `overall` marks the one that moves several others; it is no number of the config itself.
    """

    kind: Kind
    label: str
    value: float
    lowest: float
    highest: float
    fine: float
    coarse: float
    factor: bool = False
    whole: bool = False
    overall: bool = False

    @property
    def key(self) -> str:
        """Its name in journals and lineages: `alpha GROUP_CHAT`."""
        return f"{self.kind} {self.label}"

    def check(self, value: float) -> None:
        """Raises PlanError for a value outside its range."""
        # Written so that NaN, which lies nowhere, is refused too.
        if not self.lowest <= value <= self.highest:
            raise PlanError(f"{self.key} lies between {self.lowest:,g} and {self.highest:,g}", "")

    def nudged(self, steps: int, *, coarse: bool) -> float:
        """The value after some nudges, within its range; n steps at once are n single ones, whole ones move by >= 1."""
        steps = max(-_MOST_STEPS, min(_MOST_STEPS, steps))
        step = self.coarse if coarse else self.fine
        if not steps:
            return self.value
        if not self.factor:
            return self.limited(self.value + steps * step)
        if not self.whole:
            start = max(self.value, _SMALLEST) if steps > 0 else self.value
            # Beyond e^700 a float is infinite.
            return self.limited(start * math.exp(max(-700.0, min(700.0, steps * math.log1p(step)))))
        value, sign = round(self.value), 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            moved = round(value * (1 + step) ** sign)
            value = moved if moved != value else value + sign
            if not self.lowest < value < self.highest:
                break
        return self.limited(value)

    def limited(self, value: float) -> float:
        """The nearest value that the parameter may have."""
        # Sums of steps like 0.01 would drift away from what is shown; nine digits are beyond what anybody types.
        value = float(round(value)) if self.whole and abs(value) < 1e15 else round(value, 9)
        return float(min(max(value, self.lowest), self.highest))


class Change(NamedTuple):
    """One parameter before and after; None where the config has no such parameter."""

    key: str
    before: float | None
    after: float | None

    @property
    def differs(self) -> bool:
        """Whether it changed by more than rounding."""
        if self.before is None or self.after is None:
            return self.before is not self.after
        return not math.isclose(self.before, self.after, rel_tol=1e-8, abs_tol=1e-9)


def parameters(config: Config) -> tuple[Parameter, ...]:
    """All parameters of a config, in the order in which they are shown: sizes, weights, lengths."""
    found: list[Parameter] = []
    conversations, messages = config.conversation_generation, config.message_generation
    tails = {label: model.tail for label, model in conversations.by_type.items() if model.tail is not None}
    if not conversations.by_type:
        law = conversations.messages_per_conversation
        first = max(law.min, 1)
        found += [_alpha(ALL, float(law.alpha)), _xmin(ALL, first, law.max), _xmax(ALL, first, law.max)]
    if len(tails) > 1:
        found.append(_overall([_alpha(label, float(tail.alpha)) for label, tail in tails.items()], tails))
    found += [_alpha(label, float(tail.alpha)) for label, tail in tails.items()]
    for label, tail in tails.items():
        found += [
            _xmin(label, tail.xmin, tail.xmax),
            Parameter("tail share", label, float(tail.share), 0.0, 1.0, 0.02, 0.2, factor=True),
            _xmax(label, tail.xmin, tail.xmax),
        ]
    for kind in WEIGHTS:
        for label, weight in weights_of(config, kind).items():
            found.append(Parameter(kind, label, weight, 0.0, 1.0, 0.001, 0.01))
    for label, length in messages.by_type.items():
        if length.mu is not None and length.sigma is not None:
            found.append(Parameter("mu", label, float(length.mu), -5.0, 20.0, 0.01, 0.1))
            sigma = float(length.sigma)
            found.append(Parameter("sigma", label, sigma, min(0.01, sigma), 6.0, 0.01, 0.1))
    return tuple(found)


def changes(before: Sequence[Parameter], after: Sequence[Parameter]) -> tuple[Change, ...]:
    """Every parameter that differs between two configs, in order, by more than the digits that a nudge drops."""
    old, new = {p.key: p.value for p in before}, {p.key: p.value for p in after}
    found = [Change(key, old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old])]
    return tuple(change for change in found if change.differs)


def weights_of(config: Config, kind: Kind) -> dict[str, float]:
    """Shares of the labels of one kind, as a sum of 1."""
    block = config.conversation_generation if kind == "conversation weight" else config.message_generation
    weights = {label: float(model.share) for label, model in block.by_type.items()}
    weights = weights or {label: float(share) for label, share in block.type_distribution.items()}
    total = math.fsum(weights.values())
    if abs(total - 1) <= _SUM_MARGIN:
        return weights
    return {label: weight / total for label, weight in weights.items()}


# A file may hold an exponent or a range beyond what nudges reach; a nudge must not throw it to the other end, so
# each range holds the value that is there.
def _alpha(label: str, value: float) -> Parameter:
    return Parameter("alpha", label, value, min(0.2, value), max(8.0, value), 0.01, 0.1)


def _xmin(label: str, xmin: int, xmax: int) -> Parameter:
    return Parameter("xmin", label, float(xmin), 1, xmax, 0.03, 0.2, factor=True, whole=True)


def _xmax(label: str, xmin: int, xmax: int) -> Parameter:
    return Parameter("xmax", label, float(xmax), xmin, max(10**8, xmax), 0.02, 0.2, factor=True, whole=True)


def _overall(alphas: list[Parameter], taken: Collection[str]) -> Parameter:
    """The mean of several alphas, as far as all of them can move: they stay as far apart as they were fitted."""
    label = ALL
    while label in taken:
        label += "'"
    mean = sum(alpha.value for alpha in alphas) / len(alphas)
    down = min(alpha.value - alpha.lowest for alpha in alphas)
    up = min(alpha.highest - alpha.value for alpha in alphas)
    return Parameter("alpha", label, mean, mean - down, mean + up, 0.01, 0.1, overall=True)
