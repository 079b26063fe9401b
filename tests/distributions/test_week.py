"""The weekly rhythm: a warped clock that can be read both ways and skips the hours in which nobody writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.distributions.week import HOUR_MS, HOURS, WarpedClock, hour_of_week

WEIGHTS = st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0, 1.0, 7.0, 1e6]), min_size=HOURS, max_size=HOURS)
WEEK_MS = HOURS * HOUR_MS


def test_the_epoch_was_a_thursday() -> None:
    assert int(hour_of_week(0)) == 96
    assert int(hour_of_week(-1)) == 95


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
def test_the_hour_of_the_week_begins_on_sunday_in_utc(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    since = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert int(hour_of_week(since)) == (moment.isoweekday() % 7) * 24 + moment.hour


@settings(max_examples=60)
@given(WEIGHTS, st.integers(0, 3 * WEEK_MS), st.integers(1, 3 * WEEK_MS))
def test_no_message_falls_into_an_hour_without_weight(weights: list[float], start: int, length: int) -> None:
    clock = WarpedClock(start, start + length, tuple(weights))
    times = clock.time(np.concatenate([np.linspace(0, 1, 997), [np.nextafter(1, 0)]]))
    assert (times >= start).all()
    assert (times < start + length).all()
    assert (np.diff(times[:-1]) >= 0).all()
    inside = np.unique(hour_of_week(np.arange(start, start + length, min(length, HOUR_MS // 2))))
    if sum(weights[hour] for hour in inside) > 0:
        assert (np.array(weights)[hour_of_week(times)] > 0).all()


@settings(max_examples=60)
@given(WEIGHTS, st.integers(0, WEEK_MS), st.integers(HOUR_MS, 2 * WEEK_MS))
def test_time_and_fraction_are_each_others_inverse(weights: list[float], start: int, length: int) -> None:
    clock = WarpedClock(start, start + length, tuple(weights))
    shares = np.linspace(0, 1, 331)
    assert clock.fraction([start, start + length]).tolist() == [0.0, 1.0]
    there = clock.time(shares)
    # A millisecond is the resolution of time; what is written in the busiest stretch of a window is lost at most.
    lost = float(np.diff(clock.fraction(np.arange(start, start + length + 1, length // 2000))).max())
    assert np.abs(clock.fraction(there) - shares).max() <= lost + 1e-9


def test_messages_come_as_fast_as_the_weights_say() -> None:
    weights = tuple(3.0 if hour % 24 in (9, 10) else 1.0 for hour in range(HOURS))
    clock = WarpedClock(0, 4 * WEEK_MS, weights)
    found = np.bincount(hour_of_week(clock.time((np.arange(500_000) + 0.5) / 500_000)), minlength=HOURS)
    assert found / 500_000 == pytest.approx(np.array(weights) / sum(weights), abs=1e-5)


def test_weights_that_are_all_zero_mean_an_even_clock() -> None:
    clock = WarpedClock(0, 1000, (0.0,) * HOURS)
    assert clock.time([0.0, 0.25, 0.5, 1.0]).tolist() == [0, 250, 500, 999]


def test_a_window_that_holds_no_busy_hour_is_even() -> None:
    weights = tuple(float(hour == 0) for hour in range(HOURS))
    clock = WarpedClock(0, 10 * HOUR_MS, weights)
    assert clock.time([0.5]).tolist() == [5 * HOUR_MS]


@pytest.mark.parametrize("length", [1, 2, 59_000])
def test_a_window_shorter_than_an_hour_stays_inside_itself(length: int) -> None:
    clock = WarpedClock(HOUR_MS - 1, HOUR_MS - 1 + length, tuple(range(HOURS)))
    times = clock.time(np.linspace(0, 1, 50))
    assert times.min() >= HOUR_MS - 1
    assert times.max() < HOUR_MS - 1 + length


def test_the_last_moment_lies_in_the_last_busy_hour_not_at_the_end_of_the_window() -> None:
    weights = tuple(float(hour == 96) for hour in range(HOURS))
    assert int(WarpedClock(0, 3 * HOUR_MS, weights).time(1.0)) == HOUR_MS - 1
