"""How long the event loop of an app stands still: for tests that nothing slow runs on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

_RUN: Final = asyncio.Handle._run


@dataclass
class LoopWatch:
    """What the callbacks of one loop have taken, each for itself: nothing else runs on the loop meanwhile.

    Attributes:
        longest: the longest one, in seconds by the clock: with what the thread waited for, and with the time in which
            the machine was busy with something else.
        longest_cpu: the most processor time that one has used in the loop's own thread, in seconds. A machine that is
            busy does not make it longer; waiting (a lock, a disk, a statement) is not in it.
        culprit: what ran when `longest` was measured.
    """

    longest: float = 0.0
    longest_cpu: float = 0.0
    culprit: str = ""

    def note(self, wall: float, cpu: float, handle: asyncio.Handle) -> None:
        """Takes in one callback."""
        self.longest_cpu = max(self.longest_cpu, cpu)
        if wall > self.longest:
            self.longest, self.culprit = wall, repr(handle)


@contextmanager
def watching(loop: asyncio.AbstractEventLoop | None = None) -> Iterator[LoopWatch]:
    """Measures every callback of a loop (the running one unless another is given) from now to the end of the block.

    The callback that enters or leaves the block is not measured.
    """
    watched = loop or asyncio.get_running_loop()
    watch = LoopWatch()

    def run(handle: Any) -> None:
        if handle._loop is not watched:
            _RUN(handle)
            return
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            _RUN(handle)
        finally:
            if asyncio.Handle._run is run:
                watch.note(time.perf_counter() - wall, time.thread_time() - cpu, handle)

    assert asyncio.Handle._run is _RUN, "one watch at a time"
    asyncio.Handle._run = run  # type: ignore[method-assign,assignment]
    try:
        yield watch
    finally:
        asyncio.Handle._run = _RUN  # type: ignore[method-assign]
