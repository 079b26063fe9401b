"""Conversations, slices and people of random small plans: counts, order, edges, membership."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shapetui.documents.config import Config
from shapetui.errors import PlanError
from shapetui.generation.conversations import Conversations, lay_out
from shapetui.generation.people import assign_members, senders
from shapetui.generation.plan import Plan, Request, make_plan
from shapetui.generation.slices import Slices
from tests.generation.helpers import NOW, original, plan_of, sized


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any sizes, windows of a minute to a year, weeks with empty hours, with and without lifetimes."""
    smallest = draw(st.integers(1, 300))
    conversations = sized(smallest, smallest + draw(st.integers(0, 2_000)), draw(st.floats(0.3, 4.0)))
    if draw(st.booleans()):
        seconds = draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=4, unique=True))
        conversations["lifetime_seconds_cells"] = {str(second): 5 for second in sorted(seconds)}
        conversations["size_lifetime_correlation"] = draw(st.floats(-1, 1))
    week = draw(st.lists(st.sampled_from([0.0, 0.001, 1.0, 50.0]), min_size=168, max_size=168))
    config: Config = original(conversations, {"temporal": {"hour_of_week_weights": week}})
    window = draw(st.sampled_from([60, 3_000, 86_400, 2_592_000, 31_536_000]))
    metadata = config.calibration_metadata.model_copy(update={"window_seconds": window})
    config = config.model_copy(update={"calibration_metadata": metadata})
    until = datetime.fromtimestamp(draw(st.integers(1_600_000_000, 1_800_000_000)), UTC)
    messages = draw(st.integers(1, 6_000))
    return make_plan(Request(config, None, messages, None, str(draw(st.integers(0, 99))), until), NOW)


@given(plans(), st.sampled_from([37, 500, 100_000]))
@settings(max_examples=60, deadline=None)
def test_slices_of_any_plan_add_up_in_order_within_their_edges(plan: Plan, rows_per_slice: int) -> None:
    try:
        rooms = lay_out(plan)
        slices = Slices(plan, rooms, rows_per_slice)
        slices.refuse_crowded()
    except PlanError:
        assume(False)
    seen = np.zeros(rooms.size.size, dtype=np.int64)
    latest = np.full(rooms.size.size, -1, dtype=np.int64)
    begin, total = plan.clock.time(rooms.start), 0
    for index in range(slices.count):
        rows = slices.rows(index)
        assert rows.first == total
        total += rows.conversation.size
        assert (np.diff(rows.created_ms) >= 0).all()
        if rows.created_ms.size:
            assert slices.edge_ms[index] <= rows.created_ms[0]
            assert rows.created_ms[-1] < slices.edge_ms[index + 1]
        for room in np.unique(rows.conversation):
            mine = rows.conversation == room
            times = rows.created_ms[mine]
            assert (np.diff(times) > 0).all()
            assert times[0] > latest[room]
            # `rooms` are created a second or more before this.
            assert times[0] > begin[room] - 1_000
            assert (rows.position[mine] == seen[room] + np.arange(times.size)).all()
            seen[room] += times.size
            latest[room] = times[-1]
    assert (seen == rooms.size).all()
    assert total == rooms.messages
    written = rooms.size > 0
    assert (slices.last_message_ms()[written] == latest[written]).all()
    assert slices.edge_ms[0] == plan.clock.start_ms
    assert slices.edge_ms[-1] == plan.clock.end_ms


def test_a_slice_alone_is_the_same_as_in_order() -> None:
    plan = plan_of(5_000)
    rooms = lay_out(plan)
    in_order = [Slices(plan, rooms, 700).rows(index) for index in range(7)]
    for index in reversed(range(7)):
        alone = Slices(plan, lay_out(plan), 700).rows(index)
        assert (alone.created_ms == in_order[index].created_ms).all()
        assert (alone.conversation == in_order[index].conversation).all()


@cache
def _base() -> tuple[Plan, Conversations]:
    plan = plan_of(2_000, config=original(sized(2, 60)))
    return plan, lay_out(plan)


@given(st.integers(2, 40), st.integers(0, 40), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nobody_is_in_a_room_twice_also_where_nearly_everybody_is(users: int, fewer: int, seed: int) -> None:
    base, rooms = _base()
    plan = replace(base, users=users, seed=str(seed))
    rooms = replace(rooms, members=np.full(rooms.size.size, max(1, users - fewer), dtype=np.int64))
    members = assign_members(plan, rooms)
    assert (np.diff(members.offset) == rooms.members).all()
    assert members.user.min() >= 0
    assert members.user.max() < users
    pairs = np.stack([members.conversation, members.user])
    assert np.unique(pairs, axis=1).shape == pairs.shape
    assert (members.creator == members.user[members.offset[:-1]]).all()


def test_rooms_with_everybody_in_them_are_quick_for_many_users() -> None:
    base, rooms = _base()
    everybody = replace(rooms, members=np.full(rooms.size.size, 5_000, dtype=np.int64))
    members = assign_members(replace(base, users=5_000), everybody)
    by_room = members.user.reshape(-1, 5_000)
    assert (np.sort(by_room, axis=1) == np.arange(5_000)).all()


def test_members_of_a_room_write_unevenly_and_only_in_their_room() -> None:
    plan, rooms = _base()
    members = assign_members(plan, rooms)
    room = np.repeat(np.arange(rooms.size.size), 200)
    sender = senders(plan, members, room, 0)
    for index in range(rooms.size.size):
        mine = members.user[members.offset[index] : members.offset[index + 1]]
        assert np.isin(sender[room == index], mine).all()
    pairs = np.flatnonzero(rooms.members == 2)
    chosen = np.isin(room, pairs)
    # The first of two writes (1/2)^(1/1.5) = 63 % of the messages.
    assert abs((sender[chosen] == members.creator[room[chosen]]).mean() - 0.5 ** (1 / 1.5)) < 0.02
