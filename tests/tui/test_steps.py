"""Sizes from percentiles: each step holds the conversations between two of them, whatever is missing or equal."""

from __future__ import annotations

from typing import Any

import pytest

from shapetui.documents.shape import Conversations, SizePercentiles
from shapetui.tui.overlay import OverlayData
from shapetui.tui.plots import NOTHING
from shapetui.tui.steps import steps_of, with_steps
from tests.workbench.benches import chat


def told(rooms: int = 16_000, **percentiles: int) -> Any:
    block = Conversations(
        total_count=rooms, messages_per_conversation_percentiles=SizePercentiles.model_validate(percentiles)
    )
    return chat().model_copy(update={"conversations": block})


@pytest.mark.parametrize(
    ("percentiles", "cells"),
    [
        (
            {"p50": 45, "p75": 120, "p90": 450, "p95": 1200, "p99": 5000, "max": 15000},
            [
                (1, 45, 8000),
                (46, 120, 4000),
                (121, 450, 2400),
                (451, 1200, 800),
                (1201, 5000, 640),
                (5001, 15000, 160),
            ],
        ),
        ({"p50": 63, "p75": 63, "p90": 63, "p95": 63, "p99": 63, "max": 63}, [(1, 63, 8000)]),
        ({"p50": 0, "p75": 2, "p90": 2, "p99": 9}, [(1, 2, 12000), (3, 9, 3840)]),
        ({}, []),
    ],
)
def test_a_step_is_what_lies_between_two_percentiles(
    percentiles: dict[str, int], cells: list[tuple[int, int, int]]
) -> None:
    assert [tuple(cell) for cell in steps_of(told(**percentiles)).cells()] == cells


def test_steps_stand_in_for_a_histogram_only_where_there_is_none() -> None:
    picture = OverlayData(steps_of(told(p50=3)), None, "sizes")
    assert with_steps(picture, told(p50=7)) is picture
    stepped = with_steps(NOTHING, told(p50=7))
    assert stepped.production is not None
    assert stepped.production.total == 8_000
    assert stepped.title.endswith("by percentiles")
    assert with_steps(NOTHING, told()) is NOTHING
