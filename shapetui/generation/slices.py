"""Time slices: the rows of slice j are the difference of two vectors of counts, so any slice can be made alone.

Slices cover the window in order and rows within a slice are sorted by time, so the heap is filled as in production:
conversations interleaved, which is what decides how many pages an index scan touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray, IntArray
from shapetui.errors import PlanError
from shapetui.generation.conversations import Conversations
from shapetui.generation.plan import Plan
from shapetui.generation.randomness import derive_key, uniform

# One slice is one transaction and a few arrays of this many rows; larger slices buy no speed, smaller ones cost
# a commit each.
ROWS_PER_SLICE: Final = 98_304
# Conversations looked at to place the edges of the slices; edges need not be exact, only even enough.
_SAMPLED: Final = 8_192
# Above any time within a slice (2^40 ms are 34 years), so that groups never run into each other below.
_APART: Final = 1 << 40


@dataclass(frozen=True)
class SliceRows:
    """The messages of one slice, sorted by time.

    Attributes:
        first: id of the first row; the rows of all slices are numbered through.
        conversation: (n,) index of the conversation.
        position: (n,) 0-based number of the message within its conversation.
        created_ms: (n,) milliseconds since 1970, strictly increasing within each conversation.
    """

    first: int
    conversation: IntArray
    position: IntArray
    created_ms: IntArray


@dataclass(frozen=True)
class Slices:
    """All slices of a plan."""

    plan: Plan
    conversations: Conversations
    rows_per_slice: int = ROWS_PER_SLICE

    @property
    def count(self) -> int:
        """How many slices there are: at least one."""
        return max(1, -(-self.conversations.messages // self.rows_per_slice))

    @cached_property
    def edges(self) -> FloatArray:
        """(count + 1,) warped times from 0 to 1, at about equal numbers of messages."""
        rooms = self.conversations
        step = max(1, rooms.size.size // _SAMPLED)
        # The largest rooms are all looked at; of the rest every `step`-th, counted that many times.
        large = np.argsort(-rooms.size, kind="stable")[: _SAMPLED // 2]
        rest = np.arange(0, rooms.size.size, step)
        rest = rest[~np.isin(rest, large)]
        rows = np.concatenate([large, rest])
        weight = np.concatenate([np.ones(large.size), np.full(rest.size, float(step))])
        grid = np.linspace(0.0, 1.0, 513)
        mass = np.array(
            [
                (weight * rooms.size[rows] * np.clip((t - rooms.start[rows]) / rooms.life[rows], 0.0, 1.0)).sum()
                for t in grid
            ]
        )
        if not mass[-1] > 0:
            return np.linspace(0.0, 1.0, self.count + 1)
        # A little of the uniform keeps the edges apart where no message is.
        mass = 0.98 * mass / mass[-1] + 0.02 * grid
        edges = np.interp(np.linspace(0.0, 1.0, self.count + 1), mass, grid)
        edges[0], edges[-1] = 0.0, 1.0
        return edges

    @cached_property
    def edge_ms(self) -> IntArray:
        """(count + 1,) the edges in milliseconds since 1970; the last is the end of the window, beyond any row."""
        edges = self.plan.clock.time(self.edges)
        edges[0], edges[-1] = self.plan.clock.start_ms, self.plan.clock.end_ms
        return edges

    def refuse_crowded(self) -> None:
        """Raises PlanError when a slice could hold more messages of a conversation than it has milliseconds."""
        rooms = self.conversations
        most = np.floor(float((rooms.size / rooms.life).max()) * np.diff(self.edges)) + 2
        most = np.minimum(most, rooms.size.max())
        if (most > np.diff(self.edge_ms)).any():
            window = self.plan.clock.end_ms - self.plan.clock.start_ms
            raise PlanError(
                f"{rooms.messages:,} messages do not fit into a window of {window / 1000:,.0f} s",
                "generate fewer messages, or from a config with a longer window",
            )

    def rows(self, index: int) -> SliceRows:
        """The messages of one slice. `refuse_crowded` has made sure that they fit between its edges."""
        rooms, clock = self.conversations, self.plan.clock
        left, right = float(self.edges[index]), float(self.edges[index + 1])
        left_ms, right_ms = int(self.edge_ms[index]), int(self.edge_ms[index + 1])
        before, after = rooms.written_by(left) if index else np.zeros_like(rooms.size), rooms.written_by(right)
        written = after - before
        active = np.flatnonzero(written)
        count = written[active]
        total = int(count.sum())
        if not total:
            empty = np.zeros(0, dtype=np.int64)
            return SliceRows(int(before.sum()), empty, empty, empty)
        if int(count.max()) > right_ms - left_ms:
            raise ValueError(f"{int(count.max())} messages of one conversation in {right_ms - left_ms} ms")
        group = np.repeat(np.arange(active.size), count)
        step = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        begin = np.maximum(rooms.start[active], left)
        end = np.minimum(rooms.start[active] + rooms.life[active], right)
        warped = begin[group] + self._spread(index, group, step, count) * np.maximum(end - begin, 0.0)[group]
        # A message may be no earlier than its room, no later than the slice, and the last one is where the
        # conversation's row says that it is.
        earliest = np.maximum(left_ms, np.minimum(clock.time(rooms.start[active]), right_ms - count))
        final = after[active] == rooms.size[active]
        latest = np.where(final, self._last_ms(active, index, earliest, count), right_ms - 1)
        created = clock.time(warped)
        is_last = final[group] & (step == count[group] - 1)
        created = np.where(is_last, latest[group], created)
        created = np.clip(created, earliest[group] + step, latest[group] - (count[group] - 1 - step))
        created = _strictly_increasing(created - left_ms, group, step) + left_ms
        order = np.argsort(created, kind="stable")
        return SliceRows(
            first=int(before.sum()),
            conversation=active[group][order],
            position=(before[active][group] + step)[order],
            created_ms=created[order],
        )

    def _spread(self, index: int, group: IntArray, step: IntArray, count: IntArray) -> FloatArray:
        """(n,) increasing fractions 0..1 within each group: order statistics of uniforms, from exponential gaps."""
        key = derive_key(self.plan.seed, "gaps", index)
        gaps = -np.log1p(-uniform(key, np.arange(group.size + count.size)))
        sums = np.cumsum(gaps)
        # Each group takes one gap more than it has messages: the one behind its last message.
        place = np.arange(group.size) + group
        last = np.cumsum(count + 1) - 1
        base = np.concatenate([[0.0], sums[last[:-1]]])
        return np.asarray((sums[place] - base[group]) / np.maximum(sums[last] - base, 1e-300)[group])

    def _last_ms(self, rows: IntArray, index: int | IntArray, earliest: IntArray, count: IntArray) -> IntArray:
        """Time of the last message of each conversation, given the slice in which it falls."""
        natural = self.plan.clock.time(self.conversations.last_message()[rows])
        return np.clip(natural, earliest + count - 1, self.edge_ms[np.asarray(index) + 1] - 1)

    def last_message_ms(self) -> IntArray:
        """(C,) time of each conversation's last message; of its begin where it has none.

        The same arithmetic as in `rows`, for all conversations at once: the slice of the last message is the first
        at whose right edge everything is written.
        """
        rooms = self.conversations
        everyone = np.arange(rooms.size.size)
        index = np.clip(np.searchsorted(self.edges, rooms.last_message(), side="right") - 1, 0, self.count - 1)
        for _ in range(3):
            # Rounding may put a last message on the other side of an edge than `written_by` does.
            index = np.where((index > 0) & (self._written(index, everyone) == rooms.size), index - 1, index)
            index = np.where(
                (self._written(index + 1, everyone) < rooms.size) & (index + 1 < self.count), index + 1, index
            )
        count = rooms.size - np.where(index > 0, self._written(index, everyone), 0)
        edge = self.edge_ms[index + 1]
        earliest = np.maximum(self.edge_ms[index], np.minimum(self.plan.clock.time(rooms.start), edge - count))
        last = self._last_ms(everyone, index, earliest, count)
        return np.where(rooms.size > 0, last, self.plan.clock.time(rooms.start))

    def _written(self, edge: IntArray, rows: IntArray) -> IntArray:
        """(C,) messages of each conversation up to an edge of its own."""
        rooms = self.conversations
        warped = self.edges[edge]
        elapsed = np.clip((warped - rooms.start[rows]) / rooms.life[rows], 0.0, 1.0)
        size = rooms.size[rows]
        counted = np.minimum(np.floor(size * elapsed + rooms.phase[rows]).astype(np.int64), size)
        return np.where(edge >= self.count, size, counted)


def _strictly_increasing(offset: IntArray, group: IntArray, step: IntArray) -> IntArray:
    """The smallest strictly increasing sequence per group that is nowhere below `offset` (ms within the slice)."""
    lifted = np.maximum.accumulate(offset - step + group * _APART)
    return lifted - group * _APART + step
