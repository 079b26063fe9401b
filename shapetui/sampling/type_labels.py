"""Under which name each type is published: rare ones are folded, names that are not of the schema are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shapetui.sampling.disclosure import OTHER, Ledger, safe_labels

# An enum label of PostgreSQL; a longer text is no name of a type.
LABEL_BYTES: Final = 63


def published_labels(
    rows: Mapping[str | None, int],
    entities: Mapping[str | None, int],
    *,
    from_enum: bool,
    disjoint: bool,
    ledger: Ledger,
) -> dict[str | None, str]:
    """Measured label -> published label, without what must not be published at all.

    A label with fewer than k entities is folded into OTHER; when all of those together have fewer than k, into the
    smallest kept label, because leaving them out would show them as the difference to the total. `disjoint` says that
    an entity has one label only, so that entities add up. Without protection (k = 1) every name stands as it is.
    """
    k = ledger.min_cell_count
    kept = {
        label: count
        for label, count in rows.items()
        if label and len(label.encode()) <= LABEL_BYTES and (k == 1 or entities.get(label, 0) >= k)
    }
    names = safe_labels(kept, from_enum=from_enum or k == 1)
    ledger.renamed_labels += sum(name != label for label, name in names.items())
    published: dict[str | None, str] = dict(names.items())
    folded = [label for label in rows if label not in kept]
    if not folded:
        return published
    ledger.folded_labels += len(folded)
    together = (sum if disjoint else max)(entities.get(label, 0) for label in folded)
    if k == 1 or together >= k:
        return {**published, **dict.fromkeys(folded, OTHER)}
    if not kept:
        return {}
    smallest = min(kept, key=lambda label: kept[label])
    return {**published, **dict.fromkeys(folded, names[smallest])}
