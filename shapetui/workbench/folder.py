"""The documents of a workspace, as the terminal lists them, and the checklist that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from shapetui.documents.comparison import Comparison
from shapetui.documents.config import Config
from shapetui.documents.files import AnyDocument, load_any
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import ShapetuiError
from shapetui.fidelity.check_words import check_name
from shapetui.workbench.entry import Entry
from shapetui.workbench.grouping import Group, flattened, grouped, made_from
from shapetui.workbench.outcome import used

# What the screens ask of a folder.
__all__ = ["Entry", "Group", "Step", "checklist", "flattened", "grouped", "read_folder"]

# How far the share of the largest 1 % of the conversations may be from production's, as a fraction of it, where no
# check says so.
_SKEW_MARGIN: Final = 0.15
_FIDELITY: Final = "fidelity PASS"
_SKEW: Final = "production-like skew"
_SHARE: Final = "share of the top 1 %"
# Before the key that makes one of the config that is worked on.
_ANOTHERS: Final = "another config's: "


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


def checklist(entries: tuple[Entry, ...], opened: Path | None = None) -> tuple[Step, ...]:
    """What is done for the shape and the config that are worked on. The next step is the first that is not done.

    `opened`: the config that is worked on; without one it is the newest of the newest shape. Runs and reports count
    when they are of that config's rows. Without a config those of the shape count, and without a shape all; with only
    one shape, runs whose config was never written are taken for its own.
    """
    groups = grouped(entries)
    shapes = [group for group in groups if group.shape is not None]
    newest = max(shapes, key=lambda group: group.shape.stamp if group.shape else (0, 0), default=None)
    others = [group for group in groups if group.shape is None]
    whole = Group("", tuple(row for group in others for row in group.entries)) if any(others) else None
    holding = next((group for group in shapes if any(entry.path == opened for _, entry in group.entries)), newest)
    chosen = holding if holding is not None else whole
    first = holding.shape.document if holding is not None and holding.shape is not None else None
    shape = first if isinstance(first, Shape) else None
    config = _config(chosen, opened)
    runs = _documents(chosen, GenerationReport)
    if not runs and len(shapes) == 1:
        runs = _documents(whole, GenerationReport)
    reports = _documents(chosen, Report)
    run, report = _of(config, runs), _of(config, reports)
    return (
        Step("shape extracted", shape is not None, f"{shape.messages.total_count:,} messages" if shape else "sample"),
        _private(shape),
        Step("generator calibrated", config is not None, config.path.stem if config else "press c on a shape"),
        Step(
            "data generated",
            run is not None,
            f"{run.counts.messages:,} messages"
            if isinstance(run, GenerationReport)
            else f"{_ANOTHERS if runs else ''}press g",
        ),
        *(_judged(report) if isinstance(report, Report) else _unjudged(bool(reports))),
        _indexes([entry for entry in entries if isinstance(entry.document, Comparison)]),
    )


def _indexes(found: list[Entry]) -> Step:
    """The newest comparison decides, of whatever was generated: it says itself what it measured."""
    newest = max(found, key=lambda entry: entry.stamp, default=None)
    if newest is None or not isinstance(newest.document, Comparison):
        return Step("index tests", False, "verify-index")
    return Step("index tests", newest.document.summary.go_no_go == "GO", newest.says)


def _private(shape: Shape | None) -> Step:
    certificate = shape.certificate if shape else None
    said = f"certificate, k {certificate.min_cell_count}" if certificate else "no certificate"
    return Step("nothing personal in it", certificate is not None, said)


def _config(group: Group | None, opened: Path | None) -> Entry | None:
    """The config that is worked on, if it belongs to a group; the newest of that group otherwise."""
    if group is None:
        return None
    configs = (entry for _, entry in group.entries if isinstance(entry.document, Config))
    return next((entry for entry in configs if entry.path == opened), group.newest(Config))


def _documents(group: Group | None, kind: type[GenerationReport] | type[Report]) -> list[Entry]:
    """The documents of a kind in a group, the newest first."""
    found = [entry for _, entry in group.entries if isinstance(entry.document, kind)] if group is not None else []
    return sorted(found, key=lambda entry: (entry.stamp[0], entry.path.name), reverse=True)


def _of(config: Entry | None, newest: list[Entry]) -> AnyDocument | None:
    """The newest that is of a config's rows; of those that do not say so, one that is not older than the config."""
    if config is None:
        return newest[0].document if newest else None
    known = [entry for entry in newest if {config.digest, config.model_digest} & set(made_from(entry))]
    silent = [entry for entry in newest if not made_from(entry) and entry.stamp[0] >= config.stamp[0]]
    return next((entry.document for entry in (*known, *silent)), None)


def _unjudged(others: bool) -> tuple[Step, Step]:
    """The steps that a report would tell; `others`: there are reports on another config's rows."""
    return (
        Step(_FIDELITY, False, f"{_ANOTHERS if others else ''}press v"),
        Step(_SKEW, False, _SHARE),
    )


def _judged(report: Report) -> tuple[Step, Step]:
    """Four tests and, where there are checks, their decision; and whether large conversations are as large."""
    passed = report.overall_verdict == "PASS" and report.decision in (None, "GO")
    said = f"{report.overall_verdict}, {report.summary.passed_tests} of 4"
    worst = sorted(report.checks or (), key=used, reverse=True)
    wrong = [check_name(check.name) for check in worst if check.verdict == "NO-GO"]
    if wrong:
        # What stands in the way, and no more: the line is short.
        said = f"NO-GO: {wrong[0]}{f' +{len(wrong) - 1}' if len(wrong) > 1 else ''}"
    elif report.decision is not None:
        said += f", {report.decision}"
    return Step(_FIDELITY, passed, said), _skew(report)


def _skew(report: Report) -> Step:
    """By the check, which fails nothing within twice its margin; of a report without checks by the two shares."""
    check = next((check for check in report.checks or () if check.name == "top_1_percent_share"), None)
    if check is not None and check.production is not None and check.synthetic is not None:
        said = f"{check.verdict}, {float(check.production):.3f} → {float(check.synthetic):.3f}"
        return Step(_SKEW, check.verdict in ("GO", "WARN"), said)
    one, other = (side.top_1_percent_share if side else None for side in (report.production, report.synthetic))
    if one is None or other is None:
        return Step(_SKEW, False, _SHARE)
    within = abs(float(other) - float(one)) <= _SKEW_MARGIN * float(one)
    return Step(_SKEW, within, f"top 1 %: {float(one):.3f} → {float(other):.3f}")
