"""`shapetui show BASELINE`: what each query takes on each stratum and how, and what the measurement depends on."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from shapetui.cli.console import literal
from shapetui.cli.show_index_bars import Scales, megabytes, milliseconds, scales
from shapetui.cli.show_numbers import UNKNOWN, count, share
from shapetui.cli.show_tables import bar, facts, heading, row, table
from shapetui.documents.baseline import Baseline, Measurement, Query
from shapetui.indexlab.plan_words import in_words

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_MS_BAR, _PAGES_BAR = 14, 10
# The 95th percentile of fewer runs would be the slowest one.
_FEWEST_FOR_P95 = 10


def baseline_view(path: Path, baseline: Baseline) -> list[list[RenderableType]]:
    """The sections of a baseline."""
    every = [*baseline.queries, *baseline.write_costs]
    shared = _scales(every)
    summary, method, server = baseline.summary, baseline.method, baseline.server
    origin = baseline.generated_from
    skipped: list[RenderableType] = [literal(f"• {query.query_name}: {query.reason}") for query in baseline.skipped]
    return [
        [
            heading("Baseline", str(path)),
            facts(
                {
                    "phase": baseline.phase,
                    "captured": baseline.captured_at,
                    "server": f"PostgreSQL {server.version}" if server is not None else "",
                    "database": megabytes(baseline.database_size_mb * (1 << 20)),
                    "rows from": f"seed {origin.seed}, config {origin.config_digest[:19]}" if origin else "",
                    "runs": f"{method.repeats} of each query and stratum, {method.warm_up} before to warm up"
                    if method is not None
                    else "one of each query",
                    "cold": (method.cold or "") if method is not None else "",
                    "reads": f"mean {milliseconds(summary.avg_execution_time_ms)} ms, median"
                    f" {milliseconds(summary.p50_execution_time_ms)} ms, slowest"
                    f" {milliseconds(summary.p95_execution_time_ms)} ms; {summary.total_sorts} sort,"
                    f" {share(summary.index_adoption_rate)} use an index",
                }
            ),
        ],
        *(_section(query, shared) for query in every),
        [heading("tables"), _tables(baseline)] if baseline.tables else [],
        [heading("indexes"), _indexes(baseline)] if baseline.indexes else [],
        [heading("not measured"), *skipped] if skipped else [],
    ]


def _section(query: Query, shared: Scales) -> list[RenderableType]:
    return [heading_of(query), *_plans(query), _bars(query, shared)]


def heading_of(query: Query) -> Text:
    """A query's name, kind and target."""
    notes = [f"a write of {count(query.rows_written)} rows" if query.rows_written is not None else ""]
    notes.append(f"target {query.target_ms:g} ms" if query.target_ms is not None else "")
    return heading(query.query_name, ", ".join(filter(None, notes)))


def _scales(queries: list[Query]) -> Scales:
    found = [measured for query in queries for measured in query.measurements()]
    return scales(
        [time for measured in found for time in measured.execution_ms], [measured.buffers.pages for measured in found]
    )


def _plans(query: Query) -> list[Text]:
    by_words: dict[str, list[str]] = {}
    for measured in query.measurements():
        words = measured.trouble or (in_words(measured.analysis) if measured.analysis is not None else "")
        by_words.setdefault(words, []).append(measured.stratum)
    return [
        literal(f"  {words}" if len(by_words) == 1 else f"  {', '.join(names)}: {words}")
        for words, names in by_words.items()
        if words
    ]


def _bars(query: Query, shared: Scales) -> Table:
    cold = any(measured.cold is not None for measured in query.measurements())
    made = table("", "messages", "latency", "ms", "p95", *(["cold"] if cold else []), "", "pages", left=("latency", ""))
    for measured in query.measurements():
        time = median(measured.execution_ms) if measured.execution_ms else None
        cells: list[object] = [
            measured.stratum,
            count(measured.chosen.messages) if measured.chosen is not None else "",
            bar(shared.ms.fraction(time or 0), width=_MS_BAR),
            milliseconds(time),
            _p95(measured),
        ]
        if cold:
            runs = measured.cold.execution_ms if measured.cold is not None else []
            cells.append(milliseconds(median(runs) if runs else None))
        pages = measured.buffers.pages
        row(made, *cells, bar(shared.pages.fraction(pages), width=_PAGES_BAR), count(pages))
    return made


def _p95(measured: Measurement) -> str:
    runs = measured.execution_ms
    return milliseconds(quantiles(runs, n=20)[-1]) if len(runs) >= _FEWEST_FOR_P95 else UNKNOWN


def _tables(baseline: Baseline) -> Table:
    made = table("table", "rows", "size", "indexes")
    for found in baseline.tables:
        rows = count(found.rows) if found.exact else f"about {count(found.rows)}"
        row(made, found.name, rows, megabytes(found.bytes), megabytes(found.index_bytes))
    return made


def _indexes(baseline: Baseline) -> Table:
    made = table("table", "size", "definition", left=("definition",))
    for found in baseline.indexes:
        text = literal(found.definition)
        if not found.valid:
            text.append_text(literal("  INVALID", "bold red"))
        row(made, found.table, megabytes(found.bytes), text)
    return made
