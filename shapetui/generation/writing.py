"""Writing all tables of a plan: the slices there are, in which order and on which connection, and their progress."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from shapetui.database.catalogue import has_own_triggers
from shapetui.database.ddl import restore_scattered_unique
from shapetui.database.tables import CHAT_TABLES, TableNames
from shapetui.database.target import Target
from shapetui.generation import ledger
from shapetui.generation.batches import Batch
from shapetui.generation.columns import TableColumns
from shapetui.generation.conversations import lay_out
from shapetui.generation.load import ROWS_PER_BATCH, Loader, SliceWork, StoppedElsewhere
from shapetui.generation.people import assign_members
from shapetui.generation.plan import Plan
from shapetui.generation.rows import RowMaker
from shapetui.generation.slices import ROWS_PER_SLICE, Slices
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]
_USERS, _ROOMS, _MEMBERS = CHAT_TABLES.users.name, CHAT_TABLES.conversations.name, CHAT_TABLES.members.name
_MESSAGES, _ATTACHMENTS = CHAT_TABLES.messages.name, CHAT_TABLES.attachments.name


class Work:
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


class Load:
    """Writes all tables: people first and then messages, or, where no foreign key is checked, both at once."""

    def __init__(
        self,
        target: Target,
        plan: Plan,
        tables: dict[str, TableColumns],
        work: Work,
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
