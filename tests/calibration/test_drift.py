"""Releases of a shape in parameter space: changes with their noise, common starts of tails, types of one side."""

from __future__ import annotations

import numpy as np
import pytest

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.drift import parameter_changes
from shapetui.documents.drift import ParameterChange
from shapetui.documents.shape import Shape
from tests.calibration.corpus_shape import shape_of
from tests.distributions.drawn import random_counts
from tests.documents.examples import REALISTIC_SHAPE, REPOSITORY_SHAPE
from tests.fidelity.wrong_generators import NOW, halves

LENGTHS = {"TEXT": np.round(np.random.default_rng(1).lognormal(4, 1, 9000)).astype(np.int64)}


def sizes(alpha: float, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    counts = random_counts(alpha, 1, 8000, seed=seed)
    return np.minimum(np.repeat(counts.lo, counts.counts), 100_000)


def changes(old: Shape, new: Shape) -> list[ParameterChange]:
    return parameter_changes(old, new, calibrate(old, "old", NOW), calibrate(new, "new", NOW))


def of(found: list[ParameterChange], kind: str, label: str) -> list[ParameterChange]:
    return [change for change in found if (change.kind, change.label) == (kind, label)]


def test_an_exponent_that_moved_is_beyond_its_noise() -> None:
    old, new = (shape_of({"ROOM": sizes(alpha, 1)}, LENGTHS) for alpha in (2.3, 2.7))
    (alpha,) = [change for change in of(changes(old, new), "alpha", "ROOM") if change.noise is not None]
    assert alpha.old is not None
    assert alpha.new is not None
    assert alpha.noise is not None
    assert alpha.new - alpha.old == pytest.approx(0.4, abs=3 * alpha.noise)
    assert alpha.beyond


def test_tails_that_begin_elsewhere_are_compared_from_a_common_start() -> None:
    old = shape_of({"ROOM": sizes(2.0, 1)}, LENGTHS)
    # The same law, but flat below 50.
    other, flat = sizes(2.0, 2), np.random.default_rng(3).integers(1, 50, 4000)
    new = shape_of({"ROOM": np.concatenate([flat, other[other >= 50]])}, LENGTHS)
    found = changes(old, new)
    (xmin,) = of(found, "xmin", "ROOM")
    assert xmin.old == 1
    assert xmin.new is not None
    assert xmin.new > 20
    fitted, refitted = of(found, "alpha", "ROOM")
    assert (fitted.start, fitted.noise, fitted.beyond) == (None, None, None)
    assert refitted.start is not None
    assert refitted.start >= xmin.new
    assert refitted.beyond is False
    assert [change.start for change in of(found, "tail share", "ROOM")] == [None, refitted.start]


def test_halves_of_a_real_chat_stay_within_two_noises_as_often_as_they_should() -> None:
    found = [
        change for seed in range(8) for change in changes(*halves("lean_zulip", seed)) if change.beyond is not None
    ]
    assert len(found) > 150
    # Two standard errors leave out one in twenty; likenesses of messages are assumed on the safe side.
    assert sum(change.beyond is True for change in found) < 0.1 * len(found)


def test_the_noise_does_not_depend_on_the_order() -> None:
    old, new = halves("uci_dm", 1)
    for one, other in zip(changes(old, new), changes(new, old), strict=True):
        assert (one.kind, one.label, one.noise, one.beyond, one.start) == (
            other.kind,
            other.label,
            pytest.approx(other.noise) if other.noise is not None else None,
            other.beyond,
            other.start,
        )
        assert (one.old, one.new) == (other.new, other.old)


def test_what_one_side_does_not_have_is_without_a_value() -> None:
    rooms = sizes(2.3, 1)
    old = shape_of({"ROOM": rooms}, LENGTHS)
    new = shape_of({"ROOM": rooms[:7000], "CHANNEL": rooms[7000:]}, LENGTHS)
    found = of(changes(old, new), "conversation weight", "CHANNEL")
    assert [(change.old, change.new, change.beyond) for change in found] == [(None, 0.125, None)]


def test_files_of_the_original_have_no_standard_errors_of_what_was_made_up_for_them() -> None:
    old, new = (Shape.model_validate(content) for content in (REPOSITORY_SHAPE, REALISTIC_SHAPE))
    found = changes(old, new)
    assert {change.kind for change in found if change.noise is not None} == {"conversation weight", "message weight"}
    assert {change.kind for change in found} >= {"alpha", "mu", "sigma"}
