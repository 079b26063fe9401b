"""Histograms to draw, and drawings read back: rows of the plot, heights of bars, levels of the line."""

from __future__ import annotations

import numpy as np

from shapetui.distributions.histogram import Histogram
from shapetui.distributions.powerlaw import truncated
from shapetui.tui.overlay import BLOCK, Drawing, Glyphs, OverlayData


def lean_like(alpha: float, seed: int = 1, size: int = 20_000) -> Histogram:
    """Sizes as in the Lean chat: a log-normal body below 95, a power law from there."""
    random = np.random.default_rng(seed)
    body = np.floor(random.lognormal(1.5, 1.3, size)).astype(np.int64) + 1
    tail = truncated(alpha, 95, 7240).quantile(random.random(size // 30))
    return Histogram.of_values(np.concatenate([body[body < 95], tail]))


PRODUCTION, SYNTHETIC = lean_like(2.9), lean_like(2.3, seed=2)
BOTH = OverlayData(PRODUCTION, SYNTHETIC, "messages per conversation")
SIZES = [(20, 6), (21, 7), (40, 9), (60, 12), (80, 24), (100, 30), (120, 40), (250, 70)]


def lines(drawing: Drawing) -> list[str]:
    return ["".join(text for text, _ in row) for row in drawing]


def canvas(drawing: Drawing, glyphs: Glyphs = BLOCK) -> list[str]:
    """The rows of the plot, right of the vertical axis."""
    found = []
    for line in lines(drawing)[1:]:
        at = min((line.index(mark) for mark in (glyphs.axis, glyphs.tick) if mark in line), default=-1)
        if at < 0:
            break
        found.append(line[at + 1 :])
    return found


def bar_heights(rows: list[str]) -> list[float]:
    """Height in rows of the fill of each column; of a drawing without a line."""
    return [sum(BLOCK.fill.index(row[column]) for row in rows) / 8 for column in range(len(rows[0]))]


def levels_of_line(drawing: Drawing) -> dict[int, int]:
    """Column -> the uppermost row from below in which there is a part of the line."""
    rows = canvas(drawing)
    marks = {BLOCK.across, BLOCK.falls_from, BLOCK.climbs_to, BLOCK.upright, BLOCK.falls_to, BLOCK.climbs_from}
    found: dict[int, int] = {}
    for level, row in enumerate(reversed(rows)):
        found |= {column: level for column, glyph in enumerate(row) if glyph in marks}
    return found
