"""`Wire`: the terminal as a file that never lets the app wait, however slow, stalled or gone the terminal is."""

from __future__ import annotations

import os
import re
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from shapetui.tui.picture import Picture

# Modes, questions to the terminal, the keyboard protocol, the clipboard and the title, the bell: they draw nothing.
_CONTROL: Final = re.compile(r"(?:\x1b\[[<=>?][\d;]*\$?[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07)*")
_SYNC: Final = ("\x1b[?2026h", "\x1b[?2026l")
_OTHER_SCREEN: Final = "\x1b[?1049h"


class Wire:
    """A file for what Textual's driver writes. Frames go into a picture, and a thread of its own sends what the
    terminal lacks of it; while that thread waits for the terminal, newer frames take the place of older ones.

    Thread-safe. Each `write` is one frame or control sequences, as Textual writes them.

    Args:
        descriptor: the terminal.
        gone: called once, in another thread, when the terminal cannot be written to any more.
    """

    def __init__(self, descriptor: int, gone: Callable[[], None], encoding: str = "utf-8") -> None:
        self._descriptor, self._gone, self._encoding = descriptor, gone, encoding
        self._picture = Picture(80, 25)
        self._changed = threading.Condition()
        # None stands for what the picture lacks at the time of sending: once is enough, and as early as it can be.
        self._queue: deque[str | None] = deque()
        self._sync = False
        self._sending = False
        self._broken = False
        self._thread: threading.Thread | None = None

    def write(self, data: str) -> int:
        """Takes it in; never waits for the terminal."""
        with self._changed:
            if data in _SYNC:
                # Said around what is really sent.
                self._sync = True
            elif not data or self._broken:
                pass
            elif self._picture.draw(data):
                self._send_picture()
            elif _CONTROL.fullmatch(data):
                self._queue.append(data)
                if _OTHER_SCREEN in data:
                    # It is empty, also when it is entered again after a stop, and nobody draws it then.
                    self._again()
            else:
                # Something is drawn in words that are not known: passed on as it is, and nothing is sure after it.
                self._not_before_now()
                self._queue += [self._picture.difference(), data]
                self._picture.clear()
            if self._thread is None and self._queue:
                # A daemon: a terminal that takes nothing must not keep the program from ending.
                self._thread = threading.Thread(target=self._send, name="terminal", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what is written is on its way."""

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size; what it shows is not known until the app has drawn it anew."""
        with self._changed:
            if (width, height) != (self._picture.width, self._picture.height):
                self._picture.clear(width, height)

    def redraw(self) -> None:
        """Sends the whole picture again, for a terminal on which something else has written."""
        with self._changed:
            self._again()
            self._changed.notify_all()

    def finish(self, seconds: float) -> bool:
        """Waits until everything is sent, at most so long; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._sending, seconds)

    def _again(self) -> None:
        self._picture.forget()
        self._not_before_now()
        self._send_picture()

    def _not_before_now(self) -> None:
        if None in self._queue:
            self._queue.remove(None)

    def _send_picture(self) -> None:
        if None not in self._queue:
            self._queue.append(None)

    def _send(self) -> None:
        while True:
            with self._changed:
                self._sending = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._queue)
                data = "".join(self._difference() if item is None else item for item in self._queue)
                self._queue.clear()
                self._sending = True
            try:
                self._write_all(data.encode(self._encoding, "replace"))
            except OSError:
                break
        with self._changed:
            self._broken, self._sending = True, False
            self._queue.clear()
            self._changed.notify_all()
        self._gone()

    def _difference(self) -> str:
        difference = self._picture.difference()
        return f"{_SYNC[0]}{difference}{_SYNC[1]}" if self._sync and difference else difference

    def _write_all(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                # Another program that shares the terminal has made it so.
                select.select([], [self._descriptor], [])
