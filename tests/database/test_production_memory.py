"""The memory of what was sampled as production: it never forgets, and an unreadable one opens no gate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.production_memory import refuse_production, remember
from shapetui.database.target import Target
from shapetui.errors import DatabaseError, EnvironmentProblem


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A memory of the test's own; the server stays the one of the session, for `data_home` is asked late."""
    import shapetui.database.production_memory as module

    monkeypatch.setattr(module, "data_home", lambda: tmp_path / "home")
    return tmp_path / "home" / "sampled-as-production"


def test_what_was_remembered_is_refused_and_nothing_else(target: Target, memory: Path) -> None:
    with target.open() as connection, Target.parse("embedded:postgres").open() as other:
        refuse_production(connection)
        assert not memory.exists()
        remember(connection)
        remember(connection)
        with pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(connection)
        refuse_production(other)
        remember(other)
        with pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(connection)
    assert [path.name for path in memory.parent.iterdir()] == [memory.name]


def test_removing_the_files_that_the_hint_names_forgets_this_database_and_no_other(
    target: Target, memory: Path
) -> None:
    with target.open() as connection, Target.parse("embedded:postgres").open() as other:
        remember(connection)
        remember(other)
        with pytest.raises(DatabaseError) as told:
            refuse_production(connection)
        named = told.value.hint.rpartition(" remove ")[2].split(" and ")
        assert all(Path(name).parent == memory for name in named)
        for name in named:
            Path(name).unlink()
        refuse_production(connection)
        with pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(other)


def test_sessions_that_remember_at_once_lose_nothing(server: EmbeddedServer, memory: Path) -> None:
    names = [f"memory{number}" for number in range(8)]
    for name in names:
        server.ensure_database(name)

    def sampled(name: str) -> None:
        with Target.parse(f"embedded:{name}").open() as connection:
            remember(connection)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(sampled, names))
    for name in names:
        there = Target.parse(f"embedded:{name}")
        with there.open() as connection, pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(connection)


def test_a_broken_memory_is_no_empty_one(target: Target, memory: Path) -> None:
    memory.parent.mkdir()
    memory.write_text("a file where a folder should be")
    with target.open() as connection:
        for act in (refuse_production, remember):
            with pytest.raises(EnvironmentProblem, match="cannot be read"):
                act(connection)


def test_a_home_that_cannot_be_written_is_told(target: Target, memory: Path) -> None:
    memory.parent.write_text("a file where a folder should be")
    with target.open() as connection, pytest.raises(EnvironmentProblem):
        remember(connection)


def test_the_files_hold_no_name_and_no_address(target: Target, memory: Path) -> None:
    with target.open() as connection:
        remember(connection)
    files = list(memory.iterdir())
    assert files
    assert all(len(path.name) == 64 and int(path.name, 16) >= 0 and path.read_bytes() == b"" for path in files)
