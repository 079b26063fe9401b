"""What long work hands to whoever watches it, and how it is told to stop.

Work calls `watch.report(...)` between slices and statements and `watch.check()` where it may stop; a statement under
way is cancelled in the server. Progress values are immutable, so they may cross threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from shapetui.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """One piece of news: the phase, how much of it is done (rows; `total` None = unknown), what there is to say."""

    phase: str
    done: int = 0
    total: int | None = None
    note: str = ""


class Cancellable(Protocol):
    """A database connection, as far as cancelling it goes (psycopg 3.2 or newer)."""

    def cancel_safe(self, *, timeout: float = ...) -> None:
        """Asks the server to end the statement under way; may be called from another thread."""


class Watch:
    """Carries progress out of a job and cancellation into it. Thread-safe."""

    def __init__(self, listener: Callable[[Progress], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._running: list[Cancellable] = []

    def report(self, phase: str, done: int = 0, total: int | None = None, note: str = "") -> None:
        """Hands on one piece of news."""
        if self._listener is not None:
            self._listener(Progress(phase, done, total, note))

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked for the work to stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raises Cancelled when somebody asked for the work to stop."""
        if self.cancelled:
            raise Cancelled("cancelled")

    def cancel(self) -> None:
        """Asks the work to stop and the server to end what it is doing for it. May be called more than once."""
        self._cancelled.set()
        with self._lock:
            running = list(self._running)
        for connection in running:
            # The connection may be gone or broken already; then there is nothing left to cancel.
            try:
                connection.cancel_safe(timeout=5.0)
            except Exception:  # noqa: S112 - cancelling must never fail louder than the work
                continue

    @contextmanager
    def over(self, connection: Cancellable) -> Iterator[None]:
        """While inside, `cancel` also ends this connection's statement."""
        self.check()
        with self._lock:
            self._running.append(connection)
        try:
            # Somebody may have asked between the first look and the registration; nobody would end a statement then.
            self.check()
            yield
        finally:
            with self._lock:
                self._running.remove(connection)
