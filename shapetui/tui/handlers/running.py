"""Running: jobs from their start to their end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from shapetui.errors import ShapetuiError
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import ask
from shapetui.tui.handlers.guarding import Guard
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.messages import News, RoundEnded, RoundStarted
from shapetui.tui.texts.words import percent, visible

if TYPE_CHECKING:
    from shapetui.jobs.demo import Demo
    from shapetui.progress import Watch
    from shapetui.tui.app import ShapetuiApp
    from shapetui.workbench.jobnews import JobNews
    from shapetui.workbench.loop import LoopEnd, LoopRound, LoopStart
    from shapetui.workbench.work import DemoRequest, Run

Work = Callable[["Watch"], Any]
# What is done with a job's result, once it has ended well; gives what came of it in a few words.
Done = Callable[[Any], str]
_DEMO_DATABASES = ("embedded:synthetic", "embedded:production")


class Running(Handler):
    """Generate, validate, loop, demo, sample, cancel."""

    def __init__(self, app: ShapetuiApp) -> None:
        super().__init__(app)
        self._guard = Guard(app)
        self._done: dict[int, Done] = {}

    async def generate(self) -> None:
        """Fills the synthetic database from the draft."""
        await self._fill("generate", validate=False)

    async def both(self) -> None:
        """Fills the database and judges it."""
        await self._fill("regenerate + validate", validate=True)

    def validate(self) -> None:
        """Measures the synthetic database and judges it."""
        database = self.app.synthetic
        work = self._work(database, None, generate=False, validate=True)
        if work is not None and self._start("validate", work, self._ran(database), database.label):
            self.app.go("run", unless=("run", "report"))

    async def _fill(self, name: str, *, validate: bool) -> None:
        # The one that is looked at is the one that is filled, whatever is chosen meanwhile.
        database = self.app.synthetic
        # What cannot be done is not asked about.
        if self._work(database, None, generate=True, validate=validate) is None:
            return
        permit = await self._guard.permit(database)
        if permit is None:
            return
        # What is generated is what is on the screen now; the question may have stood there for a while.
        work = self._work(database, permit.replace, generate=True, validate=validate)
        if work is not None and self._start(name, work, self._ran(database), database.label):
            self.app.go("run")

    def _work(self, database: Database, replace: str | None, *, generate: bool, validate: bool) -> Work | None:
        """The work on what is on the screen; None, and it is said why, where something is missing."""
        from shapetui.workbench.work import run_work

        bench = self.shown.workbench
        if bench is None:
            return None
        try:
            return run_work(
                database.target,
                bench.draft,
                self.app.workspace,
                generate=generate,
                validate=validate,
                replace=replace,
            )
        except ShapetuiError as error:
            self.warn(f"{error.message}: {error.hint}")
            return None

    def _ran(self, database: Database) -> Done:
        def done(run: Run) -> str:
            said = []
            if run.generated is not None:
                self._guard.wrote(database)
                counts, speed = run.generated.document.counts, run.generated.document.performance
                said.append(f"{counts.messages:,} messages, {speed.messages_per_second:,.0f} a second")
            if run.validation is not None:
                report = run.validation.report
                said.append(f"{report.overall_verdict} {report.summary.passed_tests} of 4")
                self._show_report()
            return ", ".join(said)

        return done

    async def loop(self) -> None:
        """Generates, validates, makes the suggested changes, until PASS or the limit of rounds."""
        bench, database = self.shown.workbench, self.app.synthetic
        if bench is None or bench.draft.config is None or bench.draft.shape_path is None:
            self.warn("the loop needs a shape and a config: open or calibrate them (screen 1)")
            return
        permit = await self._guard.permit(database)
        if permit is None:
            return
        begin, limit, replace = self.shown.workbench or bench, self.app.settings.rounds, permit.replace

        def begun(start: LoopStart) -> None:
            self.app.post_message(RoundStarted(start))

        def ended(round_: LoopRound) -> None:
            self.app.post_message(RoundEnded(round_))

        def work(watch: Watch) -> LoopEnd:
            # Imported in the job's thread: the generator and its packages take half a second.
            from shapetui.workbench.loop import run_loop

            return run_loop(database.target(), begin, self.app.workspace, limit, watch, ended, replace, begun)

        def done(end: LoopEnd) -> str:
            self._guard.wrote(database)
            self._show_report()
            return visible(end.said)

        if self._start(f"loop, at most {limit} rounds", work, done, database.label):
            self.app.go("run")

    async def demo(self, request: DemoRequest | None = None) -> None:
        """The whole loop on data of the demo's own."""
        from shapetui.workbench import intents
        from shapetui.workbench.work import DemoRequest, demo_work

        # Its production database is rebuilt only while it holds nothing but what a demo left: the job sees to that.
        synthetic = Database.named(_DEMO_DATABASES[0])
        if await self._guard.permit(synthetic) is None:
            return

        def done(demo: Demo) -> str:
            self._guard.wrote(synthetic)
            self.app.intend(intents.OpenShape(str(demo.shape.path)))
            self.app.intend(intents.OpenConfig(str(demo.config.path)))
            self._show_report()
            report = demo.validation.report
            return f"{report.overall_verdict} {report.summary.passed_tests} of 4"

        work = demo_work(request or DemoRequest(), self.app.workspace)
        if self._start("demo", work, done, *_DEMO_DATABASES):
            self.app.go("run")

    async def sample(self) -> None:
        """Measures production; asks how far back."""
        from shapetui.workbench import intents
        from shapetui.workbench.work import sample_work

        database = self.app.production
        said = await self.app.push_screen_wait(
            ask(
                f"sample {database.label}",
                "days of history, 0 for all; one read-only transaction, no text leaves the server",
                "30",
                lambda text: "" if text.isdecimal() and len(text) < 6 else "a whole number of days",
            )
        )
        if said is None:
            return

        def done(written: Any) -> str:
            self.app.intend(intents.OpenShape(str(written.path)))
            self.app.go("shape")
            return visible(written.path.name)

        work = sample_work(database.target, int(said["said"]), self.app.workspace)
        if self._start("sample", work, done, database.label):
            self.app.go("run")

    def cancel(self) -> None:
        """Cancels the job that is shown."""
        news = self.shown.news
        for job in self.app.runner.running if self.app.busy else ():
            if news is None or job.id == news.job_id:
                job.cancel()

    def _start(self, name: str, work: Work, done: Done, label: str, *also: str) -> bool:
        def tell(news: JobNews[Any]) -> None:
            self.app.post_message(News(news))

        try:
            job = self.app.runner.start(name, label, work, tell, also=also)
        except ShapetuiError as error:
            self.warn(f"{error.message}\n{error.hint}")
            return False
        self._done[job.id] = done
        return True

    def _show_report(self) -> None:
        """The newest round, as soon as the folder has been read."""
        self.look_at(round=None)
        self.app.go("report")

    def round_started(self, start: LoopStart) -> None:
        """A round of the loop: its changes are made here as well, so that the screen shows what is generated.

        Not where somebody has changed the draft since: then it is theirs, and the loop goes on without the screen.
        """
        bench = self.shown.workbench
        if bench is None or bench.draft.config != start.before:
            if start.wrote is not None:
                name = PurePath(start.wrote.path).name
                self.app.say_done(f"round {start.number} is generated from {name}; the screen keeps its own draft")
            return
        if (start.intent is None or self.app.intend(start.intent)) and start.wrote is not None:
            self.app.intend(start.wrote)

    def round_ended(self, round_: LoopRound) -> None:
        """What came of a round of the loop."""
        errors = round_.round.errors
        shown = "  ".join(f"{name} {percent(errors.get(name))}" for name in ("p99", "mean", "length"))
        intent = round_.intent
        changes = [f"{part} fitted anew" for part in intent.refit] if intent is not None else []
        changes += [f"{key} {value:.4g}" for key, value in intent.values] if intent is not None else []
        judged = f"{round_.verdict:<7} {round_.passed} of 4  {round_.decision or '':<5}"
        line = f"round {round_.number}  {judged}  {shown}   {', '.join(changes) or 'as it was'}"
        self.app.say_done(line)
        self.app.documents.read_again()

    def ended(self, news: JobNews[Any]) -> None:
        """A job's end: said, looked at, and its report shown."""
        done = self._done.pop(news.job_id, None)
        self.app.documents.look()
        self.app.documents.read_again()
        if news.outcome == "done":
            said = done(news.result) if done is not None else ""
        else:
            said = visible(news.message).removeprefix(f"{news.outcome}: ")
            self.app.notify(
                f"{news.message}\n{news.hint}".strip(),
                title=f"{news.name}: {news.outcome}",
                severity="warning",
                timeout=10,
            )
        self.app.say_done(f"{news.name}  {news.outcome}  {said}".rstrip())
