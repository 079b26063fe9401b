"""Names and numbers as all screens write them."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, set_cell_size

# Commas that set off thousands; any other comma may be somebody's decimal point.
THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
VERDICT_STYLES: Final = {"PASS": "bold green", "WARNING": "bold yellow", "FAIL": "bold red"}


def visible(value: object) -> str:
    """The text of a value with everything that cannot be seen spelt out (`\\x1b`); as `cli.console.visible`.

    Labels and notes come out of files and servers; none of their characters may steer the terminal.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def fitted_name(value: object, width: int) -> str:
    """A name in exactly `width` cells: cut with an ellipsis, or padded; wide characters count as two."""
    return set_cell_size(shortened(value, width), width)


def shortened(value: object, width: int) -> str:
    """A name in at most `width` cells, cut with an ellipsis."""
    text = visible(value)
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def percent(value: float | None, digits: int = 1) -> str:
    """A signed fraction as percent; never a negative zero."""
    if value is None:
        return "–"
    shown = round(value * 100, digits)
    return minus(f"{shown + 0.0:+,.{digits}f} %") if shown else f"{0:.{digits}f} %"


def minus(text: str) -> str:
    """Numbers with a minus sign that is as wide as a plus."""
    return text.replace("-", "−")


def duration(seconds: float) -> str:
    """0:07, 12:34, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
