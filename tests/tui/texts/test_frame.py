"""Top line and key line: at every width they fit, and say what matters most."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.text import Text

from shapetui.tui.app import LEAST_SIZE
from shapetui.tui.screens.place import TITLES
from shapetui.tui.shown import Shown
from shapetui.tui.texts.frame import key_line, top_line
from shapetui.workbench import intents
from shapetui.workbench.actions import PLACES, actions_of
from shapetui.workbench.jobnews import JobNews
from shapetui.workbench.settings import Settings, bound
from tests.tui.texts.given import given, plain

RUNNING: JobNews[None] = JobNews(1, "regenerate + validate", "embedded:synthetic", "messages", 25, 100)
NUDGED = (intents.Nudge(3, True),)


def clicks(line: Text) -> dict[str, str]:
    """What a click on each piece of a line does."""
    found = {}
    for start, end, style in line.spans:
        if not isinstance(style, str) and "@click" in style.meta:
            found[line.plain[start:end].strip()] = str(style.meta["@click"])
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "shown",
    [
        given(),
        given(workbench=None),
        given(*NUDGED, readonly=True, jobs=(RUNNING,)),
        given(jobs=(replace(RUNNING, total=None),)),
    ],
    ids=["open", "not yet read", "busy and read-only", "busy"],
)
def test_the_top_line_is_as_wide_as_the_terminal_and_names_the_screen(place: str, shown: Shown) -> None:
    for width in range(LEAST_SIZE[0], 220, 3):
        line = top_line(place, TITLES, shown, width)
        assert line.cell_len == width
        assert f"▌{PLACES.index(place) + 1} {TITLES[place]}▐" in line.plain
        assert line.plain.count("▌") == 1


def test_the_top_line_says_on_what_and_what_runs() -> None:
    line = plain(top_line("run", TITLES, given(*NUDGED, readonly=True, jobs=(RUNNING,)), 160))
    assert "read-only  regenerate + validate 25%  shape · config ● unsaved" in line
    assert "unsaved" not in plain(top_line("run", TITLES, given(), 160))
    # Of names that do not fit the end is told, where they differ; that something is unsaved is told before that.
    assert "● unsaved" in plain(top_line("run", TITLES, given(*NUDGED), 80))


def test_how_far_a_job_has_come_is_told_at_every_width() -> None:
    for width in range(LEAST_SIZE[0], 220, 3):
        for shown in (given(jobs=(RUNNING,)), given(*NUDGED, jobs=(RUNNING,))):
            assert " 25%" in plain(top_line("calibrate", TITLES, shown, width)), width


def test_of_two_long_names_both_ends_are_told_also_when_it_is_unsaved() -> None:
    bench = given(*NUDGED).workbench
    assert bench is not None
    draft = replace(
        bench.draft, shape_path="shape-metrics-prod-20261125.json", config_path="calibrated-config-20261125.json"
    )
    shown = given(workbench=replace(bench, draft=draft))
    assert "…" not in plain(top_line("calibrate", TITLES, shown, 160))
    line = plain(top_line("calibrate", TITLES, shown, 120))
    assert "prod-20261125 · …" in line
    assert "config-20261125 ● unsaved" in line
    narrow = plain(top_line("calibrate", TITLES, shown, 80))
    assert "config-20261125 ● unsaved" in narrow
    assert "·" not in narrow


def test_a_click_on_a_screens_name_goes_there() -> None:
    assert clicks(top_line("files", TITLES, given(), 120)) == {
        "▌1 Files▐": "app.act('files')",
        "2 Shape": "app.act('shape')",
        "3 Calibrate": "app.act('calibrate')",
        "4 Run": "app.act('run')",
        "5 Report": "app.act('report')",
    }


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("place", PLACES)
def test_the_key_line_fits_and_ends_with_the_way_to_all_else_and_the_way_out(place: str, width: int) -> None:
    for busy in (False, True):
        line = key_line(actions_of(place), width, busy=busy)
        assert line.cell_len <= width
        assert line.plain.endswith(" ? help  q quit ")
        assert (" x cancel " in line.plain) is busy
        # An entry is there whole or not at all.
        for action in actions_of(place):
            if f" {action.shown_key} " in line.plain and action.footer and not action.together:
                assert f" {action.shown_key} {action.footer} " in line.plain


def test_where_there_is_room_all_keys_of_the_screen_are_named() -> None:
    for place in PLACES:
        line = key_line(actions_of(place), 200, busy=True).plain
        for action in actions_of(place):
            assert not action.footer or action.footer in line, action.id


def test_opposites_share_an_entry_and_each_key_can_be_clicked() -> None:
    line = key_line(actions_of("calibrate"), 160, busy=False)
    assert " [ ] nudge  { } coarse " in line.plain
    assert " u U undo " in line.plain
    found = clicks(line)
    assert (found["["], found["]"], found["u"], found["U"], found["?"]) == (
        "app.act('less')",
        "app.act('more')",
        "app.act('undo')",
        "app.act('redo')",
        "app.act('help')",
    )


def test_the_users_keys_stand_in_the_key_line() -> None:
    settings = Settings(keys={"generate": ("f5",), "more": ("ctrl+up",)})
    line = key_line(actions_of("calibrate", bound(settings)), 160, busy=False).plain
    assert " F5 generate " in line
    assert " [ ctrl+↑ nudge " in line or " [ ctrl+up nudge " in line
    assert " g generate" not in line
