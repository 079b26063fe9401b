"""The trail: each time that a database was judged, with its decision, its errors, its parameters, and what was changed
before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from shapetui.documents.checks import Check, Decision
from shapetui.documents.config import Config
from shapetui.documents.report import Report
from shapetui.documents.shape import PERCENTILES
from shapetui.fidelity.measures import relative_error
from shapetui.workbench.entry import Entry
from shapetui.workbench.expectation import parameters_of
from shapetui.workbench.grouping import config_of, configs_of, made_from
from shapetui.workbench.parameters import Change

# In the order in which they are shown; `length` is the larger of the two that follow it.
ERRORS: Final = (
    *PERCENTILES,
    "mean",
    "length",
    "length mean",
    "length median",
    "conversation types V",
    "message types V",
)
_NOTHING: Final = "–"
# A check has moved when its distance did by this part of its margin; less is seen in no number that is shown.
_MOVED: Final = 0.01


@dataclass(frozen=True)
class Round:
    """One fidelity report in the trail.

    Attributes:
        number: from 1, in the order of time. `time`: when it was measured, ISO 8601.
        errors: signed fractions by the names of `ERRORS`, V without a sign; None where it is not known.
        config: file name of the config whose rows were measured, the beginning of its digest where no file has it,
            empty where the report does not say.
        parameters: of that config by key; empty where it is not known.
        changes: parameters that differ from the round before, where both are known.
        decision, checks: what the checks came to; None and none in a report of an earlier version.
    """

    number: int
    time: str
    verdict: str
    passed: int
    errors: Mapping[str, float | None] = field(hash=False)
    config: str
    report_path: Path
    parameters: Mapping[str, float] = field(hash=False, default_factory=dict)
    changes: tuple[Change, ...] = ()
    decision: Decision | None = None
    checks: tuple[Check, ...] = field(hash=False, default=())

    @property
    def no_go(self) -> int:
        """How many checks are NO-GO."""
        return sum(check.verdict == "NO-GO" for check in self.checks)


class Moved(NamedTuple):
    """A check of two rounds whose verdict or distance differs; None where a round has no such check."""

    name: str
    before: Check | None
    after: Check | None

    @property
    def turned(self) -> bool:
        """Whether its verdict is another one."""
        return (self.before and self.before.verdict) != (self.after and self.after.verdict)


class Row(NamedTuple):
    """One line of a comparison of two rounds, as text."""

    name: str
    one: str
    other: str


def round_of(number: int, report: Report, path: Path, config: Config | None, name: str, before: Round | None) -> Round:
    """The round of a report. `config`, `name`: what its rows were generated from; `before`: the round before it."""
    parameters = {p.key: p.value for p in parameters_of(config)} if config is not None else {}
    known = bool(parameters) and before is not None and bool(before.parameters)
    return Round(
        number=number,
        time=report.validation_timestamp,
        verdict=report.overall_verdict,
        passed=report.summary.passed_tests,
        errors=errors_of(report),
        config=name,
        report_path=path,
        parameters=parameters,
        changes=changed(before.parameters, parameters) if known and before is not None else (),
        decision=report.decision,
        checks=tuple(report.checks or ()),
    )


def rounds_of(entries: tuple[Entry, ...]) -> tuple[Round, ...]:
    """The rounds of a folder's documents, oldest first; configs are found by the digest that a report names."""
    configs = configs_of(entries)
    reports = [(entry, entry.document) for entry in entries if isinstance(entry.document, Report)]
    rounds: list[Round] = []
    for entry, report in sorted(reports, key=lambda each: (each[1].validation_timestamp, each[0].stamp)):
        found = config_of(entry, configs)
        config = found.document if found is not None and isinstance(found.document, Config) else None
        name = found.path.name if found is not None else next(iter(made_from(entry)), "").removeprefix("sha256:")[:12]
        before = rounds[-1] if rounds else None
        rounds.append(round_of(len(rounds) + 1, report, entry.path, config, name, before))
    return tuple(rounds)


def errors_of(report: Report) -> dict[str, float | None]:
    """The errors of a report by the names of `ERRORS`.

    Reports of the original system tell the errors of lengths without their signs.
    """
    tests = report.tests
    sizes, lengths = tests.messages_per_conversation, tests.content_length
    one, other = report.production, report.synthetic
    mean, median = _float(lengths.mean_error_pct), _float(lengths.median_error_pct)
    if one is not None and other is not None:
        mean = _signed(one.content_length_mean, other.content_length_mean, mean)
        median = _signed(one.content_length_median, other.content_length_median, median)
    return {
        **{name: _float(sizes.percentile_errors.get(name)) for name in PERCENTILES},
        "mean": _float(sizes.mean_error),
        "length": max((each for each in (mean, median) if each is not None), key=abs, default=None),
        "length mean": mean,
        "length median": median,
        "conversation types V": _float(tests.conversation_types.cramers_v),
        "message types V": _float(tests.message_types.cramers_v),
    }


def changed(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Change, ...]:
    """Every parameter that differs by more than rounding."""
    every = [Change(key, before.get(key), after.get(key)) for key in dict.fromkeys([*after, *before])]
    return tuple(change for change in every if change.differs)


def compare_rounds(one: Round, other: Round) -> tuple[Row, ...]:
    """Parameters in which two rounds differ, then all errors that one of them knows, as (name, value, value)."""
    rows = [
        Row(change.key, _number(change.before), _number(change.after))
        for change in (changed(one.parameters, other.parameters) if one.parameters and other.parameters else ())
    ]
    for name in ERRORS:
        values = one.errors.get(name), other.errors.get(name)
        # The larger of two that are shown themselves says nothing more.
        if name != "length" and values != (None, None):
            show = _effect if name.endswith(" V") else _percent
            rows.append(Row(name, show(values[0]), show(values[1])))
    return tuple(rows)


def compare_checks(one: Round, other: Round) -> tuple[Moved, ...]:
    """The checks that moved between two rounds, those whose verdict turned first; none where a round has no checks."""
    if not one.checks or not other.checks:
        return ()
    before, after = ({check.name: check for check in round_.checks} for round_ in (one, other))
    every = [Moved(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    moved = [each for each in every if each.turned or _apart(each.before, each.after)]
    return tuple(sorted(moved, key=lambda each: not each.turned))


def _apart(before: Check | None, after: Check | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(float(after.value) - float(before.value)) > _MOVED * float(before.margin)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _signed(one: float | None, other: float | None, otherwise: float | None) -> float | None:
    return otherwise if one is None or other is None else relative_error(float(one), float(other))


def _number(value: float | None) -> str:
    if value is None:
        return _NOTHING
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "−")


def _effect(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.4f}"


def _percent(value: float | None) -> str:
    if value is None:
        return _NOTHING
    shown = round(100 * value, 1)
    return f"{shown:+.1f} %".replace("-", "−") if shown else "0.0 %"
