"""Writing the draft: its lineage, and what undo does after it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.workbench import intents
from shapetui.workbench.intents import Focus, Nudge, Redo, SetValue, Undo
from shapetui.workbench.state import Workbench, apply
from shapetui.workbench.writing import config_to_write, write
from tests.workbench.benches import NOW, Shelf, after, fitted, hand_made


def test_a_written_config_names_its_parent_and_what_was_changed(tmp_path: Path) -> None:
    workbench = after(Focus("alpha all types"), Nudge(2), Nudge(1), SetValue("mu TEXT", 4.0))
    after_write, path = write(workbench, Workspace(tmp_path), NOW)
    config = load(path, Config)
    metadata = config.calibration_metadata
    assert metadata.parent_config_digest == fitted().digest()
    assert metadata.source_shape_digest == fitted().calibration_metadata.source_shape_digest
    assert metadata.calibrated_at == "2026-01-02T03:04:05.000Z"
    changed = {nudge.parameter: nudge for nudge in metadata.nudges}
    assert {"alpha DIRECT_MESSAGE", "alpha GROUP_CHAT", "mu TEXT"} == set(changed)
    assert changed["mu TEXT"].after == 4.0
    assert float(changed["alpha GROUP_CHAT"].after or 0) - float(changed["alpha GROUP_CHAT"].before or 0) == (
        pytest.approx(0.03, abs=1e-8)
    )
    assert after_write.draft.loaded == after_write.draft.config == config
    assert not after_write.unsaved
    assert after_write.changes == ()


def test_undo_after_a_write_takes_back_the_change_and_not_the_write(tmp_path: Path) -> None:
    workbench = after(SetValue("mu TEXT", 4.0), SetValue("mu TEXT", 5.0))
    workbench, path = write(workbench, Workspace(tmp_path), NOW)
    undone = apply(workbench, Undo(), Shelf())
    assert undone.unsaved
    assert undone.draft.config_path == str(path)
    assert [(change.key, change.before, change.after) for change in undone.changes] == [("mu TEXT", 5.0, 4.0)]
    second, other = write(undone, Workspace(tmp_path), NOW + timedelta(hours=1))
    assert other != path
    metadata = load(other, Config).calibration_metadata
    assert metadata.parent_config_digest == load(path, Config).digest()
    assert [(nudge.before, nudge.after) for nudge in metadata.nudges[1:]] == [(5.0, 4.0)]
    assert not apply(undone, Redo(), Shelf()).unsaved
    assert apply(second, Redo(), Shelf()).unsaved


def test_a_journal_of_a_session_with_a_write_gives_its_end(tmp_path: Path) -> None:
    workbench, path = write(after(SetValue("mu TEXT", 4.0)), Workspace(tmp_path), NOW)
    replayed = after(SetValue("mu TEXT", 4.0), intents.Wrote(str(path)))
    assert replayed.draft == workbench.draft
    assert replayed.past == workbench.past


def test_there_is_nothing_to_write_without_a_config_or_a_change(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no config"):
        write(Workbench(), Workspace(tmp_path), NOW)
    with pytest.raises(PlanError, match="no changes"):
        write(after(), Workspace(tmp_path), NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_write_does_not_move_the_window_of_a_config_without_an_end() -> None:
    shelf = Shelf()
    origin = hand_made().calibration_metadata.model_copy(update={"calibrated_at": "2025-05-05T00:00:00Z"})
    shelf.configs["old.json"] = hand_made().model_copy(update={"calibration_metadata": origin})
    workbench = Workbench()
    for step in (intents.OpenConfig("old.json"), Focus("alpha all types"), Nudge(1)):
        workbench = apply(workbench, step, shelf)
    assert config_to_write(workbench, NOW).calibration_metadata.until == "2025-05-05T00:00:00Z"
