"""What is wrong with a file: values that no document can hold, the place of an error, misspelt keys."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import Any, Final

from pydantic import AliasChoices, BaseModel
from pydantic_core import ErrorDetails

# Our deepest document has eight levels; what is nested far deeper cannot be written back (pydantic stops at 255).
_DEEPEST: Final = 64


def check_values(value: object, depth: int = 0) -> None:
    """Raises for what JSON can say and no document can hold: 1e999, half a character, a thousand levels."""
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("a text holds half a character (an unpaired surrogate)")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number is too large")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_values(key, depth)
            check_values(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_values(inner, depth + 1)


def place_of(error: ErrorDetails) -> str:
    """Where in the file, as keys joined by dots."""
    return ".".join(str(part) for part in error["loc"]) or "the whole file"


def expected_by(error: ErrorDetails) -> str:
    """What was expected there."""
    message = error["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def unknown_key(model: BaseModel, raw: dict[str, Any], place: str = "") -> tuple[str, str | None] | None:
    """The first key of a file of ours that no model knows, and the known key nearest to it."""
    known: dict[str, str] = {}
    for name, field in type(model).model_fields.items():
        alias = field.validation_alias
        names = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [alias or name]
        known |= {str(choice): name for choice in names} | {name: name}
    for key, value in raw.items():
        here = f"{place}{key}"
        if key not in known:
            close = get_close_matches(key, list(known), n=1)
            return here, close[0] if close else None
        for part, inner, where in _inner(getattr(model, known[key]), value, here):
            if found := unknown_key(part, inner, where):
                return found
    return None


def _inner(value: object, raw: Any, place: str) -> list[tuple[BaseModel, dict[str, Any], str]]:
    """Models inside a field's value, with the raw object and the place of each."""
    if isinstance(value, BaseModel) and isinstance(raw, dict):
        return [(value, raw, f"{place}.")]
    if isinstance(value, dict) and isinstance(raw, dict):
        return [
            (part, raw[key], f"{place}.{key}.")
            for key, part in value.items()
            if isinstance(part, BaseModel) and isinstance(raw.get(key), dict)
        ]
    if isinstance(value, list) and isinstance(raw, list):
        return [
            (part, inner, f"{place}.{index}.")
            for index, (part, inner) in enumerate(zip(value, raw, strict=True))
            if isinstance(part, BaseModel) and isinstance(inner, dict)
        ]
    return []
