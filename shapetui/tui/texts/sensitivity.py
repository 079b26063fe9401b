"""What one parameter does to the checks: a chart over a range of it, one sentence, a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from shapetui.distributions.bins import FloatArray
from shapetui.fidelity.check_words import check_name
from shapetui.tui.overlay import Glyphs
from shapetui.tui.texts.calibrate import written
from shapetui.tui.texts.judged import MARKS, check_numbers
from shapetui.tui.texts.words import CHECK_STYLES, fitted_name, hanging
from shapetui.workbench.sensitivity import Sensitivity, Series
from shapetui.workbench.spans import Span

_LETTERS: Final = "abcde"
# What changes less than this over the whole range is not moved by the parameter.
_MOVED: Final = 0.02
# A check that changes less is worth a row of the table but no line of the chart.
_DRAWN: Final = 0.1
# Beyond three times of what is allowed nobody looks, unless it is there now.
_TOP: Final = 3.0
_HIGHEST: Final = 9.0
_LOWEST_CHART, _HIGHEST_CHART = 6, 15
_AXIS: Final = ((1.0, "limit"), (2.0, "twice"))
_GUTTER: Final = 7
# Widths of the table's columns, and of a narrow one's: name, now, an end.
_WIDE, _NARROW = (21, 17, 12), (18, 16, 9)
# Marks before, and the space before the first end.
_BESIDE: Final = 4 + 2


def panel(found: Sensitivity, width: int, height: int, glyphs: Glyphs) -> Text:
    """The chart in what the rest leaves of the height, below it where all pass, and the table."""
    moved = sorted((one for one in found.series if one.variation(_TOP) >= _MOVED), key=_importance, reverse=True)
    below = sentence(found, width).append("\n").append_text(table(found, moved, width))
    # Two rows for the axis and its labels.
    room = height - below.plain.count("\n") - 3
    rows = min(max(room, _LOWEST_CHART), _HIGHEST_CHART)
    return chart(found, _drawn(moved), width, rows, glyphs).append("\n").append_text(below)


def _importance(series: Series) -> tuple[float, float]:
    """What varies most comes first; of what goes beyond the top, what passes over the smallest span."""
    span = series.span
    return series.variation(_TOP), -math.inf if span is None else span.low - span.high


def _drawn(moved: Sequence[Series]) -> list[Series]:
    return [one for one in moved if one.variation(_TOP) >= _DRAWN][: len(_LETTERS)]


def sentence(found: Sensitivity, width: int) -> Text:
    """Where everything passes, or what is in the way where it passes nowhere."""
    if (span := found.all_pass) is not None:
        inside = span.low <= found.parameter.value <= span.high
        text = Text().append(f"all pass {between(found, span)}", "bold green" if inside else "bold yellow")
        # Values at which a check is only WARN are fit for use, too.
        more = f"   no check is NO-GO {between(found, found.no_refusal)}"
        fits = found.no_refusal != span and text.cell_len + len(more) <= width
        return text.append(more, "dim") if fits else text
    best = found.best
    text = Text().append("nowhere here do all pass", "bold yellow")
    blocking = sorted((one for one in found.series if one.used[best] > 1), key=lambda one: -one.used[best])
    spans = [(test.name, test.span) for test in found.tests if not test.passes[best]]
    spans += [(check_name(one.name), one.span) for one in blocking]
    said = [f"{name} {f'passes {between(found, span)}' if span else 'fails everywhere'}" for name, span in spans]
    # As many as a line has room for; the table has all.
    while len(said) > 1 and text.cell_len + 2 + len("; ".join(said)) > width:
        said.pop()
    reason = "; ".join(said)
    return text.append(": " if text.cell_len + 2 + cell_len(reason) <= width else ":\n  ").append(reason)


def between(found: Sensitivity, span: Span | None) -> str:
    """`from 2.41 to 2.88`, with an open end where the range ends."""
    if span is None:
        return "nowhere"
    low, high = (written(found.parameter, value) for value in (span.low, span.high))
    if _everywhere(span):
        return f"everywhere from {low} to {high}"
    if span.open_low or span.open_high:
        return f"up to {high}" if span.open_low else f"from {low} on"
    return f"only at {low}" if low == high else f"from {low} to {high}"


def table(found: Sensitivity, moved: Sequence[Series], width: int) -> Text:
    """A row per check that the parameter moves: what it is now, where it passes; the names of the others."""
    widths = _WIDE if sum(_WIDE) + _WIDE[-1] + _BESIDE <= width else _NARROW
    name, now, end = widths
    text = Text(no_wrap=True, overflow="ellipsis")
    start = "passes from" if widths is _WIDE else "from"
    text.append(f"{'':<4}{'':<{name}}{'now':>{now}}{start:>{end + 2}}{'to':>{end}}\n", "dim")
    passed, tests = found.passed[found.present], len(found.tests)
    mark, style = ("✓ ", "green") if passed == tests else ("✗ ", "bold red")
    text.append("  ").append(mark, style)
    text.append(f"{'the four tests':<{name}}{f'{passed} of {tests}':>{now}}{_ends(found, found.four, end)}\n")
    letters = dict(zip((one.name for one in _drawn(moved)), _LETTERS, strict=False))
    harmless = [one for one in moved if one.name not in letters and _everywhere(one.span)]
    for one in moved:
        if one in harmless:
            continue
        check = one.checks[found.present]
        verdict = check.verdict if check is not None else "GO"
        text.append(f"{letters.get(one.name, ''):<2}", "bold")
        text.append(f"{MARKS[verdict]} ", "green" if verdict == "GO" else CHECK_STYLES[verdict])
        said = check_numbers(check) if check is not None else ""
        text.append(f"{fitted_name(check_name(one.name), name)}{said:>{now}}{_ends(found, one.span, end)}\n")
    still = [one for one in found.series if one not in moved]
    for title, listed in (("pass everywhere here", harmless), ("it does not move", still)):
        if listed:
            names = ", ".join(_marked(one, found.present) for one in listed)
            text.append(hanging(f"{title}: {names}", width, 4), "dim")
    text.rstrip()
    return text


def _marked(series: Series, at: int) -> str:
    """The name of a check, with a mark where it is not good."""
    check = series.checks[at]
    mark = f"{MARKS[check.verdict]} " if check is not None and check.verdict != "GO" else ""
    return f"{mark}{check_name(series.name)}"


def _everywhere(span: Span | None) -> bool:
    return span is not None and span.open_low and span.open_high


def _ends(found: Sensitivity, span: Span | None, width: int) -> str:
    if span is None or _everywhere(span):
        return f"{'nowhere' if span is None else 'everywhere':>{width + 2}}"
    low = "…" if span.open_low else written(found.parameter, span.low)
    high = "…" if span.open_high else written(found.parameter, span.high)
    return f"{low:>{width + 2}}{high:>{width}}"


def chart(found: Sensitivity, drawn: Sequence[Series], width: int, rows: int, glyphs: Glyphs) -> Text:
    """How much each check uses of what it allows, a letter each, in `rows` rows over an axis of two.

    Colours repeat what the letters and the lines of the limits say: yellow beyond the limit, red where it is NO-GO.
    """
    columns = max(10, width - _GUTTER - 1)
    places = _places(found)
    now = _column(places[found.present], columns)
    peak = max((max(one.used) for one in drawn), default=0.0)
    here = max((one.used[found.present] for one in drawn), default=0.0)
    top = min(max(2.4, min(peak, _TOP), 1.1 * here), _HIGHEST)
    cells = [[(" ", "")] * columns for _ in range(rows)]
    labels = {0: "0", **{_level(use, top, rows): name for use, name in _AXIS}}
    for level in (_level(use, top, rows) for use, _ in _AXIS):
        cells[level] = [(glyphs.floor, "dim")] * columns
    for row in cells:
        row[now] = (glyphs.axis, "bold")
    for letter, one in reversed(list(zip(_LETTERS, drawn, strict=False))):
        _draw(cells, letter, one, places, top)
    text = Text(no_wrap=True, overflow="ellipsis")
    for level in range(rows - 1, -1, -1):
        text.append(f"{labels.get(level, ''):>{_GUTTER}}{glyphs.tick if level in labels else glyphs.axis}", "dim")
        _append(text, cells[level])
        text.append("\n")
    return text.append_text(_axis(found, columns, now, glyphs))


def _places(found: Sensitivity) -> FloatArray:
    """(values,) places 0..1 along the axis, which is logarithmic where the parameter moves by factors."""
    values = np.array(found.values)
    if found.parameter.factor and values[0] > 0:
        values = np.log(values)
    return (values - values[0]) / (values[-1] - values[0])  # type: ignore[no-any-return]


def _column(place: float, columns: int) -> int:
    return min(columns - 1, round(place * (columns - 1)))


def _level(use: float, top: float, rows: int) -> int:
    """The row of a use, counted from below."""
    return min(rows - 1, round(use / top * (rows - 1)))


def _draw(cells: list[list[tuple[str, str]]], letter: str, one: Series, places: FloatArray, top: float) -> None:
    """A line of letters; where it climbs by more than a row, it is upright. Beyond the top it leaves the chart."""
    rows, columns = len(cells), len(cells[0])
    at = np.linspace(0.0, 1.0, columns)
    uses = np.interp(at, places, np.array(one.used)).tolist()
    nearest = np.abs(places[:, None] - at[None, :]).argmin(axis=0).tolist()
    before: int | None = None
    for column, use in enumerate(uses):
        check = one.checks[nearest[column]]
        level = _level(min(use, top), top, rows)
        first, last = (level, level) if before is None else _reached(before, level)
        refused = check is not None and check.verdict == "NO-GO"
        for row in range(first, last + 1) if use <= top or (before is not None and before < rows - 1) else ():
            style = "bold red" if refused and row >= _level(1.5, top, rows) else "yellow" if use > 1 else ""
            cells[row][column] = (letter, style)
        before = level


def _reached(before: int, level: int) -> tuple[int, int]:
    """The rows of one column: from one beside the row of the column before to its own."""
    return (min(before + 1, level), level) if level >= before else (level, max(before - 1, level))


def _append(text: Text, row: Sequence[tuple[str, str]]) -> None:
    """The cells as pieces of one style each."""
    start = 0
    for end in range(1, len(row) + 1):
        if end == len(row) or row[end][1] != row[start][1]:
            text.append("".join(glyph for glyph, _ in row[start:end]), row[start][1])
            start = end


def _axis(found: Sensitivity, columns: int, now: int, glyphs: Glyphs) -> Text:
    """The line below, thick where all pass, and the values at its ends and of now."""
    line = [(glyphs.floor, "dim")] * columns
    if (span := found.all_pass) is not None:
        places = np.interp([span.low, span.high], found.values, _places(found))
        first, last = (_column(float(place), columns) for place in places)
        line[first : last + 1] = [(glyphs.across_fill, "bold green")] * (last + 1 - first)
    line[now] = (glyphs.floor_tick, "bold")
    text = Text().append(" " * _GUTTER + glyphs.corner, "dim")
    _append(text, line)
    text.append("\n" + " " * (_GUTTER + 1))
    low, high = (written(found.parameter, found.values[end]) for end in (0, -1))
    here = f"now {written(found.parameter, found.parameter.value)}"
    start = min(max(0, now - len(here) // 2), columns - len(here))
    said = [" "] * columns
    if start > len(low) + 1:
        said[: len(low)] = low
    if start + len(here) < columns - len(high) - 1:
        said[-len(high) :] = high
    text.append("".join(said[:start]), "dim").append(here, "bold")
    return text.append("".join(said[start + len(here) :]).rstrip(), "dim")
