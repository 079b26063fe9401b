"""The simulated production: deterministic, and with the properties that chat has, in every size."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.demo.chat_log import ChatLog
from shapetui.demo.simulator import UNTIL_MS, simulate
from shapetui.errors import UsageError

DAY_MS = 86_400_000
ARRAYS = ("conversation_type", "conversation", "sender", "message_type", "content_length", "sent_at")


@cache
def demo() -> ChatLog:
    """The demo as the user gets it without options: 200,000 messages."""
    return simulate()


def same(one: ChatLog, other: ChatLog) -> bool:
    return one.users == other.users and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def senders_per_conversation(log: ChatLog) -> np.ndarray:
    """(C,) distinct senders."""
    pairs = np.unique(log.conversation.astype(np.int64) * log.users + log.sender)
    return np.bincount(pairs // log.users, minlength=log.conversations)


def test_the_same_seed_gives_the_same_arrays_and_another_seed_others() -> None:
    assert same(simulate(5_000, "a"), simulate(5_000, "a"))
    assert same(simulate(5_000, 7), simulate(5_000, "7"))
    assert not same(simulate(5_000, "a"), simulate(5_000, "b"))


@pytest.mark.parametrize("seed", ["demo", "another"])
def test_sizes_have_a_heavy_but_truncated_tail(seed: str) -> None:
    sizes = np.sort((demo() if seed == "demo" else simulate(seed=seed)).conversation_sizes())
    assert sizes.sum() == 200_000
    assert sizes[0] >= 1
    assert 12 <= sizes.mean() <= 25
    assert 4 <= np.percentile(sizes, 50) <= 8
    assert 150 <= np.percentile(sizes, 99) <= 400
    assert 1_000 <= sizes[-1] <= 20_000
    assert 0.20 <= sizes[-len(sizes) // 100 :].sum() / 200_000 <= 0.40


@pytest.mark.parametrize("messages", [2_000, 1_000_000])
def test_small_and_large_histories_keep_the_tail(messages: int) -> None:
    log = simulate(messages)
    sizes = np.sort(log.conversation_sizes())
    assert log.messages == messages
    assert 12 <= sizes.mean() <= 30
    assert sizes[-max(1, len(sizes) // 100) :].sum() / messages >= 0.15


def test_direct_messages_are_between_two_and_rarely_unanswered() -> None:
    log = demo()
    direct = log.conversation_type == log.conversation_types.index("DIRECT_MESSAGE")
    sizes, senders = log.conversation_sizes(), senders_per_conversation(log)
    assert 0.60 <= direct.mean() <= 0.70
    assert (sizes[direct] == 1).mean() <= 0.05
    assert np.array_equal(senders[direct], np.minimum(sizes[direct], 2))


def test_larger_groups_have_more_people_and_channels_are_few_and_large() -> None:
    log = demo()
    sizes, senders = log.conversation_sizes(), senders_per_conversation(log)
    group = log.conversation_type == log.conversation_types.index("GROUP_CHAT")
    channel = log.conversation_type == log.conversation_types.index("CHANNEL")
    assert senders[group & (sizes > 100)].mean() > 2 * senders[group & (sizes < 10)].mean()
    assert senders[group].max() > 20
    assert channel.mean() < 0.03
    assert sizes[channel].mean() > 5 * sizes[group].mean()


def test_every_message_type_has_enough_senders_for_the_privacy_rules() -> None:
    log = demo()
    for code, label in enumerate(log.message_types):
        assert len(np.unique(log.sender[log.message_type == code])) >= 100, label


def test_activity_is_skewed_but_nobody_writes_it_all() -> None:
    written = np.sort(np.bincount(demo().sender, minlength=demo().users))[::-1]
    assert 0.10 <= written[: demo().users // 100].sum() / demo().messages <= 0.50
    assert written[0] / demo().messages < 0.10


def test_lengths_differ_by_type_and_some_media_has_no_text() -> None:
    log = demo()
    lengths = {label: log.content_length[log.message_type == code] for code, label in enumerate(log.message_types)}
    assert lengths["TEXT"].min() >= 1
    assert 30 <= np.median(lengths["TEXT"]) <= 120
    assert 2_000 <= lengths["TEXT"].max() <= 50_000
    assert (lengths["IMAGE"] == 0).mean() > 0.3
    assert 0.01 <= (log.content_length == 0).mean() <= 0.15
    assert lengths["SYSTEM"].max() < 60


def test_the_day_and_the_week_have_a_rhythm_in_utc() -> None:
    hours = demo().sent_at // 3_600_000
    by_hour = np.bincount(hours % 24, minlength=24)
    by_weekday = np.bincount((hours // 24 + 3) % 7, minlength=7)
    assert by_hour.max() >= 3 * by_hour.min()
    assert by_hour[12] < 0.8 * min(by_hour[10], by_hour[14])  # lunch
    assert by_weekday[5:].max() < 0.6 * by_weekday[:5].min()


def test_messages_come_in_bursts() -> None:
    log = demo()
    order = np.argsort(log.conversation, kind="stable")
    gaps = np.diff(log.sent_at[order])[np.diff(log.conversation[order]) == 0]
    assert np.median(gaps) < 5 * 60_000  # most wait for minutes
    assert np.percentile(gaps, 95) > DAY_MS  # and some for days


@settings(max_examples=60, deadline=None)
@given(
    messages=st.integers(1, 400),
    days=st.integers(1, 400),
    users=st.none() | st.integers(8, 3_000),
    until_ms=st.none() | st.integers(700_000_000_000, 4_000_000_000_000),
)
def test_every_message_is_sent_within_the_window(
    messages: int, days: int, users: int | None, until_ms: int | None
) -> None:
    log = simulate(messages, "window", until_ms, days, users)
    until = UNTIL_MS if until_ms is None else until_ms
    assert log.messages == messages
    assert until - days * DAY_MS <= log.sent_at[0]
    assert log.sent_at[-1] < until
    assert log.conversation_sizes().min() >= 1
    assert users is None or log.users == users
    direct = log.conversation_type == 0
    assert (senders_per_conversation(log)[direct] <= 2).all()


@pytest.mark.parametrize(
    ("given_numbers", "named"),
    [
        ({"messages": 0}, "messages is 0"),
        ({"messages": -5}, "messages is -5"),
        ({"messages": 10**12}, "messages is"),
        ({"days": 0}, "days is 0"),
        ({"days": 10**9}, "days is"),
        ({"users": 7}, "users is 7"),
    ],
)
def test_numbers_that_no_history_has_are_refused(given_numbers: dict[str, int], named: str) -> None:
    with pytest.raises(UsageError, match=named) as error:
        simulate(**given_numbers)
    assert error.value.hint
