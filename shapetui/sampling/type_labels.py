"""Under which name each type is published: rare ones are folded, names that are not of the schema are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shapetui.sampling.disclosure import OTHER, Ledger, safe_labels

# An enum label of PostgreSQL; a longer text is no name of a type.
LABEL_BYTES: Final = 63

# Up to this share of all rows, what is put into the largest label does not distort the mix; the design's 1 %.
NEGLIGIBLE: Final = 0.01


def published_labels(
    rows: Mapping[str | None, int],
    entities: Mapping[str | None, int],
    *,
    from_enum: bool,
    disjoint: bool,
    ledger: Ledger,
) -> dict[str | None, str]:
    """Measured label -> published label, without what must not be published at all.

    A label with fewer than k entities is folded. What is folded is published as OTHER when it has k entities together,
    or is k rows and more than NEGLIGIBLE of all: a large type that few write is structural (a bot), and put into
    another label it would distort the mix. Otherwise it goes into the largest kept label, where it is least; left out
    it would be the difference to the total. `disjoint` says that an entity has one label only, so that entities
    add up. Kept labels come first in the result. Without protection (k = 1) every name stands as it is.
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
    amount = sum(rows[label] for label in folded)
    if amount >= k and amount > NEGLIGIBLE * sum(rows.values()):
        return {**published, **dict.fromkeys(folded, OTHER)}
    largest = max(kept, key=lambda label: kept[label])
    return {**published, **dict.fromkeys(folded, names[largest])}
