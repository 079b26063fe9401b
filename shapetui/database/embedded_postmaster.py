"""The PostgreSQL process of a data folder: what its lock file says, whether it lives, and its settings.

Used by `embedded_cluster`, which starts and stops it.
"""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Only the name of the socket (.s.PGSQL.5432): the server listens on no port.
PORT = 5432


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says about the server of a data folder."""

    pid: int
    socket_folder: Path
    port: int
    ready: bool

    @property
    def socket(self) -> Path:
        """The server's socket."""
        return self.socket_folder / f".s.PGSQL.{self.port}"

    def answers(self) -> bool:
        """Whether somebody accepts connections on the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5.0)
            try:
                client.connect(str(self.socket))
            except OSError:
                return False
        return True


def read_postmaster(data: Path) -> Postmaster | None:
    """What `postmaster.pid` in the folder `data` says; it may be stale or half-written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    # pid, data folder, start time, port, socket folder, address, shared memory, state (miscadmin.h, LOCK_FILE_LINE_…)
    complete = len(lines) >= 8
    port = int(lines[3]) if complete and lines[3].strip().isdigit() else PORT
    ready = complete and lines[7].strip() == "ready"
    return Postmaster(pid, Path(lines[4]) if complete else data, port, ready)


def serves(pid: int, data: Path) -> bool:
    """Whether process `pid` lives and is the postmaster of `data`: ids are used again, zombies keep theirs."""
    try:
        if Path("/proc/self/cmdline").exists():
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")  # empty for a zombie
            return os.fsencode(data) in arguments
        listed = subprocess.run(  # noqa: S603
            ["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False, timeout=10
        )
        return b"postgres" in listed.stdout and os.fsencode(data) in listed.stdout
    except (OSError, subprocess.TimeoutExpired):
        return False


def server_settings(sockets: Path) -> list[str]:
    """The server's settings as arguments: on the command line, so that a data folder of yesterday gets today's."""
    quoted = str(sockets).replace('"', '""')  # the value is a list of paths
    settings = {
        "listen_addresses": "",  # no port: nobody else on the machine or the network can reach it
        "port": str(PORT),  # the socket's name, whatever PGPORT says
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",  # authentication is `trust`: the file's mode is the lock
        "synchronous_commit": "off",  # a crash may lose the last 0.6 s of commits, never consistency; fsync stays on
        "wal_level": "minimal",  # COPY into a table created or truncated in the same transaction writes no WAL
        "max_wal_senders": "0",  # required by wal_level=minimal; there are no replicas
        "max_wal_size": "4GB",  # fewer checkpoints while loading, so fewer full-page images
        "checkpoint_timeout": "15min",  # likewise
        # Autovacuum takes a core from the next load, and its analysis of a table that was just loaded and our own
        # ANALYZE wait for each other's lock, up to deadlock_timeout; shapetui analyses what it writes.
        "autovacuum_naptime": "5min",
        "shared_buffers": "256MB",  # a laptop's share; the rest of the cache is the kernel's
        "maintenance_work_mem": "256MB",  # index builds sort in memory
        "work_mem": "64MB",  # the aggregations of sampling stay off the disk
        "max_connections": "50",  # worker processes and a few sessions; each slot costs shared memory
        "jit": "off",  # compiling costs more than our queries take, and blurs measured times
        "log_statement": "none",  # no data in the log
        "log_min_error_statement": "panic",  # nor in its error reports
        "logging_collector": "off",  # the log is our file, without another process
        "timezone": "UTC",  # the same hours on every machine
        "log_timezone": "UTC",
        "lc_messages": "C",  # messages that we and our users' searches can read
    }
    try:
        shared = os.statvfs("/dev/shm")  # noqa: S108 - only its size
        # A container's default is 64 MB, and a parallel hash join takes work_mem per worker from it, or fails.
        if shared.f_frsize * shared.f_blocks < 512 * 1024**2:
            settings["dynamic_shared_memory_type"] = "mmap"
    except OSError:
        pass  # macOS has none and needs none
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
