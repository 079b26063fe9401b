"""Predicting is counting: what is predicted is exactly what the quantile grids hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.calibration.model import Model, compile_config
from shapetui.calibration.predict import predict
from shapetui.distributions.categories import largest_remainder
from shapetui.distributions.discrete import grid_values
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.labels import cells_of, labelled
from shapetui.documents.shape import PERCENTILES, Shape
from tests.documents.examples import CONFIGS, REALISTIC_CONFIG

OURS = Config.model_validate(
    REALISTIC_CONFIG
    | {
        "conversation_generation": REALISTIC_CONFIG["conversation_generation"]
        | {
            "by_type": {
                "DIRECT_MESSAGE": {
                    "share": 0.7,
                    "body_cells": {"0": 5, "1": 50, "2-3": 30, "4-28": 20},
                    "tail": {"alpha": 3.1, "xmin": 29, "xmax": 134, "share": 0.01},
                },
                "GROUP_CHAT": {"share": 0.3, "tail": {"alpha": 1.7, "xmin": 2, "xmax": 50_000, "share": 1}},
                "CHANNEL": {"share": 0, "tail": {"alpha": 2, "xmin": 1, "xmax": 10, "share": 1}},
            }
        }
    }
)
MODELS = {name: compile_config(Config.model_validate(content)) for name, content in CONFIGS.items()} | {
    "ours": compile_config(OURS)
}


def shape_at(model: Model, target: int) -> Shape:
    return predict(model, target, "2026-01-01T00:00:00Z", 30)


@pytest.mark.parametrize("target", [1, 37, 5_000, 250_000, 2_000_000])
@pytest.mark.parametrize("name", MODELS)
def test_every_number_is_that_of_the_grids_themselves(name: str, target: int) -> None:
    model = MODELS[name]
    found = shape_at(model, target).conversations
    counts = largest_remainder(model.conversation_types, found.total_count)
    grids = {label: grid_values(model.sizes[label], count) for label, count in counts.items()}
    every = np.sort(np.concatenate(list(grids.values())))
    assert found.messages_per_conversation_cells == labelled(Histogram.of_values(every).cells())
    for label, grid in grids.items():
        part = found.by_type[label]
        assert part.total_count == grid.size
        assert part.messages_per_conversation_cells == labelled(Histogram.of_values(grid).cells())
        assert part.message_count == pytest.approx(int(grid.sum()), rel=1e-3, abs=1)
    percentiles = found.messages_per_conversation_percentiles
    assert percentiles.values() == {name: int(every[int((every.size - 1) * p)]) for name, p in PERCENTILES.items()}
    assert percentiles.max == int(every[-1])
    top = int(-np.count_nonzero(every) // 100)
    share = every[top:].sum() / every.sum() if top else None
    assert found.top_1_percent_share == (None if share is None else pytest.approx(float(share), rel=2e-3))


@pytest.mark.parametrize("name", MODELS)
def test_lengths_are_counted_as_exactly(name: str) -> None:
    model = MODELS[name]
    found = shape_at(model, 50_000).messages
    counts = largest_remainder(model.message_types, found.total_count)
    every = np.sort(np.concatenate([grid_values(model.lengths[label], count) for label, count in counts.items()]))
    assert found.content_length_cells == labelled(Histogram.of_values(every).cells())
    assert found.content_length_median == int(every[every.size // 2])
    assert found.content_length_mean == pytest.approx(float(every.mean()), rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(MODELS)), st.integers(1, 10**9))
def test_totals_are_the_sums_of_their_parts(name: str, target: int) -> None:
    shape = shape_at(MODELS[name], target)
    rooms, messages = shape.conversations, shape.messages
    assert sum(rooms.type_distribution.values()) == rooms.total_count
    assert sum(rooms.messages_per_conversation_cells.values()) == rooms.total_count
    assert sum(part.message_count for part in rooms.by_type.values()) == messages.total_count
    assert sum(messages.type_distribution.values()) == messages.total_count
    assert sum(messages.content_length_cells.values()) == messages.total_count
    assert sum(messages.hour_of_week) == sum(messages.hourly_distribution) == messages.total_count
    assert sum(messages.day_of_week_distribution) == messages.total_count
    assert rooms.messages_per_conversation_mean == messages.total_count / rooms.total_count
    for label, part in rooms.by_type.items():
        assert part.total_count == rooms.type_distribution[label]
        assert sum(part.messages_per_conversation_cells.values()) == part.total_count
        if part.total_count:
            cells = Histogram.of_cells(cells_of(part.messages_per_conversation_cells))
            assert cells.lo @ cells.counts - 1 <= part.message_count <= cells.hi @ cells.counts + 1


@pytest.mark.parametrize("name", MODELS)
def test_a_large_target_is_met(name: str) -> None:
    assert shape_at(MODELS[name], 10**9).messages.total_count == pytest.approx(10**9, rel=0.01)


def test_a_prediction_is_a_document_of_ours() -> None:
    shape = shape_at(MODELS["ours"], 10_000)
    assert Shape.model_validate_json(shape.to_json()) == shape
    assert shape.schema_version == 2


def test_the_same_config_predicts_the_same_digest() -> None:
    assert shape_at(compile_config(OURS), 9999).digest() == shape_at(compile_config(OURS), 9999).digest()


def test_one_message_is_one_conversation_at_least() -> None:
    assert shape_at(MODELS["ours"], 1).conversations.total_count == 1
