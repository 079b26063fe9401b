"""The numbers of a sample, on a real server: by hand where they are few, by numpy from the chat log where many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from shapetui.demo.chat_log import ChatLog
from shapetui.distributions.bins import upper_edges
from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of, labelled
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.sampling.certificate import verify

if TYPE_CHECKING:
    from tests.sampling.conftest import Chat

NOW = datetime(2025, 11, 22, tzinfo=UTC)
SALT = "0123456789abcdef0123456789abcdef"
K = 11


def cells(values: Any) -> dict[str, int]:
    """What a sample must publish of these integers without protection."""
    return labelled(Histogram.of_values(np.asarray(values, dtype=np.int64)).cells())


def wide(values: Any, width: int) -> dict[str, int]:
    found, counts = np.unique(np.asarray(values) // width, return_counts=True)
    return {f"{c * width}-{c * width + width - 1}": int(n) for c, n in zip(found.tolist(), counts, strict=True)}


def ranked(values: Any, fraction: float) -> int:
    return int(np.sort(values)[int((len(values) - 1) * fraction)])


def ends(published: dict[str, int]) -> list[tuple[int, int]]:
    """The ends of cells as they were labelled."""
    return [(int(lo), int(hi or lo)) for lo, _, hi in (label.partition("-") for label in published)]


def members(log: ChatLog) -> Any:
    pairs = np.unique(log.conversation.astype(np.int64) * log.users + log.sender)
    return np.bincount(pairs // log.users, minlength=log.conversations)


def lifetimes(log: ChatLog) -> Any:
    first, last = np.full(log.conversations, 2**62), np.zeros(log.conversations, dtype=np.int64)
    np.minimum.at(first, log.conversation, log.sent_at)
    np.maximum.at(last, log.conversation, log.sent_at)
    return (last - first) // 1000


def test_every_number_about_conversations_is_that_of_the_log(simulated: tuple[Chat, ChatLog]) -> None:
    chat, log = simulated
    sizes, seats, seconds = log.conversation_sizes(), members(log), lifetimes(log)
    block = chat.sample().conversations
    assert block.total_count == log.conversations
    assert block.messages_per_conversation_cells == cells(sizes)
    assert block.messages_per_conversation_percentiles.values() == {
        name: ranked(sizes, fraction) for name, fraction in PERCENTILES.items()
    }
    assert block.messages_per_conversation_percentiles.max == sizes.max()
    assert block.messages_per_conversation_mean == log.messages / log.conversations
    assert block.member_count_histogram == wide(seats, 5)
    for code, label in enumerate(log.conversation_types):
        own = log.conversation_type == code
        part = block.by_type[label]
        assert block.type_distribution[label] == part.total_count == own.sum()
        assert part.message_count == sizes[own].sum()
        assert part.messages_per_conversation_cells == cells(sizes[own])
        assert part.member_count_cells == cells(seats[own])
    lasting = sizes >= 2
    assert block.lifetime_seconds_cells == cells(seconds)
    correlation = np.corrcoef(np.log(sizes[lasting]), np.log1p(seconds[lasting]))[0, 1]
    assert block.size_lifetime_correlation == round(float(correlation), 2)
    top = -(-log.conversations // 100)
    assert block.top_1_percent_share == round(int(np.sort(sizes)[-top:].sum()) / log.messages, 4)
    assert block.share_over_1k == np.mean(sizes > 1000)
    assert block.share_over_10k == 0


def test_every_number_about_messages_and_people_is_that_of_the_log(
    simulated: tuple[Chat, ChatLog], hour_of_week: Any
) -> None:
    chat, log = simulated
    shape = chat.sample()
    block, lengths = shape.messages, log.content_length.astype(np.int64)
    assert block.total_count == log.messages
    assert block.content_length_cells == cells(lengths)
    assert block.content_length_histogram == wide(lengths, 50)
    assert block.content_length_mean == lengths.sum() / log.messages
    assert block.content_length_median == block.content_length_stats.median == ranked(lengths, 0.5)
    assert block.content_length_stats.p95 == ranked(lengths, 0.95)
    assert block.content_length_stats.mean == int(lengths.mean() + 0.5)
    for code, label in enumerate(log.message_types):
        own = log.message_type == code
        assert block.type_distribution[label] == block.by_type[label].total_count == own.sum()
        assert block.by_type[label].content_length_mean == pytest.approx(lengths[own].mean())
        assert block.by_type[label].content_length_cells == cells(lengths[own])
    hours = np.bincount(hour_of_week(log.sent_at), minlength=168)
    assert block.hour_of_week == hours.tolist()
    assert block.hourly_distribution == hours.reshape(7, 24).sum(axis=0).tolist()
    assert block.day_of_week_distribution == hours.reshape(7, 24).sum(axis=1).tolist()
    per_sender = np.unique(log.sender, return_counts=True)[1]
    assert block.messages_per_sender_cells == cells(per_sender)
    assert shape.users.total_count == len(per_sender)
    assert shape.users.username_length_histogram == {"0-4": len(per_sender)}
    assert shape.users.profile_completeness_bins == {"0_fields": len(per_sender), "1_field": 0, "2_fields": 0}


def test_the_heap_is_described_as_it_lies(simulated: tuple[Chat, ChatLog]) -> None:
    chat, log = simulated
    physical = chat.sample().conversations.physical
    row = chat.connection.execute(
        "SELECT pg_relation_size('messages'), (SELECT count(*) FROM (SELECT DISTINCT ctid::text::point[0],"
        ' "conversationId" FROM messages) p)'.replace("ctid::text::point[0]", "split_part(ctid::text, ',', 1)")
    ).fetchone()
    assert physical is not None
    assert row is not None
    assert physical.rows_per_page == round(log.messages / (row[0] / 8192), 2)
    assert physical.row_bytes == pytest.approx(row[0] / log.messages, rel=0.001)
    assert physical.pages_per_conversation == round(row[1] / log.conversations, 2)


def test_nothing_published_has_fewer_than_k_behind_it(simulated: tuple[Chat, ChatLog], hour_of_week: Any) -> None:
    chat, log = simulated
    shape = chat.sample(min_cell_count=K)
    conversations, messages = shape.conversations, shape.messages
    for histogram in (
        conversations.messages_per_conversation_cells,
        conversations.member_count_histogram,
        conversations.lifetime_seconds_cells,
        messages.messages_per_sender_cells,
        shape.users.username_length_histogram,
        *(part.messages_per_conversation_cells for part in conversations.by_type.values()),
        *(part.member_count_cells for part in conversations.by_type.values()),
    ):
        assert histogram
        assert min(histogram.values()) >= K
    assert min(conversations.type_distribution.values()) >= K
    assert sum(conversations.type_distribution.values()) == conversations.total_count
    assert sum(messages.type_distribution.values()) == messages.total_count

    def senders(kept: Any) -> int:
        return len(np.unique(log.sender[kept]))

    for histogram in (messages.content_length_cells, messages.content_length_histogram):
        assert sum(histogram.values()) == log.messages
        assert all(senders((log.content_length >= lo) & (log.content_length <= hi)) >= K for lo, hi in ends(histogram))
    for label, part in messages.by_type.items():
        own = log.message_type == log.message_types.index(label)
        for lo, hi in ends(part.content_length_cells):
            assert senders(own & (log.content_length >= lo) & (log.content_length <= hi)) >= K
    hours, certificate = hour_of_week(log.sent_at), shape.certificate
    true = np.bincount(hours, minlength=168)
    small = [hour for hour in range(168) if senders(hours == hour) in range(1, K)]
    assert small
    assert certificate is not None
    assert certificate.merged_cells["hour_of_week"] >= np.count_nonzero(true - messages.hour_of_week) > 0
    assert certificate.merged_cells["hour_of_week"] >= len(small)
    assert sum(messages.hour_of_week) == log.messages


def groups(published: dict[str, int], labels: tuple[str, ...]) -> list[list[int]]:
    """The codes of the labels behind each published label; rare ones are with OTHER or the largest."""
    rare = [code for code, label in enumerate(labels) if label not in published]
    into = "OTHER" if "OTHER" in published else max(published, key=lambda label: published[label])
    return [
        [code for code, label in enumerate(labels) if label == name] + (rare if name == into else [])
        for name in published
    ]


def test_the_whole_minus_its_types_shows_nobody(simulated: tuple[Chat, ChatLog]) -> None:
    chat, log = simulated
    shape, sizes = chat.sample(min_cell_count=K), log.conversation_sizes()
    rooms, messages = shape.conversations, shape.messages
    for codes in groups(rooms.type_distribution, log.conversation_types):
        own = np.isin(log.conversation_type, codes)
        for lo, hi in ends(rooms.messages_per_conversation_cells):
            assert (own & (sizes >= lo) & (sizes <= hi)).sum() not in range(1, K)
    for codes in groups(messages.type_distribution, log.message_types):
        own = np.isin(log.message_type, codes)
        for lo, hi in ends(messages.content_length_cells):
            inside = own & (log.content_length >= lo) & (log.content_length <= hi)
            assert len(np.unique(log.sender[inside])) not in range(1, K)


def test_two_histograms_of_one_thing_do_not_cut_out_anybody(simulated: tuple[Chat, ChatLog]) -> None:
    chat, log = simulated
    messages = chat.sample(min_cell_count=K).messages
    both = [*ends(messages.content_length_cells), *ends(messages.content_length_histogram)]
    edges = sorted({lo for lo, _ in both} | {hi + 1 for _, hi in both})
    for lo, end in pairwise(edges):
        assert len(np.unique(log.sender[(log.content_length >= lo) & (log.content_length < end)])) not in range(1, K)


def test_the_maximum_is_the_upper_edge_of_the_last_cell_and_the_file_is_signed(
    simulated: tuple[Chat, ChatLog],
) -> None:
    chat, log = simulated
    shape, sizes = chat.sample(min_cell_count=K), log.conversation_sizes()
    percentiles, certificate = shape.conversations.messages_per_conversation_percentiles, shape.certificate
    last = ends(shape.conversations.messages_per_conversation_cells)[-1][1]
    assert certificate is not None
    assert percentiles.max == last > sizes.max()
    assert last in upper_edges()
    assert "max" in certificate.top_coded
    for name, value in percentiles.values().items():
        assert value == (last if name in certificate.top_coded else ranked(sizes, PERCENTILES[name]))
        assert (name in certificate.top_coded) == ((sizes >= ranked(sizes, PERCENTILES[name])).sum() < K)
    assert certificate.min_cell_count == K
    assert verify(shape, SALT)
    assert chat.sample().certificate is None


def test_a_percentile_of_too_few_conversations_is_top_coded(chat: Chat) -> None:
    for number in range(30):
        chat.room(f"r{number}")
        for _ in range(40 if number == 29 else 13 if number >= 25 else 2):
            chat.message(f"r{number}", "anna", NOW - timedelta(hours=1))
    shape = chat.sample(min_cell_count=K)
    assert shape.conversations.messages_per_conversation_cells == {"2-40": 30}
    assert shape.conversations.messages_per_conversation_percentiles.model_dump() == {
        "p50": 2, "p75": 2, "p90": 40, "p95": 40, "p99": 40, "max": 40,
    }  # fmt: skip
    assert shape.certificate is not None
    assert shape.certificate.top_coded == ["p90", "p95", "p99", "max"]
    assert shape.messages.content_length_cells == {}  # one sender
    assert shape.messages.content_length_stats.mean is None
    assert sum(shape.messages.hour_of_week) == 0


def test_fixed_bins_hold_their_upper_edges(chat: Chat) -> None:
    edges = [int(edge) for edge in upper_edges() if 10 <= edge <= 60]
    chat.room("r")
    for edge in edges:
        for length in (edge, edge + 1):
            chat.message("r", "anna", NOW - timedelta(days=1), "x" * length)
    assert chat.sample().messages.content_length_cells == cells(edges + [edge + 1 for edge in edges])


@pytest.mark.parametrize("zoned", [False, True])
def test_the_window_holds_its_first_moment_and_not_its_last(chat: Chat, zoned: bool) -> None:
    if zoned:
        for table in ("messages", "conversations"):
            chat.connection.execute(f'ALTER TABLE {table} ALTER "createdAt" TYPE timestamptz')
    chat.connection.execute(f"ALTER DATABASE {chat.name} SET timezone = 'Asia/Tokyo'")
    since, tick = NOW - timedelta(days=1), timedelta(milliseconds=1)
    for name, moment in {"before": since - tick, "first": since, "last": NOW - tick, "after": NOW}.items():
        chat.room(name, at=since - timedelta(days=9))
        chat.message(name, name, moment)
    chat.room("silent", at=since)
    chat.room("silent before", at=since - tick)
    chat.room("silent after", at=NOW)
    chat.member("first", "lurker")
    chat.member("before", "stranger")
    shape = chat.sample(window_days=1)
    assert shape.messages.total_count == 2
    assert shape.conversations.total_count == 3
    assert shape.conversations.messages_per_conversation_cells == {"0": 1, "1": 2}
    assert shape.conversations.member_count_histogram == {"0-4": 3}
    assert shape.users.total_count == 3
    assert shape.messages.hour_of_week[5 * 24] == 1  # Friday 00:00 UTC
    assert shape.messages.hour_of_week[5 * 24 + 23] == 1
    assert shape.window is not None
    assert (shape.window.first, shape.window.until) == ("2025-11-21T00:00:00.000Z", "2025-11-22T00:00:00.000Z")
    whole = chat.sample()
    assert (whole.messages.total_count, whole.conversations.total_count) == (4, 7)
    assert whole.window is not None
    assert (whole.window.first, whole.window.until) == ("2025-11-20T00:00:00.000Z", "2025-11-22T00:00:00.001Z")
    assert chat.sample(until=since).messages.total_count == 1


@pytest.mark.parametrize("k", [1, K])
@pytest.mark.parametrize("window_days", [0, 30])
def test_an_empty_database_is_a_valid_shape(chat: Chat, k: int, window_days: int) -> None:
    shape = chat.sample(min_cell_count=k, window_days=window_days)
    assert shape.conversations.total_count == shape.messages.total_count == shape.users.total_count == 0
    assert shape.conversations.messages_per_conversation_percentiles.values() == {}
    assert Shape.model_validate_json(shape.to_json()) == shape


def test_one_conversation_is_measured_in_a_copy_and_hidden_in_production(chat: Chat) -> None:
    chat.room("r", "DIRECT_MESSAGE")
    chat.user("anna", bio="likes tea", profileImageUrl="")
    for minutes, content in ((0, "hi"), (1, None), (5, "é🎉")):
        chat.message("r", "anna", datetime(2025, 11, 16, 0, minutes, tzinfo=UTC), content)  # a Sunday
    shape = chat.sample()
    assert shape.conversations.messages_per_conversation_cells == {"3": 1}
    assert shape.conversations.messages_per_conversation_percentiles.max == 3
    assert cells_of(shape.conversations.lifetime_seconds_cells)[0][0] <= 300
    assert shape.messages.content_length_cells == {"0": 1, "2": 2}
    assert shape.messages.hour_of_week[0] == 3
    assert shape.users.profile_completeness_bins == {"0_fields": 0, "1_field": 1, "2_fields": 0}
    hidden = chat.sample(min_cell_count=K)
    assert hidden.conversations.total_count == 1
    assert hidden.conversations.messages_per_conversation_cells == {}
    assert hidden.conversations.type_distribution == hidden.messages.type_distribution == {}
    assert hidden.conversations.physical is None
    assert verify(hidden, SALT)


def test_labels_of_any_spelling_come_through(own_labels: Chat) -> None:
    odd, colourful, other = 'it\'s "odd" \\', "Grüße 🎉", "OTHER"
    for number, label in enumerate([odd, colourful, colourful, other]):
        own_labels.room(f"r{number}", label)
        own_labels.message(f"r{number}", "anna", NOW - timedelta(days=1), kind=label)
    shape = own_labels.sample()
    assert shape.conversations.type_distribution == {colourful: 2, odd: 1, other: 1}
    assert shape.messages.type_distribution == {colourful: 2, odd: 1, other: 1}


def test_rare_types_are_folded_together_with_their_histograms(chat: Chat) -> None:
    for number in range(40):
        kind = "CHANNEL" if number < 3 else "GROUP_CHAT" if number < 16 else "DIRECT_MESSAGE"
        chat.room(f"r{number}", kind)
        chat.message(f"r{number}", f"user{number}", NOW - timedelta(days=1))
    shape = chat.sample(min_cell_count=K)
    assert shape.conversations.type_distribution == {"DIRECT_MESSAGE": 27, "GROUP_CHAT": 13}
    assert shape.conversations.by_type["DIRECT_MESSAGE"].messages_per_conversation_cells == {"1": 27}
    assert shape.certificate is not None
    assert shape.certificate.folded_labels == 1


def test_labels_that_are_free_text_do_not_leave_production(chat: Chat) -> None:
    chat.connection.execute("ALTER TABLE messages ALTER type DROP DEFAULT, ALTER type TYPE text")
    chat.room("r")
    for number in range(24):
        chat.message("r", f"user{number}", NOW - timedelta(days=1), kind="alice@example.org" if number % 2 else "TEXT")
    shape = chat.sample(min_cell_count=K)
    assert shape.messages.type_distribution == {"TEXT": 12, "type_01": 12}
    assert shape.certificate is not None
    assert shape.certificate.renamed_labels == 1
    assert "alice" in chat.sample().to_json()
    assert "alice" not in shape.to_json()


def test_without_members_and_users_tables_the_senders_stand_in(chat: Chat) -> None:
    chat.room("r")
    for name in ("anna", "ben", "ben"):
        chat.message("r", name, NOW - timedelta(days=1))
    chat.connection.execute("DROP TABLE conversation_users; DROP TABLE users CASCADE")
    shape = chat.sample()
    assert shape.conversations.by_type["GROUP_CHAT"].member_count_cells == {"2": 1}
    assert shape.users.total_count == 2
    assert shape.users.username_length_histogram == shape.users.profile_completeness_bins == {}
