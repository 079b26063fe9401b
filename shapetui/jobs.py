"""The long work of shapetui, as both faces run it: from request to document on disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

import psycopg

from shapetui.calibration.calibrate import calibrate
from shapetui.database.ddl import create_schema
from shapetui.database.production_memory import refuse_production, remember
from shapetui.database.target import Target, redact
from shapetui.demo.chat_log import ChatLog
from shapetui.demo.corpus import read_messages
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, DatabaseError, EnvironmentProblem, ShapetuiError, UsageError
from shapetui.fidelity.compare import compare
from shapetui.generation.generate import generate
from shapetui.generation.plan import Request, make_plan
from shapetui.progress import Watch
from shapetui.sampling.sample import ExplainedStatement, SampleRequest, explain, required_salt, sample

D = TypeVar("D")

DEFAULT_PRODUCTION = "embedded:production"
DEFAULT_SYNTHETIC = "embedded:synthetic"
_ONLY_READ = "sampling only reads, so nothing is left behind"


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def production_target(url: str | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The database to sample: what was said, SHAPETUI_PRODUCTION_URL, or the embedded one."""
    return Target.parse(_said(url, environ, "SHAPETUI_PRODUCTION_URL", DEFAULT_PRODUCTION))


def synthetic_target(url: str | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The database to fill and validate: what was said, SHAPETUI_SYNTHETIC_URL, or the embedded one."""
    return Target.parse(_said(url, environ, "SHAPETUI_SYNTHETIC_URL", DEFAULT_SYNTHETIC))


def _said(url: str | None, environ: Mapping[str, str], variable: str, default: str) -> str:
    """An empty `--url` is a mistake (an unset variable of a script) and must not lead to the default; an empty
    variable is the usual way to unset it."""
    return url if url is not None else environ.get(variable) or default


@dataclass(frozen=True)
class Written(Generic[D]):
    """A document and the file that it was written to."""

    document: D
    path: Path


def run_sample(
    target: Target, request: SampleRequest, workspace: Workspace, output: Path | None, force: bool, watch: Watch
) -> Written[Shape]:
    """Samples production into a shape file. The database is remembered as production, never to be generated into."""
    moment = now()
    salt = required_salt(os.environ)
    path = workspace.output(Shape, output, moment, force=force)
    shape = sample_production(target, request, moment, watch, salt)
    return Written(shape, workspace.save(shape, path, force=force))


def sample_production(target: Target, request: SampleRequest, moment: datetime, watch: Watch, salt: str) -> Shape:
    """The shape of a production database."""
    with _told_anew(target, watch, _ONLY_READ), target.open() as connection:
        shape = sample(connection, request, moment, watch, salt)
        # Only now: a database that could not be sampled was no production database.
        connection.rollback()
        remember(connection)
        return shape


def run_calibrate(shape_file: Path, workspace: Workspace, output: Path | None, force: bool) -> Written[Config]:
    """Fits a config to a shape file."""
    moment = now()
    shape = load(shape_file, Shape)
    _keep(shape_file, output)
    path = workspace.output(Config, output, moment, force=force)
    config = calibrate(shape, shape_file.name, moment)
    return Written(config, workspace.save(config, path, force=force))


def run_generate(
    target: Target, request: Request, workspace: Workspace, replace_database: str | None, watch: Watch
) -> Written[GenerationReport]:
    """Fills a database and writes the run's report."""
    moment = now()
    plan = make_plan(request, moment)
    path = workspace.run_report("quick" if request.quick else plan.band, moment)
    with _told_anew(target, watch, f"no row was written to {target.label}"):
        report = generate(target, plan, watch, replace_database, moment)
    return Written(report, workspace.save(report, path))


def sample_synthetic(target: Target, watch: Watch, moment: datetime) -> Shape:
    """The shape of everything in a synthetic database; nobody in it needs protection."""
    with _told_anew(target, watch, _ONLY_READ), target.open() as connection:
        return sample(connection, SampleRequest(window_days=0, min_cell_count=1), moment, watch)


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
    _keep(shape_file, output)
    path = workspace.output(Report, output, moment, force=force)
    synthetic = sample_synthetic(target, watch, moment)
    report = compare(production, synthetic, tolerance, shape_file.name, moment)
    return Validation(production, synthetic, report, workspace.save(report, path, force=force))


@dataclass(frozen=True)
class Demo:
    """Everything that a demo has made."""

    shape: Written[Shape]
    config: Written[Config]
    generated: Written[GenerationReport]
    validation: Validation


def run_demo(
    messages: Path | None,
    target_messages: int | None,
    seed: str | None,
    tolerance: float,
    workspace: Workspace,
    watch: Watch,
) -> Demo:
    """The whole loop on a production database of the demo's own: build, sample, calibrate, generate, validate."""
    watch.report("read" if messages else "simulate")
    log = read_messages(messages) if messages is not None else simulate()
    production, synthetic = Target.parse(DEFAULT_PRODUCTION), Target.parse(DEFAULT_SYNTHETIC)
    # One use of the server over all steps, instead of a start and a stop for each.
    with production.open(create=True):
        with _told_anew(production, watch, "the next demo builds its production database anew"):
            build_production(production, log, watch)
        moment = now()
        request = replace(SampleRequest(window_days=0), until=_end(log))
        # Nothing of the demo's data is anybody's, so a salt for the day will do where none is set.
        salt = os.environ.get("ANONYMIZATION_SALT") or secrets.token_hex(32)
        path = workspace.output(Shape, None, moment, force=False)
        shape = sample_production(production, request, moment, watch, salt)
        shape_file = Written(shape, workspace.save(shape, path))
        config = run_calibrate(path, workspace, None, force=False)
        volume = Request(config=config.document, target_messages=target_messages or log.messages, seed=seed)
        generated = run_generate(synthetic, volume, workspace, None, watch)
        validation = run_validate(synthetic, path, tolerance, workspace, None, False, watch)
    return Demo(shape_file, config, generated, validation)


def _end(log: ChatLog) -> datetime:
    """Midnight after the last message: the demo's history ends there, whatever today is."""
    last = datetime.fromtimestamp(int(log.sent_at[-1]) / 1000, UTC)
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def run_init(target: Target) -> list[str]:
    """Creates the chat tables that a database lacks; returns their names."""
    with _told_anew(target, Watch(), ""), target.open(create=True) as connection:
        refuse_production(connection)
        return create_schema(connection)


def run_explain(target: Target, request: SampleRequest) -> list[ExplainedStatement]:
    """The statements that sampling would run, with the planner's cost; none of them is run."""
    with _told_anew(target, Watch(), _ONLY_READ), target.open() as connection:
        return explain(connection, request, now())


def _keep(given: Path, output: Path | None) -> None:
    """Refuses an output that is the input: the shape of a production is not to be had again so easily."""
    if output is not None and os.path.exists(output) and os.path.samefile(output, given):
        raise UsageError(f"{output}: the output is the input", "give --output another name")


@contextmanager
def _told_anew(target: Target, watch: Watch, left: str) -> Iterator[None]:
    """Tells PostgreSQL's errors that nothing below has told better in the words of the program's own family.

    `left`: what a cancellation that says nothing else has left behind.
    """
    try:
        yield
        return
    except Cancelled as error:
        said = f"cancelled; {left}" if error.message == "cancelled" else error.message
        told: ShapetuiError = Cancelled(said if said.startswith("cancelled") else f"cancelled: {said}")
    except psycopg.Error as error:
        told = Cancelled(f"cancelled; {left}") if watch.cancelled else _in_words(error, target.label)
    raise told from None


def _in_words(error: psycopg.Error, label: str) -> ShapetuiError:
    named = redact(" ".join((error.diag.message_primary or "").split()))
    match error:
        case psycopg.errors.InsufficientPrivilege():
            return DatabaseError(
                f"{label}: the role has no right to do this: {named}",
                "GRANT it the right, or connect as the owner of the database",
            )
        case psycopg.errors.ReadOnlySqlTransaction():
            return DatabaseError(f"{label}: the database is read-only", "a replica? Give the URL of the primary")
        case psycopg.errors.DiskFull():
            return EnvironmentProblem(f"{label}: the server's disk is full", "free some space and try again")
    if error.sqlstate is None or error.sqlstate[:3] in ("080", "57P"):
        return DatabaseError(f"{label}: the connection to the server was lost", "is the server running? Then try again")
    return DatabaseError(f"{label}: PostgreSQL refused: {named} (SQLSTATE {error.sqlstate})", "its log says more")
