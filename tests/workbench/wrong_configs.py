"""Configs that are wrong in one way each, as a person could have made them of the calibrated one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from shapetui.calibration.lengths import fit_lengths
from shapetui.calibration.sizes import fit_sizes
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config, ConversationModel, Temporal
from shapetui.documents.labels import cells_of, labelled
from shapetui.documents.shape import Shape
from shapetui.workbench.adjust import with_values
from shapetui.workbench.parameters import parameters, weights_of

Make = Callable[[Config, Shape], Config]


def _moved(kind: str, by: float) -> Make:
    def make(config: Config, shape: Shape) -> Config:
        values = [(p.key, p.value + by) for p in parameters(config) if p.kind == kind and not p.overall]
        return with_values(config, shape, values)

    return make


def _weights(kind: str) -> Make:
    def make(config: Config, shape: Shape) -> Config:
        weights = weights_of(config, "conversation weight" if kind == "conversation" else "message weight")
        label = max(weights, key=lambda each: weights[each])
        return with_values(config, shape, [(f"{kind} weight {label}", weights[label] - 0.03)])

    return make


def _cut(at: int) -> Make:
    def make(config: Config, _: Shape) -> Config:
        block = config.conversation_generation
        models = {label: _cut_model(model, at) for label, model in block.by_type.items()}
        return config.model_copy(update={"conversation_generation": block.model_copy(update={"by_type": models})})

    return make


def _cut_model(model: ConversationModel, at: int) -> ConversationModel:
    cells = [(lo, min(hi, at), count) for lo, hi, count in cells_of(model.body_cells) if lo <= at]
    tail = model.tail
    if tail is not None:
        tail = tail.model_copy(update={"xmax": min(tail.xmax, at)}) if tail.xmin < at else None
    return model.model_copy(update={"body_cells": labelled(cells), "tail": tail})


def _uniform_hours(config: Config, _: Shape) -> Config:
    block = config.message_generation.model_copy(update={"temporal": Temporal(hour_of_week_weights=[1.0] * 168)})
    return config.model_copy(update={"message_generation": block})


def _sizes_shuffled(config: Config, shape: Shape) -> Config:
    block = config.conversation_generation
    whole = fit_sizes(Histogram.of_cells(cells_of(shape.conversations.messages_per_conversation_cells)))
    body = labelled(whole.body.cells())
    models = {
        label: model.model_copy(update={"body_cells": body, "tail": whole.tail})
        for label, model in block.by_type.items()
    }
    return config.model_copy(update={"conversation_generation": block.model_copy(update={"by_type": models})})


def _lengths_shuffled(config: Config, shape: Shape) -> Config:
    block = config.message_generation
    cells = Histogram.of_cells(cells_of(shape.messages.content_length_cells))
    models = {label: fit_lengths(cells, float(model.share)) for label, model in block.by_type.items()}
    return config.model_copy(update={"message_generation": block.model_copy(update={"by_type": models})})


WRONG_CONFIGS: Final[dict[str, Make]] = {
    "tail cut at 50": _cut(50),
    "tail cut at 200": _cut(200),
    "alpha 0.3 too low": _moved("alpha", -0.3),
    "alpha 0.3 too high": _moved("alpha", 0.3),
    "conversation types off by 3 points": _weights("conversation"),
    "message types off by 3 points": _weights("message"),
    "lengths 10 % longer": _moved("mu", math.log(1.1)),
    "uniform hours": _uniform_hours,
    "sizes shuffled over conversation types": _sizes_shuffled,
    "lengths shuffled over message types": _lengths_shuffled,
}
