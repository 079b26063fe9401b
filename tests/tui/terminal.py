"""The app in a process of its own on a pseudo-terminal, as a person has it: what it sends, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

PATIENCE = 30.0
_PROGRAM = """
import sys
from pathlib import Path
from shapetui.database.target import Target
from shapetui.documents.workspace import Workspace
from shapetui.tui.app import ShapetuiApp
app = ShapetuiApp(Workspace(Path(sys.argv[1])), Target.parse("embedded:nobody"))
app.run()
sys.exit(app.return_code)
"""


class Terminal:
    """A running app; `screen` is what a person sees, `sent` every byte so far."""

    def __init__(self, folder: Path, width: int = 120, height: int = 40) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": os.getcwd()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)

    def press(self, keys: str) -> None:
        """Sends keys as a terminal does."""
        os.write(self._master, keys.encode())

    def read(self, seconds: float) -> int:
        """Takes in what comes for so long; how many bytes that was."""
        before, end = len(self.sent), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                break
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                break
            self.sent += chunk
            self._stream.feed(chunk)
        return len(self.sent) - before

    def until(self, seen: Callable[[str], bool]) -> None:
        """Waits until the screen shows something."""
        end = time.monotonic() + PATIENCE
        while not seen(self.text):
            assert time.monotonic() < end, self.text
            self.read(0.05)

    def quiet(self, seconds: float = 0.7) -> int:
        """Waits until nothing has come for so long; the bytes that came before."""
        came, end = 0, time.monotonic() + PATIENCE
        while more := self.read(seconds):
            came += more
            assert time.monotonic() < end, "it never stops sending"
        return came

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.screen.display)

    def ended(self) -> int:
        """Waits for the process, taking in what it still sends; its exit status."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            self.read(0.05)
        self.read(0.2)
        return self.process.returncode

    def close(self) -> None:
        """Ends the process if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
