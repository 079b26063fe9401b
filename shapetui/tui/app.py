"""The app: composes the screens, holds the one state, owns jobs and journal; nothing else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import ShapetuiError
from shapetui.jobs.written import now
from shapetui.tui.actions import actions_of
from shapetui.tui.dialogs import Ask, Keys, TooSmall
from shapetui.tui.panels import percent, visible
from shapetui.tui.places import PLACES, Place
from shapetui.tui.thin import ThinDriver
from shapetui.tui.work import DatabaseState, generate_work, look, validate_work
from shapetui.workbench import intents
from shapetui.workbench.folder import Entry, Step, checklist, read_folder
from shapetui.workbench.jobnews import JobNews
from shapetui.workbench.journal import Journal
from shapetui.workbench.runner import JobRunner
from shapetui.workbench.state import Workbench, apply
from shapetui.workbench.writing import write

LEAST_SIZE: Final = (60, 20)
# A folder is looked at this often; nothing is sent to the terminal when nothing has changed.
_FOLDER_SECONDS: Final = 2.0


@dataclass(frozen=True)
class View:
    """How plots are looked at; no part of what is worked on, so no part of undo."""

    linear: bool = False
    ccdf: bool = False
    type_index: int = 0


class News(Message):
    """A job's news; only the latest matters."""

    def __init__(self, news: JobNews[Any]) -> None:
        super().__init__()
        self.news = news

    def can_replace(self, message: Message) -> bool:
        """Whether a newer piece of the same job makes this one needless; the last one is never dropped."""
        return isinstance(message, News) and message.news.job_id == self.news.job_id and message.news.running


class _Files:
    """Reads what intents name."""

    def shape(self, path: Path) -> Shape:
        return load(path, Shape)

    def config(self, path: Path) -> Config:
        return load(path, Config)


class ShapetuiApp(App[int]):
    """The workbench of one folder."""

    TITLE = "shapetui"
    CSS_PATH = "shapetui.tcss"
    MODES = PLACES  # type: ignore[assignment]
    DEFAULT_MODE = "files"
    COMMAND_PALETTE_BINDING = "colon"
    animation_level = "none"

    def __init__(self, workspace: Workspace, synthetic: Target, place: str = "files") -> None:
        super().__init__()
        # Not where something else asked for a driver of its own (textual-serve).
        if self.driver_class is LinuxDriver:
            self.driver_class = ThinDriver
        self.animation_level = "none"
        self.workspace = workspace
        self.synthetic = synthetic
        self.workbench = Workbench()
        self.view = View()
        self.entries: tuple[Entry, ...] = ()
        self.chosen = 0
        self.checklist: tuple[Step, ...] = checklist(())
        self.databases = Text("looking …", "dim")
        self.news: JobNews[Any] | None = None
        self.report: Report | None = None
        self.done: list[Text] = []
        self.trail: list[Text] = []
        self._journal: Journal | None = None
        self._runner = JobRunner()
        self._allowed: set[str] = set()
        self._then_validate = False
        self._asking = False
        self._showing = False
        self._journal_trouble = ""
        self._first_place = place

    # -- life

    def on_mount(self) -> None:
        """Signals end the app as a key would; the folder is read beside the first frame."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, 128 + number)
        try:
            self._journal = Journal.start(self.workspace.folder)
        except (ShapetuiError, OSError) as error:
            self.notify(f"no journal: {getattr(error, 'message', error)}", severity="warning")
        self._read_folder()
        self._look()
        self.set_interval(_FOLDER_SECONDS, self._read_folder)
        if self._first_place != "files":
            self.switch_mode(self._first_place)

    def on_unmount(self) -> None:
        """However it ends, the journal is closed and the signals are given back."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        self._close_journal(clean=False)

    def _end(self, code: int) -> None:
        """Cancels what runs, closes the journal, leaves."""
        # Before the jobs are waited for: a hangup may be followed by a kill.
        self._close_journal(clean=code == 0)
        self._runner.cancel_all(3.0)
        self.exit(code, return_code=code)

    def _close_journal(self, clean: bool) -> None:
        if self._journal is not None:
            self._journal.save_draft(self.workbench, now())
            self._journal.close(clean)

    async def action_quit(self) -> None:
        """Textual's own way out (ctrl+q) is ours: the journal is closed, a running job is asked about."""
        if isinstance(self.screen, Place | TooSmall):
            self.action_leave()
        else:
            self._end(0)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """As Textual's, but what a file or a server said is shown as it is: no markup is read, nothing steers."""
        shown = "\n".join(visible(line) for line in message.split("\n"))
        super().notify(shown, title=title, severity=severity, timeout=timeout, markup=markup)

    def on_resize(self, event: Any) -> None:
        """Too small a terminal is told what is needed."""
        self.check_size(event.size)

    def check_size(self, size: Size) -> None:
        """Puts the notice over the screen when there is no room for it; the notice goes away by itself."""
        small = 0 < size.width < LEAST_SIZE[0] or 0 < size.height < LEAST_SIZE[1]
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall(LEAST_SIZE))

    # -- state

    def intend(self, intent: intents.Intent) -> None:
        """Applies an intent, records it, shows what came of it."""
        try:
            self.workbench = apply(self.workbench, intent, _Files())
        except ShapetuiError as error:
            self.notify(f"{error.message}\n{error.hint}", severity="error")
            return
        if self._journal is not None:
            self._journal.record(intent)
            if self._journal.trouble != self._journal_trouble:
                self._journal_trouble = self._journal.trouble
                self.notify(self._journal_trouble, severity="warning")
        if self.workbench.refusal:
            self.notify(self.workbench.refusal, severity="warning", timeout=3)
        self.show_state()

    def show_state(self) -> None:
        """The screen on top shows the state; several changes before the next frame are shown once."""
        if not self._showing:
            self._showing = True
            self.call_after_refresh(self._show_now)

    def _show_now(self) -> None:
        self._showing = False
        screen = self.screen
        if isinstance(screen, Place):
            screen.refresh_from(self)

    @work(thread=True, exclusive=True, group="folder", exit_on_error=False)
    def _read_folder(self) -> None:
        known = self.entries
        found = read_folder(self.workspace, known)
        if found is not known:
            # A look that has taken long must not hold up the end of the app.
            with suppress(RuntimeError):
                self.call_from_thread(self._folder_read, found)

    def _folder_read(self, found: tuple[Entry, ...]) -> None:
        first = not self.entries
        chosen = self.entries[self.chosen].path if self.entries else None
        self.entries = found
        self.checklist = checklist(found)
        # The choice stays on its file when others come and go.
        at = next((index for index, entry in enumerate(found) if entry.path == chosen), self.chosen)
        self.chosen = min(at, max(0, len(found) - 1))
        if self.report is None:
            self.report = next((entry.document for entry in found if isinstance(entry.document, Report)), None)
        if first:
            draft = self.workbench.draft
            for kind, intent, opened in (
                (Shape, intents.OpenShape, draft.shape_path),
                (Config, intents.OpenConfig, draft.config_path),
            ):
                newest = next((entry for entry in found if isinstance(entry.document, kind)), None)
                # What is being worked on is never replaced by a file that turns up.
                if newest is not None and opened is None:
                    self.intend(intent(str(newest.path.resolve())))
        self.show_state()

    @work(thread=True, exclusive=True, group="databases", exit_on_error=False)
    def _look(self) -> None:
        state = look(self.synthetic)
        with suppress(RuntimeError):
            self.call_from_thread(self._looked, state)

    def _looked(self, state: DatabaseState) -> None:
        self.databases = state.text()
        self.show_state()

    # -- moving about

    def action_go(self, place: str) -> None:
        """Another screen."""
        if not isinstance(self.screen, Place):
            return
        self.switch_mode(place)

    @property
    def place(self) -> str:
        """The screen that is shown."""
        return self.screen.place if isinstance(self.screen, Place) else str(self.current_mode)

    def action_choose(self, step: int) -> None:
        """The next document, or the next parameter."""
        if self.place == "files":
            self.chosen = (self.chosen + step) % max(1, len(self.entries))
            self.show_state()
            return
        keys = [parameter.key for parameter in self.workbench.parameters]
        if keys and self.workbench.focused is not None:
            self.intend(intents.Focus(keys[(keys.index(self.workbench.focused.key) + step) % len(keys)]))

    def action_open(self) -> None:
        """Opens the chosen document on the screen that shows it."""
        if not self.entries:
            return
        entry = self.entries[self.chosen]
        path = str(entry.path.resolve())
        match entry.document:
            case Shape():
                self.intend(intents.OpenShape(path))
                self.switch_mode("shape")
            case Config():
                self.intend(intents.OpenConfig(path))
                self.switch_mode("calibrate")
            case Report() as report:
                self.report = report
                self.switch_mode("report")
            case GenerationReport():
                self.switch_mode("run")
            case None:
                self.notify(entry.trouble, severity="error")

    # -- calibrating

    def action_calibrate(self) -> None:
        """Fits a config to the chosen shape and opens it."""
        entry = self.entries[self.chosen] if self.entries else None
        if entry is None or not isinstance(entry.document, Shape):
            self.notify("choose a shape first", severity="warning")
            return
        self._calibrate(entry.path)

    @work(thread=True, exclusive=True, group="calibrate", exit_on_error=False)
    def _calibrate(self, path: Path) -> None:
        from shapetui.jobs.calibrate import run_calibrate

        try:
            written = run_calibrate(path, self.workspace, None, force=False)
        except ShapetuiError as error:
            self.call_from_thread(self.notify, f"{error.message}\n{error.hint}", severity="error")
            return
        self.call_from_thread(self._calibrated, path, written.path)

    def _calibrated(self, shape: Path, config: Path) -> None:
        self.intend(intents.OpenShape(str(shape.resolve())))
        self.intend(intents.OpenConfig(str(config.resolve())))
        self._read_folder()
        self.switch_mode("calibrate")

    def action_nudge(self, steps: int, coarse: bool = False) -> None:
        """Moves the focused parameter."""
        self.intend(intents.Nudge(steps, coarse))

    def action_lock(self) -> None:
        """Locks the focused weight."""
        if self.workbench.focused is not None:
            self.intend(intents.ToggleLock(self.workbench.focused.key))

    def action_undo(self) -> None:
        """Takes back the last change."""
        self.intend(intents.Undo())

    def action_redo(self) -> None:
        """Takes back the last undo."""
        self.intend(intents.Redo())

    @work
    async def action_type_value(self) -> None:
        """Asks for the focused parameter's value."""
        parameter = self.workbench.focused
        if parameter is None:
            return
        # As many digits as tell it apart: to press enter at once changes nothing.
        present = f"{parameter.value:.12g}"
        said = await self.push_screen_wait(
            Ask(
                parameter.key,
                f"from {parameter.lowest:,g} to {parameter.highest:,g}",
                present,
                lambda text: "" if _number(text) is not None else "not a number",
            )
        )
        if said is not None and said != present and (value := _number(said)) is not None:
            self.intend(intents.SetValue(parameter.key, value))

    def action_write(self) -> None:
        """Writes the draft as a new config."""
        if self.workbench.draft.config is None:
            self.notify("there is no config to write", severity="warning")
            return
        try:
            self.workbench, path = write(self.workbench, self.workspace, now())
        except ShapetuiError as error:
            self.notify(f"{error.message}\n{error.hint}", severity="error")
            return
        if self._journal is not None:
            self._journal.record(intents.Wrote(str(path.resolve())))
        self.notify(f"written: {path.name}")
        self._read_folder()
        self.show_state()

    def action_linear(self) -> None:
        """Linear or logarithmic axes."""
        self._look_at(replace(self.view, linear=not self.view.linear, ccdf=False))

    def action_ccdf(self) -> None:
        """The share at or above each size, or the histogram."""
        self._look_at(replace(self.view, ccdf=not self.view.ccdf, linear=False))

    def action_next_type(self) -> None:
        """All types, then each of them."""
        shape = self.workbench.draft.shape
        types = len(shape.conversations.by_type) if shape else 0
        self._look_at(replace(self.view, type_index=(self.view.type_index + 1) % (types + 1)))

    def _look_at(self, view: View) -> None:
        self.view = view
        self.show_state()

    # -- running

    @work
    async def action_target(self) -> None:
        """Asks for the number of messages."""
        said = await self.push_screen_wait(
            Ask(
                "messages to generate",
                "a whole number; k and m stand for thousands and millions",
                str(self.workbench.draft.target),
                lambda text: "" if _messages(text) is not None else "not a number of messages",
            )
        )
        if said is not None and (messages := _messages(said)) is not None:
            self.intend(intents.SetTarget(messages))

    def action_generate(self) -> None:
        """Fills the synthetic database from the draft."""
        self._guarded_generate(False)

    def action_both(self) -> None:
        """Fills the database and judges it."""
        self._guarded_generate(True)

    @work
    async def _guarded_generate(self, then_validate: bool) -> None:
        if self._asking:
            return
        self._asking = True
        try:
            await self._ask_and_generate(then_validate)
        finally:
            self._asking = False

    async def _ask_and_generate(self, then_validate: bool) -> None:
        draft = self.workbench.draft
        if draft.config is None:
            self.notify("there is no config to generate from: press c on a shape (screen 1)", severity="warning")
            return
        if self._runner.on(self.synthetic.label) is not None:
            self.notify("a job is running on this database: x cancels it", severity="warning")
            return
        if self.synthetic.label not in self._allowed:
            state = await asyncio.to_thread(look, self.synthetic)
            if state.rows:
                name = self.synthetic.database
                said = await self.push_screen_wait(
                    Ask(
                        "data will be replaced",
                        f"{self.synthetic.label} holds {state.rows:,} rows. Type its name, {name}, to replace"
                        " them; escape leaves them.",
                        refuse=lambda text: "" if text == name else f"the name is {name}",
                    )
                )
                if said is None:
                    return
            # A database that could not be looked at is looked at again the next time.
            if not state.trouble:
                self._allowed.add(self.synthetic.label)
        # What is generated is what is on the screen now; the question may have stood there for a while.
        if self._start("generate", generate_work(self.synthetic, self.workbench.draft, self.workspace)):
            self._then_validate = then_validate
        self._show_place("run")

    def action_validate(self) -> None:
        """Measures the synthetic database and judges it."""
        draft = self.workbench.draft
        if draft.shape_path is None:
            self.notify("there is no production shape to judge by: open one (screen 1)", severity="warning")
            return
        self._start("validate", validate_work(self.synthetic, draft, self.workspace))
        if self.place not in ("run", "report"):
            self._show_place("run")

    def _show_place(self, place: str) -> None:
        """Another screen, of the app's own accord: never under the hands of somebody who is answering a question."""
        if isinstance(self.screen, Place):
            self.switch_mode(place)

    def _start(self, name: str, work_: Any) -> bool:
        def tell(news: JobNews[Any]) -> None:
            self.post_message(News(news))

        try:
            self._runner.start(name, self.synthetic.label, work_, tell)
        except ShapetuiError as error:
            self.notify(f"{error.message}\n{error.hint}", severity="warning")
            return False
        return True

    def on_news(self, message: News) -> None:
        """A job's progress, or its end."""
        self.news = message.news
        if not message.news.running:
            self._ended(message.news)
        self.show_state()

    def _ended(self, news: JobNews[Any]) -> None:
        moment = datetime.now().astimezone()
        self.done.append(Text(f"{moment:%H:%M:%S}  {news.name:<10}{news.outcome:<11}{visible(_one_line(news))}"))
        self._look()
        self._read_folder()
        if news.outcome != "done":
            return
        if news.name == "generate" and self._then_validate:
            self._then_validate = False
            self.action_validate()
        elif news.name == "validate" and news.result is not None:
            self.report = news.result.report
            self.trail.append(_round(len(self.trail) + 1, self.workbench, news.result.report))
            self._show_place("report")

    def action_cancel(self) -> None:
        """Cancels what runs."""
        self._then_validate = False
        for job in self._runner.running:
            job.cancel()

    # -- help, copies, the end

    @work
    async def action_help(self) -> None:
        """The keys of this place; the chosen one runs."""
        if isinstance(self.screen, Place):
            chosen = await self.push_screen_wait(Keys(f"keys of {self.place}", actions_of(self.place)))
            if chosen is not None:
                await self.run_action(f"app.{chosen}")

    def action_palette(self) -> None:
        """Textual's palette, fed from the table of actions."""
        self.action_command_palette()
        self.call_after_refresh(self._no_blinking)

    def _no_blinking(self) -> None:
        """A blinking cursor costs 2.5 KB a second over SSH."""
        for field in self.screen.query(Input):
            field.cursor_blink = False

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The actions of this place, and the themes."""
        for action in actions_of(self.place):
            yield SystemCommand(action.title, action.help, self._runs(action.name))
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)

    def _runs(self, name: str) -> Any:
        async def run() -> None:
            await self.run_action(f"app.{name}")

        return run

    def action_copy(self) -> None:
        """The screen's text to the clipboard (OSC 52), and to a file for terminals that do not take it."""
        text = "\n".join(
            "".join(segment.text for segment in strip) for strip in self.screen._compositor.render_strips()
        )
        self.copy_to_clipboard(text)
        path = self.workspace.reports / "screen.txt"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            self.notify(f"copied; {path} cannot be written: {error.strerror}", severity="warning")
            return
        self.notify(f"copied; also in {path}")

    def action_export(self) -> None:
        """The screen as SVG."""
        try:
            self.workspace.reports.mkdir(parents=True, exist_ok=True)
            path = self.save_screenshot(f"{self.place}.svg", str(self.workspace.reports))
        except OSError as error:
            self.notify(f"{self.workspace.reports} cannot be written: {error.strerror}", severity="warning")
            return
        self.notify(f"saved: {path}")

    @work
    async def action_leave(self) -> None:
        """Quits; asks first when a job runs."""
        if self._runner.running:
            said = await self.push_screen_wait(
                Ask(
                    "a job is running",
                    "Type yes to cancel it and quit; escape goes on.",
                    refuse=lambda text: "" if text == "yes" else "yes, or escape",
                )
            )
            if said is None:
                return
        self._end(0)

    def plan_text(self) -> Text:
        """What would be generated."""
        draft, expected = self.workbench.draft, self.workbench.expected
        text = Text()
        for name, value in (
            ("database", self.synthetic.label),
            ("messages", f"{draft.target:,}"),
            ("config", Path(draft.config_path).name if draft.config_path else "none"),
            ("shape", Path(draft.shape_path).name if draft.shape_path else "none"),
            ("expected", f"{expected.shape.conversations.total_count:,} conversations" if expected else "–"),
            ("verdict", f"{expected.verdict} {expected.passed} of 4" if expected and expected.verdict else "–"),
        ):
            text.append(f"{name:<11}", "dim")
            text.append(f"{visible(value)}\n")
        return text


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _messages(text: str) -> int | None:
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    try:
        return int(float(text.rstrip("kKmM").replace(",", "").replace("_", "")) * factor)
    except (ValueError, OverflowError):
        return None


def _one_line(news: JobNews[Any]) -> str:
    if news.outcome != "done":
        return news.message
    result = getattr(news.result, "report", None) or getattr(news.result, "document", None)
    match result:
        case Report() as report:
            return f"{report.overall_verdict} {report.summary.passed_tests} of 4"
        case GenerationReport() as report:
            return f"{report.counts.messages:,} messages, {report.performance.messages_per_second:,} a second"
        case _:
            return ""


def _round(number: int, workbench: Workbench, report: Report) -> Text:
    changed = ", ".join(
        f"{visible(change.key)} {change.after:g}" for change in workbench.changes[:3] if change.after is not None
    )
    errors = report.tests.messages_per_conversation.percentile_errors
    shown = "  ".join(f"{name} {percent(error)}" for name, error in errors.items())
    passed = f"{report.summary.passed_tests} of 4"
    return Text(f"round {number}  {report.overall_verdict:<8}{passed}   {shown}   {changed or 'as loaded'}")
