"""Disclosure control: what of a measured histogram may leave production.

A cell is published empty or with at least k protected entities behind it; a smaller one is merged with its nearest
neighbour rather than left out, and an empty cell is never merged into a full one unless it lies between two that
are joined. Labels come from enum types or an allow-list; rare ones are folded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

OTHER: Final = "OTHER"

# The original system's own enum labels: known from its public schema, so they say nothing about anybody.
ALLOWED_LABELS: Final = frozenset(
    "DIRECT_MESSAGE GROUP_CHAT CHANNEL TEXT IMAGE FILE AUDIO VIDEO LOCATION SYSTEM".split()
)


@dataclass(frozen=True)
class MeasuredCell:
    """One measured cell: inclusive ends, rows in it, distinct protected entities behind it."""

    lo: int
    hi: int
    count: int
    entities: int


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
    left: heavy tails, where small cells are, are joined from the top. Entities of two cells may be the same
    people, so a joined cell counts the larger of the two (a lower bound) unless entities are rows themselves.
    """
    kept = sorted((cell for cell in cells if cell.count), key=lambda cell: cell.lo)
    while len(kept) > 1:
        index = min(range(len(kept)), key=lambda i: (kept[i].entities, -kept[i].lo))
        if kept[index].entities >= k:
            return kept
        left = kept[index].lo - kept[index - 1].hi if index else None
        right = kept[index + 1].lo - kept[index].hi if index + 1 < len(kept) else None
        if left is None or (
            right is not None and (right, kept[index + 1].entities) < (left, kept[index - 1].entities)
        ):
            first = index
        else:
            first = index - 1
        kept[first : first + 2] = [_joined(kept[first], kept[first + 1])]
    return kept if kept and kept[0].entities >= k else []


def _joined(one: MeasuredCell, other: MeasuredCell) -> MeasuredCell:
    rows_are_entities = one.entities == one.count and other.entities == other.count
    entities = one.entities + other.entities if rows_are_entities else max(one.entities, other.entities)
    return MeasuredCell(one.lo, other.hi, one.count + other.count, entities)


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


def pooled(values: Sequence[int], entities: Sequence[int], k: int) -> tuple[list[int], int]:
    """A list of fixed length (hours) in which neighbours of too few entities share their sum evenly.

    Returns the values and how many were pooled. All zero when everything together is too small. Unlike cells,
    hours keep their places, so a pooled stretch shows its mean.
    """
    cells = [MeasuredCell(i, i, value, seen) for i, (value, seen) in enumerate(zip(values, entities, strict=True))]
    result, changed = [0] * len(values), 0
    for cell in merge_small(cells, k):
        width = cell.hi - cell.lo + 1
        share, rest = divmod(cell.count, width)
        for offset in range(width):
            result[cell.lo + offset] = share + (offset < rest)
        changed += width if width > 1 else 0
    return result, changed
