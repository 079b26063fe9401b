"""The two histograms of an overlay on its axes: cells that can be compared, heights per column, what is hatched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.density import (
    Curve,
    densities,
    density_of_columns,
    joined_in,
    on_same_cells,
    reached_in_columns,
)
from shapetui.distributions.histogram import Histogram
from shapetui.tui.overlay.axes import Axis, upright_linear, upright_log
from shapetui.tui.overlay.canvas import NOTHING
from shapetui.tui.overlay.data import OverlayData


@dataclass(frozen=True)
class Side:
    """One histogram as it is drawn.

    Attributes:
        name: for the legend.
        histogram, whole: its cells as compared, and as given.
        filled: whether it is the filled side; the other is a line.
    """

    name: str
    histogram: Histogram
    whole: Histogram
    filled: bool

    @cached_property
    def curve(self) -> Curve:
        """The pieces of its curve: computed once, drawn and measured several times."""
        return Curve.of(self.histogram)


def sides_of(data: OverlayData) -> list[Side]:
    """The sides that hold anything, on cells that can be compared.

    Inside of merged ranges the filled side is one smooth piece: it knows no more than how many there are. The line
    keeps its form there, which is what a nudge of alpha changes.
    """
    one, other = (
        side.without_empty() if side is not None and side.total else None for side in (data.production, data.synthetic)
    )
    joined = joined_in(one, data.merged) if one is not None and data.merged else one
    sides = []
    if joined is not None:
        filled, outlined = on_same_cells(joined, other)
        sides.append(Side(data.labels[0], filled, joined, True))
    else:
        outlined = None
    if other is not None:
        cells = outlined if joined is one and outlined is not None else on_same_cells(other, one)[0]
        sides.append(Side(data.labels[1], cells, other, False))
    return sides


def values_of(data: OverlayData, side: Side, x: Axis, columns: int) -> FloatArray:
    """(columns,) what is drawn in each column: the share at it, or the share that reaches it."""
    curve = reached_in_columns if data.ccdf else density_of_columns
    return curve(side.curve, x.low, x.high, columns, log=x.log)


def upright(data: OverlayData, sides: list[Side], x: Axis, columns: int) -> Axis:
    """The vertical axis over what is in sight."""
    # A single value right at an edge reaches into the middle of no column; all of it is there all the same.
    largest = max(float(values_of(data, side, x, columns).max()) for side in sides) or 1.0
    if not data.log_y:
        return upright_linear(largest)
    if data.ccdf:
        # The curve ends at 0, which has no place in decades: the last cell's whole share is the least that is known.
        return upright_log(min(float(side.histogram.counts[-1]) / side.histogram.total for side in sides), largest)
    # The first side is production if there is one: as it is alone, it does not move, and the axis must not at every
    # key. What goes a little lower runs along the floor; only for what goes much lower there is more below.
    finest = (x.high - x.low) / columns
    alone = Curve.of(on_same_cells(sides[0].whole, None)[0]) if len(sides) > 1 else sides[0].curve
    found = [
        densities(curve, log=x.log, below=x.high, finest=finest) for curve in (alone, *(side.curve for side in sides))
    ]
    first, *rest = [float(density.min()) for density in found if density.size]
    lowest = min(rest, default=first)
    much_lower = lowest < 10.0 ** (floor(log10(first)) - 1)
    return upright_log(max(lowest, first / 100) if much_lower else first, largest)


def heights_of(value: FloatArray, y: Axis) -> FloatArray:
    """(columns,) height 0..1; nan where there is nothing."""
    there = value > NOTHING
    place = np.log10(np.where(there, value, 1.0)) if y.log else value
    return np.where(there, np.clip((place - y.low) / (y.high - y.low), 0.0, 1.0), np.nan)


def merged_columns(data: OverlayData, x: Axis, columns: int) -> list[slice]:
    """The columns of each range of merged bins that is in sight; each has at least one."""
    found = []
    for lo, hi in data.merged:
        if x.log and hi < 1:
            continue
        first = x.column(max(lo, 1) if x.log else lo, columns)
        if first < columns:
            found.append(slice(max(0, first), max(1, x.column(hi + 1, columns), first + 1)))
    return found


def levelled(value: FloatArray, spans: list[slice], *, ccdf: bool) -> FloatArray:
    """(columns,) the same with one value in each span, which is all that is known where bins were merged: how many
    there are, or of a CCDF how many reach the span."""
    level = value.copy()
    for span in spans:
        level[span] = value[span.start] if ccdf else value[span].mean()
    return level
