"""Who is in which room, and who writes: users drawn in proportion to their activity, no one twice in a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.distributions import powerlaw
from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.distributions.discrete import grid_values
from shapetui.errors import PlanError
from shapetui.generation.conversations import Conversations
from shapetui.generation.plan import Plan
from shapetui.generation.randomness import Permutation, derive_key, hashed, uniform

# Rounds in which members drawn twice are drawn again by activity; after that by chance alone, then from those absent.
_ROUNDS_BY_ACTIVITY: Final = 12
_ROUNDS_BY_CHANCE: Final = 12
# Messages of the members of a room fall off like u^1.5: the first of two writes 63 %, the first of ten 22 %.
_SENDER_SKEW: Final = 1.5
# The activity, in messages, of those who never wrote: they are members here and there all the same.
_SILENT: Final = 0.5
# Where a config knows nothing of its senders: the exponent of messages per user.
_ACTIVITY_ALPHA: Final = 1.7
# They are held in memory, some 50 bytes each while they are drawn.
_MOST_MEMBERSHIPS: Final = 200_000_000


@dataclass(frozen=True)
class Members:
    """All memberships, room by room, the creator of each room first.

    Attributes:
        offset: (C + 1,) first membership of each conversation.
        user: (S,) user index of each membership.
    """

    offset: IntArray
    user: IntArray

    @property
    def conversation(self) -> IntArray:
        """(S,) conversation index of each membership."""
        return np.repeat(np.arange(self.offset.size - 1), np.diff(self.offset))

    @property
    def creator(self) -> IntArray:
        """(C,) user index of each conversation's creator."""
        return self.user[self.offset[:-1]]


def assign_members(plan: Plan, conversations: Conversations) -> Members:
    """Distinct members for every conversation; a room has at most as many as there are users.

    Raises PlanError for more memberships than fit into memory.
    """
    count = np.minimum(conversations.members, plan.users)
    offset = np.concatenate([[0], np.cumsum(count)])
    if offset[-1] > _MOST_MEMBERSHIPS:
        raise PlanError(
            f"{int(offset[-1]):,} memberships are beyond what one run generates",
            f"at most {_MOST_MEMBERSHIPS:,}: give fewer messages, or a config with smaller rooms",
        )
    room = np.repeat(np.arange(count.size), count)
    cumulative = _activity(plan)
    user = np.empty(room.size, dtype=np.int64)
    pending = np.arange(room.size)
    for attempt in range(_ROUNDS_BY_ACTIVITY + _ROUNDS_BY_CHANCE):
        drawn = uniform(derive_key(plan.seed, "members", attempt), pending)
        if attempt < _ROUNDS_BY_ACTIVITY:
            user[pending] = np.searchsorted(cumulative, drawn, side="right")
        else:
            user[pending] = (drawn * plan.users).astype(np.int64)
        pending = _repeated(room, user, plan.users)
        if not pending.size:
            break
    crowded, begin = np.unique(room[pending], return_index=True)
    for index, slots in zip(crowded.tolist(), np.split(pending, begin[1:]), strict=False):
        # Rooms with nearly everybody in them: the rest comes from those who are not there yet.
        inside = user[offset[index] : offset[index + 1]]
        absent = np.setdiff1d(np.arange(plan.users), inside)
        order = np.argsort(hashed(derive_key(plan.seed, "absent", index), absent), kind="stable")
        user[slots] = absent[order[: slots.size]]
    return Members(offset, user)


def senders(plan: Plan, members: Members, conversation: IntArray, first_row: int) -> IntArray:
    """(n,) user index of the sender of each message: a member of its conversation, the early ones more often."""
    chance = uniform(derive_key(plan.seed, "sender"), first_row + np.arange(conversation.size))
    size = members.offset[conversation + 1] - members.offset[conversation]
    place = np.minimum((chance**_SENDER_SKEW * size).astype(np.int64), size - 1)
    return np.asarray(members.user[members.offset[conversation] + place])


def _activity(plan: Plan) -> FloatArray:
    """(users,) cumulative share of activity, in keyed order of the users; the last is 1."""
    law = plan.model.activity or powerlaw.truncated(_ACTIVITY_ALPHA, 1, 10_000)
    order = Permutation(plan.users, derive_key(plan.seed, "activity"))(np.arange(plan.users))
    sums = np.cumsum(grid_values(law, plan.users)[order] + _SILENT)
    sums /= sums[-1]
    sums[-1] = 1.0
    return sums


def _repeated(room: IntArray, user: IntArray, users: int) -> IntArray:
    """Memberships whose user has an earlier membership in the same room."""
    key = room * users + user
    order = np.argsort(key, kind="stable")
    again = order[1:][key[order[1:]] == key[order[:-1]]]
    return np.sort(again)
