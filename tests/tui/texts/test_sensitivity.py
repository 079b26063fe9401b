"""What a parameter does to the checks: chart, sentence, table, at every size."""

from __future__ import annotations

from functools import cache

import pytest
from rich.cells import cell_len

from shapetui.tui.overlay import ASCII, BLOCK
from shapetui.tui.texts.sensitivity import between, panel, sentence
from shapetui.workbench import intents
from shapetui.workbench.sensitivity import Sensitivity, sensitivity
from shapetui.workbench.spans import Span
from tests.tui.texts.given import plain
from tests.workbench.benches import after

ALPHA = "alpha GROUP_CHAT"


@cache
def of(key: str, *steps: intents.Intent) -> Sensitivity:
    return sensitivity(after(*steps).draft, key)


@pytest.mark.parametrize(
    "key", [ALPHA, "tail share DIRECT_MESSAGE", "message weight TEXT", "mu TEXT", "xmax GROUP_CHAT"]
)
@pytest.mark.parametrize(("width", "height"), [(59, 19), (75, 22), (95, 38)])
def test_it_fits_and_marks_now(key: str, width: int, height: int) -> None:
    text = plain(panel(of(key), width, height, BLOCK))
    lines = text.splitlines()
    assert all(cell_len(line) <= width for line in lines), text
    # In the lowest terminal the names of what does not move may be left to scroll.
    assert len(lines) <= height + (5 if height < 22 else 0), text
    assert "now " in text
    assert "limit┤" in text
    assert "it does not move: " in text


def test_the_checks_that_vary_most_have_a_letter_in_the_chart_and_in_the_table() -> None:
    lines = plain(panel(of(ALPHA), 95, 38, BLOCK)).splitlines()
    chart = "".join(line[8:] for line in lines[:15])
    rows = [line for line in lines if line[:2] in ("a ", "b ", "c ", "d ", "e ")]
    assert 3 <= len(rows) <= 5
    for row in rows:
        assert row[0] in chart
        assert row[2] in "✓!✗?"


def test_the_sentence_says_where_all_pass_or_what_is_in_the_way() -> None:
    good = of("mu TEXT", intents.SetTolerance(0.3))
    assert good.all_pass is not None
    assert plain(sentence(good, 75)).startswith("all pass ")
    far = of(ALPHA, intents.SetValue(ALPHA, 6.0))
    assert far.all_pass is None
    said = plain(sentence(far, 75))
    assert said.startswith("nowhere here do all pass: ")
    assert " fails everywhere" in said or " passes " in said
    assert all(cell_len(line) <= 75 for line in said.splitlines())


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(2.41, 2.88, False, False), "from 2.41 to 2.88"),
        (Span(1.0, 2.88, True, False), "up to 2.88"),
        (Span(2.41, 3.0, False, True), "from 2.41 on"),
        (Span(1.0, 3.0, True, True), "everywhere from 1.00 to 3.00"),
        (Span(2.412, 2.414, False, False), "only at 2.41"),
        (None, "nowhere"),
    ],
)
def test_spans_in_words(span: Span | None, said: str) -> None:
    assert between(of(ALPHA), span) == said


def test_where_all_pass_is_a_thick_line_also_in_ascii() -> None:
    found = of("mu TEXT", intents.SetTolerance(0.3))
    assert "━━" in plain(panel(found, 75, 22, BLOCK))
    assert "==" in plain(panel(found, 75, 22, ASCII))
