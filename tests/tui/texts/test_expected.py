"""What Calibrate says is to be expected: verdict, tests, checks, advice, in the room that there is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from shapetui.tui.texts import expected as texts
from shapetui.workbench import intents
from shapetui.workbench.advice import Advice, advise
from shapetui.workbench.state import Workbench
from tests.tui.texts.given import given, plain
from tests.workbench.benches import after, chat

HAND = intents.OpenConfig("hand.json")
WIDTH, HEIGHT = 42, 24
# Too narrow a law of lengths, which mean and median do not tell.
REFUSED = (intents.SetTolerance(0.3), intents.Focus("sigma TEXT"), intents.Nudge(-30, True))
PLAN = intents.SetValues((("mu TEXT", 3.4),))
SPOILT = (intents.Focus("conversation weight GROUP_CHAT"), intents.Nudge(30, True))


def test_the_verdict_the_tests_and_the_checks_behind_it() -> None:
    text = plain(texts.expected_verdict(given(), WIDTH, HEIGHT))
    assert text.startswith("WARNING  3 of 4   tolerance 0.15")
    assert "✗ content length     median 17.9 of 15 %" in text
    bench = after()
    assert bench.expected is not None
    checks = bench.expected.checks
    assert f"checks  {checks.decision}" in text
    said = [check.verdict for check in checks.checks]
    for verdict in set(said):
        assert f"{said.count(verdict)} {verdict}" in text
    rooms = chat().conversations
    found = bench.expected.shape.conversations.messages_per_conversation_percentiles
    assert f"{rooms.messages_per_conversation_percentiles.p99:,} → {found.p99:,}" in text


def test_the_worst_checks_come_first_and_what_has_no_room_is_counted() -> None:
    shown = given(*SPOILT)
    whole = plain(texts.expected_verdict(shown, WIDTH, 40)).splitlines()
    assert shown.workbench is not None
    assert shown.workbench.expected is not None
    checks = shown.workbench.expected.checks.checks
    bad = sum(check.verdict != "GO" for check in checks)
    at = next(index for index, line in enumerate(whole) if line.startswith("checks  NO-GO"))
    rows = [line for line in whole[at + 1 :] if line[:1] in "✗!?✓" and line]
    assert len(rows) == len(checks)
    assert all(line[0] != "✓" for line in rows[:bad])
    assert all(line[0] == "✓" for line in rows[bad:])
    assert rows[0].endswith("NO-GO")
    for height in (16, 18, 22):
        short = plain(texts.expected_verdict(shown, WIDTH, height))
        assert len(short.splitlines()) <= height
        assert " more\n" in short
    # What would help is never cut.
    assert short.endswith("looking for what would help …")


def test_p_values_are_told_with_what_they_mean_at_this_number_of_rows() -> None:
    few = plain(texts.expected_verdict(given(intents.SetTarget(500)), WIDTH, HEIGHT))
    many = plain(texts.expected_verdict(given(intents.SetTarget(5_000_000)), WIDTH, HEIGHT))
    [little], [much] = ([line for line in text.splitlines() if "p fails from V" in line] for text in (few, many))
    assert float(little.split()[4]) > 0.1 > 0.01 > float(much.split()[4])


@pytest.mark.parametrize("steps", [(), SPOILT, (HAND,)], ids=["fitted", "spoilt", "by hand"])
@pytest.mark.parametrize("width", [62, 78, 100])
def test_the_brief_verdict_is_two_lines_that_fit(steps: tuple[intents.Intent, ...], width: int) -> None:
    lines = plain(texts.brief_verdict(given(*steps), width)).splitlines()
    assert len(lines) == 2
    assert all(cell_len(line) <= width for line in lines)
    assert " of 4   checks " in lines[0]
    assert lines[1].startswith("▸ ")


def test_the_brief_verdict_names_what_is_worst() -> None:
    first, second = plain(texts.brief_verdict(given(*SPOILT), 100)).splitlines()
    assert "checks NO-GO" in first
    assert second.startswith("▸ conversation weight GROUP_CHAT")
    assert "✗ conversation types" in second


def test_without_documents_it_says_what_to_open() -> None:
    empty = given(workbench=Workbench())
    assert "no config yet" in plain(texts.expected_verdict(empty, WIDTH, HEIGHT))
    assert "no config yet" in plain(texts.expected_verdict(given(workbench=None), WIDTH, HEIGHT))
    assert "open a shape" in plain(texts.brief_verdict(empty, 78))


def test_advice_is_looked_for_shown_and_not_needed() -> None:
    bench = after()
    assert plain(texts.advice(given())) == "looking for what would help …"
    found = advise(bench)
    assert found is not None
    assert found.plan is not None
    text = plain(texts.advice(given(advice=found)))
    assert "mu TEXT" in text
    assert "\ns  " in text
    passing = given(found.plan)
    assert passing.workbench is not None
    assert passing.workbench.expected is not None
    assert passing.workbench.expected.good
    assert plain(texts.advice(passing)) == ""


def test_advice_is_looked_for_where_the_tests_pass_and_a_check_does_not() -> None:
    shown = given(*REFUSED)
    assert shown.workbench is not None
    assert shown.workbench.expected is not None
    assert (shown.workbench.expected.verdict, shown.workbench.expected.good) == ("PASS", False)
    assert plain(texts.advice(shown)) == "looking for what would help …"


@pytest.mark.parametrize("width", [62, 78, 100])
@pytest.mark.parametrize("focus", ["alpha GROUP_CHAT", "conversation weight DIRECT_MESSAGE"])
@pytest.mark.parametrize(
    ("advice", "said"),
    [
        (Advice(3, None, PLAN, 4, ()), "s: 3 of 4 → 4 of 4"),
        (Advice(3, None, PLAN, 4, (), refused=2), "s: 3 of 4, 2 NO-GO → 4 of 4"),
        (Advice(3, None, PLAN, 3, ()), "s: still 3 of 4"),
    ],
)
def test_the_brief_verdict_says_what_the_plan_would_come_to(width: int, focus: str, advice: Advice, said: str) -> None:
    text = plain(texts.brief_verdict(given(intents.Focus(focus), advice=advice), width))
    assert len(text.splitlines()) == 2
    assert all(cell_len(line) <= width for line in text.splitlines())
    # What has no room for both says only what comes of it.
    short = f"s: → {said.partition('→ ')[2]}"
    assert text.count("   s: ") == 1
    assert said in text or (width == 62 and short in text)


def test_without_a_plan_the_brief_verdict_promises_nothing() -> None:
    assert "s: " not in plain(texts.brief_verdict(given(advice=Advice(3, None, None, 3, ("it", "is so"))), 100))
