"""Fitting a config to a shape file."""

from __future__ import annotations

from pathlib import Path

from shapetui.calibration.calibrate import calibrate
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.jobs.written import Written, keep_input, now


def run_calibrate(shape_file: Path, workspace: Workspace, output: Path | None, force: bool) -> Written[Config]:
    """Fits a config to a shape file."""
    moment = now()
    shape = load(shape_file, Shape)
    keep_input(shape_file, output)
    path = workspace.output(Config, output, moment, force=force)
    config = calibrate(shape, shape_file.name, moment)
    return Written(config, workspace.save(config, path, force=force))
