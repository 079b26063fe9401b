"""Disclosure control: what of a measured histogram may leave production.

A cell is published empty or with at least k protected entities behind it; a smaller one is merged with its nearest
neighbour rather than left out, and an empty cell is never merged into a full one unless it lies between two that
are joined; all of a histogram that has fewer than k entities is left out. Labels come from enum types or an
allow-list; rare ones are folded (see `type_labels`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

OTHER: Final = "OTHER"

# The original system's own enum labels: known from its public schema, so they say nothing about anybody.
ALLOWED_LABELS: Final = frozenset(
    ["DIRECT_MESSAGE", "GROUP_CHAT", "CHANNEL", "TEXT", "IMAGE", "FILE", "AUDIO", "VIDEO", "LOCATION", "SYSTEM"]
)


@dataclass(frozen=True)
class MeasuredCell:
    """One measured cell: inclusive ends, rows in it, distinct protected entities behind it.

    `last` counts those of the entities that stand in no later cell. Entities of two cells may be the same people, so
    `entities` do not add up when cells are joined; `last` do, and are a lower bound of the distinct entities.
    """

    lo: int
    hi: int
    count: int
    entities: int
    last: int = 0

    @classmethod
    def of_entities(cls, lo: int, hi: int, count: int) -> MeasuredCell:
        """A cell whose rows are the protected entities themselves, each in one cell only."""
        return cls(lo, hi, count, count, count)


@dataclass
class Ledger:
    """What disclosure control did to one file; becomes its certificate."""

    min_cell_count: int
    merged_cells: dict[str, int] = field(default_factory=dict)
    top_coded: list[str] = field(default_factory=list)
    folded_labels: int = 0
    renamed_labels: int = 0

    def protect(self, name: str, cells: Sequence[MeasuredCell]) -> list[tuple[int, int, int]]:
        """`(lo, hi, count)` with no small cell; remembers how many cells were merged away under `name`."""
        kept = merge_small(cells, self.min_cell_count)
        if merged := sum(1 for cell in cells if cell.count) - len(kept):
            self.merged_cells[name] = merged
        return [(cell.lo, cell.hi, cell.count) for cell in kept]


def merge_small(cells: Sequence[MeasuredCell], k: int) -> list[MeasuredCell]:
    """Cells of at least k entities each, or nothing when all of them together have fewer than k.

    The smallest offending cell goes first, to its nearer neighbour (by gap, then the smaller one), until none is
    left: heavy tails, where small cells are, are joined from the top.
    """
    kept = sorted((cell for cell in cells if cell.count), key=lambda cell: cell.lo)
    if k == 1:
        return kept  # whatever was counted has somebody behind it; synthetic data come without distinct counts
    while len(kept) > 1:
        index = min(range(len(kept)), key=lambda i: (kept[i].entities, -kept[i].lo))
        if kept[index].entities >= k:
            return kept
        left = kept[index].lo - kept[index - 1].hi if index else None
        right = kept[index + 1].lo - kept[index].hi if index + 1 < len(kept) else None
        if left is None or (right is not None and (right, kept[index + 1].entities) < (left, kept[index - 1].entities)):
            first = index
        else:
            first = index - 1
        kept[first : first + 2] = [_joined(kept[first], kept[first + 1])]
    return kept if kept and kept[0].entities >= k else []


def _joined(one: MeasuredCell, other: MeasuredCell) -> MeasuredCell:
    last = one.last + other.last
    return MeasuredCell(one.lo, other.hi, one.count + other.count, max(one.entities, other.entities, last), last)


def overlaid(families: Sequence[Sequence[MeasuredCell]]) -> list[MeasuredCell]:
    """The cells of several families (labels folded into one) on top of each other; cells are alike or disjoint.

    Entities of two families may be the same people: each cell counts those of the family that has most there, and
    `last` is taken from the largest family alone, as sums of `last` hold within one family only.
    """
    largest = max(families, key=lambda cells: sum(cell.last for cell in cells), default=[])
    last = {cell.lo: cell.last for cell in largest}
    found: dict[int, MeasuredCell] = {}
    for cell in (cell for cells in families for cell in cells):
        known = found.get(cell.lo, MeasuredCell(cell.lo, cell.hi, 0, 0))
        found[cell.lo] = MeasuredCell(
            cell.lo, cell.hi, known.count + cell.count, max(known.entities, cell.entities), last.get(cell.lo, 0)
        )
    return [found[lo] for lo in sorted(found)]


def wide_cells(
    atoms: Sequence[MeasuredCell], kept: Sequence[tuple[int, int, int]], width: int, k: int
) -> list[tuple[int, int, int]]:
    """`(lo, hi, count)` in cells of `width` beside the published cells `kept` of the same values.

    Two histograms of one thing are also known by their differences: where an edge of the wide cells runs through a
    kept cell, both pieces are known. So an edge stands only where it cuts off nothing of fewer than k entities; cells
    without an edge between them are one. `atoms` are the pieces between all edges of both, each in one cell of both.
    """
    atoms = sorted((atom for atom in atoms if atom.count), key=lambda atom: atom.lo)
    dropped: set[int] = set()
    for lo, hi, _ in kept if k > 1 else ():
        inside = [atom for atom in atoms if lo <= atom.lo <= hi]
        starts = {atom.lo // width * width for atom in inside} | {atom.lo // width * width + width for atom in inside}
        start = lo
        for edge in sorted(edge for edge in starts if lo < edge <= hi):
            left = [atom for atom in inside if start <= atom.lo < edge]
            right = [atom for atom in inside if atom.lo >= edge]
            if _enough(left, k) and _enough(right, k):
                start = edge
            else:
                dropped.add(edge)
    wide: list[list[int]] = []
    for atom in atoms if kept else ():
        first = atom.lo // width * width
        if wide and (first <= wide[-1][1] or any(wide[-1][1] < edge <= first for edge in dropped)):
            wide[-1][1] = max(wide[-1][1], first + width - 1)
            wide[-1][2] += atom.count
        else:
            wide.append([first, first + width - 1, atom.count])
    return [(lo, hi, count) for lo, hi, count in wide]


def _enough(cells: Sequence[MeasuredCell], k: int) -> bool:
    """Whether cells together hold nobody, or at least k entities."""
    return not cells or max(sum(cell.last for cell in cells), *(cell.entities for cell in cells)) >= k


def safe_labels(labels: Mapping[str, int], *, from_enum: bool) -> dict[str, str]:
    """What each label is published as. Labels that are neither of an enum nor allowed become type_01, type_02, ...

    `labels` maps label to rows; the numbering follows the rows, so it does not depend on the names.
    """
    if from_enum:
        return {label: label for label in labels}
    hidden = sorted((label for label in labels if label not in ALLOWED_LABELS), key=lambda label: -labels[label])
    return {label: label for label in labels if label in ALLOWED_LABELS} | {
        label: f"type_{number:02d}" for number, label in enumerate(hidden, start=1)
    }


def pooled(
    values: Sequence[int], entities: Sequence[int], k: int, last: Sequence[int] | None = None
) -> tuple[list[int], int]:
    """A list of fixed length (hours) in which nothing stands that fewer than k entities did.

    Hours are joined to stretches as cells are. Where hours of a stretch have k entities on their own, the nearest of
    them (the earlier of two) takes what each small one had; where none has, its hours share their sum evenly. Empty
    hours stay empty. `last` as in MeasuredCell, when it is known. Returns the values and how many of the hours with
    anything in them were in a stretch of several. All zero when everything together is too small.
    """
    known = last or [0] * len(values)
    cells = [
        MeasuredCell(i, i, value, seen, final)
        for i, (value, seen, final) in enumerate(zip(values, entities, known, strict=True))
    ]
    result, changed = [0] * len(values), 0
    for cell in merge_small(cells, k):
        filled = [i for i in range(cell.lo, cell.hi + 1) if values[i]]
        able = [i for i in filled if entities[i] >= k]
        if able:
            for i in filled:
                result[min(able, key=lambda place: abs(place - i))] += values[i]
        else:
            share, rest = divmod(cell.count, len(filled))
            for place, i in enumerate(filled):
                result[i] = share + (place < rest)
        changed += len(filled) if len(filled) > 1 else 0
    return result, changed
