"""Which existing index does what a new one would do, told before anything is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from shapetui.documents.applied import Overlap, OverlapKind
from shapetui.indexlab.described import Described

Connection = psycopg.Connection[Any]

# An index whose first column has no more different values leaves at least so large a part of the table to be read.
_FEW_VALUES: Final = 3
_COMMON: Final = 0.9


def overlaps(new: Described, others: Sequence[Described]) -> list[Overlap]:
    """The indexes of the same table that do the work of a new one, or whose work it does; the closest first.

    Only ordered indexes (btree) are compared by their columns; of the others, equal ones are found.
    """
    found = []
    for other in others:
        if other.name == new.name or other.table != new.table or not other.valid:
            continue
        kind = _kind(new, other)
        if kind is not None:
            found.append(Overlap(index=other.name, kind=kind, words=_words(kind, new, other)))
    order: list[OverlapKind] = ["equal", "leading", "directions", "extends"]
    return sorted(found, key=lambda overlap: order.index(overlap.kind))


def _kind(new: Described, other: Described) -> OverlapKind | None:
    if new.same_as(other):
        return "equal"
    # A unique index is there for what it forbids.
    if new.method != "btree" or other.method != "btree" or new.unique:
        return None
    if other.predicate not in ("", new.predicate):
        return None
    shorter = min(len(new.columns), len(other.columns))
    if new.columns[:shorter] != other.columns[:shorter] or new.classes[:shorter] != other.classes[:shorter]:
        return None
    carried = new.included <= (other.included | set(other.columns))
    if len(new.columns) > len(other.columns):
        return "extends" if other.included <= (new.included | set(new.columns)) else None
    if not carried:
        return None
    # Read from its end, an index gives all its directions turned round.
    turned = tuple(option ^ 3 for option in other.options[:shorter])
    if new.options in (other.options[:shorter], turned):
        return "leading" if len(other.columns) > len(new.columns) else "equal"
    return "directions"


def _words(kind: OverlapKind, new: Described, other: Described) -> str:
    columns = ", ".join(other.columns)
    match kind:
        case "equal" if new.options != other.options[: len(new.options)]:
            return f"{other.name} ({columns}) gives the same, read backward"
        case "equal":
            return f"{other.name} ({columns}) is the same index"
        case "leading":
            return f"{other.name} ({columns}) begins with the same columns and serves the same conditions"
        case "directions":
            return (
                f"{other.name} ({columns}) has the same columns in other directions: it gives the same order,"
                " forward or backward, where all columns but the last are compared with ="
            )
    remains = "; it stays, because a constraint needs it" if other.constraint else ", which becomes superfluous"
    return f"it begins with the columns of {other.name} ({columns}){remains}"


def shared_beginnings(new: Described, others: Sequence[Described]) -> list[str]:
    """Indexes that begin with the same columns and then differ: the planner may take either."""
    said = []
    for other in others:
        if other.name == new.name or other.table != new.table or not other.valid or other.predicate:
            continue
        pairs = enumerate(zip(new.columns, other.columns, strict=False))
        same = next((number for number, (mine, theirs) in pairs if mine != theirs), 0)
        if same:
            columns = ", ".join(other.columns)
            said.append(f"{other.name} ({columns}) begins with the same column{'s' * (same > 1)}")
    return said


def notes(connection: Connection, new: Described) -> list[str]:
    """What the statistics of the table say against an index, by its first column."""
    column = new.columns[0].strip('"')
    row = connection.execute(
        "SELECT n_distinct, most_common_freqs[1] FROM pg_stats"
        " WHERE schemaname = current_schema() AND tablename = %s AND attname = %s",
        [new.table, column],
    ).fetchone()
    if row is None or new.predicate:
        return []
    distinct, common = row[0], row[1]
    if 0 < distinct <= _FEW_VALUES:
        values = f"{distinct:.0f} value{'s' * (distinct != 1)}"
        share = f", the most frequent in {common:.0%} of the rows" if common is not None else ""
        return [f"its first column {column} has {values}{share}: it narrows little down"]
    if common is not None and common >= _COMMON:
        return [f"one value of its first column {column} is in {common:.0%} of the rows: it narrows little down for it"]
    return []
