"""Fitting a config to a shape file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shapetui.calibration.calibrate import calibrate
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.jobs.written import Written, keep_input, now

# p to within 0.035, in a fraction of a second.
REPLICATES: Final = 200


def run_calibrate(
    shape_file: Path, workspace: Workspace, output: Path | None, force: bool, replicates: int = 0
) -> Written[Config]:
    """Fits a config to a shape file; with `replicates` the goodness of fit of each tail is bootstrapped."""
    moment = now()
    shape = load(shape_file, Shape)
    keep_input(shape_file, output)
    path = workspace.output(Config, output, moment, force=force)
    config = calibrate(shape, shape_file.name, moment, replicates=replicates)
    return Written(config, workspace.save(config, path, force=force))


def tails_in_words(config: Config) -> str:
    """What was fitted to the sizes of each conversation type, in one line."""
    parts = []
    for label, model in config.conversation_generation.by_type.items():
        p = model.fit.goodness_of_fit_p if model.fit is not None else None
        tested = f" (p {p:.2f})" if p is not None else ""
        tail = f"alpha {model.tail.alpha:.2f} from {model.tail.xmin}{tested}" if model.tail else "no tail"
        parts.append(f"{label}: {tail}")
    return "; ".join(parts)
