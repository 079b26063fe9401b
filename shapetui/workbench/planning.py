"""From a draft that is not expected to be good to the fewest changes with which it is.

First towards what fits production best (`nearest`). Where that is not enough, because the model cannot be fitted (no
body, no cells of production), the four tests alone: types are set to production's shares (`shares`), sizes and lengths
are searched (`solving`). Last, parts that no parameter moves are fitted anew (`refit`). What is found is confirmed by
the same prediction that the screen shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from shapetui.documents.config import Config
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.fidelity.check_words import amount, change_words, check_name
from shapetui.fidelity.compare import length_errors
from shapetui.workbench import shares
from shapetui.workbench.advised import LENGTHS, SIZES, TESTS, TYPES, Advice, Step, costs, effect, largest
from shapetui.workbench.anchors import Anchor, anchors, refits
from shapetui.workbench.draft import Draft, with_all
from shapetui.workbench.expectation import expect, parameters_of
from shapetui.workbench.intents import SetValues
from shapetui.workbench.judging import Errors, LengthJudge, SizeJudge
from shapetui.workbench.nearest import nearest, with_parts
from shapetui.workbench.outcome import NOTHING, Moves, State, typed, used
from shapetui.workbench.parameters import Kind, Parameter
from shapetui.workbench.solving import Found, Search, Stopped, best_single, best_together, worst

# In the order in which they are planned: what types are mixed decides what is left for sizes and lengths.
_HALVES: Final[tuple[tuple[Kind, str], ...]] = (("conversation weight", SIZES), ("message weight", LENGTHS))


# The checks that say the same as a test does.
_TOLD: Final = {
    "conversation types": ("conversation_types",),
    SIZES: ("sizes", "p50", "p90", "p95", "p99"),
    "message types": ("message_types",),
    LENGTHS: ("lengths", "mean_length"),
}
# A change that takes less of what is beyond the limits is none.
_LEAST: Final = 0.05
# So many parameters, the farthest from their fit, are tried as the one change.
_SINGLES: Final = 4


@dataclass(frozen=True)
class Judged:
    """A draft and production's shape.

    What a measurement told: `bias` by test is added to what is expected; tests in `failed` and checks in `refused`
    were measured to be bad and are not expected to be.
    """

    draft: Draft
    shape: Shape
    should_stop: Callable[[], bool]
    bias: tuple[tuple[str, Errors], ...] = ()
    failed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

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
        measured = {check.name for check in report.checks or () if check.verdict == "NO-GO"}
        return replace(self, bias=bias, failed=frozenset(failed), refused=frozenset(measured - expected.refused))

    def state(self, config: Config, moves: SetValues = NOTHING) -> State | None:
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
        return State(config, errors, frozenset(passing), found.checks.checks, moves)

    def advice(self, start: State) -> Advice | None:
        """For a config that is not good; None where nothing is bad and nothing would be better. Raises Stopped."""
        alone: dict[str, Found | None] = {}
        found = anchors(start.config, self.shape, self.draft.locked)
        end = nearest(start, found, self._after)
        if not end.all_pass:
            end = min(end, self._planned(start, alone), key=lambda state: state.rank)
        if not end.all_pass:
            parts = refits(start.config, self.shape)
            whole = nearest(start, [*found, *parts], self._after)
            # What no parameter moves may be all that is wrong beside the best plan.
            end = min(whole, with_parts(end, parts, self._after), key=lambda state: state.rank)
        if start.all_pass and not self.refused and not end.rank < start.rank:
            return None
        return Advice(
            passed=len(start.passing),
            refused=len(start.refused | self.refused),
            nudge=self._nudge(start, found, alone),
            plan=end.moves or None,
            plan_passed=len(end.passing),
            plan_refused=len(end.refused | self.refused),
            unmet=tuple(self._unmet(end)),
        )

    def _planned(self, start: State, alone: dict[str, Found | None]) -> State:
        """The state after the fewest changes; `alone` gets what one parameter can do for a test of the draft itself."""
        end = start
        for kind, name in _HALVES:
            if TYPES[kind] not in end.passing:
                to_set = shares.to_set(end.config, self.shape, kind, self.draft.locked)
                end = self._better(end, self._after(_more(end.moves, to_set)), TYPES[kind])
            if name in end.passing or not end.errors[name]:
                continue
            before, search = end, self._search(name, end)
            single = best_single(search, before.config)
            if before is start:
                alone[name] = single
            found = best_together(search, before.config, single)
            if found is None:
                continue
            after = self._after(_more(before.moves, found.moves))
            end = self._better(before, after, name)
            if after is not None and name not in after.passing and search.passes(found.errors):
                # The prediction counts whole conversations, the search does not: once more, by the difference.
                search = self._search(name, before, _difference(after.errors[name], found.errors))
                found = best_together(search, before.config, best_single(search, before.config))
                end = self._better(end, self._after(_more(before.moves, found.moves)) if found else None, name)
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

    def _after(self, moves: SetValues) -> State | None:
        """The draft with all these set; None where that cannot be. Raises Stopped."""
        try:
            config = with_all(self.draft, moves.values, moves.refit).config
        except PlanError:
            return None
        return self.state(config, moves) if config is not None else None

    @staticmethod
    def _better(one: State, other: State | None, name: str) -> State:
        """The one of two with more tests passed, or of as many the one with the smaller error in a test."""
        if other is None or len(other.passing) != len(one.passing):
            return one if other is None or len(other.passing) < len(one.passing) else other
        return other if other.errors[name] and worst(other.errors[name]) < worst(one.errors[name]) else one

    def _nudge(self, start: State, found: list[Anchor], alone: dict[str, Found | None]) -> Step | None:
        """The one change after which it is best; the farthest from their fit are tried, and what a test asks for."""
        moves = [anchor.moves[0] for anchor in found if len(anchor.moves) == 1][:_SINGLES]
        moves = [(key, typed(start.parameters[key], value)) for key, value in moves]
        for kind, name in _HALVES:
            move = shares.one_to_set(start.config, self.shape, kind, self.draft.locked)
            if move is not None and (
                TYPES[kind] not in start.passing or kind.replace("weight", "types") in start.refused
            ):
                moves.append(move)
            if name not in start.passing and start.errors[name]:
                one = alone[name] if name in alone else best_single(self._search(name, start), start.config)
                moves += one.moves if one is not None else ()
        states = [state for move in dict.fromkeys(moves) if (state := self._after(SetValues((move,)))) is not None]
        best = min(states, key=lambda state: state.rank, default=start)
        if not _clearly(best, start):
            return None
        key, value = best.moves.values[0]
        parameter = start.parameters[key]
        told = self._effect(start, best, parameter)
        return Step(
            key, parameter.value, value, *told, len(best.passing), len(best.refused), costs(start.checks, best.checks)
        )

    @staticmethod
    def _effect(start: State, after: State, parameter: Parameter) -> tuple[str, str]:
        """What a change is for, a test or else a check, and what becomes of that."""
        failing = [name for name in TESTS if name not in start.passing and start.errors[name]]

        def gain(name: str) -> float:
            return worst(start.errors[name]) - worst(after.errors[name])

        test = max(failing, key=gain, default=None)
        if test is not None and gain(test) > 0:
            return test, effect(test, start.errors[test], after.errors[test], parameter.key)
        later = {check.name: check for check in after.checks}
        known = [check for check in start.checks if check.name in later]
        check = max(known, key=lambda check: used(check) - used(later[check.name]))
        return check.name, change_words(check, later[check.name])

    def _unmet(self, end: State) -> Iterator[str]:
        """Each test and check that is not expected to pass even then, with the reason."""
        yield from (f"{name}: {self._why(name, end)}" for name in TESTS if name not in end.passing)
        for check in end.checks:
            if check.name in self.refused:
                yield f"{check_name(check.name)}: measured otherwise than expected: generate again"
            elif check.verdict == "NO-GO" and not any(
                check.name in _TOLD[name] for name in TESTS if name not in end.passing
            ):
                yield f"{check_name(check.name)}: stays {amount(check.value, check.unit)} off, {check.verdict}"

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


def _clearly(after: State, before: State) -> bool:
    """Whether one is better by more than a trifle."""
    return after.rank[:3] < before.rank[:3] or (
        after.rank[:3] == before.rank[:3] and after.rank[3] <= before.rank[3] - _LEAST
    )


def _more(moves: SetValues, values: Moves) -> SetValues:
    return replace(moves, values=moves.values + values)


def _difference(found: Errors, expected: Errors) -> Errors:
    return {name: error - expected[name] for name, error in found.items() if name in expected}


def _added(errors: Errors, bias: Errors) -> Errors:
    return {name: error + bias.get(name, 0.0) for name, error in errors.items()}


def _summed(one: Errors, other: Errors) -> Errors:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in one.keys() | other.keys()}
