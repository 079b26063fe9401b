"""Sampling production into a shape file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from shapetui.database.production_memory import remember
from shapetui.database.target import Target
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.jobs.targets import ONLY_READ, told_anew
from shapetui.jobs.written import Written, now
from shapetui.progress import Watch
from shapetui.sampling.sample import ExplainedStatement, SampleRequest, explain, required_salt, sample


def run_sample(
    target: Target, request: SampleRequest, workspace: Workspace, output: Path | None, force: bool, watch: Watch
) -> Written[Shape]:
    """Samples production into a shape file. The database is remembered as production, never to be generated into."""
    moment = now()
    salt = required_salt(os.environ)
    path = workspace.output(Shape, output, moment, force=force)
    shape = sample_production(target, request, moment, watch, salt)
    _refuse_too_few(shape, request, target)
    return Written(shape, workspace.save(shape, path, force=force))


def _refuse_too_few(shape: Shape, request: SampleRequest, target: Target) -> None:
    """Raises PlanError where there are too few conversations for any number of them to be nobody's in particular."""
    rooms, messages = shape.conversations.total_count, shape.messages.total_count
    if rooms >= request.min_cell_count and messages:
        return
    window = f"{request.window_days} days" if request.window_days else "all time"
    held = f"fewer than {request.min_cell_count} conversations" if messages else "no messages"
    raise PlanError(
        f"{target.label} has {held} in {window} before {shape.extracted_at}: nothing of it may leave production",
        "--window-days 0 takes all of history, --until TIME another end of the window; no file was written",
    )


def sample_production(target: Target, request: SampleRequest, moment: datetime, watch: Watch, salt: str) -> Shape:
    """The shape of a production database."""
    with told_anew(target, watch, ONLY_READ), target.open() as connection:
        shape = sample(connection, request, moment, watch, salt)
        # Only now: a database that could not be sampled was no production database.
        connection.rollback()
        remember(connection)
        return shape


def run_explain(target: Target, request: SampleRequest) -> list[ExplainedStatement]:
    """The statements that sampling would run, with the planner's cost; none of them is run."""
    with told_anew(target, Watch(), ONLY_READ), target.open() as connection:
        return explain(connection, request, now())
