"""`generate`: from a plan to a filled, analysed database, or to a clear statement of what is in it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.catalogue import has_own_triggers
from shapetui.database.ddl import (
    add_labels,
    create_schema,
    drop_scattered_unique,
    existing_tables,
    restore_scattered_unique,
)
from shapetui.database.embedded import data_home
from shapetui.database.production_memory import refuse_production
from shapetui.database.tables import CHAT_TABLES, TableNames
from shapetui.database.target import Target
from shapetui.documents.model import format_time
from shapetui.documents.report import Counts, GenerationReport, Performance
from shapetui.errors import Cancelled, DatabaseError, EnvironmentProblem, ShapetuiError
from shapetui.generation import ledger
from shapetui.generation.batches import Batch, RowMaker, attachment_kinds
from shapetui.generation.columns import TableColumns, missing_labels, resolve_columns
from shapetui.generation.conversations import lay_out
from shapetui.generation.load import ROWS_PER_BATCH, Loader, SliceWork, StoppedElsewhere
from shapetui.generation.people import assign_members
from shapetui.generation.plan import Plan
from shapetui.generation.slices import ROWS_PER_SLICE, Slices
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]
_USERS, _ROOMS, _MEMBERS = CHAT_TABLES.users.name, CHAT_TABLES.conversations.name, CHAT_TABLES.members.name
_MESSAGES, _ATTACHMENTS = CHAT_TABLES.messages.name, CHAT_TABLES.attachments.name

# Room for two segments of PostgreSQL's write-ahead log, 16 MB each.
_LOG_SEGMENTS_BYTES: Final = 32 << 20


def generate(target: Target, plan: Plan, watch: Watch, replace: str | None, now: datetime) -> GenerationReport:
    """Fills the database. `replace` names the database whose foreign rows may go.

    Raises PlanError and DatabaseError before anything is written when the plan cannot be carried out or the database
    is not to be filled; later Cancelled, DatabaseError or EnvironmentProblem, which say what is in the database.
    """
    begun = time.perf_counter()
    watch.report("prepare")
    work = _Work(plan)
    done: dict[tuple[str, int], ledger.SliceRecord] = {}
    job: _Load | None = None
    try:
        with target.open(create=True, autocommit=True) as connection, watch.over(connection):
            ledger.lock(connection)
            refuse_production(connection)
            tables, done = _prepare(connection, plan, replace, watch)
            job = _Load(target, plan, tables, work, done, watch)
            job.run(connection)
            ledger.finish(connection, plan.fingerprint)
    except (Cancelled, psycopg.Error) as error:
        written = {**done, **job.written} if job is not None else None
        raise _explained(error, watch, target, plan, written) from error
    return _report(plan, {**done, **job.written}, len(done), time.perf_counter() - begun, now)


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
        ledger.begin(connection, plan.fingerprint, _parameters(plan))
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
    foreign = ledger.foreign_rows(ledger.row_counts(connection), slices)
    if foreign and replace is None:
        held = ", ".join(f"{count:,} in {table}" for table, count in foreign.items())
        raise DatabaseError(
            f"the database {database} holds rows that are not all shapetui's: {held}",
            f"use another database, or say --replace {database} to remove them",
        )
    return slices if fingerprint == plan.fingerprint and not finished and not foreign else None


def _explained(
    error: Cancelled | psycopg.Error,
    watch: Watch,
    target: Target,
    plan: Plan,
    written: dict[tuple[str, int], ledger.SliceRecord] | None,
) -> ShapetuiError:
    """What ended a run, for the user: why, and what the database holds now."""

    def there(at_most: bool = False) -> str:
        if written is None:
            return f"no row of {target.label} was written or removed"
        return _what_is_there(target, plan, written, at_most)

    said = " ".join((error.diag.message_primary or str(error)).split()) if isinstance(error, psycopg.Error) else ""
    match error:
        case Cancelled():
            return Cancelled(there())
        case psycopg.errors.QueryCanceled() if watch.cancelled:
            return Cancelled(there())
        case psycopg.errors.QueryCanceled():
            return DatabaseError(
                "the server cancelled a statement: " + there(),
                "raise statement_timeout for this role, and run the same command again",
            )
        case psycopg.errors.DiskFull():
            return EnvironmentProblem(
                "the server's disk is full: " + there(),
                "free some space and run the same command again, or generate fewer messages",
            )
        case psycopg.OperationalError() if error.sqlstate is None or error.sqlstate[:2] in ("08", "57"):
            if target.embedded and shutil.disk_usage(data_home()).free < _LOG_SEGMENTS_BYTES:
                # Without room for its log the server goes down before it can say why.
                return EnvironmentProblem(
                    f"the server's disk is full, and the server has ended: {there(at_most=True)}",
                    "free some space and run the same command again, or generate fewer messages",
                )
            # Commits are not waited for: a server that crashes may lose those of its last second.
            return DatabaseError(
                f"the connection to the server was lost ({said}): {there(at_most=True)}",
                "run the same command again: it goes on where this one stopped",
            )
    where = f" ({error.diag.table_name})" if isinstance(error, psycopg.Error) and error.diag.table_name else ""
    return DatabaseError(
        f"the server refuses{where}: {said}; {there()}",
        "mend that and run the same command again, or use a database of its own for the synthetic data",
    )


def _prepare_session(connection: Connection) -> bool:
    """Settings for a bulk load; returns whether foreign keys are left unchecked.

    Our rows are consistent by construction, so their keys need not be looked up one by one. Triggers of the
    database's own must fire, so with any of them, or without the right, the checks stay on.
    """
    connection.execute("SET synchronous_commit = off")
    if any(has_own_triggers(connection, names.name) for names in CHAT_TABLES.all()):
        return False
    try:
        connection.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


class _Load:
    """Writes all tables: people first and then messages, or, where no foreign key is checked, both at once."""

    def __init__(
        self,
        target: Target,
        plan: Plan,
        tables: dict[str, TableColumns],
        work: _Work,
        done: dict[tuple[str, int], ledger.SliceRecord],
        watch: Watch,
    ) -> None:
        self._target = target
        self._plan = plan
        self._tables = tables
        self._work = work
        self._done = done
        self._watch = watch
        self._counter = _Counter(watch, work.totals, done)
        self._stop = threading.Event()
        self.written: dict[tuple[str, int], ledger.SliceRecord] = {}

    def run(self, connection: Connection) -> None:
        """Returns when everything is written, constrained and analysed. Raises what either side raises first."""
        if not _prepare_session(connection):
            self._people(connection)
            self._messages(connection)
            return
        with ThreadPoolExecutor(1, thread_name_prefix="shapetui people") as pool:
            people = pool.submit(self._people_beside)
            try:
                self._messages(connection)
            except StoppedElsewhere:
                # The other side raised; its error is the one to tell.
                pass
            except BaseException:
                self._stop.set()
                people.exception()
                raise
            people.result()

    def _people_beside(self) -> None:
        try:
            with self._target.open(autocommit=True) as connection, self._watch.over(connection):
                _prepare_session(connection)
                self._people(connection)
        except BaseException:
            self._stop.set()
            raise

    def _people(self, connection: Connection) -> None:
        self._loader(connection).load(self._work.people(self._done))
        self._check()
        restore_scattered_unique(connection)
        self._analyze(connection, (CHAT_TABLES.users, CHAT_TABLES.conversations, CHAT_TABLES.members))

    def _messages(self, connection: Connection) -> None:
        self._loader(connection).load(self._work.messages(self._done))
        self._watch.report("analyze")
        self._analyze(connection, (CHAT_TABLES.messages, CHAT_TABLES.attachments))

    def _analyze(self, connection: Connection, tables: tuple[TableNames, ...]) -> None:
        for names in tables:
            # A request to stop that came between two statements has cancelled neither.
            self._check()
            connection.execute(sql.SQL("ANALYZE {}").format(names.identifier))

    def _loader(self, connection: Connection) -> Loader:
        return Loader(connection, self._tables, self._plan.fingerprint, self._check, self._counter.add, self.written)

    def _check(self) -> None:
        self._watch.check()
        if self._stop.is_set():
            raise StoppedElsewhere


class _Work:
    """The slices of all tables. Raises PlanError when the window cannot hold the messages."""

    def __init__(self, plan: Plan) -> None:
        self._rooms = lay_out(plan)
        self._members = assign_members(plan, self._rooms)
        self._slices = Slices(plan, self._rooms)
        self._slices.refuse_crowded()
        self._rows = RowMaker(plan, self._rooms, self._members, self._slices.last_message_ms())
        self.totals = {
            _USERS: plan.users,
            _ROOMS: plan.conversations,
            _MEMBERS: int(self._members.user.size),
            _MESSAGES: self._rooms.messages,
        }

    def people(self, done: Container[tuple[str, int]]) -> Iterator[SliceWork]:
        """Users, conversations, members, without the slices that are done: parents before children."""
        rooms_of_members = self._members.conversation
        makers: tuple[tuple[str, Callable[[int, int], Batch]], ...] = (
            (_USERS, self._rows.users),
            (_ROOMS, self._rows.rooms),
            (_MEMBERS, lambda first, rows: self._rows.memberships(first, rows, rooms_of_members[first : first + rows])),
        )
        for table, make in makers:
            for index, first in enumerate(range(0, self.totals[table], ROWS_PER_SLICE)):
                if (table, index) not in done:
                    last = min(first + ROWS_PER_SLICE, self.totals[table])
                    yield SliceWork(index, (table,), partial(_in_batches, make, first, last))

    def messages(self, done: Container[tuple[str, int]]) -> Iterator[SliceWork]:
        """Messages with their attachments, slice by slice in time, without those that are done."""
        for index in range(self._slices.count):
            if (_MESSAGES, index) not in done:
                yield SliceWork(index, (_MESSAGES, _ATTACHMENTS), partial(self._in_slice, index))

    def _in_slice(self, index: int) -> Iterator[Batch]:
        for messages, attachments in self._rows.messages(self._slices.rows(index), ROWS_PER_BATCH):
            yield messages
            if attachments is not None:
                yield attachments


def _in_batches(make: Callable[[int, int], Batch], first: int, last: int) -> Iterator[Batch]:
    for begin in range(first, last, ROWS_PER_BATCH):
        yield make(begin, min(ROWS_PER_BATCH, last - begin))


class _Counter:
    """Turns rows written into progress; each table is counted by one thread."""

    def __init__(self, watch: Watch, totals: dict[str, int], done: dict[tuple[str, int], ledger.SliceRecord]) -> None:
        self._watch = watch
        self._totals = totals
        self._done = dict.fromkeys(totals, 0) | {
            table: rows for table, rows in ledger.written_rows(done).items() if table in totals
        }

    def add(self, table: str, rows: int) -> None:
        """More rows of a table went to the server. Attachments belong to their messages' phase."""
        if table in self._done:
            self._done[table] += rows
            self._watch.report(table, self._done[table], self._totals[table])


def _what_is_there(target: Target, plan: Plan, slices: dict[tuple[str, int], ledger.SliceRecord], at_most: bool) -> str:
    counts = ledger.written_rows(slices)
    held = ", ".join(f"{counts.get(table, 0):,} {table}" for table in (_USERS, _ROOMS, _MESSAGES))
    return (
        f"{target.label} holds {'at most ' if at_most else ''}{held} of about {plan.target_messages:,}, in whole"
        " slices; the same command goes on from there"
    )


def _parameters(plan: Plan) -> dict[str, Any]:
    return {
        "band": plan.band,
        "seed": plan.seed,
        "config_digest": plan.config_digest,
        "target_messages": plan.target_messages,
        "conversations": plan.conversations,
        "users": plan.users,
        "from": format_time(_moment(plan.clock.start_ms)),
        "until": format_time(_moment(plan.clock.end_ms)),
        "fingerprint": plan.fingerprint,
    }


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _report(
    plan: Plan,
    slices: dict[tuple[str, int], ledger.SliceRecord],
    resumed: int,
    seconds: float,
    now: datetime,
) -> GenerationReport:
    counts = ledger.written_rows(slices)
    return GenerationReport(
        band=plan.band,
        generated_at=format_time(now),
        seed=plan.seed,
        counts=Counts(
            users=counts.get(_USERS, 0),
            conversations=counts.get(_ROOMS, 0),
            conversation_users=counts.get(_MEMBERS, 0),
            messages=counts.get(_MESSAGES, 0),
            attachments=counts.get(_ATTACHMENTS, 0),
        ),
        parameters=_parameters(plan),
        digests=ledger.table_digests(slices),
        performance=Performance(
            total_duration_seconds=round(seconds, 3),
            messages_per_second=round(counts.get(_MESSAGES, 0) / seconds),
            rows_per_second=round(sum(counts.values()) / seconds),
            slices=len(slices),
            resumed_slices=resumed,
        ),
        schema_version=2,
    )
