"""`shapetui info`: what a report of a bug needs to say of this machine, and the keys of the workbench.

No secret and no name of a host is in it: of most variables it is only said whether they are set.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from shapetui.cli.console import say, stdout_console, write_json
from shapetui.errors import EXIT_GOOD, ShapetuiError, UsageError
from shapetui.version import __version__
from shapetui.workbench.actions import EVERYWHERE, PLACES, Action
from shapetui.workbench.key_names import printed_key
from shapetui.workbench.settings import bound, load_settings
from shapetui.workbench.settings_file import settings_path

_PACKAGES: Final = ("textual", "rich", "plotext", "psycopg", "numpy", "scipy", "pydantic", "pyarrow", "pgpq")
# What says how the terminal is driven, and nothing about anybody.
_SHOWN: Final = ("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_THEME", "LANG")
_ASKED: Final = (
    "SHAPETUI_HOME",
    "SHAPETUI_SETTINGS",
    "SHAPETUI_PRODUCTION_URL",
    "SHAPETUI_SYNTHETIC_URL",
    "ANONYMIZATION_SALT",
    "PGPASSWORD",
    "TMUX",
    "SSH_CONNECTION",
)
_NOT_THERE: Final = "not installed"


def run_info(asked: Namespace) -> int:
    """Prints it; returns the exit code. Raises UsageError with `--keys` when the settings are not valid."""
    if asked.keys:
        # With wrong settings nobody can say which keys there are.
        actions = bound(load_settings(asked.settings, os.environ))
        if asked.json:
            write_json({"command": "info", "keys": [_plain_action(action) for action in actions]})
        else:
            say(keys_table(actions))
        return EXIT_GOOD
    parts: dict[str, Mapping[str, Any]] = {
        "versions": versions(),
        "paths": paths(asked.directory, asked.settings),
        "environment": environment(os.environ),
        "terminal": terminal(),
    }
    if asked.json:
        write_json({"command": "info", **parts})
    else:
        say("\n\n".join(_section(title, lines) for title, lines in parts.items()))
    return EXIT_GOOD


def versions() -> dict[str, str]:
    """Versions by name; packages are not imported for that, but for libpq's, which only it knows."""
    found = {"shapetui": __version__, "Python": platform.python_version(), "system": _system()}
    found |= {name: _version(name) for name in _PACKAGES}
    found["libpq"] = _libpq()
    found["embedded PostgreSQL"] = _embedded()
    return found


def paths(directory: Path, settings: Path | None) -> dict[str, str]:
    """Where everything lies, and whether the settings are there and valid."""
    from shapetui.database.embedded import data_home
    from shapetui.documents.workspace import Workspace
    from shapetui.workbench.journal import journal_folder, unfinished

    with suppress(OSError):
        directory = directory.absolute()
    journals, reports = journal_folder(directory), Workspace(directory).reports
    lost = unfinished(directory)
    return {
        "settings": _settings_state(settings),
        "data": _folder_state(data_home()),
        "logs": _folder_state(data_home() / "logs", "bug-*.log", "traceback"),
        "reports": _folder_state(reports, "*.json", "document"),
        "journals": _folder_state(journals, "journal-*.jsonl", "session")
        + (f"; unfinished: {lost.name}" if lost else ""),
    }


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Which variables are set; the value only of those that say how the terminal is driven."""
    # One that is misspelt is what explains a puzzle, so all of ours are listed.
    others = sorted(name for name in environ if name.startswith("SHAPETUI_") and name not in _ASKED)
    found = {name: "set" if environ.get(name) else "not set" for name in _ASKED}
    found |= dict.fromkeys(others, "set, but shapetui knows no such variable")
    return found | {name: environ.get(name) or "not set" for name in _SHOWN}


def terminal() -> dict[str, str]:
    """What stdin, stdout and stderr are, and what stdout can show."""
    streams = {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr")}
    seen = [name for name, stream in streams.items() if stream is not None and stream.isatty()]
    size = "unknown"
    for name in seen:
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(streams[name].fileno())
            size = f"{columns} x {lines}"
    console = stdout_console()
    colours = {"standard": "16", "256": "256", "truecolor": "16 million", "windows": "16"}
    coloured = "none" if console.no_color else colours.get(console.color_system or "", "none")
    return {
        "terminals": ", ".join(seen) or "none of stdin, stdout and stderr",
        "size": size,
        "encoding": str(getattr(sys.stdout, "encoding", None) or "unknown"),
        "colours of stdout": coloured,
    }


def keys_table(actions: Sequence[Action]) -> str:
    """The keys, first those of everywhere, then screen by screen."""
    rows = [(" ".join(map(printed_key, action.keys)), action) for action in actions]
    wide = max(len(keys) for keys, _ in rows)
    named = max(len(action.id) for action in actions)
    parts = []
    for place in (EVERYWHERE, *PLACES):
        here = [(keys, action) for keys, action in rows if place in action.places]
        lines = [f"  {keys:<{wide}}  {action.id:<{named}}  {action.help}" for keys, action in here]
        parts += ["\n".join([place, *lines])] if lines else []
    return "\n\n".join(parts)


def _section(title: str, lines: Mapping[str, Any]) -> str:
    wide = max(map(len, lines))
    return "\n".join([title, *(f"  {name:<{wide}}  {value}" for name, value in lines.items())])


def _plain_action(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "keys": list(action.keys),
        "printed": [printed_key(key) for key in action.keys],
        "title": action.title,
        "help": action.help,
        "places": list(action.places),
        "writes": action.writes,
    }


def _system() -> str:
    # Not platform.platform() or uname's node, which name the host's build or the host.
    return f"{platform.system()} {platform.machine()}"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return _NOT_THERE


def _libpq() -> str:
    try:
        from psycopg import pq
    except ImportError:
        return _NOT_THERE
    number = pq.version()
    return f"{number // 10000}.{number % 10000} ({pq.__impl__})"


def _embedded() -> str:
    """PostgreSQL's version, as its own header says it, and that of the wheel that it comes with."""
    from shapetui.database.embedded_binaries import INSTALL, PACKAGE, WHEEL

    wheel = _version(WHEEL)
    if wheel == _NOT_THERE:
        return wheel
    with suppress(OSError, importlib.metadata.PackageNotFoundError):
        header = importlib.metadata.distribution(WHEEL).locate_file(f"{PACKAGE}/{INSTALL}/include/pg_config.h")
        if said := re.search(r'#define PG_VERSION "([^"]*)"', Path(str(header)).read_text(errors="replace")):
            return f"{said[1]} ({WHEEL} {wheel})"
    return f"{WHEEL} {wheel}"


def _settings_state(given: Path | None) -> str:
    path = settings_path(given, os.environ)
    try:
        settings = load_settings(given, os.environ)
    except UsageError as error:
        mend = f" ({error.hint})" if error.hint else ""
        return f"{path}: not valid: {error.message.removeprefix(f'{path}:').strip()}{mend}"
    return f"{path}: valid" if settings.path is not None else f"{path}: not there, so all is as by default"


def _folder_state(folder: Path, pattern: str = "", what: str = "") -> str:
    """A folder, and how many files of a kind are in it."""
    try:
        if not folder.is_dir():
            return f"{folder}: not there"
        if not pattern:
            return str(folder)
        count = len(list(folder.glob(pattern)))
        return f"{folder} ({count} {what}{'' if count == 1 else 's'})"
    except (OSError, ShapetuiError) as error:
        return f"{folder}: cannot be read ({type(error).__name__})"
