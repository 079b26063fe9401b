"""The bootstrap: what is a power law is seldom rejected, what is none is; the look-up says what a real fit says."""

from __future__ import annotations

import numpy as np
import pytest

from shapetui.distributions.goodness import goodness_of_fit
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.tail import best_tail, fit_tail
from tests.distributions.drawn import in_bins, of_shares, random_counts


def log_normal_counts(n: int, seed: int) -> Histogram:
    values = np.arange(1, 20_000, dtype=np.int64)
    return of_shares(values, np.exp(-((np.log(values) - 2) ** 2) / 2) / values, n, seed)


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize("alpha", [1.6, 2.5, 3.4])
def test_the_p_of_power_laws_is_evenly_spread(alpha: float, endless: bool) -> None:
    found = []
    for seed in range(30):
        # The law without end is cut here where it holds next to nothing.
        counts = random_counts(alpha, 5, 1500, seed, last=10**5 if not endless or alpha > 2 else 2 * 10**6)
        goodness = goodness_of_fit(
            counts, fit_tail(counts, 5, endless=endless), scanned=False, replicates=50, seed=str(seed)
        )
        assert goodness is not None
        found.append(goodness.p)
    assert 0.3 < np.mean(found) < 0.7
    # Of 30 even ones 3 lie below 0.1; more than 9 less often than once in a thousand.
    assert sum(p < 0.1 for p in found) <= 9
    assert max(found) > 0.8


@pytest.mark.parametrize("binned", [True, False])
@pytest.mark.parametrize("endless", [True, False])
def test_what_is_no_power_law_is_rejected(binned: bool, endless: bool) -> None:
    counts = log_normal_counts(20_000, seed=1)
    counts = in_bins(counts) if binned else counts
    given = goodness_of_fit(counts, fit_tail(counts, 9, endless=endless), scanned=False, replicates=100, seed="1")
    assert given is not None
    assert given.p == 0
    assert not given.plausible


def test_a_body_that_is_none_does_not_reject_a_tail_that_is() -> None:
    tail = random_counts(2.5, 20, 3000, seed=3)
    below = np.arange(1, 20, dtype=np.int64)
    counts = Histogram(np.append(below, tail.lo), np.append(below, tail.hi), np.append(below * 20, tail.counts))
    for found in (counts, in_bins(counts)):
        best = best_tail(found)
        assert best is not None
        goodness = goodness_of_fit(found, best[0], scanned=True, replicates=200, seed="1")
        assert goodness is not None
        assert goodness.plausible
        # From 1 on it is no power law.
        whole = goodness_of_fit(found, fit_tail(found, 1), scanned=False, replicates=200, seed="1")
        assert whole is not None
        assert whole.p == 0


@pytest.mark.parametrize("endless", [True, False])
@pytest.mark.parametrize("alpha", [0.7, 1.2, 1.9, 2.6, 4.5])
def test_the_distance_by_look_up_is_that_of_a_fit(alpha: float, endless: bool) -> None:
    counts = in_bins(random_counts(alpha, 1, 4000, seed=2, last=8000))
    best = best_tail(counts, endless=endless)
    assert best is not None
    goodness = goodness_of_fit(counts, best[0], scanned=True, replicates=1, seed="1")
    assert goodness is not None
    assert goodness.ks == pytest.approx(best[0].ks, abs=2e-5)
    given = fit_tail(counts, 1, endless=endless)
    fixed = goodness_of_fit(counts, given, scanned=False, replicates=1, seed="1")
    assert fixed is not None
    assert fixed.ks == pytest.approx(given.ks, abs=2e-4 if alpha < 1 else 2e-5)


def test_exact_counts_are_tested_on_cells_that_lose_little() -> None:
    counts = random_counts(2.2, 1, 20_000, seed=4)
    best = best_tail(counts, endless=True)
    assert best is not None
    goodness = goodness_of_fit(counts, best[0], scanned=True, replicates=1, seed="1")
    assert goodness is not None
    assert goodness.ks == pytest.approx(best[0].ks, abs=0.002)


def test_the_same_seed_gives_the_same_p() -> None:
    counts = in_bins(random_counts(2.2, 1, 3000, seed=4))
    found = [
        goodness_of_fit(counts, fit_tail(counts, 20), scanned=False, replicates=50, seed=seed)
        for seed in ("a", "a", "b", "c", "")
    ]
    assert found[0] == found[1]
    assert len({result.p for result in found if result is not None}) > 1


def test_values_of_zero_and_gaps_are_no_trouble() -> None:
    counts = Histogram.of_cells([(0, 0, 700), (1, 1, 400), (2, 2, 100), (3, 5, 80), (40, 60, 8), (900, 1100, 2)])
    best = best_tail(counts)
    assert best is not None
    goodness = goodness_of_fit(counts, best[0], scanned=True, replicates=50, seed="1")
    assert goodness is not None
    assert 0 <= goodness.p <= 1


def test_counts_beyond_everything_are_tested_too() -> None:
    counts = Histogram.of_cells([(10**k, 10**k, 10 ** (13 - k)) for k in range(13)])
    goodness = goodness_of_fit(counts, fit_tail(counts, 1, endless=True), scanned=True, replicates=20, seed="1")
    assert goodness is not None
    assert goodness.p == 0
