"""Databases that are not there, not ours, not writable or not to be told of: exit 3, and no password anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shapetui.cli import commands
from shapetui.database.ddl import create_schema
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from tests.cli.command_line import Cli, Outcome, process
from tests.cli.conftest import Loop
from tests.conftest import SALT

SECRET = "hunter2-s3cret"
WRONG = "wr0ng-pass"
SMALL = ("--target-messages", "2000")


@pytest.fixture(scope="module")
def role(server: EmbeddedServer, server_home: Path) -> Iterator[str]:
    """A role that needs a password and has no rights; what stands before `password=` in its connection string."""
    rules = server_home / "postgres18" / "data" / "pg_hba.conf"
    before = rules.read_text()
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        rules.write_text("local all carol scram-sha-256\n" + before)
        connection.execute(sql.SQL("CREATE ROLE carol LOGIN PASSWORD {}").format(SECRET))
        connection.execute("SELECT pg_reload_conf()")
        host = psycopg.conninfo.conninfo_to_dict(server.conninfo("postgres"))["host"]
        yield f"host={host} user=carol dbname={{}} password={{}}"
        rules.write_text(before)
        connection.execute("SELECT pg_reload_conf()")


def each_command(url: str, shape: Path) -> list[tuple[object, ...]]:
    """Every command that opens a database."""
    return [
        ("init-db", "--url", url),
        ("sample", "--url", url),
        ("sample", "--url", url, "--explain"),
        ("generate", "--url", url, *SMALL),
        ("validate", "--url", url, "--shape", shape),
    ]


def _is_told(told: Outcome, *words: str) -> None:
    assert (told.code, told.out) == (3, ""), told.err
    lines = [line for line in told.err.splitlines() if ": done in" not in line]
    assert len(lines) == 2, told.err
    assert lines[0].startswith("shapetui: ")
    assert lines[1].startswith("  hint: ")
    assert all(word in told.err for word in words), told.err


def test_a_wrong_password_is_explained_and_never_shown(
    role: str, loop: Loop, server_home: Path, tmp_path: Path, cli: Cli, salt: str
) -> None:
    for line in each_command(role.format("cliprod", WRONG), loop.document("shape")):
        for more in ((), ("--json",)):
            told = cli(*line, "--directory", tmp_path, *more)
            assert told.code == 3
            assert "password authentication failed" in told.err
            assert "~/.pgpass" in told.err
            assert WRONG not in told.out + told.err
    for folder in (tmp_path, server_home / "logs"):
        assert all(WRONG.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_password_in_the_url_is_in_no_file_and_no_output(
    role: str, loop: Loop, tmp_path: Path, target: Target, cli: Cli
) -> None:
    with target.open() as connection:
        connection.execute("GRANT ALL ON SCHEMA public TO carol")
    url = role.format(target.database, SECRET)
    at = ("--directory", tmp_path, "--json")
    told = [
        cli("init-db", "--url", url, *at),
        cli("generate", "--url", url, *SMALL, *at),
        cli("validate", "--url", url, "--shape", loop.document("shape"), *at),
    ]
    assert [one.code for one in told[:2]] == [0, 0], told
    assert all(SECRET not in one.out + one.err for one in told)
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_bug_leaves_its_traceback_in_a_log_without_passwords(
    server_home: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError(f"postgresql://bob:{SECRET}@h/d and password={SECRET}")

    monkeypatch.setitem(commands.COMMANDS, "show", broken)
    told = cli("show", "x", "--json")
    assert told.code == 70
    assert told.document["error"]["exit_code"] == 70
    (log,) = (path for path in (server_home / "logs").iterdir() if str(path) in told.err)
    assert "RuntimeError" in log.read_text()
    assert "in broken" in log.read_text()
    assert SECRET not in log.read_text() + told.err + told.out
    monkeypatch.setenv("SHAPETUI_HOME", "/proc/nowhere")
    nowhere = cli("show", "x")
    assert nowhere.code == 70
    assert "in broken" in nowhere.err
    assert SECRET not in nowhere.err


def test_too_little_memory_is_no_bug(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(_: object) -> int:
        raise MemoryError

    monkeypatch.setitem(commands.COMMANDS, "show", greedy)
    _is_told(cli("show", "x"), "memory")


def test_a_server_that_is_not_there(loop: Loop, tmp_path: Path, cli: Cli, salt: str) -> None:
    url = f"postgresql://bob:{SECRET}@127.0.0.1:1/chat"
    for line in each_command(url, loop.document("shape")):
        told = cli(*line, "--directory", tmp_path)
        _is_told(told, "chat@127.0.0.1:1", "refused", "is the server running")
        assert SECRET not in told.err


@pytest.mark.parametrize(
    "url", ["nonsense", "embedded:a b", "postgresql://u:p@w@h/d", f"password={SECRET} x", "host=x port=y"]
)
def test_a_bad_url_is_a_mistake_of_usage(url: str, loop: Loop, cli: Cli, salt: str) -> None:
    for line in each_command(url, loop.document("shape")):
        told = cli(*line)
        assert (told.code, told.out) == (2, "")
        assert SECRET not in told.err


def test_a_database_that_does_not_exist(loop: Loop, tmp_path: Path, cli: Cli, salt: str) -> None:
    for line in (
        ("sample", "--url", "embedded:nowhere"),
        ("sample", "--url", "embedded:nowhere", "--explain"),
        ("validate", "--url", "embedded:nowhere", "--shape", loop.document("shape")),
    ):
        _is_told(cli(*line, "--directory", tmp_path), "database nowhere does not exist")


def test_a_database_without_tables(loop: Loop, target: Target, tmp_path: Path, cli: Cli, salt: str) -> None:
    for line in (
        ("sample", "--url", target.label),
        ("validate", "--url", target.label, "--shape", loop.document("shape")),
    ):
        _is_told(cli(*line, "--directory", tmp_path), "there is no table", "init-db")


def test_an_unknown_column_that_must_be_filled(target: Target, tmp_path: Path, cli: Cli) -> None:
    cli("init-db", "--url", target.label)
    with target.open() as connection:
        connection.execute("ALTER TABLE users ADD COLUMN tenant text NOT NULL, ADD COLUMN region int NOT NULL")
        connection.execute("ALTER TABLE messages ADD COLUMN harmless text, ADD COLUMN free int NOT NULL DEFAULT 1")
    told = cli("generate", "--url", target.label, *SMALL, "--directory", tmp_path)
    _is_told(told, "tenant", "region")
    assert "harmless" not in told.err
    with target.open() as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_rows_of_somebody_else_are_kept_until_their_database_is_named(target: Target, tmp_path: Path, cli: Cli) -> None:
    cli("init-db", "--url", target.label)
    with target.open() as connection:
        connection.execute("INSERT INTO users (id, email, username, \"updatedAt\") VALUES ('x', 'x@y', 'x', now())")
    line = ("generate", "--url", target.label, *SMALL, "--directory", tmp_path)
    _is_told(cli(*line), "not all shapetui's: 1 in users", f"--replace {target.database}")
    _is_told(cli(*line, "--replace", "synthetic"), "--replace names synthetic", target.database)
    with target.open() as connection:
        assert connection.execute("SELECT count(*) FROM users WHERE id = 'x'").fetchone() == (1,)
    assert cli(*line, "--replace", target.database).code == 0
    with target.open() as connection:
        assert connection.execute("SELECT count(*) FROM users WHERE id = 'x'").fetchone() == (0,)


def test_what_was_sampled_as_production_is_never_written_to(loop: Loop, production: str, cli: Cli) -> None:
    for line in (("init-db", "--url", production), ("generate", "--url", production, *SMALL, "--replace", "cliprod")):
        _is_told(cli(*line), "sampled as production")


def test_a_role_without_rights_is_told_so(
    role: str, loop: Loop, production: str, target: Target, tmp_path: Path, cli: Cli, salt: str
) -> None:
    empty, full = role.format(target.database, SECRET), role.format("cliprod", SECRET)
    at = ("--directory", tmp_path)
    _is_told(cli("init-db", "--url", empty, *at), "no right", "permission denied", "GRANT")
    _is_told(cli("generate", "--url", empty, *SMALL, *at), "permission denied")
    with Target.parse(production).open() as connection:
        connection.execute("GRANT USAGE ON SCHEMA public TO carol")
    _is_told(cli("sample", "--url", full, "--window-days", "0", *at), "GRANT SELECT")
    _is_told(cli("sample", "--url", full, "--explain", *at), "GRANT SELECT")
    with target.open() as connection:
        create_schema(connection)
        connection.execute("GRANT USAGE ON SCHEMA public TO carol")
    _is_told(cli("validate", "--url", empty, "--shape", loop.document("shape"), *at), "GRANT SELECT")


def test_a_read_only_database_is_told_so(target: Target, tmp_path: Path, cli: Cli) -> None:
    with target.open(autocommit=True) as connection:
        name = sql.Identifier(target.database)
        connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    _is_told(cli("init-db", "--url", target.label), "read-only", "primary")
    _is_told(cli("generate", "--url", target.label, *SMALL, "--directory", tmp_path), "read-only")


@pytest.mark.parametrize("home", ["/proc/nowhere", "/dev/null/x"])
def test_an_embedded_server_without_a_home(home: str, tmp_path: Path) -> None:
    told = process("init-db", cwd=tmp_path, env={"SHAPETUI_HOME": home, "ANONYMIZATION_SALT": SALT})
    assert (told.code, told.out) == (3, "")
    assert "SHAPETUI_HOME" in told.err
    assert "Traceback" not in told.err
