"""How the checks depend on one parameter: each check over a range of it, and where they all pass.

Thirty predictions at ten milliseconds each: for a thread, not for a key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from shapetui.documents.checks import Check
from shapetui.errors import PlanError
from shapetui.workbench.draft import Draft, with_one
from shapetui.workbench.expectation import Expected, expect, parameters_of
from shapetui.workbench.outcome import used
from shapetui.workbench.parameters import Kind, Parameter
from shapetui.workbench.solving import Stopped
from shapetui.workbench.spans import Span, Spans

POINTS: Final = 31
# How far to both sides of where a parameter is; the others go to a third and to three times of it.
_AROUND: Final[dict[Kind, float]] = {
    "alpha": 1.0,
    "conversation weight": 0.2,
    "message weight": 0.2,
    "mu": 0.5,
    "sigma": 0.3,
}
_TIMES: Final = 3.0
# What stands at zero has no third and no triple.
_SMALLEST: Final = 1e-4
# Between the best point and its neighbours, where all may pass only between two points.
_BETWEEN: Final = 3
# Where tests begin to fail is found to a sixteenth of the way between two points: they tell no distance to go by.
_BISECTIONS: Final = 4


@dataclass(frozen=True)
class Series:
    """One check over the values.

    Attributes:
        name: of the check.
        checks: at each value; None where its numbers are not there.
        used: how much of what it allows is used: 1 is the last that is good, 2 the margin twice; 0 where there is none.
        span: where it passes, around the present value or nearest to it; None where it passes nowhere.
    """

    name: str
    checks: tuple[Check | None, ...]
    used: tuple[float, ...]
    span: Span | None

    def variation(self, most: float) -> float:
        """How far it goes over the range, up to `most` of what it allows: beyond that nobody looks."""
        held = [min(value, most) for value in self.used]
        return max(held) - min(held)


@dataclass(frozen=True)
class Passing:
    """One of the four tests over the values; `span` as of a check."""

    name: str
    passes: tuple[bool, ...]
    span: Span | None


@dataclass(frozen=True)
class Sensitivity:
    """What a parameter does to the checks.

    Attributes:
        parameter: as it is in the draft.
        values: of the parameter, increasing; the present one among them.
        present: the index of that.
        series: the checks, in the order of a report.
        tests: the four tests.
        four: where all four pass.
        all_pass: where they do and every check is within what it allows.
        no_refusal: where they do and no check is NO-GO.
    """

    parameter: Parameter
    values: tuple[float, ...]
    present: int
    series: tuple[Series, ...]
    tests: tuple[Passing, ...]
    four: Span | None
    all_pass: Span | None
    no_refusal: Span | None

    @cached_property
    def passed(self) -> tuple[int, ...]:
        """How many of the four tests pass at each value."""
        return tuple(sum(test.passes[at] for test in self.tests) for at in range(len(self.values)))

    @property
    def best(self) -> int:
        """The index of the value at which most tests pass and the worst check is least bad; the nearest of such."""
        at = range(len(self.values))
        return min(at, key=lambda each: (-self.passed[each], self.worst[each], abs(each - self.present)))

    @cached_property
    def worst(self) -> tuple[float, ...]:
        """How much the worst check uses of what it allows, at each value."""
        return tuple(max((one.used[at] for one in self.series), default=0.0) for at in range(len(self.values)))


def sensitivity(
    draft: Draft, key: str, points: int = POINTS, should_stop: Callable[[], bool] = lambda: False
) -> Sensitivity:
    """The checks of a draft over about so many values of the parameter `key`, around where it is, within its limits.

    Raises PlanError where nothing is judged, and where the parameter cannot be moved; Stopped when `should_stop`
    says so, which is asked between two values.
    """
    parameter = next((p for p in parameters_of(draft.config) if p.key == key), None) if draft.config else None
    if parameter is None:
        raise PlanError(f"there is no parameter {key}", "open or calibrate a config (screen 1)")
    start = _expected(draft)
    if isinstance(start, PlanError):
        raise start
    found, refused = {parameter.value: start}, None
    for value in grid(parameter, points):
        refused = _look(draft, parameter, value, found, should_stop) or refused
    if len(found) == 1:
        raise refused or PlanError(f"{key} cannot be moved", "")
    if (made := _made(parameter, found)).all_pass is None:
        for value in _between(made):
            _look(draft, parameter, value, found, should_stop)
    for _ in range(_BISECTIONS):
        for value in _edges(_made(parameter, found)):
            _look(draft, parameter, value, found, should_stop)
    return _made(parameter, found)


def grid(parameter: Parameter, points: int) -> tuple[float, ...]:
    """The values that are looked at, increasing, the present one among them; evenly spaced, or by a factor."""
    value = parameter.value
    if parameter.factor:
        low, high = (value / _TIMES if value > 0 else 0.0), max(value, _SMALLEST) * _TIMES
    else:
        low, high = value - _AROUND[parameter.kind], value + _AROUND[parameter.kind]
    low, high = max(parameter.lowest, low), min(parameter.highest, high)
    spaced = np.geomspace(low, high, points) if parameter.factor and low > 0 else np.linspace(low, high, points)
    nearest = min(spaced.tolist()[1:-1], key=lambda each: abs(each - value))
    # It gives way to the present value, so that none lies right beside that.
    others = [parameter.limited(each) for each in spaced.tolist() if each != nearest]
    return tuple(sorted({value, *others}))


def _look(
    draft: Draft, parameter: Parameter, value: float, found: dict[float, Expected], should_stop: Callable[[], bool]
) -> PlanError | None:
    """Adds what is expected at a value; why nothing is."""
    if should_stop():
        raise Stopped
    if value in found:
        return None
    try:
        changed = with_one(draft, parameter, value)
    except PlanError as error:
        return error
    expected = _expected(changed)
    if isinstance(expected, PlanError):
        return expected
    now = parameters_of(changed.config) if changed.config is not None else ()
    # Not always what was asked for: xmin goes to the nearest edge that the shape knows.
    found.setdefault(next((p.value for p in now if p.key == parameter.key), value), expected)
    return None


def _expected(draft: Draft) -> Expected | PlanError:
    found = expect(draft.config, draft.shape, draft.target, draft.tolerance) if draft.config is not None else None
    if found is None or (isinstance(found, Expected) and found.tests is None):
        return PlanError("nothing is judged", "open a shape and a config first (screen 1)")
    return found


def _between(made: Sensitivity) -> list[float]:
    """Values around the best one that was looked at: most tests passed, least of what is allowed used."""
    values, best = made.values, made.best
    ends = [values[at] for at in (best - 1, best + 1) if 0 <= at < len(values)]
    steps = np.arange(1, _BETWEEN + 1) / (_BETWEEN + 1)
    found = [values[best] + (end - values[best]) * float(step) for end in ends for step in steps]
    return [made.parameter.limited(value) for value in found]


def _edges(made: Sensitivity) -> list[float]:
    """Values halfway between the last point at which all four tests pass and the first at which they do not."""
    if made.four is None:
        return []
    values = made.values
    pairs = []
    if not made.four.open_low:
        pairs.append((made.four.low, values[values.index(made.four.low) - 1]))
    if not made.four.open_high:
        pairs.append((made.four.high, values[values.index(made.four.high) + 1]))
    return [made.parameter.limited((one + other) / 2) for one, other in pairs]


def _made(parameter: Parameter, found: dict[float, Expected]) -> Sensitivity:
    values = tuple(sorted(found))
    present = values.index(parameter.value)
    results = [found[value] for value in values]
    spans = Spans(values, present, parameter.whole)
    series = []
    for name in dict.fromkeys(check.name for result in results for check in result.checks.checks):
        checks = tuple(result.checks.named(name) for result in results)
        uses = tuple(used(check) if check is not None else 0.0 for check in checks)
        series.append(Series(name, checks, uses, spans.within(uses)))
    verdicts = [result.tests.verdicts() if result.tests is not None else {} for result in results]
    tests = []
    for name in dict.fromkeys(name for verdict in verdicts for name in verdict):
        passes = tuple(verdict.get(name) == "PASS" for verdict in verdicts)
        tests.append(Passing(name.replace("_", " "), passes, spans.where(passes)))
    four = [all(test.passes[at] for test in tests) for at in range(len(values))]
    # A failing test is as bad as can be: no value between is told of it.
    uses = tuple(
        max((one.used[at] for one in series), default=0.0) if four[at] else math.inf for at in range(len(values))
    )
    refusals = [result.checks.decision == "NO-GO" for result in results]
    return Sensitivity(
        parameter=parameter,
        values=values,
        present=present,
        series=tuple(series),
        tests=tuple(tests),
        four=spans.where(four),
        all_pass=spans.within(uses),
        no_refusal=spans.where([good and not refused for good, refused in zip(four, refusals, strict=True)]),
    )
