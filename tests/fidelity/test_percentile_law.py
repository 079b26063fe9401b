"""Sizes known by their percentiles alone: the law between them, what it finds moved, and what it lets pass."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.percentile_law import ASSUMED, percentile_law
from tests.documents.examples import EXTENDED_SHAPE, REALISTIC_SHAPE, REPOSITORY_SHAPE
from tests.fidelity.test_checks import ONE

SIZE_PERCENTILES = "messages_per_conversation_percentiles"
SHAPES = {"repository": REPOSITORY_SHAPE, "realistic": REALISTIC_SHAPE, "extended": EXTENDED_SHAPE}


def with_sizes(values: dict[str, int], total: int = 16_000) -> Shape:
    """The realistic file with other percentiles."""
    content = copy.deepcopy(REALISTIC_SHAPE)
    content["conversations"][SIZE_PERCENTILES] = values
    content["conversations"]["total_count"] = total
    return Shape.model_validate(content)


def sampled(sizes: Any) -> Shape:
    """What the original system's sampler publishes of these sizes."""
    order = np.sort(sizes)
    values = {name: int(order[int((order.size - 1) * fraction)]) for name, fraction in PERCENTILES.items()}
    return with_sizes({**values, "max": int(order[-1])}, order.size)


@pytest.mark.parametrize("name", SHAPES)
def test_the_law_has_the_percentiles_that_it_was_made_from(name: str) -> None:
    shape = Shape.model_validate(SHAPES[name])
    law = percentile_law(shape)
    assert law is not None
    assert law.probability.sum() == pytest.approx(1)
    for key, value in shape.conversations.messages_per_conversation_percentiles.values().items():
        assert law.quantile(PERCENTILES[key] - 1e-9) == pytest.approx(value, abs=1)


def test_odd_percentiles_have_a_law_too() -> None:
    assert percentile_law(with_sizes({})) is None
    for values in ({"p50": 0, "p99": 0, "max": 0}, {"p50": 9, "p90": 3, "max": 1}, {"p99": 7}, {"p50": 0}):
        law = percentile_law(with_sizes(values))
        assert law is not None
        assert (law.lo[1:] > law.hi[:-1]).all()


@pytest.mark.parametrize("name", SHAPES)
def test_percentiles_of_a_tenth_are_no_go_without_any_cell(name: str) -> None:
    shape = Shape.model_validate(SHAPES[name])
    known = shape.conversations.messages_per_conversation_percentiles
    tenth = known.model_copy(update={key: value // 10 for key, value in known.values().items()})
    fallen = shape.model_copy(
        update={"conversations": shape.conversations.model_copy(update={SIZE_PERCENTILES: tenth})}
    )
    for pair in ((shape, fallen), (fallen, shape)):
        checks = [check for check in run_checks(*pair, 0.15, exact=False).checks if check.name in PERCENTILES]
        assert [(check.name, check.assumes) for check in checks] == [
            (key, ASSUMED) for key in ("p50", "p90", "p95", "p99")
        ]
        assert "NO-GO" in {check.verdict for check in checks}


@pytest.mark.parametrize(
    "draw",
    [
        lambda random, number: random.zipf(2.0, number),
        lambda random, number: random.zipf(1.6, number).clip(max=10**9),
        lambda random, number: 1 + random.geometric(0.02, number),
        lambda random, number: np.ceil(random.lognormal(3, 2, number)).astype(np.int64),
    ],
    ids=["zipf 2", "zipf 1.6", "geometric", "log-normal"],
)
@pytest.mark.parametrize("number", [200, 2000, 20_000])
def test_two_samples_of_one_chat_are_never_refused(draw: Any, number: int) -> None:
    random = np.random.default_rng(number)
    for _ in range(40):
        found = run_checks(sampled(draw(random, number)), sampled(draw(random, number)), 0.15, exact=False)
        assert {check.name for check in found.checks if check.verdict in ("WARN", "NO-GO")} == set()


def test_means_of_shapes_without_cells_are_judged_where_both_say_them() -> None:
    shape = with_sizes(REALISTIC_SHAPE["conversations"][SIZE_PERCENTILES], 10**7)
    said, tenfold = (
        shape.model_copy(
            update={"conversations": shape.conversations.model_copy(update={"messages_per_conversation_mean": mean})}
        )
        for mean in (20.0, 200.0)
    )
    assert run_checks(said, shape, 0.15).named("mean_size") is None
    same, other = (run_checks(said, side, 0.15).named("mean_size") for side in (said, tenfold))
    assert same is not None
    assert other is not None
    assert (same.verdict, other.verdict, other.assumes) == ("GO", "NO-GO", ASSUMED)


def test_a_side_with_cells_needs_no_such_assumption() -> None:
    found = run_checks(Shape.model_validate(REPOSITORY_SHAPE), ONE, 0.15)
    assert ASSUMED not in {check.assumes for check in found.checks}
