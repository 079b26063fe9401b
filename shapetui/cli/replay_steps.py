"""The steps of a journal in words, as `shapetui replay` prints them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from shapetui.workbench import intents
from shapetui.workbench.intents import Intent
from shapetui.workbench.parameters import changes
from shapetui.workbench.state import Workbench

# A journal may hold numbers of thousands of digits.
_LONGEST: Final = 40
# Of what one step has moved; the end lists everything.
_MOST_MOVES: Final = 3


@dataclass(frozen=True)
class Step:
    """One line of a journal and the workbench before and after it."""

    where: str
    intent: Intent
    before: Workbench
    after: Workbench

    @property
    def line(self) -> int:
        """Its line in the journal."""
        return int(self.where.rpartition(":")[2])

    @property
    def outcome(self) -> str:
        """What came of it: a refusal, or the expected verdict."""
        return f"refused: {self.after.refusal}" if self.after.refusal else verdict_of(self.after)


def verdict_of(workbench: Workbench) -> str:
    """What is expected of the draft, in a few words; empty where there is nothing to judge."""
    if workbench.trouble:
        return workbench.trouble
    expected = workbench.expected
    if expected is None or not expected.verdict:
        return ""
    decision = expected.checks.decision
    return f"{expected.verdict}, {expected.passed} of 4" + (f", {decision}" if decision else "")


def described(step: Step) -> str:
    """An intent in words, with the values of the parameter that it moved."""
    match step.intent:
        case intents.OpenShape(path):
            return f"open shape {path}"
        case intents.OpenConfig(path):
            return f"open config {path}"
        case intents.Wrote(path):
            return f"wrote {path}"
        case intents.Focus(key):
            return f"focus on {key}"
        case intents.Nudge(steps, coarse):
            moved = step.before.focused
            key = moved.key if moved is not None else "nothing"
            return f"nudge {key} by {steps}{' coarse' if coarse else ''}{_moved(step, key)}"
        case intents.SetValue(key, value):
            return f"set {key} to {number(value)}{_moved(step, key)}"
        case intents.ToggleLock(key):
            return f"{'unlock' if key in step.before.draft.locked else 'lock'} {key}"
        case intents.SetTarget(messages):
            return f"target {number(messages)} messages"
        case intents.SetTolerance(tolerance):
            return f"tolerance {number(tolerance)}"
        case intents.Undo() | intents.Redo():
            return f"{type(step.intent).__name__.lower()}{_all_moved(step)}"
        case intents.SetValues(values, refit):
            told = [f"fit {part} to the shape anew" for part in refit]
            told += [f"set {', '.join(f'{key} to {number(value)}' for key, value in values)}"] if values else []
            return f"{', '.join(told) or 'set nothing'}{_all_moved(step)}"
        case _:
            said = ", ".join(f"{name} {value}" for name, value in asdict(step.intent).items())
            return f"{type(step.intent).__name__}: {said}"


def number(value: float) -> str:
    """A number of a journal, which may be anything that JSON can hold."""
    if isinstance(value, int):
        text = f"{value:,}"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{value:g}"


def _moved(step: Step, key: str) -> str:
    """` (2.5 → 2.6)` where the parameter has moved."""
    before, after = ({p.key: p.value for p in side.parameters}.get(key) for side in (step.before, step.after))
    return "" if before == after else f" ({value_of(before)} → {value_of(after)})"


def _all_moved(step: Step) -> str:
    """` (alpha TEXT 2.5 → 2.6, and 2 more)`: the parameters that have moved."""
    moved = changes(step.before.parameters, step.after.parameters)
    said = [f"{change.key} {value_of(change.before)} → {value_of(change.after)}" for change in moved[:_MOST_MOVES]]
    if len(moved) > _MOST_MOVES:
        said.append(f"and {len(moved) - _MOST_MOVES} more")
    return f" ({', '.join(said)})" if said else ""


def value_of(value: float | None) -> str:
    """A parameter's value; None where a config has no such parameter."""
    return "none" if value is None else f"{value:.6g}"
