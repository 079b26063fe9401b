"""An advice as a value, and its words: one change, the plan of several, and what is expected to come of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shapetui.workbench.intents import SetValues
from shapetui.workbench.judging import Errors
from shapetui.workbench.parameters import WEIGHTS, Kind

SIZES: Final = "messages per conversation"
LENGTHS: Final = "content length"
TYPES: Final[dict[Kind, str]] = {"conversation weight": "conversation types", "message weight": "message types"}
# The four, in the order in which reports have them.
TESTS: Final = ("conversation types", SIZES, "message types", LENGTHS)


@dataclass(frozen=True)
class Step:
    """One change of one parameter, and what is then expected.

    `test` names the test that it is for, `effect` says what becomes of that test's error; `passed` of four.
    """

    key: str
    before: float
    value: float
    test: str
    effect: str
    passed: int

    @property
    def direction(self) -> str:
        """`raise` or `lower`."""
        return "raise" if self.value > self.before else "lower"

    @property
    def all_pass(self) -> bool:
        """Whether nothing else is needed."""
        return self.passed == len(TESTS)

    def __str__(self) -> str:
        change = f"{self.direction} {self.key} by {abs(self.value - self.before):.3g} to {_minus(f'{self.value:.4g}')}"
        return f"{change}: {self.effect}, {self.passed} of 4"


@dataclass(frozen=True)
class Advice:
    """What would help a draft that is not expected to pass, or was not measured to.

    Attributes:
        passed: tests that pass as it is.
        nudge: the one change that helps most; None where none does.
        plan: the smallest set of changes found with which all pass, or the best one; None where nothing helps.
        plan_passed: tests that are expected to pass after the plan.
        unmet: test and reason for each that fails even then.
    """

    passed: int
    nudge: Step | None
    plan: SetValues | None
    plan_passed: int
    unmet: tuple[str, ...]

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
        kinds = {key: next((f"{kind}s" for kind in WEIGHTS if key.startswith(kind)), "") for key, _ in self.plan.values}
        told = dict.fromkeys(kinds[key] or _minus(f"{key} to {value:.4g}") for key, value in self.plan.values)
        change = f"set {', '.join(told)}: {self.passed} -> {self.plan_passed} of 4"
        return f"{change}; {rest}" if rest else change


def effect(test: str, before: Errors, after: Errors, key: str) -> str:
    """What a change of the parameter `key` makes of the largest error of a test; of types, of the one that is moved."""
    own = key.partition("weight ")[2] if test in TYPES.values() else ""
    name = own if own in before else largest(test, before)[0]
    return f"{name} {shown(test, before[name])} -> {shown(test, after.get(name, 0.0))}"


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
