"""The embedded PostgreSQL 18: a real server without installation, port or root, shared by all processes of one user.

Every user of the server holds a shared `flock` on `users.lock` for as long as it uses it; the kernel lets go of it
however the process ends. Who leaves tries to make it exclusive: success means that nobody else is left, and the server
is stopped. `starter.lock` is held while a server is looked for, started or stopped: one process at a time.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from shapetui.database.embedded_binaries import disk_full, explained, prepare_folder
from shapetui.database.embedded_cluster import START_SECONDS, Cluster
from shapetui.database.embedded_postmaster import Postmaster
from shapetui.errors import DatabaseError, EnvironmentProblem, ShapetuiError

LOCK_STEP_SECONDS = 0.02


def data_home() -> Path:
    """The folder for shapetui's own data: `SHAPETUI_HOME`, or the system's place for such data."""
    chosen = os.environ.get("SHAPETUI_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/shapetui")  # open to the account that runs the server for root, as /root is not
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "shapetui"
    base = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path is invalid and to be ignored.
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share") / "shapetui"


class EmbeddedServer:
    """One use of the embedded server: it runs at least until `release` (or the end of the `with` block)."""

    def __init__(self, share: _Share, postmaster: Postmaster) -> None:
        self._share: _Share | None = share
        self._postmaster = postmaster

    @classmethod
    def acquire(cls, home: Path | None = None) -> Self:
        """Use the server whose data lie in `home` (default `data_home()`), and start it if it does not run.

        Raises EnvironmentProblem: home or programs cannot be used, disk full, server refuses to start.
        """
        with explained(home or data_home()):
            folder = (home or data_home()).resolve() / "postgres18"
        with _guard:
            share = _shares.get(folder)
            postmaster = share.cluster.running() if share is not None else None
            if share is None or postmaster is None:
                with explained(folder):
                    prepare_folder(folder)
                    with _starting(folder):
                        joined = share or _Share(folder)
                        try:
                            postmaster = joined.cluster.start()
                        except BaseException:
                            if share is None:
                                joined.leave()
                            raise
                share = _shares[folder] = joined
            share.count += 1
            return cls(share, postmaster)

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._postmaster.pid

    def conninfo(self, database: str) -> str:
        """The libpq string for `database` on this server."""
        return make_conninfo(
            "",
            host=str(self._postmaster.socket_folder),
            hostaddr="",  # not PGHOSTADDR
            port=self._postmaster.port,  # not PGPORT
            user="postgres",
            dbname=database,
        )

    def has_database(self, name: str) -> bool:
        """Whether the database `name` exists. Raises DatabaseError: the server does not answer."""
        with self._administration() as connection:
            query = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
            return connection.execute(query, (name,)).fetchone() is not None

    def ensure_database(self, name: str) -> None:
        """Create the database `name` unless it exists.

        Raises EnvironmentProblem: disk full. DatabaseError: the server does not answer or refuses.
        """
        if self.has_database(name):
            return
        faster = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)  # another process was
        with self._administration() as connection, suppress(*faster):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def release(self) -> None:
        """End this use; the last use by any process stops the server. More than once does nothing."""
        share, self._share = self._share, None
        if share is None or share.pid != os.getpid():  # a fork's copy is not a use of its own
            return
        with _guard:
            share.count -= 1
            if share.count == 0:
                _end(share)

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection]:
        try:
            with psycopg.connect(self.conninfo("postgres"), autocommit=True, connect_timeout=10) as connection:
                yield connection
        except psycopg.errors.DiskFull as error:
            raise disk_full(self._postmaster.socket_folder.parent) from error
        except psycopg.Error as error:
            raise DatabaseError(
                f"the embedded PostgreSQL: {' '.join(str(error).split())}", "try again: a server that died is restarted"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class _Share:
    """This process's part in the server of one folder: the shared lock, and how many uses it stands for."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder)
        self.count = 0
        self.pid = os.getpid()
        self.descriptor = _open_lock(folder / "users.lock")
        # Never waits: it is exclusive only under the starter's lock, which we hold.
        fcntl.flock(self.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def is_last(self) -> bool:
        """Whether no other process uses the server; only under the starter's lock, and only to leave."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        """Let go of the lock."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


_guard = threading.RLock()
_shares: dict[Path, _Share] = {}


def _end(share: _Share) -> None:
    """Leave the server, and stop it if nobody else uses it."""
    folder = share.cluster.folder
    if _shares.get(folder) is share:
        del _shares[folder]
    try:
        # A folder that was removed has no lock: the server notices within a minute and ends by itself.
        with explained(folder), suppress(FileNotFoundError), _starting(folder):
            if share.is_last():
                share.cluster.stop()
    finally:
        share.leave()


@contextmanager
def _starting(folder: Path) -> Iterator[None]:
    """Hold the lock under which servers are looked for, started and stopped."""
    descriptor = _open_lock(folder / "starter.lock")
    try:
        # The holder may wait for a recovery and then for a shutdown.
        deadline = time.monotonic() + 2 * START_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EnvironmentProblem(
                        f"another process has been starting the embedded PostgreSQL in {folder} for ten minutes",
                        "end that process and try again",
                    ) from None
                time.sleep(LOCK_STEP_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    """A descriptor for `flock`, which no program that we start inherits (PEP 446)."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


@atexit.register
def _end_all() -> None:
    for share in list(_shares.values()):
        if share.pid == os.getpid():
            with suppress(ShapetuiError):  # nobody is left to tell; the next run stops the server at its end
                _end(share)


def _forget_in_child() -> None:
    """A fork is not a user by itself: it lets go of the inherited locks, which stay the parent's."""
    global _guard
    _guard = threading.RLock()
    for share in _shares.values():
        share.leave()
    _shares.clear()


os.register_at_fork(after_in_child=_forget_in_child)
