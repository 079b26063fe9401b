"""Labels of types on both sides as they can be compared: what either side folded is folded on the other, too."""

from __future__ import annotations

from typing import Final

from shapetui.documents.shape import Shape

_FOLDED: Final = "OTHER"


def conversation_types(production: Shape, synthetic: Shape) -> tuple[dict[str, int], dict[str, int]]:
    """Conversations per type on both sides."""
    return same_labels(
        production.conversations.type_distribution,
        synthetic.conversations.type_distribution,
        production.folds_labels,
        synthetic.folds_labels,
    )


def message_types(production: Shape, synthetic: Shape) -> tuple[dict[str, int], dict[str, int]]:
    """Messages per type on both sides."""
    return same_labels(
        production.messages.type_distribution,
        synthetic.messages.type_distribution,
        production.folds_labels,
        synthetic.folds_labels,
    )


def same_labels(
    production: dict[str, int], synthetic: dict[str, int], production_folds: bool, synthetic_folds: bool
) -> tuple[dict[str, int], dict[str, int]]:
    """Both sides with the same labels folded; OTHER of a side that folds nothing is a label like any other.

    What one side folded into OTHER has no names, so labels of the other side that it does not show are counted as
    OTHER there too. When the synthetic side has none of them, production's OTHER is left out of the comparison,
    because the generator spreads its share over the rest.
    """
    production_folds = production_folds and bool(production.get(_FOLDED))
    synthetic_folds = synthetic_folds and bool(synthetic.get(_FOLDED))
    expected = _folded(production, synthetic) if synthetic_folds else production
    observed = _folded(synthetic, production) if production_folds else synthetic
    if production_folds and not observed.get(_FOLDED):
        kept = {label: count for label, count in expected.items() if label != _FOLDED}
        expected = kept if sum(kept.values()) else expected
    return expected, observed


def _folded(side: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """One side with the labels that the other does not show counted as OTHER."""
    known = {label: count for label, count in side.items() if other.get(label) and label != _FOLDED}
    rest = sum(side.values()) - sum(known.values())
    return {**known, _FOLDED: rest} if rest else known
