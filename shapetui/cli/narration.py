"""Progress on stderr: a rich bar on a terminal, a line every few seconds otherwise; ctrl-C cancels cleanly."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from shapetui.progress import Progress, Watch

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

# Without a terminal nobody watches: a line now and then, for the log of a CI run.
_SECONDS_BETWEEN_LINES: Final = 3.0


@contextmanager
def narrated(command: str) -> Iterator[Watch]:
    """A watch whose news is shown and which SIGINT, SIGTERM and SIGHUP cancel; a second signal interrupts at once."""
    terminal = sys.stderr.isatty()
    listener: _Lines | _Bars = _Bars() if terminal else _Lines(command)
    watch = Watch(listener.hear)
    with _cancelling(watch), listener:
        yield watch


@contextmanager
def _cancelling(watch: Watch) -> Iterator[None]:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if watch.cancelled:
            raise KeyboardInterrupt
        # Cancelling talks to the server; a signal handler must not wait for that.
        threading.Thread(target=watch.cancel, daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Lines:
    """News as lines: one per phase, and one every few seconds within it."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._phase = ""
        self._last = 0.0
        self._begun = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def hear(self, news: Progress) -> None:
        """Prints a line when it is due."""
        with self._lock:
            moment = time.monotonic()
            if news.phase != self._phase:
                self._phase, self._begun = news.phase, moment
            elif moment - self._last < _SECONDS_BETWEEN_LINES:
                return
            if moment - self._last < _SECONDS_BETWEEN_LINES and news.total is not None and news.done:
                return
            self._last = moment
            sys.stderr.write(f"shapetui {self._command}: {_sentence(news, moment - self._begun)}\n")
            sys.stderr.flush()


class _Bars:
    """News as a bar per phase with rows, rows per second and time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._bars: Bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[rows]:>24}"),
            TextColumn("{task.fields[rate]:>14}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            refresh_per_second=5,
            transient=True,
        )
        self._tasks: dict[str, tuple[TaskID, float, int]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> _Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def hear(self, news: Progress) -> None:
        """Moves the bar of a phase; a phase that another follows is complete."""
        with self._lock:
            moment = time.monotonic()
            if news.phase not in self._tasks:
                task = self._bars.add_task(news.phase, total=news.total, rows="", rate="")
                self._tasks[news.phase] = task, moment, news.done
            task, begun, first = self._tasks[news.phase]
            fields: dict[str, Any] = {"rows": news.note, "rate": ""}
            if news.total is not None and not news.note:
                fields["rows"] = f"{news.done:,} / {news.total:,}"
                if moment - begun > 0.5:
                    fields["rate"] = f"{(news.done - first) / (moment - begun):,.0f}/s"
            self._bars.update(task, completed=news.done, total=news.total, **fields)


def _sentence(news: Progress, seconds: float) -> str:
    if news.note:
        return f"{news.phase}: {news.note}"
    if news.total is None or not news.done:
        return news.phase
    rate = f", {news.done / seconds:,.0f} rows/s" if seconds > 0.5 else ""
    return f"{news.phase} {news.done:,} of {news.total:,} ({news.done / max(news.total, 1):.0%}){rate}"
