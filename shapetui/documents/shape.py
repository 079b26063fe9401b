"""Shape: what is known of a chat database in aggregate. Measured in production, predicted, measured in the copy.

The original's keys come first, with its meaning and order (its two variants are read); ours follow. Every
`*_cells` histogram holds integers in the fixed bins, merged where fewer than k entities would have stood alone, and
left out where all of them are fewer. Totals and means are exact.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field, model_validator

from shapetui.documents.model import Cells, Count, Document, Fraction, Label, Number, OriginalCells, Part, Time

PERCENTILES = {"p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95, "p99": 0.99}
# The population of a shape that nobody measured.
PREDICTED = "predicted from a config"


class Users(Part):
    """The people of the population: senders of its messages and members of its conversations."""

    total_count: Count = 0
    username_length_histogram: OriginalCells = {}
    profile_completeness_bins: dict[str, Count] = Field(
        {}, validation_alias=AliasChoices("profile_completeness_bins", "profile_completeness_histogram")
    )


class SizePercentiles(Part):
    """Messages per conversation at `sorted[floor((n - 1) p)]`; no key is ever added: old tools iterate over it."""

    p50: Count | None = None
    p75: Count | None = None
    p90: Count | None = None
    p95: Count | None = None
    p99: Count | None = None
    max: Count | None = None

    def values(self) -> dict[str, int]:
        """The percentiles that are there, without the maximum."""
        return {name: value for name in PERCENTILES if (value := getattr(self, name)) is not None}


class ConversationType(Part):
    """One conversation type: how many, how many messages in all, and their histograms."""

    total_count: Count
    message_count: Count
    messages_per_conversation_cells: Cells
    member_count_cells: Cells = {}


class Physical(Part):
    """How the rows lie in the heap of the messages table."""

    rows_per_page: Number
    row_bytes: Number
    pages_per_conversation: Number


class Conversations(Part):
    """The conversations of the population."""

    total_count: Count = 0
    type_distribution: dict[Label, Count] = {}
    member_count_histogram: OriginalCells = {}
    messages_per_conversation_percentiles: SizePercentiles = Field(
        SizePercentiles(),
        validation_alias=AliasChoices("messages_per_conversation_percentiles", "activity_percentiles"),
    )
    messages_per_conversation_mean: Number | None = None
    messages_per_conversation_cells: Cells = {}
    by_type: dict[Label, ConversationType] = {}
    lifetime_seconds_cells: Cells = {}
    size_lifetime_correlation: float | None = Field(None, ge=-1, le=1)
    top_1_percent_share: Fraction | None = None
    share_over_1k: Fraction | None = None
    share_over_10k: Fraction | None = None
    physical: Physical | None = None

    @model_validator(mode="before")
    @classmethod
    def _heavy_rooms(cls, data: Any) -> Any:
        """The original's second variant keeps the maximum and the heavy shares in a block of their own."""
        if isinstance(data, dict) and isinstance(heavy := data.get("heavy_room_distribution"), dict):
            data = dict(data)
            data.setdefault("share_over_1k", heavy.get("percentage_over_1k"))
            data.setdefault("share_over_10k", heavy.get("percentage_over_10k"))
            activity = data.get("activity_percentiles")
            if isinstance(activity, dict):
                data["activity_percentiles"] = {**activity, "max": activity.get("max", heavy.get("max_messages"))}
        return data


class ContentLengthStats(Part):
    """Characters per message, rounded to integers as the original did; null where the window was empty."""

    mean: Number | None = None
    median: Number | None = None
    p95: Number | None = None


class MessageType(Part):
    """One message type: how many, and how long they are."""

    total_count: Count
    content_length_mean: Number | None = None
    content_length_cells: Cells


class Messages(Part):
    """The messages of the population."""

    total_count: Count = 0
    content_length_histogram: OriginalCells = {}
    content_length_stats: ContentLengthStats = ContentLengthStats()
    type_distribution: dict[Label, Count] = {}
    hourly_distribution: list[Count] = []
    day_of_week_distribution: list[Count] = []
    media_ratio: Fraction | None = None
    weekday_weekend_ratio: Number | None = None
    content_length_mean: Number | None = None
    content_length_median: Number | None = None
    content_length_cells: Cells = {}
    by_type: dict[Label, MessageType] = {}
    hour_of_week: list[Count] = []
    messages_per_sender_cells: Cells = {}

    @model_validator(mode="after")
    def _lengths(self) -> Messages:
        for name, length in (("hourly_distribution", 24), ("day_of_week_distribution", 7), ("hour_of_week", 168)):
            if len(values := getattr(self, name)) not in (0, length):
                raise ValueError(f"{name} must have {length} numbers, not {len(values)}")
        return self


class Window(Part):
    """The time of the population: messages created in `[from, until)`."""

    first: Time = Field(alias="from")
    until: Time
    requested_days: Count


class Certificate(Part):
    """By which rules the file was made safe to release; `signature` is HMAC-SHA256 over the rest with the salt."""

    rule_version: int
    min_cell_count: Count
    protected_entities: dict[str, str]
    merged_cells: dict[str, Count]
    top_coded: list[str]
    folded_labels: Count
    renamed_labels: Count
    signature: str | None = None


class Request(Part):
    """What was asked of which server version; no host, no user, no database name."""

    server_version: str
    statements: list[str]


class Shape(Document):
    """The aggregate shape of a chat database. A missing block is an empty one."""

    extracted_at: Time
    sample_window_days: Count
    privacy_level: Literal["ANONYMIZED_SHAPE_ONLY"]
    users: Users = Users()
    conversations: Conversations
    messages: Messages
    schema_version: Literal[2] | None = None
    population: str | None = None
    window: Window | None = None
    request: Request | None = None
    certificate: Certificate | None = None

    @property
    def folds_labels(self) -> bool:
        """Whether its OTHER is what disclosure control folded, and not a label of the database's own."""
        return self.certificate is not None and self.certificate.folded_labels > 0

    @model_validator(mode="after")
    def _consistent(self) -> Shape:
        if self.schema_version is None:
            return self
        for name, total, cells in (
            (
                "conversations.messages_per_conversation_cells",
                self.conversations.total_count,
                self.conversations.messages_per_conversation_cells,
            ),
            ("messages.content_length_cells", self.messages.total_count, self.messages.content_length_cells),
        ):
            if cells and sum(cells.values()) > total:
                raise ValueError(f"{name} holds more than total_count, which is {total}")
        return self
