"""The loop: generate, validate, change what the advice says, and again, until all tests pass and no check is NO-GO.

It works on a `Workbench` of its own; what it changes is told with each round, so that a screen can follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from shapetui.database.target import Target
from shapetui.documents.checks import Decision
from shapetui.documents.config import Config
from shapetui.documents.report import GenerationReport
from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.generation.plan import Request
from shapetui.jobs.generate import run_generate
from shapetui.jobs.validate import Validation, run_validate
from shapetui.jobs.written import Written, now
from shapetui.progress import Watch
from shapetui.workbench.advice import Advice, advise_measured
from shapetui.workbench.draft import Draft, with_all
from shapetui.workbench.intents import SetValues, Wrote
from shapetui.workbench.rounds import Round, round_of
from shapetui.workbench.state import Workbench
from shapetui.workbench.writing import write


@dataclass(frozen=True)
class LoopStart:
    """A round that begins: a screen applies `intent`, then `wrote`, to its own workbench, and shows what is generated.

    Attributes:
        number: from 1, in this loop.
        before: the config that the loop changes or writes: a draft that is another one by now is not to follow.
        intent: what the loop changed before this round; None before the first.
        wrote: the file that the config of this round was written to; None where it is in one already.
    """

    number: int
    before: Config | None
    intent: SetValues | None
    wrote: Wrote | None


@dataclass(frozen=True)
class LoopRound:
    """One round that has ended.

    Attributes:
        intent, wrote: as of its `LoopStart`.
        round: the round in numbers, as the trail shows it; its number counts from the loop's start.
    """

    intent: SetValues | None
    wrote: Wrote | None
    round: Round
    generated: Written[GenerationReport]
    validation: Validation

    @property
    def number(self) -> int:
        """From 1, in this loop."""
        return self.round.number

    @property
    def verdict(self) -> str:
        """PASS, WARNING or FAIL."""
        return self.round.verdict

    @property
    def passed(self) -> int:
        """Tests passed, of four."""
        return self.round.passed

    @property
    def decision(self) -> Decision | None:
        """Of the checks."""
        return self.validation.report.decision

    @property
    def good(self) -> bool:
        """Whether no further round is needed."""
        return self.validation.report.good

    @property
    def words(self) -> str:
        """`WARNING and NO-GO`; the verdict alone where nothing was checked."""
        return self.verdict if self.decision is None else f"{self.verdict} and {self.decision}"


@dataclass(frozen=True)
class LoopEnd:
    """How a loop ended: all good, at its limit, or because nothing more would help; `said` tells it in one line."""

    outcome: Literal["passed", "limit", "stuck"]
    said: str
    rounds: tuple[LoopRound, ...]
    workbench: Workbench

    @property
    def validation(self) -> Validation:
        """Of the last round."""
        return self.rounds[-1].validation


def run_loop(
    target: Target,
    start: Workbench | Draft,
    workspace: Workspace,
    limit: int,
    watch: Watch,
    on_round: Callable[[LoopRound], None],
    replace_database: str | None = None,
    on_start: Callable[[LoopStart], None] = lambda _start: None,
) -> LoopEnd:
    """Runs rounds until all is good, at most `limit` of them; `on_start` is called at the begin of each and `on_round`
    at its end, in this thread.

    Changes that are not in a file yet, the draft's own before the first round and the advice's before the others, are
    written as a new config with its lineage, so that each round's config can be found again. `replace_database` names
    the database if rows in it that shapetui did not write may go.
    Raises PlanError without a config or a shape's file, Cancelled and other errors of a job as those do; what is then
    in the database is that of the round under way.
    """
    bench = start if isinstance(start, Workbench) else Workbench(draft=start)
    if bench.draft.config is None or bench.draft.shape is None or bench.draft.shape_path is None:
        raise PlanError("the loop needs a shape and a config", "open or calibrate them (screen 1)")
    if limit < 1:
        raise PlanError("a loop has at least one round", "")
    rounds: list[LoopRound] = []
    intent: SetValues | None = None
    start_config: Config | None = bench.draft.config
    while True:
        number = len(rounds) + 1
        watch.check()
        watch.report("round", number, limit, f"round {number} of at most {limit}")
        bench, wrote = _written(bench, workspace)
        on_start(LoopStart(number, start_config, intent, wrote))
        before = rounds[-1].round if rounds else None
        done = _round(target, bench, workspace, watch, intent, wrote, before, None if rounds else replace_database)
        rounds.append(done)
        on_round(done)
        if done.good:
            return LoopEnd("passed", f"{done.words} in round {number}", tuple(rounds), bench)
        if number >= limit:
            return LoopEnd("limit", f"{done.words} after {number} rounds, the limit", tuple(rounds), bench)
        watch.report("advice")
        advice = advise_measured(bench, done.validation.report, lambda: watch.cancelled)
        watch.check()
        if advice is None or advice.plan is None or not advice.plan_helps:
            return LoopEnd("stuck", f"{done.words} in round {number}: {_stuck(advice)}", tuple(rounds), bench)
        intent, start_config = advice.plan, bench.draft.config
        draft = with_all(bench.draft, intent.values, intent.refit)
        bench = replace(bench, draft=draft, past=(*bench.past, bench.draft), future=())


def _written(bench: Workbench, workspace: Workspace) -> tuple[Workbench, Wrote | None]:
    if not bench.unsaved:
        return bench, None
    bench, path = write(bench, workspace, now())
    return bench, Wrote(str(path))


def _round(
    target: Target,
    bench: Workbench,
    workspace: Workspace,
    watch: Watch,
    intent: SetValues | None,
    wrote: Wrote | None,
    before: Round | None,
    replace_database: str | None,
) -> LoopRound:
    draft = bench.draft
    request = Request(config=draft.config, target_messages=draft.target, seed=draft.seed)
    generated = run_generate(target, request, workspace, replace_database, watch)
    shape_file = Path(str(draft.shape_path))
    validation = run_validate(target, shape_file, draft.tolerance, workspace, None, False, watch)
    name = Path(draft.config_path).name if draft.config_path else ""
    number = before.number + 1 if before is not None else 1
    round_ = round_of(number, validation.report, validation.path, draft.config, name, before)
    return LoopRound(intent, wrote, round_, generated, validation)


def _stuck(advice: Advice | None) -> str:
    """Why there is no further round."""
    if advice is None:
        return "nothing more is expected to help"
    return "; ".join(advice.unmet) or "nothing more is expected to help"
