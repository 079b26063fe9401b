"""A program in a process of its own on a pseudo-terminal, as a person has it: what it sends, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

PATIENCE = 60.0
ROOT = Path(__file__).parents[2]
SHAPETUI = (sys.executable, "-m", "shapetui")


class Terminal:
    """A running program; `screen` is what a person sees, `sent` every byte so far, `last` when the last ones came and
    `over` when it had ended (seconds of the monotonic clock).

    Args:
        command: the program and its arguments, e.g. `[*SHAPETUI, folder]`.
        environment: what is added to this process's own.
        leads: whether the terminal is the program's controlling one, so that closing it is a hangup.
        rate: bytes per second that are read at most; 0: as fast as they come.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        width: int = 120,
        height: int = 40,
        environment: Mapping[str, str] | None = None,
        leads: bool = True,
        rate: float = 0,
    ) -> None:
        self.screen = pyte.Screen(width, height)
        self.sent = b""
        self.last = self.over = time.monotonic()
        self._stream = pyte.ByteStream(self.screen)
        self._rate, self._due = rate, 0.0
        self._master, slave = pty.openpty()
        self._set_size(width, height)
        chosen = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT), **(environment or {})}
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **chosen},
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if leads else None,
        )
        os.close(slave)

    # -- hands

    def press(self, keys: str) -> None:
        """Sends keys as a terminal does."""
        os.write(self._master, keys.encode())

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size."""
        self.screen.resize(height, width)
        self._set_size(width, height)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """Closes the window."""
        os.close(self._master)
        self._master = -1

    # -- eyes

    def watch(self, seconds: float) -> int:
        """Takes in what comes in so long; how many bytes that was."""
        before, end = len(self.sent), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(left)
        return len(self.sent) - before

    def until(self, seen: Callable[[str], object]) -> None:
        """Waits until the screen shows something."""
        end = time.monotonic() + PATIENCE
        while not seen(self.text):
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None, self.text
            self._take(0.05)

    def quiet(self, seconds: float = 0.7) -> int:
        """Waits until nothing has come for so long; the bytes that came before."""
        end = time.monotonic() + PATIENCE
        before = len(self.sent)
        while self._take(seconds):
            assert time.monotonic() < end, "it never stops sending"
        return len(self.sent) - before

    def answer(self, seconds: float = 0.7) -> int:
        """Waits until something comes, and then until nothing has come for so long; how many bytes that was."""
        end = time.monotonic() + PATIENCE
        before = len(self.sent)
        while not self._take(0.05):
            assert time.monotonic() < end, "nothing comes"
        self.quiet(seconds)
        return len(self.sent) - before

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.screen.display)

    # -- the end

    def ended(self) -> int:
        """Waits for the process, taking in what it still sends; its exit status (negative: killed by that signal)."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            self._take(0.01)
        self.over = time.monotonic()
        while self._take(0.2):
            pass
        return self.process.returncode

    def close(self) -> None:
        """Ends the process if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._master >= 0:
            self.hang_up()

    def _take(self, seconds: float) -> int:
        """One piece of what comes, waiting at most so long for it; its length."""
        if self._master < 0:
            time.sleep(seconds)
            return 0
        # To wait for the rate is not to hear nothing.
        time.sleep(max(0.0, self._due - time.monotonic()))
        if not select.select([self._master], [], [], seconds)[0]:
            return 0
        try:
            chunk = os.read(self._master, max(1, int(self._rate / 20)) if self._rate else 65536)
        except OSError:
            return 0
        self.last = time.monotonic()
        self._due = self.last + len(chunk) / self._rate if self._rate else 0.0
        self.sent += chunk
        self._stream.feed(chunk)
        return len(chunk)

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
