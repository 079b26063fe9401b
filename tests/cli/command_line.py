"""Running the command line: within this process for most tests, as a process of its own for signals and streams."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shapetui.cli.main import main
from shapetui.database.target import Target
from shapetui.errors import DatabaseError

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from shapetui.cli.main import run; run()"]
# Whatever hangs ends here; a run of these tests takes a few seconds.
PATIENCE = 60.0
# What `Terminal` says that it is.
TERMINAL = "xterm-256color"


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Cli = Callable[..., Outcome]


def runner(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command line within this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, in which the package is found, without a terminal's size and encoding."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "PYTHONIOENCODING")}
    return {**kept, "PYTHONPATH": str(ROOT), **(extra or {})}


def process(*arguments: object, cwd: Path, env: Mapping[str, str] | None = None, **more: Any) -> Outcome:
    """Runs a command line as a process of its own, to its end."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=environment(env), timeout=PATIENCE, check=False, **more
    )
    return Outcome(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def start(*arguments: object, cwd: Path, **more: Any) -> subprocess.Popen[bytes]:
    """Starts a command line as a process of its own."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([*COMMAND, *map(str, arguments)], cwd=cwd, env=environment(), **streams)


def end(running: subprocess.Popen[bytes]) -> tuple[Outcome, float]:
    """The outcome of a started command, and the seconds that it took to end from now."""
    begun = time.monotonic()
    try:
        out, err = running.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    return Outcome(running.returncode, out.decode(), err.decode()), time.monotonic() - begun


def when(true: Callable[[], bool], running: subprocess.Popen[bytes] | None = None) -> None:
    """Waits until something holds; fails when it never does, or when the process ends before."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        assert running is None or running.poll() is None, "the command ended before"
        time.sleep(0.02)


def slices(target: Target, table: str) -> int:
    """How many slices of a table are committed in a database."""
    try:
        with target.open() as connection:
            row = connection.execute("SELECT count(*) FROM shapetui_slices WHERE table_name = %s", [table]).fetchone()
    except (psycopg.Error, DatabaseError):
        return 0
    return int(row[0]) if row else 0


class Terminal:
    """A command on a terminal of its own, of which it is the foreground process."""

    def __init__(self, *arguments: object, cwd: Path, columns: int = 100) -> None:
        self.text = ""
        self.pid, self._master = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            with suppress(BaseException):
                os.chdir(cwd)
                size = {"TERM": TERMINAL, "COLUMNS": str(columns), "LINES": "40"}
                os.execve(sys.executable, [*COMMAND, *map(str, arguments)], environment(size))
            os._exit(99)

    def read(self, until: Callable[[str], bool] = lambda _: False) -> None:
        """Reads what is shown until that holds for all of it, or the command ends."""
        deadline = time.monotonic() + PATIENCE
        while not until(self.text):
            assert time.monotonic() < deadline, self.text[-2000:]
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    read = os.read(self._master, 65536)
                except OSError:  # Linux: the other side is closed
                    return
                if not read:
                    return
                self.text += read.decode(errors="replace")

    def type(self, text: str) -> None:
        """Presses keys; `\\x03` is ctrl-C."""
        os.write(self._master, text.encode())

    def hang_up(self) -> None:
        """The terminal goes away: SIGHUP."""
        os.close(self._master)
        self._master = -1

    def end(self) -> int:
        """The exit code, once the command has ended."""
        if self._master >= 0:
            self.read()
            os.close(self._master)
        deadline = time.monotonic() + PATIENCE
        while (done := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        return os.waitstatus_to_exitcode(done[1])
