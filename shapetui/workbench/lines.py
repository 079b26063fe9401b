"""A search along one parameter: the derivative of the errors by finite differences, then where they balance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.workbench.adjust import with_value, with_values
from shapetui.workbench.judging import Errors, Judge
from shapetui.workbench.outcome import typed
from shapetui.workbench.parameters import Parameter

# Balanced to this, a percentile of a few hundred is right to within its own step.
_BALANCED: Final = 0.01
_EXPANSIONS, _BISECTIONS = 7, 9
# So much of the tolerance short values may cost.
_AS_GOOD: Final = 0.1


class Stopped(Exception):
    """The caller does not want the answer any more."""


@dataclass(frozen=True)
class Found:
    """Where a search has ended: what to set, the config with it, and the errors then."""

    moves: tuple[tuple[str, float], ...]
    config: Config
    errors: Errors


@dataclass(frozen=True)
class Search:
    """What is searched: a judge, production's shape, the locks, the tolerance, and when to give up."""

    judge: Judge
    shape: Shape
    locked: frozenset[str]
    tolerance: float
    should_stop: Callable[[], bool]

    def passes(self, errors: Errors, part: float = 1.0) -> bool:
        """Whether the test passes, with `part` of the tolerance."""
        return bool(errors) and worst(errors) < part * self.tolerance

    def at(self, config: Config, *moves: tuple[Parameter, float]) -> Found | None:
        """The config with parameters at values; None where that cannot be. Raises Stopped."""
        if self.should_stop():
            raise Stopped
        pairs = tuple((parameter.key, value) for parameter, value in moves)
        try:
            if len(moves) == 1:
                config = with_value(config, self.shape, *moves[0], self.locked)
            elif moves:
                config = with_values(config, self.shape, pairs, self.locked)
            with np.errstate(all="ignore"):
                errors = self.judge.errors(config)
        except (PlanError, ValueError, ArithmeticError):
            return None
        return Found(pairs, config, errors) if errors and all(map(math.isfinite, errors.values())) else None


def worst(errors: Errors) -> float:
    """The largest error, without its sign: what the tests of sizes and lengths judge."""
    return max(map(abs, errors.values()), default=0.0)


def balance(errors: Errors) -> float:
    """The largest error above plus the largest below: 0 where the worst is least, if all move the same way."""
    return max(errors.values()) + min(errors.values())


@dataclass(frozen=True)
class Line:
    """A parameter with two points on it: errors at its own value and one coarse step away, and how far it goes.

    Coordinates are values, or logarithms of values that move by factors.
    """

    parameter: Parameter
    start: float
    step: float
    low: float
    high: float
    base: Errors
    moved: Errors

    def value(self, coordinate: float) -> float:
        """The parameter's value at a coordinate."""
        if not self.parameter.factor:
            return self.parameter.limited(coordinate)
        return self.parameter.limited(math.exp(min(coordinate, 700.0)))

    @property
    def slopes(self) -> list[float]:
        """Change of each error per unit."""
        return [(self.moved[name] - self.base[name]) / self.step for name in self.base]

    def reachable(self) -> float:
        """The least worst error along a line, were it straight."""
        far = 20 * abs(self.step)
        steps = np.linspace(max(self.low - self.start, -far), min(self.high - self.start, far), 201)
        base, slopes = np.array(list(self.base.values())), np.array(self.slopes)
        return float(np.abs(base[:, None] + slopes[:, None] * steps).max(axis=0).min())


def probed(search: Search, config: Config, parameter: Parameter) -> Line | None:
    """The derivative of the errors along a parameter; None where it moves nothing."""

    def coordinate(value: float) -> float:
        return math.log(max(value, 1e-6)) if parameter.factor else value

    # Set to its own value, a length type that was a histogram is a log-normal: the line that the search is on.
    base = search.at(config, (parameter, parameter.value))
    # Of few conversations, a step may be too short to move a percentile by its least.
    for steps in (1, -1, 5, -5):
        value = parameter.nudged(steps, coarse=True)
        moved = search.at(config, (parameter, value)) if value != parameter.value else None
        if base is None or moved is None or moved.errors == base.errors or set(moved.errors) != set(base.errors):
            continue
        start = coordinate(parameter.value)
        ends = coordinate(parameter.lowest), coordinate(parameter.highest)
        return Line(parameter, start, coordinate(value) - start, *ends, base.errors, moved.errors)
    return None


def along(search: Search, config: Config, line: Line) -> Found | None:
    """The best point of a line: where the errors above and below balance, by secants and bisection."""
    seen: list[Found] = []

    def look(coordinate: float) -> float | None:
        found = search.at(config, (line.parameter, line.value(coordinate)))
        if found is None:
            return None
        seen.append(found)
        return balance(found.errors)

    right, at_right = line.start, balance(line.base)
    slope = (balance(line.moved) - at_right) / line.step
    if not slope:
        return None
    reach = 4 * abs(line.step)
    for _ in range(_EXPANSIONS):
        # Where the law bends, a secant may aim far beyond what is meant.
        step = max(-reach, min(reach, -at_right / slope * 1.1 if slope else reach))
        place = max(line.low, min(line.high, right + step))
        value = look(place) if place != right else None
        if value is None:
            break
        if value * at_right <= 0:
            _bisect(look, (right, at_right), (place, value), line.parameter.fine / 4)
            break
        if abs(value) >= abs(at_right):
            break
        slope, reach = (value - at_right) / (place - right), 2 * reach
        right, at_right = place, value
    return _rounded(search, config, line, seen)


def _bisect(
    look: Callable[[float], float | None], one: tuple[float, float], other: tuple[float, float], narrow: float
) -> None:
    """Closes in on where the balance changes its sign, by regula falsi (Illinois: Dowell and Jarratt 1971)."""
    (a, fa), (b, fb) = one, other
    for _ in range(_BISECTIONS):
        if fa == fb or abs(b - a) <= narrow:
            return
        middle = b - fb * (b - a) / (fb - fa)
        value = look(middle)
        if value is None or abs(value) <= _BALANCED:
            return
        if value * fb < 0:
            a, fa = b, fb
        else:
            fa /= 2
        b, fb = middle, value


def _rounded(search: Search, config: Config, line: Line, seen: list[Found]) -> Found | None:
    """The best of some points; in the digits that a person would type, where they do as well."""
    best = min(seen, key=lambda found: worst(found.errors), default=None)
    if best is None or best.moves[0][1] == line.parameter.value:
        return None
    value = typed(line.parameter, best.moves[0][1])
    return best if value == line.parameter.value else shorter(search, config, best, ((line.parameter, value),))


def shorter(search: Search, config: Config, best: Found, moves: tuple[tuple[Parameter, float], ...]) -> Found:
    """The same parameters at these values of fewer digits, where they do about as well; otherwise `best`."""
    found = search.at(config, *moves)
    if found is None or worst(found.errors) > worst(best.errors) + _AS_GOOD * search.tolerance:
        return best
    return found if search.passes(found.errors) or not search.passes(best.errors) else best
