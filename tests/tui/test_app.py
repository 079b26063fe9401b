"""The app as it is used: keys in, screens and files out, on a real folder and a real server."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.documents.workspace import Workspace
from shapetui.progress import Watch
from shapetui.tui.actions import ACTIONS, actions_of
from shapetui.tui.app import ShapetuiApp
from shapetui.tui.dialogs import Ask, Keys, TooSmall
from shapetui.tui.places import PLACES
from tests.workbench.benches import chat, fitted

PATIENCE = 20.0
NOBODY = Target.parse("embedded:nobody")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    (tmp_path / "reports").mkdir()
    save(chat(), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    return tmp_path


async def until(pilot: Pilot[int], fact: Callable[[], object]) -> None:
    """Waits for a fact."""
    await pilot.pause()
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end, fact
        await pilot.pause(0.02)
    await pilot.pause()


@asynccontextmanager
async def running(
    folder: Path, target: Target = NOBODY, size: tuple[int, int] = (120, 40), ready: bool = True
) -> AsyncIterator[tuple[ShapetuiApp, Pilot[int]]]:
    """The app, with its documents read."""
    app = ShapetuiApp(Workspace(folder), target)
    async with app.run_test(size=size) as pilot:
        if ready:
            await until(pilot, lambda: app.workbench.draft.config is not None)
        yield app, pilot


def _at(app: ShapetuiApp, place: str, text: str) -> bool:
    return app.place == place and text in seen(app)


async def go(app: ShapetuiApp, pilot: Pilot[int], digit: str, place: str) -> None:
    """Another screen, and there."""
    await pilot.press(digit)
    await until(pilot, lambda: app.place == place and app.screen.is_mounted and app.screen.query("#top"))


def seen(app: ShapetuiApp) -> str:
    """What is on the screen."""
    return "\n".join("".join(one.text for one in strip) for strip in app.screen._compositor.render_strips())


def told(app: ShapetuiApp) -> str:
    """All notices."""
    return "\n".join(notice.message for notice in app._notifications)


@pytest.mark.parametrize("place", PLACES)
def test_no_two_keys_of_a_place_clash_and_every_action_is_explained(place: str) -> None:
    keys = [key for action in actions_of(place) for key in action.keys]
    assert len(keys) == len(set(keys))
    assert len({action.name for action in actions_of(place)}) == len(actions_of(place))
    assert set(PLACES) >= {where for action in ACTIONS for where in action.places} - {"everywhere"}
    for action in actions_of(place):
        assert action.title
        assert action.help
        assert hasattr(ShapetuiApp, f"action_{action.name.partition('(')[0]}")


async def test_every_screen_by_its_digit_and_documents_by_enter(folder: Path) -> None:
    async with running(folder) as (app, pilot):
        await until(pilot, lambda: "config.json" in seen(app))
        for digit, place, text in (
            ("2", "shape", "GROUP_CHAT"),
            ("3", "calibrate", "expected verdict"),
            ("4", "run", "no job yet"),
            ("5", "report", "no report yet"),
            ("1", "files", "checklist"),
        ):
            await pilot.press(digit)
            await until(pilot, partial(_at, app, place, text))
        await pilot.press("enter")
        await until(pilot, lambda: app.place == "shape")
        await go(app, pilot, "1", "files")
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.place == "calibrate")


async def test_nudges_undo_a_typed_value_and_what_is_written(folder: Path) -> None:
    async with running(folder) as (app, pilot):
        await go(app, pilot, "3", "calibrate")
        await pilot.press("j")
        await until(pilot, lambda: app.workbench.focused == app.workbench.parameters[1])
        parameter = app.workbench.focused
        assert parameter is not None
        before = app.workbench.expected
        for _ in range(39):
            app.action_nudge(1)
        await pilot.press("right_square_bracket")
        wanted = parameter.nudged(40, coarse=False)
        await until(pilot, lambda: app.workbench.focused and app.workbench.focused.value == pytest.approx(wanted))
        assert app.workbench.expected != before
        await until(pilot, lambda: f"{wanted:.2f}" in seen(app) and "unsaved" in seen(app))
        await pilot.press("u", "u", "U")
        assert app.workbench.focused is not None
        assert app.workbench.focused.value == pytest.approx(parameter.nudged(39, coarse=False))

        draft = app.workbench.draft
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        await pilot.press("enter")
        await until(pilot, lambda: app.place == "calibrate")
        assert app.workbench.draft == draft
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.query_one(Input).value = "two"
        await pilot.press("enter")
        await until(pilot, lambda: "not a number" in seen(app))
        app.screen.query_one(Input).value = "2.5"
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.focused and app.workbench.focused.value == 2.5)

        for key in ("a", "a", "c", "c", "t", "t"):
            await pilot.press(key)
        assert app.view.type_index == 2
        await pilot.press("L")
        await until(pilot, lambda: "only weights can be locked" in told(app))
        await pilot.press("w")
        await until(pilot, lambda: len(list((folder / "reports").glob("*.json"))) == 3)
        [path] = (folder / "reports").glob("calibrated-config-*.json")
        written = load(path, Config).calibration_metadata
        assert written.parent_config_digest == fitted().digest()
        assert [nudge.parameter for nudge in written.nudges] == [parameter.key]
        assert not app.workbench.unsaved
        await pilot.press("q")
        await until(pilot, lambda: app.return_code is not None)
    [journal] = (folder / "reports" / ".shapetui").glob("journal-*.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert len(lines) > 40
    assert "closed" in journal.read_text().splitlines()[-1]


async def test_generating_asks_before_it_replaces_and_validating_shows_the_report(folder: Path, target: Target) -> None:
    async with running(folder, target) as (app, pilot):
        await go(app, pilot, "4", "run")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.query_one(Input).value = "20k"
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.draft.target == 20_000)
        await pilot.press("r")
        await until(pilot, lambda: app.place == "report" and app.report is not None)
        await until(pilot, lambda: "round 1" in seen(app))
        assert list((folder / "reports").glob("report_*.json"))
        assert list((folder / "reports").glob("fidelity-report-*.json"))

    async with running(folder, target) as (app, pilot):
        reports = len(list((folder / "reports").glob("report_*.json")))
        await go(app, pilot, "4", "run")
        await pilot.press("g", "g")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.query_one(Input).value = "wrong"
        await pilot.press("enter")
        await until(pilot, lambda: "the name is" in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.place == "run" and not isinstance(app.screen, Ask))
        assert not app._runner.running
        assert app.news is None
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        app.screen.query_one(Input).value = target.database
        await pilot.press("enter")
        # The target is the shape's again; it is cancelled in the middle.
        await until(pilot, lambda: app.news is not None)
        await pilot.press("x")
        await until(pilot, lambda: app.news is not None and not app.news.running)
        assert app.news is not None
        assert app.news.outcome in ("cancelled", "done")
        await until(pilot, lambda: str(app.news and app.news.outcome).upper() in seen(app))
        assert len(list((folder / "reports").glob("report_*.json"))) >= reports


async def test_one_job_at_a_time_and_cancelling_says_so(folder: Path) -> None:
    def waiting(watch: Watch) -> None:
        while True:
            watch.check()
            time.sleep(0.01)

    async with running(folder) as (app, pilot):
        app._start("generate", waiting)
        await go(app, pilot, "4", "run")
        await pilot.press("v")
        await until(pilot, lambda: "generate is working on" in told(app))
        await pilot.press("g")
        await until(pilot, lambda: "a job is running" in told(app))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Ask))
        # A job that ends meanwhile does not change the screen under the answer.
        await pilot.press("n", "o", "enter")
        await until(pilot, lambda: "yes, or escape" in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Ask))
        await pilot.press("x")
        await until(pilot, lambda: "CANCELLED" in seen(app))
        assert not app._runner.running


async def test_files_come_go_and_break_while_it_runs(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    async with running(tmp_path, ready=False) as (app, pilot):
        await until(pilot, lambda: "nothing here yet" in seen(app))
        for digit in "23451":
            await pilot.press(digit)
        await pilot.press("enter", "c", "j", "g", "v", "w")
        await until(pilot, lambda: "no config" in told(app))
        reports.mkdir(exist_ok=True)
        (reports / "odd[red] \x1b[2J.json").write_text("{")
        app._read_folder()
        await until(pilot, lambda: "✗ odd[red] \\x1b[2J.json" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "not valid JSON" in told(app))
        save(chat(), reports / "shape.json")
        app._read_folder()
        await until(pilot, lambda: "✓ shape.json" in seen(app))
        # The choice stays on its file.
        assert app.entries[app.chosen].document is None
        (reports / "shape.json").write_text("[]")
        app._read_folder()
        await until(pilot, lambda: "holds no JSON object" in seen(app))
        for path in reports.glob("*.json"):
            path.unlink()
        app._read_folder()
        await until(pilot, lambda: "nothing here yet" in seen(app))
        await pilot.press("enter")


async def test_too_small_a_terminal_is_told_and_recovers(folder: Path) -> None:
    async with running(folder) as (app, pilot):
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: isinstance(app.screen, TooSmall) and "needs 60×20" in seen(app))
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: app.place == "files" and "config.json" in seen(app))


async def test_help_lists_and_runs_and_the_palette_opens(folder: Path) -> None:
    async with running(folder) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Keys) and "Fit a config to the chosen shape" in seen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.place == "shape")
        await pilot.press("colon")
        await until(pilot, lambda: type(app.screen).__name__ == "CommandPalette")
        await pilot.press("escape")
        await until(pilot, lambda: app.place == "shape")
        await pilot.press("y", "E")
        await until(pilot, lambda: (folder / "reports" / "shape.svg").exists())
        assert "GROUP_CHAT" in (folder / "reports" / "screen.txt").read_text()


async def test_a_journal_is_closed_by_ctrl_q_too(folder: Path) -> None:
    async with running(folder) as (app, pilot):
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code is not None)
    [journal] = (folder / "reports" / ".shapetui").glob("journal-*.jsonl")
    assert "closed" in journal.read_text().splitlines()[-1]
