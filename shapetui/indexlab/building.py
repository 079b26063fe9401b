"""One `CREATE INDEX CONCURRENTLY`: watched from a second connection, and cleaned up after when it does not succeed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.errors import ShapetuiError
from shapetui.indexlab.ddl import IndexDefinition
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]
Opens = Callable[[], AbstractContextManager[Connection]]

# As often as a progress line is looked at.
_EVERY_SECONDS: Final = 0.25
# Whoever cancelled waits for it; what is left is noted and found by the next run.
_DROP_SECONDS: Final = 3
_PROGRESS: Final = """
    SELECT phase, CASE WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
           CASE WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END, current_locker_pid
    FROM pg_stat_progress_create_index WHERE pid = %s
"""


def build(connection: Connection, definition: IndexDefinition, opens: Opens, watch: Watch) -> None:
    """Builds an index; the connection is in autocommit. Raises psycopg.Error, and then an invalid index may be left."""
    # The server notices that the client is gone only when it looks: a killed run must not build on for an hour.
    with suppress(psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject):
        connection.execute("SET client_connection_check_interval = '2s'")
    connection.execute("SET statement_timeout = 0")
    watch.report(f"index {definition.name}", 0, None, "begins")
    with _watched(definition.name, connection.info.backend_pid, opens, watch), watch.over(connection):
        connection.execute(definition.create())


def drop(connection: Connection, name: str) -> None:
    """Drops an index, valid or not, without keeping anybody from its table; waits for transactions that use it."""
    connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


def dropped_soon(connection: Connection, name: str) -> bool:
    """Drops what is left of an index; whether it is gone, and not held by another transaction for too long."""
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{_DROP_SECONDS}s"])
    try:
        drop(connection, name)
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        connection.execute("RESET lock_timeout")
    return True


@contextmanager
def _watched(name: str, pid: int, opens: Opens, watch: Watch) -> Iterator[None]:
    """Reports how far the server is while the block runs; without a second connection there is no news, and no harm."""
    stop = threading.Event()
    thread = threading.Thread(target=_report, args=(name, pid, opens, watch, stop), name="shapetui index", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _report(name: str, pid: int, opens: Opens, watch: Watch, stop: threading.Event) -> None:
    with suppress(psycopg.Error, ShapetuiError), opens() as connection:
        while not stop.wait(_EVERY_SECONDS):
            row = connection.execute(_PROGRESS, [pid]).fetchone()
            if row is not None:
                phase, done, total, locker = row
                waits = f", for session {locker}" if locker else ""
                watch.report(f"index {name}", int(done or 0), int(total or 0) or None, f"{phase}{waits}")
