"""The memory of what was sampled as production: it never forgets, and an unreadable one opens no gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetui.database.production_memory import refuse_production, remember
from shapetui.database.target import Target
from shapetui.errors import DatabaseError, EnvironmentProblem


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A memory of the test's own; the server stays the one of the session, for `data_home` is asked late."""
    import shapetui.database.production_memory as module

    monkeypatch.setattr(module, "data_home", lambda: tmp_path / "home")
    return tmp_path / "home" / "sampled-as-production.json"


def test_what_was_remembered_is_refused_and_nothing_else(target: Target, memory: Path) -> None:
    with target.open() as connection, Target.parse("embedded:postgres").open() as other:
        refuse_production(connection)
        remember(connection)
        remember(connection)
        with pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(connection)
        refuse_production(other)
        remember(other)
        with pytest.raises(DatabaseError, match="sampled as production"):
            refuse_production(connection)
    assert target.database not in memory.read_text()
    assert [path.name for path in memory.parent.iterdir()] == [memory.name]


@pytest.mark.parametrize("broken", ["", "null", "{", "3"])
def test_a_broken_memory_is_no_empty_one(target: Target, memory: Path, broken: str) -> None:
    memory.parent.mkdir()
    memory.write_text(broken)
    with target.open() as connection:
        for act in (refuse_production, remember):
            with pytest.raises(EnvironmentProblem, match="cannot be read"):
                act(connection)
    assert memory.read_text() == broken


def test_a_home_that_cannot_be_written_is_told(target: Target, memory: Path) -> None:
    memory.parent.write_text("a file where a folder should be")
    with target.open() as connection, pytest.raises(EnvironmentProblem):
        remember(connection)


def test_the_file_holds_no_name_and_no_address(target: Target, memory: Path) -> None:
    with target.open() as connection:
        remember(connection)
    assert all(len(mark) == 64 and int(mark, 16) >= 0 for mark in json.loads(memory.read_text()))
