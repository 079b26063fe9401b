"""Two baselines from files become a comparison in a file; no database is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Comparison
from shapetui.documents.files import check_writable, fresh_path, load
from shapetui.documents.workspace import Workspace
from shapetui.errors import DocumentError
from shapetui.indexlab.comparing import compare
from shapetui.jobs.written import Written, keep_input, now


def run_compare(
    paths: Sequence[Path], workspace: Workspace, output: Path | None = None, force: bool = False
) -> Written[Comparison]:
    """Compares the first with the last; those between tell what each index did alone. Raises ShapetuiError."""
    moment = now()
    found = [workspace.find(path) for path in paths]
    for path in found:
        keep_input(path, output)
    baselines = [load(path, Baseline) for path in found]
    if output is not None and output.is_dir():
        raise DocumentError(f"{output}: is a folder, not a file", "give the path of the file to write")
    target = output or fresh_path(workspace.reports, f"comparison-{moment:%Y%m%dT%H%M%S}Z")
    check_writable(target, force=force)
    between = [(str(path), baseline) for path, baseline in zip(found[1:-1], baselines[1:-1], strict=True)]
    comparison = compare(baselines[0], baselines[-1], moment, (str(found[0]), str(found[-1])), between)
    return Written(comparison, workspace.save(comparison, target, force=force))
