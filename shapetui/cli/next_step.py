"""What to do after a validation that is not good: by the config that was generated from, where it can be found."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.errors import DocumentError
from shapetui.workbench.advice import Advice, advise_measured
from shapetui.workbench.draft import Draft

if TYPE_CHECKING:
    from pathlib import Path

    from shapetui.documents.report import GeneratedFrom
    from shapetui.documents.workspace import Workspace
    from shapetui.jobs.validate import Validation


def advice_after(validation: Validation, tolerance: float, workspace: Workspace) -> tuple[Advice, Path] | None:
    """The advice, and the file of the config that it is for; None where all is good or the config is not there."""
    report = validation.report
    origin = report.generated_from
    if origin is None or report.good:
        return None
    found = _config(origin, workspace)
    if found is None:
        return None
    path, config = found
    draft = Draft(
        shape=validation.production, loaded=config, config=config, target=origin.target_messages, tolerance=tolerance
    )
    advice = advise_measured(draft, report)
    return (advice, path) if advice is not None else None


def _config(origin: GeneratedFrom, workspace: Workspace) -> tuple[Path, Config] | None:
    """The config of the workspace that was generated from, or else the newest that has the same model."""
    alike: tuple[Path, Config] | None = None
    for path in sorted(workspace.reports.glob("*.json"), key=lambda each: each.stat().st_mtime_ns, reverse=True):
        with suppress(DocumentError):
            config = load(path, Config)
            if origin.config_digest == config.digest():
                return path, config
            if alike is None and origin.model_digest == config.model_digest():
                alike = path, config
    return alike
