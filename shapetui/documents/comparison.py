"""Comparison: two baselines of one database, before and after its indexes changed, and what that comes to.

The original's keys come first and keep their meaning; for a query measured on several strata they hold those of the
first one, the hottest. Times are medians in milliseconds, a ratio is after divided by before.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from shapetui.documents.baseline import Name, StratumName
from shapetui.documents.checks import Decision
from shapetui.documents.model import Count, Document, Number, Part, Time

Status = Literal["IMPROVED", "DEGRADED", "NO_CHANGE"]
Change = Literal["added", "removed", "changed"]
Signed = StrictInt | StrictFloat
# The longest time by the shortest that the clock tells.
Positive = Annotated[StrictInt | StrictFloat, Field(ge=0, le=1e18)]


class Ratio(Part):
    """After divided by before, with the interval that holds it; without one, there were too few runs."""

    value: Positive
    low: Positive | None = None
    high: Positive | None = None


class StratumComparison(Part):
    """One query on one stratum. `messages` of its conversation; pages are those of a run, `temp` what was spilled.

    `time` is null where one side gave up: then its time is the limit that it exceeded. `note` says why a difference
    counts for nothing, or what else is to be known.
    """

    stratum: StratumName
    status: Status
    pre_time_ms: Number
    post_time_ms: Number
    time: Ratio | None = None
    pre_pages: Count
    post_pages: Count
    pages: Ratio | None = None
    pre_temp_pages: Count = 0
    post_temp_pages: Count = 0
    pre_cold_ms: Number | None = None
    post_cold_ms: Number | None = None
    pre_wal_bytes: Count | None = None
    post_wal_bytes: Count | None = None
    messages: Count | None = None
    plan_changed: StrictBool = False
    plan_change: str = ""
    note: str = ""
    pre_plan: list[str] = []
    post_plan: list[str] = []


class Improvement(Part):
    """One query before and after. `time_delta_ms` is what is saved: negative where it became slower.

    `had_sort`: before, on the hottest stratum. `decided_by`: the stratum whose status is the query's; `contrary`:
    those on which it went the other way.
    """

    query_id: Name
    query_name: Name
    pre_time_ms: Number
    post_time_ms: Number
    time_delta_ms: Signed
    time_reduction_pct: Signed
    sort_eliminated: StrictBool
    index_adopted: StrictBool
    status: Status
    kind: Literal["read", "write"] = "read"
    rows_written: Count | None = None
    target_ms: Number | None = None
    had_sort: StrictBool | None = None
    decided_by: StratumName | None = None
    contrary: list[StratumName] = []
    plan_change: str = ""
    strata: list[StratumComparison] = []


class Difference(Part):
    """What differs between the two baselines beside the indexes. `incomparable`: it may explain what was measured."""

    what: str
    before: str
    after: str
    incomparable: StrictBool


class Use(Part):
    """A query whose plan uses an index after, and on which strata."""

    query_id: Name
    query_name: Name
    strata: list[StratumName]


class Effect(Part):
    """What one index alone did to one query, on the stratum that decides: against the baseline just before it."""

    query_id: Name
    query_name: Name
    kind: Literal["read", "write"]
    status: Status
    pre_time_ms: Number
    post_time_ms: Number
    pre_pages: Count
    post_pages: Count


class IndexEffect(Part):
    """One index that is not the same on both sides. `covered_by`: the index that does all that it can do;
    `sorted_otherwise`: one with the same columns in other directions, which nearly does.

    `alone` is there where indexes were made one at a time with a baseline after each.
    """

    name: Name
    table: Name
    definition: str
    change: Change
    bytes: Count
    used_by: list[Use] = []
    covered_by: str | None = None
    sorted_otherwise: str | None = None
    makes_superfluous: list[str] = []
    verdict: Literal["GO", "NO-GO"] | None = None
    reason: str = ""
    alone: list[Effect] | None = None


class StratumSummary(Part):
    """The read queries on one stratum; what did not change counts as 0 % saved."""

    avg_improvement_pct: Signed
    queries_improved: Count
    queries_degraded: Count
    queries_unchanged: Count


class Reason(Part):
    """One rule and what it says. CAUTION: to be weighed, decides nothing."""

    says: Literal["GO", "NO-GO", "INCONCLUSIVE", "CAUTION"]
    text: str


class ComparisonSummary(Part):
    """The original's numbers, and the decision with all its reasons.

    `unchanged_times`: how the times of queries that did the same work moved, which is what the machine does on its
    own.
    """

    avg_improvement_pct: Signed
    queries_improved: Count
    queries_degraded: Count
    queries_unchanged: Count
    p95_improvement_pct: Signed
    sorts_eliminated: Count
    go_no_go: Decision
    rationale: str
    queries_with_sorts: Count | None = None
    by_stratum: dict[StratumName, StratumSummary] = {}
    reasons: list[Reason] = []
    unchanged_times: Ratio | None = None
    pre_index_bytes: Count | None = None
    post_index_bytes: Count | None = None


class Mitigation(Part):
    """What is not as it should be, and what might help."""

    query_id: Name
    issue: str
    recommendation: str


class Comparison(Document):
    """Two baselines side by side."""

    pre_baseline: str
    post_baseline: str
    compared_at: Time
    improvements: list[Improvement]
    summary: ComparisonSummary
    mitigations: list[Mitigation]
    schema_version: Literal[2] | None = None
    between: list[str] = []
    differences: list[Difference] = []
    write_costs: list[Improvement] = []
    indexes: list[IndexEffect] = []
    skipped: list[str] = []
    confidence: Annotated[Number, Field(gt=0, lt=1)] | None = None
