"""`shapetui replay`: what a session of the workbench did, from its journal and without a terminal.

Each step with what came of it, the parameters that were changed, the expected verdict at the end; `--output` writes the
config that came of it, with its lineage.
"""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shapetui.cli.console import say, write_json
from shapetui.cli.replay_steps import Step, described, value_of, verdict_of
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import EXIT_GOOD, EXIT_JUDGED_BAD, DocumentError, PlanError
from shapetui.workbench.journal import journal_folder, replay_file
from shapetui.workbench.journal_file import intents_of
from shapetui.workbench.parameters import Change
from shapetui.workbench.state import Workbench
from shapetui.workbench.writing import config_to_write


def run_replay(asked: Namespace) -> int:
    """Replays a journal and prints it; the exit code is that of the expected verdict.

    Raises DocumentError: no journal, an unknown line, a document that cannot be opened any more (named with the
    journal's file and line), an output that cannot be written. PlanError: `--output` without a config.
    """
    workspace = Workspace(asked.directory)
    journal = find_journal(asked.journal, workspace)
    now = datetime.now(UTC)
    # Before anything is printed: an output that cannot be written is told at once.
    output = workspace.output(Config, asked.output, now, force=asked.force) if asked.output is not None else None
    steps: list[Step] = []
    show = steps.append if asked.json else _printing(steps)
    if not asked.json:
        say(str(journal))
    end = replay(journal, Files(workspace, journal), show)
    if output is not None:
        workspace.save(config_of(end, now), output, force=asked.force)
    if asked.json:
        write_json(_document(journal, steps, end, output))
    else:
        _say_end(end)
        if output is not None:
            say(f"written: {output}")
    return exit_code(end)


def find_journal(given: Path | None, workspace: Workspace) -> Path:
    """The journal that is meant: a file, also by its name alone; the newest of a folder or a workspace.

    Raises DocumentError: a folder without one.
    """
    folder = journal_folder(workspace.folder) if given is None else given
    try:
        if given is not None and not given.is_dir():
            named = journal_folder(workspace.folder) / given
            return named if named.is_file() and not given.exists() else given
        # Their names begin with the time.
        for place in (folder, journal_folder(folder)):
            if found := max(place.glob("journal-*.jsonl"), default=None):
                return found
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{folder}: cannot be read: {reason}", "check its path and permissions") from None
    raise DocumentError(f"{folder}: no journal there", "the workbench writes one in reports/.shapetui of its folder")


def replay(journal: Path, load: Files, on_step: Callable[[Step], None]) -> Workbench:
    """The workbench after all steps of a journal; `on_step` gets each. Raises DocumentError naming file and line."""
    # Read a second time in step, for what `replay_file` does not hand on. A journal only grows, so they agree.
    lines = intents_of(journal)
    before = Workbench()

    def stepped(after: Workbench) -> None:
        nonlocal before
        where, intent = next(lines)
        on_step(Step(where, intent, before, after))
        before = after

    return replay_file(journal, load, stepped)


class Files:
    """Reads what intents name: as given, or relative to the workspace or to that of the journal."""

    def __init__(self, workspace: Workspace, journal: Path) -> None:
        # <workspace>/reports/.shapetui/journal-….jsonl
        self._places = (workspace, Workspace(journal.absolute().parent.parent.parent))

    def shape(self, path: Path) -> Shape:
        """Raises DocumentError."""
        return load(self._find(path), Shape)

    def config(self, path: Path) -> Config:
        """Raises DocumentError."""
        return load(self._find(path), Config)

    def _find(self, path: Path) -> Path:
        for place in self._places:
            if (found := place.find(path)) != path:
                return found
        return path


def config_of(workbench: Workbench, now: datetime) -> Config:
    """The draft's config with its lineage; one without changes is the loaded one. Raises PlanError without one."""
    draft = workbench.draft
    if draft.config is None:
        raise PlanError("no config came of this session, so there is nothing to write", "leave --output out")
    return config_to_write(workbench, now) if workbench.unsaved else draft.config


def exit_code(workbench: Workbench) -> int:
    """0 where PASS and no NO-GO is expected, or nothing can be judged for want of a config or a shape; otherwise 1."""
    if workbench.trouble:
        return EXIT_JUDGED_BAD
    expected = workbench.expected
    return EXIT_GOOD if expected is None or expected.verdict is None or expected.good else EXIT_JUDGED_BAD


def _printing(steps: list[Step]) -> Callable[[Step], None]:
    """Gathers the steps and prints each as it comes."""

    def show(step: Step) -> None:
        steps.append(step)
        outcome = f"  → {step.outcome}" if step.outcome else ""
        say(f"{step.line:>5}  {described(step)}{outcome}")

    return show


def _say_end(end: Workbench) -> None:
    draft = end.draft
    say("")
    if draft.config_path is not None:
        changes = end.changes
        say(f"{draft.config_path}: {'changed' if changes else 'unchanged'}")
        wide = max((len(change.key) for change in changes), default=0)
        for change in changes:
            say(f"  {change.key:<{wide}}  {value_of(change.before)} → {value_of(change.after)}")
    verdict = verdict_of(end) or ("nothing to judge without " + ("a shape" if draft.config else "a config"))
    say(f"expected at {draft.target:,} messages: {verdict}")


def _document(journal: Path, steps: list[Step], end: Workbench, output: Path | None) -> dict[str, Any]:
    expected = end.expected
    return {
        "command": "replay",
        "journal": str(journal),
        "steps": [
            {
                "line": step.line,
                "intent": {"intent": type(step.intent).__name__, **_finite(asdict(step.intent))},
                "refusal": step.after.refusal,
                "expected": verdict_of(step.after),
            }
            for step in steps
        ],
        "config": end.draft.config_path,
        "changes": [Change._asdict(change) for change in end.changes],
        "target_messages": end.draft.target,
        "verdict": expected.verdict if expected is not None else None,
        "decision": expected.checks.decision if expected is not None else None,
        "passed": expected.passed if expected is not None and expected.verdict else None,
        "trouble": end.trouble,
        "file": str(output) if output is not None else None,
    }


def _finite(value: Any) -> Any:
    """A value that JSON can hold: a journal may hold infinities, which were refused."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
