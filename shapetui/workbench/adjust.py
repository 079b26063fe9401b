"""`with_value`: a config with one parameter at another value.

Each function returns a new config and changes nothing else than the parameter, but for the weights, where the other
labels give way in proportion (except locked ones). Changed blocks are made by their constructors, never copied:
a copy is not checked, and what a file could not hold would be found only when it is loaded again.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Final, TypeVar

from shapetui.documents.config import Config, ConversationGeneration, ConversationModel, Tail
from shapetui.documents.labels import Cell, cells_of, labelled
from shapetui.documents.model import Part
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.workbench.parameters import WEIGHTS, Kind, Parameter, parameters, weights_of

P = TypeVar("P", bound=Part)

# Numbers that differ by less are the same one after a trip through digits.
_SAME: Final = 1e-9


def with_value(
    config: Config, shape: Shape | None, parameter: Parameter, value: float, locked: frozenset[str] = frozenset()
) -> Config:
    """The config with one parameter at a value (within its range).

    `shape` gives the sizes around a moved xmin; without it xmin cannot be moved. `locked` holds the keys of weights
    that do not give way. Raises PlanError when the value cannot be had, ValueError when no config can hold it.
    """
    value = parameter.limited(value)
    if parameter.kind in WEIGHTS:
        return _with_weights(config, parameter.kind, {parameter.label: value}, locked)
    if parameter.kind in ("mu", "sigma"):
        return _with_length(config, parameter, value)
    block = config.conversation_generation
    if not block.by_type:
        field = {"alpha": "alpha", "xmin": "min", "xmax": "max"}[parameter.kind]
        number = value if field == "alpha" else int(value)
        law = _remade(block.messages_per_conversation, **{field: number})
        return config.model_copy(update={"conversation_generation": _remade(block, messages_per_conversation=law)})
    if parameter.overall:
        models = {
            label: _with_alpha(model, float(model.tail.alpha) + value - parameter.value) if model.tail else model
            for label, model in block.by_type.items()
        }
    else:
        model = block.by_type[parameter.label]
        models = {**block.by_type, parameter.label: _with_size(model, shape, parameter.kind, parameter.label, value)}
    return config.model_copy(update={"conversation_generation": _with_models(block, models)})


def with_values(
    config: Config, shape: Shape | None, values: Collection[tuple[str, float]], locked: frozenset[str] = frozenset()
) -> Config:
    """The config with several parameters at values, by their keys, set in the order given.

    Weights of one kind are set together and hold each other: given for all labels that are not locked, they come out
    in exactly these proportions; labels not given give way. Raises PlanError for an unknown key, one given twice, a
    value outside its range and what cannot be had; ValueError when no config can hold a value.
    """
    if len(dict(values)) != len(values):
        raise PlanError("a parameter is given twice", "give each once")
    together: dict[Kind, dict[str, float]] = {}
    for key, value in values:
        # Looked up anew: a moved xmin changes how far xmax goes.
        parameter = next((known for known in parameters(config) if known.key == key), None)
        if parameter is None:
            raise PlanError(f"no parameter {key}", "")
        parameter.check(value)
        if parameter.kind in WEIGHTS:
            together.setdefault(parameter.kind, {})[parameter.label] = value
        elif value != parameter.value:
            config = with_value(config, shape, parameter, value, locked)
    for kind, given in together.items():
        config = _with_weights(config, kind, given, locked)
    return config


def _remade(part: P, **changes: Any) -> P:
    """The part with changes, checked like one that is loaded. Raises ValueError."""
    return type(part)(**{name: getattr(part, name) for name in type(part).model_fields} | changes)


def _with_weights(config: Config, kind: Kind, given: dict[str, float], locked: frozenset[str]) -> Config:
    """The config with some weights of a kind at values; what is neither given nor locked gives way in proportion."""
    weights = weights_of(config, kind)
    held = {label: weight for label, weight in weights.items() if f"{kind} {label}" in locked}
    for label in given.keys() & held.keys():
        if not abs(given[label] - held[label]) <= _SAME:
            raise PlanError(f"{kind} {label} is locked", "unlock it to move it")
    given = {label: value for label, value in given.items() if label not in held}
    if not given:
        return config
    if len(weights) == 1:
        raise PlanError(f"{next(iter(weights))} is the only type, so its weight is 1", "")
    free = {label: weight for label, weight in weights.items() if label not in given and label not in held}
    if len(given) == 1 and not free:
        raise PlanError("all other weights are locked", "unlock one, so that it can give way")
    # The sum of what is held may be a digit above 1.
    room = max(0.0, 1.0 - math.fsum(held.values()))
    given = _filling(given, room, exactly=not free)
    rest, total = max(0.0, room - math.fsum(given.values())), math.fsum(free.values())
    # Weights that were all zero share what is left evenly; otherwise they keep their proportions.
    scaled = {label: rest * (weight / total if total > 0 else 1 / len(free)) for label, weight in free.items()}
    new = {label: {**held, **scaled, **given}[label] for label in weights}
    name = "conversation_generation" if kind == "conversation weight" else "message_generation"
    block = config.conversation_generation if kind == "conversation weight" else config.message_generation
    models = {label: model.model_copy(update={"share": new[label]}) for label, model in block.by_type.items()}
    # Beside the models stands the original's key, with its four digits; alone it decides, and is exact.
    shares = {label: round(weight, 4) for label, weight in new.items()} if models else new
    return config.model_copy(update={name: _remade(block, by_type=models, type_distribution=shares)})


def _filling(given: dict[str, float], room: float, *, exactly: bool) -> dict[str, float]:
    """The given weights, scaled where they are more than the room, or with `exactly` where they are not all of it."""
    total = math.fsum(given.values())
    if abs(total - room) <= _SAME or (total < room and not exactly):
        return given
    if total == 0:
        raise PlanError("the weights cannot all be 0", "give one of them a share")
    return {label: min(room * (value / total), 1.0) for label, value in given.items()}


def _with_length(config: Config, parameter: Parameter, value: float) -> Config:
    """mu or sigma of a message type; a histogram is moved or stretched, and is itself again where it came from."""
    block = config.message_generation
    model = block.by_type[parameter.label]
    changes: dict[str, Any] = {parameter.kind: value}
    if model.model == "histogram":
        own = {"mu": model.mu, "sigma": model.sigma}
        cells = own if model.cells_mu is None else {"mu": model.cells_mu, "sigma": model.cells_sigma}
        # A nudge drops digits.
        near = {kind: cells[kind] for kind, to in (own | changes).items() if abs(to - cells[kind]) <= _SAME}
        changes |= near
        moved = len(near) < len(cells)
        changes |= {"cells_mu": cells["mu"] if moved else None, "cells_sigma": cells["sigma"] if moved else None}
    by_type = {**block.by_type, parameter.label: _remade(model, **changes)}
    return config.model_copy(update={"message_generation": _remade(block, by_type=by_type)})


def _with_models(block: ConversationGeneration, models: dict[str, ConversationModel]) -> ConversationGeneration:
    """The block with other models; the original's alpha goes along with their mean, its max is their largest size."""
    law = block.messages_per_conversation
    alpha = float(law.alpha) + _mean_alpha(models) - _mean_alpha(block.by_type)
    largest = max(
        model.tail.xmax if model.tail else max(high for _, high, _ in cells_of(model.body_cells))
        for model in models.values()
    )
    law = _remade(law, alpha=round(min(max(alpha, 0.01), 20.0), 9), max=max(largest, law.min, 1))
    return _remade(block, by_type=models, messages_per_conversation=law)


def _mean_alpha(models: dict[str, ConversationModel]) -> float:
    alphas = [float(model.tail.alpha) for model in models.values() if model.tail is not None]
    return sum(alphas) / len(alphas) if alphas else 0.0


def _with_alpha(model: ConversationModel, alpha: float) -> ConversationModel:
    return _remade(model, tail=_remade(model.tail, alpha=round(alpha, 9))) if model.tail else model


def _with_size(
    model: ConversationModel, shape: Shape | None, kind: Kind, label: str, value: float
) -> ConversationModel:
    tail = model.tail
    if tail is None:
        raise PlanError(f"{label} has no tail", "")
    if kind == "alpha":
        return _with_alpha(model, value)
    if kind == "xmax":
        return _remade(model, tail=_remade(tail, xmax=int(value)))
    if kind == "tail share":
        if not sum(model.body_cells.values()):
            raise PlanError(f"{label} has no body that could hold the rest", "raise its xmin first")
        return _remade(model, tail=_remade(tail, share=value))
    return _moved(shape, label, model, tail, int(value))


def _moved(shape: Shape | None, label: str, model: ConversationModel, tail: Tail, xmin: int) -> ConversationModel:
    """The tail from another xmin: what lies between goes from the body to the tail or back, as production has it.

    Only at the lower edge of a published cell is it known how many lie below, so xmin goes to the edge nearest to
    what is asked, on that side of where it is.
    """
    if xmin == tail.xmin:
        return model
    cells = _measured(shape, label)
    total = sum(count for _, _, count in cells)
    up = xmin > tail.xmin
    edges = [low for low, _, _ in cells if 1 <= low <= tail.xmax and low != tail.xmin and (low > tail.xmin) == up]
    if not edges:
        raise PlanError(f"the shape has no edge {'above' if up else 'below'} xmin {tail.xmin} of {label}", "")
    edge = min(edges, key=lambda low: (abs(low - xmin), low))
    body = [cell for cell in cells if cell[1] < edge]
    share = sum(count for low, _, count in cells if low >= edge) / total if body else 1.0
    return _remade(model, tail=_remade(tail, xmin=edge, share=share), body_cells=labelled(body))


def _measured(shape: Shape | None, label: str) -> list[Cell]:
    """Production's sizes of a type, or, as calibration does, of all types; cells that hold something."""
    if shape is None:
        raise PlanError(
            "xmin cannot be moved without the shape that the config was fitted to", "load that shape (screen 1)"
        )
    part = shape.conversations.by_type.get(label)
    own = part.messages_per_conversation_cells if part is not None else {}
    published = own if any(own.values()) else shape.conversations.messages_per_conversation_cells
    cells = [cell for cell in cells_of(published) if cell[2]]
    if not cells:
        raise PlanError(f"the shape publishes no sizes of {label}, so its xmin cannot be moved", "")
    return cells
