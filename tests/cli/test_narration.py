"""Progress: what the lines and bars make of the news, also when two threads report at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from shapetui.cli import narration
from shapetui.cli.narration import _duration, _Phase, narrated
from shapetui.errors import Cancelled
from shapetui.progress import Progress
from tests.cli.command_line import Terminal, end, start, when


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3605, "1 h 00 min")],
)
def test_durations_are_as_exact_as_one_wants_them(seconds: float, said: str) -> None:
    assert _duration(seconds) == said


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (Progress("prepare"), "prepare"),
        (Progress("prepare", note="counting what is there"), "prepare: counting what is there"),
        (Progress("sample", 2, 5, "content lengths"), "sample 3 of 5: content lengths (10 s)"),
        (Progress("messages", 3000, 9000), "messages 3,000 of 9,000 (33%), 200 rows/s, 30 s left"),
        (Progress("messages", 9000, 9000), "messages 9,000 of 9,000 (100%)"),
        (Progress("messages", 0, 0), "messages 0 of 0 (0%)"),
    ],
)
def test_a_line_says_what_where_and_how_long(news: Progress, said: str) -> None:
    # Begun ten seconds ago at 1,000 rows: what an earlier run has written is not this one's speed.
    assert _Phase(news, begun=100.0, first=1000).sentence(110.0) == said


def test_the_closing_line_has_the_rows_of_both_threads(capsys: pytest.CaptureFixture[str]) -> None:
    def report(phase: str, total: int) -> None:
        for done in range(1000, total + 1, 1000):
            watch.report(phase, done, total)

    with narrated("generate") as watch:
        watch.report("prepare")
        threads = [threading.Thread(target=report, args=each) for each in (("users", 3000), ("messages", 50_000))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        watch.report("analyze")
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("shapetui generate: done in 0.")
    assert set(line.partition("s: ")[2].split(", ")) == {"3,000 users", "50,000 messages"}


def test_lines_come_now_and_then_and_tell_of_all_that_is_under_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narration, "_SECONDS_BETWEEN_LINES", 0.01)
    err = ""

    def told() -> bool:
        nonlocal err
        err += capsys.readouterr().err
        return "messages 10 of 100 (10%); members 5 of 50 (10%)" in err

    with narrated("generate") as watch:
        watch.report("prepare")
        watch.report("users", 5, 5)
        watch.report("messages", 10, 100)
        watch.report("members", 5, 50)
        when(told)
    assert "users" not in err.splitlines()[-1]
    assert "prepare; " not in err


def test_no_closing_line_for_what_was_not_done(capsys: pytest.CaptureFixture[str]) -> None:
    def cancelled() -> None:
        with narrated("sample"):
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        cancelled()
    assert capsys.readouterr().err == ""


def test_a_phase_that_comes_again_begins_anew(capsys: pytest.CaptureFixture[str]) -> None:
    with narrated("demo") as watch:
        for _ in range(2):
            watch.report("sample", 0, 2, "sizes")
            watch.report("sample", 2, 2, "done")
            watch.report("users", 4, 4)
    assert "4 users" in capsys.readouterr().err


def test_bars_of_phases_that_come_again_replace_the_old_ones() -> None:
    bars = narration._Bars()
    try:
        for _ in range(3):
            bars.hear(Progress("prepare"))
            for phase in ("sample", "users", "rooms", "messages", "attachments", "reads"):
                bars.hear(Progress(phase, 0, 2))
                bars.hear(Progress(phase, 2, 2))
        shown = [task.description for task in bars._bars.tasks]
        assert len(shown) == len(set(shown)) <= narration._MOST_BARS
        assert "reads" in shown
        assert "prepare" not in shown
    finally:
        bars.close(good=True)


@pytest.mark.parametrize("columns", [80, 100])
def test_bars_on_a_terminal(columns: int, tmp_path: Path, server: object) -> None:
    line = ("generate", "--url", f"embedded:clibars{columns}", "--target-messages", "400000")
    terminal = Terminal(*line, cwd=tmp_path, columns=columns)
    assert terminal.end() == 0
    bars, _, after = terminal.text.rpartition("\x1b[?25h")
    assert all(word in bars for word in ("prepare", "messages", "conversation_users", "rows/s", "left", "━"))
    # The bars are gone; what stays is the result.
    assert after.count("sha256:") == 5
    assert f"embedded:clibars{columns}: " in terminal.text


def test_no_bars_on_a_dumb_terminal(tmp_path: Path, server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cli.command_line.TERMINAL", "dumb")
    terminal = Terminal("generate", "--url", "embedded:clidumb", "--target-messages", "3000", cwd=tmp_path)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.text
    assert "shapetui generate: done in" in terminal.text


def test_no_lines_for_what_needs_no_time(tmp_path: Path, server: object) -> None:
    told, _ = end(start("generate", "--url", "embedded:clishort", "--target-messages", "3000", cwd=tmp_path))
    assert told.code == 0
    assert len(told.err.splitlines()) <= 2
