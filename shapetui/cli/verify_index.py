"""`shapetui verify-index`: measure, make indexes, measure again, compare, take back."""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapetui.cli.console import narrate, say, stdout_console, write_json
from shapetui.cli.narration import narrated
from shapetui.cli.show import render
from shapetui.documents.workspace import Workspace
from shapetui.errors import EXIT_DATABASE, EXIT_GOOD, EXIT_JUDGED_BAD, UsageError
from shapetui.jobs.targets import synthetic_target

if TYPE_CHECKING:
    from shapetui.documents.applied import Applied, AppliedIndex
    from shapetui.documents.baseline import Phase
    from shapetui.documents.files import AnyDocument
    from shapetui.indexlab.measure import MeasureRequest
    from shapetui.jobs.verify_index import ApplyRequest, BaselineRequest
    from shapetui.jobs.written import Written


def run_verify_index(asked: Namespace) -> int:
    """The step that was asked for; 1 for a comparison that says NO-GO. Raises ShapetuiError."""
    _check(asked)
    if asked.compare is not None:
        return _compare(asked)
    if asked.growth is not None:
        return _growth(asked)
    if asked.rollback:
        return _rollback(asked)
    if asked.apply is not None:
        return _one_by_one(asked) if asked.one_by_one else _apply(asked)
    return _measure(asked, "post-optimization" if asked.post_optimization else "pre-optimization")


def _check(asked: Namespace) -> None:
    """What argparse cannot check. Raises UsageError."""
    if asked.compare is not None and len(asked.compare) < 2:
        raise UsageError("--compare needs two baselines", "give the one before and the one after")
    if asked.one_by_one and asked.apply is None:
        raise UsageError("--one-by-one goes with --apply", "it measures after each index that is made")
    for option in ("queries", "cold"):
        if asked.growth is not None and getattr(asked, option):
            raise UsageError(f"--growth measures without --{option}", "measure that with --pre-optimization")
    if asked.ddl is not None and asked.growth is None:
        raise UsageError("--ddl goes with --growth", "--apply takes the file itself: --apply DDL.sql")


def _compare(asked: Namespace) -> int:
    from shapetui.jobs.compare_baselines import run_compare

    written = run_compare(asked.compare, Workspace(asked.directory), asked.output, asked.force)
    _told(asked, written)
    decision = written.document.summary.go_no_go
    bad = decision == "NO-GO" or (asked.strict and decision == "INCONCLUSIVE")
    return EXIT_JUDGED_BAD if bad else EXIT_GOOD


def _measure(asked: Namespace, phase: Phase) -> int:
    from shapetui.jobs.verify_index import run_baseline

    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        written = run_baseline(target, phase, _measuring(asked), Workspace(asked.directory), watch)
    _told(asked, written)
    return EXIT_GOOD


def _apply(asked: Namespace) -> int:
    from shapetui.jobs.verify_index import run_apply

    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        written = run_apply(target, _applying(asked), Workspace(asked.directory), watch)
    _told(asked, written)
    return _built([written.document])


def _one_by_one(asked: Namespace) -> int:
    from shapetui.jobs.index_by_index import run_one_by_one

    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        steps = run_one_by_one(target, _applying(asked), _measuring(asked), Workspace(asked.directory), watch)
    if asked.json:
        files = [{"applied": str(made.path), "baseline": str(measured.path)} for made, measured in steps]
        documents = [made.document.plain() for made, _ in steps]
        write_json({"command": asked.command, "files": files, "documents": documents})
    else:
        console = stdout_console()
        for made, measured in steps:
            render([(made.path, made.document)], console)
            say(f"  measured: {measured.path}")
        paths = [str(measured.path) for _, measured in steps]
        say(f"compare:  {shlex.join(['shapetui', 'verify-index', '--compare', 'PRE', *paths])}")
    return _built([made.document for made, _ in steps])


def _rollback(asked: Namespace) -> int:
    from shapetui.jobs.verify_index import run_rollback

    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        written = run_rollback(target, Workspace(asked.directory), watch, asked.output, asked.force)
    _told(asked, written)
    return EXIT_GOOD


def _growth(asked: Namespace) -> int:
    from shapetui.jobs.verify_index import GrowthRequest, run_growth

    request = GrowthRequest(
        fractions=asked.growth,
        measuring=_how(asked),
        ddl=_file(asked, asked.ddl),
        output=asked.output,
        force=asked.force,
    )
    target = synthetic_target(asked.url)
    with narrated(asked.command) as watch:
        written = run_growth(target, request, Workspace(asked.directory), watch)
    _told(asked, written)
    return EXIT_GOOD


def _measuring(asked: Namespace) -> BaselineRequest:
    from shapetui.jobs.verify_index import BaselineRequest

    return BaselineRequest(_how(asked), _file(asked, asked.queries), asked.output, asked.force)


def _how(asked: Namespace) -> MeasureRequest:
    from shapetui.indexlab.measure import MeasureRequest

    return MeasureRequest(repeats=asked.repeat, statement_timeout_s=float(asked.timeout), cold=asked.cold)


def _applying(asked: Namespace) -> ApplyRequest:
    from shapetui.jobs.verify_index import ApplyRequest

    # Without a file argparse has put the empty path there.
    ddl = asked.apply if asked.apply != Path() else None
    return ApplyRequest(ddl=_file(asked, ddl), output=asked.output, force=asked.force, on_plan=_warn_of_overlaps)


def _file(asked: Namespace, given: Path | None) -> Path | None:
    return Workspace(asked.directory).find(given) if given is not None else None


def _warn_of_overlaps(planned: list[AppliedIndex]) -> None:
    """Says before anything is built what speaks against an index."""
    for index in planned:
        for said in (*(overlap.words for overlap in index.overlaps), *index.notes):
            narrate(f"shapetui verify-index: {index.name}: {said}")


def _built(documents: list[Applied]) -> int:
    failed = any(index.outcome == "failed" for document in documents for index in document.indexes)
    return EXIT_DATABASE if failed else EXIT_GOOD


def _told(asked: Namespace, written: Written[Any]) -> None:
    document: AnyDocument = written.document
    if asked.json:
        write_json({"command": asked.command, "file": str(written.path), "document": document.plain()})
    else:
        render([(written.path, document)], stdout_console())
        say(f"\n{written.path}")
