"""How a piece of text looks on a terminal: SGR sequences read, and the shortest that leads from one look to another."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

# Underline, blinking, reverse, strike, overline: what shows the foreground on a blank too.
_SEEN_ON_BLANKS: Final = frozenset({"4", "5", "6", "7", "9", "21", "53"})
_ON: Final = frozenset({"1", "2", "3", "8"}) | _SEEN_ON_BLANKS
_OFF: Final = {
    "22": {"1", "2"},
    "23": {"3"},
    "24": {"4", "21"},
    "25": {"5", "6"},
    "27": {"7"},
    "28": {"8"},
    "29": {"9"},
    "55": {"53"},
}
_FOREGROUNDS: Final = frozenset({"39", *map(str, range(30, 38)), *map(str, range(90, 98))})
_BACKGROUNDS: Final = frozenset({"49", *map(str, range(40, 48)), *map(str, range(100, 108))})


class Look(NamedTuple):
    """Attributes and colours, each as its SGR code."""

    attributes: frozenset[str] = frozenset()
    foreground: str = "39"
    background: str = "49"


PLAIN: Final = Look()


# Looks are few and come by the thousand in a frame. The limits only keep a gradient from filling the memory.
@lru_cache(4096)
def after(look: Look, parameters: str) -> Look:
    """The look after `ESC [ parameters m`. Raises ValueError for a code that is not known here."""
    codes = [code.lstrip("0") or "0" for code in parameters.split(";")]
    attributes, foreground, background = set(look.attributes), look.foreground, look.background
    at = 0
    while at < len(codes):
        code = codes[at]
        length = 1
        if code in ("38", "48"):
            length = {"2": 5, "5": 3}.get(codes[at + 1] if at + 1 < len(codes) else "", 0)
            if not length or at + length > len(codes):
                raise ValueError(f"no colour: {parameters}")
            colour = ";".join(codes[at : at + length])
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code == "0":
            attributes, foreground, background = set(), "39", "49"
        elif code in _FOREGROUNDS:
            foreground = code
        elif code in _BACKGROUNDS:
            background = code
        elif code in _OFF:
            attributes -= _OFF[code]
        elif code in _ON:
            attributes.add(code)
        else:
            raise ValueError(f"an unknown attribute: {parameters}")
        at += length
    return Look(frozenset(attributes), foreground, background)


@lru_cache(4096)
def on_blank(look: Look) -> Look:
    """What of a look can be seen on a blank: two blanks with the same `on_blank` are the same picture."""
    return look if look.attributes & _SEEN_ON_BLANKS else Look(background=look.background)


@lru_cache(4096)
def for_blank(now: Look, look: Look) -> Look:
    """The look nearest to `now` in which a blank shows as it does in `look`."""
    if look.attributes & _SEEN_ON_BLANKS:
        return look
    return Look(now.attributes - _SEEN_ON_BLANKS, now.foreground, look.background)


@lru_cache(4096)
def change(now: Look, look: Look) -> str:
    """The SGR sequence that turns one look into another; empty for the same."""
    if now == look:
        return ""
    if look == PLAIN:
        return "\x1b[m"
    codes: list[str] = []
    if now.attributes - look.attributes:
        now = PLAIN
        codes.append("0")
    codes += sorted(look.attributes - now.attributes)
    codes += [look.foreground] if look.foreground != now.foreground else []
    codes += [look.background] if look.background != now.background else []
    return f"\x1b[{';'.join(codes)}m"
