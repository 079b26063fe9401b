"""The work that the workbench starts: the same jobs as the command line's, on the draft instead of on files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.progress import Watch
from shapetui.workbench.state import Draft

if TYPE_CHECKING:
    from shapetui.database.target import Target
    from shapetui.documents.report import GenerationReport
    from shapetui.jobs.validate import Validation
    from shapetui.jobs.written import Written


@dataclass(frozen=True)
class Run:
    """What a run has made; None for what was not asked for."""

    generated: Written[GenerationReport] | None = None
    validation: Validation | None = None


@dataclass(frozen=True)
class DemoRequest:
    """What `shapetui demo` was asked for."""

    messages: Path | None = None
    target_messages: int | None = None
    seed: str | None = None
    tolerance: float = 0.15


def run_work(
    target: Callable[[], Target],
    draft: Draft,
    workspace: Workspace,
    *,
    generate: bool,
    validate: bool,
    replace: str | None = None,
) -> Callable[[Watch], Run]:
    """Filling the database from the draft's config, judging it by the draft's shape file, or both.

    Raises PlanError when the draft lacks what that needs. `target` is asked for in the job's own thread: psycopg's
    import takes a fifth of a second. `replace`: the name of the database, where rows may go that are somebody else's.
    """
    if generate and draft.config is None:
        raise PlanError("there is no config to generate from", "press c on a shape (screen 1)")
    if validate and draft.shape_path is None:
        raise PlanError("there is no production shape to judge by", "open one (screen 1)")

    def run(watch: Watch) -> Run:
        from shapetui.generation.plan import Request
        from shapetui.jobs.generate import run_generate
        from shapetui.jobs.validate import run_validate

        database, generated, validation = target(), None, None
        if generate:
            request = Request(config=draft.config, target_messages=draft.target, seed=draft.seed)
            generated = run_generate(database, request, workspace, replace, watch)
        if validate:
            path = Path(str(draft.shape_path))
            validation = run_validate(database, path, draft.tolerance, workspace, None, False, watch)
        return Run(generated, validation)

    return run


def demo_work(request: DemoRequest, workspace: Workspace) -> Callable[[Watch], Any]:
    """The whole loop on a production database of the demo's own."""

    def run(watch: Watch) -> Any:
        from shapetui.jobs.demo import run_demo

        return run_demo(request.messages, request.target_messages, request.seed, request.tolerance, workspace, watch)

    return run


def sample_work(target: Callable[[], Target], window_days: int, workspace: Workspace) -> Callable[[Watch], Any]:
    """Measuring production into a shape file."""

    def run(watch: Watch) -> Any:
        from shapetui.jobs.sample import run_sample
        from shapetui.sampling.sample import SampleRequest

        return run_sample(target(), SampleRequest(window_days=window_days), workspace, None, False, watch)

    return run
