"""A chat like a real one, its config, and a workbench that holds both, for the tests of the workbench."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from shapetui.calibration.calibrate import calibrate
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.labels import labelled
from shapetui.documents.shape import (
    ContentLengthStats,
    Conversations,
    ConversationType,
    Messages,
    MessageType,
    Shape,
    SizePercentiles,
)
from shapetui.workbench import intents
from shapetui.workbench.intents import Intent
from shapetui.workbench.parameters import parameters
from shapetui.workbench.state import Workbench, apply

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@cache
def chat() -> Shape:
    """Two conversation types with heavy tails, three message types of which one is no log-normal."""
    random = np.random.default_rng(20260101)
    sizes = {
        "DIRECT_MESSAGE": np.maximum(1, (random.pareto(1.6, 3000) * 6).astype(np.int64)),
        "GROUP_CHAT": np.maximum(1, (random.pareto(1.1, 2000) * 20).astype(np.int64)),
    }
    lengths = {
        "TEXT": np.maximum(1, np.exp(random.normal(3.4, 1.1, 40_000)).astype(np.int64)),
        "CODE": np.maximum(1, np.exp(random.normal(5.0, 0.8, 6_000)).astype(np.int64)),
        "IMAGE": np.concatenate(
            [np.zeros(3_000, np.int64), random.integers(1, 40, 500), random.integers(300, 320, 900)]
        ),
    }
    cells = {label: labelled(Histogram.of_values(values).cells()) for label, values in (sizes | lengths).items()}
    every, characters = np.concatenate(list(sizes.values())), np.concatenate(list(lengths.values()))
    ordered = np.sort(every)
    return Shape(
        extracted_at="2026-01-01T00:00:00Z",
        sample_window_days=30,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        conversations=Conversations(
            total_count=every.size,
            type_distribution={label: values.size for label, values in sizes.items()},
            messages_per_conversation_percentiles=SizePercentiles(
                **{f"p{p}": int(ordered[int((ordered.size - 1) * p / 100)]) for p in (50, 75, 90, 95, 99)},
                max=int(ordered[-1]),
            ),
            messages_per_conversation_mean=float(every.mean()),
            messages_per_conversation_cells=labelled(Histogram.of_values(every).cells()),
            by_type={
                label: ConversationType(
                    total_count=values.size,
                    message_count=int(values.sum()),
                    messages_per_conversation_cells=cells[label],
                )
                for label, values in sizes.items()
            },
        ),
        messages=Messages(
            total_count=characters.size,
            type_distribution={label: values.size for label, values in lengths.items()},
            content_length_stats=ContentLengthStats(mean=50, median=28, p95=180),
            content_length_mean=float(characters.mean()),
            content_length_cells=labelled(Histogram.of_values(characters).cells()),
            by_type={
                label: MessageType(total_count=values.size, content_length_cells=cells[label])
                for label, values in lengths.items()
            },
        ),
        schema_version=2,
    )


@cache
def fitted() -> Config:
    """The config of that chat."""
    return calibrate(chat(), "shape.json", NOW)


class Shelf:
    """Documents by name, in memory, and files for any other name."""

    def __init__(self) -> None:
        self.shapes = {"shape.json": chat()}
        self.configs = {"config.json": fitted(), "hand.json": hand_made()}

    def shape(self, path: Path) -> Shape:
        """Raises DocumentError."""
        return self.shapes.get(str(path)) or load(path, Shape)

    def config(self, path: Path) -> Config:
        """Raises DocumentError."""
        return self.configs.get(str(path)) or load(path, Config)


def after(*steps: Intent) -> Workbench:
    """A workbench with the chat and its config, after these steps."""
    workbench = Workbench()
    for step in (intents.OpenShape("shape.json"), intents.OpenConfig("config.json"), *steps):
        workbench = apply(workbench, step, Shelf())
    return workbench


def keys(config: Config) -> list[str]:
    """The keys of all parameters of a config."""
    return [parameter.key for parameter in parameters(config)]


def any_intent() -> st.SearchStrategy[Intent]:
    """Anything that a user or a journal may ask for, mostly sensible."""
    key = st.sampled_from([*keys(fitted()), *keys(hand_made())]) | st.text(max_size=4)
    number = st.floats() | st.floats(0, 1) | st.integers(-3, 300).map(float) | st.integers()
    return st.one_of(
        st.builds(intents.Nudge, st.integers(-30, 30), st.booleans()),
        st.builds(intents.Nudge, st.integers(), st.booleans()),
        st.builds(intents.Focus, key),
        st.builds(intents.SetValue, key, number),
        st.builds(intents.SetValues, st.lists(st.tuples(key, number), max_size=4).map(tuple)),
        st.builds(intents.SetValues, weights()),
        st.builds(intents.SetSeed, st.none() | st.text(max_size=5)),
        st.builds(intents.ToggleLock, key),
        st.builds(intents.SetTarget, st.integers() | st.integers(1, 10**7)),
        st.builds(intents.SetTolerance, st.floats()),
        st.sampled_from(
            [
                intents.OpenShape("shape.json"),
                intents.OpenConfig("config.json"),
                intents.OpenConfig("hand.json"),
                intents.OpenConfig("\x00"),
                intents.Undo(),
                intents.Redo(),
            ]
        ),
    )


def weights() -> st.SearchStrategy[tuple[tuple[str, float], ...]]:
    """Some or all weights of a kind at once, in any proportions."""
    labels = [
        [key for key in keys(config) if key.startswith(kind)]
        for config in (fitted(), hand_made())
        for kind in ("conversation weight", "message weight")
    ]
    some = st.sampled_from(labels).flatmap(
        lambda all_of: st.lists(st.sampled_from(all_of), unique=True) | st.just(all_of)
    )
    return some.flatmap(lambda chosen: st.tuples(*(st.tuples(st.just(key), st.floats(0, 1)) for key in chosen)))


@cache
def hand_made() -> Config:
    """A config of the original kind: no models by type."""
    return Config.model_validate(
        {
            "conversation_generation": {
                "type_distribution": {"DIRECT_MESSAGE": 0.7, "GROUP_CHAT": 0.2, "CHANNEL": 0.1},
                "messages_per_conversation": {"alpha": 1.8, "min": 1, "max": 4000, "p50": 3},
            },
            "message_generation": {
                "content_length": {"mean": 85, "median": 42, "p95": 280},
                "type_distribution": {"TEXT": 0.9, "IMAGE": 0.1},
            },
        }
    )
