"""Measuring a synthetic database and judging it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from pydantic import ValidationError

from shapetui.database.production_memory import refuse_production
from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.documents.files import load
from shapetui.documents.model import parse_time
from shapetui.documents.report import GeneratedFrom, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import DatabaseError
from shapetui.fidelity.compare import compare
from shapetui.fidelity.facts import Facts
from shapetui.generation.ledger import Run, last_run
from shapetui.jobs.targets import ONLY_READ, told_anew
from shapetui.jobs.written import keep_input, now
from shapetui.progress import Watch
from shapetui.sampling.integrity import Integrity
from shapetui.sampling.sample import SampleRequest, sample_with_facts

# Up to here their senders are looked up in any case: it takes a second or two.
_FEW_MESSAGES: Final = 5_000_000


def sample_synthetic(target: Target, watch: Watch, moment: datetime) -> Shape:
    """The shape of everything in a synthetic database; nobody in it needs protection.

    Raises DatabaseError for one that was sampled as production: there is somebody in that one.
    """
    return _measured(target, watch, moment, None)[0]


def _measured(
    target: Target, watch: Watch, moment: datetime, latest: datetime | None
) -> tuple[Shape, GeneratedFrom | None, Facts | None]:
    """The shape, the run that wrote what was measured, and, with a `latest` time of a message, the integrity facts.

    Whether senders exist and are members is dear to count (a third of the whole), so it is not for the many rows of a
    finished run of ours: those have them by construction.
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
        request = SampleRequest(window_days=0, min_cell_count=1, judged_only=True)
        integrity = Integrity(latest, senders=not _many(connection)) if latest else None
        connection.rollback()
        shape, facts = sample_with_facts(connection, request, moment, watch, integrity=integrity)
        return shape, _generated_from(connection, shape), facts


def _last_run(connection: psycopg.Connection[Any]) -> Run | None:
    try:
        return last_run(connection)
    except psycopg.errors.InsufficientPrivilege:
        # Whoever may read the chat need not be allowed to read who wrote it.
        connection.rollback()
        return None


def _many(connection: psycopg.Connection[Any]) -> bool:
    """Whether a finished run of ours wrote so many messages that counting their senders would be felt."""
    run = _last_run(connection)
    return run is not None and run.finished and run.rows.get(CHAT_TABLES.messages.name, 0) > _FEW_MESSAGES


def _generated_from(connection: psycopg.Connection[Any], shape: Shape) -> GeneratedFrom | None:
    """The run that wrote the rows that were measured; None where somebody else wrote, or added to them."""
    run = _last_run(connection)
    if run is None or run.rows.get(CHAT_TABLES.messages.name, 0) != shape.messages.total_count:
        return None
    try:
        return GeneratedFrom.model_validate({**run.plan, "finished": run.finished})
    except ValidationError:
        # Noted by a version with other keys.
        return None


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
    # Rows are dated up to the time of the production shape, which a slow clock here may not have reached yet.
    synthetic, origin, facts = _measured(target, watch, moment, max(moment, parse_time(production.extracted_at)))
    # What we generated is the quantile grid of a config and has no noise of its own; that config would bring the
    # noise of another sample along if it was fitted to one.
    source = origin.source_shape_digest if origin is not None else None
    exact = origin is not None and origin.finished and source in (None, production.digest())
    report = compare(production, synthetic, tolerance, shape_file.name, moment, facts, exact=exact)
    report = report.model_copy(update={"generated_from": origin})
    return Validation(production, synthetic, report, workspace.save(report, path, force=force))
