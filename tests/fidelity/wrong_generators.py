"""Generators that are wrong in one way each, as the shapes that they would produce, and honest halves of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.model import Model, compile_config, overall_lengths, overall_sizes
from shapetui.calibration.predict import predict
from shapetui.calibration.sizes import spliced
from shapetui.demo.chat_log import ChatLog
from shapetui.demo.corpus import read_messages
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.week import hour_of_week
from shapetui.documents.config import Config
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import Shape
from tests.calibration.corpus_shape import corpus_shape, real_data_folder, shape_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Wrong:
    """What is wrong, the checks of which at least one must name it, and how a model is made so."""

    name: str
    named_by: tuple[str, ...]
    make: Callable[[Config, Model], Model]


def _cut(at: int) -> Callable[[Config, Model], Model]:
    return lambda _, model: replace(model, sizes={label: law.restricted(0, at) for label, law in model.sizes.items()})


def _alpha(by: float) -> Callable[[Config, Model], Model]:
    def make(config: Config, model: Model) -> Model:
        sizes = {}
        for label, part in config.conversation_generation.by_type.items():
            tail = part.tail.model_copy(update={"alpha": part.tail.alpha + by}) if part.tail else None
            sizes[label] = spliced(Histogram.of_cells(cells_of(part.body_cells)), tail)
        return replace(model, sizes=sizes)

    return make


def _moved(shares: dict[str, float], points: float) -> dict[str, float]:
    """Some share from the largest label to the second, which is a new one where there is only one."""
    first, *others = sorted(shares, key=lambda label: -shares[label])
    second = others[0] if others else "ANOTHER"
    return {**shares, first: shares[first] - points, second: shares.get(second, 0.0) + points}


def _conversation_types(_: Config, model: Model) -> Model:
    types = _moved(model.conversation_types, 0.03)
    return replace(model, conversation_types=types, sizes={label: _size(model, label) for label in types})


def _size(model: Model, label: str) -> DiscreteDistribution:
    return model.sizes.get(label) or overall_sizes(model)


def _message_types(_: Config, model: Model) -> Model:
    types = _moved(model.message_types, 0.03)
    lengths = {label: model.lengths.get(label) or overall_lengths(model) for label in types}
    return replace(model, message_types=types, lengths=lengths)


def _longer(_: Config, model: Model) -> Model:
    return replace(model, lengths={label: _scaled(law, 1.1) for label, law in model.lengths.items()})


def _scaled(law: DiscreteDistribution, factor: float) -> DiscreteDistribution:
    values = law.quantile((np.arange(100_000) + 0.5) / 100_000)
    found, counts = np.unique(np.round(values * factor).astype(np.int64), return_counts=True)
    return DiscreteDistribution.of_weights(found, found, counts)


WRONG = (
    Wrong("tail cut at 50", ("messages_by_size", "top_1_percent_share", "p99"), _cut(50)),
    Wrong("tail cut at 200", ("messages_by_size", "top_1_percent_share"), _cut(200)),
    Wrong("alpha 0.3 too low", ("tail_alpha",), _alpha(-0.3)),
    Wrong("alpha 0.3 too high", ("tail_alpha",), _alpha(0.3)),
    Wrong("conversation types off by 3 points", ("conversation_types",), _conversation_types),
    Wrong("message types off by 3 points", ("message_types",), _message_types),
    Wrong("lengths 10 % longer", ("mean_length", "lengths"), _longer),
    Wrong("uniform hours", ("hour_of_week",), lambda _, model: replace(model, week=(1.0,) * 168)),
    Wrong(
        "sizes shuffled over conversation types",
        ("size_by_conversation_type",),
        lambda _, model: replace(model, sizes=dict.fromkeys(model.sizes, overall_sizes(model))),
    ),
    Wrong(
        "lengths shuffled over message types",
        ("length_by_message_type",),
        lambda _, model: replace(model, lengths=dict.fromkeys(model.lengths, overall_lengths(model))),
    ),
)


@cache
def calibrated(name: str) -> tuple[Shape, Config, Model]:
    """Production's shape, the config of it and its model."""
    shape = _with_top_share(corpus_shape(name), _log(name).conversation_sizes())
    config = calibrate(shape, "production", NOW)
    return shape, config, compile_config(config)


def made(name: str, wrong: Wrong | None) -> Shape:
    """The shape of as many messages as production has, from a generator that is wrong, or from the calibrated one."""
    shape, config, model = calibrated(name)
    return predict(wrong.make(config, model) if wrong else model, shape.messages.total_count, shape.extracted_at, 30)


def halves(name: str, seed: int) -> tuple[Shape, Shape]:
    """The corpus parted at random by conversation: two honest samples of one chat."""
    log = _log(name)
    side = np.random.default_rng(seed).random(log.conversation_type.size) < 0.5
    sizes, rows, hours = log.conversation_sizes(), side[log.conversation], hour_of_week(log.sent_at)

    def half(chosen: NDArray[np.bool_], messages: NDArray[np.bool_]) -> Shape:
        lengths = log.content_length[messages].astype(np.int64)
        shape = shape_of(
            _by_label(sizes[chosen], log.conversation_type[chosen], log.conversation_types),
            _by_label(lengths, log.message_type[messages], log.message_types),
            hours=np.bincount(hours[messages], minlength=168).tolist(),
        )
        return _with_top_share(shape, sizes[chosen])

    return half(side, rows), half(~side, ~rows)


def _with_top_share(shape: Shape, sizes: NDArray[np.int64]) -> Shape:
    """The shape with the share of the largest 1 %, as the sampler measures it; no conversation is empty here."""
    largest = np.sort(sizes)[-sizes.size // 100 :]
    share = round(float(largest.sum() / sizes.sum()), 4)
    return shape.model_copy(
        update={"conversations": shape.conversations.model_copy(update={"top_1_percent_share": share})}
    )


@cache
def _log(name: str) -> ChatLog:
    return read_messages(real_data_folder() / f"{name}.csv.gz")


def _by_label(
    values: NDArray[np.int64], kinds: NDArray[np.int16], labels: tuple[str, ...]
) -> dict[str, NDArray[np.int64]]:
    found = {label: values[kinds == index] for index, label in enumerate(labels)}
    return {label: own for label, own in found.items() if own.size}
