"""How the workbench ends when nobody presses q: signals, a closed window, in the middle of a job."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shapetui.database.target import Target
from shapetui.documents.files import save
from shapetui.errors import EXIT_CANCELLED
from shapetui.generation import ledger
from shapetui.workbench.journal import draft_path, unfinished
from tests.tui.long_job import eventually, many_times, slices
from tests.tui.terminal import PATIENCE, SHAPETUI, Terminal
from tests.workbench.benches import chat, fitted

# The other screen is left, the cursor is back, the mouse is no longer reported, pastes come as they are.
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose shape asks for some two million messages."""
    (tmp_path / "reports").mkdir()
    save(many_times(chat(), 40), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    return tmp_path


@pytest.fixture
def open_on(folder: Path, target: Target) -> Iterator[Callable[..., Terminal]]:
    """Opens the workbench of the folder, on a database of the test's own; the config has an unsaved change."""
    opened: list[Terminal] = []

    def opener(**how: bool) -> Terminal:
        terminal = Terminal([*SHAPETUI, folder], environment={"SHAPETUI_SYNTHETIC_URL": target.label}, **how)
        opened.append(terminal)
        terminal.until(lambda text: "config.json" in text and target.label in text)
        terminal.press("3")
        terminal.until(lambda text: "expected verdict" in text)
        terminal.press("]")
        eventually(lambda: terminal.watch(0.1) == 0 and "nudge" in journal_of(folder).read_text().lower())
        return terminal

    yield opener
    for terminal in opened:
        terminal.close()


def journal_of(folder: Path) -> Path:
    """The journal of the only session."""
    [journal] = (folder / "reports" / ".shapetui").glob("journal-*.jsonl")
    return journal


def generating(terminal: Terminal, target: Target) -> None:
    """Starts a generation and waits until some of it is in the database."""
    terminal.press("g")
    eventually(lambda: terminal.watch(0.05) >= 0 and slices(target) > 0)


def lost_nothing(folder: Path, target: Target) -> None:
    """The journal is there to be restored, the draft is readable, the database holds whole slices and not all."""
    journal = journal_of(folder)
    assert unfinished(folder) == journal
    assert "nudge" in journal.read_text().lower()
    assert json.loads(draft_path(journal).read_text())["conversation_generation"]
    # A server may still be rolling back what its client has left.
    eventually(lambda: clients(target) == 0)
    with target.open() as connection:
        _, complete, records = ledger.recorded(connection)
        counts, written = ledger.row_counts(connection), ledger.written_rows(records)
    assert not complete, "the job had ended before"
    assert {name: rows for name, rows in counts.items() if rows} == {
        name: rows for name, rows in written.items() if rows
    }


def clients(target: Target) -> int:
    """How many others use the database."""
    with target.open() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_job_leaves_a_clean_terminal_and_loses_nothing(
    open_on: Callable[..., Terminal], folder: Path, target: Target, number: signal.Signals
) -> None:
    terminal = open_on()
    generating(terminal, target)
    terminal.process.send_signal(number)
    assert terminal.ended() == EXIT_CANCELLED
    for sequence in RESTORED:
        assert sequence in terminal.sent
    assert "Traceback" not in terminal.text
    lost_nothing(folder, target)


@pytest.mark.parametrize("leads", [True, False], ids=["with a hangup", "without a hangup"])
def test_a_closed_window_ends_it_in_the_middle_of_a_job_and_loses_nothing(
    open_on: Callable[..., Terminal], folder: Path, target: Target, leads: bool
) -> None:
    terminal = open_on(leads=leads)
    generating(terminal, target)
    terminal.hang_up()
    assert terminal.ended() == EXIT_CANCELLED
    lost_nothing(folder, target)


def test_a_terminal_that_takes_nothing_does_not_stop_a_job_nor_the_end(
    open_on: Callable[..., Terminal], folder: Path, target: Target
) -> None:
    terminal = open_on()
    generating(terminal, target)
    # From here on nobody reads. Screens and back fill what the system keeps for a reader, and more.
    terminal.press("1234" * 20)
    before = slices(target)
    eventually(lambda: slices(target) >= before + 3)
    terminal.process.send_signal(signal.SIGTERM)
    # Not `ended`, which reads.
    assert terminal.process.wait(PATIENCE) == EXIT_CANCELLED
    lost_nothing(folder, target)


def test_it_can_be_stopped_and_continued(open_on: Callable[..., Terminal]) -> None:
    terminal = open_on()
    # Some of it is computed beside the screen.
    terminal.quiet()
    shown = terminal.text
    terminal.process.send_signal(signal.SIGTSTP)
    eventually(lambda: terminal.watch(0.05) >= 0 and state(terminal) == "T")
    for sequence in RESTORED:
        assert sequence in terminal.sent
    terminal.screen.reset()
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until(lambda text: text == shown)
    terminal.press("1")
    terminal.until(lambda text: "config.json" in text)


def state(terminal: Terminal) -> str:
    """The state of the process, as ps calls it; "T" is stopped."""
    return Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
