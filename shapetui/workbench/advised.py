"""An advice as a value, and its words: one change, the plan of several, and what is expected to come of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shapetui.documents.checks import Check
from shapetui.fidelity.check_words import change_words
from shapetui.workbench.intents import SetValues
from shapetui.workbench.judging import Errors
from shapetui.workbench.outcome import used
from shapetui.workbench.parameters import WEIGHTS, Kind

SIZES: Final = "messages per conversation"
LENGTHS: Final = "content length"
TYPES: Final[dict[Kind, str]] = {"conversation weight": "conversation types", "message weight": "message types"}
# A check costs something where it uses so much more of its limit, and so much of it at all; the first ones are told.
_WORSE, _SEEN, _COSTS = 0.2, 0.6, 2
# The four, in the order in which reports have them.
TESTS: Final = ("conversation types", SIZES, "message types", LENGTHS)


@dataclass(frozen=True)
class Step:
    """One change of one parameter, and what is then expected.

    `test` names the test or check that it is for, `effect` says what becomes of that one's error; `passed` of the four
    tests, `refused` checks that are then NO-GO; `costs`: the checks that become worse, in words.
    """

    key: str
    before: float
    value: float
    test: str
    effect: str
    passed: int
    refused: int = 0
    costs: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        """`raise` or `lower`."""
        return "raise" if self.value > self.before else "lower"

    @property
    def all_pass(self) -> bool:
        """Whether nothing else is needed."""
        return self.passed == len(TESTS) and not self.refused

    def __str__(self) -> str:
        change = f"{self.direction} {self.key} by {number(abs(self.value - self.before), 3)} to {number(self.value, 4)}"
        return "; ".join((f"{change}: {self.effect}, {outcome(self.passed, self.refused)}", *self.costs))


@dataclass(frozen=True)
class Advice:
    """What would help a draft that is not expected to be good, or was not measured to be.

    Attributes:
        passed: tests that pass as it is.
        refused: checks that are NO-GO as it is.
        nudge: the one change that helps most; None where none does.
        plan: the smallest set of changes found with which all is good, or the best one; None where nothing helps.
        plan_passed, plan_refused: what is expected after the plan.
        unmet: test or check, and reason, for each that is not good even then.
    """

    passed: int
    nudge: Step | None
    plan: SetValues | None
    plan_passed: int
    unmet: tuple[str, ...]
    refused: int = 0
    plan_refused: int = 0

    @property
    def plan_helps(self) -> bool:
        """Whether more passes after the plan than as it is."""
        return self.plan is not None and (-self.plan_passed, self.plan_refused) < (-self.passed, self.refused)

    @property
    def sentence(self) -> str:
        """The nudge in one line."""
        return str(self.nudge) if self.nudge is not None else "no single change helps"

    @property
    def plan_sentence(self) -> str:
        """The plan in one line."""
        rest = "; ".join(self.unmet)
        if self.plan is None:
            return f"nothing helps: {rest}"
        parts = [f"fit {', '.join(self.plan.refit)} to the shape anew"] if self.plan.refit else []
        kinds = {key: next((f"{kind}s" for kind in WEIGHTS if key.startswith(kind)), "") for key, _ in self.plan.values}
        told = dict.fromkeys(kinds[key] or f"{key} to {number(value, 4)}" for key, value in self.plan.values)
        before, after = outcome(self.passed, self.refused), outcome(self.plan_passed, self.plan_refused)
        parts += [f"set {', '.join(told)}"] if told else []
        change = f"{', '.join(parts)}: {f'{before} → {after}' if before != after else f'still {after}'}"
        return f"{change}; {rest}" if rest else change


def outcome(passed: int, refused: int) -> str:
    """`3 of 4, 2 NO-GO`."""
    return f"{passed} of {len(TESTS)}" + (f", {refused} NO-GO" if refused else "")


def number(value: float, digits: int) -> str:
    """So many digits, never as a power of ten: `1,410`, `0.0284`, `−0.2`."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 9)}f}"
    return _minus(text.rstrip("0").rstrip(".") if "." in text else text)


def costs(before: Iterable[Check], after: Iterable[Check]) -> tuple[str, ...]:
    """The checks that a change makes clearly worse, the worst first."""
    old = {check.name: check for check in before}
    worse = [check for check in after if check.name in old and used(check) > max(used(old[check.name]) + _WORSE, _SEEN)]
    worse.sort(key=used, reverse=True)
    return tuple(f"costs {change_words(old[check.name], check)}" for check in worse[:_COSTS])


def effect(test: str, before: Errors, after: Errors, key: str) -> str:
    """What a change of the parameter `key` makes of the largest error of a test; of types, of the one that is moved."""
    own = key.partition("weight ")[2] if test in TYPES.values() else ""
    name = own if own in before else largest(test, before)[0]
    return f"{name} {shown(test, before[name])} → {shown(test, after.get(name, 0.0))}"


def largest(test: str, errors: Errors) -> tuple[str, str]:
    """The largest error of a test: its name, and how much it is."""
    name = max(errors, key=lambda each: abs(errors[each]))
    return name, shown(test, errors[name])


def shown(test: str, error: float) -> str:
    """An error as it is read: types in points, all else in percent."""
    digits, unit = (1, "points") if test in TYPES.values() else (0, "%")
    value = round(100 * error, digits)
    return _minus(f"{value:{'+' if value else ''}.{digits}f} {unit}" if value else f"0 {unit}")


def _minus(text: str) -> str:
    """A number with the minus of typography; a hyphen is part of labels."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", text)
