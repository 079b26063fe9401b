"""From the draft of the workbench to a config on disk that says where it comes from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shapetui.documents.config import Config, Nudge
from shapetui.documents.files import load
from shapetui.documents.model import SCHEMA_VERSION, format_time
from shapetui.documents.workspace import Workspace
from shapetui.errors import PlanError
from shapetui.workbench.expectation import parameters_of
from shapetui.workbench.state import Workbench, written


def config_to_write(workbench: Workbench, now: datetime) -> Config:
    """The draft's config with its lineage: whose child it is, when it was made, which parameters were changed.

    The lineage of the loaded config goes on: its digest is the parent's, and the changes since are appended to its
    nudges, one for each changed parameter (first and last value, not the keys in between; what moves several
    parameters at once is told by those). Raises PlanError without a config.
    """
    draft = workbench.draft
    if draft.config is None:
        raise PlanError("there is no config to write", "open or calibrate one (screen 1)")
    parent = draft.loaded if draft.loaded is not None else draft.config
    origin, at = parent.calibration_metadata, format_time(now)
    overall = {p.key for p in (*workbench.parameters, *parameters_of(parent)) if p.overall}
    nudges = [
        Nudge(at=at, parameter=change.key, before=change.before, after=change.after)
        for change in workbench.changes
        if change.key not in overall
    ]
    nudges += [Nudge(at=at, parameter=f"fitted anew: {part}") for part in workbench.refitted]
    metadata = origin.model_copy(
        update={
            "parent_config_digest": parent.digest(),
            "calibrated_at": at,
            # Without an `until` the generated window ends at `calibrated_at`, which a write must not move.
            "until": origin.until or origin.calibrated_at,
            "nudges": [*origin.nudges, *nudges],
        }
    )
    return draft.config.model_copy(update={"calibration_metadata": metadata, "schema_version": SCHEMA_VERSION})


def write(workbench: Workbench, workspace: Workspace, now: datetime) -> tuple[Workbench, Path]:
    """Writes the draft as a new config of the workspace; returns the workbench after it, and the file.

    The written config is the loaded one from here on, and undo does not take that back (`state.written` tells what
    undo then does). A journal is told with `Wrote(str(path))`. Nothing is overwritten.
    Raises PlanError without anything to write, DocumentError or EnvironmentProblem when it cannot be written.
    """
    config = config_to_write(workbench, now)
    if not workbench.unsaved:
        raise PlanError("the config has no changes to write", "nudge a parameter first")
    path = workspace.output(Config, None, now, force=False)
    workspace.save(config, path)
    # What the file says, not what was meant to be written, is what the next session will see.
    return written(workbench, str(path), load(path, Config)), path
