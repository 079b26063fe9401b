"""A published shape against itself: what its numbers say when they are subtracted, and what is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from shapetui.demo.chat_log import ChatLog
from shapetui.distributions.discrete import mixture, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import Shape

if TYPE_CHECKING:
    from tests.sampling.conftest import Chat

NOW = datetime(2025, 11, 22, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
K = 11


def pairs(shape: Shape) -> Iterator[tuple[str, int, int]]:
    """(what, one number, another) for all that count the same population; what is not published at all is left out."""
    rooms, messages, users = shape.conversations, shape.messages, shape.users
    sums: list[tuple[str, int, Mapping[str, int]]] = [
        ("rooms, types", rooms.total_count, rooms.type_distribution),
        ("rooms, sizes", rooms.total_count, rooms.messages_per_conversation_cells),
        ("rooms, lifetimes", rooms.total_count, rooms.lifetime_seconds_cells),
        ("rooms, members", rooms.total_count, rooms.member_count_histogram),
        ("messages, types", messages.total_count, messages.type_distribution),
        ("messages, lengths", messages.total_count, messages.content_length_cells),
        ("messages, wide lengths", messages.total_count, messages.content_length_histogram),
        ("messages, hours", messages.total_count, {str(hour): n for hour, n in enumerate(messages.hour_of_week)}),
        ("messages, hours of the day", messages.total_count, dict(enumerate_text(messages.hourly_distribution))),
        ("messages, days", messages.total_count, dict(enumerate_text(messages.day_of_week_distribution))),
        ("users, senders", users.total_count, messages.messages_per_sender_cells),
        ("users, names", users.total_count, users.username_length_histogram),
        ("users, profiles", users.total_count, users.profile_completeness_bins),
    ]
    for name, kind in rooms.by_type.items():
        yield f"rooms of {name}", rooms.type_distribution[name], kind.total_count
        sums.append((f"rooms of {name}, sizes", kind.total_count, kind.messages_per_conversation_cells))
        sums.append((f"rooms of {name}, members", kind.total_count, kind.member_count_cells))
    for name, part in messages.by_type.items():
        yield f"messages of {name}", messages.type_distribution[name], part.total_count
        sums.append((f"messages of {name}, lengths", part.total_count, part.content_length_cells))
    for what, total, counts in sums:
        if any(counts.values()):
            yield what, total, sum(counts.values())
    yield from by_cell("sizes", rooms.messages_per_conversation_cells,
                       [kind.messages_per_conversation_cells for kind in rooms.by_type.values()])  # fmt: skip
    yield from by_cell("members", rooms.member_count_histogram,
                       [kind.member_count_cells for kind in rooms.by_type.values()], inside=False)  # fmt: skip
    yield from by_cell("lengths", messages.content_length_cells,
                       [part.content_length_cells for part in messages.by_type.values()])  # fmt: skip
    yield from by_cell("wide lengths", messages.content_length_histogram,
                       [messages.content_length_cells], inside=False)  # fmt: skip


def enumerate_text(values: list[int]) -> Iterator[tuple[str, int]]:
    return ((str(place), value) for place, value in enumerate(values))


def by_cell(
    what: str, whole: Mapping[str, int], parts: list[Mapping[str, int]], inside: bool = True
) -> Iterator[tuple[str, int, int]]:
    """The whole and its parts up to each value at which all have an edge; `inside`: at each edge of the whole."""
    tables = [[(int(a), int(b or a), n) for (a, _, b), n in ((c.partition("-"), n) for c, n in t.items())]
              for t in (whole, *parts)]  # fmt: skip
    for edge in sorted({hi for _, hi, _ in tables[0]}):
        if any(lo <= edge < hi for table in tables[1:] for lo, hi, _ in table):
            assert not inside, f"{what}: a cell of a part crosses {edge}"
            continue
        below = [sum(n for _, hi, n in table if hi <= edge) for table in tables]
        yield f"{what} up to {edge}", below[0], sum(below[1:])


def say(chat: Chat, room: str, sender: str, n: int = 1, kind: str = "TEXT", content: str = "hello") -> None:
    """`n` messages, a minute apart."""
    for minute in range(n):
        chat.message(room, sender, YESTERDAY + timedelta(minutes=minute), content, kind)


def unlinked(chat: Chat, statement: str) -> None:
    """Runs a statement that foreign keys would refuse."""
    chat.connection.execute("SET session_replication_role = replica")
    chat.connection.execute(statement)
    chat.connection.execute("RESET session_replication_role")


def bot(chat: Chat) -> None:
    """Forty people, and one bot that writes a quarter of all messages."""
    chat.room("r")
    for n in range(40):
        say(chat, "r", f"user{n}", 20, content="x" * (10 + n))
        say(chat, "r", f"user{n}", kind="LOCATION", content="here")
    say(chat, "r", "bot", 300, "SYSTEM", "z" * 700)


def rare(chat: Chat) -> None:
    """Rare types of rooms and messages, few rooms of one message, few silent members."""
    for n in range(40):
        chat.room(f"r{n}", "CHANNEL" if n < 3 else "GROUP_CHAT" if n < 16 else "DIRECT_MESSAGE")
        say(chat, f"r{n}", f"user{n}", 1 if n in (5, 20) else 40)
        chat.member(f"r{n}", f"user{n}")
    say(chat, "r4", "user4", 7, "AUDIO", "y" * 5000)
    for n in range(3):
        chat.member("r9", f"silent{n}")


def unlinked_rows(chat: Chat) -> None:
    """Few people, conversations and times of creation are missing."""
    rare(chat)
    unlinked(chat, "DELETE FROM users WHERE id IN ('user7', 'user8', 'silent1')")
    unlinked(chat, "DELETE FROM conversations WHERE id IN ('r30', 'r31')")
    chat.connection.execute("""
        ALTER TABLE conversations ALTER "createdAt" DROP NOT NULL;
        ALTER TABLE messages ALTER "createdAt" DROP NOT NULL;
        UPDATE conversations SET "createdAt" = NULL WHERE id IN ('r1', 'r21');
        UPDATE messages SET "createdAt" = 'infinity' WHERE "senderId" = 'user21';
        UPDATE messages SET "createdAt" = NULL WHERE "senderId" = 'user22'""")


def few(chat: Chat) -> None:
    """Fewer than k of everything, but many messages."""
    chat.room("r")
    for n in range(5):
        say(chat, "r", f"user{n}", 12)


def thin_hours(chat: Chat) -> None:
    """Two busy hours far apart, one of them of few people, and a type that is rare in both."""
    chat.room("r")
    for n in range(20):
        chat.message("r", f"user{n}", YESTERDAY, "a" * n)
    for n in range(60):
        chat.message("r", f"user{n % 6}", YESTERDAY - timedelta(days=3), "b" * n)


def assert_safe(shape: Shape) -> None:
    found = list(pairs(shape))
    assert [(what, one, other) for what, one, other in found if one != other and abs(one - other) < K] == []
    for cells in (
        shape.conversations.type_distribution,
        *(kind.messages_per_conversation_cells for kind in shape.conversations.by_type.values()),
        *(kind.member_count_cells for kind in shape.conversations.by_type.values()),
        shape.conversations.lifetime_seconds_cells,
        shape.messages.type_distribution,
        shape.messages.messages_per_sender_cells,
        shape.users.username_length_histogram,
    ):
        assert all(count >= K for count in cells.values())


@pytest.mark.parametrize("window_days", [0, 30])
@pytest.mark.parametrize("fill", [bot, rare, unlinked_rows, few, thin_hours])
def test_numbers_about_one_population_differ_by_nothing_or_by_k(
    chat: Chat, fill: Callable[[Chat], None], window_days: int
) -> None:
    """No two published counts of the same population show fewer than k by their difference.

    Exact by design remain the totals themselves (conversations, messages and users, of a block and of a type, and the
    messages in the conversations of a type), the means, `size_lifetime_correlation` and `top_1_percent_share`: a
    total below k is published, and then stands alone. A type OTHER that fewer than k senders wrote has its total (k
    messages or more) and neither cells nor a mean. Differences are of rows; that each cell has k people behind it,
    who may be the same in several, is tested with the log in test_sample.
    """
    with chat.connection.transaction():
        fill(chat)
    assert_safe(chat.sample(min_cell_count=K, window_days=window_days))


def test_numbers_about_a_simulated_chat_differ_by_nothing_or_by_k(simulated: tuple[Chat, ChatLog]) -> None:
    """As above, with totals, means, correlation and the share of the largest exact by design."""
    chat, _ = simulated
    for window_days in (0, 30, 7):
        assert_safe(chat.sample(min_cell_count=K, window_days=window_days))


def test_a_large_type_of_few_senders_is_other_without_cells_and_the_mix_stays(chat: Chat) -> None:
    for n in range(K):
        chat.room(f"empty{n}")
    bot(chat)
    shape = chat.sample(min_cell_count=K)
    messages = shape.messages
    assert messages.type_distribution == {"TEXT": 800, "OTHER": 300, "LOCATION": 40}
    assert messages.by_type["OTHER"].content_length_cells == {}
    assert messages.by_type["OTHER"].content_length_mean is None
    assert messages.by_type["LOCATION"].content_length_cells == {"4": 40}
    assert sum(messages.content_length_cells.values()) == sum(messages.content_length_histogram.values()) == 840
    assert max(hi for _, hi, _ in cells_of(messages.content_length_cells)) < 700
    assert shape.certificate is not None
    assert shape.certificate.folded_labels == 1


def test_a_small_type_of_few_senders_goes_into_the_largest_whose_cells_stay(chat: Chat) -> None:
    for n in range(K):
        chat.room(f"empty{n}")
    chat.room("r")
    for n in range(22):
        say(chat, "r", f"user{n}", 90, content="x" * (10 + n // 11))
        say(chat, "r", f"user{n}", kind="LOCATION", content="here")
    before = chat.sample(min_cell_count=K).messages
    say(chat, "r", "bot", 12, "SYSTEM", "z" * 700)
    after = chat.sample(min_cell_count=K)
    assert after.messages.type_distribution == {"TEXT": 1992, "LOCATION": 22}
    assert list(after.messages.content_length_cells) == list(before.content_length_cells) == ["4", "10", "11"]
    assert after.messages.content_length_cells == {"4": 22, "10": 990, "11": 1002}
    assert after.messages.content_length_histogram == {"0-49": 2014}
    assert after.certificate is not None
    assert after.certificate.folded_labels == 1


def test_shares_and_ranks_of_a_protected_shape_are_read_off_its_cells(simulated: tuple[Chat, ChatLog]) -> None:
    chat, log = simulated
    shape = chat.sample(min_cell_count=K)
    sizes = smooth(Histogram.of_cells(cells_of(shape.conversations.messages_per_conversation_cells)))
    assert shape.conversations.share_over_1k == round(1 - float(sizes.cdf(1000)), 4)
    parts = [Histogram.of_cells(cells_of(part.content_length_cells)) for part in shape.messages.by_type.values()]
    lengths = mixture([(part.total, smooth(part)) for part in parts])
    rank = (log.messages - 1) // 2 + 1
    median = int(lengths.quantile(rank / log.messages))
    assert shape.messages.content_length_median == shape.messages.content_length_stats.median == median
    assert median == pytest.approx(sorted(log.content_length.tolist())[rank - 1], rel=0.05)


def test_people_without_messages_and_rooms_with_one_are_counted(chat: Chat) -> None:
    rare(chat)
    shape = chat.sample()
    assert shape.users.total_count == 43
    assert shape.messages.messages_per_sender_cells["0"] == 3
    assert shape.messages.messages_per_sender_cells["1"] == 2
    assert shape.conversations.lifetime_seconds_cells["0"] == 2
    assert sum(shape.conversations.lifetime_seconds_cells.values()) == 40


@pytest.mark.parametrize("k", [1, K])
def test_what_was_created_at_no_time_belongs_to_no_population(chat: Chat, k: int) -> None:
    unlinked_rows(chat)
    chat.room("never")
    chat.member("never", "nobody")
    chat.connection.execute("UPDATE conversations SET \"createdAt\" = NULL WHERE id = 'never'")
    chat.connection.execute("UPDATE conversations SET \"createdAt\" = '-infinity' WHERE id IN ('r2', 'r3')")
    chat.connection.execute("UPDATE messages SET \"createdAt\" = '-infinity' WHERE \"senderId\" = 'user3'")
    for window_days, empty in ((0, 2), (30, 2)):  # r22 and r21 are empty; r21 has no time of its own
        shape = chat.sample(min_cell_count=k, window_days=window_days)
        assert shape.messages.total_count == 40 * 38 + 2 + 7 - 3 * 40
        assert shape.conversations.total_count == 40 - empty
        assert shape.users.total_count == 43 - 2
