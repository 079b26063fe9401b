"""`generate`: from a plan to a filled, analysed database, or to a clear statement of what is in it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import psycopg

from shapetui.database.ddl import (
    add_labels,
    create_schema,
    drop_scattered_unique,
    existing_tables,
)
from shapetui.database.production_memory import refuse_production
from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.documents.report import GenerationReport
from shapetui.errors import Cancelled, DatabaseError
from shapetui.generation import ledger
from shapetui.generation.attachments import attachment_kinds
from shapetui.generation.columns import TableColumns, missing_labels, resolve_columns
from shapetui.generation.outcome import explained, parameters, report
from shapetui.generation.plan import Plan
from shapetui.generation.writing import Load, Work
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]


def generate(target: Target, plan: Plan, watch: Watch, replace: str | None, now: datetime) -> GenerationReport:
    """Fills the database. `replace` names the database whose foreign rows may go.

    Raises PlanError and DatabaseError before anything is written when the plan cannot be carried out or the database
    is not to be filled; later Cancelled, DatabaseError or EnvironmentProblem, which say what is in the database.
    """
    begun = time.perf_counter()
    watch.report("prepare")
    work = Work(plan)
    done: dict[tuple[str, int], ledger.SliceRecord] = {}
    job: Load | None = None
    try:
        with target.open(create=True, autocommit=True) as connection, watch.over(connection):
            ledger.lock(connection)
            refuse_production(connection)
            tables, done = _prepare(connection, plan, replace, watch)
            job = Load(target, plan, tables, work, done, watch)
            job.run(connection)
            ledger.finish(connection, plan.fingerprint)
    except (Cancelled, psycopg.Error) as error:
        written = {**done, **job.written} if job is not None else None
        raise explained(error, watch, target, plan, written) from error
    return report(plan, {**done, **job.written}, len(done), time.perf_counter() - begun, now)


def _prepare(
    connection: Connection, plan: Plan, replace: str | None, watch: Watch
) -> tuple[dict[str, TableColumns], dict[tuple[str, int], ledger.SliceRecord]]:
    """(columns to fill, slices that are there already): tables and enums as the plan needs them, foreign rows gone.

    Everything that may be refused is looked at before anything lasting is done. Raises DatabaseError.
    """
    wanted = {
        "ConversationType": list(plan.model.conversation_types),
        "MessageType": list(plan.model.message_types),
    }
    # A refusal takes back the tables with it.
    with connection.transaction():
        _ensure_tables(connection, wanted)
        tables = resolve_columns(connection)
        _refuse_lacking_labels(connection, plan)
        resumable = _slices_to_keep(connection, plan, replace, watch)
    add_labels(connection, wanted)
    if resumable is not None:
        return tables, resumable
    with connection.transaction():
        ledger.create_ledger(connection)
        ledger.clear(connection)
        drop_scattered_unique(connection)
        ledger.begin(connection, plan.fingerprint, parameters(plan))
    return tables, {}


def _ensure_tables(connection: Connection, wanted: dict[str, list[str]]) -> None:
    """Creates the tables, with enums that hold the plan's labels, where there are none."""
    present = existing_tables(connection)
    needed = {names.name for names in CHAT_TABLES.all()}
    if present and not needed <= present:
        raise DatabaseError(
            "the database has some of the chat tables but not " + ", ".join(sorted(needed - present)),
            "create the others first (shapetui init-db does), or use a database of its own",
        )
    if not present:
        create_schema(connection, wanted)


def _refuse_lacking_labels(connection: Connection, plan: Plan) -> None:
    """Raises DatabaseError for labels that enums lack to which shapetui may not add them."""
    lacking = missing_labels(
        connection,
        {
            CHAT_TABLES.conversations: set(plan.model.conversation_types),
            CHAT_TABLES.messages: set(plan.model.message_types),
            CHAT_TABLES.attachments: attachment_kinds(plan.model.message_types),
        },
    )
    if lacking:
        raise DatabaseError(
            "the config has types that the database's enums lack: "
            + "; ".join(f'"{names.name}": {", ".join(labels)}' for names, labels in lacking.items()),
            "add them with ALTER TYPE ... ADD VALUE, or use a database of its own for the synthetic data",
        )


def _slices_to_keep(
    connection: Connection, plan: Plan, replace: str | None, watch: Watch
) -> dict[tuple[str, int], ledger.SliceRecord] | None:
    """The slices of an unfinished run of the same plan; None when everything is to be written anew.

    Raises DatabaseError for rows that shapetui did not write, unless `replace` names this database.
    """
    database = connection.info.dbname
    if replace is not None and replace != database:
        raise DatabaseError(
            f"--replace names {replace}, but this is the database {database}",
            f"say --replace {database} if its rows may go",
        )
    watch.report("prepare", note="counting what is there")
    fingerprint, finished, slices = ledger.recorded(connection)
    counts = ledger.row_counts(connection)
    foreign = ledger.foreign_rows(counts, slices)
    foreign |= {table: counts[table] for table in sorted(ledger.changed_ends(connection))}
    if foreign and replace is None:
        held = ", ".join(f"{count:,} in {table}" for table, count in foreign.items())
        raise DatabaseError(
            f"the database {database} holds rows that are not all shapetui's: {held}",
            f"use another database, or say --replace {database} to remove them",
        )
    return slices if fingerprint == plan.fingerprint and not finished and not foreign else None
