"""One data folder of the embedded PostgreSQL and the process that serves it: initdb, start, stop, recovery.

Used by `embedded`, which counts the users and holds the starter's lock around everything here that changes something.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from shapetui.database.embedded_binaries import (
    Account,
    choose_account,
    disk_full,
    explained,
    find_binaries,
    give_to,
    run_as,
)
from shapetui.database.embedded_postmaster import PORT, Postmaster, read_postmaster, server_settings, serves
from shapetui.errors import EnvironmentProblem

# sun_path has 104 bytes on macOS and 108 on Linux, with the final NUL.
LONGEST_SOCKET_PATH = 100
STEP_SECONDS = 0.01
INITDB_SECONDS = 300.0
# Replaying max_wal_size (4 GB) after a crash takes a minute or two on a slow disk.
START_SECONDS = 300.0
# A fast shutdown writes its last checkpoint; after this we leave it to finish by itself.
STOP_SECONDS = 60.0
# Backends of a killed postmaster notice its death when they next wait.
ORPHANS_SECONDS = 15.0
LOG_BYTES = 1_000_000


class Cluster:
    """The data folder `<folder>/data` and its server; `folder` is resolved and ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def running(self) -> Postmaster | None:
        """The server, if it runs and accepts connections."""
        found = read_postmaster(self.data)
        # The kernel closes a killed process's socket after its memory: for a moment the dead would accept connections.
        alive = found is not None and found.ready and serves(found.pid, self.data) and found.answers()
        return found if alive else None

    def start(self) -> Postmaster:
        """Have the server running: found so, or started, after initdb where there is no data yet.

        Raises EnvironmentProblem: folder or programs cannot be used, disk full, server refuses or does not answer.
        """
        self._reap()
        found = self._settled()
        if found is not None:
            return found
        with explained(self.folder):
            account = choose_account(self.data)
            binaries = find_binaries(self.folder, account)
            self._initialise(binaries, account)
            sockets = self._socket_folder(account)
            self._remove_stale_locks(sockets)
            return self._launch(binaries, account, sockets)

    def stop(self) -> None:
        """Stop the server as `pg_ctl stop -m fast` does: connections end, everything is written."""
        found = read_postmaster(self.data)
        if found is not None and serves(found.pid, self.data):
            # No user is left who could have an opinion about open transactions.
            os.kill(found.pid, signal.SIGINT)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline and (self.data / "postmaster.pid").exists():
                self._reap()
                if not serves(found.pid, self.data):
                    break
                time.sleep(STEP_SECONDS)
            if found.socket_folder.name.startswith("shapetui-"):  # a short folder outside the home
                with suppress(OSError):  # not empty while a slow shutdown goes on; used again next time
                    found.socket_folder.rmdir()
        self._reap()

    def _settled(self) -> Postmaster | None:
        """The running server, or None once there is certainly none; waits for one that is starting or stopping.

        Such a server remains when its starter was killed, or when a shutdown took longer than we wait.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            found = read_postmaster(self.data)
            if found is None or not serves(found.pid, self.data):
                return None
            if found.ready and found.answers():
                return found
            if time.monotonic() > deadline:
                raise EnvironmentProblem(
                    f"the embedded PostgreSQL (process {found.pid}) neither answers nor ends",
                    f"stop it with `kill -INT {found.pid}` and try again; its log is {self.log}",
                )
            time.sleep(STEP_SECONDS)

    def _initialise(self, binaries: Path, account: Account | None) -> None:
        """Run initdb unless there is a data folder; an interrupted one leaves nothing that counts."""
        for stale in self.folder.glob("data.new-*"):
            shutil.rmtree(stale, ignore_errors=True)
        if (self.data / "PG_VERSION").is_file() and (self.data / "global" / "pg_control").is_file():
            return
        if self.data.exists():  # not by us, who rename a finished folder; it may be precious all the same
            self.data.rename(self.folder / f"data.broken-{time.time_ns()}")
        new = Path(tempfile.mkdtemp(prefix=f"data.new-{os.getpid()}-", dir=self.folder))
        command = [
            str(binaries / "initdb"),
            f"--pgdata={new}",
            "--username=postgres",
            "--auth=trust",  # only the owner of the socket's folder can reach the socket
            "--encoding=UTF8",
            "--locale=C",  # of libc: there on every machine
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",  # code point order, upper and lower case of Unicode, the same everywhere
            "--no-instructions",
        ]
        try:
            give_to(new, account)
            try:
                result = subprocess.run(  # noqa: S603 - our own program and arguments
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=INITDB_SECONDS,
                    **run_as(account),
                )
            except subprocess.TimeoutExpired as error:
                raise EnvironmentProblem(
                    f"initdb did not finish within {INITDB_SECONDS:.0f} s", f"is the disk of {self.folder} very slow?"
                ) from error
            if result.returncode != 0:
                raise self._refusal("initdb failed", result.stdout)
            new.rename(self.data)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def _socket_folder(self, account: Account | None) -> Path:
        """The folder of the socket, open to the server's owner alone: `<folder>/run`, or a short one elsewhere.

        Raises EnvironmentProblem: when the short folder exists and belongs to somebody else.
        """
        path = self.folder / "run"
        if len(os.fsencode(path / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_PATH:
            digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            runtime = os.environ.get("XDG_RUNTIME_DIR")
            # The runtime folder is closed to the account that serves root.
            if runtime and account is None and len(os.fsencode(runtime)) < LONGEST_SOCKET_PATH // 2:
                path = Path(runtime) / f"shapetui-{digest}"
            else:
                path = Path(f"/tmp/shapetui-{os.getuid()}-{digest}")  # noqa: S108 - ownership is verified below
        with suppress(FileExistsError):
            path.mkdir(0o700)
        # In /tmp anybody may have been faster: the folder counts only if it is what we would have made.
        found = path.lstat()
        owners = {os.geteuid()} if account is None else {os.geteuid(), account.uid}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
            raise EnvironmentProblem(
                f"{path}, the folder for the embedded PostgreSQL's socket, is not a private folder of ours",
                "remove it, or set SHAPETUI_HOME to a shorter path",
            )
        give_to(path, account)
        return path

    def _remove_stale_locks(self, sockets: Path) -> None:
        """Remove the lock files of a dead server whose process id lives on as a zombie or as something else.

        PostgreSQL would take that for itself. It removes other stale files on its own, and checks by the shared memory
        that no backend of the dead server is left.
        """
        for lock in (self.data / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock"):
            try:
                pid = int(lock.read_text().splitlines()[0])
                os.kill(pid, 0)
            except ProcessLookupError:
                continue
            except PermissionError:
                pass
            except FileNotFoundError:
                continue
            except (ValueError, IndexError):
                pass  # empty: the machine died while it was written
            lock.unlink(missing_ok=True)

    def _launch(self, binaries: Path, account: Account | None, sockets: Path) -> Postmaster:
        command = [str(binaries / "postgres"), "-D", str(self.data), *server_settings(sockets)]
        orphans_deadline = time.monotonic() + ORPHANS_SECONDS
        while True:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            with open(os.open(self.log, flags, 0o600), "ab") as log:
                if log.tell() > LOG_BYTES:
                    log.truncate(0)
                begin = log.seek(0, os.SEEK_END)
                process = subprocess.Popen(  # noqa: S603 - our own program and arguments
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **run_as(account)
                )
            try:
                found = self._await(process)
            except BaseException:
                process.send_signal(signal.SIGQUIT)  # nobody has connected: nothing to lose
                process.wait()
                raise
            if found is not None:
                self._process = process
                return found
            with open(self.log, "rb") as written:
                written.seek(begin)
                said = written.read(LOG_BYTES)
            if b"pre-existing shared memory block" not in said or time.monotonic() > orphans_deadline:
                raise self._refusal("the embedded PostgreSQL does not start", said)
            time.sleep(5 * STEP_SECONDS)

    def _await(self, process: subprocess.Popen[bytes]) -> Postmaster | None:
        """The server once it is ready, or None when it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None:
            found = read_postmaster(self.data)
            if found is not None and found.pid == process.pid and found.ready:
                return found
            if time.monotonic() > deadline:
                raise EnvironmentProblem(
                    f"the embedded PostgreSQL was not ready within {START_SECONDS:.0f} s", f"its log is {self.log}"
                )
            time.sleep(STEP_SECONDS)
        return None

    def _refusal(self, what: str, said: bytes) -> EnvironmentProblem:
        """The problem that a program of PostgreSQL told us, with its last five lines."""
        text = said.decode(errors="replace")
        if "No space left on device" in text:
            return disk_full(self.folder)
        lines = [line for line in text.splitlines() if line.strip()][-5:]
        return EnvironmentProblem(
            "\n  ".join([f"{what}:", *lines]) if lines else f"{what} and does not say why",
            f"the whole log is {self.log}; its data are in {self.data}",
        )

    def _reap(self) -> None:
        """Take note of the end of a server that this process started, so that it does not stay as a zombie."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
