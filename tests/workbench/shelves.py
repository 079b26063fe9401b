"""A folder of documents that belong together in known ways, for the tests of what is made of them."""

from __future__ import annotations

import os
from pathlib import Path

from shapetui.documents.config import Config
from shapetui.documents.files import save
from shapetui.documents.model import Document
from shapetui.documents.report import Counts, GeneratedFrom, GenerationReport, Performance, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.fidelity.compare import compare
from shapetui.workbench.entry import Entry
from shapetui.workbench.folder import read_folder
from shapetui.workbench.intents import SetValue
from shapetui.workbench.writing import config_to_write
from tests.workbench.benches import NOW, after, chat, fitted


class Shelving:
    """Puts documents into a workspace, each newer than the one before."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self._age = 1_700_000_000

    def put(self, name: str, document: Document | str) -> Path:
        """Writes a document, or a text that is none."""
        path = self.workspace.reports / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(document, str):
            path.write_text(document)
        else:
            save(document, path)
        self._age += 60
        os.utime(path, (self._age, self._age))
        return path

    def entries(self) -> tuple[Entry, ...]:
        """What the folder holds."""
        return read_folder(self.workspace)


def nudged(alpha: float) -> Config:
    """A child of the fitted config."""
    return config_to_write(after(SetValue("alpha GROUP_CHAT", alpha)), NOW)


def run_of(config: Config) -> GenerationReport:
    """A run of a config."""
    return GenerationReport(
        band="calibrated",
        generated_at="2026-01-02T00:00:00Z",
        seed="s",
        counts=Counts(users=2, conversations=3, conversation_users=6, messages=70, attachments=0),
        parameters={"config_digest": config.digest(), "model_digest": config.model_digest()},
        digests={},
        performance=Performance(
            total_duration_seconds=1, messages_per_second=70, rows_per_second=81, slices=1, resumed_slices=0
        ),
        schema_version=2,
    )


def report_of(
    config: Config | None, minute: int, synthetic: Shape | None = None, production: Shape | None = None
) -> Report:
    """A report, some minutes after the hour, on rows of a config."""
    origin = None
    if config is not None:
        digests = {"config_digest": config.digest(), "model_digest": config.model_digest()}
        origin = GeneratedFrom(**digests, seed="s", target_messages=70, finished=True)
    made = compare(production or chat(), synthetic or chat(), 0.15, "elsewhere/shape.json", NOW.replace(minute=minute))
    return made.model_copy(update={"generated_from": origin})


__all__ = ["Shelving", "chat", "fitted", "nudged", "report_of", "run_of"]
