"""Comparing two releases of a shape: what moved in the chat between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.drift import parameter_changes
from shapetui.documents.drift import Drift, DriftVerdict, ParameterChange
from shapetui.documents.files import load
from shapetui.documents.model import format_time
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.fidelity.checks import Checks
from shapetui.fidelity.drift import drift_checks
from shapetui.fidelity.releases import release, remarks, type_shares
from shapetui.fidelity.size_checks import SIZE_CHECKS
from shapetui.jobs.written import keep_input, now

# Beyond margin and noise; NO-GO is beyond twice the margin.
_MOVED: Final = ("WARN", "NO-GO")


@dataclass(frozen=True)
class Diff:
    """A comparison, and the file that it was written to, if it was."""

    drift: Drift
    path: Path | None


def run_diff(
    old_file: Path, new_file: Path, tolerance: float, workspace: Workspace, output: Path | None, *, force: bool
) -> Diff:
    """Compares two shape files; writes the comparison where an `output` is given.

    Raises DocumentError for a file that is no shape or an output that cannot be written.
    """
    moment = now()
    old, new = load(old_file, Shape), load(new_file, Shape)
    path = None
    if output is not None:
        keep_input(old_file, output)
        keep_input(new_file, output)
        path = workspace.output(Drift, output, moment, force=force)
    drift = compare_releases(old, new, tolerance, (old_file.name, new_file.name), moment)
    return Diff(drift, workspace.save(drift, path, force=force) if path else None)


def compare_releases(old: Shape, new: Shape, tolerance: float, files: tuple[str, str], moment: datetime) -> Drift:
    """What moved between two shapes; `files` are their names, `tolerance` is that of the checks."""
    checks = drift_checks(old, new, tolerance)
    moved = [check.name for check in checks.checks if check.verdict in _MOVED]
    parameters, missing = _parameters(old, new, files, moment)
    sides = release(old, files[0]), release(new, files[1])
    return Drift(
        compared_at=format_time(moment),
        tolerance_threshold=tolerance,
        verdict=_verdict(checks, moved, same=sides[0].digest == sides[1].digest),
        moved=moved,
        old=sides[0],
        new=sides[1],
        remarks=remarks(old, new),
        types=type_shares(old, new),
        checks=list(checks.checks),
        parameters=parameters,
        not_calibrated=missing,
    )


def _verdict(checks: Checks, moved: list[str], *, same: bool) -> DriftVerdict:
    if same:
        return "SAME"
    if moved:
        return "MOVED"
    # How many messages conversations have is what a shape is for: without that nothing is known to have stayed.
    sized = any(check.name in SIZE_CHECKS for check in checks.checks)
    return "INCONCLUSIVE" if not sized or checks.decision in (None, "INCONCLUSIVE") else "UNMOVED"


def _parameters(
    old: Shape, new: Shape, files: tuple[str, str], moment: datetime
) -> tuple[list[ParameterChange], str | None]:
    """The parameters of both, or why there are none: an empty chat is still compared by its checks."""
    try:
        # Shapes at the edge of what a float holds must not warn on a screen.
        with np.errstate(all="ignore"):
            configs = [calibrate(shape, file, moment) for shape, file in zip((old, new), files, strict=True)]
            return parameter_changes(old, new, *configs), None
    except PlanError as error:
        return [], error.message
