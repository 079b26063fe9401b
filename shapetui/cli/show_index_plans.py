"""`shapetui show COMPARISON --plan QUERY`: the plans of one query, before and after, beside or below one another."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from shapetui.cli.console import literal
from shapetui.cli.show_tables import heading
from shapetui.documents.baseline import STRATA, Baseline, Measurement, Query
from shapetui.documents.comparison import Comparison, Improvement
from shapetui.errors import UsageError
from shapetui.indexlab.plan_words import plan_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

# Two plans beside one another need so many columns to be read.
_SIDE_BY_SIDE: Final = 120


def plan_view(path: Path, document: Comparison | Baseline, asked: str, width: int) -> list[list[RenderableType]]:
    """Plans of the query whose id or name begins with `asked`, on one stratum after a colon (`Q1:median`).

    Raises UsageError for what is not there.
    """
    name, _, stratum = asked.partition(":")
    if stratum and stratum not in STRATA:
        raise UsageError(f"there is no stratum {stratum!r}", f"the strata are {', '.join(STRATA)}")
    if isinstance(document, Baseline):
        query = _found(path, name, [*document.queries, *document.write_costs])
        plans = [_one(measured) for measured in query.measurements() if stratum in ("", measured.stratum)]
        return [[heading(query.query_name, query.sql)], *plans]
    found = _found(path, name, [*document.improvements, *document.write_costs])
    return [
        [heading(found.query_name)],
        *(
            [
                heading(each.stratum, each.plan_change),
                _beside(each.pre_plan, each.post_plan, width),
            ]
            for each in found.strata
            if stratum in ("", each.stratum)
        ),
    ]


_Q = TypeVar("_Q", Query, Improvement)


def _found(path: Path, name: str, queries: list[_Q]) -> _Q:
    for query in queries:
        if name.lower() in (query.query_id.lower(), query.query_name.lower(), query.query_id.lower().split("_")[0]):
            return query
    ids = [query.query_id for query in queries]
    near = get_close_matches(name, ids, n=1)
    raise UsageError(
        f"{path}: there is no query {name!r}", f"did you mean {near[0]}?" if near else f"there are {', '.join(ids)}"
    )


def _one(measured: Measurement) -> list[RenderableType]:
    lines = plan_lines(measured.plan) or [measured.trouble or "no plan in this file"]
    return [heading(measured.stratum), *map(literal, lines)]


def _beside(before: list[str], after: list[str], width: int) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    sides = [("before", before), ("after", after)]
    if width < _SIDE_BY_SIDE:
        return Group(
            *(
                literal(line, "dim" if not index else "")
                for name, lines in sides
                for index, line in enumerate([f"{name}:", *(f"  {line}" for line in lines or ["no plan"])])
            )
        )
    made = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    for name, _ in sides:
        made.add_column(name, ratio=1, overflow="fold")
    made.add_row(*(literal("\n").join(map(literal, lines or ["no plan"])) for _, lines in sides))
    return made
