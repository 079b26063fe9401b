"""What a config comes to: the errors of the four tests and the checks, and which of two configs is the better one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shapetui.documents.checks import Check
from shapetui.documents.config import Config
from shapetui.workbench.expectation import parameters_of
from shapetui.workbench.intents import SetValues
from shapetui.workbench.judging import Errors
from shapetui.workbench.parameters import WEIGHTS, Parameter

Moves = tuple[tuple[str, float], ...]

NOTHING: Final = SetValues(())
# A number is good up to two noises, whatever its margin (`fidelity.gate`).
_NOISES: Final = 2.0


def used(check: Check) -> float:
    """How much of what a check allows is used: 1 is the last that is good."""
    limit = max(check.margin, _NOISES * check.noise)
    return check.value / limit if limit > 0 else (2.0 if check.value > 0 else 0.0)


@dataclass(frozen=True)
class State:
    """A config as it is judged.

    Attributes:
        errors: of each of the four tests, by its name.
        passing: the tests that pass.
        checks: as they are expected.
        moves: what is set to come here from the draft.
    """

    config: Config
    errors: dict[str, Errors]
    passing: frozenset[str]
    checks: tuple[Check, ...]
    moves: SetValues = NOTHING

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Those of the config, by their keys."""
        return {parameter.key: parameter for parameter in parameters_of(self.config)}

    @property
    def refused(self) -> frozenset[str]:
        """The checks that are NO-GO."""
        return frozenset(check.name for check in self.checks if check.verdict == "NO-GO")

    @property
    def all_pass(self) -> bool:
        """Whether the four tests pass and no check is NO-GO."""
        return len(self.passing) == len(self.errors) and not self.refused

    @property
    def strain(self) -> float:
        """The largest part of a limit that is used; above 1 something is not as it should be."""
        return max(map(used, self.checks), default=0.0)

    def good(self, part: float = 1.0) -> bool:
        """Whether the four tests pass and every check is within this part of what it allows."""
        return len(self.passing) == len(self.errors) and self.strain <= part

    @property
    def rank(self) -> tuple[int, int, int, float]:
        """For comparing: the smaller, the better."""
        strains = [used(check) for check in self.checks]
        beyond = sum(min(strain - 1, 10.0) for strain in strains if strain > 1)
        return -len(self.passing), len(self.refused), sum(strain > 1 for strain in strains), beyond


def typed(parameter: Parameter, value: float) -> float:
    """A value in the digits that a person would type; shares of types are exact or wrong."""
    if parameter.kind in WEIGHTS:
        return value
    return parameter.limited(float(f"{value:.3g}") if parameter.factor and not parameter.whole else round(value, 2))
