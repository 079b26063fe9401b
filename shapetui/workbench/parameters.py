"""The parameters of a config that a person nudges or types: what they are called, their range, and how to set them.

Each function returns a new config; none of them changes anything else than the parameter, but for the weights, where the
other labels give way in proportion (except a locked one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shapetui.documents.config import Config, ConversationModel, LengthModel, Tail
from shapetui.documents.labels import cells_of, labelled
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError

Kind = Literal["alpha", "xmin", "tail share", "xmax", "conversation weight", "message weight", "mu", "sigma"]

ALL: Final = "all types"


@dataclass(frozen=True)
class Parameter:
    """One adjustable number. `fine` and `coarse` are added by a nudge, or multiplied when `factor` is set."""

    kind: Kind
    label: str
    value: float
    lowest: float
    highest: float
    fine: float
    coarse: float
    factor: bool = False
    whole: bool = False

    @property
    def key(self) -> str:
        """Its name in journals and lineages: `alpha GROUP_CHAT`."""
        return f"{self.kind} {self.label}"

    def nudged(self, steps: int, *, coarse: bool) -> float:
        """The value after some nudges, within its range; whole ones move by at least one."""
        step = self.coarse if coarse else self.fine
        if self.factor:
            value = self.value * (1 + step) ** steps
            if self.whole and round(value) == round(self.value):
                value = self.value + (1 if steps > 0 else -1)
        else:
            value = self.value + steps * step
        return self.limited(value)

    def limited(self, value: float) -> float:
        """The nearest value that the parameter may have."""
        value = min(max(value, self.lowest), self.highest)
        # Sums of steps like 0.01 would drift away from what is shown; nine digits are beyond what anybody types.
        return float(round(value)) if self.whole else round(value, 9)


def parameters(config: Config) -> tuple[Parameter, ...]:
    """All parameters of a config, in the order in which they are shown: sizes, weights, lengths."""
    found: list[Parameter] = []
    conversations, messages = config.conversation_generation, config.message_generation
    tails = {label: model.tail for label, model in conversations.by_type.items() if model.tail is not None}
    if not conversations.by_type:
        law = conversations.messages_per_conversation
        found.append(Parameter("alpha", ALL, float(law.alpha), 0.2, 8.0, 0.01, 0.1))
        found.append(Parameter("xmin", ALL, float(law.min), 1, law.max, 0.03, 0.2, factor=True, whole=True))
        found.append(Parameter("xmax", ALL, float(law.max), law.min, 10**8, 0.02, 0.2, factor=True, whole=True))
    if len(tails) > 1:
        mean = sum(float(tail.alpha) for tail in tails.values()) / len(tails)
        found.append(Parameter("alpha", ALL, round(mean, 9), 0.2, 8.0, 0.01, 0.1))
    for label, tail in tails.items():
        found.append(Parameter("alpha", label, float(tail.alpha), 0.2, 8.0, 0.01, 0.1))
    for label, tail in tails.items():
        found += [
            Parameter("xmin", label, tail.xmin, 1, tail.xmax, 0.03, 0.2, factor=True, whole=True),
            Parameter("tail share", label, float(tail.share), 0.0, 1.0, 0.02, 0.2, factor=True),
            Parameter("xmax", label, tail.xmax, tail.xmin, 10**8, 0.02, 0.2, factor=True, whole=True),
        ]
    for label, weight in _weights(config, "conversation weight").items():
        found.append(Parameter("conversation weight", label, weight, 0.0, 1.0, 0.001, 0.01))
    for label, weight in _weights(config, "message weight").items():
        found.append(Parameter("message weight", label, weight, 0.0, 1.0, 0.001, 0.01))
    for label, length in messages.by_type.items():
        if length.mu is not None and length.sigma is not None:
            found.append(Parameter("mu", label, float(length.mu), -5.0, 20.0, 0.01, 0.1))
            found.append(Parameter("sigma", label, float(length.sigma), 0.01, 6.0, 0.01, 0.1))
    return tuple(found)


def with_value(
    config: Config, shape: Shape | None, parameter: Parameter, value: float, locked: frozenset[str] = frozenset()
) -> Config:
    """The config with one parameter at a value (within its range).

    `shape` gives the sizes around a moved xmin; without it xmin cannot be moved below the body. `locked` holds the keys of
    weights that do not give way. Raises PlanError when the value cannot be had.
    """
    value = parameter.limited(value)
    if parameter.kind in ("conversation weight", "message weight"):
        return _with_weight(config, parameter, value, locked)
    if parameter.kind in ("mu", "sigma"):
        return _with_length(config, parameter, value)
    if not config.conversation_generation.by_type:
        return _with_law(config, parameter, value)
    labels = _with_tail(config) if parameter.label == ALL else [parameter.label]
    for label in labels:
        changed = value
        if parameter.label == ALL:
            # Over all types alpha moves by the same amount in each, so that they stay as far apart as they were fitted.
            tail = config.conversation_generation.by_type[label].tail
            assert tail is not None
            changed = min(max(round(float(tail.alpha) + value - parameter.value, 9), 0.2), 8.0)
        config = _with_size(config, shape, parameter.kind, label, changed)
    return config


def _with_tail(config: Config) -> list[str]:
    return [label for label, model in config.conversation_generation.by_type.items() if model.tail is not None]


def _weights(config: Config, kind: Kind) -> dict[str, float]:
    """Shares of the labels of one kind, as a sum of 1."""
    if kind == "conversation weight":
        block = config.conversation_generation
        weights = {label: float(model.share) for label, model in block.by_type.items()}
        weights = weights or {label: float(share) for label, share in block.type_distribution.items()}
    else:
        messages = config.message_generation
        weights = {label: float(model.share) for label, model in messages.by_type.items()}
        weights = weights or {label: float(share) for label, share in messages.type_distribution.items()}
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


def _with_weight(config: Config, parameter: Parameter, value: float, locked: frozenset[str]) -> Config:
    weights = _weights(config, parameter.kind)
    held = {
        label: weight
        for label, weight in weights.items()
        if label != parameter.label and f"{parameter.kind} {label}" in locked
    }
    free = {label: weight for label, weight in weights.items() if label != parameter.label and label not in held}
    value = min(value, 1.0 - sum(held.values()))
    rest = 1.0 - sum(held.values()) - value
    if not free:
        if abs(value - weights[parameter.label]) < 1e-12:
            return config
        raise PlanError("all other weights are locked", "unlock one, so that it can give way")
    total = sum(free.values())
    # Weights that were all zero share what is left evenly; otherwise they keep their proportions.
    scaled = {label: rest * weight / total if total > 0 else rest / len(free) for label, weight in free.items()}
    new = {label: {**held, **scaled, parameter.label: value}[label] for label in weights}
    rounded = {label: round(weight, 4) for label, weight in new.items()}
    if parameter.kind == "conversation weight":
        block = config.conversation_generation
        models = {label: model.model_copy(update={"share": new[label]}) for label, model in block.by_type.items()}
        shares = rounded if models else new
        return config.model_copy(
            update={
                "conversation_generation": block.model_copy(update={"by_type": models, "type_distribution": shares})
            }
        )
    messages = config.message_generation
    lengths = {label: model.model_copy(update={"share": new[label]}) for label, model in messages.by_type.items()}
    shares = rounded if lengths else new
    return config.model_copy(
        update={"message_generation": messages.model_copy(update={"by_type": lengths, "type_distribution": shares})}
    )


def _with_length(config: Config, parameter: Parameter, value: float) -> Config:
    """mu or sigma of a message type. A type that was a histogram is a log-normal from here on."""
    messages = config.message_generation
    model = messages.by_type[parameter.label]
    changed = LengthModel(
        share=model.share,
        empty_share=model.empty_share,
        model="log_normal",
        mu=value if parameter.kind == "mu" else model.mu,
        sigma=value if parameter.kind == "sigma" else model.sigma,
        maximum=max(model.maximum, 1),
        ks=None,
    )
    return config.model_copy(
        update={
            "message_generation": messages.model_copy(
                update={"by_type": {**messages.by_type, parameter.label: changed}}
            )
        }
    )


def _with_law(config: Config, parameter: Parameter, value: float) -> Config:
    """alpha, xmin or xmax of a config of the original kind."""
    block = config.conversation_generation
    field = {"alpha": "alpha", "xmin": "min", "xmax": "max"}[parameter.kind]
    law = block.messages_per_conversation.model_copy(
        update={field: round(value, 9) if field == "alpha" else int(value)}
    )
    return config.model_copy(
        update={"conversation_generation": block.model_copy(update={"messages_per_conversation": law})}
    )


def _with_size(config: Config, shape: Shape | None, kind: Kind, label: str, value: float) -> Config:
    block = config.conversation_generation
    model = block.by_type[label]
    tail = model.tail
    assert tail is not None
    body: Mapping[str, int] = model.body_cells
    if kind == "alpha":
        tail = tail.model_copy(update={"alpha": value})
    elif kind == "xmax":
        tail = tail.model_copy(update={"xmax": int(value)})
    elif kind == "tail share":
        tail = tail.model_copy(update={"share": value if body else 1.0})
    else:
        tail, body = _moved(shape, label, model, tail, int(value))
    return config.model_copy(
        update={
            "conversation_generation": block.model_copy(
                update={
                    "by_type": {
                        **block.by_type,
                        label: model.model_copy(update={"tail": tail, "body_cells": dict(body)}),
                    }
                }
            )
        }
    )


def _moved(
    shape: Shape | None, label: str, model: ConversationModel, tail: Tail, xmin: int
) -> tuple[Tail, dict[str, int]]:
    """The tail from another xmin: what lies between goes from the body to the tail or back, as production has it."""
    measured = shape.conversations.by_type.get(label) if shape is not None else None
    if measured is None or not measured.messages_per_conversation_cells:
        raise PlanError(
            "xmin cannot be moved without the shape that the config was fitted to", "load that shape (screen 1)"
        )
    cells = cells_of(measured.messages_per_conversation_cells)
    total = sum(count for _, _, count in cells)
    # Only at the edge of a published cell is it known how many lie below.
    edges = [low for low, _, _ in cells if low >= 1]
    edge = min(edges, key=lambda low: (abs(low - xmin), low))
    if edge == tail.xmin and xmin != tail.xmin:
        # A small step that would round back to where it began goes to the next edge in its direction.
        beyond = [low for low in edges if (low > edge) == (xmin > edge) and low != edge]
        edge = (min(beyond) if xmin > edge else max(beyond)) if beyond else edge
    body = [cell for cell in cells if cell[1] < edge]
    share = sum(count for low, _, count in cells if low >= edge) / total
    if not body:
        share = 1.0
    xmax = max(tail.xmax, edge)
    return tail.model_copy(update={"xmin": edge, "xmax": xmax, "share": share}), labelled(body)
