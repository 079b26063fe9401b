"""The documents of a workspace, as the terminal lists them: what each is, and whether it is valid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from shapetui.documents.config import Config
from shapetui.documents.files import KIND_NAMES, AnyDocument, load_any
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import ShapetuiError


@dataclass(frozen=True)
class Entry:
    """One file: its document, or why it has none. `stamp`: modification time (ns) and size, which tell a change."""

    path: Path
    stamp: tuple[int, int]
    document: AnyDocument | None
    trouble: str

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return KIND_NAMES[type(self.document)] if self.document is not None else "broken"

    @property
    def glyph(self) -> str:
        """`✓` valid, `!` of the original system, `✗` broken."""
        if self.document is None:
            return "✗"
        return "✓" if self.document.schema_version == 2 else "!"

    @property
    def says(self) -> str:
        """A few words on its content."""
        match self.document:
            case Shape() as shape:
                return f"{shape.conversations.total_count:,} conversations, {shape.messages.total_count:,} messages"
            case Config() as config:
                source = config.calibration_metadata.source_shape_file
                return f"from {source}" if source else "no source named"
            case Report() as report:
                return f"{report.overall_verdict}, {report.summary.passed_tests} of 4"
            case GenerationReport() as run:
                return f"{run.counts.messages:,} messages, seed {run.seed}"
            case _:
                return self.trouble


_ORDER = ("shape", "config", "generation report", "fidelity report", "broken")


def read_folder(workspace: Workspace, known: tuple[Entry, ...] = ()) -> tuple[Entry, ...]:
    """The documents of `reports/`, grouped by kind in the order of the loop, newest first within a kind.

    A file that has not changed since `known` is not read again. Returns `known` itself when nothing has changed, so
    that a caller can tell by identity. Never raises: what cannot be read is an entry that says why.
    """
    before = {(entry.path, entry.stamp): entry for entry in known}
    entries = []
    try:
        paths = sorted(workspace.reports.glob("*.json"))
    except OSError:
        paths = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        stamp = (status.st_mtime_ns, status.st_size)
        if not S_ISREG(status.st_mode):
            # A pipe would be waited for without an end.
            entries.append(before.get((path, stamp)) or Entry(path, stamp, None, "not a file"))
            continue
        entries.append(before.get((path, stamp)) or _read(path, stamp))
    entries.sort(key=lambda entry: (_ORDER.index(entry.kind), -entry.stamp[0], entry.path.name))
    found = tuple(entries)
    return known if found == known and all(a is b for a, b in zip(found, known, strict=True)) else found


def _read(path: Path, stamp: tuple[int, int]) -> Entry:
    try:
        return Entry(path, stamp, load_any(path), "")
    except ShapetuiError as error:
        return Entry(path, stamp, None, error.message.removeprefix(f"{path}: "))
    except Exception as error:  # a file that nobody has thought of must not end the listing of the others
        return Entry(path, stamp, None, f"cannot be read ({type(error).__name__})")


@dataclass(frozen=True)
class Step:
    """One line of the checklist."""

    title: str
    done: bool
    note: str


def checklist(entries: tuple[Entry, ...]) -> tuple[Step, ...]:
    """From shape to PASS: what is done, by the newest documents. The next step is the first that is not done."""
    shape = next((entry.document for entry in entries if isinstance(entry.document, Shape)), None)
    config = next((entry for entry in entries if isinstance(entry.document, Config)), None)
    run = next((entry.document for entry in entries if isinstance(entry.document, GenerationReport)), None)
    report = next((entry.document for entry in entries if isinstance(entry.document, Report)), None)
    certificate = shape.certificate if shape else None
    return (
        Step("shape extracted", shape is not None, f"{shape.messages.total_count:,} messages" if shape else "sample"),
        Step(
            "nothing personal in it",
            certificate is not None,
            f"certificate, k {certificate.min_cell_count}" if certificate else "no certificate",
        ),
        Step("generator calibrated", config is not None, config.path.stem if config else "press c on a shape"),
        Step("data generated", run is not None, f"{run.counts.messages:,} messages" if run else "press g"),
        Step(
            "fidelity PASS",
            report is not None and report.overall_verdict == "PASS",
            f"{report.overall_verdict}, {report.summary.passed_tests} of 4" if report else "press v",
        ),
    )
