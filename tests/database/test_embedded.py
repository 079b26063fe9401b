"""The embedded server: real processes share it, are killed, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from shapetui.database.embedded import EmbeddedServer, data_home
from shapetui.database.embedded_binaries import Account, choose_account, find_binaries
from shapetui.database.embedded_postmaster import read_postmaster, serves
from shapetui.errors import EnvironmentProblem

ROOT = Path(__file__).parents[2]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="is about running as root")

USER = """
import sys
from shapetui.database.embedded import EmbeddedServer
server = EmbeddedServer.acquire()
print(server.pid, flush=True)
sys.stdin.readline()
"""


class User:
    """Another process that uses the server until it is told to end."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )
        assert self.process.stdout is not None
        self.server_pid = int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate(b"\n", timeout=30)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home that the server's account can enter; pytest's own temporary folders are closed to it."""
    top = Path(tempfile.mkdtemp(prefix="shapetui-test-", dir="/tmp"))
    top.chmod(0o755)
    yield top / "home"
    found = read_postmaster(top / "home" / "postgres18" / "data")
    if found is not None and serves(found.pid, top / "home" / "postgres18" / "data"):
        os.kill(found.pid, signal.SIGQUIT)
    shutil.rmtree(top)


@pytest.fixture
def home(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SHAPETUI_HOME", str(shared_home))
    yield shared_home
    assert not is_running(shared_home), "the test left a server behind"


@pytest.fixture
def other_top() -> Iterator[Path]:
    """A second open folder, for homes that need an initdb of their own."""
    top = Path(tempfile.mkdtemp(prefix="shapetui-test-", dir="/tmp"))
    top.chmod(0o755)
    yield top
    shutil.rmtree(top)


def is_running(home: Path) -> bool:
    data = home / "postgres18" / "data"
    found = read_postmaster(data)
    return found is not None and serves(found.pid, data)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.01)


def answer(server: EmbeddedServer) -> object:
    with psycopg.connect(server.conninfo("postgres")) as connection:
        row = connection.execute("SELECT 6 * 7").fetchone()
    assert row is not None
    return row[0]


def test_it_starts_answers_and_stops(home: Path) -> None:
    with EmbeddedServer.acquire() as server:
        assert answer(server) == 42
        assert is_running(home)
    assert not is_running(home)


def test_uses_within_a_process_are_counted_and_released_once_each(home: Path) -> None:
    first, second = EmbeddedServer.acquire(), EmbeddedServer.acquire(home)
    assert first.pid == second.pid
    first.release()
    first.release()
    assert answer(second) == 42
    second.release()
    assert not is_running(home)


def test_settings_are_for_loading_and_keep_the_data_safe(home: Path) -> None:
    with EmbeddedServer.acquire() as server, psycopg.connect(server.conninfo("postgres")) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            for name in ("fsync", "wal_level", "listen_addresses", "TimeZone", "server_encoding", "full_page_writes")
        }
    assert shown == {
        "fsync": ("on",),
        "wal_level": ("minimal",),
        "listen_addresses": ("",),
        "TimeZone": ("UTC",),
        "server_encoding": ("UTF8",),
        "full_page_writes": ("on",),
    }


def test_the_socket_is_closed_to_other_users(home: Path) -> None:
    with EmbeddedServer.acquire():
        run = home / "postgres18" / "run"
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        assert stat.S_IMODE((run / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_variables_for_other_servers_do_not_lead_astray(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGHOSTADDR": "192.0.2.1", "PGDATA": "/nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedServer.acquire() as server:
        assert answer(server) == 42


def test_databases_are_created_once_whatever_their_name(home: Path) -> None:
    name = """it's "odd" \\ name"""
    with EmbeddedServer.acquire() as server:
        assert not server.has_database(name)
        server.ensure_database(name)
        server.ensure_database(name)
        assert server.has_database(name)
        with psycopg.connect(server.conninfo(name)) as connection:
            assert connection.info.dbname == name


def test_two_processes_share_it_and_the_last_one_stops_it(home: Path) -> None:
    first, second = User(), User()
    assert first.server_pid == second.server_pid
    first.end()
    assert is_running(home)
    second.end()
    assert not is_running(home)


def test_processes_that_start_together_get_one_server(home: Path) -> None:
    with EmbeddedServer.acquire() as server:
        users = [User() for _ in range(3)]
    assert {user.server_pid for user in users} == {server.pid}
    for user in users:
        user.end()
    assert not is_running(home)


def test_a_killed_user_does_not_keep_the_server_for_ever(home: Path) -> None:
    with EmbeddedServer.acquire():
        User().kill()
    assert not is_running(home)


def test_the_server_of_a_killed_only_user_is_found_and_stopped_by_the_next(home: Path) -> None:
    killed = User()
    killed.kill()
    assert is_running(home)
    with EmbeddedServer.acquire() as server:
        assert server.pid == killed.server_pid
        assert answer(server) == 42
    assert not is_running(home)


def test_a_killed_server_is_restarted_by_the_process_that_started_it(home: Path) -> None:
    with EmbeddedServer.acquire() as first:
        first.ensure_database("kept")
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: not is_running(home))
        with EmbeddedServer.acquire() as second:
            assert second.pid != first.pid
            assert second.has_database("kept")
    assert not is_running(home)


def test_a_killed_server_is_restarted_by_another_process_while_its_parent_has_not_noticed(home: Path) -> None:
    with EmbeddedServer.acquire() as server:
        os.kill(server.pid, signal.SIGKILL)  # it stays as our zombie, and its id in postmaster.pid
        wait_until(lambda: not is_running(home))
        other = User()
        assert other.server_pid != server.pid
        other.end()
        assert is_running(home)  # we still hold our lock
    assert not is_running(home)


def test_a_server_killed_amid_a_query_is_restarted_once_its_backend_is_gone(home: Path) -> None:
    with EmbeddedServer.acquire() as server:
        connection = psycopg.connect(server.conninfo("postgres"))
        connection.execute("CREATE TEMPORARY TABLE half AS SELECT generate_series(1, 100000)")
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: not is_running(home))
        with EmbeddedServer.acquire() as again:
            assert answer(again) == 42
        connection.close()


def test_ctrl_c_in_the_users_terminal_does_not_reach_the_server(home: Path) -> None:
    with EmbeddedServer.acquire() as server:
        assert os.getsid(server.pid) != os.getsid(0)


def test_a_fork_neither_keeps_nor_ends_its_parents_server(home: Path) -> None:
    server = EmbeddedServer.acquire()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        server.release()
        os.read(reader, 1)
        os._exit(0)
    assert answer(server) == 42
    server.release()
    assert not is_running(home)
    os.write(writer, b"x")
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)


def test_an_interrupted_initdb_is_redone(other_top: Path) -> None:
    folder = other_top / "home" / "postgres18"
    half = folder / "data.new-123-abc" / "base"
    half.mkdir(parents=True)
    broken = folder / "data"  # not left by us, who rename finished folders only
    broken.mkdir()
    (broken / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        os.chown(broken, 65534, 65534)
    with EmbeddedServer.acquire(other_top / "home") as server:
        assert answer(server) == 42
    assert not half.exists()
    assert [path.name for path in folder.glob("data.broken-*/*")] == ["PG_VERSION"]


def test_no_mode_and_no_owner_outside_the_home_changes(home: Path) -> None:
    install = find_binaries(home, None).parent
    outside = [*home.parents, *install.parents, install, *install.rglob("*")]

    def snapshot() -> dict[Path, tuple[int, int, int]]:
        return {path: (found.st_mode, found.st_uid, found.st_gid) for path in outside for found in [path.lstat()]}

    before = snapshot()
    with EmbeddedServer.acquire():
        assert snapshot() == before
    assert snapshot() == before


def test_a_long_home_gets_a_short_private_socket_folder(other_top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    long = other_top / ("x" * 90)
    with EmbeddedServer.acquire(long) as server:
        assert answer(server) == 42
        found = read_postmaster(long / "postgres18" / "data")
        assert found is not None
        assert found.socket_folder.name.startswith(f"shapetui-{os.getuid()}-")
        assert stat.S_IMODE(found.socket_folder.stat().st_mode) == 0o700
    assert not found.socket_folder.exists()
    found.socket_folder.mkdir(0o755)  # as somebody else might have made it
    try:
        with pytest.raises(EnvironmentProblem, match="not a private folder"):
            EmbeddedServer.acquire(long)
    finally:
        found.socket_folder.rmdir()


def test_a_refusal_shows_the_end_of_the_servers_log(home: Path) -> None:
    EmbeddedServer.acquire().release()
    settings = home / "postgres18" / "data" / "postgresql.auto.conf"
    before = settings.read_bytes()
    settings.write_text("no_such_setting = 1\n")
    try:
        with pytest.raises(EnvironmentProblem, match="no_such_setting") as caught:
            EmbeddedServer.acquire()
    finally:
        settings.write_bytes(before)
    assert "server.log" in caught.value.hint


@only_root
def test_a_home_that_the_servers_account_cannot_enter_is_refused_untouched(other_top: Path) -> None:
    closed = other_top / "closed"
    closed.mkdir(0o700)
    with pytest.raises(EnvironmentProblem, match=f"cannot enter {closed}") as caught:
        EmbeddedServer.acquire(closed / "home")
    assert "SHAPETUI_HOME" in caught.value.hint
    assert list(closed.iterdir()) == []
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
def test_programs_that_the_servers_account_cannot_reach_are_copied_once(
    other_top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Account, "may", lambda self, path, right: other_top in path.parents or path == other_top)
    account = choose_account(other_top / "data")
    other_top.joinpath("install-0.0.1").mkdir()
    first = find_binaries(other_top, account)
    inode = (first / "postgres").stat().st_ino
    assert find_binaries(other_top, account) == first
    assert (first / "postgres").stat().st_ino == inode
    assert other_top in first.parents
    assert len(list(other_top.glob("install-*"))) == 1
    said = subprocess.run([str(first / "initdb"), "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in said.stdout


def test_a_home_that_cannot_be_made_is_an_environment_problem(other_top: Path) -> None:
    (other_top / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="file"):
        EmbeddedServer.acquire(other_top / "file" / "home")


def test_the_home_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHAPETUI_HOME", "/srv/shapes")
    assert data_home() == Path("/srv/shapes")
    monkeypatch.delenv("SHAPETUI_HOME")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert data_home() == Path("/var/lib/shapetui")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_home() == Path("/data/shapetui")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert data_home() == Path.home() / ".local" / "share" / "shapetui"
    monkeypatch.setattr("sys.platform", "darwin")
    assert data_home() == Path.home() / "Library" / "Application Support" / "shapetui"
