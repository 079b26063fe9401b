"""How numbers are written: thousands with commas, shares in per cent, no negative zero, a dash for the unknown."""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "—"


def count(value: float | None) -> str:
    """1,234,567."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def number(value: float | None, digits: int = 1) -> str:
    """1,234.5 with a fixed number of digits after the point."""
    if value is None:
        return UNKNOWN
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def share(value: float | None) -> str:
    """A fraction 0..1 as per cent: 21.9 %, 0.14 %, <0.01 %."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.0001:
        return "<0.01 %"
    return f"{100 * value:.1f} %" if value >= 0.01 or value == 0 else f"{100 * value:.2f} %"


def signed(value: float | None, digits: int = 1) -> str:
    """A relative difference as per cent with its sign: +3.2 %, −1.0 %, and 0.0 % without one."""
    if value is None:
        return UNKNOWN
    text = f"{100 * value:+,.{digits}f}"
    return f"{text[1:] if not text.strip('+-0.,') else text.replace('-', '−')} %"


def plus(value: float, digits: int) -> str:
    """A number with its sign: +1,234.5, −2.0, and 0.0 without one."""
    text = number(value, digits)
    return ("+" if value > 0 and text.strip("0.,") else "") + text.replace("-", "−")


def relative(expected: float | None, actual: float | None) -> float | None:
    """(actual - expected) / max(expected, 1), as the comparison takes it; None where a side is missing."""
    if expected is None or actual is None:
        return None
    return (actual - expected) / max(expected, 1.0)


def short_digest(digest: str | None) -> str:
    """The first twelve hexadecimal digits of a `sha256:` digest: enough to tell two files apart by eye."""
    if not digest:
        return UNKNOWN
    kind, _, value = digest.rpartition(":")
    return f"{kind}:{value[:12]}" if kind else value[:12]
