"""Building indexes and taking them back, also when something goes wrong on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shapetui.database.production_memory import remember
from shapetui.database.target import Target
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, DatabaseError
from shapetui.indexlab.made import MADE
from shapetui.jobs.verify_index import ApplyRequest, run_apply, run_rollback
from shapetui.progress import Progress, Watch
from tests.indexlab.lab_database import fill, indexes, rows, run

THREE = {
    "idx_conversation_users_user_active",
    "idx_conversations_updated_desc",
    "idx_messages_conversation_created_desc",
}
ONE = 'CREATE INDEX "by_sender" ON "messages" ("senderId");'


@pytest.fixture
def chat(target: Target) -> Target:
    """A small chat."""
    fill(target)
    return target


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty one."""
    return Workspace(tmp_path)


def ddl(tmp_path: Path, text: str) -> ApplyRequest:
    """A request with a file of one's own."""
    path = tmp_path / "own.sql"
    path.write_text(text)
    return ApplyRequest(ddl=path)


def test_the_bundled_indexes_are_built_and_taken_back(chat: Target, workspace: Workspace) -> None:
    run(chat, 'CREATE INDEX mine ON messages ("threadId")')
    built = run_apply(chat, ApplyRequest(), workspace, Watch())
    assert {one.name: one.outcome for one in built.document.indexes} == dict.fromkeys(THREE, "built")
    assert all(one.bytes > 0 and one.seconds > 0 for one in built.document.indexes)
    assert indexes(chat) == {**dict.fromkeys(THREE, True), "mine": True}
    taken = run_rollback(chat, workspace, Watch())
    assert {one.name: one.outcome for one in taken.document.indexes} == dict.fromkeys(THREE, "dropped")
    assert indexes(chat) == {"mine": True}
    assert rows(chat, "SELECT to_regclass(%s)", MADE) == [(None,)]


def test_building_twice_makes_nothing_the_second_time(chat: Target, workspace: Workspace) -> None:
    run_apply(chat, ApplyRequest(), workspace, Watch())
    again = run_apply(chat, ApplyRequest(), workspace, Watch())
    assert {one.outcome for one in again.document.indexes} == {"present"}


def test_an_index_that_was_there_already_is_not_taken_back(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    run(chat, 'CREATE INDEX by_sender ON messages ("senderId")')
    found = run_apply(chat, ddl(tmp_path, ONE), workspace, Watch())
    assert [one.outcome for one in found.document.indexes] == ["present"]
    assert not run_rollback(chat, workspace, Watch()).document.indexes
    assert indexes(chat) == {"by_sender": True}


def test_another_index_of_the_same_name_is_refused_before_anything_is_built(
    chat: Target, workspace: Workspace, tmp_path: Path
) -> None:
    run(chat, 'CREATE INDEX by_sender ON messages ("threadId")')
    other = 'CREATE INDEX other ON users ("bio");'
    with pytest.raises(DatabaseError, match=r"own\.sql: line 2: there is another index of the name by_sender"):
        run_apply(chat, ddl(tmp_path, f"{other}\n{ONE}"), workspace, Watch())
    assert indexes(chat) == {"by_sender": True}


def test_a_statement_that_the_server_refuses_is_told_with_its_line_and_nothing_is_built(
    chat: Target, workspace: Workspace, tmp_path: Path
) -> None:
    wrong = "CREATE INDEX wrong ON messages (conversationId);"
    with pytest.raises(DatabaseError, match=r"own\.sql: line 2: the server refuses the index wrong: .*conversationid"):
        run_apply(chat, ddl(tmp_path, f"{ONE}\n{wrong}"), workspace, Watch())
    assert indexes(chat) == {}


def test_one_that_fails_is_dropped_and_the_next_is_built(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    unique = 'CREATE UNIQUE INDEX one_each ON messages ("senderId");'
    done = run_apply(chat, ddl(tmp_path, f"{unique}\n{ONE}"), workspace, Watch()).document
    assert [one.outcome for one in done.indexes] == ["failed", "built"]
    assert "could not create unique index" in (done.indexes[0].reason or "")
    assert indexes(chat) == {"by_sender": True}


def test_an_index_changed_since_is_kept(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    run_apply(chat, ddl(tmp_path, ONE), workspace, Watch())
    run(chat, "DROP INDEX by_sender", 'CREATE INDEX by_sender ON messages ("threadId")')
    taken = run_rollback(chat, workspace, Watch()).document
    assert [one.outcome for one in taken.indexes] == ["kept"]
    assert indexes(chat) == {"by_sender": True}


def test_a_database_sampled_as_production_gets_no_index(chat: Target, workspace: Workspace) -> None:
    with chat.open() as connection:
        remember(connection)
    with pytest.raises(DatabaseError, match="was sampled as production"):
        run_apply(chat, ApplyRequest(), workspace, Watch())
    assert indexes(chat) == {}


def waits(then: Callable[[], None]) -> Callable[[Progress], None]:
    """A listener that does something once the server waits for another transaction while it builds."""
    done = threading.Event()

    def listen(progress: Progress) -> None:
        if "waiting" in progress.note and not done.is_set():
            done.set()
            then()

    return listen


def test_cancelling_leaves_no_index_and_says_so(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    with chat.open() as other:
        other.execute("UPDATE messages SET \"isEdited\" = true WHERE id = 'x1-1'")

        def cancel() -> None:
            watch.cancel()
            other.rollback()

        watch = Watch(waits(cancel))
        with pytest.raises(Cancelled, match="what was built of by_sender has been dropped; no index was made"):
            run_apply(chat, ddl(tmp_path, ONE), workspace, watch)
    assert indexes(chat) == {}
    assert rows(chat, "SELECT to_regclass(%s)", MADE) == [(None,)]


def test_what_cannot_be_dropped_at_once_is_said_and_dropped_by_the_next_run(
    chat: Target, workspace: Workspace, tmp_path: Path
) -> None:
    watch = Watch(waits(lambda: watch.cancel()))
    with chat.open() as other:
        other.execute("UPDATE messages SET \"isEdited\" = true WHERE id = 'x1-1'")
        with pytest.raises(Cancelled, match="the invalid by_sender is still there"):
            run_apply(chat, ddl(tmp_path, ONE), workspace, watch)
    assert indexes(chat) == {"by_sender": False}
    (index,) = run_apply(chat, ddl(tmp_path, ONE), workspace, Watch()).document.indexes
    assert index.outcome == "built"
    assert "it was invalid and has been dropped" in (index.mended or "")
    assert indexes(chat) == {"by_sender": True}


KILLED = """
import sys
from pathlib import Path
from shapetui.database.target import Target
from shapetui.documents.workspace import Workspace
from shapetui.jobs.verify_index import ApplyRequest, run_apply
from shapetui.progress import Watch
print("begins", flush=True)
tell = lambda progress: print(progress.note, flush=True)
run_apply(Target.parse(sys.argv[1]), ApplyRequest(ddl=Path(sys.argv[2])), Workspace(Path(sys.argv[3])), Watch(tell))
"""


def test_the_run_after_a_killed_one_finds_says_and_mends(chat: Target, workspace: Workspace, tmp_path: Path) -> None:
    request = ddl(tmp_path, ONE)
    arguments = [sys.executable, "-c", KILLED, chat.label, str(request.ddl), str(tmp_path)]
    with chat.open() as other:
        other.execute("UPDATE messages SET \"isEdited\" = true WHERE id = 'x1-1'")
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        while "waiting" not in (line := process.stdout.readline()):
            assert line, "the run ended before it waited"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert indexes(chat) == {"by_sender": False}
    done = run_apply(chat, request, workspace, Watch()).document
    (index,) = done.indexes
    assert index.outcome in ("built", "present")
    assert "an earlier run was interrupted while it built this index" in (index.mended or "")
    assert indexes(chat) == {"by_sender": True}
    run_rollback(chat, workspace, Watch())
    assert indexes(chat) == {}
