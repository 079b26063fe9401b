"""What is known of a job at one moment, as an immutable value: the only way its news reaches a screen."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from shapetui.progress import Progress

T = TypeVar("T")
Outcome = Literal["running", "done", "failed", "cancelled"]

# Rows per second are those of the last seconds: a job that starts slowly, or resumes, is not told by its mean.
_RATE_SECONDS: Final = 5.0
_LOG_LINES: Final = 200


@dataclass(frozen=True)
class JobNews(Generic[T]):
    """A job at one moment.

    Attributes:
        phase, done, total: what is under way; of several at once the largest. `total` None = unknown.
        rate: rows per second over the last seconds; None before there are two points.
        eta: seconds until `total`; None while unknown. `seconds`: since the start.
        phases: the last news of every phase so far, in order of appearance.
        log: what happened, with the seconds since the start; the latest 200 lines.
        message, hint: how it ended: why it failed, or what cancelling left behind. `result`: what it returned.
    """

    job_id: int
    name: str
    database: str
    phase: str = ""
    done: int = 0
    total: int | None = None
    rate: float | None = None
    eta: float | None = None
    seconds: float = 0.0
    phases: tuple[Progress, ...] = ()
    log: tuple[str, ...] = ()
    outcome: Outcome = "running"
    message: str = ""
    hint: str = ""
    result: T | None = None

    @property
    def running(self) -> bool:
        """Whether more news will come."""
        return self.outcome == "running"


class Tracker:
    """Turns the progress of a job into what its news shows. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._phases: dict[str, Progress] = {}
        self._points: dict[str, deque[tuple[float, int]]] = {}
        self._latest = ""
        self._log: deque[str] = deque(maxlen=_LOG_LINES)

    def add(self, progress: Progress, seconds: float) -> None:
        """One piece of progress, `seconds` after the start."""
        if progress.phase not in self._phases:
            self.say(progress.phase, seconds)
        if progress.note and progress.note != getattr(self._phases.get(progress.phase), "note", ""):
            self.say(progress.note, seconds)
        self._phases[progress.phase] = progress
        self._latest = progress.phase
        points = self._points.setdefault(progress.phase, deque())
        if points and progress.done < points[-1][1]:
            # The phase has begun again, in another round.
            points.clear()
        # A point every tenth of the window is enough; a job may report a thousand times a second.
        if len(points) < 2 or seconds - points[-2][0] >= _RATE_SECONDS / 10:
            points.append((seconds, progress.done))
        else:
            points[-1] = (seconds, progress.done)
        while len(points) > 2 and points[1][0] <= seconds - _RATE_SECONDS:
            points.popleft()

    def say(self, text: str, seconds: float) -> None:
        """One line of the log."""
        self._log.append(f"{seconds:7.1f} s  {text}")

    @property
    def log(self) -> tuple[str, ...]:
        """The lines, oldest first."""
        return tuple(self._log)

    @property
    def phases(self) -> tuple[Progress, ...]:
        """The last news of each phase."""
        return tuple(self._phases.values())

    def headline(self) -> tuple[Progress, float | None, float | None]:
        """(the phase to show, rows per second, seconds left): the largest unfinished one, else the latest."""
        # A phase with a note counts what the others are parts of (the rounds of a loop).
        under_way = [p for p in self._phases.values() if p.total is not None and p.done < p.total and not p.note]
        shown = max(under_way, key=lambda p: p.total or 0, default=self._phases.get(self._latest, Progress("")))
        points = self._points.get(shown.phase, deque())
        if len(points) < 2 or points[-1][0] <= points[0][0] or points[-1][1] < points[0][1]:
            return shown, None, None
        rate = (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
        left = shown.total - shown.done if shown.total is not None else None
        return shown, rate, left / rate if left is not None and rate > 0 else None
