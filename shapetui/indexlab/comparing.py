"""Two baselines become a comparison: query by query, stratum by stratum, with what each index contributed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from shapetui.documents.baseline import Baseline, Query
from shapetui.documents.comparison import Comparison, Improvement, Ratio
from shapetui.documents.model import format_time
from shapetui.errors import PlanError
from shapetui.indexlab.bootstrap import CONFIDENCE
from shapetui.indexlab.contribution import contributions
from shapetui.indexlab.deciding import Pair, compared, drift_of, pair
from shapetui.indexlab.differences import differences
from shapetui.indexlab.verdict import judge

# What limits a statement where a file does not say it, seconds; it is the default of the measurement.
_LIMIT = 60.0


def compare(
    pre: Baseline,
    post: Baseline,
    moment: datetime,
    names: tuple[str, str] = ("pre", "post"),
    between: Sequence[tuple[str, Baseline]] = (),
) -> Comparison:
    """The same baselines give the same comparison, except for `moment`. Raises PlanError without a query in both.

    `between`: baselines that were taken as indexes were made one at a time, in that order, with their names.
    """
    reads, writes, skipped, machine = _queries(pre, post)
    if not reads:
        raise PlanError(
            "the two baselines have no query in common that both could measure",
            "compare two baselines of the same queries",
        )
    whole = [pre, *(baseline for _, baseline in between), post]
    steps = []
    if between:
        for before, after in pairwise(whole):
            some, more, _, _ = _queries(before, after)
            steps.append((before, after, [*some, *more]))
    found = differences(pre, post)
    indexes = contributions(pre, post, reads, steps)
    summary, mitigations = judge(pre, post, reads, writes, indexes, found, machine)
    return Comparison(
        pre_baseline=names[0],
        post_baseline=names[1],
        compared_at=format_time(moment),
        improvements=reads,
        summary=summary,
        mitigations=mitigations,
        schema_version=2,
        between=[name for name, _ in between],
        differences=found,
        write_costs=writes,
        indexes=indexes,
        skipped=skipped,
        confidence=CONFIDENCE,
    )


def _queries(pre: Baseline, post: Baseline) -> tuple[list[Improvement], list[Improvement], list[str], Ratio | None]:
    """(reads, writes, what could not be compared and why, how the machine moved)."""
    limits = _limit(pre), _limit(post)
    others = {query.query_id: query for query in [*post.queries, *post.write_costs]}
    paired: list[tuple[Query, Query, list[Pair]]] = []
    skipped = []
    for one in [*pre.queries, *pre.write_costs]:
        other = others.pop(one.query_id, None)
        if other is None:
            skipped.append(f"{one.query_name}: not in the second baseline{_why(post, one.query_id)}")
        elif " ".join(one.sql.split()) != " ".join(other.sql.split()):
            skipped.append(f"{one.query_name}: its SQL is not the same in both")
        elif pairs := _pairs(one, other, limits):
            paired.append((one, other, pairs))
        else:
            skipped.append(f"{one.query_name}: no stratum was measured in both")
    skipped += [f"{other.query_name}: not in the first baseline{_why(pre, id)}" for id, other in others.items()]
    drift, machine = drift_of([found for one, _, pairs in paired if one.kind == "read" for found in pairs])
    made = [_improvement(one, other, pairs, drift) for one, other, pairs in paired]
    reads = [found for found in made if found.kind == "read"]
    return reads, [found for found in made if found.kind == "write"], skipped, machine


def _limit(side: Baseline) -> float:
    return float(side.method.statement_timeout_s) if side.method is not None else _LIMIT


def _why(side: Baseline, query_id: str) -> str:
    return next((f" ({found.reason})" for found in side.skipped if found.query_id == query_id), "")


def _pairs(one: Query, other: Query, limits: tuple[float, float]) -> list[Pair]:
    """Strata in the order of the first baseline."""
    found = {measured.stratum: measured for measured in other.measurements()}
    made = (
        pair(measured, found[measured.stratum], limits) for measured in one.measurements() if measured.stratum in found
    )
    return [each for each in made if each is not None]


def _improvement(one: Query, other: Query, pairs: list[Pair], drift: float) -> Improvement:
    """The query's status is that of the first stratum, from the hottest on, where something changed."""
    strata = [compared(found, drift) for found in pairs]
    first = strata[0]
    decisive = next((stratum for stratum in strata if stratum.status != "NO_CHANGE"), None)
    before, after = pairs[0].before.analysis, pairs[0].after.analysis
    had_sort = before.has_sort_node if before is not None else None
    saved = first.pre_time_ms - first.post_time_ms
    return Improvement(
        query_id=one.query_id,
        query_name=one.query_name,
        pre_time_ms=first.pre_time_ms,
        post_time_ms=first.post_time_ms,
        time_delta_ms=round(saved, 4),
        time_reduction_pct=round(100 * saved / first.pre_time_ms, 2) if first.pre_time_ms else 0.0,
        sort_eliminated=bool(had_sort) and after is not None and not after.has_sort_node,
        index_adopted=before is not None and after is not None and after.uses_index and not before.uses_index,
        status=decisive.status if decisive is not None else "NO_CHANGE",
        kind=one.kind,
        rows_written=one.rows_written,
        target_ms=one.target_ms,
        had_sort=had_sort,
        decided_by=decisive.stratum if decisive is not None else None,
        contrary=[
            stratum.stratum
            for stratum in strata
            if decisive is not None and stratum.status not in ("NO_CHANGE", decisive.status)
        ],
        plan_change=(decisive or first).plan_change,
        strata=strata,
    )
