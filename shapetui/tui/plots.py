"""Which two histograms a screen draws: also what its CSV export holds."""

from __future__ import annotations

from shapetui.distributions.density import merged_ranges
from shapetui.distributions.histogram import Histogram
from shapetui.documents.labels import cells_of
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.fidelity.measures import drawn_sizes, lengths_of
from shapetui.tui.overlay import OverlayData, merged_lengths, merged_sizes
from shapetui.tui.shown import Shown, View

EXPECTED = ("production", "expected")
MEASURED = ("production", "measured")
NOTHING = OverlayData(None, None)
_OF_LENGTHS = ("mu", "sigma")


def picture_of(place: str, shown: Shown) -> OverlayData | None:
    """The picture of a screen; None where there is nothing to draw, or the screen has none."""
    bench = shown.workbench
    if place == "report":
        return measured(shown.report, shown.view) if shown.report is not None else None
    if bench is None:
        return None
    if place == "shape" and bench.draft.shape is not None:
        name, other = laid_over(shown)
        return sizes(bench.draft.shape, other, shown.view, ("this shape", name))
    if place == "calibrate":
        expected = bench.expected.shape if bench.expected is not None else None
        if bench.draft.shape is None and expected is None:
            return None
        # The picture follows the parameter under the cursor: mu and sigma move the lengths, all others the sizes.
        if bench.focused is not None and bench.focused.kind in _OF_LENGTHS:
            return lengths(bench.draft.shape, expected, bench.focused.label, shown.view, EXPECTED)
        return sizes(bench.draft.shape, expected, shown.view, EXPECTED)
    return None


def laid_over(shown: Shown) -> tuple[str, Shape | None]:
    """Name and shape of what lies over the one on the Shape screen."""
    if shown.view.other is None:
        return "", None
    name, shape = shown.view.other
    expected = shown.workbench.expected if shown.workbench is not None else None
    return name, shape if shape is not None else expected.shape if expected is not None else None


def sizes(one: Shape | None, other: Shape | None, view: View, labels: tuple[str, str]) -> OverlayData:
    """Messages per conversation of two shapes, over all types or one of them."""
    first = one or other
    names = list(first.conversations.by_type) if first is not None else []
    label = names[view.type_index - 1] if 0 < view.type_index <= len(names) else None
    return OverlayData(
        _sizes(one, label) if one is not None else None,
        _sizes(other, label) if other is not None else None,
        f"messages per conversation, {label or 'all types'}",
        labels,
        log_x=not view.linear,
        log_y=not view.linear,
        ccdf=view.ccdf,
        merged=merged_sizes(one, label) if one is not None else (),
    )


def lengths(
    one: Shape | None, other: Shape | None, label: str | None, view: View, labels: tuple[str, str]
) -> OverlayData:
    """Content length of two shapes, over all message types or one of them."""
    return OverlayData(
        _lengths(one, label) if one is not None else None,
        _lengths(other, label) if other is not None else None,
        f"content length, {label or 'all types'}",
        labels,
        of="messages",
        log_x=not view.linear,
        log_y=view.ccdf,
        ccdf=view.ccdf,
        merged=merged_lengths(one, label) if one is not None else (),
    )


def measured(report: Report, view: View) -> OverlayData | None:
    """The sizes of both sides of a report."""
    if report.histograms is None:
        return None
    found = [(*ends[:2], pair) for ends, pair in _pairs(report)]
    one = Histogram.of_cells([(low, high, pair[0]) for low, high, pair in found])
    two = Histogram.of_cells([(low, high, pair[1]) for low, high, pair in found])
    return OverlayData(
        one,
        two,
        "messages per conversation",
        MEASURED,
        log_x=not view.linear,
        log_y=not view.linear,
        ccdf=view.ccdf,
        merged=merged_ranges([one]),
    )


def _pairs(report: Report) -> list[tuple[tuple[int, int, int], tuple[int, int]]]:
    cells = report.histograms.messages_per_conversation if report.histograms is not None else {}
    ends = {label: cells_of({label: 0})[0] for label in cells}
    return sorted(((ends[label], pair) for label, pair in cells.items()), key=lambda item: item[0])


def _sizes(shape: Shape, label: str | None) -> Histogram:
    if label is None:
        return drawn_sizes(shape)
    part = shape.conversations.by_type.get(label)
    return Histogram.of_cells(cells_of(part.messages_per_conversation_cells) if part else [])


def _lengths(shape: Shape, label: str | None) -> Histogram:
    if label is None:
        return lengths_of(shape)
    part = shape.messages.by_type.get(label)
    return Histogram.of_cells(cells_of(part.content_length_cells) if part else [])
