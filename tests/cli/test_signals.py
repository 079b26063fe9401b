"""ctrl-C, a service manager's SIGTERM, a terminal that goes away: exit 130, and what is in the database is whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.documents.files import load
from shapetui.documents.report import GenerationReport
from tests.cli.command_line import Terminal, end, process, slices, start, when
from tests.conftest import SALT

# Eight seconds of messages here, in slices of a quarter of a second.
BIG = ("--target-messages", "3_000_000", "--seed", "signals")
# Cancelling takes a quarter of a second here. A machine that is busy with other things has this long.
PROMPT = 5.0


@contextmanager
def locked(server: EmbeddedServer, database: str, table: str) -> Iterator[psycopg.Connection]:
    """A table that nobody else can read for as long as the block lasts."""
    with psycopg.connect(server.conninfo(database)) as holder:
        holder.execute(f'LOCK TABLE "{table}"')
        yield holder


def waits_for_a_lock(server: EmbeddedServer, database: str) -> bool:
    """Whether a statement in a database waits for a lock."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", [database]
        ).fetchone()
    return bool(row and row[0])


def test_a_run_cancelled_again_and_again_ends_as_if_undisturbed(server: EmbeddedServer, tmp_path: Path) -> None:
    """SIGINT, SIGTERM, SIGHUP, two SIGINT, ctrl-C on a terminal, a terminal that hangs up; and then to the end."""
    target = Target.parse("embedded:clisignals")
    line = ("generate", "--url", target.label, *BIG)
    for signals in ([signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT, signal.SIGINT]):
        before = slices(target, "messages")
        running = start(*line, cwd=tmp_path)
        when(lambda least=before: slices(target, "messages") > least, running)  # type: ignore[misc]
        for number in signals:
            running.send_signal(number)
        told, seconds = end(running)
        assert (told.code, told.out) == (130, ""), told.err
        assert seconds < PROMPT
        assert "Traceback" not in told.err
        last = [text for text in told.err.splitlines() if not text.startswith("shapetui generate:")]
        assert last[0].startswith("shapetui: cancelled")
        assert "the same command goes on from there" in " ".join(last)
        with target.open() as connection:
            rows = connection.execute("SELECT count(*) FROM messages").fetchone()
            noted = connection.execute(
                "SELECT sum(rows)::int8 FROM shapetui_slices WHERE table_name = 'messages'"
            ).fetchone()
        assert rows == noted
        if len(signals) == 1:
            assert rows is not None
            assert f"{rows[0]:,} messages of about 3,000,000" in told.err

    before = slices(target, "messages")
    terminal = Terminal(*line, cwd=tmp_path)
    terminal.read(lambda text: "rows/s" in text and slices(target, "messages") > before)
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "cancelling ..." in terminal.text
    shown = terminal.text.rpartition("cancelling ...")[2].replace("\r\n", "\n")
    assert "shapetui: cancelled: embedded:clisignals holds" in " ".join(shown.split())
    # The cursor, which the bars hide, is back.
    assert terminal.text.rfind("\x1b[?25h") > terminal.text.rfind("\x1b[?25l") >= 0

    before = slices(target, "messages")
    terminal = Terminal(*line, cwd=tmp_path)
    terminal.read(lambda text: "rows/s" in text and slices(target, "messages") > before)
    terminal.hang_up()
    assert terminal.end() == 130

    resumed = process(*line, "--json", cwd=tmp_path)
    assert resumed.code == 0, resumed.err
    undisturbed = process("generate", "--url", "embedded:cliundisturbed", *BIG, "--json", cwd=tmp_path)
    made = [load(Path(tmp_path, told.document["file"]), GenerationReport) for told in (resumed, undisturbed)]
    assert made[0].digests == made[1].digests
    assert made[0].counts == made[1].counts
    assert made[0].performance.resumed_slices > 0 == made[1].performance.resumed_slices
    # Progress of a run without a terminal: where it stands, now and then, and one line at the end.
    lines = undisturbed.err.splitlines()
    assert 2 <= len(lines) <= 20
    assert any("messages " in text and " of 2," in text and " rows/s, " in text for text in lines[:-1])
    assert lines[-1].startswith("shapetui generate: done in ")


def test_a_cancelled_sample_leaves_nothing(
    server: EmbeddedServer, production: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    with locked(server, "cliprod", "messages"):
        running = start("sample", "--url", production, "--json", cwd=tmp_path)
        when(lambda: waits_for_a_lock(server, "cliprod"), running)
        running.send_signal(signal.SIGINT)
        told, seconds = end(running)
    assert told.code == 130
    assert seconds < PROMPT
    assert told.document["error"]["message"] == "cancelled; sampling only reads, so nothing is left behind"
    assert list((tmp_path / "reports").iterdir()) == []


def test_nohup_is_honoured(
    server: EmbeddedServer, production: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with locked(server, "cliprod", "messages") as holder:
            running = start("sample", "--url", production, "--window-days", "0", cwd=tmp_path)
            when(lambda: waits_for_a_lock(server, "cliprod"), running)
            running.send_signal(signal.SIGHUP)
            holder.rollback()
            told, _ = end(running)
    finally:
        signal.signal(signal.SIGHUP, ignored)
    assert told.code == 0, told.err
    assert "60,000 messages" in told.out


def test_a_cancelled_demo_says_so(server: EmbeddedServer, tmp_path: Path) -> None:
    line = ("demo", "--headless", "--target-messages", "2000")
    assert process(*line, cwd=tmp_path).code == 0
    with locked(server, "production", "messages"):
        running = start(*line, cwd=tmp_path)
        when(lambda: waits_for_a_lock(server, "production"), running)
        running.send_signal(signal.SIGINT)
        told, seconds = end(running)
    assert (told.code, told.out) == (130, "")
    assert seconds < PROMPT
    assert "shapetui: cancelled" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_reading_a_file_that_never_comes_is_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    fifo = tmp_path / "shape.json"
    os.mkfifo(fifo)
    running = start("calibrate", "--shape", fifo, cwd=tmp_path, stderr=subprocess.PIPE)
    # It has opened the pipe when somebody can write to it.
    writing = -1

    def opened() -> bool:
        nonlocal writing
        try:
            writing = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        return True

    when(opened, running)
    running.send_signal(number)
    told, _ = end(running)
    os.close(writing)
    assert (told.code, told.out, told.err) == (130, "", "shapetui: cancelled\n")


@pytest.mark.parametrize("command", [("generate", "--target-messages", "9"), ("sample",), ("init-db",)])
def test_connecting_to_a_server_that_never_answers_is_interrupted(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"host=127.0.0.1 port={silent.getsockname()[1]} dbname=x connect_timeout=50"
        running = start(*command, "--url", url, cwd=tmp_path)
        silent.settimeout(60.0)
        connection, _ = silent.accept()
        running.send_signal(signal.SIGINT)
        told, seconds = end(running)
        connection.close()
    assert (told.code, told.out) == (130, "")
    assert seconds < PROMPT
    assert "shapetui: cancelled" in told.err
    assert "Traceback" not in told.err


def test_its_own_server_is_stopped_after_a_cancellation(tmp_path: Path, server_home: Path) -> None:
    """Nobody else uses this server; ctrl-C reaches the whole group, and the server must not be left running."""
    home = server_home / "alone"
    home.mkdir()
    home.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHAPETUI_HOME", str(home))
        terminal = Terminal("generate", *BIG, cwd=tmp_path)
        terminal.read(lambda text: "rows/s" in text)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "holds" in terminal.text
    assert not (home / "postgres18" / "data" / "postmaster.pid").exists()
