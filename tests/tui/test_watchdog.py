"""The watchdog sees what stands in the way of an app."""

from __future__ import annotations

import asyncio
import time

from textual.app import App, ComposeResult
from textual.widgets import Label

from tests.tui.watchdog import watching

# Not to be measured against the clock: the block itself is what is looked for.
BLOCKED = 0.3


class Slow(App[None]):
    """w waits on the loop, c computes on it, t waits in a thread."""

    BINDINGS = [("w", "wait", ""), ("c", "compute", ""), ("t", "thread", "")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """Something to see."""
        yield Label("slow")

    def action_wait(self) -> None:
        """Blocks without computing."""
        time.sleep(BLOCKED)

    def action_compute(self) -> None:
        """Blocks by computing."""
        end = time.thread_time() + BLOCKED
        while time.thread_time() < end:
            pass

    async def action_thread(self) -> None:
        """Does not block."""
        await asyncio.to_thread(time.sleep, BLOCKED)


async def test_waiting_and_computing_are_seen_and_told_apart() -> None:
    async with Slow().run_test() as pilot:
        await pilot.pause()
        with watching() as watch:
            await pilot.press("t")
            await pilot.pause()
        assert watch.longest_cpu < BLOCKED
        with watching(asyncio.get_running_loop()) as watch:
            await pilot.press("w")
            await pilot.pause()
        assert watch.longest >= BLOCKED
        assert watch.longest_cpu < BLOCKED
        assert "Handle" in watch.culprit
        with watching() as watch:
            await pilot.press("c")
            await pilot.pause()
        assert watch.longest >= watch.longest_cpu >= BLOCKED


async def test_nothing_is_measured_outside_the_block() -> None:
    with watching() as watch:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(time.sleep, BLOCKED)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "sleep" not in watch.culprit
    assert watch.longest_cpu < BLOCKED
