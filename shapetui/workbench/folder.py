"""The documents of a workspace, as the terminal lists them, and the checklist that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final, TypeVar

from shapetui.documents.config import Config
from shapetui.documents.files import load_any
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import ShapetuiError
from shapetui.workbench.entry import Entry
from shapetui.workbench.grouping import Group, flattened, grouped

# What the screens ask of a folder.
__all__ = ["Entry", "Group", "Step", "checklist", "flattened", "grouped", "read_folder"]

# How far the share of the largest 1 % of the conversations may be from production's, as a fraction of it.
_SKEW_MARGIN: Final = 0.15


def read_folder(workspace: Workspace, known: tuple[Entry, ...] = ()) -> tuple[Entry, ...]:
    """The documents of `reports/`, in the order in which `grouped` shows them.

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
            if path.is_symlink():
                entries.append(Entry(path, (0, 0), None, "a link that leads nowhere"))
            continue
        stamp = (status.st_mtime_ns, status.st_size)
        if not S_ISREG(status.st_mode):
            # A pipe would be waited for without an end.
            entries.append(before.get((path, stamp)) or Entry(path, stamp, None, "not a file"))
            continue
        entries.append(before.get((path, stamp)) or _read(path, stamp))
    found = flattened(grouped(tuple(entries)))
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
    """What is done for the newest shape, by its newest documents. The next step is the first that is not done.

    Without a shape all documents count. With only one, runs whose config was never written are taken for its own.
    """
    groups = grouped(entries)
    shapes = [group for group in groups if group.shape is not None]
    newest = max(shapes, key=lambda group: group.shape.stamp if group.shape else (0, 0), default=None)
    others = [group for group in groups if group.shape is None]
    whole = Group("", tuple(row for group in others for row in group.entries)) if any(others) else None
    chosen = newest if newest is not None else whole
    first = newest.shape.document if newest is not None and newest.shape is not None else None
    shape = first if isinstance(first, Shape) else None
    config = chosen.newest(Config) if chosen else None
    run = _document(chosen, GenerationReport)
    if run is None and len(shapes) == 1:
        run = _document(whole, GenerationReport)
    report = _document(chosen, Report)
    certificate = shape.certificate if shape else None
    skew = _skew(report)
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
        Step(
            "production-like skew",
            skew is not None and abs(skew[1] - skew[0]) <= _SKEW_MARGIN * skew[0],
            f"top 1 %: {skew[0]:.3f} → {skew[1]:.3f}" if skew else "share of the top 1 %",
        ),
        Step("index tests", False, "–"),
    )


D = TypeVar("D", GenerationReport, Report)


def _document(group: Group | None, kind: type[D]) -> D | None:
    entry = group.newest(kind) if group is not None else None
    return entry.document if entry is not None and isinstance(entry.document, kind) else None


def _skew(report: Report | None) -> tuple[float, float] | None:
    """Share of the messages in the largest 1 % of the conversations: (production, synthetic), where both are known."""
    if report is None or report.production is None or report.synthetic is None:
        return None
    one, other = report.production.top_1_percent_share, report.synthetic.top_1_percent_share
    return None if one is None or other is None else (float(one), float(other))
