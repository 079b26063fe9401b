"""`JobRunner`: long work in threads, one job at a time per database; its news, its cancelling, its end.

Nothing here blocks the caller but `Job.wait` and `cancel_all`, which say so. Each job has two threads: one works, the
other hands on the news, so that a slow screen never slows the work and the last news is always the last.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Final, Generic, TypeVar

import psycopg

from shapetui.database.bug_log import save_traceback
from shapetui.database.target import redact
from shapetui.errors import Cancelled, ShapetuiError
from shapetui.progress import Progress, Watch
from shapetui.workbench.jobnews import JobNews, Outcome, Tracker

T = TypeVar("T")

# Five times a second is what an eye follows; a terminal over SSH pays for each.
NEWS_SECONDS: Final = 0.2

# Without a handler of its own, Python would print errors over the screen.
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())


class Busy(ShapetuiError):
    """Another job works on the database."""


class Job(Generic[T]):
    """One job, from its start to its end. Made by `JobRunner.start`. Thread-safe."""

    def __init__(
        self, news: JobNews[T], on_news: Callable[[JobNews[T]], None], every: float, also: tuple[str, ...] = ()
    ) -> None:
        self._first, self._on_news, self._every, self._also = news, on_news, every, also
        self._watch = Watch(self._progress)
        self._changed = threading.Condition()
        self._tracker = Tracker()
        self._begun = time.monotonic()
        # How often something changed, and how much of that was handed on.
        self._version, self._shown = 0, -1
        self._last: JobNews[T] | None = None
        self._told = threading.Event()
        self._canceller: threading.Thread | None = None

    @property
    def id(self) -> int:
        """Its number in this session."""
        return self._first.job_id

    @property
    def name(self) -> str:
        """What it does, for people."""
        return self._first.name

    @property
    def database(self) -> str:
        """The label of the database that it works on; of several, the first."""
        return self._first.database

    @property
    def databases(self) -> tuple[str, ...]:
        """The labels of all databases that it holds."""
        return tuple(dict.fromkeys((self._first.database, *self._also)))

    @property
    def state(self) -> JobNews[T]:
        """The job at this moment; the same value for ever once it has ended."""
        with self._changed:
            return self._last or self._news()

    def cancel(self) -> None:
        """Asks the job to stop, and the server to end its statement; returns at once. May be repeated."""
        with self._changed:
            if self._last is not None or (self._canceller is not None and self._canceller.is_alive()):
                return
            if not self._watch.cancelled:
                self._tracker.say("cancel", time.monotonic() - self._begun)
                self._version += 1
            # The server is asked over a connection of its own, which may take seconds.
            self._canceller = threading.Thread(target=self._watch.cancel, name=f"cancel job {self.id}", daemon=True)
            self._canceller.start()
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Blocks until the last news was handed on; whether it was."""
        return self._told.wait(timeout)

    def _run(self, work: Callable[[Watch], T], freed: Callable[[], None]) -> None:
        """The working thread. The database is free before the last news, so that its receiver can start the next."""
        outcome: Outcome
        result, message, hint = None, "", ""
        try:
            result, outcome = work(self._watch), "done"
        except BaseException as error:
            outcome, message, hint = _explained(error, self._watch)
        # Not under our lock: the runner has its own.
        freed()
        with self._changed:
            seconds = time.monotonic() - self._begun
            told = message if message.startswith(outcome) else f"{outcome}: {message}" if message else outcome
            self._tracker.say(told, seconds)
            last = replace(self._news(), outcome=outcome, message=message, hint=hint, result=result, eta=None)
            self._last = last
            self._changed.notify_all()

    def _tell(self) -> None:
        """The thread of the news: what changed, at most every so often, and then the end."""
        due = 0.0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._last is not None or self._version != self._shown)
                # The end is told at once; what comes before it waits for its turn.
                self._changed.wait_for(lambda: self._last is not None, max(0.0, due - time.monotonic()))
                news, self._shown = self._last or self._news(), self._version
            due = time.monotonic() + self._every
            try:
                self._on_news(news)
            except Exception:
                _log.exception("the receiver of the news of job %s failed", self.id)
            if not news.running:
                self._told.set()
                return

    def _progress(self, progress: Progress) -> None:
        with self._changed:
            self._tracker.add(progress, time.monotonic() - self._begun)
            self._version += 1
            self._changed.notify_all()

    def _news(self) -> JobNews[T]:
        shown, rate, eta = self._tracker.headline()
        return replace(
            self._first,
            phase=shown.phase,
            done=shown.done,
            total=shown.total,
            rate=rate,
            eta=eta,
            seconds=time.monotonic() - self._begun,
            phases=self._tracker.phases,
            log=self._tracker.log,
        )


class JobRunner:
    """Runs jobs, one at a time per database. Thread-safe. `every`: seconds between two pieces of news of a job."""

    def __init__(self, every: float = NEWS_SECONDS) -> None:
        self._every = every
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Any]] = {}
        self._numbers = count(1)
        self._quitting = False

    def start(
        self,
        name: str,
        database_label: str,
        work: Callable[[Watch], T],
        on_news: Callable[[JobNews[T]], None],
        also: tuple[str, ...] = (),
    ) -> Job[T]:
        """Starts `work` in a thread. `on_news` is called in another thread, never at the same time for one job.

        `also`: further databases that the job holds, all or none of them. News comes when something changed, at most
        every `every` seconds, and once, last, with the outcome.
        Raises Busy while another job works on one of the databases, or after `cancel_all`.
        """
        with self._lock:
            if self._quitting:
                raise Busy("shapetui is quitting", "start it again")
            for label in (database_label, *also):
                if (other := self._jobs.get(label)) is not None:
                    raise Busy(
                        f"{other.name} is working on {label}",
                        "wait for it or cancel it (x); jobs on another database can run beside it",
                    )
            job: Job[T] = Job(JobNews(next(self._numbers), name, database_label), on_news, self._every, also)
            self._jobs |= dict.fromkeys(job.databases, job)
        # Daemons: a statement that cannot be cancelled must not keep the program from ending.
        work_thread = threading.Thread(
            target=job._run, args=(work, lambda: self._free(job)), name=f"job {job.id} {name}", daemon=True
        )
        threading.Thread(target=job._tell, name=f"news of job {job.id}", daemon=True).start()
        work_thread.start()
        return job

    @property
    def running(self) -> tuple[Job[Any], ...]:
        """The jobs that hold a database, each once."""
        with self._lock:
            return tuple(dict.fromkeys(self._jobs.values()))

    def on(self, database_label: str) -> Job[Any] | None:
        """The job that works on a database."""
        with self._lock:
            return self._jobs.get(database_label)

    def cancel_all(self, timeout: float) -> tuple[Job[Any], ...]:
        """For quitting: no more jobs are started, all are cancelled; waits up to `timeout` seconds for them together.

        Returns those that have not ended by then.
        """
        with self._lock:
            self._quitting = True
            jobs = tuple(dict.fromkeys(self._jobs.values()))
        for job in jobs:
            job.cancel()
        end = time.monotonic() + timeout
        return tuple(job for job in jobs if not job.wait(max(0.0, end - time.monotonic())))

    def _free(self, job: Job[Any]) -> None:
        with self._lock:
            for label in job.databases:
                if self._jobs.get(label) is job:
                    del self._jobs[label]


def _explained(error: BaseException, watch: Watch) -> tuple[Outcome, str, str]:
    """(outcome, message, hint) of a job that raised. What is nobody's to mend keeps its traceback, in the log."""
    match error:
        case Cancelled():
            return "cancelled", error.message, error.hint
        case ShapetuiError():
            # What was told to stop while it waited for a connection says why it could not go on.
            return "cancelled" if watch.cancelled else "failed", error.message, error.hint
        case psycopg.errors.QueryCanceled() if watch.cancelled:
            return "cancelled", "the statement under way was ended", ""
        case psycopg.Error():
            said = " ".join((error.diag.message_primary or str(error)).split()) or type(error).__name__
            return "failed", f"the server refuses: {redact(said)}", _logged(error)
        case MemoryError():
            return "failed", "there is not enough memory", "generate fewer messages, or end other programs"
    said = redact(" ".join(str(error).split()))
    return "failed", f"{type(error).__name__}: {said}" if said else type(error).__name__, f"a bug: {_logged(error)}"


def _logged(error: BaseException) -> str:
    """Keeps the traceback; says where."""
    path = save_traceback(error)
    return f"its traceback is in {path}" if path is not None else "its traceback could not be written to the log"
