"""The names of keys: as a person writes them in the settings, and as Textual calls them.

The floor of the workbench does not know Textual; a test holds these names against Textual's own.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# Textual's own names for characters whose Unicode name nobody uses (textual.keys.KEY_NAME_REPLACEMENTS).
_RENAMED: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_NAMED: Final = (
    *("enter", "escape", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"),
    *("up", "down", "left", "right"),
    *(f"f{number}" for number in range(1, 25)),
)
_MODIFIERS: Final = {
    **{name: name for name in ("alt", "ctrl", "hyper", "meta", "shift", "super")},
    "control": "ctrl",
    "option": "alt",
}
_ARROWS: Final = {"↑": "up", "↓": "down", "←": "left", "→": "right"}
# What else people call them, and what stands for them in footers.
_ALSO: Final = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "page_down": "pagedown",
    "period": "full_stop",
    "dot": "full_stop",
    "dash": "minus",
    "equals": "equals_sign",
    **_ARROWS,
}
# A terminal sends the same byte for both.
_SAME: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}


def character_name(character: str) -> str:
    """Textual's name of the key that types a character: letters and digits are their own."""
    if character.isalnum():
        return character
    try:
        name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    except ValueError:
        return character
    return _RENAMED.get(name, name)


# All that keyboards of Western Europe print; the names of others need not be written out.
PUNCTUATION: Final = {
    character_name(character): character
    for character in map(chr, range(0x20, 0x100))
    if character.isprintable() and not character.isalnum()
}
# `space` is shown by its name.
_SHOWN: Final = {
    **{name: character for name, character in PUNCTUATION.items() if character.strip()},
    **{name: arrow for arrow, name in _ARROWS.items()},
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}
# What a misspelt name may have meant.
KNOWN_NAMES: Final = (*_NAMED, *PUNCTUATION)


def key_name(said: str) -> str | None:
    """Textual's name of a key that is written as printed (`[`, `F5`, `ctrl+n`) or by that name; None: no such key.

    Letters keep their case, as S is another key than s; all other names are read in any case. With ctrl a letter is
    small, as terminals send no other; shift and a letter are the capital, as terminals send that.
    """
    if len(said) == 1:
        return _plain(said)
    # The last plus may be the key itself: ctrl++.
    held, plus, key = said[:-1].rpartition("+")
    key += said[-1:]
    modifiers = {_MODIFIERS.get(name.strip().lower(), "") for name in held.split("+")} if plus else set()
    name = _plain(key.strip())
    if name is None or "" in modifiers:
        return None
    if len(name) == 1 and name.isalpha():
        if modifiers == {"shift"}:
            return name.upper() if len(name.upper()) == 1 else None
        if modifiers and name.isupper():
            modifiers |= {"shift"} if "alt" in modifiers else set()
            name = name.lower()
    elif modifiers == {"shift"} and (len(name) == 1 or name in PUNCTUATION):
        # Which character that is, only the keyboard knows.
        return None
    full = "+".join([*sorted(modifiers), name])
    return _SAME.get(full, full)


def printed_key(name: str) -> str:
    """Textual's name of a key as a keyboard prints it: `[` for left_square_bracket, `ctrl+]`, `F5`."""
    held, plus, key = name.rpartition("+")
    return f"{held}{plus}{_SHOWN.get(key, key)}"


def _plain(key: str) -> str | None:
    """The name of a key without modifiers."""
    if key in _ALSO:
        return _ALSO[key]
    if len(key) == 1:
        return character_name(key) if key.isprintable() else None
    name = key.lower().replace(" ", "_").replace("-", "_")
    name = _ALSO.get(name, _RENAMED.get(name, name))
    return name if name in _NAMED or name in PUNCTUATION else None
