"""What each value of the settings may be: a check for every key, which tells what is wrong and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final, Literal

from shapetui.errors import UsageError
from shapetui.workbench.actions import ACTIONS
from shapetui.workbench.key_names import KNOWN_NAMES, key_name, printed_key

Glyphs = Literal["block", "braille", "ascii"]
GLYPHS: Final[tuple[Glyphs, ...]] = ("block", "braille", "ascii")
SECTIONS: Final = ("keys", "databases")
# More rounds than any config needs; each may take as long as a whole generation.
MOST_ROUNDS: Final = 50
_LONGEST_NAME: Final = 64
_NO_PASSWORDS: Final = "put it in ~/.pgpass (mode 0600) or a service file (service=NAME), and only the rest here"
# Of a text that libpq does not understand: user:password@, with whatever was not percent-encoded.
_USER_AND_PASSWORD: Final = re.compile(r"://[^\s@]*:\S*@")
_USER: Final = re.compile(r"(?<=://)[^\s:@]*@")


class Mistake(Exception):
    """What is wrong with one value, and how to mend it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def _theme(value: object) -> str:
    if not isinstance(value, str):
        raise Mistake(f"must be the name of a theme in quotes, not {kind_of(value)}", 'write theme = "nord"')
    if not value.strip() or len(value) > _LONGEST_NAME or not value.isprintable():
        raise Mistake("is no name of a theme", 'write theme = "nord"')
    return value


def _glyphs(value: object) -> Glyphs:
    for glyphs in GLYPHS:
        if value == glyphs:
            return glyphs
    near = get_close_matches(value, GLYPHS, n=1, cutoff=0.4) if isinstance(value, str) else []
    hint = f"did you mean {near[0]}?" if near else 'write glyphs = "block"'
    other = "" if isinstance(value, str) else f", not {kind_of(value)}"
    raise Mistake(f'must be "block", "braille" or "ascii"{other}', hint)


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    hint = "without quotes" if isinstance(value, str) else "write true or false"
    raise Mistake(f"must be true or false, not {kind_of(value)}", hint)


def _rounds(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        if 1 <= value <= MOST_ROUNDS:
            return value
        raise Mistake(f"must lie between 1 and {MOST_ROUNDS}", "write rounds = 5")
    raise Mistake(f"must be a whole number from 1 to {MOST_ROUNDS}, not {kind_of(value)}", "write rounds = 5")


def _tolerance(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Mistake(f"must be a number, not {kind_of(value)}", "write tolerance = 0.15 for 15 %")
    # Written so that NaN, which lies nowhere, is refused too.
    if not 0 < value <= 10:
        raise Mistake("must lie above 0 and be at most 10", "write tolerance = 0.15 for 15 %")
    return float(value)


SCALARS: Final[dict[str, Callable[[object], Any]]] = {
    "theme": _theme,
    "glyphs": _glyphs,
    "mouse": _switch,
    "readonly": _switch,
    "rounds": _rounds,
    "tolerance": _tolerance,
}


def unknown_setting(name: str) -> tuple[str, str]:
    """What is wrong with a setting that there is not, and what may have been meant."""
    if any(name == action.id for action in ACTIONS):
        return "is no setting but an action", "its keys stand below the line [keys]"
    known = (*SCALARS, *SECTIONS)
    near = get_close_matches(name, known, n=1)
    return "there is no such setting", f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}"


def _misplaced(name: str) -> str | None:
    """The mend of a setting that stands below a section line and so belongs to it."""
    return f"{name} is a setting of its own: it stands above the first [section]" if name in SCALARS else None


def keys_of(name: str, value: object) -> tuple[str, ...]:
    """The keys of an action, each once."""
    ids = [action.id for action in ACTIONS]
    if name not in ids:
        near = get_close_matches(name, ids, n=1)
        hint = f"did you mean {near[0]}?" if near else "shapetui info --keys lists the actions"
        raise Mistake("there is no such action", _misplaced(name) or hint)
    said = value if isinstance(value, list) else [value]
    if not said:
        raise Mistake("needs at least one key", "take the line out for the usual keys")
    return tuple(dict.fromkeys(_key(name, one) for one in said))


def _key(action: str, said: object) -> str:
    if not isinstance(said, str):
        raise Mistake(f"must be a key in quotes or a list of such, not {kind_of(said)}", f'write {action} = "F5"')
    name = key_name(said)
    if name is not None:
        return name
    shown = repr(said[:40])
    if "," in said:
        raise Mistake(f"{shown} is no key", 'several keys are a list: ["u", "ctrl+z"]')
    held, plus, key = said.rpartition("+")
    near = get_close_matches(key.lower(), KNOWN_NAMES, n=1)
    meant = key_name(f"{held}{plus}{near[0]}") if near else None
    if meant is not None:
        raise Mistake(f"{shown} is no key", f"did you mean {printed_key(meant)}?")
    raise Mistake(f"{shown} is no key that a terminal sends", "keys are written like u, U, [, F5, space, enter, ctrl+n")


def database(name: str, value: object) -> str:
    """A connection string that holds no password. No message repeats any of it."""
    if not isinstance(value, str):
        hint = _misplaced(name) or f'write {name} = "service=NAME"'
        raise Mistake(f"must be a connection string in quotes, not {kind_of(value)}", hint)
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Mistake("is no name for a database", "give it a short name of letters and digits")
    # psycopg is loaded only by those who name databases here.
    from shapetui.database.target import FORMS, Target, redact

    if _has_password(value, redact):
        raise Mistake("holds a password", _NO_PASSWORDS)
    try:
        Target.parse(value)
    except UsageError as error:
        raise Mistake(error.message, f"give {FORMS}, without a password") from None
    return value


def _has_password(text: str, redact: Callable[[str], str]) -> bool:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        # As keywords: in a URL the user alone would be taken for a password.
        keywords = make_conninfo("", **{name: str(option) for name, option in conninfo_to_dict(text).items() if option})
    except (ProgrammingError, ValueError):
        # It is no connection string, which is told next; that it holds a password is the greater mistake.
        if _USER_AND_PASSWORD.search(text):
            return True
        keywords = _USER.sub("", text)
    return redact(keywords) != keywords


def kind_of(value: object) -> str:
    """What TOML calls a value."""
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "a section" if isinstance(value, dict) else "a date")
