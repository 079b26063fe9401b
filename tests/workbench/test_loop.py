"""The loop on a real server: to PASS or its limit, each round's config on disk, nothing of the caller's changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, PlanError
from shapetui.progress import Progress, Watch
from shapetui.workbench import intents
from shapetui.workbench.folder import read_folder
from shapetui.workbench.intents import SetValue, SetValues
from shapetui.workbench.loop import LoopRound, run_loop
from shapetui.workbench.rounds import rounds_of
from shapetui.workbench.state import Workbench, apply
from tests.workbench.benches import Shelf, chat, fitted, hand_made

MESSAGES = 60_000


def workbench(folder: Path, *steps: intents.Intent) -> tuple[Workbench, Workspace]:
    """A workbench on files of the chat and its config, after some steps."""
    workspace = Workspace(folder)
    save(chat(), workspace.reports / "shape.json")
    save(fitted(), workspace.reports / "config.json")
    bench = Workbench()
    for step in (
        intents.OpenShape(str(workspace.reports / "shape.json")),
        intents.OpenConfig(str(workspace.reports / "config.json")),
        intents.SetTarget(MESSAGES),
        intents.SetSeed("loop"),
        *steps,
    ):
        bench = apply(bench, step, Shelf())
        assert bench.refusal == ""
    return bench, workspace


SPOILED = SetValues((("alpha GROUP_CHAT", 3.2), ("message weight CODE", 0.3), ("mu TEXT", 3.8)))


def test_a_spoiled_config_comes_to_pass_and_the_caller_can_follow(target: Target, tmp_path: Path) -> None:
    start, workspace = workbench(tmp_path, SPOILED)
    heard: list[LoopRound] = []
    end = run_loop(target, start, workspace, 5, Watch(), heard.append)
    assert end.outcome == "passed", end.said
    assert [round_.number for round_ in heard] == list(range(1, len(heard) + 1))
    assert len(heard) >= 2
    assert heard[0].intent is None
    assert heard[-1].verdict == "PASS"
    assert end.rounds == tuple(heard)
    # A workbench that makes the same changes has the same config, and so has the file.
    follower = start
    for round_ in heard:
        for step in (round_.intent, round_.wrote):
            follower = apply(follower, step, Shelf()) if step is not None else follower
        report = round_.validation.report
        assert report.generated_from is not None
        assert follower.draft.config is not None
        assert report.generated_from.config_digest == follower.draft.config.digest()
        assert report.generated_from.seed == "loop"
    assert follower.draft.config == end.workbench.draft.config
    written = load(Path(str(end.workbench.draft.config_path)), Config)
    assert written == end.workbench.draft.config
    assert {nudge.parameter for nudge in written.calibration_metadata.nudges} >= {"alpha GROUP_CHAT", "mu TEXT"}
    # The folder tells the same trail.
    trail = rounds_of(read_folder(workspace))
    assert [(r.verdict, r.config, r.errors) for r in trail] == [
        (r.round.verdict, r.round.config, r.round.errors) for r in heard
    ]
    assert trail[-1].changes == heard[-1].round.changes != ()


def test_what_passes_at_once_is_one_round_and_writes_no_config(target: Target, tmp_path: Path) -> None:
    start, workspace = workbench(tmp_path)
    good = run_loop(target, start, workspace, 5, Watch(), lambda _: None).workbench
    end = run_loop(target, good, workspace, 5, Watch(), lambda _: None)
    assert (end.outcome, len(end.rounds)) == ("passed", 1)
    assert end.rounds[0].wrote is None
    assert end.workbench is good


def test_the_limit_ends_it(target: Target, tmp_path: Path) -> None:
    start, workspace = workbench(tmp_path, SPOILED)
    end = run_loop(target, start, workspace, 1, Watch(), lambda _: None)
    assert (end.outcome, len(end.rounds)) == ("limit", 1)
    assert "limit" in end.said


def test_where_nothing_more_helps_it_says_what_is_in_the_way(target: Target, tmp_path: Path) -> None:
    key = "message weight CODE"
    start, workspace = workbench(tmp_path, SetValue(key, 0.4), intents.ToggleLock(key))
    end = run_loop(target, start, workspace, 5, Watch(), lambda _: None)
    assert end.outcome == "stuck"
    assert "CODE locked" in end.said
    assert len(end.rounds) < 5


def test_cancelling_passes_through_with_what_is_in_the_database(target: Target, tmp_path: Path) -> None:
    start, workspace = workbench(tmp_path, SPOILED)
    watch: Watch
    rounds: list[LoopRound] = []

    def listener(news: Progress) -> None:
        if rounds and news.phase == "messages":
            watch.cancel()

    watch = Watch(listener)
    with pytest.raises(Cancelled, match=r"cancelled.* holds"):
        run_loop(target, start, workspace, 5, watch, rounds.append)
    assert len(rounds) == 1


def test_without_a_shape_it_says_what_it_needs(target: Target, tmp_path: Path) -> None:
    save(hand_made(), tmp_path / "hand.json")
    bench = apply(Workbench(), intents.OpenConfig(str(tmp_path / "hand.json")), Shelf())
    with pytest.raises(PlanError, match="needs a shape and a config"):
        run_loop(target, bench, Workspace(tmp_path), 5, Watch(), lambda _: None)
