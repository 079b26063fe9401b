"""What the values of options are made of: whole numbers, tolerances, times, text, each with its limits."""

from __future__ import annotations

import argparse
import math
from datetime import UTC, datetime
from typing import Final

# Beyond every table; far enough below 2^63 that sums of it stay there.
_LARGEST: Final = 10**15


def at_least(least: int, most: int = _LARGEST) -> type[int]:
    """A type for argparse: a whole number from `least` to `most`; thousands may be set off by `_`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least:,}, not {value:,}")
        if value > most:
            raise argparse.ArgumentTypeError(f"must be at most {most:,}")
        return value

    return convert  # type: ignore[return-value]


def relative_error(text: str) -> float:
    """A type for argparse: a tolerance, as a fraction."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value <= 10 or math.isnan(value):
        raise argparse.ArgumentTypeError("a tolerance lies above 0 and is at most 10 (0.15 = 15 %)")
    return value


def time(text: str) -> datetime:
    """A type for argparse: a moment, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2025-11-22T14:30:00Z") from None
    # Chats are of our time, and at the ends of the calendar neither zones nor windows can be reckoned.
    if not 1971 <= moment.year < 2200:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside the years 1971 to 2199")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def plain_text(text: str) -> str:
    """A type for argparse: text of whole characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("must be text in UTF-8") from None
    return text
