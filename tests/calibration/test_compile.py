"""Configs at the edge of what a file may say: they compile, or say clearly why not."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.documents.config import Config
from shapetui.errors import EXIT_USAGE, PlanError
from tests.documents.examples import CONFIGS, REPOSITORY_CONFIG


def with_sizes(**model: Any) -> Config:
    content = copy.deepcopy(REPOSITORY_CONFIG)
    content["conversation_generation"]["by_type"] = {"GROUP_CHAT": {"share": 1, **model}}
    return Config.model_validate(content)


def with_lengths(**model: Any) -> Config:
    content = copy.deepcopy(REPOSITORY_CONFIG)
    content["message_generation"]["by_type"] = {"TEXT": {"share": 1, **model}}
    return Config.model_validate(content)


def changed(block: str, part: str, **values: Any) -> Config:
    content = copy.deepcopy(REPOSITORY_CONFIG)
    content[block][part] = {**content[block][part], **values}
    return Config.model_validate(content)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_of_the_original_is_a_power_law_without_a_body(name: str) -> None:
    model = compile_config(Config.model_validate(CONFIGS[name]))
    law = CONFIGS[name]["conversation_generation"]["messages_per_conversation"]
    (sizes,) = {id(law): law for law in model.sizes.values()}.values()
    assert (sizes.minimum, sizes.maximum) == (law["min"], law["max"])
    k = np.arange(1, law["max"] + 1, dtype=np.float64)
    pmf = k ** -law["alpha"] / (k ** -law["alpha"]).sum()
    assert sizes.mean() == pytest.approx(float(k @ pmf), rel=1e-3)
    lengths = CONFIGS[name]["message_generation"]["content_length"]
    (characters,) = {id(law): law for law in model.lengths.values()}.values()
    assert characters.mean() == pytest.approx(lengths["mean"], rel=0.02)
    assert int(characters.quantile(0.5)) == pytest.approx(lengths["median"], abs=1)
    assert "CHANNEL" not in model.conversation_types
    assert sum(model.message_types.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(with_sizes(body_cells={"1": 1}), id="one size"),
        pytest.param(with_sizes(body_cells={"0": 9, "1": 1}), id="mostly empty"),
        pytest.param(with_sizes(tail={"alpha": 2, "xmin": 7, "xmax": 7, "share": 1}), id="a tail of one value"),
        pytest.param(with_sizes(tail={"alpha": 20, "xmin": 1, "xmax": 10**14, "share": 1}), id="steepest"),
        pytest.param(with_sizes(tail={"alpha": 20, "xmin": 10**9, "xmax": 10**14, "share": 1}), id="steepest far out"),
        pytest.param(with_sizes(tail={"alpha": 0, "xmin": 1, "xmax": 10, "share": 1}), id="even"),
        pytest.param(with_sizes(tail={"alpha": -1, "xmin": 1, "xmax": 12, "share": 1}), id="rising"),
        pytest.param(with_sizes(tail={"alpha": -4.9, "xmin": 1, "xmax": 10**6, "share": 1}), id="rising steeply"),
        pytest.param(
            with_sizes(body_cells={"1-9": 5}, tail={"alpha": 2, "xmin": 10, "xmax": 90, "share": 0}), id="no tail"
        ),
        pytest.param(
            with_sizes(body_cells={"1-9": 5}, tail={"alpha": 2, "xmin": 10, "xmax": 90, "share": 1}), id="no body"
        ),
        pytest.param(
            with_sizes(body_cells={"1-90": 5}, tail={"alpha": 2, "xmin": 10, "xmax": 50, "share": 0.5}), id="overlap"
        ),
        pytest.param(with_sizes(body_cells={"1": 1, "2-999999999": 1}), id="a cell of a billion"),
        pytest.param(changed("conversation_generation", "messages_per_conversation", min=0, max=1), id="from zero"),
        pytest.param(
            changed("conversation_generation", "messages_per_conversation", alpha=20, max=10**9), id="alpha 20"
        ),
        pytest.param(changed("conversation_generation", "messages_per_conversation", alpha=0.01), id="alpha 0.01"),
        pytest.param(with_lengths(model="log_normal", mu=-5, sigma=0.001, maximum=5000), id="shorter than a character"),
        pytest.param(with_lengths(model="log_normal", mu=20, sigma=0.001, maximum=5000), id="longer than the maximum"),
        pytest.param(with_lengths(model="log_normal", mu=4, sigma=6, maximum=10**8), id="widest"),
        pytest.param(with_lengths(model="log_normal", mu=4, sigma=5e-324, maximum=500), id="narrowest"),
        pytest.param(with_lengths(model="log_normal", mu=4, sigma=1, maximum=0), id="maximum zero"),
        pytest.param(with_lengths(model="log_normal", mu=4, sigma=1, maximum=9, empty_share=1), id="all empty"),
        pytest.param(with_lengths(model="histogram", cells={"5": 3}, maximum=5), id="one length"),
        pytest.param(with_lengths(model="histogram", maximum=0, empty_share=1), id="nothing to write"),
        pytest.param(
            changed("message_generation", "content_length", mean=10**14, median=1, p95=10**14), id="huge mean"
        ),
        pytest.param(
            changed("message_generation", "content_length", mean=None, median=None, p95=None), id="no lengths"
        ),
        pytest.param(changed("message_generation", "content_length", mean=0, median=0, p95=0), id="lengths of zero"),
        pytest.param(
            changed("message_generation", "content_length", mean=None, median=3.0, p95=3.0000000000000004),
            id="no spread",
        ),
        pytest.param(changed("message_generation", "temporal", hourly_weights=[1e-300] * 24), id="tiny hours"),
        pytest.param(
            changed("message_generation", "temporal", hourly_weights=[1e-200] * 24, day_of_week_weights=[1e-200] * 7),
            id="hours and days whose product vanishes",
        ),
        pytest.param(
            changed("message_generation", "temporal", hourly_weights=[0] * 24, day_of_week_weights=[0] * 7),
            id="no time",
        ),
    ],
)
def test_what_a_file_may_say_compiles_and_predicts(config: Config) -> None:
    shape = predict(compile_config(config), 10_000, "2026-01-01T00:00:00Z", 30)
    assert shape.messages.total_count > 0
    assert sum(shape.messages.hour_of_week) == shape.messages.total_count
    assert sum(shape.messages.content_length_cells.values()) == shape.messages.total_count
    assert sum(shape.conversations.messages_per_conversation_cells.values()) == shape.conversations.total_count


def test_a_config_of_empty_conversations_only_is_refused() -> None:
    with pytest.raises(PlanError, match="without a single message") as caught:
        compile_config(with_sizes(body_cells={"0": 10}))
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.hint


def test_more_messages_than_can_be_counted_are_refused() -> None:
    config = with_sizes(body_cells={"99999999999999-999999999999999": 1})
    with pytest.raises(PlanError, match="messages of a target"):
        predict(compile_config(config), 1000, "2026-01-01T00:00:00Z", 30)


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"body_cells": {"5": 0}},
        {"tail": {"alpha": 2, "xmin": 1, "xmax": 9, "share": 0}},
        {"tail": {"alpha": 2, "xmin": 1, "xmax": 9, "share": 0.5}},
        {"tail": {"alpha": 2, "xmin": 9, "xmax": 1, "share": 1}},
        {"tail": {"alpha": 2, "xmin": 0, "xmax": 9, "share": 1}},
        {"tail": {"alpha": 21, "xmin": 1, "xmax": 9, "share": 1}},
        {"tail": {"alpha": float("nan"), "xmin": 1, "xmax": 9, "share": 1}},
    ],
    ids=str,
)
def test_sizes_that_are_no_distribution_are_no_config(model: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        with_sizes(**model)


@pytest.mark.parametrize(
    "model",
    [
        {"model": "log_normal", "maximum": 9},
        {"model": "log_normal", "mu": 1, "sigma": 0, "maximum": 9},
        {"model": "histogram", "maximum": 9},
        {"model": "histogram", "cells": {"5": 0}, "maximum": 9},
        {"model": "histogram", "cells": {"5": 1}, "maximum": -1},
        {"model": "gamma", "maximum": 9},
    ],
    ids=str,
)
def test_lengths_that_are_no_distribution_are_no_config(model: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        with_lengths(**model)
