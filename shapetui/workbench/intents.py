"""What a user asks of the workbench, as values: each can be applied, undone, written to a journal and replayed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from shapetui.errors import DocumentError


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
class ToggleLock:
    """Lock or unlock a weight, by its key."""

    key: str


@dataclass(frozen=True)
class SetTarget:
    """How many messages are to be generated."""

    messages: int


@dataclass(frozen=True)
class SetTolerance:
    """The relative error that passes."""

    tolerance: float


@dataclass(frozen=True)
class Undo:
    """Take back the last change."""


@dataclass(frozen=True)
class Redo:
    """Take back the last undo."""


Intent = OpenShape | OpenConfig | Focus | Nudge | SetValue | ToggleLock | SetTarget | SetTolerance | Undo | Redo

_KINDS: Final[dict[str, type[Intent]]] = {
    kind.__name__: kind
    for kind in (OpenShape, OpenConfig, Focus, Nudge, SetValue, ToggleLock, SetTarget, SetTolerance, Undo, Redo)
}


def to_line(intent: Intent) -> str:
    """One line of a journal."""
    return json.dumps({"intent": type(intent).__name__, **asdict(intent)}, ensure_ascii=False)


def from_line(line: str, where: str) -> Intent:
    """The intent of one line of a journal; `where` names file and line. Raises DocumentError."""
    try:
        raw = json.loads(line)
        kind = _KINDS[raw.pop("intent")]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise DocumentError(f"{where}: no intent of a journal", "remove the line") from None
    expected: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    types = {"str": str, "int": int, "float": (int, float), "bool": bool}
    for name, value in raw.items():
        wanted = types.get(str(expected.get(name)))
        if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise DocumentError(f"{where}: {kind.__name__} has no such {name}", "mend or remove the line")
    try:
        return kind(**raw)
    except TypeError:
        raise DocumentError(f"{where}: {kind.__name__} lacks a value", "mend or remove the line") from None
