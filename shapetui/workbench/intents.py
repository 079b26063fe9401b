"""What a user asks of the workbench, as values: each can be applied, undone, written to a journal and replayed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, get_args

from shapetui.errors import DocumentError, PlanError


@dataclass(frozen=True)
class OpenShape:
    """Take this file's shape as production's."""

    path: str


@dataclass(frozen=True)
class OpenConfig:
    """Work on this file's config."""

    path: str


@dataclass(frozen=True)
class Focus:
    """The parameter that nudges move, by its key."""

    key: str


@dataclass(frozen=True)
class Nudge:
    """Move the focused parameter by some steps."""

    steps: int
    coarse: bool = False


@dataclass(frozen=True)
class SetValue:
    """Set a parameter, by its key."""

    key: str
    value: float


@dataclass(frozen=True)
class SetValues:
    """Set several parameters in one step: (key, value) in the order in which they are set, each key once.

    Weights of one kind hold each other: given all together they come out exactly, as a sum of 1. Before them, the
    parts named in `refit` are fitted to the shape anew (`workbench.refit`).
    """

    values: tuple[tuple[str, float], ...]
    refit: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.refit)


@dataclass(frozen=True)
class ToggleLock:
    """Lock or unlock a weight, by its key."""

    key: str


@dataclass(frozen=True)
class SetTarget:
    """How many messages are to be generated."""

    messages: int


@dataclass(frozen=True)
class SetSeed:
    """The text that decides which rows come out; None = the generator's own."""

    seed: str | None


@dataclass(frozen=True)
class SetTolerance:
    """The relative error that passes."""

    tolerance: float


@dataclass(frozen=True)
class Wrote:
    """The draft was written to this file, which is the loaded config from here on."""

    path: str


@dataclass(frozen=True)
class Undo:
    """Take back the last change."""


@dataclass(frozen=True)
class Redo:
    """Take back the last undo."""


Intent = (
    OpenShape
    | OpenConfig
    | Focus
    | Nudge
    | SetValue
    | SetValues
    | ToggleLock
    | SetTarget
    | SetSeed
    | SetTolerance
    | Wrote
    | Undo
    | Redo
)

# How the only fields that are no plain values are annotated.
_PAIRS: Final = "tuple[tuple[str, float], ...]"
_NAMES: Final = "tuple[str, ...]"
_KINDS: Final[dict[str, type[Intent]]] = {kind.__name__: kind for kind in get_args(Intent)}


def to_line(intent: Intent) -> str:
    """One line of a journal, in ASCII: a path may hold bytes that are no UTF-8 (as Python's half characters)."""
    return json.dumps({"intent": type(intent).__name__, **asdict(intent)})


def from_line(line: str, where: str) -> Intent:
    """The intent of one line of a journal; `where` names file and line. Raises DocumentError."""
    try:
        raw = json.loads(line)
        kind = _KINDS[raw.pop("intent")]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise DocumentError(f"{where}: no intent of a journal", "remove the line") from None
    expected = {field.name: str(field.type) for field in fields(kind)}
    for name, value in raw.items():
        if expected.get(name) == _PAIRS:
            raw[name] = _pairs(value, f"{where}: {kind.__name__}")
        elif expected.get(name) == _NAMES and isinstance(value, list) and all(_is_a(each, "str") for each in value):
            raw[name] = tuple(value)
        elif not _is_a(value, expected.get(name)):
            raise DocumentError(f"{where}: {kind.__name__} has no such {name[:40]!a}", "mend or remove the line")
    try:
        return kind(**raw)
    except TypeError:
        raise DocumentError(f"{where}: {kind.__name__} lacks a value", "mend or remove the line") from None


def _is_a(value: object, wanted: str | None) -> bool:
    """Whether a value of JSON is of the type that a field is annotated with."""
    types: dict[str | None, Any] = {
        "str": str,
        "str | None": (str, type(None)),
        "int": int,
        "float": (int, float),
        "bool": bool,
    }
    return isinstance(value, types.get(wanted, ())) and (not isinstance(value, bool) or wanted == "bool")


def _pairs(value: object, who: str) -> tuple[tuple[str, float], ...]:
    """The values of SetValues; JSON knows no tuples. Raises DocumentError."""
    pairs = []
    for pair in value if isinstance(value, list) else [value]:
        if not (isinstance(pair, list) and len(pair) == 2 and _is_a(pair[0], "str") and _is_a(pair[1], "float")):
            raise DocumentError(f"{who} takes a list of [key, number] pairs", "mend or remove the line")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def path_of(text: str) -> Path:
    """The path that a text names. Raises PlanError for one that no file can have."""
    try:
        encoded = os.fsencode(text)
    except UnicodeEncodeError:
        raise PlanError("a path cannot hold half a character", "") from None
    if not text or b"\0" in encoded:
        raise PlanError("a path cannot be empty or hold a zero byte", "")
    return Path(text)
