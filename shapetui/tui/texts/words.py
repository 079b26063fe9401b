"""Names and numbers as all screens write them."""

from __future__ import annotations

import re
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from shapetui.workbench.jobnews import JobNews

# Commas that set off thousands; any other comma may be somebody's decimal point.
THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
VERDICT_STYLES: Final = {"PASS": "bold green", "WARNING": "bold yellow", "FAIL": "bold red"}
# Of a check, and of the decision that all of them make.
CHECK_STYLES: Final = {"NO-GO": "bold red", "INCONCLUSIVE": "bold yellow", "WARN": "bold yellow", "GO": "bold green"}
_COMMAND: Final = re.compile(r"\brun the same command\b|\bthe same command\b")
# A space at which `hanging` ends no line.
TOGETHER: Final = "\xa0"
# 1.41e+03, as the formats `g` of other modules write what has more digits than they show.
_POWER: Final = re.compile(r"(?<![\w.])(\d(?:\.\d+)?)e([+-]\d{2,3})(?!\w)")


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


def prose(text: str) -> str:
    """A sentence of the engine as a screen writes it: arrows, and thousands instead of powers of ten."""
    return _POWER.sub(_in_full, visible(text).replace(" -> ", " → "))


def _in_full(found: re.Match[str]) -> str:
    mantissa, power = found.group(1), int(found.group(2))
    # What is longer than a number that is read at a glance stays as it is.
    if not -5 < power < 16:
        return found.group()
    digits = max(0, len(mantissa.partition(".")[2]) - power)
    return f"{float(found.group()):,.{digits}f}"


def hanging(text: str, width: int, indent: int, first: int | None = None) -> str:
    """A text in lines of at most `width`, all of them moved in, the first by another number where one is given."""
    lines = wrap(
        text,
        max(width, indent + 12),
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
    return ("\n".join(lines) + "\n").replace(TOGETHER, " ") if lines else ""


def short_number(value: float) -> str:
    """A parameter in four digits: 2.813, 0.0291, 14,100."""
    return minus(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}")


def in_keys(news: JobNews[Any]) -> JobNews[Any]:
    """A job's news with how to go on as the workbench says it: the engine speaks to those who typed a command."""
    message, hint = (_COMMAND.sub(_as_key, text) for text in (news.message, news.hint))
    return replace(news, message=message, hint=hint)


def _as_key(found: re.Match[str]) -> str:
    return "press the same key" if found.group().startswith("run") else "the same key"
