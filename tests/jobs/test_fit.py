"""Fitting the counts of a file: which xmin, which law, and where there is none to fit."""

from __future__ import annotations

import json

import pytest

from shapetui.distributions.histogram import Histogram
from shapetui.errors import PlanError
from shapetui.jobs.fit import CountsFit, fit_counts
from shapetui.progress import Progress, Watch
from tests.distributions.drawn import random_counts


def fitted(counts: Histogram, xmin: int | None = None, *, endless: bool = True, replicates: int = 0) -> CountsFit:
    return fit_counts(counts, xmin, endless=endless, replicates=replicates, seed="1", watch=Watch())


def test_everything_is_plain_json() -> None:
    counts = random_counts(2.3, 1, 4000, seed=1)
    found = fitted(counts, replicates=40).plain()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["n"] == 4000
    assert found["fit"]["xmax"] is None
    assert abs(found["fit"]["alpha"] - 2.3) < 4 * found["fit"]["alpha_standard_error"]
    assert found["goodness_of_fit"]["replicates"] == 40
    assert min(point["ks"] for point in found["xmin_scan"]) == pytest.approx(found["fit"]["ks"], abs=1e-9)
    assert {rival["model"] for rival in found["rivals"]} >= {"log-normal", "exponential"}


def test_a_given_xmin_is_kept_and_scans_nothing() -> None:
    counts = random_counts(2.3, 1, 4000, seed=1)
    found = fitted(counts, 3, endless=False)
    assert (found.tail.xmin, found.tail.xmax) == (3, counts.hi[-1])
    assert found.scan is None
    assert found.goodness is None
    assert found.plain()["xmin_scan"] is None
    assert found.tail.count == counts.from_value(3).total


def test_few_values_can_be_fitted_from_a_given_xmin() -> None:
    few = Histogram.of_cells([(1, 1, 6), (2, 2, 2), (5, 5, 1)])
    assert fitted(few, 1).tail.count == 9
    with pytest.raises(PlanError, match="no tail of at least 50 values above 0") as told:
        fitted(few)
    assert "--xmin" in told.value.hint


@pytest.mark.parametrize(
    ("cells", "xmin", "said"),
    [
        ([(1, 1, 60), (2, 2, 20)], 5, "no value at or above xmin 5"),
        ([(1, 1, 60), (2, 2, 20)], 2, "only one value, 2, at or above xmin 2"),
        ([(0, 0, 60), (7, 7, 20)], 1, "only one value, 7, at or above xmin 1"),
        ([(1000, 1000, 10**9), (1001, 1001, 1)], 1000, "falls faster than any power law"),
    ],
)
def test_where_there_is_no_tail(cells: list[tuple[int, int, int]], xmin: int, said: str) -> None:
    with pytest.raises(PlanError) as told:
        fitted(Histogram.of_cells(cells), xmin)
    assert said in told.value.message
    assert told.value.hint == "choose a smaller --xmin"


def test_values_of_zero_are_counted_and_not_fitted() -> None:
    counts = random_counts(2.3, 1, 4000, seed=1)
    with_zeros = Histogram.of_cells([(0, 0, 1000), *counts.cells()])
    one, other = fitted(counts), fitted(with_zeros)
    assert one.tail == other.tail
    assert other.counts.total == 5000


def test_it_says_what_it_is_doing() -> None:
    heard: list[Progress] = []
    fit_counts(random_counts(2.3, 1, 500, seed=1), 1, endless=True, replicates=5, seed="", watch=Watch(heard.append))
    assert [news.phase for news in heard] == ["fitting the tail", "fitting the rivals", "bootstrapping"]
