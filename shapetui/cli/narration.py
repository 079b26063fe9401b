"""Progress on stderr: rich bars on a terminal, a line every few seconds otherwise; ctrl-C cancels cleanly."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Final, Literal, Protocol

from shapetui.cli.console import narrate, stderr_console
from shapetui.progress import Cancellable, Progress, Watch

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

# Without a terminal nobody watches: a line now and then, for the log of a CI run.
_SECONDS_BETWEEN_LINES: Final = 3.0
# The tables of one database; what was complete long ago need not stay in sight.
_MOST_BARS: Final = 5
_CANCELLING: Final = "cancelling ... (once more to stop at once)"


@contextmanager
def narrated(command: str) -> Iterator[Watch]:
    """A watch whose news is shown and which SIGINT, SIGTERM and SIGHUP cancel; a second signal interrupts at once."""
    listener: _Narrator
    if sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown"):
        listener = _Bars()
    else:
        listener = _Lines(command)
    watch = _CountingWatch(listener)
    with _cancelling(watch, listener):
        try:
            yield watch
        except BaseException:
            listener.close(good=False)
            raise
        listener.close(good=True)


class _Narrator(Protocol):
    """Who shows the news. May be called from several threads."""

    def hear(self, news: Progress) -> None:
        """Takes in one piece of news."""

    def say(self, text: str) -> None:
        """Shows a sentence at once."""

    def close(self, *, good: bool) -> None:
        """Shows no more; `good`: the work was done."""


class _CountingWatch(Watch):
    """A watch that knows whether a database is being worked on, so that there is something to cancel cleanly."""

    def __init__(self, listener: _Narrator) -> None:
        super().__init__(listener.hear)
        self.connections = 0

    @contextmanager
    def over(self, connection: Cancellable) -> Iterator[None]:
        """As Watch.over, counted."""
        with super().over(connection):
            self.connections += 1
            try:
                yield
            finally:
                self.connections -= 1


@contextmanager
def _cancelling(watch: _CountingWatch, listener: _Narrator) -> Iterator[None]:
    def cancel() -> None:
        try:
            listener.say(_CANCELLING)
        finally:
            watch.cancel()

    told = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        # Connecting, starting a server, reading a file: nothing that would have to be ended in order.
        if told or not watch.connections:
            raise KeyboardInterrupt
        told = True
        # Cancelling talks to the server; a signal handler must not wait for that.
        threading.Thread(target=cancel, daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # What our parent has us ignore (nohup, a shell's background job) stays ignored.
    before = {number: handler for number in numbers if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class _Phase:
    """What is known of one phase: its last news, and when and at how many rows it began."""

    news: Progress
    begun: float
    first: int

    @property
    def counted(self) -> bool:
        """Whether it counts rows; otherwise it is one step, or one step of several with a name each."""
        return self.news.total is not None and not self.news.note

    @property
    def complete(self) -> bool:
        """Whether all of it is done."""
        return self.news.total is not None and self.news.done >= self.news.total

    def sentence(self, moment: float) -> str:
        """`messages 1,200,000 of 3,000,000 (40 %), 390,000 rows/s, 5 s left`."""
        news = self.news
        if news.total is None:
            return f"{news.phase}: {news.note}" if news.note else news.phase
        if news.note:
            step = f"{news.phase} {min(news.done + 1, news.total)} of {news.total}: {news.note}"
            return f"{step} ({moment - self.begun:.0f} s)"
        text = f"{news.phase} {news.done:,} of {news.total:,} ({news.done / max(news.total, 1):.0%})"
        seconds = moment - self.begun
        rate = (news.done - self.first) / seconds if seconds > 0.5 else 0.0
        if rate and not self.complete:
            text += f", {rate:,.0f} rows/s, {_duration((news.total - news.done) / rate)} left"
        return text


class _Lines:
    """News as lines: where everything stands, every few seconds, and what was done at the end."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._begun = time.monotonic()
        self._phases: dict[str, _Phase] = {}
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="shapetui progress", daemon=True)
        self._ticker.start()

    def hear(self, news: Progress) -> None:
        """Keeps the news for the next line."""
        moment = time.monotonic()
        with self._lock:
            known = self._phases.get(news.phase)
            if known is None or (known.complete and news.done < known.news.done):
                # A new phase ends the steps before it, not the counts, which several threads report at once.
                self._phases = {name: phase for name, phase in self._phases.items() if phase.counted}
                self._phases[news.phase] = _Phase(news, moment, news.done)
            else:
                known.news = news

    def say(self, text: str) -> None:
        """A line of its own."""
        narrate(f"shapetui {self._command}: {text}")

    def close(self, *, good: bool) -> None:
        """The closing line."""
        self._end.set()
        self._ticker.join()
        if good:
            with self._lock:
                done = [f"{phase.news.done:,} {name}" for name, phase in self._phases.items() if phase.counted]
            took = _duration(time.monotonic() - self._begun)
            self.say(f"done in {took}" + (f": {', '.join(done)}" if done else ""))

    def _tick(self) -> None:
        while not self._end.wait(_SECONDS_BETWEEN_LINES):
            moment = time.monotonic()
            with self._lock:
                open_ = [phase.sentence(moment) for phase in self._phases.values() if not phase.complete]
            if open_:
                self.say("; ".join(open_))


class _Bars:
    """News as a bar per phase with rows, rows per second and time left. They vanish at the end."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        console = stderr_console()

        def column(width: int, justify: Literal["left", "right"] = "left") -> Column:
            return Column(min_width=width, justify=justify, no_wrap=True)

        # Widths that the longest of our usual numbers fit in, so that nothing moves but the bar.
        columns: list[ProgressColumn] = [
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", markup=False, table_column=column(18)),
            BarColumn(bar_width=10 if console.width >= 96 else 6),
            TextColumn("{task.fields[rows]}", markup=False, table_column=column(18)),
            TextColumn("{task.fields[rate]}", markup=False, table_column=column(14, "right")),
            TextColumn("{task.fields[left]}", markup=False, table_column=column(11, "right")),
        ]
        if console.width >= 96:
            columns.append(TimeElapsedColumn())
        self._bars: Bars = Progress(*columns, console=console, refresh_per_second=5, transient=True)
        self._tasks: dict[str, tuple[TaskID, _Phase]] = {}
        self._lock = threading.Lock()
        with suppress(OSError):
            self._bars.start()

    def hear(self, news: Progress) -> None:
        """Moves the bar of a phase; one that counts nothing ends when another begins."""
        with self._lock, suppress(OSError):
            known = self._tasks.get(news.phase)
            if known is None or (known[1].complete and news.done < known[1].news.done):
                if known is not None:
                    self._bars.remove_task(known[0])
                    del self._tasks[news.phase]
                self._make_room()
                task = self._bars.add_task(
                    news.phase, total=news.total, completed=news.done, rows=news.note, rate="", left=""
                )
                self._tasks[news.phase] = task, _Phase(news, time.monotonic(), news.done)
            task, phase = self._tasks[news.phase]
            phase.news = news
            rows, rate, left = news.note, "", ""
            if news.total is not None and phase.counted:
                rows = f"{news.done:,} of {news.total:,}"
                seconds = time.monotonic() - phase.begun
                speed = (news.done - phase.first) / seconds if seconds > 0.5 else 0.0
                if speed:
                    rate = f"{speed:,.0f} rows/s"
                    left = "" if phase.complete else f"{_duration((news.total - news.done) / speed)} left"
            elif news.total is not None and not phase.complete:
                rows = f"{news.done + 1} of {news.total}: {news.note}"
            self._bars.update(task, completed=news.done, total=news.total, rows=rows, rate=rate, left=left)

    def say(self, text: str) -> None:
        """A line above the bars."""
        with suppress(OSError):
            self._bars.console.print(text)

    def close(self, *, good: bool) -> None:
        """Takes the bars away."""
        with suppress(OSError):
            self._bars.stop()

    def _make_room(self) -> None:
        """Takes away steps, which end when another phase begins, and the oldest of what is complete."""
        for name, (task, phase) in list(self._tasks.items()):
            if phase.news.total is None or (phase.complete and len(self._tasks) >= _MOST_BARS):
                self._bars.remove_task(task)
                del self._tasks[name]


def _duration(seconds: float) -> str:
    """`4.2 s`, `5 min 03 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
