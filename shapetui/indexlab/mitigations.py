"""What is not as it should be after the indexes, and what might be done about it; what they cost every write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Improvement, Mitigation

# The original's documents allow a write to become so much slower.
MOST_WRITE_COST: Final = 0.20


def write_cost(found: Improvement) -> str | None:
    """`writes 42 % more WAL and touches 77 % more pages (limit 20 %)`, on the stratum where it is most; None within it.

    By what does not depend on the machine: the time of a write without its commit is mostly that of the machine.
    """
    worst: tuple[float, str] | None = None
    for stratum in found.strata:
        if stratum.status != "DEGRADED":
            continue
        wal = _more(stratum.pre_wal_bytes, stratum.post_wal_bytes)
        pages = _more(stratum.pre_pages, stratum.post_pages)
        words = [f"writes {100 * wal:.0f} % more WAL"] if wal > 0 else []
        words += [f"touches {100 * pages:.0f} % more pages"] if pages > 0 else []
        most = max(wal, pages)
        if most > MOST_WRITE_COST and (worst is None or most > worst[0]):
            worst = most, f"{' and '.join(words)} on {stratum.stratum} (limit {100 * MOST_WRITE_COST:.0f} %)"
    return worst[1] if worst is not None else None


def _more(before: int | None, after: int | None) -> float:
    return after / before - 1 if before and after else 0.0


def mitigations(post: Baseline, reads: Sequence[Improvement], writes: Sequence[Improvement]) -> Iterator[Mitigation]:
    """The original's three, and the targets that are still missed."""
    measured = {query.query_id: query for query in post.queries}
    for found in reads:
        id_ = found.query_id
        if found.status == "DEGRADED":
            yield Mitigation(
                query_id=id_,
                issue=f"became worse on {found.decided_by}: {found.plan_change}",
                recommendation="look at both plans: does the planner misjudge the rows (ANALYZE, statistics target)?",
            )
        query = measured.get(id_)
        if query is not None and query.plan_analysis.has_sort_node and "ORDER BY" in query.sql.upper():
            spilled = any(m.analysis is not None and m.analysis.spilled for m in query.measurements())
            yield Mitigation(
                query_id=id_,
                issue="still sorts" + (", and on disk" if spilled else ""),
                recommendation="an index whose columns end in those of ORDER BY would save it"
                + (", more work_mem would keep it in memory" if spilled else ""),
            )
        if query is not None and query.buffers.shared_read > 0.5 * query.buffers.shared_hit:
            yield Mitigation(
                query_id=id_,
                issue=f"{query.buffers.shared_read:,} of its pages were not in the cache",
                recommendation="shared_buffers hold less than what it needs: its latency depends on the disk",
            )
        if found.target_ms is not None and found.post_time_ms > found.target_ms:
            yield Mitigation(
                query_id=id_,
                issue=f"takes {found.post_time_ms:,.1f} ms on the hottest, the target is {found.target_ms:g} ms",
                recommendation="its work grows with the conversation: another index, or another query",
            )
    for found in writes:
        if (cost := write_cost(found)) is not None:
            yield Mitigation(
                query_id=found.query_id,
                issue=cost,
                recommendation="every index is written with each row: keep those only that a query needs",
            )
