"""The interval of a ratio of medians: it holds the truth as often as it says, dependent repeats included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.indexlab.bootstrap import FEWEST, medians, ratio_of_medians, stretch
from tests.indexlab.baselines import times

SERIES = st.lists(st.floats(0.01, 1e5), min_size=FEWEST, max_size=40)


def coverage(correlated: float, ratio: float, trials: int = 300) -> float:
    """How often the interval of 99 % holds the true ratio of two series of 20 runs."""
    random = np.random.default_rng(7)
    held = 0
    for _ in range(trials):
        one, other = (times(random, median, 20, correlated=correlated) for median in (10.0, 10.0 * ratio))
        found = ratio_of_medians(one, other)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= ratio <= found.high
    return held / trials


@pytest.mark.parametrize("ratio", [1.0, 0.05, 3.0])
def test_independent_runs_are_covered(ratio: float) -> None:
    assert coverage(0.0, ratio) >= 0.97


def test_runs_that_depend_on_one_another_are_nearly_covered() -> None:
    # Twenty runs that move together are few: what is missing here the margin and the machine's own drift make up for.
    assert coverage(0.6, 1.0) >= 0.85


def test_dependent_runs_are_drawn_in_stretches() -> None:
    random = np.random.default_rng(3)
    walk = np.cumsum(random.normal(size=40))
    assert stretch(walk) > 1
    assert stretch(random.normal(size=40)) == 1
    assert stretch(np.full(20, 4.0)) == 1


@given(SERIES, SERIES)
@settings(max_examples=60, deadline=None)
def test_the_ratio_lies_between_the_extremes_and_the_interval_is_ordered(one: list[float], other: list[float]) -> None:
    found = ratio_of_medians(one, other)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high
    slack = 1 + 1e-6
    assert min(other) / max(one) <= found.high * slack + 1e-6
    assert found.low <= max(other) / min(one) * slack + 1e-6


@given(SERIES)
@settings(max_examples=30, deadline=None)
def test_a_series_beside_itself_is_one(series: list[float]) -> None:
    found = ratio_of_medians(series, series)
    assert found is not None
    assert found.value == 1


def test_the_same_numbers_give_the_same_interval() -> None:
    random = np.random.default_rng(5)
    one, other = (times(random, 5, 20) for _ in range(2))
    assert ratio_of_medians(one, other) == ratio_of_medians(one, other)
    assert ratio_of_medians(one, other) != ratio_of_medians(one, other, seed=1)


def test_few_runs_have_a_ratio_and_no_interval() -> None:
    found = ratio_of_medians([2.0] * (FEWEST - 1), [1.0] * 20)
    assert found is not None
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert ratio_of_medians([], [1.0]) is None


def test_what_never_varies_is_certain() -> None:
    found = ratio_of_medians([100] * 20, [50] * 20)
    assert found is not None
    assert (found.low, found.high) == (0.5, 0.5)


def test_nothing_at_all_divides_without_harm() -> None:
    found = ratio_of_medians([0.0] * 20, [0.0] * 20)
    assert found is not None
    assert found.value == 1


def test_medians_have_the_size_that_was_asked_for() -> None:
    random = np.random.default_rng(1)
    assert medians(np.arange(11.0), random, draws=17).shape == (17,)
