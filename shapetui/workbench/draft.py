"""The draft: what is being worked on, and what a change of its parameters makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.documents.validation import expected_by
from shapetui.errors import PlanError
from shapetui.workbench.adjust import with_value, with_values
from shapetui.workbench.expectation import with_original_keys
from shapetui.workbench.parameters import Parameter
from shapetui.workbench.refit import refitted

DEFAULT_TARGET: Final = 1_000_000
_LONGEST_SEED: Final = 200
# So that a line of a journal (64 KB) holds them: a key and its number take at most 450 characters there.
MOST_VALUES: Final = 128


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
    seed: str | None = None
    tolerance: float = 0.15


def check_seed(seed: str | None) -> None:
    """Raises PlanError for a text that the ledger of a database or a report could not hold."""
    if seed is None:
        return
    if not seed or len(seed) > _LONGEST_SEED or not seed.isprintable():
        raise PlanError(f"a seed has 1 to {_LONGEST_SEED} printable characters", "")


def with_one(draft: Draft, parameter: Parameter, value: float) -> Draft:
    """The draft with one of its parameters at a value. Raises PlanError."""
    if draft.config is None or value == parameter.value:
        return draft
    config, shape, locked = draft.config, draft.shape, draft.locked
    said = f"{parameter.key} cannot be {value:g}"
    return _changed_by(draft, lambda: with_value(config, shape, parameter, value, locked), said, f"{parameter.key}: ")


def with_all(draft: Draft, values: tuple[tuple[str, float], ...], refit: tuple[str, ...] = ()) -> Draft:
    """The draft with parts fitted anew, then several parameters at values; all of it or, with PlanError, nothing."""
    if draft.config is None or not (values or refit):
        return draft
    if len(values) + len(refit) > MOST_VALUES:
        raise PlanError(f"one step sets at most {MOST_VALUES} parameters, not {len(values):,}", "set them in several")
    config, shape, locked = draft.config, draft.shape, draft.locked

    def change() -> Config:
        return with_values(refitted(config, shape, refit), shape, values, locked)

    return _changed_by(draft, change, "these values cannot be set")


def _changed_by(draft: Draft, change: Callable[[], Config], said: str, before: str = "") -> Draft:
    """The draft with what `change` makes of its config; the errors of that told as refusals. Raises PlanError."""
    if draft.config is None:
        return draft
    try:
        config = change()
        if config == draft.config:
            return draft
        # This also finds what the documents do not check: whether distributions can be made of it.
        config = with_original_keys(config, draft.config)
    except ValidationError as error:
        reason = expected_by(error.errors(include_url=False, include_input=False)[0])
        raise PlanError(f"{said}: {reason}", "") from None
    except PlanError as error:
        raise PlanError(f"{before}{error.message}", error.hint) from None
    except (ValueError, ArithmeticError) as error:
        raise PlanError(f"{said}: {error}", "") from None
    return replace(draft, config=config)
