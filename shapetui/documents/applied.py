"""Applied: which indexes were built or taken back on a database, how long it took, and what was said about each."""

from __future__ import annotations

from typing import Literal

from shapetui.documents.baseline import Name
from shapetui.documents.model import Count, Document, Number, Part, Time

Action = Literal["apply", "rollback"]
# built; there already, as defined; failed (and what was left of it dropped); dropped; gone before it could be dropped;
# kept, because it is not the one that was made.
Outcome = Literal["built", "present", "failed", "dropped", "gone", "kept"]
# equal: the same index; leading: the columns of the other begin with these; directions: the same columns sorted
# otherwise; extends: these columns begin with those of the other, which is then the superfluous one.
OverlapKind = Literal["equal", "leading", "directions", "extends"]


class Overlap(Part):
    """Another index that does the same, or a part of it."""

    index: Name
    kind: OverlapKind
    words: str


class AppliedIndex(Part):
    """One index and what became of it. `mended`: what an earlier, interrupted run had left and was put right first."""

    name: Name
    table: Name
    definition: str
    outcome: Outcome
    seconds: Number = 0
    bytes: Count = 0
    overlaps: list[Overlap] = []
    notes: list[str] = []
    mended: str | None = None
    reason: str | None = None


class Applied(Document):
    """One run of `--apply` or `--rollback`."""

    action: Action
    applied_at: Time
    indexes: list[AppliedIndex]
    schema_version: Literal[2] | None = None
    source: str | None = None
