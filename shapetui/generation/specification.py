"""The original's bands and its specification of distributions, read so that they agree with each other.

The specification asks for a median of 15 and a 95th percentile of 500 messages per conversation, and for 2 % of rooms
with 10,000 messages or more. No power law from 1 has those, and the original's generator reached 3 % of its targets;
a log-normal body through the two percentiles with a power-law tail (alpha 1.8, 10,000 to 50,000) does, and the share
of heavy rooms that meets each band's number of messages is 1 to 2.4 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log
from typing import Final

import numpy as np

from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.discrete import DiscreteDistribution
from shapetui.documents.config import (
    CalibrationMetadata,
    Config,
    ContentLength,
    ConversationGeneration,
    ConversationModel,
    LengthModel,
    MessageGeneration,
    MessagesPerConversation,
    Tail,
    Temporal,
    UserGeneration,
)
from shapetui.documents.model import format_time
from shapetui.errors import PlanError


@dataclass(frozen=True)
class Band:
    """A size of data set: the original's numbers."""

    name: str
    messages: int
    users: int
    conversations: int
    days: int


BANDS: Final = {
    band.name: band
    for band in (
        Band("dev", 5_000_000, 5_000, 8_000, 30),
        Band("staging", 100_000_000, 150_000, 300_000, 180),
        Band("perf", 300_000_000, 250_000, 600_000, 365),
    )
}
# The original's quick generator: the same people and rooms as dev, a tenth of the messages, 20 days.
QUICK: Final = Band("quick", 500_000, 5_000, 8_000, 20)
# What says only how many messages or conversations is no band: it is as dense and as long as dev, without its name.
SPECIFICATION: Final = replace(BANDS["dev"], name="specification")
# The window's end where no shape gives one: the day of the original's specification. A fixed moment, so that a run
# resumes after midnight and the same command gives the same rows on any day.
SPECIFIED_UNTIL: Final = datetime(2025, 10, 22, tzinfo=UTC)

_ALPHA: Final = 1.8
_BODY_MEDIAN, _BODY_P95 = 15, 500
_HEAVY, _HEAVIEST = 10_000, 50_000
# The three kinds of rooms of the specification: 70 % pairs; 25 % small groups and 5 % large ones, both GROUP_CHAT.
_PAIRS: Final = 0.70
# 15 % media, split as the specification splits attachments; FILE is its "document".
_MESSAGE_TYPES: Final = {"TEXT": 0.85, "IMAGE": 0.0975, "VIDEO": 0.0225, "FILE": 0.018, "AUDIO": 0.012}
# mu and sigma of the specification's text lengths, 1 to 5,000 characters.
_LENGTH_MU, _LENGTH_SIGMA, _LONGEST = 4.5, 1.2, 5000
# "peak_hours" of the specification, UTC, at the peak-to-trough ratio of 2.5 that its own checks expect.
_PEAK_HOURS: Final = (9, 10, 11, 12, 18, 19, 20, 21)
_PEAK, _WEEKDAY, _WEEKEND = 2.5, 1.4, 0.7


def specified_config(band: Band, messages: int, conversations: int) -> Config:
    """The specification as a config whose mean is `messages / conversations`.

    Raises PlanError when no distribution of the specification's kind has that mean.
    """
    mean = messages / conversations
    body, tail = _sizes(mean)
    hours = [_PEAK if hour in _PEAK_HOURS else 1.0 for hour in range(24)]
    days = [_WEEKEND, *[_WEEKDAY] * 5, _WEEKEND]
    model = dict.fromkeys(("DIRECT_MESSAGE", "GROUP_CHAT"))
    shares = dict(zip(model, (_PAIRS, 1 - _PAIRS), strict=True))
    return Config(
        calibration_metadata=CalibrationMetadata(
            source_shape_file="the original's specification" + (f", band {band.name}" if band != SPECIFICATION else ""),
            until=format_time(SPECIFIED_UNTIL),
            production_sample_window_days=band.days,
            window_seconds=band.days * 86_400,
        ),
        user_generation=UserGeneration(users_per_conversation=band.users / band.conversations),
        conversation_generation=ConversationGeneration(
            type_distribution={label: round(share, 4) for label, share in shares.items()},
            messages_per_conversation=MessagesPerConversation(
                alpha=_ALPHA, min=1 if body else tail.xmin, max=tail.xmax
            ),
            alpha_convention="density",
            by_type={
                label: ConversationModel(
                    share=share,
                    body_cells=body,
                    tail=tail,
                    member_count_cells={"2": 1} if label == "DIRECT_MESSAGE" else _group_members(),
                )
                for label, share in shares.items()
            },
        ),
        message_generation=MessageGeneration(
            content_length=ContentLength(),
            type_distribution=_MESSAGE_TYPES,
            temporal=Temporal(hour_of_week_weights=[day * hour for day in days for hour in hours]),
            by_type={
                label: LengthModel(
                    share=share, model="log_normal", mu=_LENGTH_MU, sigma=_LENGTH_SIGMA, maximum=_LONGEST
                )
                for label, share in _MESSAGE_TYPES.items()
            },
        ),
        schema_version=2,
    )


def _sizes(mean: float) -> tuple[dict[str, int], Tail]:
    """Body cells and tail with a given mean.

    Above the body's own mean, heavy rooms make up the difference; below it (the quick generator's 62.5 messages
    per room) the original's heavy-room law: a power law of alpha 1.8 alone, its range moved to meet the mean.
    """
    body = lognormal.discretised(log(_BODY_MEDIAN), log(_BODY_P95 / _BODY_MEDIAN) / 1.6449, _HEAVY - 1)
    heavy = powerlaw.truncated(_ALPHA, _HEAVY, _HEAVIEST)
    share = (mean - body.mean()) / (heavy.mean() - body.mean())
    if share >= 1:
        raise PlanError(
            f"{mean:,.0f} messages per conversation are more than the specification's largest rooms allow",
            f"ask for more conversations: at most {heavy.mean():,.0f} messages each",
        )
    if share > 0:
        return _cells(body), Tail(alpha=_ALPHA, xmin=_HEAVY, xmax=_HEAVIEST, share=share)
    if mean < 1:
        raise PlanError("there are more conversations than messages", "ask for fewer conversations or more messages")
    xmin = next(x for x in range(1, _HEAVY) if powerlaw.truncated(_ALPHA, x, _HEAVIEST).mean() >= mean)
    low, high = xmin, _HEAVIEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if powerlaw.truncated(_ALPHA, xmin, middle).mean() <= mean else (low, middle)
    return {}, Tail(alpha=_ALPHA, xmin=xmin, xmax=low, share=1.0)


def _cells(law: DiscreteDistribution) -> dict[str, int]:
    """The law as whole counts out of ten million."""
    counts = np.diff(np.round(np.concatenate([[0.0], np.cumsum(law.probability)]) * 10_000_000)).astype(np.int64)
    return {
        (str(lo) if lo == hi else f"{lo}-{hi}"): count
        for lo, hi, count in zip(law.lo.tolist(), law.hi.tolist(), counts.tolist(), strict=True)
        if count
    }


def _group_members() -> dict[str, int]:
    """Small groups of 3 to 20 (geometric, p = .3) and, one in six, large ones of 21 to 256 (power law, alpha 2.5)."""
    small = np.arange(3, 21)
    weights = 0.7 ** (small - 3)
    cells = {str(size): int(count) for size, count in zip(small, weights / weights.sum() * 2_500_000, strict=True)}
    large = powerlaw.truncated(2.5, 21, 256)
    return cells | {
        str(size): int(500_000 * p) for size, p in zip(large.lo.tolist(), large.probability.tolist(), strict=True)
    }
