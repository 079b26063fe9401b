"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from shapetui.errors import UsageError
from shapetui.tui.threads import in_thread

# A look at something that never answers, given up; the program must end all the same.
_GIVEN_UP = """
import asyncio, threading
from shapetui.tui.threads import in_thread

async def main():
    task = asyncio.create_task(in_thread(threading.Event().wait))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("given up")

asyncio.run(main())
"""


async def test_what_a_function_returns_or_raises_comes_back() -> None:
    here = threading.get_ident()

    def answer(one: int, *, two: int) -> tuple[int, int, bool]:
        return one, two, threading.get_ident() == here

    assert await in_thread(answer, 1, two=2) == (1, 2, False)

    def refuse() -> None:
        raise UsageError("no", "try another")

    with pytest.raises(UsageError, match="no") as caught:
        await in_thread(refuse)
    assert caught.value.hint == "try another"


async def test_the_loop_goes_on_meanwhile() -> None:
    released = threading.Event()
    waiting = asyncio.create_task(in_thread(released.wait, 30))
    await asyncio.sleep(0)
    assert not waiting.done()
    released.set()
    assert await waiting is True


async def test_an_answer_that_nobody_waits_for_any_more_is_dropped() -> None:
    released = threading.Event()
    problems: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: problems.append(context))
    before = set(threading.enumerate())
    waiting = asyncio.create_task(in_thread(released.wait, 30))
    await asyncio.sleep(0)
    [thread] = set(threading.enumerate()) - before
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    released.set()
    await asyncio.to_thread(thread.join)
    # Its answer has come into the loop by now, before this one.
    await in_thread(int)
    assert problems == []


def test_an_answer_after_the_end_of_the_loop_is_no_error() -> None:
    released = threading.Event()
    problems: list[object] = []

    async def main() -> None:
        task = asyncio.create_task(in_thread(released.wait, 30))
        await asyncio.sleep(0)
        task.cancel()

    before = set(threading.enumerate())
    usual, threading.excepthook = threading.excepthook, problems.append
    try:
        asyncio.run(main())
        left = [thread for thread in threading.enumerate() if thread not in before]
        released.set()
        for thread in left:
            thread.join(30)
    finally:
        threading.excepthook = usual
    assert problems == []


def test_the_program_ends_though_a_look_never_does() -> None:
    done = subprocess.run([sys.executable, "-c", _GIVEN_UP], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "given up\n", "")
