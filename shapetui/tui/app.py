"""The app: composes the screens, holds the one state, owns the jobs; what its actions do is in `handlers`."""

from __future__ import annotations

import asyncio
import inspect
import signal
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from textual.app import SystemCommand
from textual.screen import Screen

from shapetui.errors import EXIT_CANCELLED
from shapetui.tui.base import BaseApp
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import TooSmall
from shapetui.tui.handlers.documents import Documents, names_in
from shapetui.tui.handlers.exports import Exports
from shapetui.tui.handlers.general import General
from shapetui.tui.handlers.handler import method_of
from shapetui.tui.handlers.intending import Intending
from shapetui.tui.handlers.moving import Moving
from shapetui.tui.handlers.planning import Planning
from shapetui.tui.handlers.recovery import Recovery
from shapetui.tui.handlers.running import Running
from shapetui.tui.handlers.suggesting import Suggesting
from shapetui.tui.handlers.tuning import Tuning
from shapetui.tui.messages import News, RoundEnded, RoundStarted
from shapetui.tui.screens.loading import load_engine, screen_class
from shapetui.tui.screens.place import Place, with_keys
from shapetui.tui.shown import Shown
from shapetui.tui.texts.words import in_keys, visible
from shapetui.tui.threads import in_thread
from shapetui.workbench.actions import PLACES

if TYPE_CHECKING:
    from pathlib import Path

    from shapetui.documents.workspace import Workspace
    from shapetui.tui.start import Session
    from shapetui.workbench.intents import Intent
    from shapetui.workbench.runner import JobRunner

# The top line and the parameters of Calibrate take this much.
LEAST_SIZE: Final = (64, 21)
# A folder is looked at this often; nothing is sent to the terminal when nothing has changed.
_FOLDER_SECONDS: Final = 2.0
# How long the end waits for jobs that are told to stop; a job looks between slices, the server ends statements.
_END_SECONDS: Final = 3.0
_LOG_LINES: Final = 200


class ShapetuiApp(BaseApp):
    """The workbench of one folder."""

    TITLE = "shapetui"
    CSS_PATH = "shapetui.tcss"

    def __init__(self, folder: Path, session: Session) -> None:
        # Read once, by Textual's own constructor: the first screen.
        self.DEFAULT_MODE = session.screen  # type: ignore[misc]
        super().__init__()
        self.folder, self.settings, self.actions = folder, session.settings, session.actions
        self.ascii = session.settings.glyphs == "ascii"
        self.synthetic, self.production = session.synthetic, session.production
        self.shown = Shown(
            self.synthetic.label,
            self.production.label,
            names=names_in(folder),
            readonly=session.settings.readonly,
            glyphs=session.settings.glyphs,
        )
        self.documents, self.recovery, self.running = Documents(self), Recovery(self), Running(self)
        self.tuning, self._general, self._suggesting = Tuning(self), General(self), Suggesting(self)
        self._intending = Intending(self)
        handlers = (
            Moving(self),
            self.documents,
            self.tuning,
            Planning(self),
            self.running,
            Exports(self),
            self._general,
        )
        self._does = {action.id: method_of(handlers, action) for action in session.actions}
        self._demo = session.demo
        # What is said on the terminal when the screen is gone: what became of a job.
        self.farewell = ""
        self._showing = False
        for place in PLACES:
            self.add_mode(place, partial(self._made, place))

    def _made(self, place: str) -> Place:
        return with_keys(screen_class(place), self.actions)()

    # -- life

    def on_mount(self) -> None:
        """Signals end the app as a key would; everything else waits for the first frame."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.end, EXIT_CANCELLED)
        if self.settings.theme and self.settings.theme not in self.available_themes:
            self.notify(f"there is no theme {self.settings.theme}: T shows those there are", severity="warning")
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """After the first frame: the engine is loaded, folder and databases are looked at."""
        await in_thread(load_engine)
        from shapetui.workbench.state import Workbench

        self.show(workbench=Workbench())
        self.recovery.start()
        self.documents.read_again()
        self.documents.look()
        self.set_interval(_FOLDER_SECONDS, self.documents.read_again)

    def start_anew(self) -> None:
        """A session that goes on from no other one begins with the tolerance of the settings."""
        from shapetui.workbench.intents import SetTolerance

        bench = self.shown.workbench
        if bench is not None and bench.draft.tolerance != self.settings.tolerance:
            self.intend(SetTolerance(self.settings.tolerance))

    def begun(self) -> None:
        """What an earlier session left has been dealt with: now the demo begins, if one was asked for."""
        if self._demo is not None:
            self.beside(partial(self.running.demo, self._demo), group="asked")
            self._demo = None

    def on_unmount(self) -> None:
        """However it ends, the journal is closed and the signals are given back."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        self.recovery.close(clean=False)

    def end(self, code: int, clean: bool = False) -> None:
        """Closes the journal, cancels what runs, leaves. `clean`: there is nothing to offer at the next start."""
        # Before the jobs are waited for: a hangup may be followed by a kill.
        self.recovery.close(clean=clean)
        if self.busy:
            jobs = self.runner.running
            left = self.runner.cancel_all(_END_SECONDS)
            said = [in_keys(job.state).message for job in jobs if job not in left]
            said += [f"{job.name} on {job.database} did not stop in {_END_SECONDS:.0f} s and was left" for job in left]
            self.farewell = "; ".join(visible(text) for text in said if text)
        self.exit(code, return_code=code)

    @cached_property
    def workspace(self) -> Workspace:
        """Where documents are read from and written to."""
        from shapetui.documents.workspace import Workspace

        return Workspace(self.folder)

    @cached_property
    def runner(self) -> JobRunner:
        """Runs the jobs, one at a time per database."""
        from shapetui.workbench.runner import JobRunner

        return JobRunner()

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return "runner" in self.__dict__ and bool(self.runner.running)

    # -- state

    def intend(self, intent: Intent) -> bool:
        """Applies an intent, records it, shows what came of it; whether it could be carried out."""
        return self._intending.intend(intent)

    def record(self, intent: Intent) -> None:
        """Notes an intent that was carried out in the journal."""
        self.recovery.record(intent)

    def show(self, **changes: Any) -> None:
        """Replaces what is shown; several changes before the next frame are drawn once."""
        before = self.shown
        self.shown = replace(before, **changes)
        if self.shown.workbench is not before.workbench:
            self._suggesting.think()
        if not self._showing:
            self._showing = True
            # Not after a refresh: Textual leaves that to the screen on top, and forgets it with a dialog that closes.
            self.call_later(self._show_now)

    def _show_now(self) -> None:
        self._showing = False
        # Under a dialog, too: it is smaller than the screen, and what runs goes on behind it.
        place = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Place)), None)
        if place is not None:
            place.refresh_from(self.shown)

    def beside(self, work: Callable[[], Coroutine[Any, Any, None]], group: str, exclusive: bool = False) -> None:
        """Goes on with something beside the screen; `exclusive`: what of the group goes on already is ended."""
        self.run_worker(work, group=group, exclusive=exclusive)  # type: ignore[arg-type]

    def say_done(self, text: str) -> None:
        """A line of the log, with the time of day."""
        line = f"{datetime.now().astimezone():%H:%M:%S}  {visible(text)}"
        self.show(log=(*self.shown.log, line)[-_LOG_LINES:])

    def use(self, database: Database) -> None:
        """Generates into and judges another database from here on."""
        if database != self.synthetic:
            self.synthetic = database
            self.show(synthetic_label=database.label, synthetic=None)
            self.documents.look()

    def on_news(self, message: News) -> None:
        """A job's progress, or its end."""
        news = in_keys(message.news)
        others = tuple(other for other in self.shown.jobs if other.job_id != news.job_id)
        # The one that ended last stands last: it is shown when none runs.
        self.show(jobs=(*others, news))
        if not news.running:
            self.running.ended(news)

    def on_round_started(self, message: RoundStarted) -> None:
        """A round of the loop begins."""
        self.running.round_started(message.start)

    def on_round_ended(self, message: RoundEnded) -> None:
        """A round of the loop."""
        self.running.round_ended(message.round)

    # -- screens

    @property
    def place(self) -> str:
        """The screen that is shown, or lies under a dialog."""
        return str(self.current_mode)

    def go(self, place: str, unless: Sequence[str] = ()) -> None:
        """Another screen, unless one of some is shown; never under somebody who is answering a question."""
        if isinstance(self.screen, Place) and self.place not in unless:
            self.switch_mode(place)

    def scroll_lines(self, lines: int) -> None:
        """Moves what does not fit on the screen."""
        if isinstance(self.screen, Place):
            self.screen.scroll_lines(lines)

    def action_help_quit(self) -> None:
        """What ctrl+c says, which ends most other programs."""
        keys = next(action.shown_keys for action in self.actions if action.id == "quit")
        self.notify(f"{keys.split()[0]} quits")

    def on_resize(self, _event: Any) -> None:
        """Too small a terminal is told what is needed."""
        # Textual takes in the new size after this.
        self.call_later(self.check_size)

    def check_size(self) -> None:
        """Puts the notice over the screen when there is no room for it; the notice goes away by itself."""
        small = 0 < self.size.width < LEAST_SIZE[0] or 0 < self.size.height < LEAST_SIZE[1]
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall(LEAST_SIZE))

    # -- actions

    async def action_act(self, name: str) -> None:
        """Does what an action of the table does; those that ask something go on beside the screen."""
        action = next((one for one in self.actions if one.id == name), None)
        if action is None or not isinstance(self.screen, Place | TooSmall):
            return
        if action.writes and self.settings.readonly:
            self.notify("this session is read-only: no database is written to", severity="warning")
            return
        going_on = self._does[name]()
        if inspect.iscoroutine(going_on):
            self.run_worker(going_on, group="asked")

    async def action_quit(self) -> None:
        """Textual's own way out is ours, also over a dialog: the journal is closed, a running job is asked about."""
        self.beside(self._general.quit, group="asked")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The actions of this place."""
        return self._general.commands()
