"""Runs that end early, at a chosen row: what they leave behind, what they say, and how the next one goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.documents.report import GenerationReport
from shapetui.errors import Cancelled, DatabaseError, EnvironmentProblem
from shapetui.generation.plan import Plan
from shapetui.progress import Progress, Watch
from tests.conftest import ROOT
from tests.generation.helpers import ask, contents, execute, ledger_counts, plan_of, row_counts, run

MESSAGES = 250_000  # three slices
# In the middle of the second slice.
THERE = 150_000

KILLED = """
import os, signal, sys
from shapetui.database.target import Target
from shapetui.progress import Watch
from tests.generation.helpers import plan_of, run

def listen(news):
    if news.phase == sys.argv[2] and news.done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

run(Target.parse(sys.argv[1]), plan_of({messages}), watch=Watch(listen))
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(MESSAGES)


@pytest.fixture(scope="module")
def whole(server: EmbeddedServer, plan: Plan) -> tuple[GenerationReport, dict[str, str]]:
    """Report and contents of a run that nothing interrupts."""
    server.ensure_database("generation_whole")
    target = Target.parse("embedded:generation_whole")
    return run(target, plan), contents(target)


def at(phase: str, rows: int, act: Callable[[], None]) -> Watch:
    """A watch under which `act` happens once, when so many rows of a phase have gone to the server."""
    happened = threading.Event()

    def listen(news: Progress) -> None:
        if news.phase == phase and news.done >= rows and not happened.is_set():
            happened.set()
            act()

    return Watch(listen)


def slices_of(target: Target) -> int:
    return int(ask(target, "SELECT count(*) FROM shapetui_slices"))


@pytest.mark.parametrize(("phase", "rows"), [("messages", THERE), ("conversation_users", 60_000), ("analyze", 0)])
def test_a_killed_run_is_resumed_and_ends_with_the_same_rows(
    target: Target, plan: Plan, whole: tuple[GenerationReport, dict[str, str]], phase: str, rows: int
) -> None:
    driver = [sys.executable, "-c", KILLED.replace("{messages}", str(MESSAGES)), target.label, phase, str(rows)]
    killed = subprocess.run(driver, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    # The server may still be busy with the end of a session whose client has gone.
    wait_until_alone(target)
    assert row_counts(target) == ledger_counts(target)
    assert row_counts(target)["messages"] < MESSAGES * 1.01
    left = slices_of(target)
    report = run(target, plan)
    assert report.performance is not None
    assert report.performance.resumed_slices == left > 0
    assert (report.digests, contents(target)) == (whole[0].digests, whole[1])
    assert report.counts == whole[0].counts
    assert ask(target, "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'conversation_users_userId_conv%'") == 1


def wait_until_alone(target: Target) -> None:
    """Returns when no other session is left in the database; the timeout of pytest is the deadline."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while ask(target, others):
        pass


def test_a_cancelled_run_says_what_it_leaves_and_is_resumed(
    target: Target, plan: Plan, whole: tuple[GenerationReport, dict[str, str]]
) -> None:
    def cancel() -> None:
        thread = threading.Thread(target=watch.cancel)
        thread.start()
        thread.join()

    watch = at("messages", THERE, cancel)
    with pytest.raises(Cancelled) as told:
        run(target, plan, watch=watch)
    assert told.value.exit_code == 130
    counts = row_counts(target)
    assert counts == ledger_counts(target)
    assert 0 < counts["messages"] < THERE
    for table in ("users", "conversations", "messages"):
        assert f"{counts[table]:,} {table}" in told.value.message
    report = run(target, plan)
    assert report.performance is not None
    assert report.performance.resumed_slices > 0
    assert (report.digests, contents(target)) == (whole[0].digests, whole[1])


@pytest.mark.parametrize("phase", ["prepare", "users", "analyze"])
def test_a_run_may_be_cancelled_at_any_time(target: Target, phase: str) -> None:
    watch = at(phase, 0, lambda: watch.cancel())
    with pytest.raises(Cancelled):
        run(target, plan_of(2_000), watch=watch)
    run(target, plan_of(2_000))
    assert row_counts(target) == ledger_counts(target)


def test_cancelling_while_people_are_indexed_ends_both_sides(target: Target, plan: Plan) -> None:
    # The other thread is past its last row then: in CREATE UNIQUE INDEX or ANALYZE, or done.
    from shapetui.generation.conversations import lay_out
    from shapetui.generation.people import assign_members

    total = assign_members(plan, lay_out(plan)).user.size
    watch = at("conversation_users", total, lambda: watch.cancel())
    with pytest.raises(Cancelled):
        run(target, plan, watch=watch)
    assert row_counts(target) == ledger_counts(target)


def test_a_session_that_is_ended_by_the_server_is_told_and_resumed(
    target: Target, plan: Plan, whole: tuple[GenerationReport, dict[str, str]]
) -> None:
    def terminate() -> None:
        execute(
            target,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )

    with pytest.raises(DatabaseError, match="connection to the server was lost") as told:
        run(target, plan, watch=at("messages", THERE, terminate))
    assert told.value.exit_code == 3
    assert "messages" in told.value.message
    assert row_counts(target) == ledger_counts(target)
    assert run(target, plan).digests == whole[0].digests
    assert contents(target) == whole[1]


@pytest.fixture
def other_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for a server of the test's own."""
    home = Path(tempfile.mkdtemp(prefix="shapetui-tests-", dir="/tmp"))
    home.chmod(0o755)
    monkeypatch.setenv("SHAPETUI_HOME", str(home))
    yield home
    shutil.rmtree(home, ignore_errors=True)


def test_a_server_that_dies_is_told_and_the_run_resumed(
    other_home: Path, plan: Plan, whole: tuple[GenerationReport, dict[str, str]]
) -> None:
    target = Target.parse("embedded:dying")

    def kill_server() -> None:
        with EmbeddedServer.acquire() as server:
            os.kill(server.pid, signal.SIGKILL)

    with pytest.raises(DatabaseError) as told:
        run(target, plan, watch=at("messages", THERE, kill_server))
    assert "holds at most" in told.value.message
    assert row_counts(target) == ledger_counts(target)
    assert run(target, plan).digests == whole[0].digests


@pytest.fixture
def small_disk(server: EmbeddedServer, target: Target) -> Iterator[Path]:
    """A file system of its own, with little room, that holds the tables of `target`.

    Only the tables: where the log of PostgreSQL finds no room the whole server goes down, which is another test.
    """
    folder = Path(tempfile.mkdtemp(prefix="shapetui-tests-", dir="/tmp"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m,mode=755", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("no right to mount a small file system here")
    try:
        owner = Path(f"/proc/{server.pid}").stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{folder}'".encode())
            connection.execute(f"ALTER DATABASE {target.database} SET default_tablespace = small".encode())
        try:
            yield folder
        finally:
            with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {target.database} WITH (FORCE)".encode())
                connection.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def test_a_full_disk_is_told_and_the_run_resumed_when_there_is_space(
    small_disk: Path, target: Target, plan: Plan, whole: tuple[GenerationReport, dict[str, str]]
) -> None:
    with pytest.raises(EnvironmentProblem, match="disk is full") as told:
        run(target, plan)
    assert told.value.exit_code == 3
    counts = row_counts(target)
    assert counts == ledger_counts(target)
    assert f"{counts['messages']:,} messages" in told.value.message
    subprocess.run(["mount", "-o", "remount,size=400m", small_disk], check=True)
    report = run(target, plan)
    assert (report.digests, contents(target)) == (whole[0].digests, whole[1])


def test_a_second_run_is_refused_and_the_first_unharmed(
    target: Target, plan: Plan, whole: tuple[GenerationReport, dict[str, str]]
) -> None:
    refused: list[str] = []

    def second() -> None:
        with pytest.raises(DatabaseError) as told:
            run(target, plan_of(100, seed="another"), replace=target.database)
        refused.append(told.value.message)

    report = run(target, plan, watch=at("messages", THERE, second))
    assert refused == ["another run of shapetui is writing to this database"]
    assert (report.digests, contents(target)) == (whole[0].digests, whole[1])
