"""What Report says: headline, trail, two rounds beside one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from shapetui.documents.checks import Check
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


def test_columns_of_the_trail_never_run_together() -> None:
    errors = {"p50": None, "p75": 2.638, "p90": -2.638, "p95": 12.0, "p99": 123.4, "mean": -1.0, "length": 9.9994}
    rounds = [replace(one, errors=errors) for one in full().rounds]
    lines = plain(trail(replace(full(), rounds=tuple(rounds)), 160, 8, BLOCK)).splitlines()
    told = "–   +263.8 %   −263.8 %   +1,200 %  +12,340 %   −100.0 %   +999.9 %"
    assert [line for line in lines[1:3] if " ".join(told.split()) in " ".join(line.split())] == lines[1:3]
    # Numbers end where their headings do.
    for name, number in zip(errors, ("–", "+263.8 %", "−263.8 %", "+1,200 %"), strict=False):
        assert lines[1].index(number) + len(number) == lines[0].index(name) + len(name)


def test_columns_of_a_comparison_never_run_together_and_fit_the_narrowest_dialog() -> None:
    check = Check(
        name="length_by_message_type",
        measures="it",
        value=0.022,
        margin=0.1,
        noise=0.3,
        verdict="INCONCLUSIVE",
        unit="relative",
    )
    one, other = (
        replace(round_, decision="INCONCLUSIVE", checks=(check.model_copy(update={"value": value}),))
        for round_, value in zip(full().rounds, (0.022, 12.345), strict=True)
    )
    lines = plain(comparison(one, other)).splitlines()
    [row] = [line for line in lines if line.startswith("length by type")]
    assert row.split() == ["length", "by", "type", "INCONCL.", "2.2", "%", "INCONCL.", "1234.5", "%"]
    # 80 cells but for the frame, the padding and the scroll bar of the dialog.
    assert all(cell_len(line) <= 72 for line in lines)


def test_two_rounds_beside_one_another() -> None:
    one, other = full().rounds
    text = plain(comparison(one, other))
    assert ["round", "1", "round", "2"] in [line.split() for line in text.splitlines()]
    assert "FAIL 0 of 4" in text
    assert "WARNING 3 of 4" in text
    assert "+17.9 %" in text
