"""The fewest parameters, and their values, with which sizes or lengths are expected to pass.

By a search along the parameter that promises most (`lines`); by Gauss-Newton over two or three where one is not
enough. Nothing here knows which parameter moves what.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from shapetui.distributions.bins import FloatArray
from shapetui.documents.config import Config
from shapetui.workbench.lines import Found, Line, Search, Stopped, along, probed, shorter, worst
from shapetui.workbench.outcome import typed
from shapetui.workbench.parameters import Parameter

__all__ = ["Found", "Search", "Stopped", "best_single", "best_together", "worst"]

# Errors below this part of the tolerance leave room for what is not foreseen.
_WELL: Final = 0.7
# Reachable errors that differ by less than this part of the tolerance are equally good.
_EQUAL: Final = 0.3
_LINES, _MOST_LINES = 3, 6
_MOST_TOGETHER, _SUBSETS, _ROUNDS = 3, 2, 5


def best_single(search: Search, config: Config) -> Found | None:
    """The one parameter that helps most; None where none does. Raises Stopped."""
    found = _single(search, config, search.judge.candidates(config)[0])
    if found is not None and search.passes(found.errors):
        return found
    last = _single(search, config, search.judge.candidates(config)[1])
    return min((one for one in (found, last) if one is not None), key=lambda one: worst(one.errors), default=None)


def best_together(search: Search, config: Config, single: Found | None) -> Found | None:
    """The fewest parameters with which the test passes, or what comes nearest. `single`: what one alone can do."""
    if single is not None and search.passes(single.errors):
        return single
    best = single
    first, last = search.judge.candidates(config)
    lines: list[Line] = []
    for candidates in (first, last):
        found_lines = [line for p in candidates if not p.overall and (line := probed(search, config, p)) is not None]
        if not found_lines:
            continue
        lines = sorted([*lines, *found_lines], key=Line.reachable)[:_MOST_LINES]
        for size in range(2, _MOST_TOGETHER + 1):
            found = _several(search, config, lines, size)
            if found is not None and (best is None or worst(found.errors) < 0.9 * worst(best.errors)):
                best = found
            if best is not None and search.passes(best.errors):
                return best
    return best


def _single(search: Search, config: Config, candidates: list[Parameter]) -> Found | None:
    lines = [line for p in candidates if (line := probed(search, config, p)) is not None]
    misfits = search.judge.misfits(config)

    def order(line: Line) -> tuple[float, float, bool]:
        # Errors may be infinite, which no whole number is.
        reach = float(np.rint(line.reachable() / (_EQUAL * search.tolerance)))
        return reach, -misfits.get(line.parameter.label, 0.0), line.parameter.overall

    best: Found | None = None
    for line in sorted(lines, key=order)[:_LINES]:
        found = along(search, config, line)
        if found is not None and (best is None or worst(found.errors) < worst(best.errors)):
            best = found
        if best is not None and search.passes(best.errors, _WELL):
            break
    return best


def _several(search: Search, config: Config, lines: list[Line], size: int) -> Found | None:
    """The best of the sets of some parameters that promise most."""
    misfits = search.judge.misfits(config)

    def order(chosen: tuple[Line, ...]) -> tuple[float, float]:
        base, slopes = np.array(list(chosen[0].base.values())), np.array([line.slopes for line in chosen]).T
        rest = base + slopes @ np.linalg.lstsq(slopes, -base, rcond=1e-3)[0]
        labels = {line.parameter.label for line in chosen}
        reach = float(np.rint(np.abs(rest).max() / (_EQUAL * search.tolerance)))
        return reach, -sum(misfits.get(label, 0.0) for label in labels)

    best: Found | None = None
    for chosen in sorted(combinations(lines, size), key=order)[:_SUBSETS]:
        found = _descended(search, config, chosen)
        if found is not None and (best is None or worst(found.errors) < worst(best.errors)):
            best = found
        if best is not None and search.passes(best.errors, _WELL):
            break
    return best


def _descended(search: Search, config: Config, lines: tuple[Line, ...]) -> Found | None:
    """Several parameters at once by Gauss-Newton, each step at most four coarse ones of any of them."""
    place = np.array([line.start for line in lines])
    steps = np.array([line.step for line in lines])
    low, high = np.array([line.low for line in lines]), np.array([line.high for line in lines])

    def look(at: FloatArray) -> Found | None:
        return search.at(config, *((line.parameter, line.value(u)) for line, u in zip(lines, at.tolist(), strict=True)))

    best = here = look(place)
    for _ in range(_ROUNDS):
        if here is None:
            break
        base, columns = np.array(list(here.errors.values())), []
        for index, step in enumerate(steps):
            beside = place.copy()
            beside[index] += -step if not low[index] <= beside[index] + step <= high[index] else step
            moved = look(beside)
            if moved is None:
                return best
            columns.append((np.array(list(moved.errors.values())) - base) / (beside[index] - place[index]))
        change = np.linalg.lstsq(np.array(columns).T, -base, rcond=1e-3)[0]
        part = min(1.0, float(4.0 / max(np.abs(change / steps).max(), 1e-9)))
        place = np.clip(place + part * change, low, high)
        here = look(place)
        if here is not None and (best is None or worst(here.errors) < worst(best.errors)):
            best = here
        elif here is None or worst(here.errors) > 2 * worst(best.errors if best else here.errors):
            break
        if best is not None and search.passes(best.errors, 0.3):
            break
    return _typed(search, config, lines, best) if best is not None else None


def _typed(search: Search, config: Config, lines: tuple[Line, ...], best: Found) -> Found:
    """The best point in few digits, and without the parameters that it leaves where they are."""
    values = dict(best.moves)
    moves = [(line.parameter, typed(line.parameter, values[line.parameter.key])) for line in lines]
    moves = [(parameter, value) for parameter, value in moves if value != parameter.value]
    return shorter(search, config, best, tuple(moves)) if moves else best
