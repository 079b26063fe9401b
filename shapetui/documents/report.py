"""Report: how close a synthetic database comes to a production shape; and what a generation run has done.

The four tests, their keys and their verdict rules are the original's; the statistics are true ones.
`mean_error_pct` and `median_error_pct` are fractions, as they were in the original despite their names.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt

from shapetui.documents.checks import Check, Decision, ForeignScore
from shapetui.documents.model import Count, Document, Fraction, Label, Number, Part, Time

Verdict = Literal["PASS", "FAIL"]
Overall = Literal["PASS", "WARNING", "FAIL"]
Signed = StrictInt | StrictFloat
# A chi-square has no upper bound: two large databases without a type in common exceed any count.
Statistic = Annotated[StrictInt | StrictFloat, Field(ge=0)]


class TypeTest(Part):
    """Chi-square of the synthetic counts against production's fractions; `cramers_v` is the size of the effect.

    `chi_square_statistic` is null when a synthetic label does not exist in production (it is infinite then).
    """

    chi_square_statistic: Statistic | None = None
    p_value: Number
    verdict: Verdict
    details: str
    degrees_of_freedom: Count | None = None
    cramers_v: Number | None = None


class SizeTest(Part):
    """Messages per conversation: lattice KS on the cells both sides know, and the largest percentile error."""

    ks_statistic: Number | None = None
    max_percentile_error: Number | None = None
    verdict: Verdict
    details: str
    percentile_errors: dict[str, Signed] = {}
    mean_error: Signed | None = None


class LengthTest(Part):
    """Content length: relative errors of mean and median, as fractions."""

    mean_error_pct: Number | None = None
    median_error_pct: Number | None = None
    verdict: Verdict
    details: str
    ks_statistic: Number | None = None


class Tests(Part):
    """The original's four."""

    conversation_types: TypeTest
    messages_per_conversation: SizeTest
    message_types: TypeTest
    content_length: LengthTest

    def verdicts(self) -> dict[str, Verdict]:
        """Verdict per test, in order."""
        return {name: getattr(self, name).verdict for name in type(self).model_fields}


class Summary(Part):
    """How many tests passed, and what to do."""

    passed_tests: Count
    failed_tests: Count
    recommendations: list[str]


class Side(Part):
    """The numbers of one side that a reader compares first."""

    digest: str
    conversations: Count
    messages: Count
    messages_per_conversation_mean: Number | None = None
    messages_per_conversation_percentiles: dict[str, Count]
    content_length_mean: Number | None = None
    content_length_median: Number | None = None
    top_1_percent_share: Fraction | None = None


class GeneratedFrom(Part):
    """The run of `generate` whose rows were measured, as the database itself tells it."""

    config_digest: str
    model_digest: str | None = None
    source_shape_digest: str | None = None
    seed: str
    target_messages: Count
    finished: bool


class Overlay(Part):
    """Two histograms on the same cells, for the plot: label of the cell -> [production, synthetic] counts."""

    messages_per_conversation: dict[str, tuple[Count, Count]]
    content_length: dict[str, tuple[Count, Count]]


class Report(Document):
    """One comparison of a production shape with a synthetic one.

    The four tests decide `overall_verdict`; the checks decide `decision`: NO-GO where one of them is. Reports of
    earlier versions have neither checks nor a decision.
    """

    validation_timestamp: Time
    production_shape_file: str
    tolerance_threshold: Annotated[Number, Field(gt=0, le=10)]
    overall_verdict: Overall
    tests: Tests
    summary: Summary
    schema_version: Literal[2] | None = None
    production: Side | None = None
    synthetic: Side | None = None
    histograms: Overlay | None = None
    generated_from: GeneratedFrom | None = None
    decision: Decision | None = None
    checks: list[Check] | None = None
    # By the rules of other tools, computed from the shapes; nothing depends on them.
    foreign_scores: list[ForeignScore] | None = None

    @property
    def good(self) -> bool:
        """Whether all four tests pass and no check is NO-GO: nothing more is to be done."""
        return self.overall_verdict == "PASS" and self.decision != "NO-GO"


class Counts(Part):
    """Rows per table."""

    users: Count
    conversations: Count
    conversation_users: Count
    messages: Count
    attachments: Count


class Performance(Part):
    """What the run cost."""

    total_duration_seconds: Number
    messages_per_second: Number
    rows_per_second: Number
    slices: Count
    resumed_slices: Count


class GenerationReport(Document):
    """What `generate` has written: enough to write exactly the same rows again."""

    band: str
    generated_at: Time
    seed: str
    counts: Counts
    parameters: dict[str, Any]
    digests: dict[Label, str]
    performance: Performance
    schema_version: Literal[2] | None = None
