"""The workspace of a command: a folder whose `reports/` holds the documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shapetui.documents.files import check_writable, dated_path, fresh_path, save
from shapetui.documents.model import Document


@dataclass(frozen=True)
class Workspace:
    """Where documents are looked for and written to."""

    folder: Path

    @property
    def reports(self) -> Path:
        """The folder of the documents."""
        return self.folder / "reports"

    def find(self, given: Path) -> Path:
        """The file that a user means: as given, or of that name in `reports/`."""
        if given.exists() or given.is_absolute():
            return given
        for candidate in (self.folder / given, self.reports / given):
            if candidate.exists():
                return candidate
        return given

    def output(self, kind: type[Document], asked: Path | None, now: datetime, *, force: bool) -> Path:
        """Where a new document will go; checked to be writable before any long work. Raises DocumentError."""
        path = asked if asked is not None else dated_path(self.reports, kind, now.date())
        check_writable(path, force=force)
        return path

    def run_report(self, band: str, now: datetime) -> Path:
        """`report_<band>_<milliseconds>.json`, the original's name of a generation report."""
        path = fresh_path(self.reports, f"report_{band}_{int(now.timestamp() * 1000)}")
        check_writable(path)
        return path

    def save(self, document: Document, path: Path, *, force: bool = False) -> Path:
        """Writes a document and returns its path."""
        save(document, path, force=force)
        return path
