"""Config: the parameters of the generator, calibrated from a shape or typed in by hand.

The original's keys come first, with its meaning; ours (`by_type`, `hour_of_week_weights`, lineage) follow and win
where both say the same thing. A file with only the original's keys is a truncated power law without a body.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StrictFloat, StrictInt, model_validator

from shapetui.documents.model import LARGEST, Cells, Count, Document, Fraction, Label, Number, Part, Time

Real = StrictInt | StrictFloat

# Characters; a message may be a document, but PostgreSQL's text ends at 1 GB.
LONGEST_TEXT: Final = 10**8


class Nudge(Part):
    """One change of a parameter by a person or by advice."""

    at: Time
    parameter: str
    before: Real | None = None
    after: Real | None = None


class CalibrationMetadata(Part):
    """Where the numbers come from."""

    source_shape_file: str | None = None
    calibrated_at: Time | None = None
    production_sample_window_days: Count | None = None
    source_shape_digest: str | None = None
    parent_config_digest: str | None = None
    until: Time | None = None
    window_seconds: Count | None = None
    nudges: list[Nudge] = []


class UsernameLength(Part):
    """Characters of a user name."""

    distribution: Literal["normal"] = "normal"
    mean: Number = 12.0
    stddev: Number = 4.0


class UserGeneration(Part):
    """Users: how many for each conversation, how long their names, how unevenly they write."""

    username_length: UsernameLength = UsernameLength()
    users_per_conversation: Number | None = None
    messages_per_sender_cells: Cells = {}


class MessagesPerConversation(Part):
    """The original's block: a power law with its published percentiles."""

    distribution: str = "power_law"
    alpha: Real = Field(gt=0, le=20)
    min: Count = 1
    max: Count
    p50: Count | None = None
    p90: Count | None = None
    p99: Count | None = None

    @model_validator(mode="after")
    def _ordered(self) -> MessagesPerConversation:
        if self.max < max(self.min, 1):
            raise ValueError("max must be at least min, and at least 1")
        return self


class Tail(Part):
    """A discrete power law truncated to `[xmin, xmax]` that holds `share` of the conversations of its type."""

    alpha: Real = Field(gt=-5, le=20)
    xmin: Annotated[StrictInt, Field(ge=1, le=LARGEST)]
    xmax: Count
    share: Fraction

    @model_validator(mode="after")
    def _ordered(self) -> Tail:
        if self.xmax < self.xmin:
            raise ValueError("xmax must be at least xmin")
        return self


class Rival(Part):
    """Another model on the same cells: log-likelihood, number of parameters, AIC minus that of the chosen one.

    `vuong` is Vuong's normalised likelihood ratio, above 0 where the chosen one is better, `p` its significance.
    """

    model: str
    log_likelihood: float
    parameters: Count
    delta_aic: float
    ks: Number
    vuong: float | None = None
    p: Fraction | None = None


class Fit(Part):
    """How well the tail fits: its standard error, its KS distance, how many conversations it rests on.

    `rivals` are models of the whole range, against body and tail together; `tail_rivals` are models of the tail
    alone, against the power law. `log_likelihood` and `aic` are those of the tail given its cells, `xmin_scan` holds
    (xmin, KS) pairs, `goodness_of_fit_p` is that of a bootstrap where one was asked for.
    """

    alpha_standard_error: Number | None = None
    tail_ks: Number | None = None
    tail_count: Count = 0
    rivals: list[Rival] = []
    # Without a value rather than empty: a config of before keeps its digest.
    log_likelihood: float | None = None
    aic: float | None = None
    goodness_of_fit_p: Fraction | None = None
    xmin_scan: list[tuple[Count, Number]] | None = None
    tail_rivals: list[Rival] | None = None


class ConversationModel(Part):
    """One conversation type: its share, the body of its sizes below `tail.xmin`, the tail, its members."""

    share: Fraction
    body_cells: Cells = {}
    tail: Tail | None = None
    member_count_cells: Cells = {}
    fit: Fit | None = None

    @model_validator(mode="after")
    def _something(self) -> ConversationModel:
        body = sum(self.body_cells.values())
        if not body and (self.tail is None or self.tail.share == 0):
            raise ValueError("needs body_cells with at least one count, or a tail with a share")
        if not body and self.tail is not None and self.tail.share < 1:
            raise ValueError("a tail with a share below 1 needs body_cells for the rest")
        return self


class ConversationGeneration(Part):
    """Conversations: types, sizes, members, lifetimes."""

    type_distribution: dict[Label, Fraction]
    messages_per_conversation: MessagesPerConversation
    alpha_convention: Literal["density"] | None = None
    by_type: dict[Label, ConversationModel] = {}
    lifetime_seconds_cells: Cells = {}
    size_lifetime_correlation: float | None = Field(None, ge=-1, le=1)

    @model_validator(mode="after")
    def _weights(self) -> ConversationGeneration:
        weights = [model.share for model in self.by_type.values()] or list(self.type_distribution.values())
        if not sum(weights) > 0:
            raise ValueError("at least one conversation type needs a share above 0")
        return self


class ContentLength(Part):
    """The original's block: a log-normal given by its mean, median and 95th percentile."""

    distribution: str = "log_normal"
    mean: Number | None = None
    median: Number | None = None
    p95: Number | None = None


class LengthModel(Part):
    """One message type: its share, the share of empty messages, and the law of the other lengths.

    `mu` and `sigma` of a histogram are those of the log-normal nearest to it. Where they were changed, `cells_mu` and
    `cells_sigma` keep what they were: the histogram is moved and stretched by the difference, on a logarithmic axis.
    """

    share: Fraction
    empty_share: Fraction = 0.0
    model: Literal["log_normal", "histogram"]
    mu: Real | None = Field(None, ge=-5, le=20)
    sigma: Real | None = Field(None, gt=0, le=6)
    maximum: Annotated[StrictInt, Field(ge=0, le=LONGEST_TEXT)]
    cells: Cells = {}
    ks: Number | None = None
    cells_mu: Real | None = Field(None, ge=-5, le=20)
    cells_sigma: Real | None = Field(None, gt=0, le=6)

    @model_validator(mode="after")
    def _complete(self) -> LengthModel:
        if self.model == "log_normal" and (self.mu is None or self.sigma is None):
            raise ValueError("a log_normal needs mu and sigma")
        if self.model == "histogram" and not sum(self.cells.values()) and self.empty_share < 1:
            raise ValueError("a histogram needs cells with at least one count")
        moved = self.cells_mu, self.cells_sigma
        if moved != (None, None) and (None in (*moved, self.mu, self.sigma) or self.model != "histogram"):
            raise ValueError("cells_mu and cells_sigma stand together, beside mu and sigma of a histogram")
        return self


class Temporal(Part):
    """The daily and weekly rhythm, UTC, day 0 = Sunday; `hour_of_week_weights` (168) wins over the other two."""

    hourly_weights: list[Number] = []
    day_of_week_weights: list[Number] = []
    hour_of_week_weights: list[Number] = []

    @model_validator(mode="after")
    def _lengths(self) -> Temporal:
        for name, length in (("hourly_weights", 24), ("day_of_week_weights", 7), ("hour_of_week_weights", 168)):
            if len(values := getattr(self, name)) not in (0, length):
                raise ValueError(f"{name} must have {length} numbers, not {len(values)}")
        return self


class MessageGeneration(Part):
    """Messages: types, lengths, times."""

    content_length: ContentLength = ContentLength()
    type_distribution: dict[Label, Fraction]
    temporal: Temporal = Temporal()
    by_type: dict[Label, LengthModel] = {}

    @model_validator(mode="after")
    def _weights(self) -> MessageGeneration:
        weights = [model.share for model in self.by_type.values()] or list(self.type_distribution.values())
        if not sum(weights) > 0:
            raise ValueError("at least one message type needs a share above 0")
        return self


class Config(Document):
    """Everything that decides which rows are generated, but for target, seed and time."""

    calibration_metadata: CalibrationMetadata = CalibrationMetadata()
    user_generation: UserGeneration = UserGeneration()
    conversation_generation: ConversationGeneration
    message_generation: MessageGeneration
    schema_version: Literal[2] | None = None

    def model_digest(self) -> str:
        """The digest without lineage: that of a draft stays the same when it is written."""
        return self.model_copy(update={"calibration_metadata": CalibrationMetadata(), "schema_version": None}).digest()
