"""`shapetui tune`: the nearest config that is expected to be good; `shapetui loop`: the same, measured each time."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapetui.cli.console import literal, say, stdout_console, write_json, write_out
from shapetui.cli.narration import narrated
from shapetui.cli.show_checks import STYLES
from shapetui.cli.show_tables import VERDICT_STYLES, facts, heading, row, table
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import EXIT_GOOD, EXIT_JUDGED_BAD, PlanError
from shapetui.jobs.targets import synthetic_target
from shapetui.jobs.written import keep_input, now
from shapetui.workbench.advice import Advice, advise
from shapetui.workbench.advised import number
from shapetui.workbench.draft import Draft, check_seed, with_all
from shapetui.workbench.expectation import Expected, expect
from shapetui.workbench.loop import LoopEnd, LoopRound, run_loop
from shapetui.workbench.state import Workbench
from shapetui.workbench.writing import config_to_write

if TYPE_CHECKING:
    from rich.text import Text


def run_tune(asked: Namespace) -> int:
    """Tunes and writes; 1 where even the best config is not expected to be good. Raises ShapetuiError."""
    workspace, moment = Workspace(asked.directory), now()
    draft = _draft(asked, workspace)
    if asked.output is not None:
        keep_input(Path(str(draft.shape_path)), asked.output)
        keep_input(Path(str(draft.config_path)), asked.output)
    before = _expected(draft)
    advice = advise(draft)
    plan = advice.plan if advice is not None else None
    tuned = with_all(draft, plan.values, plan.refit) if plan is not None else draft
    after = _expected(tuned)
    bench, path = Workbench(draft=tuned), None
    # Who names a file counts on it, changes or not.
    written = config_to_write(bench, moment) if bench.unsaved else tuned.config
    if written is not None and (bench.unsaved or asked.output is not None) and not asked.dry_run:
        path = workspace.output(Config, asked.output, moment, force=asked.force)
        path = workspace.save(written, path, force=asked.force)
    if asked.json:
        write_json(
            {
                "command": "tune",
                "file": str(path) if path is not None else None,
                "before": _plain(before),
                "after": _plain(after),
                "changes": [{"parameter": c.key, "before": c.before, "after": c.after} for c in bench.changes],
                "refit": list(plan.refit) if plan is not None else [],
                "unmet": list(advice.unmet) if advice is not None else [],
            }
        )
    else:
        _print(asked, bench, before, after, advice)
        if path is not None:
            say(str(path))
    return EXIT_GOOD if after.good else EXIT_JUDGED_BAD


def run_loop_command(asked: Namespace) -> int:
    """Rounds until all is good; 1 where it does not come to that. Raises ShapetuiError and what a job raises."""
    workspace = Workspace(asked.directory)
    draft = _draft(asked, workspace)
    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        end = run_loop(target, draft, workspace, asked.rounds, watch, _follower(asked), asked.replace)
    if asked.json:
        write_json(
            {
                "command": "loop",
                "outcome": end.outcome,
                "said": end.said,
                "config": end.workbench.draft.config_path,
                "rounds": [_round(each) for each in end.rounds],
                "document": end.validation.report.plain(),
            }
        )
    else:
        _print_end(end)
    return EXIT_GOOD if end.outcome == "passed" else EXIT_JUDGED_BAD


def _draft(asked: Namespace, workspace: Workspace) -> Draft:
    shape, config = workspace.find(asked.shape), workspace.find(asked.config)
    draft = Draft(shape_path=str(shape), shape=load(shape, Shape), config_path=str(config), loaded=load(config, Config))
    seed = getattr(asked, "seed", None)
    check_seed(seed)
    return replace(draft, config=draft.loaded, target=asked.target_messages, tolerance=asked.tolerance, seed=seed)


def _expected(draft: Draft) -> Expected:
    """Raises PlanError where nothing can be expected of the numbers."""
    if draft.config is None:
        raise PlanError("there is no config", "give one with --config")
    found = expect(draft.config, draft.shape, draft.target, draft.tolerance)
    if isinstance(found, PlanError):
        raise found
    return found


def _plain(expected: Expected) -> dict[str, Any]:
    return {
        "verdict": expected.verdict,
        "passed": expected.passed,
        "decision": expected.checks.decision,
        "checks": {check.name: check.verdict for check in expected.checks.checks},
    }


def _print(asked: Namespace, bench: Workbench, before: Expected, after: Expected, advice: Advice | None) -> None:
    console = stdout_console()
    console.print(heading("Expected", f"at {asked.target_messages:,} messages"))
    if not bench.unsaved:
        console.print(facts({"as it is": _words(before)}))
    else:
        console.print(facts({"before": _words(before), "after": _words(after)}))
        write_out("\n")
    if bench.changes:
        made = table("parameter", "before", "after")
        for change in bench.changes:
            row(made, literal(change.key), _value(change.before), _value(change.after))
        console.print(made)
    for part in bench.refitted:
        console.print(literal(f"fitted to the shape anew: {part}"))
    for reason in advice.unmet if advice is not None else ():
        console.print(literal(f"• cannot be met: {reason}"))
    if not bench.unsaved:
        say("nothing to change" if after.good else "no change of a parameter helps")


def _words(expected: Expected) -> Text:
    """`PASS, 4 of 4; GO, 14 GO, 2 INCONCLUSIVE`."""
    checks = expected.checks
    text = literal(expected.verdict or "no tests", VERDICT_STYLES.get(expected.verdict or "", ""))
    text.append_text(literal(f", {expected.passed} of 4 tests; "))
    text.append_text(literal(checks.decision or "no checks", STYLES.get(checks.decision or "", "")))
    said = [check.verdict for check in checks.checks]
    return text.append_text(literal("".join(f", {said.count(word)} {word}" for word in STYLES if word in said)))


def _value(value: float | None) -> str:
    return "" if value is None else number(value, 5)


def _follower(asked: Namespace) -> Any:
    """Tells each round as it ends, a line each; with --json nothing but the document goes to stdout."""

    def told(done: LoopRound) -> None:
        if not asked.json:
            config = done.round.config
            say(f"round {done.number}: {done.verdict}, {done.passed} of 4 tests; {done.decision}; {config}")

    return told


def _round(done: LoopRound) -> dict[str, Any]:
    return {
        "number": done.number,
        "verdict": done.verdict,
        "passed": done.passed,
        "decision": done.decision,
        "config": done.round.config,
        "report": str(done.validation.path),
        "changes": dict(done.intent.values) if done.intent is not None else {},
        "refit": list(done.intent.refit) if done.intent is not None else [],
    }


def _print_end(end: LoopEnd) -> None:
    say(end.said)
    for done in end.rounds:
        if done.intent is not None:
            changes = [f"{part} fitted anew" for part in done.intent.refit]
            changes += [f"{key} {number(value, 4)}" for key, value in done.intent.values]
            say(f"  round {done.number}: {', '.join(changes)}")
    say(str(end.validation.path))
