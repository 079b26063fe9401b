"""Running: jobs from their start to their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shapetui.errors import ShapetuiError
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import ask
from shapetui.tui.handlers.guarding import Guard
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.messages import News, RoundEnded, RoundStarted
from shapetui.tui.texts.words import percent, visible

if TYPE_CHECKING:
    from shapetui.progress import Watch
    from shapetui.tui.app import ShapetuiApp
    from shapetui.workbench.jobnews import JobNews
    from shapetui.workbench.loop import LoopRound, LoopStart
    from shapetui.workbench.work import DemoRequest

_DEMO_DATABASES = ("embedded:synthetic", "embedded:production")


class Running(Handler):
    """Generate, validate, loop, demo, sample, cancel."""

    def __init__(self, app: ShapetuiApp) -> None:
        super().__init__(app)
        self._guard = Guard(app)

    async def generate(self) -> None:
        """Fills the synthetic database from the draft."""
        await self._guarded("generate", generate=True, validate=False)

    async def both(self) -> None:
        """Fills the database and judges it."""
        await self._guarded("regenerate + validate", generate=True, validate=True)

    def validate(self) -> None:
        """Measures the synthetic database and judges it."""
        self._run("validate", generate=False, validate=True)

    async def _guarded(self, name: str, *, generate: bool, validate: bool) -> None:
        # What cannot be done is not asked about.
        if self._work(generate=generate, validate=validate) is None:
            return
        if await self._guard.may_replace(self.app.synthetic):
            self._run(name, generate=generate, validate=validate)

    def _run(self, name: str, *, generate: bool, validate: bool) -> None:
        # What is generated is what is on the screen now; a question may have stood there for a while.
        work = self._work(generate=generate, validate=validate)
        if work is not None and self._start(name, work, self.app.synthetic.label):
            self.app.go("run", unless=("run", "report") if not generate else ())

    def _work(self, *, generate: bool, validate: bool) -> Callable[[Watch], Any] | None:
        """The work on what is on the screen; None, and it is said why, where something is missing."""
        from shapetui.workbench.work import run_work

        bench, database = self.shown.workbench, self.app.synthetic
        if bench is None:
            return None
        try:
            return run_work(
                database.target,
                bench.draft,
                self.app.workspace,
                generate=generate,
                validate=validate,
                replace=self._guard.named(database),
            )
        except ShapetuiError as error:
            self.warn(f"{error.message}: {error.hint}")
            return None

    async def loop(self) -> None:
        """Generates, validates, makes the suggested changes, until PASS or the limit of rounds."""
        bench, database = self.shown.workbench, self.app.synthetic
        if bench is None or bench.draft.config is None or bench.draft.shape_path is None:
            self.warn("the loop needs a shape and a config: open or calibrate them (screen 1)")
            return
        if not await self._guard.may_replace(database):
            return
        bench = self.shown.workbench or bench
        limit = self.app.settings.rounds

        def begun(start: LoopStart) -> None:
            self.app.post_message(RoundStarted(start))

        def ended(round_: LoopRound) -> None:
            self.app.post_message(RoundEnded(round_))

        def work(watch: Watch) -> Any:
            # Imported in the job's thread: the generator and its packages take half a second.
            from shapetui.workbench.loop import run_loop

            workspace, name = self.app.workspace, self._guard.named(database)
            return run_loop(database.target(), bench, workspace, limit, watch, ended, name, begun)

        if self._start(f"loop, at most {limit} rounds", work, database.label):
            self.app.go("run")

    async def demo(self, request: DemoRequest | None = None) -> None:
        """The whole loop on data of the demo's own."""
        from shapetui.workbench.work import DemoRequest, demo_work

        # Its production database is rebuilt only while it holds nothing but what a demo left: the job sees to that.
        if not await self._guard.may_replace(Database.named(_DEMO_DATABASES[0])):
            return
        work = demo_work(request or DemoRequest(), self.app.workspace)
        if self._start("demo", work, *_DEMO_DATABASES):
            self.app.go("run")

    async def sample(self) -> None:
        """Measures production; asks how far back."""
        from shapetui.workbench.work import sample_work

        said = await self.app.push_screen_wait(
            ask(
                f"sample {self.app.production.label}",
                "days of history, 0 for all; one read-only transaction, no text leaves the server",
                "30",
                lambda text: "" if text.isdecimal() and len(text) < 6 else "a whole number of days",
            )
        )
        if said is None:
            return
        work = sample_work(self.app.production.target, int(said["said"]), self.app.workspace)
        if self._start("sample", work, self.app.production.label):
            self.app.go("run")

    def cancel(self) -> None:
        """Cancels what runs."""
        for job in self.app.runner.running:
            job.cancel()

    def _start(self, name: str, work: Callable[[Watch], Any], label: str, *also: str) -> bool:
        def tell(news: JobNews[Any]) -> None:
            self.app.post_message(News(news))

        try:
            self.app.runner.start(name, label, work, tell, also=also)
        except ShapetuiError as error:
            self.warn(f"{error.message}\n{error.hint}")
            return False
        return True

    def round_started(self, start: LoopStart) -> None:
        """A round of the loop: its changes are made here as well, so that the screen shows what is generated."""
        for intent in (start.intent, start.wrote):
            if intent is not None:
                self.app.intend(intent)

    def round_ended(self, round_: LoopRound) -> None:
        """What came of a round of the loop."""
        errors = round_.round.errors
        shown = "  ".join(f"{name} {percent(errors.get(name))}" for name in ("p99", "mean", "length"))
        changed = ", ".join(f"{key} {value:.4g}" for key, value in (round_.intent.values if round_.intent else ()))
        line = f"round {round_.number}  {round_.verdict:<7} {round_.passed} of 4   {shown}   {changed or 'as it was'}"
        self.app.say_done(line)
        self.app.documents.read_again()

    def ended(self, news: JobNews[Any]) -> None:
        """A job's end: said, looked at, and its report shown."""
        self.app.say_done(f"{news.name}  {news.outcome}  {_one_line(news)}".rstrip())
        self.app.documents.look()
        self.app.documents.read_again()
        if news.outcome != "done":
            self.app.notify(
                f"{news.message}\n{news.hint}".strip(),
                title=f"{news.name}: {news.outcome}",
                severity="warning",
                timeout=10,
            )
            return
        if news.name == "demo" or news.name == "sample":
            self._open_results(news.result)
        if getattr(news.result, "generated", None) is not None or news.name.startswith("loop"):
            self._guard.wrote(news.database)
        if getattr(news.result, "validation", None) is not None or news.name.startswith("loop"):
            self.look_at(round=None)
            self.app.go("report")
        elif news.name == "sample":
            self.app.go("shape")

    def _open_results(self, result: Any) -> None:
        from shapetui.workbench import intents

        shape = getattr(result, "shape", None) or result
        self.app.intend(intents.OpenShape(str(shape.path.resolve())))
        if (config := getattr(result, "config", None)) is not None:
            self.app.intend(intents.OpenConfig(str(config.path.resolve())))


def _one_line(news: JobNews[Any]) -> str:
    """What came of a job, in a few words."""
    if news.outcome != "done":
        return visible(news.message).removeprefix(f"{news.outcome}: ")
    if told := getattr(news.result, "said", ""):
        return visible(told)
    said = []
    generated = getattr(news.result, "generated", None)
    if generated is not None:
        counts, speed = generated.document.counts, generated.document.performance
        said.append(f"{counts.messages:,} messages, {speed.messages_per_second:,.0f} a second")
    validation = getattr(news.result, "validation", None)
    if validation is not None:
        said.append(f"{validation.report.overall_verdict} {validation.report.summary.passed_tests} of 4")
    return ", ".join(said)
