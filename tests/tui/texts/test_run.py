"""What Run says: plan, job, log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from shapetui.progress import Progress
from shapetui.tui.overlay import GLYPHS
from shapetui.tui.texts import run
from shapetui.tui.texts.words import CHECK_STYLES
from shapetui.workbench import intents
from shapetui.workbench.jobnews import JobNews, Outcome
from shapetui.workbench.state import Workbench
from tests.tui.texts.given import ODD, given, plain

BLOCK, ASCII = GLYPHS["block"], GLYPHS["ascii"]
NEWS: JobNews[Any] = JobNews(
    1,
    "generate",
    "embedded:synthetic",
    "messages",
    250_000,
    1_000_000,
    rate=123_456.0,
    eta=61.0,
    seconds=7.0,
    phases=(Progress("prepare"), Progress("users", 600, 600), Progress("messages", 250_000, 1_000_000)),
)


def test_the_plan_says_what_would_be_generated() -> None:
    text = plain(run.plan(given(intents.SetTarget(20_000), intents.SetSeed(ODD.strip())), 44))
    text += plain(run.plan(given(intents.SetTarget(20_000), intents.SetSeed("plum"), intents.Nudge(1, True)), 44))
    for said in ("embedded:synthetic", "20,000", "plum", "0.15", "● config", "conversations", "the default"):
        assert said in text
    assert "verdict" in text


@pytest.mark.parametrize("width", [40, 60, 76])
def test_the_plan_tells_the_decision_of_the_checks_beside_the_verdict(width: int) -> None:
    shown = given(intents.Focus("conversation weight GROUP_CHAT"), intents.Nudge(30, True))
    text = run.plan(shown, width)
    words = plain(text).split()
    assert words[words.index("checks") + 1] == "NO-GO"
    assert [str(span.style) for span in text.spans if text.plain[span.start : span.end].strip() == "NO-GO"] == [
        CHECK_STYLES["NO-GO"]
    ]
    # As many rows as the panel of a small terminal has.
    assert width < 60 or len(plain(text).splitlines()) == 5
    assert "checks" not in plain(run.plan(given(workbench=Workbench()), width))


@pytest.mark.parametrize("width", [40, 44, 58, 60, 76, 100])
def test_the_plan_fits(width: int) -> None:
    shown = given(synthetic_label="somewhere@a.host.with.a.long.name.example:5432")
    for line in plain(run.plan(shown, width)).splitlines():
        assert cell_len(line.rstrip()) <= width
    assert plain(run.plan(given(workbench=None), width)) == ""
    assert "none" in plain(run.plan(given(workbench=Workbench()), width))


@pytest.mark.parametrize("width", [50, 62, 74, 100, 200])
@pytest.mark.parametrize("glyphs", [BLOCK, ASCII], ids=["block", "ascii"])
def test_a_job_that_runs_shows_each_phase_rate_and_time_left(width: int, glyphs: object) -> None:
    text = plain(run.job(NEWS, width, 20, glyphs))  # type: ignore[arg-type]
    assert "generate  embedded:synthetic  0:07" in text
    assert "✓ prepare" in text
    assert "▸ messages" in text
    assert "250,000 / 1,000,000" in text
    assert " 25%" in text
    assert "123,456 rows/s   1:01 left" in text
    assert "x cancels" in text
    assert all(cell_len(line) <= width for line in text.splitlines())


@pytest.mark.parametrize(("outcome", "word"), [("done", "DONE"), ("failed", "FAILED"), ("cancelled", "CANCELLED")])
def test_how_it_ended_is_told_whole(outcome: Outcome, word: str) -> None:
    message = "embedded:synthetic holds 12 users, 3 conversations and 4,000 messages, in whole slices; " * 3
    ended = replace(NEWS, outcome=outcome, message=message, hint=f"mend it {ODD}")
    text = plain(run.job(ended, 40, 30, BLOCK))
    assert word in text
    assert " ".join(message.split()) in " ".join(text.split())
    assert "mend it a[red]b" in text
    assert "x cancels" not in text
    # A phase that did not come to its end has no mark of one.
    assert "· messages" in text


def test_many_phases_leave_room_for_the_newest() -> None:
    phases = tuple(Progress(f"phase {number}", number) for number in range(40))
    text = plain(run.job(replace(NEWS, phases=phases), 60, 14, BLOCK))
    assert "phase 39" in text
    assert len(text.splitlines()) <= 14


def test_without_a_job_the_keys_are_told_and_without_a_log_that_there_is_none() -> None:
    assert "g generates" in plain(run.job(None, 60, 20, BLOCK))
    assert plain(run.log(given(), 5)) == "nothing yet in this session"


def test_the_log_shows_its_newest_lines() -> None:
    lines = tuple(f"line {number}" for number in range(30))
    assert plain(run.log(given(log=lines), 4)).splitlines() == ["line 26", "line 27", "line 28", "line 29"]
    assert plain(run.log(given(log=(ODD,)), 4)) == "a[red]b\\x1b[2J\\n"


def test_steps_that_are_no_rows_say_what_they_are_instead_of_a_rate() -> None:
    sample = Progress("sample", 3, 10, "messages per conversation")
    news = replace(NEWS, phase="sample", done=3, total=10, rate=0.4, phases=(sample,))
    text = plain(run.job(news, 80, 20, BLOCK))
    assert "3 / 10  messages per conversation" in text
    assert "rows/s" not in text
    assert "━" not in text
