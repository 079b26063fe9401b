"""`Workbench`: the one immutable state of the terminal. Widgets show it and send intents; they hold none of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.workbench import intents
from shapetui.workbench.draft import Draft, check_seed, with_all, with_one
from shapetui.workbench.expectation import Expected, expect, parameters_of
from shapetui.workbench.parameters import WEIGHTS, Change, Parameter, changes
from shapetui.workbench.refit import parts_changed

# The draft is part of the state; it has a module of its own for those who only change one.
__all__ = ["Draft", "Loader", "Workbench", "apply", "replay", "sentence", "written"]

_SMALLEST_TARGET, _LARGEST_TARGET = 1, 2_000_000_000


class Loader(Protocol):
    """Reads the documents that intents name; the only thing that touches files."""

    def shape(self, path: Path) -> Shape:
        """Raises DocumentError."""

    def config(self, path: Path) -> Config:
        """Raises DocumentError."""


@dataclass(frozen=True)
class Workbench:
    """The draft, its past and its future.

    Attributes:
        draft: what is being worked on.
        focus: key of the parameter that nudges move; None = the first one.
        past, future: drafts that undo and redo go to, the nearest last.
        refusal: why the last intent changed nothing; empty otherwise.
    """

    draft: Draft = field(default_factory=Draft)
    focus: str | None = None
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()
    refusal: str = ""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the config, in order; none without a config."""
        return parameters_of(self.draft.config) if self.draft.config is not None else ()

    @property
    def focused(self) -> Parameter | None:
        """The parameter that nudges move."""
        return next((p for p in self.parameters if p.key == self.focus), next(iter(self.parameters), None))

    @property
    def unsaved(self) -> bool:
        """Whether the config differs from the one that was loaded or written last."""
        return self.draft.config is not None and self.draft.config != self.draft.loaded

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every parameter that differs from the loaded config, by more than the digits that a nudge drops."""
        loaded = parameters_of(self.draft.loaded) if self.draft.loaded is not None else ()
        return changes(loaded, self.parameters)

    @cached_property
    def refitted(self) -> tuple[str, ...]:
        """The parts that are not those of the loaded config, beyond its parameters (`workbench.refit`)."""
        draft = self.draft
        return parts_changed(draft.loaded, draft.config) if draft.loaded and draft.config else ()

    @property
    def expected(self) -> Expected | None:
        """The expected shape and its tests; None without a config or where it cannot be generated from."""
        found = self._expectation
        return found if isinstance(found, Expected) else None

    @property
    def trouble(self) -> str:
        """Why nothing can be expected of the config; empty where something can, or without a config."""
        found = self._expectation
        return sentence(found) if isinstance(found, PlanError) else ""

    @property
    def _expectation(self) -> Expected | PlanError | None:
        draft = self.draft
        return expect(draft.config, draft.shape, draft.target, draft.tolerance) if draft.config is not None else None


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
    try:
        if isinstance(intent, intents.Wrote):
            return written(workbench, intent.path, load.config(intents.path_of(intent.path)))
        draft = _changed(workbench, intent, load)
    except PlanError as error:
        return replace(workbench, refusal=sentence(error))
    if draft == workbench.draft:
        return workbench
    return replace(workbench, draft=draft, past=(*workbench.past, workbench.draft), future=())


def sentence(error: PlanError) -> str:
    """A refusal as one line: what is wrong, and how to mend it."""
    return f"{error.message}: {error.hint}" if error.hint else error.message


def written(workbench: Workbench, path: str, config: Config) -> Workbench:
    """The workbench after its draft was written to a file as `config`: that is the loaded config from here on.

    A write is no step of undo: it stays written. Undo after it takes back the last change of a parameter, as it would
    have before; the config is then unsaved against the new file, and its next write has that file as its parent. So
    the drafts of the past and the future that were loaded from the same file are given the new one as theirs, with its
    lineage. Drafts from before another config was opened keep their own.
    """
    loaded, lineage = workbench.draft.loaded, config.calibration_metadata

    def rebased(draft: Draft) -> Draft:
        if draft.loaded is not loaded or draft.config is None:
            return draft
        own = draft.config.model_copy(update={"calibration_metadata": lineage, "schema_version": config.schema_version})
        return replace(draft, config_path=path, loaded=config, config=own)

    return replace(
        workbench,
        draft=replace(workbench.draft, config_path=path, loaded=config, config=config),
        past=tuple(rebased(draft) for draft in workbench.past),
        future=tuple(rebased(draft) for draft in workbench.future),
    )


def _changed(workbench: Workbench, intent: intents.Intent, load: Loader) -> Draft:
    draft = workbench.draft
    match intent:
        case intents.OpenShape(path):
            shape = load.shape(intents.path_of(path))
            target = min(max(shape.messages.total_count, _SMALLEST_TARGET), _LARGEST_TARGET)
            return replace(draft, shape_path=path, shape=shape, target=draft.target if draft.config else target)
        case intents.OpenConfig(path):
            config = load.config(intents.path_of(path))
            return replace(draft, config_path=path, loaded=config, config=config, locked=frozenset())
        case intents.Nudge(steps, coarse):
            parameter = workbench.focused
            if parameter is None:
                raise PlanError("there is no config to change", "open or calibrate one (screen 1)")
            value = parameter.nudged(steps, coarse=coarse)
            if steps and value == parameter.value:
                end = "highest" if steps > 0 else "lowest"
                raise PlanError(f"{parameter.key} is at its {end}, {value:g}", "")
            return with_one(draft, parameter, value)
        case intents.SetValue(key, value):
            parameter = _parameter(workbench, key)
            parameter.check(value)
            return with_one(draft, parameter, value)
        case intents.SetValues(values, refit):
            if draft.config is None:
                raise PlanError("there is no config to change", "open or calibrate one (screen 1)")
            return with_all(draft, values, refit)
        case intents.ToggleLock(key):
            if _parameter(workbench, key).kind not in WEIGHTS:
                raise PlanError("only weights can be locked", "")
            return replace(draft, locked=draft.locked ^ {key})
        case intents.SetTarget(messages):
            if not _SMALLEST_TARGET <= messages <= _LARGEST_TARGET:
                raise PlanError(f"a target lies between 1 and {_LARGEST_TARGET:,} messages", "")
            return replace(draft, target=messages)
        case intents.SetSeed(seed):
            check_seed(seed)
            return replace(draft, seed=seed)
        case intents.SetTolerance(tolerance):
            if not 0 < tolerance <= 10:
                raise PlanError("a tolerance lies above 0 and is at most 10", "")
            return replace(draft, tolerance=float(tolerance))
        case _:
            raise AssertionError(intent)


def _parameter(workbench: Workbench, key: str) -> Parameter:
    found = next((p for p in workbench.parameters if p.key == key), None)
    if found is None:
        raise PlanError(f"no parameter {key}", "")
    return found


def replay(lines: list[intents.Intent], load: Loader, on_step: Callable[[Workbench], None] | None = None) -> Workbench:
    """The workbench after all intents, from the beginning. Raises DocumentError when a file cannot be read."""
    workbench = Workbench()
    for intent in lines:
        workbench = apply(workbench, intent, load)
        if on_step is not None:
            on_step(workbench)
    return workbench
