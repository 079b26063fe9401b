"""A generation that is long enough to be interrupted, and what of it is in the database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final

from shapetui.database.target import Target
from shapetui.documents.shape import Shape
from shapetui.generation import ledger
from tests.tui.terminal import PATIENCE

_COUNTS: Final = ("total_count", "message_count", "type_distribution")


def many_times(shape: Shape, factor: int) -> Shape:
    """The same shape of so many times as much data: a config's target is as many messages as its shape has."""

    def scaled(value: Any, key: str, counted: bool) -> Any:
        counted = counted or key in _COUNTS or key.endswith("_cells")
        if isinstance(value, dict):
            return {name: scaled(one, name, counted) for name, one in value.items()}
        return value * factor if counted and isinstance(value, int) else value

    return Shape.model_validate(scaled(json.loads(shape.to_json()), "", False))


def slices(target: Target) -> int:
    """How many slices are in the database."""
    with target.open() as connection:
        return len(ledger.recorded(connection)[2]) if ledger.ledger_exists(connection) else 0


def complete(target: Target) -> bool:
    """Whether the generation has come to its end."""
    with target.open() as connection:
        return ledger.ledger_exists(connection) and ledger.recorded(connection)[1]


def eventually(fact: Callable[[], object]) -> None:
    """Waits for a fact."""
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end, fact
        time.sleep(0.02)
