"""Putting pages out of the server's cache, where it has the means: the extension pg_buffercache, from PostgreSQL 17 on.

Only the server's own cache can be emptied: the operating system may still have the file in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from shapetui.database.catalogue import server_version

Connection = psycopg.Connection[Any]

_LEAST_VERSION: Final = 170_000
# One call for the whole cache since 18; before, one for each of its pages.
_ALL: Final = 180_000
SAID: Final = "pg_buffercache put all pages out of shared_buffers before each run; the system's cache keeps the file"


def why_not(connection: Connection) -> str | None:
    """Why the cache of this server cannot be emptied by this role; None where it can."""
    if connection.info.server_version < _LEAST_VERSION:
        return (
            f"not possible: PostgreSQL {server_version(connection)} cannot put pages out of its cache, 17 or newer can"
        )
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_buffercache'),"
        " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    ).fetchone()
    available, superuser = row if row else (False, False)
    if not available:
        return "not possible: the server does not have the extension pg_buffercache (PostgreSQL's contrib package)"
    return None if superuser else "not possible: pg_buffercache_evict is for superusers only"


@contextmanager
def emptying(connection: Connection) -> Iterator[Callable[[], None]]:
    """A function that empties the cache, inside a transaction that only reads and is rolled back at the end.

    The extension is made in it where it is missing, and so is gone with it. Raises psycopg.Error.
    """
    with connection.transaction(force_rollback=True):
        row = connection.execute(
            "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
            " WHERE e.extname = 'pg_buffercache'"
        ).fetchone()
        if row is None:
            connection.execute("CREATE EXTENSION pg_buffercache")
            row = connection.execute("SELECT current_schema()").fetchone()
        schema = psycopg.sql.Identifier(row[0] if row else "public")
        connection.execute("SET LOCAL transaction_read_only = on")
        if connection.info.server_version >= _ALL:
            query = psycopg.sql.SQL("SELECT {}.pg_buffercache_evict_all()").format(schema)
        else:
            query = psycopg.sql.SQL(
                "SELECT count(*) FROM generate_series(1, (SELECT setting::int FROM pg_settings"
                " WHERE name = 'shared_buffers')) i WHERE {}.pg_buffercache_evict(i)"
            ).format(schema)
        yield lambda: (connection.execute(query), None)[1]
