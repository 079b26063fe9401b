"""Which documents of a workspace belong together: a shape, the configs fitted to it, the reports of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shapetui.documents.config import Config
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.workbench.entry import Entry

# Within those that belong nowhere: the order of the loop.
_ORDER: Final = (
    "shape",
    "config",
    "generation report",
    "fidelity report",
    "baseline",
    "list of indexes",
    "comparison",
    "growth",
    "drift",
    "broken",
)


@dataclass(frozen=True)
class Group:
    """Documents that belong together: a shape and what was made from it, or what belongs nowhere.

    `entries`: (depth, document) in the order in which they are shown: shape 0, its configs and reports 1, reports of
    a config 2.
    """

    title: str
    entries: tuple[tuple[int, Entry], ...]

    @property
    def shape(self) -> Entry | None:
        """The shape that the others were made from."""
        first = self.entries[0][1]
        return first if isinstance(first.document, Shape) else None

    def newest(self, kind: type[Config] | type[Report] | type[GenerationReport]) -> Entry | None:
        """The newest document of a kind in it."""
        return max((e for _, e in self.entries if isinstance(e.document, kind)), key=_age, default=None)


_OTHERS: Final = "belongs to no shape here"
_BROKEN: Final = "cannot be read"


def grouped(entries: tuple[Entry, ...]) -> tuple[Group, ...]:
    """The documents by the shape that they were made from, newest first in all; then the others, then broken files.

    A config belongs to the shape whose digest, or name, it was calibrated to, or to its parent's; a generation report
    to the config whose digest it names; a fidelity report to the shape that it was judged by, under the config whose
    rows were measured where it says so. Every document stands in one group, once.
    """
    newest = sorted(entries, key=_age, reverse=True)
    configs = configs_of(newest)
    shapes = [e for e in newest if isinstance(e.document, Shape)]
    homes = {id(e): _home(e, shapes, configs, newest) for e in newest}
    groups = []
    for shape in shapes:
        mine = [e for e in newest if homes[id(e)] is shape]
        rows = [(0, shape)]
        under = {id(e): config_of(e, configs) for e in mine if not isinstance(e.document, Config)}
        for config in (e for e in mine if isinstance(e.document, Config)):
            rows += [(1, config), *((2, e) for e in mine if under.get(id(e)) is config)]
        placed = {id(e) for _, e in rows}
        rows += [(1, e) for e in mine if id(e) not in placed]
        groups.append(Group(shape.path.stem, tuple(rows)))
    homeless = [e for e in newest if homes[id(e)] is None and not isinstance(e.document, Shape)]
    for title, rest in (
        (_OTHERS, [e for e in homeless if e.document is not None]),
        (_BROKEN, [e for e in homeless if e.document is None]),
    ):
        if rest:
            groups.append(Group(title, tuple((0, e) for e in sorted(rest, key=lambda e: _ORDER.index(e.kind)))))
    return tuple(groups)


def flattened(groups: tuple[Group, ...]) -> tuple[Entry, ...]:
    """The documents in the order in which their groups show them."""
    return tuple(entry for group in groups for _, entry in group.entries)


def configs_of(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The configs by each of their digests; of copies the first."""
    found = [entry for entry in entries if isinstance(entry.document, Config)]
    by_model = {entry.model_digest: entry for entry in reversed(found)}
    return by_model | {entry.digest: entry for entry in reversed(found)}


def config_of(entry: Entry, configs: Mapping[str, Entry]) -> Entry | None:
    """The config that a report's rows were generated from; that it was written later makes no other one of it."""
    return next((configs[digest] for digest in made_from(entry) if digest in configs), None)


def made_from(entry: Entry) -> tuple[str, ...]:
    """The digests of the config that a report's rows were generated from, the best first; none where it is not said."""
    match entry.document:
        case GenerationReport() as run:
            found = (run.parameters.get("config_digest"), run.parameters.get("model_digest"))
        case Report() as report if report.generated_from is not None:
            found = (report.generated_from.config_digest, report.generated_from.model_digest)
        case _:
            return ()
    return tuple(str(digest) for digest in found if digest)


def _home(entry: Entry, shapes: list[Entry], configs: dict[str, Entry], newest: list[Entry]) -> Entry | None:
    """The shape that a document belongs to."""
    match entry.document:
        case Config():
            return _home_of_config(entry, shapes, configs)
        case Report() as report:
            digest = report.production.digest if report.production else ""
            return _shape(shapes, digest, report.production_shape_file)
        case GenerationReport():
            if config := config_of(entry, configs):
                return _home_of_config(config, shapes, configs)
            digests = set(made_from(entry))
            # A config that was never written: a report that measured its rows knows what it was judged by.
            judged = (e for e in newest if isinstance(e.document, Report) and digests & set(made_from(e)))
            return next((home for e in judged if (home := _home(e, shapes, configs, newest))), None)
    return None


def _home_of_config(entry: Entry, shapes: list[Entry], configs: dict[str, Entry]) -> Entry | None:
    """The shape of a config or of its nearest ancestor that is known to have one."""
    current: Entry | None = entry
    seen: set[str] = set()
    while current is not None and current.digest not in seen and isinstance(current.document, Config):
        seen.add(current.digest)
        origin = current.document.calibration_metadata
        if home := _shape(shapes, origin.source_shape_digest or "", origin.source_shape_file or ""):
            return home
        current = configs.get(origin.parent_config_digest or "")
    return None


def _shape(shapes: list[Entry], digest: str, name: str) -> Entry | None:
    """The shape of a digest, of copies the one of that name; without a digest the one of that name."""
    same = [e for e in shapes if e.digest == digest] if digest else shapes
    named = [e for e in same if e.path.name == Path(name).name]
    return next(iter(named or (same if digest else [])), None)


def _age(entry: Entry) -> tuple[int, str]:
    return entry.stamp[0], entry.path.name
