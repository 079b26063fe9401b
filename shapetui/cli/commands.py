"""What each command does: asks `jobs` for the work, prints what came of it, returns the exit code.

stdout is data, stderr is narration: with `--json` stdout is one JSON document.
"""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from shapetui.cli.console import say, write_json, write_out
from shapetui.cli.narration import narrated
from shapetui.documents.workspace import Workspace
from shapetui.errors import EXIT_GOOD, EXIT_JUDGED_BAD

if TYPE_CHECKING:
    from pathlib import Path

    from shapetui.documents.model import Document
    from shapetui.documents.report import Report


def init_db(asked: Namespace) -> int:
    """Creates the chat tables that are missing."""
    from shapetui.jobs.generate import run_init
    from shapetui.jobs.targets import synthetic_target

    target = synthetic_target(asked.url)
    created = run_init(target)
    if asked.json:
        write_json({"command": "init-db", "database": target.label, "created": created})
    elif created:
        say(f"{target.label}: created the tables {', '.join(created)}")
    else:
        say(f"{target.label}: nothing to do, all tables are there")
    return EXIT_GOOD


def sample(asked: Namespace) -> int:
    """Measures a production database, or explains what that would ask of it."""
    from shapetui.jobs.sample import run_explain, run_sample
    from shapetui.jobs.targets import production_target
    from shapetui.sampling.sample import SampleRequest

    target = production_target(asked.url)
    request = SampleRequest(window_days=asked.window_days, until=asked.until, min_cell_count=asked.min_cell_count)
    if asked.explain:
        statements = run_explain(target, request)
        if asked.json:
            write_json(
                {
                    "command": "sample",
                    "explain": [
                        {"name": s.name, "sql": s.sql, "total_cost": s.total_cost, "rows": s.rows} for s in statements
                    ],
                }
            )
        else:
            for statement in statements:
                say(f"-- {statement.name}: planner's cost {statement.total_cost:,.0f}, rows {statement.rows:,.0f}")
                say(statement.sql.rstrip().removesuffix(";") + ";\n")
        return EXIT_GOOD
    with narrated(asked.command) as watch:
        written = run_sample(target, request, _workspace(asked), asked.output, asked.force, watch)
    shape = written.document
    _finish_document(
        asked,
        written.path,
        shape,
        f"{shape.conversations.total_count:,} conversations, {shape.messages.total_count:,} messages",
    )
    return EXIT_GOOD


def calibrate(asked: Namespace) -> int:
    """Fits a config to a shape."""
    from shapetui.jobs.calibrate import REPLICATES, run_calibrate, tails_in_words

    workspace = _workspace(asked)
    replicates = REPLICATES if asked.bootstrap else 0
    written = run_calibrate(workspace.find(asked.shape), workspace, asked.output, asked.force, replicates)
    _finish_document(asked, written.path, written.document, tails_in_words(written.document))
    return EXIT_GOOD


def generate(asked: Namespace) -> int:
    """Fills a database."""
    from shapetui.documents.config import Config
    from shapetui.documents.files import load
    from shapetui.generation.plan import Request
    from shapetui.jobs.generate import run_generate
    from shapetui.jobs.targets import synthetic_target

    workspace = _workspace(asked)
    target = synthetic_target(asked.url)
    request = Request(
        config=load(workspace.find(asked.config), Config) if asked.config else None,
        band=asked.band,
        target_messages=asked.target_messages,
        conversations=asked.conversations,
        seed=asked.seed,
        until=asked.until,
        quick=asked.quick,
    )
    with narrated(asked.command) as watch:
        written = run_generate(target, request, workspace, asked.replace, watch)
    report = written.document
    speed = report.performance
    _finish_document(
        asked,
        written.path,
        report,
        f"{target.label}: {report.counts.messages:,} messages in {report.counts.conversations:,} conversations,"
        f" {speed.total_duration_seconds:.1f} s, {speed.messages_per_second:,} messages/s, seed {report.seed}",
    )
    if not asked.json:
        for table, digest in report.digests.items():
            say(f"  {table:<20} {digest}")
    return EXIT_GOOD


def validate(asked: Namespace) -> int:
    """Compares a synthetic database with a production shape."""
    from shapetui.jobs.targets import synthetic_target
    from shapetui.jobs.validate import run_validate

    workspace = _workspace(asked)
    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        validation = run_validate(
            target, workspace.find(asked.shape), asked.tolerance, workspace, asked.output, asked.force, watch
        )
    from shapetui.cli.next_step import advice_after

    found = advice_after(validation, asked.tolerance, workspace)
    if asked.json:
        said: dict[str, object] = {"command": "validate", "file": str(validation.path), "advice": None}
        if found:
            said |= {"advice": {"config": str(found[1]), "nudge": found[0].sentence, "plan": found[0].plan_sentence}}
        write_json({**said, "document": validation.report.plain()})
    else:
        from shapetui.cli.console import stdout_console
        from shapetui.cli.show import render

        render([(validation.path, validation.report)], stdout_console())
        if found:
            say(f"\nadvice for {found[1].name}:")
            say(f"  {found[0].sentence}")
            say(f"  {found[0].plan_sentence}")
    return _judged(validation.report, strict=asked.strict)


def tune(asked: Namespace) -> int:
    """The nearest config that is expected to be good."""
    from shapetui.cli.tune import run_tune

    return run_tune(asked)


def loop(asked: Namespace) -> int:
    """Generate, validate, tune, and again."""
    from shapetui.cli.tune import run_loop_command

    return run_loop_command(asked)


def diff(asked: Namespace) -> int:
    """Compares two releases of a shape."""
    from shapetui.cli.diff import run_diff_command

    return run_diff_command(asked)


def fit(asked: Namespace) -> int:
    """Fits a power law to any counts."""
    from shapetui.cli.fit import run_fit_command

    return run_fit_command(asked)


def show(asked: Namespace) -> int:
    """Draws one document, or two overlaid."""
    from shapetui.cli.show import as_json, render
    from shapetui.documents.files import load_any

    workspace = _workspace(asked)
    paths = [workspace.find(path) for path in (asked.file, asked.other) if path is not None]
    documents = [(path, load_any(path)) for path in paths]
    if asked.json:
        write_json(as_json(documents))
    else:
        from shapetui.cli.console import stdout_console

        render(documents, stdout_console(), asked.plan)
    return EXIT_GOOD


def verify_index(asked: Namespace) -> int:
    """Measures, makes or drops indexes, or compares two measurements."""
    from shapetui.cli.verify_index import run_verify_index

    return run_verify_index(asked)


def demo(asked: Namespace) -> int:
    """The whole loop on a production database of the demo's own."""
    from shapetui.jobs.demo import run_demo

    with narrated(asked.command) as watch:
        made = run_demo(asked.messages, asked.target_messages, asked.seed, asked.tolerance, _workspace(asked), watch)
    report = made.validation.report
    files = [made.shape.path, made.config.path, made.generated.path, made.validation.path]
    if asked.json:
        write_json(
            {
                "command": "demo",
                "files": {
                    "shape": str(made.shape.path),
                    "config": str(made.config.path),
                    "generation": str(made.generated.path),
                    "report": str(made.validation.path),
                },
                "verdict": report.overall_verdict,
                "decision": report.decision,
                "document": report.plain(),
            }
        )
    else:
        from shapetui.cli.console import stdout_console
        from shapetui.cli.show_report import summary_table

        console = stdout_console()
        console.print(summary_table(made.shape.document, made.config.document, made.validation.synthetic, report))
        speed = made.generated.document.performance
        say(
            f"\ngenerated {made.generated.document.counts.messages:,} messages in"
            f" {speed.total_duration_seconds:.1f} s ({speed.messages_per_second:,} a second); written:"
        )
        for path in files:
            say(f"  {path}")
        write_out("\n")
        say(f"look closer:  {shlex.join(['shapetui', 'show', str(made.shape.path), str(made.config.path)])}")
    return _judged(report, strict=False)


def replay(asked: Namespace) -> int:
    """Says what a session of the workbench did, from its journal."""
    from shapetui.cli.replay import run_replay

    return run_replay(asked)


def info(asked: Namespace) -> int:
    """Versions, paths, environment and terminal, or the keys."""
    from shapetui.cli.info import run_info

    return run_info(asked)


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "init-db": init_db,
    "sample": sample,
    "calibrate": calibrate,
    "generate": generate,
    "validate": validate,
    "tune": tune,
    "loop": loop,
    "diff": diff,
    "verify-index": verify_index,
    "fit": fit,
    "show": show,
    "demo": demo,
    "replay": replay,
    "info": info,
}


def _judged(report: Report, *, strict: bool) -> int:
    """1 for FAIL of the four tests and for NO-GO of the checks; `strict` also for what is short of PASS and GO."""
    verdict, decision = report.overall_verdict, report.decision
    bad = verdict == "FAIL" or decision == "NO-GO"
    if strict:
        bad = bad or verdict == "WARNING" or decision == "INCONCLUSIVE"
    return EXIT_JUDGED_BAD if bad else EXIT_GOOD


def _workspace(asked: Namespace) -> Workspace:
    return Workspace(asked.directory)


def _finish_document(asked: Namespace, path: Path, document: Document, summary: str) -> None:
    if asked.json:
        write_json({"command": asked.command, "file": str(path), "document": document.plain()})
    else:
        say(summary)
        say(str(path))
