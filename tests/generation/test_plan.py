"""Plans: the documented sizes, what follows from what was said, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shapetui.documents.config import Config
from shapetui.errors import PlanError, UsageError
from shapetui.generation.conversations import lay_out
from shapetui.generation.people import assign_members
from shapetui.generation.plan import Request, make_plan
from shapetui.generation.slices import Slices
from tests.generation.helpers import NOW, original, sized

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("request_", "messages", "users", "rooms", "days"),
    [
        (Request(band="dev"), 5_000_000, 5_000, 8_000, 30),
        (Request(band="staging"), 100_000_000, 150_000, 300_000, 180),
        (Request(band="perf"), 300_000_000, 250_000, 600_000, 365),
        (Request(quick=True), 500_000, 5_000, 8_000, 20),
        (Request(), 5_000_000, 5_000, 8_000, 30),
    ],
)
def test_bands_have_their_documented_sizes(request_: Request, messages: int, users: int, rooms: int, days: int) -> None:
    plan = make_plan(request_, NOW)
    assert (plan.target_messages, plan.users, plan.conversations) == (messages, users, rooms)
    assert plan.clock.end_ms - plan.clock.start_ms == days * DAY_MS
    conversations = lay_out(plan)
    assert conversations.messages == pytest.approx(messages, rel=0.01)
    assert conversations.size.size == rooms
    assert conversations.size.max() <= 50_000


def test_a_request_is_as_dense_as_its_band_unless_it_says_how_many_conversations() -> None:
    assert make_plan(Request(target_messages=625_000), NOW).conversations == 1_000
    plan = make_plan(Request(target_messages=100_000, conversations=400), NOW)
    assert plan.conversations == 400
    # The midpoints of a quantile grid fall short of the mean of a heavy tail, the more the fewer rooms there are.
    assert lay_out(plan).messages == pytest.approx(100_000, rel=0.08)


def test_conversations_alone_bring_as_many_messages_as_the_band_has_for_each() -> None:
    plan = make_plan(Request(conversations=80), NOW)
    assert (plan.conversations, plan.target_messages) == (80, 80 * 625)


def test_with_a_config_messages_follow_from_conversations() -> None:
    plan = make_plan(Request(config=original(), conversations=1_234), NOW)
    assert plan.conversations == 1_234
    assert lay_out(plan).messages == pytest.approx(plan.target_messages, rel=0.03)
    assert make_plan(Request(config=original(), band="dev"), NOW).target_messages == 5_000_000


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(quick=True, band="dev"), "--quick stands alone"),
        (Request(quick=True, config=original()), "--quick stands alone"),
        (Request(band="dev", target_messages=5), "both say how much"),
        (Request(config=original(), conversations=5, target_messages=5), "follow from each other"),
        (Request(config=original(), conversations=5, band="dev"), "follow from each other"),
        (Request(target_messages=0), "at least 1, not 0"),
        (Request(conversations=-3), "at least 1, not -3"),
        (Request(until=datetime(1971, 1, 15, tzinfo=UTC)), "begins before 1971"),
        (Request(until=datetime(2, 1, 1, tzinfo=UTC)), "begins before 1971"),
    ],
)
def test_contradictions_are_usage_errors(request_: Request, said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        make_plan(request_, NOW)
    assert told.value.hint


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(target_messages=10, conversations=11), "more conversations than messages"),
        (Request(target_messages=3_000_000_000), "beyond what one run generates"),
        (Request(config=original(), target_messages=3_000_000_000), "beyond what one run generates"),
        (Request(config=original(sized(1, 1)), conversations=100_000_000), "beyond what one run generates"),
        (Request(target_messages=1_000_000, conversations=1), "more than the specification's largest rooms allow"),
    ],
)
def test_the_impossible_is_a_plan_error(request_: Request, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        make_plan(request_, NOW)


def _with_metadata(**changed: Any) -> Config:
    config = original()
    return config.model_copy(update={"calibration_metadata": config.calibration_metadata.model_copy(update=changed)})


def test_the_window_ends_where_the_shape_was_taken() -> None:
    plan = make_plan(Request(config=original()), NOW)
    assert plan.clock.end_ms == datetime(2025, 11, 22, tzinfo=UTC).timestamp() * 1000
    plan = make_plan(Request(config=_with_metadata(until="2025-06-01T12:00:00.000Z")), NOW)
    assert plan.clock.end_ms == datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp() * 1000
    said = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert make_plan(Request(config=original(), until=said), NOW).clock.end_ms == said.timestamp() * 1000


@pytest.mark.parametrize(
    "request_", [Request(), Request(band="dev"), Request(quick=True), Request(target_messages=10_000)]
)
def test_the_specification_ends_at_its_own_moment_on_every_day(request_: Request) -> None:
    plan = make_plan(request_, NOW)
    assert plan.clock.end_ms == datetime(2025, 10, 22, tzinfo=UTC).timestamp() * 1000
    assert make_plan(request_, NOW + timedelta(days=400, hours=5)).fingerprint == plan.fingerprint
    said = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    assert make_plan(replace(request_, until=said), NOW).clock.end_ms == said.timestamp() * 1000


def test_a_config_that_names_no_moment_has_one_window_a_day() -> None:
    request = Request(config=_with_metadata(calibrated_at=None))
    plans = [make_plan(request, NOW + timedelta(hours=hours)) for hours in (1, 23)]
    assert plans[0].fingerprint == plans[1].fingerprint
    assert make_plan(request, NOW + timedelta(hours=25)).fingerprint != plans[0].fingerprint


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request(band="dev"), "dev"),
        (Request(quick=True), "quick"),
        (Request(), "specification"),
        (Request(target_messages=10_000), "specification"),
        (Request(target_messages=100_000, conversations=400), "specification"),
        (Request(config=original(), target_messages=10_000), "calibrated"),
        (Request(config=original(), band="dev"), "dev"),
    ],
)
def test_only_what_was_asked_for_as_a_band_is_called_one(request_: Request, name: str) -> None:
    plan = make_plan(request_, NOW)
    assert (plan.band, plan.seed) == (name, f"{name}_shapetui")


def test_a_window_of_no_days_is_as_long_as_the_history_or_a_month() -> None:
    days = [
        make_plan(Request(config=_with_metadata(**changed)), NOW).clock
        for changed in (
            {"production_sample_window_days": 0, "window_seconds": 86_400 * 3},
            {"production_sample_window_days": 0},
            {"production_sample_window_days": None},
        )
    ]
    assert [(clock.end_ms - clock.start_ms) // DAY_MS for clock in days] == [3, 30, 30]


def test_a_window_beyond_all_calendars_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="begins before 1971"):
        make_plan(Request(config=_with_metadata(window_seconds=10**14)), NOW)


def test_too_many_messages_for_the_window_are_refused_before_any_row() -> None:
    config = _with_metadata(window_seconds=1)
    plan = make_plan(Request(config=config, target_messages=2_000_000), NOW)
    with pytest.raises(PlanError, match="not fit into a window of 1 s"):
        Slices(plan, lay_out(plan)).refuse_crowded()


def test_more_memberships_than_fit_into_memory_are_refused() -> None:
    plan = make_plan(Request(config=original(sized(1, 1)), target_messages=100_000), NOW)
    rooms = lay_out(plan)
    huge = replace(rooms, members=rooms.members * 0 + 40_000)
    with pytest.raises(PlanError, match="memberships are beyond"):
        assign_members(replace(plan, users=40_000), huge)


def test_everything_that_decides_the_rows_is_in_the_fingerprint() -> None:
    request = Request(config=original(), target_messages=1_000, seed="a")
    others = (
        replace(request, seed="b"),
        replace(request, target_messages=1_100),
        replace(request, until=datetime(2025, 1, 1, tzinfo=UTC)),
        replace(request, config=original(sized(1, 5))),
    )
    fingerprints = {make_plan(each, NOW).fingerprint for each in (request, *others)}
    assert len(fingerprints) == 5
    assert make_plan(request, NOW + timedelta(days=400)).fingerprint in fingerprints
