"""The words of the overlay: top line with the legend, the sentence below, and notices where there is no picture."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, set_cell_size

from shapetui.tui.overlay.axes import Axis
from shapetui.tui.overlay.data import OverlayData
from shapetui.tui.overlay.glyphs import Glyphs
from shapetui.tui.overlay.rows import Drawing, Role, Row
from shapetui.tui.overlay.sides import Side

MERGED: Final = "merged below k"


def header(data: OverlayData, sides: list[Side], width: int, glyphs: Glyphs, *, hatch: bool) -> tuple[Row, bool]:
    """Title to the left, legend to the right; and whether the legend had room for what is hatched.

    Too little room: the hatching is left to the sentence below, then the title is cut, then the names.
    """
    names = [_plain(side.name, glyphs) for side in sides]
    room = width - 5 * len(sides) + 2
    if sum(map(cell_len, names)) > room:
        names = [_cut(name, room // len(sides), glyphs) for name in names]
    entries: list[tuple[str, Role, str]] = [
        (glyphs.fill[8] * 2, "production", name) if side.filled else (glyphs.across * 2, "synthetic", name)
        for side, name in zip(sides, names, strict=True)
    ]
    title = _plain(data.title, glyphs)
    merged: tuple[str, Role, str] = (glyphs.hatch * 2, "merged", MERGED)
    said = hatch and cell_len(title) + sum(5 + cell_len(name) for _, _, name in (*entries, merged)) <= width
    if said:
        entries.insert(1, merged)
    runs: list[tuple[str, Role]] = []
    for sample, role, name in entries:
        runs += [(sample, role), (f" {name}  ", "label")]
    runs[-1] = (runs[-1][0].rstrip() or " ", "label")
    left = width - sum(cell_len(text) for text, _ in runs)
    title = _cut(title, max(0, left - 2), glyphs) if left >= 6 else ""
    return ((set_cell_size(title, left), "label"), *runs) if left else tuple(runs), said


def note(data: OverlayData, sides: list[Side], x: Axis, width: int, glyphs: Glyphs, *, hatch: bool) -> str:
    """What a height means, what is hatched, and what has no place on the horizontal axis; shorter where it must be."""
    at = "with at least as many" if data.ccdf else "per doubling" if data.log_x else "at each number"
    if data.of == "messages" and data.ccdf:
        at = "at least as long"
    parts = [f"{glyphs.hatch * 2} {MERGED}"] if hatch else []
    if data.log_x:
        outside = [float(side.histogram.below_value(1).total) / side.histogram.total for side in sides]
        where = "at 0"
    else:
        outside = [float(side.histogram.from_value(int(x.high)).total) / side.histogram.total for side in sides]
        where = f"beyond {int(x.high):,}"
    if any(outside):
        shares = [f"{100 * share:.1f}%" if share >= 0.01 or not share else f"{100 * share:.2g}%" for share in outside]
        named = [f"{side.name} {share}" for side, share in zip(sides, shares, strict=True)]
        parts.append(f"{where}: {', '.join(named)}")
    whole = "; ".join([f"share of {data.of} {at}", *parts])
    return whole if cell_len(whole) <= width else "; ".join([f"share {at}", *parts])


def notice(title: str, message: str, width: int, height: int, glyphs: Glyphs) -> Drawing:
    """The title, and a message in the middle of nothing."""
    rows = [""] * height
    if height:
        rows[height // 2] = _cut(message, width, glyphs).center(width)
    if title and height > 1:
        rows[0] = title
    return tuple(line_of(text, width, glyphs) for text in rows)


def line_of(text: str, width: int, glyphs: Glyphs) -> Row:
    """One row of plain text, cut or filled to the width."""
    return ((set_cell_size(_cut(_plain(text, glyphs), width, glyphs), width), "label"),) if width else ()


def _plain(text: str, glyphs: Glyphs) -> str:
    """The text without what a terminal would obey or could not show; in ASCII where the glyphs are."""
    ascii_only = glyphs.name == "ascii"
    return "".join(
        character
        if character.isprintable() and cell_len(character) and (not ascii_only or character.isascii())
        else "?"
        for character in text
    )


def _cut(text: str, width: int, glyphs: Glyphs) -> str:
    """The text within so many cells, with an ellipsis where something was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + glyphs.ellipsis if width > 0 else ""
