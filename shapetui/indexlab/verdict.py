"""GO, NO-GO or INCONCLUSIVE, with every reason: the original's rules where they make sense.

Kept: less than 30 % on average, more than one query slower. Mended: what did not change counts as nothing saved
instead of its noise, a query that became slower counts at most as -100 %, and sorts are counted among the queries
that had one. New: an index that nothing needs, and baselines that cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from shapetui.documents.baseline import STRATA, Baseline, StratumName
from shapetui.documents.checks import Decision
from shapetui.documents.comparison import (
    ComparisonSummary,
    Difference,
    Improvement,
    IndexEffect,
    Mitigation,
    Ratio,
    Reason,
    StratumComparison,
    StratumSummary,
)
from shapetui.indexlab.bootstrap import FEWEST
from shapetui.indexlab.mitigations import mitigations, write_cost

LEAST_AVERAGE_PCT: Final = 30.0
MOST_DEGRADED: Final = 1
LEAST_SORTS_GONE: Final = 0.6
# Which of the reasons decides, the gravest first.
_GRAVITY: Final[tuple[Decision, ...]] = ("INCONCLUSIVE", "NO-GO", "GO")


def judge(
    pre: Baseline,
    post: Baseline,
    reads: Sequence[Improvement],
    writes: Sequence[Improvement],
    indexes: Sequence[IndexEffect],
    differences: Sequence[Difference],
    machine: Ratio | None,
) -> tuple[ComparisonSummary, list[Mitigation]]:
    """The summary with its reasons, and what might be done about what is not as it should be."""
    strata = {name: found for name in STRATA if (found := _on(name, reads)) is not None}
    hottest = _summary([found.strata[0] for found in reads])
    had = [found for found in reads if found.had_sort]
    gone = sum(found.sort_eliminated for found in had)
    statuses = [found.status for found in reads]
    slowest = [max(found.pre_time_ms for found in reads), max(found.post_time_ms for found in reads)]
    reasons = [
        *_incomparable(indexes, differences),
        *_rules(reads, hottest, len(had), gone, indexes),
        *_index_rules(indexes),
        *_cautions(reads, writes, indexes, strata),
    ]
    decision = next(word for word in (*_GRAVITY, "GO") if word == "GO" or any(one.says == word for one in reasons))
    summary = ComparisonSummary(
        avg_improvement_pct=hottest.avg_improvement_pct,
        queries_improved=statuses.count("IMPROVED"),
        queries_degraded=statuses.count("DEGRADED"),
        queries_unchanged=statuses.count("NO_CHANGE"),
        p95_improvement_pct=round(100 * (1 - slowest[1] / slowest[0]), 2) if slowest[0] else 0.0,
        sorts_eliminated=gone,
        go_no_go=decision,
        rationale="; ".join(reason.text for reason in reasons if reason.says == decision),
        queries_with_sorts=len(had),
        by_stratum=strata,
        reasons=reasons,
        unchanged_times=machine,
        pre_index_bytes=sum(index.bytes for index in pre.indexes) if pre.indexes else None,
        post_index_bytes=sum(index.bytes for index in post.indexes) if post.indexes else None,
    )
    return summary, list(mitigations(post, reads, writes))


def saved_pct(found: StratumComparison) -> float:
    """What is saved of the time, in per cent: 0 where nothing may be claimed, -100 at worst."""
    if found.status == "NO_CHANGE" or not found.pre_time_ms:
        return 0.0
    return max(100 * (1 - found.post_time_ms / found.pre_time_ms), -100.0)


def _on(stratum: str, reads: Sequence[Improvement]) -> StratumSummary | None:
    found = [each for query in reads for each in query.strata if each.stratum == stratum]
    return _summary(found) if found else None


def _summary(found: Sequence[StratumComparison]) -> StratumSummary:
    statuses = [each.status for each in found]
    return StratumSummary(
        avg_improvement_pct=round(sum(map(saved_pct, found)) / len(found), 2),
        queries_improved=statuses.count("IMPROVED"),
        queries_degraded=statuses.count("DEGRADED"),
        queries_unchanged=statuses.count("NO_CHANGE"),
    )


def _incomparable(indexes: Sequence[IndexEffect], differences: Sequence[Difference]) -> Iterator[Reason]:
    for found in differences:
        if found.incomparable:
            yield Reason(
                says="INCONCLUSIVE",
                text=f"{found.what} is not the same ({found.before} → {found.after}),"
                " so the indexes need not be what changed the numbers",
            )
    if not indexes:
        yield Reason(says="INCONCLUSIVE", text="no index differs between the two: there is nothing to judge")


def _rules(
    reads: Sequence[Improvement], hottest: StratumSummary, had: int, gone: int, indexes: Sequence[IndexEffect]
) -> Iterator[Reason]:
    if not indexes:
        return
    slower = [found.query_name for found in reads if found.status == "DEGRADED"]
    if all(index.change == "removed" for index in indexes):
        # Nothing was to become better; what nobody misses may go.
        names = ", ".join(index.name for index in indexes)
        text = f"without {names} {', '.join(slower) or 'no query'} became worse"
        yield Reason(says="NO-GO" if slower else "GO", text=text)
        return
    average = hottest.avg_improvement_pct
    says = "GO" if average >= LEAST_AVERAGE_PCT else "NO-GO"
    yield Reason(
        says=says,
        text=f"average improvement {average:.0f} % on the hottest conversation"
        + ("" if says == "GO" else f", less than {LEAST_AVERAGE_PCT:.0f} %"),
    )
    if len(slower) > MOST_DEGRADED:
        yield Reason(says="NO-GO", text=f"{len(slower)} queries became worse: {', '.join(slower)}")
    if had:
        short = gone < LEAST_SORTS_GONE * had
        text = f"{gone} of {had} {'sort' if had == 1 else 'sorts'} eliminated"
        text += f", less than {100 * LEAST_SORTS_GONE:.0f} %" if short else ""
        yield Reason(says="NO-GO" if short else "GO", text=text)


def _index_rules(indexes: Sequence[IndexEffect]) -> Iterator[Reason]:
    for index in indexes:
        if index.verdict == "NO-GO":
            yield Reason(says="NO-GO", text=f"{index.name}: {index.reason}")
        elif index.verdict is None and index.reason:
            yield Reason(says="CAUTION", text=f"{index.name}: {index.reason}")


def _cautions(
    reads: Sequence[Improvement],
    writes: Sequence[Improvement],
    indexes: Sequence[IndexEffect],
    strata: Mapping[StratumName, StratumSummary],
) -> Iterator[Reason]:
    slower = [found for found in reads if found.status == "DEGRADED"]
    if len(slower) == 1:
        yield Reason(says="CAUTION", text=f"{slower[0].query_name} became worse")
    for found in reads:
        if found.contrary:
            yield Reason(
                says="CAUTION",
                text=f"{found.query_name} is {'worse' if found.status == 'IMPROVED' else 'better'} on"
                f" {', '.join(found.contrary)}, unlike on {found.decided_by}",
            )
    for found in writes:
        if (cost := write_cost(found)) is not None:
            yield Reason(says="CAUTION", text=f"{found.query_name} {cost}")
    for index in indexes:
        if index.sorted_otherwise is not None:
            yield Reason(
                says="CAUTION",
                text=f"{index.name} has the columns of {index.sorted_otherwise} in other directions: where all but"
                " the last are compared with =, the older one does the same, read backward",
            )
        if index.makes_superfluous:
            yield Reason(says="CAUTION", text=f"{index.name} makes {', '.join(index.makes_superfluous)} superfluous")
    passed = {name: found.avg_improvement_pct >= LEAST_AVERAGE_PCT for name, found in strata.items()}
    if {"hottest", "median"} <= set(passed) and passed["hottest"] != passed["median"]:
        shares = ", ".join(f"{name} {found.avg_improvement_pct:.0f} %" for name, found in strata.items())
        yield Reason(
            says="CAUTION", text=f"the skew decides: average improvement by stratum is {shares}; the hottest counts"
        )
    runs = min((len_ for found in reads for len_ in _runs(found)), default=FEWEST)
    if runs < FEWEST:
        yield Reason(says="CAUTION", text=f"fewer than {FEWEST} runs of a query: latencies have no interval")


def _runs(found: Improvement) -> Iterator[int]:
    """0 where there is no interval, as many as are needed otherwise."""
    for stratum in found.strata:
        if stratum.time is not None:
            yield FEWEST if stratum.time.low is not None else 0
