"""Indexes made one at a time with a baseline after each, so that each can be told what it alone has done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from shapetui.database.target import Target
from shapetui.documents.applied import Applied
from shapetui.documents.baseline import Baseline
from shapetui.documents.workspace import Workspace
from shapetui.indexlab.ddl import BUNDLED, read_definitions
from shapetui.jobs.verify_index import ApplyRequest, BaselineRequest, run_apply, run_baseline
from shapetui.jobs.written import Written
from shapetui.progress import Watch

Step = tuple[Written[Applied], Written[Baseline]]


def run_one_by_one(
    target: Target, request: ApplyRequest, measuring: BaselineRequest, workspace: Workspace, watch: Watch
) -> list[Step]:
    """For each index of the file what was made and the baseline after it, in order; each has its own file.

    Raises ShapetuiError; what was made and measured before stays.
    """
    names = request.names or tuple(index.name for index in read_definitions(request.ddl or BUNDLED))
    steps: list[Step] = []
    for name in names:
        applied = run_apply(target, replace(request, names=(name,), output=None), workspace, watch)
        measured = run_baseline(
            target, "post-optimization", replace(measuring, output=_numbered(measuring.output, name)), workspace, watch
        )
        steps.append((applied, measured))
    return steps


def _numbered(output: Path | None, index: str) -> Path | None:
    """`post.json` becomes `post-<index>.json`."""
    if output is None:
        return None
    plain = "".join(character if character.isalnum() or character in "_-" else "_" for character in index)
    return output.with_name(f"{output.stem}-{plain}{output.suffix}")
