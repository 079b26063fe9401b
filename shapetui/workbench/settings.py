"""The settings of the workbench, read from a TOML file whose mistakes are told with file, line, key and mend.

theme = "nord"            # any theme of the terminal
glyphs = "block"          # block, braille or ascii
mouse = true
readonly = false          # true: nothing is written to any database
rounds = 5                # of the loop until PASS, 1 to 50
tolerance = 0.15          # the relative error that passes

[keys]                    # ids as `shapetui info --keys` lists them
generate = "F5"
undo = ["u", "ctrl+z"]

[databases]               # without passwords: those belong in ~/.pgpass or a service file
staging = "service=staging"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from shapetui.errors import UsageError
from shapetui.workbench.actions import ACTIONS, EVERYWHERE, PLACES, Action
from shapetui.workbench.key_names import printed_key
from shapetui.workbench.settings_file import (
    KeyPath,
    is_named,
    key_lines,
    parse_toml,
    read_settings_text,
    settings_path,
)
from shapetui.workbench.settings_values import (
    SCALARS,
    SECTIONS,
    Glyphs,
    Mistake,
    database,
    keys_of,
    kind_of,
    unknown_setting,
)


@dataclass(frozen=True)
class Settings:
    """What a person has chosen, or the defaults.

    Attributes:
        theme: a theme's name; whether there is such a theme only the terminal knows. None: the terminal's default.
        glyphs: what plots are drawn with.
        mouse: whether the mouse is used.
        readonly: whether nothing is written to any database.
        rounds: how many rounds the loop may take.
        tolerance: the relative error that passes.
        keys: Textual's names of the keys by action id, only of the actions that were given others.
        databases: connection strings without passwords, by name.
        path: the file that they come from; None = all defaults.
    """

    theme: str | None = None
    glyphs: Glyphs = "block"
    mouse: bool = True
    readonly: bool = False
    rounds: int = 5
    tolerance: float = 0.15
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    databases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    path: Path | None = None

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """Textual's names of the keys of an action."""
        return self.keys.get(action.id, action.keys)

    def with_options(
        self,
        *,
        theme: str | None = None,
        glyphs: Glyphs | None = None,
        mouse: bool | None = None,
        readonly: bool | None = None,
        tolerance: float | None = None,
    ) -> Self:
        """The settings with what the command line said instead; None = it did not say."""
        said = {"theme": theme, "glyphs": glyphs, "mouse": mouse, "readonly": readonly, "tolerance": tolerance}
        changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        return replace(self, **changes)


def bound(settings: Settings) -> tuple[Action, ...]:
    """The table of actions with the user's keys."""
    return tuple(replace(action, keys=settings.keys_of(action)) for action in ACTIONS)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (`--settings`; None: where `settings_path` looks). No file by default: the defaults.

    Raises UsageError naming file, line, key and mend.
    """
    where = settings_path(path, environ)
    text = read_settings_text(where, named=is_named(path, environ))
    return Settings() if text is None else parse_settings(text, where)


def parse_settings(text: str, path: Path) -> Settings:
    """The settings that a text says; `path` names it in errors. Raises UsageError: the first of its mistakes."""
    return _Reader(path, parse_toml(text, path), key_lines(text)).settings()


class _Reader:
    """Turns a table into settings and gathers its mistakes, so that the first one of the file is told."""

    def __init__(self, path: Path, table: dict[str, Any], lines: Mapping[KeyPath, int]) -> None:
        self._path, self._table, self._lines = path, table, lines
        self._mistakes: list[tuple[int, str, str]] = []

    def settings(self) -> Settings:
        """The settings. Raises UsageError."""
        scalars: dict[str, Any] = {}
        for name, value in self._table.items():
            if name in SCALARS:
                self._take(scalars, (name,), partial(SCALARS[name], value))
            elif name not in SECTIONS:
                self._note((name,), *unknown_setting(name))
        keys: dict[str, tuple[str, ...]] = {}
        for name, value in self._section("keys"):
            self._take(keys, ("keys", name), partial(keys_of, name, value))
        databases: dict[str, str] = {}
        for name, value in self._section("databases"):
            self._take(databases, ("databases", name), partial(database, name, value))
        found = Settings(**scalars, keys=MappingProxyType(keys), databases=MappingProxyType(databases), path=self._path)
        self._note_clashes(found)
        if not self._mistakes:
            return found
        line, message, hint = min(self._mistakes)
        more = f" (and {len(self._mistakes) - 1} more)" if len(self._mistakes) > 1 else ""
        raise UsageError(f"{self._path}:{line}: {message}{more}", hint)

    def _section(self, name: str) -> list[tuple[str, Any]]:
        section = self._table.get(name, {})
        if isinstance(section, dict):
            return list(section.items())
        self._note((name,), f"is a section, not {kind_of(section)}", f"write [{name}] on a line, its lines below it")
        return []

    def _take(self, into: dict[str, Any], path: KeyPath, read: Callable[[], Any]) -> None:
        try:
            into[path[-1]] = read()
        except Mistake as mistake:
            self._note(path, mistake.message, mistake.hint)

    def _note(self, path: KeyPath, message: str, hint: str) -> None:
        self._mistakes.append((self._lines.get(path, 1), f"{_shown(path)}: {message}", hint))

    def _note_clashes(self, settings: Settings) -> None:
        """Two actions of one place on one key: told at the line of the one that was put there later."""
        actions = bound(settings)
        told: set[tuple[str, str, str]] = set()
        for place in dict.fromkeys([*PLACES, *(place for action in actions for place in action.places)]):
            taken: dict[str, Action] = {}
            for action in (action for action in actions if place != EVERYWHERE and action.applies(place)):
                for key in action.keys:
                    other = taken.setdefault(key, action)
                    newer, older = sorted((action, other), key=lambda a: self._lines.get(("keys", a.id), 0))[::-1]
                    if other is action or newer.id not in settings.keys or (key, newer.id, older.id) in told:
                        continue
                    told.add((key, newer.id, older.id))
                    everywhere = EVERYWHERE in newer.places and EVERYWHERE in older.places
                    where = "" if everywhere else f", on the screen {place}"
                    message = f"{printed_key(key)} is the key of {older.id} already{where}"
                    self._note(("keys", newer.id), message, f"give {newer.id} or {older.id} another key")


def _shown(path: KeyPath) -> str:
    """A key as a message names it."""
    return ".".join(part if part.replace("-", "").replace("_", "").isalnum() else repr(part[:40]) for part in path)
