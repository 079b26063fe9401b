"""Baselines as they are measured, made of numbers: so many pages, about so many milliseconds, this plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shapetui.documents.baseline import (
    STRATA,
    Analysis,
    Baseline,
    BaselineSummary,
    Buffers,
    Chosen,
    IndexFacts,
    Measurement,
    Method,
    Query,
    Scan,
    ServerFacts,
    Sort,
    StratumName,
    TableFacts,
    Wal,
)
from shapetui.documents.report import GeneratedFrom

# What a repeat has beside its median, as on a shared machine: log-normal, now and then an outlier.
SPREAD = 0.2
MESSAGES: Mapping[StratumName, int] = {"hottest": 3425, "p99": 148, "median": 8, "cold": 1}
UNIFORM: Mapping[StratumName, int] = {"hottest": 18, "p99": 18, "median": 17, "cold": 17}
Rng = np.random.Generator


@dataclass(frozen=True)
class Made:
    """How one query comes out: milliseconds and pages (one number, or one for each stratum), and its plan."""

    ms: float | Sequence[float]
    pages: int | Sequence[int]
    scan: str = "Seq Scan"
    index: str | None = None
    table: str = "messages"
    sort: bool = False
    wal: int | None = None
    kind: str = "read"
    name: str = ""
    nodes: tuple[str, ...] = ()
    trouble: str | None = None
    target_ms: float | None = None

    def analysis(self) -> Analysis:
        """The plan's facts."""
        nodes = self.nodes or (("Sort", self.scan) if self.sort else (self.scan,))
        return Analysis(
            uses_index=self.index is not None,
            index_name=self.index,
            has_sort_node=self.sort,
            scan_type=self.scan,
            rows_estimated=50,
            rows_actual=50,
            index_names=[self.index] if self.index else [],
            scans=[Scan(relation=self.table, node_type=self.scan, index=self.index, rows=50)],
            sorts=[Sort(keys=["k"], method="quicksort")] if self.sort else [],
            nodes=list(nodes),
        )

    def plan(self) -> dict[str, Any]:
        """The plan itself, as the server writes it."""
        node: dict[str, Any] = {"Node Type": self.scan, "Relation Name": self.table, "Actual Rows": 50}
        node |= {"Plan Rows": 60, "Actual Loops": 1, "Shared Hit Blocks": 7}
        if self.index:
            node["Index Name"] = self.index
        root = {"Node Type": "Sort", "Sort Key": ["k"], "Actual Loops": 1, "Plans": [node]} if self.sort else node
        return {"Plan": root, "Execution Time": 1.0, "Planning Time": 0.1}


# The reads and writes of a chat without secondary indexes.
BEFORE: Mapping[str, Made] = {
    "Q1_message_history": Made(110, 13282, sort=True, target_ms=50),
    "Q1b_message_history_deep": Made(105, 13282, sort=True),
    "Q3_conversation_list": Made(27, 1801, table="conversations", sort=True),
    "Q4_unread_count": Made(103, 13208),
    "Q6_presence_lookup": Made(17, 1470, table="conversation_users"),
    "Q2_message_insert": Made(3.5, 400, scan="Function Scan", wal=32435, kind="write"),
    "Q5_read_receipt_upsert": Made(5.8, 884, scan="Function Scan", wal=41512, kind="write"),
}
BY_TIME = "idx_messages_conversation_created_desc"
# The same with one index on messages.
AFTER: Mapping[str, Made] = {
    **BEFORE,
    "Q1_message_history": Made(0.1, 42, "Index Scan", BY_TIME, target_ms=50),
    "Q1b_message_history_deep": Made(0.14, 80, "Index Scan", BY_TIME),
    "Q4_unread_count": Made((7.9, 0.24, 0.08, 0.07), (2741, 89, 7, 5), "Bitmap Heap Scan", BY_TIME),
    "Q2_message_insert": replace(BEFORE["Q2_message_insert"], pages=702, wal=46147),
}


def index(name: str, columns: str, table: str = "messages", size: int = 19_000_000, **more: Any) -> IndexFacts:
    """An index as the catalogue describes it; `columns` with everything behind USING btree."""
    unique = "UNIQUE " if more.get("constraint") else ""
    definition = f"CREATE {unique}INDEX {name} ON public.{table} USING btree {columns}"
    return IndexFacts(name=name, table=table, definition=definition, bytes=size, valid=more.get("valid", True),
                      constraint=more.get("constraint", False))  # fmt: skip


PRIMARY = index("messages_pkey", "(id)", constraint=True)
NEW = index(BY_TIME, '("conversationId", "createdAt" DESC)')


def times(random: Rng, median: float, repeats: int, drift: float = 1.0, correlated: float = 0.0) -> list[float]:
    """Repeats of one query: around a median that moves slowly where `correlated`, with outliers."""
    noise = random.normal(0, SPREAD, repeats)
    for place in range(1, repeats):
        noise[place] = correlated * noise[place - 1] + np.sqrt(1 - correlated**2) * noise[place]
    found = median * drift * np.exp(noise)
    found[random.random(repeats) < 0.05] *= 6
    return [round(float(value), 4) for value in found]


def baseline(
    made: Mapping[str, Made] = BEFORE,
    indexes: Sequence[IndexFacts] = (PRIMARY,),
    phase: str = "pre-optimization",
    seed: int = 1,
    *,
    repeats: int = 20,
    drift: float = 1.0,
    correlated: float = 0.0,
    messages: Mapping[StratumName, int] = MESSAGES,
    **more: Any,
) -> Baseline:
    """A whole baseline. `drift`: how much slower the machine is; `messages` of the conversation of each stratum."""
    random = np.random.default_rng(seed)
    queries = [_query(id_, one, random, repeats, drift, correlated, messages) for id_, one in made.items()]
    reads = [query for query in queries if query.kind == "read"]
    medians = sorted(query.execution_time_ms for query in reads)
    parts: dict[str, Any] = {
        "phase": phase,
        "captured_at": "2026-11-25T02:00:00Z" if phase == "pre-optimization" else "2026-11-25T03:00:00Z",
        "database_size_mb": 160,
        "queries": reads,
        "summary": BaselineSummary(
            avg_execution_time_ms=sum(medians) / len(medians),
            p50_execution_time_ms=medians[len(medians) // 2],
            p95_execution_time_ms=medians[-1],
            total_sorts=sum(query.plan_analysis.has_sort_node for query in reads),
            index_adoption_rate=0,
        ),
        "schema_version": 2,
        "write_costs": [query for query in queries if query.kind == "write"],
        "server": ServerFacts(version="18.4", settings={"work_mem": "4MB", "fsync": "on"}),
        "tables": [TableFacts(name="messages", rows=300_000, exact=True, bytes=110_000_000, index_bytes=15_000_000)],
        "indexes": list(indexes),
        "generated_from": GeneratedFrom(config_digest="sha256:" + "a" * 64, seed="s", target_messages=1, finished=True),
        "method": Method(repeats=repeats, warm_up=2, statement_timeout_s=60, prepared=["VACUUM (ANALYZE) messages"]),
    }
    return Baseline(**{**parts, **more})


def after(made: Mapping[str, Made] = AFTER, indexes: Sequence[IndexFacts] = (PRIMARY, NEW), **more: Any) -> Baseline:
    """The baseline with one index more."""
    return baseline(made, indexes, "post-optimization", **{"seed": 2, **more})


def _query(
    id_: str,
    made: Made,
    random: Rng,
    repeats: int,
    drift: float,
    correlated: float,
    messages: Mapping[StratumName, int],
) -> Query:
    strata = []
    for place, stratum in enumerate(STRATA):
        ms = made.ms[place] if isinstance(made.ms, Sequence) else made.ms
        pages = made.pages[place] if isinstance(made.pages, Sequence) else made.pages
        chosen = Chosen(messages=messages[stratum], members=10, conversations_of_member=9, digest=f"{stratum:0<16}")
        if made.trouble:
            strata.append(Measurement(stratum=stratum, chosen=chosen, trouble=made.trouble))
            continue
        strata.append(
            Measurement(
                stratum=stratum,
                chosen=chosen,
                execution_ms=times(random, ms, repeats, drift, correlated),
                planning_ms=[0.1] * repeats,
                pages=[pages] * repeats,
                buffers=Buffers(shared_hit=pages),
                wal=Wal(records=200, bytes=made.wal) if made.wal is not None else None,
                rows=50,
                plan=made.plan(),
                analysis=made.analysis(),
            )
        )
    first = strata[0]
    return Query.model_validate(
        {
            "query_id": id_,
            "query_name": made.name or id_,
            "sql": "SELECT 1 ORDER BY 1",
            "plan": made.plan(),
            "execution_time_ms": float(np.median(first.execution_ms)) if first.execution_ms else 60_000,
            "planning_time_ms": 0.1,
            "buffers": first.buffers,
            "plan_analysis": made.analysis(),
            "kind": made.kind,
            "target_ms": made.target_ms,
            "rows_written": 100 if made.kind == "write" else None,
            "strata": strata,
        }
    )
