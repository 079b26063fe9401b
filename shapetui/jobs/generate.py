"""Filling a database, or only creating its tables."""

from __future__ import annotations

from shapetui.database.ddl import create_schema
from shapetui.database.production_memory import refuse_production
from shapetui.database.target import Target
from shapetui.documents.report import GenerationReport
from shapetui.documents.workspace import Workspace
from shapetui.generation.generate import generate
from shapetui.generation.plan import Request, make_plan
from shapetui.jobs.targets import told_anew
from shapetui.jobs.written import Written, now
from shapetui.progress import Watch


def run_generate(
    target: Target, request: Request, workspace: Workspace, replace_database: str | None, watch: Watch
) -> Written[GenerationReport]:
    """Fills a database and writes the run's report."""
    moment = now()
    plan = make_plan(request, moment)
    path = workspace.run_report("quick" if request.quick else plan.band, moment)
    with told_anew(target, watch, f"no row was written to {target.label}"):
        report = generate(target, plan, watch, replace_database, moment)
    return Written(report, workspace.save(report, path))


def run_init(target: Target) -> list[str]:
    """Creates the chat tables that a database lacks; returns their names."""
    with told_anew(target, Watch(), ""), target.open(create=True) as connection:
        refuse_production(connection)
        return create_schema(connection)
