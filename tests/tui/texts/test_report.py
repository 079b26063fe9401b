"""What Report says: headline, trail, two rounds beside one another."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from shapetui.tui.overlay import GLYPHS, Glyphs
from shapetui.tui.shown import View
from shapetui.tui.texts.report import chosen_round, comparison, headline, trail
from tests.tui.screens import two_reports
from tests.tui.texts.given import ODD, full, given, plain

BLOCK, ASCII = GLYPHS["block"], GLYPHS["ascii"]


def path_of(index: int) -> Path:
    """The report of a round."""
    return full().rounds[index].report_path


@pytest.mark.parametrize("verdict", ["PASS", "WARNING", "FAIL"])
@pytest.mark.parametrize("glyphs", [BLOCK, ASCII], ids=["block", "ascii"])
def test_each_verdict_in_letters_of_any_size(verdict: str, glyphs: Glyphs) -> None:
    report = two_reports()[0].model_copy(update={"overall_verdict": verdict})
    for large in (True, False):
        text = plain(headline(report, glyphs, 51, large=large))
        assert f"{verdict}  0 of 4   tolerance 0.15" in text
        assert "production" in text
        assert "measured" in text
        assert ("  ".join(verdict) in text) is (large and glyphs is ASCII)
    assert len(plain(headline(report, BLOCK, 51, large=True))) > len(plain(headline(report, BLOCK, 51, large=False)))


def test_all_advice_is_in_the_headline_and_nothing_of_it_steers() -> None:
    report = two_reports()[0]
    summary = report.summary.model_copy(update={"recommendations": [ODD, "second"]})
    text = plain(
        headline(report.model_copy(update={"summary": summary, "validation_timestamp": ODD}), BLOCK, 51, large=True)
    )
    assert "\na[red]b\\x1b[2J\\n\nsecond" in text


def test_without_a_report_the_keys_are_told() -> None:
    assert "v measures" in plain(headline(None, BLOCK, 51, large=True))
    assert plain(trail(given(), 100, 8, BLOCK)) == "no round yet"


@pytest.mark.parametrize("width", range(50, 220, 7))
@pytest.mark.parametrize("height", [1, 2, 3, 4, 8])
def test_the_trail_fits_and_keeps_the_cursor_in_view(width: int, height: int) -> None:
    for chosen in (0, 1):
        lines = plain(trail(full(view=View(round=path_of(chosen))), width, height, BLOCK)).rstrip("\n").splitlines()
        assert len(lines) <= max(2, height)
        [row] = [line for line in lines if line.startswith("▸")]
        assert row[2] == str(chosen + 1)
        if width >= 60:
            assert all(cell_len(line.rstrip()) <= width for line in lines[:1])


def test_the_errors_that_matter_most_are_there_when_there_is_room_for_few() -> None:
    assert [word for word in plain(trail(full(), 60, 4, BLOCK)).splitlines()[0].split() if word != "changed"] == [
        "p99",
        "mean",
    ]
    wide = plain(trail(full(), 160, 4, BLOCK)).splitlines()[0].split()
    assert wide == ["p50", "p75", "p90", "p95", "p99", "mean", "length", "changed"]


def test_the_cursor_is_on_the_newest_unless_it_was_moved_and_never_beyond_the_end() -> None:
    assert chosen_round(full()) == 1
    assert chosen_round(full(view=View(round=path_of(0)))) == 0
    assert chosen_round(full(view=View(round=Path("gone.json")))) == 1
    assert chosen_round(given()) == 0


def test_the_mark_stands_beside_its_round() -> None:
    text = plain(trail(full(view=View(round=path_of(1), marked=path_of(0))), 120, 8, BLOCK))
    assert " ◆1" in text
    assert "▸ 2" in text


def test_two_rounds_beside_one_another() -> None:
    one, other = full().rounds
    text = plain(comparison(one, other))
    assert ["round", "1", "round", "2"] in [line.split() for line in text.splitlines()]
    assert "FAIL 0 of 4" in text
    assert "WARNING 3 of 4" in text
    assert "+17.9 %" in text
