"""The workspace of a command: a folder whose `reports/` holds the documents."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shapetui.documents.files import check_writable, dated_path, fresh_path, save
from shapetui.documents.model import Document
from shapetui.errors import DocumentError


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
        # os.path knows no errors: what cannot even be asked for (too long, no right) is told when it is opened.
        if given.is_absolute() or os.path.exists(given):
            return given
        return next(
            (found for found in (self.folder / given, self.reports / given) if os.path.exists(found)),
            given,
        )

    def output(self, kind: type[Document], asked: Path | None, now: datetime, *, force: bool) -> Path:
        """Where a new document will go; checked to be writable before any long work. Raises DocumentError."""
        try:
            path = asked if asked is not None else dated_path(self.reports, kind, now.date())
            if path.is_dir():
                raise DocumentError(f"{path}: is a folder, not a file", "give the path of the file to write")
            check_writable(path, force=force)
        except OSError as error:  # of asking whether the file is there: too long a name, no right to look
            raise _unusable(asked or self.reports, error) from None
        return path

    def run_report(self, band: str, now: datetime) -> Path:
        """`report_<band>_<milliseconds>.json`, the original's name of a generation report."""
        try:
            path = fresh_path(self.reports, f"report_{band}_{int(now.timestamp() * 1000)}")
            check_writable(path)
        except OSError as error:
            raise _unusable(self.reports, error) from None
        return path

    def save(self, document: Document, path: Path, *, force: bool = False) -> Path:
        """Writes a document and returns its path."""
        save(document, path, force=force)
        return path


def _unusable(path: Path, error: OSError) -> DocumentError:
    reason = (error.strerror or type(error).__name__).lower()
    return DocumentError(
        f"{path}: cannot be written: {reason}", "choose a folder you may write to with --output or --directory"
    )
