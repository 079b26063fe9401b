"""The settings as a file: where it lies, its text, what TOML makes of it, and the lines on which its keys stand.

`tomllib` reads TOML but keeps no lines; `key_lines` finds them in a text that `tomllib` has found valid.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shapetui.errors import UsageError

VARIABLE: Final = "SHAPETUI_SETTINGS"
# A file with every setting and a comment on each has 6 KB.
LARGEST: Final = 64 * 1024
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})|' r"'''.*?'''(?:'{0,2})|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'", re.DOTALL
)
# Between keys and between the values of an array.
_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE: Final = re.compile(r"[^,\]}#\n]*")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

KeyPath = tuple[str, ...]


def settings_path(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Where the settings are: the file given, SHAPETUI_SETTINGS, or `shapetui/settings.toml` in the user's folder."""
    if given is not None or environ.get(VARIABLE):
        named = given if given is not None else Path(environ[VARIABLE])
        try:
            return named.expanduser()
        except RuntimeError:  # ~ of a user that does not exist
            return named
    base = environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification: a relative path is invalid and to be ignored.
    if os.path.isabs(base):
        return Path(base) / "shapetui" / "settings.toml"
    home = environ.get("HOME") or os.path.expanduser("~")
    return Path(home) / ".config" / "shapetui" / "settings.toml"


def is_named(given: Path | None, environ: Mapping[str, str]) -> bool:
    """Whether somebody named the file, so that it must be there."""
    return given is not None or bool(environ.get(VARIABLE))


def read_settings_text(path: Path, *, named: bool) -> str | None:
    """The text of the file; None when the default file is not there.

    Raises UsageError: not there though named, unreadable, larger than `LARGEST`, not UTF-8.
    """
    try:
        # O_NONBLOCK: opening a pipe would wait for somebody to write to it.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            # /dev/null, for no settings at all, is well; what never ends is cut off by the size.
            if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
                raise UsageError(f"{path}: is no file", "give the path of a .toml file")
            content = stream.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        if not named:
            return None
        raise UsageError(
            f"{path}: no such file", f"give another with --settings, or unset {VARIABLE} for the defaults"
        ) from None
    except IsADirectoryError:
        raise UsageError(f"{path}: is a folder, not a file", "give the path of a .toml file") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
        raise UsageError(f"{path}: cannot be read: {reason}", "check its path and permissions") from None
    if len(content) > LARGEST:
        raise UsageError(f"{path}: is larger than {LARGEST // 1024} KB", "is this the file you mean?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: not text in UTF-8", "save the file as UTF-8") from None


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The table of a TOML text. Raises UsageError naming file and line; it repeats nothing of the text."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        lines = text.split("\n")
        line = max(range(len(lines)), key=lambda index: lines[index].count("[") + lines[index].count("{")) + 1
        raise UsageError(f"{path}:{line}: not TOML: nested too deeply", "is this the file you mean?") from None
    except ValueError as error:  # TOMLDecodeError, and numbers with too many digits
        said = str(error)
        found = _PLACE.search(said)
        if found is None:
            # Python reads no number of more than 4,300 digits, and tomllib does not say where it stands.
            digits = re.search(r"[\d_]{4300}", text)
            line = text.count("\n", 0, digits.start()) + 1 if digits else 1
            raise UsageError(f"{path}:{line}: not TOML: a number with too many digits", "mend the number") from None
        what = said[: found.start()]
        line = int(found[1]) if found[1] else text.rstrip().count("\n") + 1
        column = f", column {found[2]}" if found[2] else ", at its end"
        raise UsageError(f"{path}:{line}: not TOML: {what[0].lower()}{what[1:]}{column}", _mend(what)) from None


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line of every key and section, two levels deep, of a text that is valid TOML; where it stands first."""
    scan = _Scan(text)
    scan.document()
    return scan.lines


def _mend(what: str) -> str:
    if re.search("overwrite|twice|already|mutate|duplicate", what, re.IGNORECASE):
        return "each setting and each section stands once"
    return 'a line is NAME = VALUE or [SECTION]; text stands in quotes: theme = "nord"'


class _Scan:
    """One way through a valid text: keys are noted, values are passed over."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text, self._at = text, 0
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def document(self) -> None:
        section: KeyPath = ()
        while self._past_blanks() < len(self._text):
            if not self._text.startswith("[", self._at):
                self._pair(section)
                continue
            start = self._at
            brackets = 2 if self._text.startswith("[[", self._at) else 1
            self._at += brackets
            section = _path(self._key("]"))
            self._at += brackets
            self._note(section, start)

    def _pair(self, section: KeyPath) -> None:
        start = self._at
        path = (*section, *_path(self._key("=")))
        self._at += 1
        self._note(path, start)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._past_blanks()
        first = self._text[self._at : self._at + 1]
        if first in ("[", "{"):
            self._at += 1
            end = "]" if first == "[" else "}"
            while self._text[self._past_blanks()] != end:
                if self._text[self._at] == ",":
                    self._at += 1
                elif first == "[":
                    self._value(path)
                else:
                    self._pair(path)
            self._at += 1
        elif string := _STRING.match(self._text, self._at):
            self._at = string.end()
        else:
            self._at = _end(_BARE, self._text, self._at)

    def _key(self, end: str) -> str:
        """The text up to a character that stands in no string."""
        start = self._at
        while self._text[self._at] != end:
            string = _STRING.match(self._text, self._at)
            self._at = string.end() if string else self._at + 1
        return self._text[start : self._at]

    def _past_blanks(self) -> int:
        self._at = _end(_BLANK, self._text, self._at)
        return self._at

    def _note(self, path: KeyPath, at: int) -> None:
        for depth in (1, 2):
            self.lines.setdefault(path[:depth], bisect_right(self._ends, at - 1) + 1)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _path(key: str) -> KeyPath:
    """The parts of a key as it is written: bare, quoted, dotted."""
    table: Any = tomllib.loads(f"{key}=0")
    parts: list[str] = []
    while isinstance(table, dict):
        ((part, table),) = table.items()
        parts.append(part)
    return tuple(parts)
