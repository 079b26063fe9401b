"""The index lab as both faces run it: a baseline, the indexes, taking them back; each leaves a document on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import psycopg
from pydantic import ValidationError

from shapetui.database.production_memory import refuse_production
from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.documents.applied import Applied, AppliedIndex
from shapetui.documents.baseline import Baseline, Phase
from shapetui.documents.files import check_writable, fresh_path
from shapetui.documents.growth import Growth
from shapetui.documents.model import format_time
from shapetui.documents.report import GeneratedFrom
from shapetui.documents.workspace import Workspace
from shapetui.errors import DatabaseError, UsageError
from shapetui.generation import ledger
from shapetui.indexlab.apply import apply, only, plan, rollback
from shapetui.indexlab.capture import CaptureRequest, capture
from shapetui.indexlab.ddl import BUNDLED, read_definitions
from shapetui.indexlab.growth import Beginnings, measure_growth
from shapetui.indexlab.measure import MeasureRequest
from shapetui.indexlab.own_queries import read_queries
from shapetui.jobs.targets import told_anew
from shapetui.jobs.written import Written, keep_input, now
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]

_MESSAGES: Final = CHAT_TABLES.messages.name
# Longer than a server takes to notice that the client of a killed run is gone.
_LOCK_SECONDS: Final = 10.0
_NOTHING_LEFT: Final = "writes were rolled back, nothing is left behind; no file was written"


@dataclass(frozen=True)
class BaselineRequest:
    """How to measure, the file of own queries if any, and where the document goes."""

    measuring: MeasureRequest = field(default_factory=MeasureRequest)
    queries: Path | None = None
    output: Path | None = None
    force: bool = False


def run_baseline(
    target: Target, phase: Phase, request: BaselineRequest, workspace: Workspace, watch: Watch
) -> Written[Baseline]:
    """Measures a synthetic database. Raises ShapetuiError; a file is written whole or not at all."""
    moment = now()
    own = tuple(read_queries(request.queries)) if request.queries is not None else ()
    if request.queries is not None:
        keep_input(request.queries, request.output)
    path = lab_path(workspace, f"baseline-{phase}", request.output, moment, request.force)
    with (
        told_anew(target, watch, _NOTHING_LEFT),
        target.open(autocommit=True) as connection,
        watch.over(connection),
    ):
        keep_from_production(connection, target)
        wait_for_lock(connection, watch)
        origin, rows = _origin(connection)
        asked = CaptureRequest(phase, request.measuring, own)
        baseline = capture(connection, asked, origin, rows, moment, watch)
    return Written(baseline, workspace.save(baseline, path, force=request.force))


@dataclass(frozen=True)
class ApplyRequest:
    """Which indexes (the bundled ones without a file; only those named in `names`, if any), and where it is told.

    `on_plan` hears what building would do, redundant indexes included, before the first is built.
    """

    ddl: Path | None = None
    names: tuple[str, ...] = ()
    output: Path | None = None
    force: bool = False
    on_plan: Callable[[list[AppliedIndex]], None] | None = None


def run_apply(target: Target, request: ApplyRequest, workspace: Workspace, watch: Watch) -> Written[Applied]:
    """Builds indexes on a synthetic database. One that fails is in the document with its reason."""
    moment = now()
    source = request.ddl or BUNDLED
    definitions = read_definitions(source)
    if request.ddl is not None:
        keep_input(request.ddl, request.output)
    path = lab_path(workspace, "indexes-applied", request.output, moment, request.force)
    with (
        told_anew(target, watch, "no index was made"),
        target.open(autocommit=True) as connection,
    ):
        keep_from_production(connection, target)
        wait_for_lock(connection, watch)
        planned = plan(connection, definitions)
        if request.names:
            planned = only(planned, request.names)
        if request.on_plan is not None:
            request.on_plan([one.about for one in planned])
        indexes = apply(connection, planned, lambda: target.open(autocommit=True), watch)
    applied = Applied(
        action="apply", applied_at=format_time(moment), indexes=indexes, schema_version=2, source=source.name
    )
    return Written(applied, workspace.save(applied, path, force=request.force))


def run_rollback(
    target: Target, workspace: Workspace, watch: Watch, output: Path | None = None, force: bool = False
) -> Written[Applied]:
    """Drops exactly the indexes that `run_apply` made."""
    moment = now()
    path = lab_path(workspace, "indexes-rolled-back", output, moment, force)
    with (
        told_anew(target, watch, "the indexes that are not dropped yet are still noted"),
        target.open(autocommit=True) as connection,
    ):
        keep_from_production(connection, target)
        wait_for_lock(connection, watch)
        indexes = rollback(connection, watch)
    applied = Applied(action="rollback", applied_at=format_time(moment), indexes=indexes, schema_version=2)
    return Written(applied, workspace.save(applied, path, force=force))


@dataclass(frozen=True)
class GrowthRequest:
    """Up to which fractions 0..1 of the messages, with which indexes (the bundled ones without a file), own queries."""

    fractions: tuple[float, ...] = (0.1, 0.3, 1.0)
    measuring: MeasureRequest = field(default_factory=lambda: MeasureRequest(repeats=10))
    ddl: Path | None = None
    queries: Path | None = None
    output: Path | None = None
    force: bool = False


def run_growth(target: Target, request: GrowthRequest, workspace: Workspace, watch: Watch) -> Written[Growth]:
    """Measures the reads while the messages become more, without and with the indexes."""
    moment = now()
    if not request.fractions or not all(0 < share <= 1 for share in request.fractions):
        raise UsageError("the fractions of --growth lie above 0 and not above 1", "say --growth 0.1,0.3,1")
    definitions = read_definitions(request.ddl or BUNDLED)
    own = read_queries(request.queries) if request.queries is not None else []
    for given in (request.ddl, request.queries):
        if given is not None:
            keep_input(given, request.output)
    path = lab_path(workspace, "growth", request.output, moment, request.force)
    with (
        told_anew(target, watch, "the schema of the copies is dropped; no file was written"),
        target.open(autocommit=True) as connection,
    ):
        keep_from_production(connection, target)
        wait_for_lock(connection, watch)
        origin, _ = _origin(connection)
        beginnings = Beginnings(request.fractions, _slice_ends(connection) if origin is not None else ())
        growth = measure_growth(connection, beginnings, definitions, own, request.measuring, origin, moment, watch)
    return Written(growth, workspace.save(growth, path, force=request.force))


def _slice_ends(connection: Connection) -> tuple[int, ...]:
    """Messages up to the end of each time slice, as the ledger has them."""
    _, _, slices = ledger.recorded(connection)
    records = sorted((index, record.rows) for (table, index), record in slices.items() if table == _MESSAGES)
    return tuple(accumulate(rows for _, rows in records if rows))


def wait_for_lock(connection: Connection, watch: Watch) -> None:
    """Takes the write lock of shapetui; waits a little for a killed run, whose session the server ends within seconds.

    Raises DatabaseError when another run keeps it.
    """
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            ledger.lock(connection)
            return
        except DatabaseError:
            if time.monotonic() >= until:
                raise
            watch.report("wait for another run")
            watch.check()
            time.sleep(0.2)


def lab_path(workspace: Workspace, stem: str, asked: Path | None, moment: datetime, force: bool) -> Path:
    """`reports/<stem>-<time>.json` or what was asked for, known to be writable. Raises DocumentError."""
    path = asked if asked is not None else fresh_path(workspace.reports, f"{stem}-{moment:%Y%m%dT%H%M%S}Z")
    check_writable(path, force=force)
    return path


def keep_from_production(connection: Connection, target: Target) -> None:
    """Raises DatabaseError for a database that was sampled as production: nothing is tried out there."""
    try:
        refuse_production(connection)
    except DatabaseError as refusal:
        raise DatabaseError(
            f"{target.label} was sampled as production: the index lab writes, and makes no index there",
            f"give the URL of the synthetic database; {refusal.hint}",
        ) from None


def _origin(connection: Connection) -> tuple[GeneratedFrom | None, dict[str, int]]:
    """The run that wrote the rows, and their exact numbers; nothing where they are not, or not all, shapetui's."""
    try:
        run = ledger.last_run(connection)
        if run is None or not run.finished:
            return None, {}
        counts = ledger.row_counts(connection)
        if any(counts.get(table) != rows for table, rows in run.rows.items()):
            return None, counts
        return GeneratedFrom.model_validate({**run.plan, "finished": run.finished}), counts
    except (psycopg.errors.InsufficientPrivilege, ValidationError):
        return None, {}
