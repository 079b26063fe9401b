"""Baseline: what a set of queries cost on one database, per stratum of its conversations, with the plans kept whole.

The original's keys come first and keep their meaning; for a query measured on several strata they hold those of the
first one, the hottest. No id and no text of a row is in the file: plans show `:conversation` where the server wrote
the value, and what was chosen is told by its numbers and a keyed digest.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, field_validator

from shapetui.documents.model import Count, Document, Fraction, Number, Part, Time
from shapetui.documents.report import GeneratedFrom

Phase = Literal["pre-optimization", "post-optimization"]
StratumName = Literal["hottest", "p99", "median", "cold"]
STRATA: Final[tuple[StratumName, ...]] = ("hottest", "p99", "median", "cold")
# A name, not a text: what stands in a table or on an axis.
Name = Annotated[str, Field(min_length=1, max_length=200)]
# Costs and estimates of the planner have no bound that a count has.
Positive = Annotated[StrictInt | StrictFloat, Field(ge=0)]
Milliseconds = list[Number]


def _phase(value: Any) -> Any:
    """The original's short names beside ours."""
    return (
        {"pre": "pre-optimization", "post": "post-optimization"}.get(value, value) if isinstance(value, str) else value
    )


class Buffers(Part):
    """Pages of 8 kB that a statement touched, as the root of its plan counts them; children are in it already."""

    shared_hit: Count = 0
    shared_read: Count = 0
    shared_dirtied: Count = 0
    shared_written: Count = 0
    temp_read: Count = 0
    temp_written: Count = 0

    @property
    def pages(self) -> int:
        """Pages that were needed, wherever they were found: the same on every machine."""
        return self.shared_hit + self.shared_read


class Wal(Part):
    """What a write has put into the write-ahead log; whole pages (`fpi`) depend on when the last checkpoint was."""

    records: Count = 0
    fpi: Count = 0
    bytes: Count = 0


class Sort(Part):
    """One sort of a plan: by what, how, and whether it went to disk."""

    keys: list[str] = []
    method: str
    incremental: StrictBool = False
    kilobytes: Count = 0
    spilled: StrictBool = False


class Scan(Part):
    """How a table (or a CTE, a function) was read: the node's type, which index, rows that came out and that were
    thrown away after reading, all loops together. Without `loops` it was planned and never run."""

    relation: Name
    node_type: Name
    index: str | None = None
    rows: Positive = 0
    removed: Positive = 0
    loops: Count = 1
    backward: StrictBool = False
    heap_fetches: Count | None = None


class Analysis(Part):
    """A plan in facts, read from every node. `index_name` and `scan_type` are of the scan that touched most pages."""

    uses_index: StrictBool
    index_name: str | None = None
    has_sort_node: StrictBool
    scan_type: str | None = None
    rows_estimated: Positive
    rows_actual: Positive
    estimation_accuracy: Fraction | None = None
    index_names: list[str] = []
    scans: list[Scan] = []
    sorts: list[Sort] = []
    spilled: StrictBool = False
    heap_fetches: Count | None = None
    workers: Count = 0
    jit: StrictBool = False
    nodes: list[str] = []

    @field_validator("estimation_accuracy", mode="before")
    @classmethod
    def _no_accuracy(cls, value: Any) -> Any:
        """The original divided by zero for a query without rows; nothing is known then."""
        return value if isinstance(value, int | float) and 0 <= value <= 1 else None


class Chosen(Part):
    """The conversation and the member that a stratum stands for, by their numbers.

    `digest` is keyed by the database, so that two baselines of it can tell whether they measured the same rows.
    """

    messages: Count
    members: Count
    conversations_of_member: Count
    digest: str


class Cold(Part):
    """The same statement right after its pages were put out of the server's cache (not out of the system's)."""

    execution_ms: Milliseconds
    planning_ms: Milliseconds
    buffers: Buffers


class Measurement(Part):
    """One query on one stratum, warm: every repeat, and one run in full.

    `pages` has hit + read of each repeat; `buffers`, `rows`, `wal`, `plan` and `analysis` are of one more run, with
    the clock in every node. `trouble` says why there is nothing: a timeout, an error.
    """

    stratum: StratumName
    chosen: Chosen | None = None
    execution_ms: Milliseconds = []
    planning_ms: Milliseconds = []
    pages: list[Count] = []
    buffers: Buffers = Buffers()
    wal: Wal | None = None
    rows: Positive = 0
    plan: dict[str, Any] = {}
    analysis: Analysis | None = None
    cold: Cold | None = None
    trouble: str | None = None


class Query(Part):
    """One query with all its strata. `rows_written`: by one run of a write, which is rolled back."""

    query_id: Name
    query_name: Name
    sql: str
    parameters: dict[str, str] = {}
    plan: dict[str, Any]
    execution_time_ms: Number
    planning_time_ms: Number
    buffers: Buffers = Buffers()
    plan_analysis: Analysis
    kind: Literal["read", "write"] = "read"
    target_ms: Number | None = None
    rows_written: Count | None = None
    strata: list[Measurement] = []

    def measurements(self) -> list[Measurement]:
        """Its strata; of a file of the original, which has none, the one run that it holds."""
        if self.strata:
            return self.strata
        return [
            Measurement(
                stratum="hottest",
                execution_ms=[self.execution_time_ms],
                planning_ms=[self.planning_time_ms],
                pages=[self.buffers.pages],
                buffers=self.buffers,
                rows=self.plan_analysis.rows_actual,
                plan=self.plan,
                analysis=self.plan_analysis,
            )
        ]


class Skipped(Part):
    """A query that was not measured, and why."""

    query_id: Name
    query_name: Name
    reason: str


class BaselineSummary(Part):
    """The original's numbers over the read queries, each with its median on the first stratum."""

    avg_execution_time_ms: Number
    p50_execution_time_ms: Number
    p95_execution_time_ms: Number
    total_sorts: Count
    index_adoption_rate: Fraction


class ServerFacts(Part):
    """The server: its version, and the settings that plans and times depend on, as it writes them (`128MB`)."""

    version: str
    settings: dict[str, str]


class TableFacts(Part):
    """One table: rows (exact where shapetui wrote them or counted, else the server's estimate), bytes."""

    name: Name
    rows: Count
    exact: StrictBool
    bytes: Count
    index_bytes: Count


class IndexFacts(Part):
    """One index as the catalogue describes it. `constraint`: it belongs to a primary key or a unique constraint."""

    name: Name
    table: Name
    definition: str
    bytes: Count
    valid: StrictBool
    constraint: StrictBool = False


class Method(Part):
    """How it was measured: runs per query and stratum, limits, and what was done to the tables before.

    Times are the server's own (`Execution Time` of EXPLAIN ANALYZE with TIMING OFF), without the network.
    `cold`: how pages were put out of the cache, or why they were not.
    """

    repeats: Count
    warm_up: Count
    statement_timeout_s: Number
    prepared: list[str] = []
    cold: str | None = None


class Baseline(Document):
    """What queries cost on one database at one time."""

    phase: Annotated[Phase, BeforeValidator(_phase)]
    captured_at: Time
    database_size_mb: Number
    queries: list[Query]
    summary: BaselineSummary
    schema_version: Literal[2] | None = None
    write_costs: list[Query] = []
    skipped: list[Skipped] = []
    server: ServerFacts | None = None
    tables: list[TableFacts] = []
    indexes: list[IndexFacts] = []
    generated_from: GeneratedFrom | None = None
    method: Method | None = None
