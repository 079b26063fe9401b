"""`shapetui show GROWTH`: how each query's latency and pages grow with the rows, with and without the indexes."""

from __future__ import annotations

from math import log
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.plots import OTHER_COLOUR, PRODUCTION_COLOUR
from shapetui.cli.show_index_bars import Scales, megabytes, milliseconds, scales
from shapetui.cli.show_numbers import count
from shapetui.cli.show_tables import bar, facts, heading, row, table
from shapetui.documents.growth import Growth, GrowthCell, GrowthPoint

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_MS_BAR, _PAGES_BAR = 16, 10
# What takes less is at the end of what the clock tells; its growth would be that of noise.
_LEAST_MS: Final = 0.05


def growth_view(path: Path, growth: Growth) -> list[list[RenderableType]]:
    """The sections: the sizes, then a curve for each query on its first stratum, the hottest."""
    cells = [cell for point in growth.points for cell in point.cells]
    shared = scales([t for cell in cells if (t := _time(cell))], [p for cell in cells if (p := _pages(cell))])
    first: dict[str, GrowthCell] = {}
    for cell in cells:
        first.setdefault(cell.query_id, cell)
    return [
        [
            heading("Growth", str(path)),
            facts(
                {
                    "measured": growth.grown_at,
                    "server": f"PostgreSQL {growth.server.version}" if growth.server is not None else "",
                    "indexes": "\n".join(growth.definitions),
                    "runs": f"{growth.method.repeats} of each query" if growth.method is not None else "",
                }
            ),
        ],
        [_sizes(growth.points)],
        [literal(shared.note(), "dim")],
        *(_curve(growth.points, cell, shared) for cell in first.values()),
    ]


def _sizes(points: list[GrowthPoint]) -> Table:
    made = table("part", "messages", "conversations", "size", "indexes", "built in")
    for point in points:
        row(
            made,
            f"{point.fraction:.0%}",
            count(point.messages),
            count(point.conversations),
            megabytes(point.bytes),
            megabytes(sum(index.bytes for index in point.indexes)),
            f"{sum(index.seconds for index in point.indexes):.1f} s",
        )
    return made


def _curve(points: list[GrowthPoint], asked: GrowthCell, shared: Scales) -> list[RenderableType]:
    made = table("messages", "indexes", "latency", "ms", "", "pages", left=("indexes", "latency", ""))
    curves: dict[bool, list[tuple[int, float]]] = {False: [], True: []}
    for point in points:
        for indexed, side, colour in ((False, "without", PRODUCTION_COLOUR), (True, "with", OTHER_COLOUR)):
            cell = _cell(point, asked, indexed)
            time = _time(cell) if cell is not None else None
            pages = _pages(cell) if cell is not None else None
            if time is not None and time >= _LEAST_MS and point.messages:
                curves[indexed].append((point.messages, time))
            row(
                made,
                "" if indexed else count(point.messages),
                side,
                bar(shared.ms.fraction(time or 0), colour, _MS_BAR),
                milliseconds(time),
                bar(shared.pages.fraction(pages or 0), colour, _PAGES_BAR),
                count(pages),
            )
    words = [
        f"{side} {said}" for indexed, side in ((False, "without"), (True, "with")) if (said := _law(curves[indexed]))
    ]
    return [heading(asked.query_name, "; ".join([f"on {asked.stratum}", *words])), made]


def _cell(point: GrowthPoint, asked: GrowthCell, indexed: bool) -> GrowthCell | None:
    wanted = (asked.query_id, asked.stratum, indexed)
    return next((cell for cell in point.cells if (cell.query_id, cell.stratum, cell.indexed) == wanted), None)


def _time(cell: GrowthCell) -> float | None:
    return float(median(cell.execution_ms)) if cell.execution_ms else None


def _pages(cell: GrowthCell) -> float | None:
    return float(median(cell.pages)) if cell.pages else None


def _law(curve: list[tuple[int, float]]) -> str:
    """`~ rows^0.97`, the slope between the smallest and the largest size; nothing where it cannot be told."""
    if len(curve) < 2 or curve[0][0] >= curve[-1][0]:
        return ""
    return f"~ rows^{log(curve[-1][1] / curve[0][1]) / log(curve[-1][0] / curve[0][0]):.2f}"
