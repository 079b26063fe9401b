"""Our own simulator of a chat "production", for the demo and for tests, the same for the same seed.

It must not share the generator's model, or a good fidelity would only say that the program agrees with itself. So no
size is drawn from a power law, no length from a log-normal: conversations attract bursts of talk because they had
bursts before, lengths add up from words, and times are bursts in an office week.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from shapetui.demo.chat_log import ChatLog
from shapetui.errors import UsageError

Ints = NDArray[np.int64]
CONVERSATION_TYPES = ("DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL")
MESSAGE_TYPES = ("TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO", "SYSTEM")
DIRECT, GROUP, CHANNEL = range(3)
TEXT, IMAGE, FILE, AUDIO, VIDEO, SYSTEM = range(6)
HOUR_MS = 3_600_000
UNTIL_MS = 1_763_769_600_000  # 2025-11-22T00:00:00Z, fixed so that the demo is the same on any day
ROWS_MAX, DAYS_MAX = 50_000_000, 3_650  # some 8 GB of memory while it is made; ten years
USERS_MIN = 8  # fewer cannot fill a group that has members to come
RECENT = 0.4  # chance that a burst looks for its conversation among the recent ones only
REPLIES_MAX_MS = 12 * HOUR_MS  # a burst is over by then; so that any window of a day can hold every burst


@dataclass(frozen=True)
class _Kind:
    """How conversations of one type live; tuned by eye to the sizes of real workplaces, not fitted to any one."""

    share: float  # of all bursts
    fresh: float  # chance that a burst opens a new conversation
    opening: float  # when the type is young more are opened; how long that lasts, as a fraction of its bursts
    window: float  # of its bursts, how many are recent
    answered: float  # chance that the message that opens a conversation gets a reply for certain
    replies: float  # messages that a message sets off on average; below 1, or a burst would never end
    founders: int  # members at the start
    joining: float  # members after r more messages: founders + joining · r^0.55, as in Heaps' law


KINDS = (
    _Kind(0.50, fresh=0.26, opening=0.001, window=0.02, answered=0.95, replies=0.72, founders=2, joining=0),
    _Kind(0.38, fresh=0.16, opening=0.002, window=0.05, answered=0.75, replies=0.74, founders=3, joining=0.5),
    _Kind(0.12, fresh=0.003, opening=0.002, window=0.1, answered=0.9, replies=0.78, founders=6, joining=2),
)
# By hour of the day in UTC, the rate of new bursts: a morning peak, a lunch dip, an afternoon peak, some evening.
WORKDAY = (6, 4, 3, 3, 4, 7, 16, 42, 82, 100, 96, 78, 50, 72, 94, 90, 74, 50, 30, 21, 17, 14, 9, 5)
WEEKEND = (5, 4, 3, 2, 2, 3, 4, 7, 12, 16, 18, 17, 15, 15, 16, 17, 17, 18, 20, 21, 19, 16, 11, 7)
# Letters per word in English text, out of 100 words (1: "I", "a"; 3: "the", "and"; …).
WORD_LETTERS = np.repeat(np.arange(1, 15), (4, 17, 21, 16, 11, 9, 8, 5, 4, 2, 1, 1, 0, 1)).astype(np.uint8)


def simulate(
    messages: int = 200_000,
    seed: str | int = "demo",
    until_ms: int | None = None,
    days: int = 90,
    users: int | None = None,
) -> ChatLog:
    """A made-up chat history of exactly `messages` messages, all sent within `days` days before `until_ms`.

    `until_ms` is in milliseconds since 1970 UTC, by default a fixed date; `users` by default grows with the square
    root of `messages`. The same arguments give the same arrays; time and memory grow linearly with `messages`.
    Raises UsageError for numbers that no history can have.
    """
    people = max(40, round(3 * max(messages, 0) ** 0.5)) if users is None else users
    limits = {"messages": (messages, 1, ROWS_MAX), "days": (days, 1, DAYS_MAX), "users": (people, USERS_MIN, ROWS_MAX)}
    for name, (value, least, most) in limits.items():
        if not least <= value <= most:
            raise UsageError(f"{name} is {value}", f"{name} goes from {least} to {most:,}")
    rng = Generator(Philox(key=int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:16], "little")))
    conversation, kind, burst, offset = _bursts(rng, messages)
    sent_at = _start_times(rng, burst, offset, UNTIL_MS if until_ms is None else until_ms, days) + offset
    # Rows stand by conversation, then time: what somebody says depends on what was said there before.
    order = np.lexsort((sent_at, conversation))
    conversation, sent_at = conversation[order], sent_at[order]
    sender, joins = _senders(rng, conversation, kind, people)
    message_type = _message_types(rng, conversation, sender, joins, people)
    return ChatLog.from_rows(
        conversation_types=CONVERSATION_TYPES,
        message_types=MESSAGE_TYPES,
        conversation_type=kind,
        conversation=conversation,
        sender=sender,
        users=people,
        message_type=message_type,
        content_length=_lengths(rng, message_type, sender, people),
        sent_at=sent_at,
    )


def _origins(parent: Ints) -> Ints:
    """(n,) where the chain of copies from each step ends; `parent` points to an earlier step, or to itself."""
    while not np.array_equal(further := parent[parent], parent):
        parent = further
    return parent


def _attachment(rng: Generator, steps: int, fresh: float, opening: float, window: float) -> Ints:
    """(steps,) the step that each step descends from, itself where it is new: Simon's copying process (1955).

    A step is new with probability `fresh`, and more often in the first `opening` of all steps, else it copies an
    earlier one drawn evenly, so that what was chosen often is chosen again. With probability RECENT only the last
    `window` of all steps is looked at: old ones fall asleep. Both cut the tail that the pure process would have.
    """
    step = np.arange(steps)
    young = opening * steps / (opening * steps + step)
    new = (rng.random(steps) < fresh + (1 - fresh) * young) | (step == 0)
    reach = np.where(rng.random(steps) < RECENT, np.minimum(step, max(1, int(window * steps))), step)
    return _origins(np.where(new, step, step - 1 - (rng.random(steps) * reach).astype(np.int64)))


def _bursts(rng: Generator, messages: int, spare: float = 1.1) -> tuple[Ints, Ints, Ints, Ints]:
    """Bursts of talk, in the order in which they begin, and the messages in them.

    Returns (messages,) conversation of each message, (C,) type of each conversation, (messages,) burst of each message
    and (messages,) milliseconds since the burst began. Messages stand by burst, then time.
    """
    shares, replies, answered = np.array([(kind.share, kind.replies, kind.answered) for kind in KINDS]).T
    bursts = int(spare * messages / float(shares @ (1 / (1 - replies)))) + 50  # a burst has 1/(1 - replies) messages
    burst_kind = rng.choice(len(KINDS), bursts, p=shares)
    root = np.arange(bursts)
    for code, kind in enumerate(KINDS):
        own = np.flatnonzero(burst_kind == code)
        root[own] = own[_attachment(rng, len(own), kind.fresh, kind.opening, kind.window)]
    opens = root == np.arange(bursts)
    burst, offset = _self_exciting(rng, replies[burst_kind], opens & (rng.random(bursts) < answered[burst_kind]))
    if len(burst) < messages:  # rare, but with few messages chance is large
        return _bursts(rng, messages, spare * 1.5)
    order = np.lexsort((offset, burst))[:messages]
    burst, offset = burst[order], offset[order]
    roots, conversation = np.unique(root[: int(burst[-1]) + 1], return_inverse=True)
    return conversation[burst], burst_kind[roots], burst, offset


def _self_exciting(rng: Generator, replies: NDArray[np.float64], answered: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """For each message its burst, and the milliseconds since the burst began.

    Every message sets off Poisson(`replies` of its burst) others (Hawkes and Oakes 1974, the cluster form of a
    self-exciting process), most within the minute and some after a while; `answered` bursts have one reply at least.
    """
    burst, offset = np.arange(len(replies)), np.zeros(len(replies), dtype=np.int64)
    children = np.maximum(rng.poisson(replies), answered)
    bursts, offsets = [burst], [offset]
    while children.any():
        burst, offset = np.repeat(burst, children), np.repeat(offset, children)
        pause_ms = rng.standard_exponential(len(burst)) * np.where(rng.random(len(burst)) < 0.75, 45_000.0, 900_000.0)
        offset = np.minimum(offset + 1 + pause_ms.astype(np.int64), REPLIES_MAX_MS)
        bursts.append(burst)
        offsets.append(offset)
        children = rng.poisson(replies[burst])
    return np.concatenate(bursts), np.concatenate(offsets)


def _start_times(rng: Generator, burst: Ints, offset: Ints, until: int, days: int) -> Ints:
    """(messages,) when the burst of each message begins, milliseconds since 1970 UTC.

    Begins are a Poisson process whose rate follows the hours of the week, grows by a half over the window, and differs
    from day to day. A burst that would run past `until` or close to it begins earlier.
    """
    edges = until - HOUR_MS * np.arange(days * 24, -1, -1)
    hours = (edges[:-1] + HOUR_MS // 2) // HOUR_MS
    weekday = (hours // 24 + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    rate = np.where(weekday < 5, np.array(WORKDAY)[hours % 24], np.array(WEEKEND)[hours % 24])
    day_noise = rng.gamma(30.0, 1 / 30.0, days + 1)[hours // 24 - hours[0] // 24]
    clock = np.concatenate(([0.0], np.cumsum(rate * day_noise * np.linspace(1.0, 1.5, len(hours)))))
    starts = np.interp(np.sort(rng.random(int(burst[-1]) + 1)) * clock[-1], clock, edges).astype(np.int64)
    ends = np.zeros(len(starts), dtype=np.int64)
    ends[burst] = offset  # rows stand by burst and offset, so the last one written is the largest
    early = (rng.random(len(starts)) * HOUR_MS).astype(np.int64)  # or many bursts would end in one millisecond
    return np.asarray(np.minimum(starts, until - 1 - ends - early)[burst])


def _senders(rng: Generator, conversation: Ints, kind: Ints, users: int) -> tuple[Ints, NDArray[np.bool_]]:
    """(messages,) the sender of each row, and (messages,) whether the row says that somebody joined.

    Rows stand by conversation, then time. Two people answer each other in direct messages; elsewhere members join as
    talk goes on, the early ones talk most, and a message is often an answer to the one before it.
    """
    rows = np.arange(len(conversation))
    sizes = np.bincount(conversation, minlength=len(kind))
    starts = np.cumsum(sizes) - sizes
    rank = rows - starts[conversation]
    founders, joining = np.array([(k.founders, k.joining) for k in KINDS]).T[:, kind]
    founders += np.where(kind == DIRECT, 0, rng.geometric(0.5, len(kind)) - 1)
    joining *= rng.gamma(2.0, 0.5, len(kind))
    members = (founders[conversation] + joining[conversation] * rank**0.55).astype(np.int64)
    members = np.minimum(members, np.where(kind == DIRECT, 2, max(3, users // 2))[conversation])
    direct = kind[conversation] == DIRECT
    joins = (rank > 0) & (members > np.concatenate(([0], members[:-1])))
    # Direct messages: speaker changes with probability 0.72, at the second message always: both are there.
    changes = np.cumsum(direct & ((rank == 1) | ((rank > 1) & (rng.random(len(rows)) < 0.72))))
    turn = (changes - changes[starts][conversation]) % 2
    spoken = (members * rng.random(len(rows)) ** 1.8).astype(np.int64)
    spoken[joins] = members[joins] - 1
    answers = (rank >= 2) & ~joins & (rng.random(len(rows)) < 0.4)
    spoken = np.where(direct, turn, spoken[_origins(np.where(answers, rows - 2, rows))])
    seats = np.maximum.reduceat(members, starts)
    seat_start = np.cumsum(seats) - seats
    return _people(rng, np.repeat(np.arange(len(kind)), seats), users)[seat_start[conversation] + spoken], joins


def _people(rng: Generator, seat_conversation: Ints, users: int) -> Ints:
    """(seats,) who sits on each seat of each conversation, nobody twice: those who are in many are asked into more."""
    seats = len(seat_conversation)
    person = rng.integers(0, users, seats)[_attachment(rng, seats, fresh=0.1, opening=0.002, window=1.0)]
    while True:
        _, first = np.unique(seat_conversation * users + person, return_index=True)
        if len(first) == seats:
            return person
        again = np.setdiff1d(np.arange(seats), first)
        person[again] = rng.integers(0, users, len(again))  # ends: no conversation seats over half of the users


def _message_types(rng: Generator, conversation: Ints, sender: Ints, joins: NDArray[np.bool_], users: int) -> Ints:
    """(messages,) the type of each row: media is a habit of some people, and comes in rows of the same kind."""
    rows = np.arange(len(conversation))
    habit = rng.beta(0.9, 7.0, users)[sender]
    media = rng.choice((IMAGE, FILE, AUDIO, VIDEO), len(rows), p=(0.52, 0.24, 0.13, 0.11))
    types = np.where(rng.random(len(rows)) < habit, media, TEXT)
    follows = np.concatenate(([False], conversation[1:] == conversation[:-1])) & (rng.random(len(rows)) < 0.15)
    types = types[_origins(np.where(follows, rows - 1, rows))]
    return np.where(joins, SYSTEM, types)


def _lengths(rng: Generator, types: Ints, sender: Ints, users: int) -> Ints:
    """(messages,) characters: words added up for text and captions, file names, nothing for most media."""
    count = len(types)
    # The register of a text: a nod, a sentence or two, a paragraph, something pasted. Some people write more.
    register = rng.random(count) ** (1.45 - 0.9 * rng.beta(2.0, 2.0, users)[sender])
    nod, sentence = 1 + rng.poisson(0.8, count), 3 + rng.negative_binomial(2, 0.17, count)
    paragraph, pasted = 18 + rng.negative_binomial(2, 0.04, count), 7 * rng.geometric(0.035, count)
    words = np.select([register < 0.26, register < 0.84, register < 0.985], [nod, sentence, paragraph], pasted)
    captioned = rng.random(count) < np.array([1.0, 0.4, 0.0, 0.06, 0.25, 0.0])[types]
    words = np.where(types == TEXT, words, 1 + rng.poisson(4.0, count)) * captioned
    length = np.zeros(count, dtype=np.int64)
    for first in range(0, count, 100_000):  # in parts: a million messages are some twenty million words
        part = words[first : first + 100_000]
        letters = WORD_LETTERS[rng.integers(0, len(WORD_LETTERS), int(part.sum()), dtype=np.uint8)]
        written = np.concatenate(([0], np.cumsum(letters, dtype=np.int64)))
        end = np.cumsum(part)
        length[first : first + 100_000] = written[end] - written[end - part] + np.maximum(part - 1, 0)
    length = np.where(types == FILE, 5 + rng.negative_binomial(4, 0.2, count), length)  # a name and its ending
    return np.where(types == SYSTEM, 24 + rng.binomial(20, 0.3, count), length)  # "<name> joined the conversation"
