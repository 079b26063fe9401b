"""From a draft that is not expected to pass to the fewest changes with which it is.

Types are set to production's shares (`shares`); sizes and lengths are searched (`solving`). What a search finds is
confirmed by the same prediction that the screen shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from shapetui.documents.config import Config
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.fidelity.compare import length_errors
from shapetui.workbench import shares
from shapetui.workbench.advised import LENGTHS, SIZES, TESTS, TYPES, Advice, Step, effect, largest
from shapetui.workbench.draft import Draft, with_all
from shapetui.workbench.expectation import expect, parameters_of
from shapetui.workbench.intents import SetValues
from shapetui.workbench.judging import Errors, LengthJudge, SizeJudge
from shapetui.workbench.parameters import Kind
from shapetui.workbench.solving import Found, Search, Stopped, best_single, best_together, worst

Moves = tuple[tuple[str, float], ...]

# In the order in which they are planned: what types are mixed decides what is left for sizes and lengths.
_HALVES: Final[tuple[tuple[Kind, str], ...]] = (("conversation weight", SIZES), ("message weight", LENGTHS))


@dataclass(frozen=True)
class State:
    """A config as it is judged: the errors of each test by its name, the tests that pass, what is set to come here."""

    config: Config
    errors: dict[str, Errors]
    passing: frozenset[str]
    moves: Moves = ()


@dataclass(frozen=True)
class Judged:
    """A draft and production's shape; `bias` by test is added to what is expected, `failed` was measured to fail."""

    draft: Draft
    shape: Shape
    should_stop: Callable[[], bool]
    bias: tuple[tuple[str, Errors], ...] = ()
    failed: frozenset[str] = frozenset()

    def taught(self, report: Report, source: Config) -> Judged:
        """With what a measurement of the config `source` tells beyond its expectation."""
        expected, tests, side = self.state(source), report.tests, report.synthetic
        if expected is None:
            return self
        sizes = {name: float(error) for name, error in tests.messages_per_conversation.percentile_errors.items()}
        lengths = None
        if side is not None and side.content_length_mean is not None and side.content_length_median is not None:
            lengths = length_errors(self.shape, float(side.content_length_mean), float(side.content_length_median))
        types = {"conversation types": tests.conversation_types, "message types": tests.message_types}
        # Of types a report tells no shares: what was expected to pass and did not cannot be made up for here.
        failed = {name for name, test in types.items() if test.verdict == "FAIL"} & expected.passing
        bias = tuple(
            (name, _difference(errors, expected.errors[name]))
            for name, errors in ((SIZES, sizes), (LENGTHS, lengths or {}))
        )
        return replace(self, bias=bias, failed=frozenset(failed))

    def state(self, config: Config, moves: Moves = ()) -> State | None:
        """How a config is expected to be judged; None where that cannot be told. Raises Stopped."""
        if self.should_stop():
            raise Stopped
        found = expect(config, self.shape, self.draft.target, self.draft.tolerance)
        if isinstance(found, PlanError) or found.tests is None:
            return None
        verdicts, messages, bias = found.tests.verdicts(), found.shape.messages, dict(self.bias)
        lengths = length_errors(self.shape, messages.content_length_mean, messages.content_length_median) or {}
        errors = {
            SIZES: _added(dict(found.tests.messages_per_conversation.percentile_errors), bias.get(SIZES, {})),
            LENGTHS: _added(lengths, bias.get(LENGTHS, {})),
        }
        passing = {name for name, each in errors.items() if each and worst(each) < self.draft.tolerance}
        for kind, name in TYPES.items():
            errors[name] = shares.differences(self.shape, found.shape, kind)
            if verdicts[name.replace(" ", "_")] == "PASS" and name not in self.failed:
                passing.add(name)
        return State(config, errors, frozenset(passing), moves)

    def advice(self, start: State) -> Advice:
        """For a config that does not pass. Raises Stopped."""
        alone: dict[str, Found | None] = {}
        end = self._planned(start, alone)
        return Advice(
            passed=len(start.passing),
            nudge=self._nudge(start, alone),
            plan=SetValues(end.moves) if end.moves else None,
            plan_passed=len(end.passing),
            unmet=tuple(f"{name}: {self._why(name, end)}" for name in TESTS if name not in end.passing),
        )

    def _planned(self, start: State, alone: dict[str, Found | None]) -> State:
        """The state after the fewest changes; `alone` gets what one parameter can do for a test of the draft itself."""
        end = start
        for kind, name in _HALVES:
            if TYPES[kind] not in end.passing:
                to_set = shares.to_set(end.config, self.shape, kind, self.draft.locked)
                end = self._better(end, self._after(end.moves + to_set), TYPES[kind])
            if name in end.passing or not end.errors[name]:
                continue
            before, search = end, self._search(name, end)
            single = best_single(search, before.config)
            if before is start:
                alone[name] = single
            found = best_together(search, before.config, single)
            if found is None:
                continue
            after = self._after(before.moves + found.moves)
            end = self._better(before, after, name)
            if after is not None and name not in after.passing and search.passes(found.errors):
                # The prediction counts whole conversations, the search does not: once more, by the difference.
                search = self._search(name, before, _difference(after.errors[name], found.errors))
                found = best_together(search, before.config, best_single(search, before.config))
                end = self._better(end, self._after(before.moves + found.moves) if found else None, name)
        return end

    def _search(self, name: str, state: State, beyond: Errors | None = None) -> Search:
        bias = _summed(dict(self.bias).get(name, {}), beyond or {})
        target = self.draft.target
        judge = (
            SizeJudge(state.config, self.shape, target, bias)
            if name == SIZES
            else LengthJudge(self.shape, target, bias)
        )
        return Search(judge, self.shape, self.draft.locked, self.draft.tolerance, self.should_stop)

    def _after(self, moves: Moves) -> State | None:
        """The draft with all these set; None where that cannot be. Raises Stopped."""
        try:
            config = with_all(self.draft, moves).config
        except PlanError:
            return None
        return self.state(config, moves) if config is not None else None

    @staticmethod
    def _better(one: State, other: State | None, name: str) -> State:
        """The one of two with more tests passed, or of as many the one with the smaller error in a test."""
        if other is None or len(other.passing) != len(one.passing):
            return one if other is None or len(other.passing) < len(one.passing) else other
        return other if other.errors[name] and worst(other.errors[name]) < worst(one.errors[name]) else one

    def _nudge(self, start: State, alone: dict[str, Found | None]) -> Step | None:
        """The one change after which most tests pass; of several the one that takes most of its test's error."""
        found: list[tuple[int, float, Step]] = []

        def consider(test: str, move: tuple[str, float] | None) -> frozenset[str]:
            after = self._after((move,)) if move is not None else None
            if move is None or after is None or after.config is start.config:
                return start.passing
            left = worst(after.errors[test]) / (worst(start.errors[test]) or 1.0)
            if (-len(after.passing), left) < (-len(start.passing), 1.0):
                before = next(p.value for p in parameters_of(start.config) if p.key == move[0])
                step = Step(
                    *(move[0], before, move[1]),
                    test,
                    effect(test, start.errors[test], after.errors[test], move[0]),
                    len(after.passing),
                )
                found.append((-len(after.passing), left, step))
            return after.passing

        for kind, name in _HALVES:
            passing = start.passing
            if TYPES[kind] not in passing:
                passing = consider(TYPES[kind], shares.one_to_set(start.config, self.shape, kind, self.draft.locked))
            # Where types alone do it, nothing that takes a search can do more.
            if name not in passing and start.errors[name]:
                one = alone[name] if name in alone else best_single(self._search(name, start), start.config)
                consider(name, one.moves[0] if one is not None else None)
        return min(found, key=lambda each: each[:2])[2] if found else None

    def _why(self, name: str, end: State) -> str:
        """Why a test is not expected to pass."""
        kind = next((kind for kind, test in TYPES.items() if test == name), None)
        errors = end.errors[name]
        if kind is None:
            if not errors:
                return "production's numbers are not known"
            return "{} stays at {}".format(*largest(name, errors))
        counts, known = shares.counts_of(self.shape, kind), [p for p in parameters_of(end.config) if p.kind == kind]
        lacking = [label for label in counts if counts[label] and label not in {p.label for p in known}]
        if name in self.failed:
            return "measured otherwise than generated: generate again"
        if locked := [p.label for p in known if p.key in self.draft.locked]:
            return f"{', '.join(locked)} locked"
        if lacking:
            return f"the config has no {', '.join(lacking)}"
        return "{} stays {} off".format(*largest(name, errors)) if errors else "production's numbers are not known"


def _difference(found: Errors, expected: Errors) -> Errors:
    return {name: error - expected[name] for name, error in found.items() if name in expected}


def _added(errors: Errors, bias: Errors) -> Errors:
    return {name: error + bias.get(name, 0.0) for name, error in errors.items()}


def _summed(one: Errors, other: Errors) -> Errors:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in one.keys() | other.keys()}
