"""Measuring a synthetic database and judging it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shapetui.database.production_memory import refuse_production
from shapetui.database.target import Target
from shapetui.documents.files import load
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import DatabaseError
from shapetui.fidelity.compare import compare
from shapetui.jobs.targets import ONLY_READ, told_anew
from shapetui.jobs.written import keep_input, now
from shapetui.progress import Watch
from shapetui.sampling.sample import SampleRequest, sample


def sample_synthetic(target: Target, watch: Watch, moment: datetime) -> Shape:
    """The shape of everything in a synthetic database; nobody in it needs protection.

    Raises DatabaseError for one that was sampled as production: there is somebody in that one.
    """
    with told_anew(target, watch, ONLY_READ), target.open() as connection:
        try:
            refuse_production(connection)
        except DatabaseError as refusal:
            raise DatabaseError(
                f"{target.label} was sampled as production: it is not measured without protection, as validating would",
                f"give the URL of the synthetic database; {refusal.hint}",
            ) from None
        connection.rollback()
        return sample(connection, SampleRequest(window_days=0, min_cell_count=1, judged_only=True), moment, watch)


@dataclass(frozen=True)
class Validation:
    """A fidelity report with the two shapes it compares."""

    production: Shape
    synthetic: Shape
    report: Report
    path: Path


def run_validate(
    target: Target,
    shape_file: Path,
    tolerance: float,
    workspace: Workspace,
    output: Path | None,
    force: bool,
    watch: Watch,
) -> Validation:
    """Samples a synthetic database and compares it with a production shape."""
    moment = now()
    production = load(shape_file, Shape)
    keep_input(shape_file, output)
    path = workspace.output(Report, output, moment, force=force)
    synthetic = sample_synthetic(target, watch, moment)
    report = compare(production, synthetic, tolerance, shape_file.name, moment)
    return Validation(production, synthetic, report, workspace.save(report, path, force=force))
