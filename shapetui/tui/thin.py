"""Textual's driver, mended for terminals that are far away: it sends only what has changed, it never makes the app wait
for a terminal that is slow, and a terminal that is gone ends the app as a hangup does.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import threading
from codecs import getincrementaldecoder
from io import TextIOWrapper
from typing import Any, Final, cast

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from shapetui.tui.wire import Wire

# The last bytes leave the other screen; a stalled terminal, which does not take them, must not hold up the end.
_LAST_SECONDS: Final = 1.0
# Textual's: how often it looks whether an escape was a key of its own.
_LOOK_SECONDS: Final = 0.1


class _Bell(threading.Event):
    """An event that also wakes who waits for input: `listener` has something to read while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.listener, self._rope = socket.socketpair()

    def set(self) -> None:
        super().set()
        self._rope.send(b"!")

    def clear(self) -> None:
        if self.is_set():
            self.listener.recv(4096)
        super().clear()


class ThinDriver(LinuxDriver):
    """Textual's driver with another end: a `Wire` instead of a file, and an input thread that knows when it is over."""

    def __init__(
        self, app: Any, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._hung_up = threading.Lock()
        # Textual's is looked at ten times a second, and every end of the app waits for that.
        self.exit_event = self._bell = _Bell()
        # Textual's choice is standard error; with that in a file (2>log) nothing would be seen.
        stream = next((one for one in (sys.__stderr__, sys.__stdout__) if one is not None and one.isatty()), None)
        self._wire: Wire | None = None
        if stream is not None:
            self._wire = Wire(stream.fileno(), self._hang_up, stream.encoding)
            self._file = cast(TextIOWrapper, self._wire)

    def redraw(self) -> None:
        """Sends the whole screen again, for a terminal on which something else has written."""
        if self._wire is not None:
            self._wire.redraw()

    def _get_terminal_size(self) -> tuple[int, int]:
        size = self._measured() or super()._get_terminal_size()
        # Textual asks at the start and when the size has changed.
        if self._wire is not None:
            self._wire.resize(*size)
        return size

    def _measured(self) -> tuple[int, int] | None:
        """What the terminal itself says; Textual believes COLUMNS and LINES of the environment before it."""
        try:
            width, height = os.get_terminal_size(self._wire.fileno() if self._wire is not None else -1)
        except OSError:
            return None
        return (width, height) if width and height else None

    def process_message(self, message: Message) -> None:
        """Passes it on; some terminals say in band how large they are."""
        if isinstance(message, events.Resize) and self._wire is not None:
            self._wire.resize(message.size.width, message.size.height)
        super().process_message(message)

    def close(self) -> None:
        """Ends the output, when the terminal has taken it or does not take it."""
        super().close()
        if self._wire is not None:
            self._wire.finish(_LAST_SECONDS)

    def run_input_thread(self) -> None:
        """Reads keys. As Textual's, which asks a terminal that is gone for more, without a pause, for ever."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._bell.listener, selectors.EVENT_READ)
            while not self._bell.is_set():
                if any(key.fd == self.fileno for key, _ in selector.select(_LOOK_SECONDS)):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        self._hang_up()
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass

    def _hang_up(self) -> None:
        """What a terminal does whose session we lead; the app ends in one way for both."""
        if self._hung_up.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGHUP)
