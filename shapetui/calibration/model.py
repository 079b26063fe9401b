"""A config compiled to distributions: what `predict` evaluates and the generator draws its quantile grids from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from shapetui.calibration.lengths import length_distribution
from shapetui.calibration.sizes import spliced
from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.categories import fractions
from shapetui.distributions.discrete import DiscreteDistribution, mixture, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import LONGEST_TEXT, Config, ContentLength, Temporal
from shapetui.documents.labels import cells_of
from shapetui.errors import PlanError

# Without a measured one: as many users as the original's staging band has per conversation.
_USERS_PER_CONVERSATION: Final = 0.5
# The original's cap of a message (its specification's max), where a config names none.
_LONGEST: Final = 5000


@dataclass(frozen=True)
class Model:
    """Everything that a config says about rows, as distributions.

    Attributes:
        conversation_types, message_types: label -> share, summing to 1, without labels of share 0.
        sizes: conversation type -> messages per conversation.
        members: conversation type -> members per conversation.
        lengths: message type -> characters per message.
        week: 168 weights, hour 0 = Sunday 00:00 UTC.
        lifetime: seconds from the first message to the last of a conversation with two or more; None = anything up
            to the window.
        size_lifetime_correlation: rank correlation of size and lifetime, -1..1.
        activity: messages per sender, as measured; None = the skew of a power law.
    """

    conversation_types: dict[str, float]
    sizes: dict[str, DiscreteDistribution]
    members: dict[str, DiscreteDistribution]
    message_types: dict[str, float]
    lengths: dict[str, DiscreteDistribution]
    week: tuple[float, ...]
    lifetime: DiscreteDistribution | None
    size_lifetime_correlation: float
    users_per_conversation: float
    activity: DiscreteDistribution | None

    @property
    def mean_size(self) -> float:
        """Expected messages per conversation."""
        return sum(share * self.sizes[label].mean() for label, share in self.conversation_types.items())


def compile_config(config: Config) -> Model:
    """The distributions of a config. Raises PlanError where the numbers cannot be distributions, or make no message."""
    try:
        model = _compiled(config)
    except ValueError as error:
        raise PlanError(
            f"the config cannot be made into distributions: {error}", "calibrate again, or mend the numbers"
        ) from None
    if not model.mean_size > 0:
        raise PlanError(
            "the config makes conversations without a single message",
            "give body_cells with a size above 0, or a tail with a share",
        )
    return model


def _compiled(config: Config) -> Model:
    conversations, messages = config.conversation_generation, config.message_generation
    if conversations.by_type:
        conversation_types = _shares({label: model.share for label, model in conversations.by_type.items()})
        sizes = {
            label: spliced(Histogram.of_cells(cells_of(conversations.by_type[label].body_cells)), model.tail)
            for label in conversation_types
            for model in (conversations.by_type[label],)
        }
    else:
        conversation_types = _shares(conversations.type_distribution)
        law = conversations.messages_per_conversation
        common = powerlaw.truncated(law.alpha, max(law.min, 1), law.max)
        sizes = dict.fromkeys(conversation_types, common)
    if messages.by_type:
        message_types = _shares({label: model.share for label, model in messages.by_type.items()})
        lengths = {label: length_distribution(messages.by_type[label]) for label in message_types}
    else:
        message_types = _shares(messages.type_distribution)
        lengths = dict.fromkeys(message_types, _original_lengths(messages.content_length))
    users = config.user_generation
    return Model(
        conversation_types=conversation_types,
        sizes=sizes,
        members={
            label: _members(label, conversations.by_type[label].member_count_cells if conversations.by_type else {})
            for label in conversation_types
        },
        message_types=message_types,
        lengths=lengths,
        week=_week(messages.temporal),
        lifetime=_lifetime(conversations.lifetime_seconds_cells),
        size_lifetime_correlation=conversations.size_lifetime_correlation or 0.0,
        users_per_conversation=users.users_per_conversation or _USERS_PER_CONVERSATION,
        activity=_of_cells(users.messages_per_sender_cells),
    )


def overall_sizes(model: Model) -> DiscreteDistribution:
    """Messages per conversation over all types."""
    return mixture([(share, model.sizes[label]) for label, share in model.conversation_types.items()])


def overall_lengths(model: Model) -> DiscreteDistribution:
    """Characters per message over all types."""
    return mixture([(share, model.lengths[label]) for label, share in model.message_types.items()])


def _shares(weights: dict[str, float]) -> dict[str, float]:
    return {label: share for label, share in fractions(weights).items() if share > 0}


def _of_cells(cells: dict[str, int]) -> DiscreteDistribution | None:
    histogram = Histogram.of_cells(cells_of(cells)).without_empty()
    return smooth(histogram) if histogram.total else None


def _lifetime(cells: dict[str, int]) -> DiscreteDistribution | None:
    """Lifetimes of conversations that have one: those with fewer than two messages count as 0 seconds."""
    law = _of_cells(cells)
    return law.restricted(1, law.maximum) if law is not None and law.maximum > 0 else None


def _members(label: str, cells: dict[str, int]) -> DiscreteDistribution:
    """As measured; otherwise two for direct messages and the original's 3 to 20 (geometric, p = .3) for the rest."""
    if (measured := _of_cells(cells)) is not None:
        return measured
    if label == "DIRECT_MESSAGE":
        two = np.full(1, 2, dtype=np.int64)
        return DiscreteDistribution(two, two, np.ones(1))
    counts = np.arange(3, 21, dtype=np.int64)
    return DiscreteDistribution.of_weights(counts, counts, 0.7 ** (counts - 3))


def _original_lengths(block: ContentLength) -> DiscreteDistribution:
    """The log-normal of an original config: median and mean decide, the 95th percentile where there is no mean."""
    median = float(block.median) if block.median else float(block.mean or 60)
    if block.mean is not None and block.mean > median:
        mu, sigma = lognormal.from_mean_and_median(float(block.mean), median)
    elif block.p95 is not None and block.p95 > median:
        mu, sigma = log(median), log(float(block.p95) / median) / 1.6449
    else:
        mu, sigma = log(max(median, 0.5)), lognormal.SIGMA_LOWEST
    longest = min(max(_LONGEST, int(20 * (block.p95 or block.mean or median))), LONGEST_TEXT)
    return lognormal.discretised(mu, min(max(sigma, lognormal.SIGMA_LOWEST), lognormal.SIGMA_HIGHEST), longest)


def _week(temporal: Temporal) -> tuple[float, ...]:
    """168 weights; hours and days of an original config are multiplied; without any, all hours are equal."""
    if temporal.hour_of_week_weights and sum(temporal.hour_of_week_weights) > 0:
        return tuple(float(weight) for weight in temporal.hour_of_week_weights)
    hours = _relative(temporal.hourly_weights) or [1 / 24] * 24
    days = _relative(temporal.day_of_week_weights) or [1 / 7] * 7
    return tuple(day * hour for day in days for hour in hours)


def _relative(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights] if total > 0 else []
