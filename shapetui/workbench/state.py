"""`Workbench`: the one immutable state of the terminal. Widgets show it and send intents; they hold none of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.documents.config import Config
from shapetui.documents.report import Tests
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.fidelity.compare import overall, run_tests
from shapetui.workbench import intents
from shapetui.workbench.parameters import Parameter, parameters, with_value

DEFAULT_TARGET: Final = 1_000_000
_SMALLEST_TARGET, _LARGEST_TARGET = 1, 2_000_000_000


class Loader(Protocol):
    """Reads the documents that intents name; the only thing that touches files."""

    def shape(self, path: Path) -> Shape:
        """Raises DocumentError."""

    def config(self, path: Path) -> Config:
        """Raises DocumentError."""


@dataclass(frozen=True)
class Draft:
    """What undo goes back to: everything that changes what will be generated or how it will be judged."""

    shape_path: str | None = None
    shape: Shape | None = None
    config_path: str | None = None
    loaded: Config | None = None
    config: Config | None = None
    locked: frozenset[str] = frozenset()
    target: int = DEFAULT_TARGET
    tolerance: float = 0.15


@dataclass(frozen=True)
class Expected:
    """What a draft is expected to come out as."""

    shape: Shape
    tests: Tests | None
    verdict: str | None
    passed: int


@dataclass(frozen=True)
class Workbench:
    """The draft, its past and its future.

    Attributes:
        draft: what is being worked on.
        focus: key of the parameter that nudges move; None = the first one.
        past, future: drafts that undo and redo go to, the nearest last.
        refusal: why the last intent changed nothing; empty otherwise.
    """

    draft: Draft = Draft()
    focus: str | None = None
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()
    refusal: str = ""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the config, in order; none without a config."""
        return parameters(self.draft.config) if self.draft.config is not None else ()

    @property
    def focused(self) -> Parameter | None:
        """The parameter that nudges move."""
        return next((p for p in self.parameters if p.key == self.focus), next(iter(self.parameters), None))

    @property
    def unsaved(self) -> bool:
        """Whether the config differs from the one that was loaded or written last."""
        return self.draft.config is not None and self.draft.config != self.draft.loaded

    @cached_property
    def changes(self) -> tuple[tuple[str, float | None, float | None], ...]:
        """`(key, before, after)` of every parameter that differs from the loaded config."""
        before = {p.key: p.value for p in parameters(self.draft.loaded)} if self.draft.loaded else {}
        after = {p.key: p.value for p in self.parameters}
        keys = [*after, *(key for key in before if key not in after)]
        return tuple(
            (key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)
        )

    @cached_property
    def expected(self) -> Expected | None:
        """The expected shape and its tests; None without a config or where it cannot be generated from."""
        draft = self.draft
        if draft.config is None:
            return None
        try:
            model = compile_config(draft.config)
        except PlanError:
            return None
        at = draft.shape.extracted_at if draft.shape else "1970-01-01T00:00:00Z"
        shape = predict(model, draft.target, at, draft.shape.sample_window_days if draft.shape else 0)
        if draft.shape is None:
            return Expected(shape, None, None, 0)
        tests = run_tests(draft.shape, shape, draft.tolerance)
        passed = sum(verdict == "PASS" for verdict in tests.verdicts().values())
        return Expected(shape, tests, overall(passed), passed)


def apply(workbench: Workbench, intent: intents.Intent, load: Loader) -> Workbench:
    """The workbench after an intent. An intent that cannot be carried out changes nothing but `refusal`.

    Raises DocumentError when a file that is to be opened cannot be read.
    """
    workbench = replace(workbench, refusal="")
    match intent:
        case intents.Undo():
            if not workbench.past:
                return replace(workbench, refusal="nothing to undo")
            *past, draft = workbench.past
            return replace(workbench, draft=draft, past=tuple(past), future=(*workbench.future, workbench.draft))
        case intents.Redo():
            if not workbench.future:
                return replace(workbench, refusal="nothing to redo")
            *future, draft = workbench.future
            return replace(workbench, draft=draft, past=(*workbench.past, workbench.draft), future=tuple(future))
        case intents.Focus(key):
            known = any(p.key == key for p in workbench.parameters)
            return replace(workbench, focus=key) if known else replace(workbench, refusal=f"no parameter {key}")
        case _:
            try:
                draft = _changed(workbench, intent, load)
            except PlanError as error:
                return replace(workbench, refusal=f"{error.message}: {error.hint}" if error.hint else error.message)
            if draft == workbench.draft:
                return workbench
            return replace(workbench, draft=draft, past=(*workbench.past, workbench.draft), future=())


def _changed(workbench: Workbench, intent: intents.Intent, load: Loader) -> Draft:
    draft = workbench.draft
    match intent:
        case intents.OpenShape(path):
            shape = load.shape(Path(path))
            target = draft.target if draft.config is not None else max(1, shape.messages.total_count)
            return replace(draft, shape_path=path, shape=shape, target=target)
        case intents.OpenConfig(path):
            config = load.config(Path(path))
            return replace(draft, config_path=path, loaded=config, config=config, locked=frozenset())
        case intents.Nudge(steps, coarse):
            parameter = workbench.focused
            if parameter is None:
                raise PlanError("there is no config to change", "open or calibrate one (screen 1)")
            return _with(draft, parameter, parameter.nudged(steps, coarse=coarse))
        case intents.SetValue(key, value):
            return _with(draft, _parameter(workbench, key), value)
        case intents.ToggleLock(key):
            if not key.startswith(("conversation weight", "message weight")):
                raise PlanError("only weights can be locked", "")
            _parameter(workbench, key)
            return replace(draft, locked=draft.locked ^ {key})
        case intents.SetTarget(messages):
            if not _SMALLEST_TARGET <= messages <= _LARGEST_TARGET:
                raise PlanError(f"a target lies between 1 and {_LARGEST_TARGET:,} messages", "")
            return replace(draft, target=messages)
        case intents.SetTolerance(tolerance):
            if not 0 < tolerance <= 10:
                raise PlanError("a tolerance lies above 0 and is at most 10", "")
            return replace(draft, tolerance=tolerance)
        case _:
            raise AssertionError(intent)


def _parameter(workbench: Workbench, key: str) -> Parameter:
    found = next((p for p in workbench.parameters if p.key == key), None)
    if found is None:
        raise PlanError(f"no parameter {key}", "")
    return found


def _with(draft: Draft, parameter: Parameter, value: float) -> Draft:
    assert draft.config is not None
    if value != value:
        raise PlanError("a parameter must be a number", "")
    config = with_value(draft.config, draft.shape, parameter, value, draft.locked)
    try:
        # Also what pydantic's copies do not check: whether distributions can be made of it.
        compile_config(config)
    except ValueError as error:
        raise PlanError(f"{parameter.key} cannot be {value:g}: {error}", "") from None
    return replace(draft, config=config)


def replay(lines: list[intents.Intent], load: Loader, on_step: Callable[[Workbench], None] | None = None) -> Workbench:
    """The workbench after all intents, from the beginning."""
    workbench = Workbench()
    for intent in lines:
        workbench = apply(workbench, intent, load)
        if on_step is not None:
            on_step(workbench)
    return workbench
