"""The one transaction of a sample, in which nothing can be written, and what its errors mean.

PostgreSQL's messages can hold values of rows, so they are told anew; only what names a table, a column or a right is
repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors

from shapetui.errors import Cancelled, DatabaseError, ShapetuiError
from shapetui.progress import Watch
from shapetui.sampling.population import MISSING_HINT, Statement

Connection = psycopg.Connection[Any]
T = TypeVar("T")

# Hash tables of a hundred thousand conversations stay in memory, and a busy server can afford it.
_WORK_MEM: Final = "64MB"


@contextmanager
def read_only(connection: Connection, statement_timeout_s: float, lock_timeout_s: float) -> Iterator[None]:
    """A `REPEATABLE READ READ ONLY` transaction around the block, in UTC and with limits.

    The connection must not be in a transaction already. Raises psycopg.Error.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for name, value in {
            "statement_timeout": f"{round(statement_timeout_s * 1000)}ms",
            "lock_timeout": f"{round(lock_timeout_s * 1000)}ms",
            "TimeZone": "UTC",
            "application_name": "shapetui",
            "work_mem": _WORK_MEM,
            "jit": "off",  # compiling costs more than these queries gain by it
        }.items():
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield


def run(connection: Connection, statement: Statement) -> list[tuple[Any, ...]]:
    """The rows of one statement. Raises psycopg.Error."""
    return connection.execute(statement.query).fetchall()


def told_anew(work: Callable[[list[str]], T], watch: Watch, statement_timeout_s: float, lock_timeout_s: float) -> T:
    """The result of `work`, with the errors of psycopg told as the program's own and not chained to them.

    `work` gets a list and appends what it is about to ask the server for, so that an error can say it.
    """
    doing = ["the catalogue"]
    try:
        return work(doing)
    except psycopg.Error as error:
        told = _told(error, watch, doing[-1], statement_timeout_s, lock_timeout_s)
    raise told  # outside of the handler, so that psycopg's error is not its context


def _told(
    error: psycopg.Error, watch: Watch, doing: str, statement_timeout_s: float, lock_timeout_s: float
) -> ShapetuiError:
    if watch.cancelled:
        return Cancelled("cancelled; sampling only reads, so nothing is left behind")
    named = error.diag.message_primary or ""
    match error:
        case errors.QueryCanceled():
            return DatabaseError(
                f"the server ended the statement for {doing}: statement_timeout is {statement_timeout_s:g} s",
                "take a shorter window, or sample a replica; an administrator may also have ended it",
            )
        case errors.LockNotAvailable():
            return DatabaseError(
                f"a table was locked for more than lock_timeout ({lock_timeout_s:g} s) when asking for {doing}",
                "wait until the migration or maintenance that holds the lock is over, and try again",
            )
        case errors.InsufficientPrivilege():
            return DatabaseError(
                f"the role may not read what {doing} needs: {named}",
                "GRANT SELECT on users, conversations, conversation_users and messages to this role",
            )
        case errors.UndefinedTable() | errors.UndefinedColumn():
            return DatabaseError(f"{doing}: {named}", MISSING_HINT)
        case errors.SerializationFailure():
            return DatabaseError(
                f"the replica ended the statement for {doing}, because it was in the way of replication",
                "try again, raise max_standby_streaming_delay, or take a shorter window",
            )
    if error.sqlstate is None:
        return DatabaseError(f"the connection to the server was lost during {doing}", "try again")
    return DatabaseError(
        f"PostgreSQL refused the statement for {doing} (SQLSTATE {error.sqlstate}, {type(error).__name__})",
        "the server's log says more; it is not repeated here, because it may hold values of rows",
    )
