"""What an overlay shows, where that is interpolated, and the same as rows of numbers for a CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapetui.distributions.density import Ranges, merged_ranges
from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of, parse_label
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import lengths_of, same_cells


@dataclass(frozen=True, eq=False)
class OverlayData:
    """What an overlay shows. Two of them are the same only if they are one object: arrays are not compared.

    Attributes:
        production, synthetic: the filled and the outlined side; None where there is none.
        title: for the left end of the top line.
        labels: what the two sides are called in the legend.
        of: what is counted, for the sentence below.
        log_x, log_y: logarithmic axes (base 2, base 10).
        ccdf: the share of values that are at least x, instead of the share at x.
        merged: ranges [lo, hi] of values, both inside, in which the filled side is interpolated because its bins
            were merged below the disclosure threshold k; they are hatched.
    """

    production: Histogram | None
    synthetic: Histogram | None
    title: str = ""
    labels: tuple[str, str] = ("production", "synthetic")
    of: Literal["conversations", "messages"] = "conversations"
    log_x: bool = True
    log_y: bool = True
    ccdf: bool = False
    merged: Ranges = ()


def merged_sizes(shape: Shape, label: str | None = None) -> Ranges:
    """Where the picture of a shape's messages per conversation is interpolated, for one type or all of them.

    The picture of all types is the sum of the types' (`fidelity.measures.drawn_sizes`): it is hatched where at least
    half of it comes from merged bins. One type's merged bins under another's fine ones are no interpolation worth a
    mark.
    """
    rooms = shape.conversations
    if label is not None:
        part = rooms.by_type.get(label)
        return merged_ranges([Histogram.of_cells(cells_of(part.messages_per_conversation_cells))]) if part else ()
    whole = Histogram.of_cells(cells_of(rooms.messages_per_conversation_cells))
    parts = [Histogram.of_cells(cells_of(part.messages_per_conversation_cells)) for part in rooms.by_type.values()]
    parts = [part for part in parts if part.total]
    # The same condition as `drawn_sizes`: without all parts it is the overall cells that are drawn.
    return merged_ranges(parts if len(parts) > 1 and sum(part.total for part in parts) >= whole.total else [whole])


def merged_lengths(shape: Shape, label: str | None = None) -> Ranges:
    """Where the picture of a shape's content lengths is interpolated, for one message type or all of them."""
    if label is None:
        return merged_ranges([lengths_of(shape)])
    part = shape.messages.by_type.get(label)
    return merged_ranges([Histogram.of_cells(cells_of(part.content_length_cells))]) if part else ()


def rows_of(data: OverlayData) -> list[tuple[int, int, int | None, int | None]]:
    """(lo, hi, production, synthetic) counts of the values from lo to hi, ascending, for an export.

    On the finest cells that both sides know exactly; where there is only one side, on its own cells and with None
    for the other.
    """
    one, other = data.production, data.synthetic
    if one is not None and other is not None:
        return [(*parse_label(label), mine, its) for label, (mine, its) in same_cells(one, other).items()]
    rows: list[tuple[int, int, int | None, int | None]] = []
    if one is not None:
        rows = [(lo, hi, count, None) for lo, hi, count in one.without_empty().cells()]
    if other is not None:
        rows = [(lo, hi, None, count) for lo, hi, count in other.without_empty().cells()]
    return rows
