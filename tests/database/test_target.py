"""Database URLs: what is understood, what is opened, and that no password is ever shown."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target, redact
from shapetui.errors import DatabaseError, UsageError

SECRET = "hunter2-s3cret"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """The embedded server, with a role `bob` that needs a password: a stand-in for any server that libpq reaches."""
    top = Path(tempfile.mkdtemp(prefix="shapetui-test-", dir="/tmp"))
    top.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PGPASSWORD", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGPASSFILE"):
            patch.delenv(name, raising=False)
        patch.setenv("SHAPETUI_HOME", str(top / "home"))
        with EmbeddedServer.acquire() as running:
            rules = top / "home" / "postgres18" / "data" / "pg_hba.conf"
            rules.write_text("local all bob scram-sha-256\n" + rules.read_text())
            with psycopg.connect(running.conninfo("postgres"), autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE ROLE bob LOGIN PASSWORD {}").format(SECRET))
                connection.execute("SELECT pg_reload_conf()")
            yield running
    shutil.rmtree(top)


def socket_folder(server: EmbeddedServer) -> str:
    return psycopg.conninfo.conninfo_to_dict(server.conninfo("postgres"))["host"]  # type: ignore[return-value]


def everything_shown(error: BaseException) -> str:
    """The texts of an error and of all that hang on it, and its traceback with the values of local variables."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = ["".join(told.format(chain=True)), repr(error), str(getattr(error, "hint", ""))]
    for linked in (error.__cause__, error.__context__):
        if linked is not None:
            shown.append(everything_shown(linked))
    return "\n".join(shown)


def refused(url: str) -> DatabaseError:
    """The error that opening `url` ends with."""
    target = Target.parse(url)
    del url  # so that our own frame does not show it
    with pytest.raises(DatabaseError) as caught, target.open():
        pass
    return caught.value


def _fail_after(connection: psycopg.Connection, statement: LiteralString) -> None:
    connection.execute(statement)
    raise KeyError


def test_an_embedded_name_is_understood() -> None:
    target = Target.parse(" embedded:chat_1-b ")
    assert (target.embedded, target.database, target.label) == (True, "chat_1-b", "embedded:chat_1-b")


@pytest.mark.parametrize("name", ["", "1chat", "a b", "a;drop", 'a"', "ä", "a" * 64, "-x", "a\nb", "a\x00"])
def test_other_embedded_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not a valid database name"):
        Target.parse(f"embedded:{name}")


@pytest.mark.parametrize(
    ("url", "label", "database"),
    [
        (f"postgresql://bob:{SECRET}@db.example:5433/chat", "chat@db.example:5433", "chat"),
        (f"postgres://bob:{SECRET}@db.example/chat?sslmode=require", "chat@db.example:5432", "chat"),
        (f"host=db.example user=bob password='{SECRET}' dbname=chat", "chat@db.example:5432", "chat"),
        (f"postgresql:///chat?host=/run/pg&user=bob&password={SECRET}", "chat@/run/pg:5432", "chat"),
        ("postgresql://bob@[::1]/", "bob@::1:5432", "bob"),
        ("host=a,b port=1,2 dbname=c user=u", "c@a,b:1,2", "c"),
        ("service=prod", "service prod", ""),
        ("postgresql://chat:chat@localhost/chat", "chat@localhost:5432", "chat"),
    ],
)
def test_libpq_strings_are_understood_and_shown_without_user_and_password(
    url: str, label: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    target = Target.parse(url)
    assert (target.label, target.database) == (label, database)
    assert SECRET not in repr(target)


def test_what_the_string_does_not_say_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPORT", "5444")
    monkeypatch.setenv("PGDATABASE", "chat")
    assert Target.parse("user=bob").label == "chat@db.example:5444"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "  ",
        SECRET,
        f"password={SECRET} nonsense",
        f"nonsense={SECRET}",
        f"password='{SECRET}",
        f"postgresql://bob:{SECRET}@[::1/chat",
        f"postgresql://bob:%zz{SECRET}@host/chat",
        f"postgresql://bob:x@{SECRET}@host/chat",  # libpq: host "hunter2-s3cret@host"
        f"postgresql://bob:{SECRET}/x@host/chat",  # libpq: host bob, port "hunter2-s3cret"
        f"postgresql://bob:1/{SECRET}@host/chat",  # libpq: host bob, port 1, database "hunter2-s3cret@host/chat"
        f"host=x port={SECRET}",
        f"host=x dbname=postgresql://bob:{SECRET}@host/chat",
        f"{SECRET}\x00",
    ],
)
def test_a_string_that_cannot_be_understood_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Target.parse(url)
    error = caught.value
    assert error.hint
    assert SECRET not in f"{error} {error.message} {error.hint}"
    assert error.__cause__ is None
    assert error.__context__ is None


def test_an_embedded_database_is_created_when_asked_for(server: EmbeddedServer) -> None:
    target = Target.parse("embedded:fresh")
    missing = "database fresh does not exist on the embedded server"
    with pytest.raises(DatabaseError, match=missing) as caught, target.open():
        pass
    assert caught.value.hint
    with target.open(create=True) as connection:
        assert connection.info.dbname == "fresh"
        connection.execute("CREATE TABLE t AS SELECT 1 AS x")
    with target.open(application_name="shapetui test") as connection:
        found = connection.execute("SELECT x, current_setting('application_name') FROM t").fetchone()
    assert found == (1, "shapetui test")
    assert connection.closed


def test_an_exception_in_the_block_rolls_back(server: EmbeddedServer) -> None:
    target = Target.parse("embedded:rolled_back")
    with pytest.raises(KeyError), target.open(create=True) as connection:
        _fail_after(connection, "CREATE TABLE t (x int)")
    with target.open(autocommit=True) as connection:
        assert connection.autocommit
        assert connection.execute("SELECT to_regclass('t')").fetchone() == (None,)


def test_a_right_password_opens(server: EmbeddedServer) -> None:
    target = Target.parse(f"host={socket_folder(server)} user=bob password={SECRET} dbname=postgres")
    with target.open() as connection:
        assert connection.info.user == "bob"
        assert connection.info.get_parameters()["connect_timeout"] == "10"


@pytest.mark.parametrize(
    "form",
    [
        "host={folder} user=bob password={secret} dbname=postgres",
        "host={folder} user=bob password='{secret}' dbname=postgres",
        "postgresql://bob:{secret}@/postgres?host={folder}",
        "postgresql:///postgres?host={folder}&user=bob&password={secret}",
    ],
)
def test_a_wrong_password_is_explained_and_not_shown(server: EmbeddedServer, form: str) -> None:
    error = refused(form.format(folder=socket_folder(server), secret="wr0ng-pass"))
    assert "password authentication failed" in error.message
    assert "\n" not in error.message
    assert all(word in error.hint for word in ("~/.pgpass", "PGPASSWORD", "service"))
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "wr0ng-pass" not in everything_shown(error)


def test_a_missing_password_has_the_same_hint(server: EmbeddedServer) -> None:
    error = refused(f"host={socket_folder(server)} user=bob dbname=postgres passfile=/nowhere")
    assert "PGPASSWORD" in error.hint


@pytest.mark.parametrize(
    ("rest", "hint"),
    [
        ("host={folder} user=postgres dbname=nowhere", "createdb"),
        ("host={folder} user=nobody_here dbname=postgres", "PGUSER"),
        ("host=/nowhere dbname=postgres", "running"),
        ("host=127.0.0.1 port=1 dbname=postgres", "running"),
        ("host={folder} sslmode=nonsense dbname=postgres", ""),
    ],
)
def test_other_failures_to_connect_have_a_hint_by_their_cause(server: EmbeddedServer, rest: str, hint: str) -> None:
    error = refused(f"{rest.format(folder=socket_folder(server))} password={SECRET}")
    assert error.exit_code == 3
    assert hint in error.hint
    assert "\n" not in error.message
    assert SECRET not in everything_shown(error)


def test_errors_of_the_block_keep_their_type_and_lose_passwords(server: EmbeddedServer) -> None:
    target = Target.parse(f"host={socket_folder(server)} user=bob password={SECRET} dbname=postgres")
    with pytest.raises(psycopg.errors.UndefinedTable), target.open() as connection:
        connection.execute("SELECT * FROM nowhere")
    with pytest.raises(ValueError, match="later") as caught, target.open():
        raise ValueError("later") from psycopg.OperationalError(f"postgresql://bob:{SECRET}@h, password={SECRET}")
    assert SECRET not in str(caught.value.__cause__)
    assert "***" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"PASSWORD = {SECRET} host=x",
        f"password='{SECRET} with spaces' host=x",
        rf"password='it\'s {SECRET}' host=x",
        f'password="{SECRET} b" host=x',
        rf"password=a\ {SECRET} host=x",
        f"sslpassword={SECRET} host=x",
        f"PGPASSWORD={SECRET} psql",
        f"postgresql://bob:{SECRET}@host/db",
        f"postgresql://bob:a@{SECRET}@host/db",
        f"postgresql://bob:a/{SECRET}@host/db",
        f"see postgres://{SECRET}@host",
        f"postgresql://host/db?user=bob&password={SECRET}&sslmode=require",
        f'error in "postgresql://bob:{SECRET}@host/db": bad',
    ],
)
def test_redact_removes_every_form_of_password(text: str) -> None:
    assert SECRET not in redact(text)
    assert "***" in redact(text)


def test_redact_leaves_the_rest_readable() -> None:
    assert redact("postgresql://u:p@h:1/d?password=x&sslmode=require") == (
        "postgresql://***@h:1/d?password=***&sslmode=require"
    )
    assert redact("host=h password=x dbname=d passfile=/f") == "host=h password=*** dbname=d passfile=/f"
    assert redact("fatal: abc a", "abc", "a", "") == "fatal: *** ***"
