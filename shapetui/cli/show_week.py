"""The weekly rhythm as a heat map of 7 x 24 cells in four shades; hours and days alone where that is all there is."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.show_numbers import count, share
from shapetui.cli.show_tables import bar, heading, row, table
from shapetui.documents.shape import Messages

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

_SHADES: Final = " ░▒▓█"
# In the files day 0 is Sunday; people read a week from Monday.
_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_ORDER: Final = (1, 2, 3, 4, 5, 6, 0)
# 24 hours of three columns and the names of the days.
_WIDE: Final = 5 + 3 * 24


def week(messages: Messages, width: int) -> list[RenderableType]:
    """The messages per hour of the week, or per hour and per day; nothing where a file has neither."""
    hours = messages.hour_of_week
    if sum(hours):
        return _heat_map(hours, 3 if width >= _WIDE else 2)
    found: list[RenderableType] = []
    if sum(messages.hourly_distribution):
        step = 3 if width >= _WIDE else 2
        found += [
            heading("messages by hour of the day", "the clock of the server"),
            _hours(step),
            _line("all", messages.hourly_distribution, max(messages.hourly_distribution), step),
            _key(),
        ]
    if total := sum(messages.day_of_week_distribution):
        days = table("day", "messages", "share", "", left=("",))
        for day in _ORDER:
            found_count = messages.day_of_week_distribution[day]
            largest = max(messages.day_of_week_distribution)
            row(days, _DAYS[day], count(found_count), share(found_count / total), bar(found_count / largest))
        found += [*([literal("")] if found else []), heading("messages by day of the week"), days]
    return found


def _heat_map(hours: list[int], step: int) -> list[RenderableType]:
    largest = max(hours)
    busiest = hours.index(largest)
    note = f"UTC; busiest: {_DAYS[busiest // 24]} {busiest % 24:02d}:00, {share(largest / sum(hours))} of all"
    lines = [_line(_DAYS[day], hours[24 * day : 24 * day + 24], largest, step) for day in _ORDER]
    return [heading("the week", note), _hours(step), *lines, _key()]


def _hours(step: int) -> Text:
    every = 3 if step == 3 else 4
    return literal("     " + "".join(f"{hour:02d}".ljust(step * every) for hour in range(0, 24, every)).rstrip(), "dim")


def _line(name: str, values: list[int], largest: int, step: int) -> Text:
    shades = "".join(_SHADES[min(4, ceil(4 * value / largest))] * step for value in values)
    return literal(f"{name:<5}{shades}".rstrip())


def _key() -> Text:
    quarters = "  ".join(f"{_SHADES[level] * 2} to {25 * level} %" for level in range(1, 5))
    return literal(f"     {quarters}  of the busiest hour", "dim")
