"""Everything that the screens show, as one immutable value: the app replaces it, the screens draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from shapetui.documents.report import Report
    from shapetui.documents.shape import Shape
    from shapetui.jobs.look import DatabaseState
    from shapetui.workbench.advice import Advice
    from shapetui.workbench.entry import Entry
    from shapetui.workbench.folder import Step
    from shapetui.workbench.grouping import Group
    from shapetui.workbench.jobnews import JobNews
    from shapetui.workbench.rounds import Round
    from shapetui.workbench.state import Workbench


@dataclass(frozen=True)
class View:
    """How things are looked at: no part of what is worked on, so no part of undo.

    Attributes:
        linear, ccdf: how plots are drawn.
        type_index: 0 = all conversation types, then one after the other.
        chosen: index of the document on Files, among those that the filter leaves.
        round: the report of the round on Report; None = the newest.
        marked: the report of the round that others are compared with; None = the one before.
        filters: what Files and Calibrate are narrowed to, by place.
        other: name and shape of the one laid over that on Shape; None for what the config is expected to produce.
    """

    linear: bool = False
    ccdf: bool = False
    type_index: int = 0
    chosen: int = 0
    round: Path | None = None
    marked: Path | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    other: tuple[str, Shape | None] | None = None


@dataclass(frozen=True)
class Shown:
    """What there is to show.

    Attributes:
        workbench: what is worked on; None until the first frame has been drawn and the documents have been read.
        names: what the folder holds, before anything of it has been read.
        entries, groups, steps: the documents of the folder, which of them belong together, the checklist they make.
        synthetic_label, production_label: which databases; their states are None while they are looked at.
        jobs: the latest news of each job of the session, the latest last.
        log: what was done, a line each, oldest first.
        rounds: the reports of the folder and of this session, oldest first; `report`: the one that is shown.
        advice: what would help, for `workbench` as it is now; None while nobody knows.
        readonly: whether databases are left alone. `glyphs`: name of the set of characters. `loaded`: whether the
            folder has been read.
    """

    synthetic_label: str
    production_label: str
    workbench: Workbench | None = None
    view: View = View()
    names: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    groups: tuple[Group, ...] = ()
    steps: tuple[Step, ...] = ()
    synthetic: DatabaseState | None = None
    production: DatabaseState | None = None
    jobs: tuple[JobNews[Any], ...] = ()
    log: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    report: Report | None = None
    advice: Advice | None = None
    readonly: bool = False
    glyphs: str = "block"
    loaded: bool = False

    @property
    def news(self) -> JobNews[Any] | None:
        """The job that is shown: the first that runs, or the last that has ended."""
        return next((job for job in self.jobs if job.running), self.jobs[-1] if self.jobs else None)

    @property
    def chosen(self) -> Entry | None:
        """The document that the cursor is on."""
        listed = self.listed
        return listed[min(self.view.chosen, len(listed) - 1)] if listed else None

    @property
    def listed(self) -> tuple[Entry, ...]:
        """The documents that the filter leaves, in the order in which they are shown."""
        return tuple(entry for _, rows in self.listed_groups for _, entry in rows)

    @property
    def listed_groups(self) -> tuple[tuple[str, tuple[tuple[int, Entry], ...]], ...]:
        """Title, and depth and document of each row, of the groups of which the filter leaves anything."""
        wanted = self.view.filters.get("files", "").casefold()
        found = ((group.title, tuple(row for row in group.entries if wanted in _said(row[1]))) for group in self.groups)
        return tuple((title, rows) for title, rows in found if rows)


def _said(entry: Entry) -> str:
    return f"{entry.path.name} {entry.kind} {entry.says}".casefold()
