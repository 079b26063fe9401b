"""Shape to config: everything the generator needs, fitted to what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from shapetui.calibration.lengths import fit_lengths
from shapetui.calibration.sizes import SizeFit, cells_from_percentiles, fit_sizes
from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.categories import fractions
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import (
    LONGEST_TEXT,
    CalibrationMetadata,
    Config,
    ContentLength,
    ConversationGeneration,
    ConversationModel,
    LengthModel,
    MessageGeneration,
    MessagesPerConversation,
    Temporal,
    UserGeneration,
    UsernameLength,
)
from shapetui.documents.labels import cells_of, labelled
from shapetui.documents.model import format_time, parse_time
from shapetui.documents.shape import Conversations, Messages, Shape
from shapetui.errors import PlanError

# The label of what disclosure control folded: nobody knows what is in it, so its share goes to the rest.
FOLDED = "OTHER"


def calibrate(shape: Shape, source: str, now: datetime, *, replicates: int = 0) -> Config:
    """The config whose expected shape is as near to `shape` as the model can come.

    `source` names the shape's file. With `replicates` each tail's goodness of fit is bootstrapped with so many; the
    parameters do not depend on it. Raises PlanError when the shape holds too little to fit anything to.
    """
    conversations, messages = shape.conversations, shape.messages
    if not sum(conversations.type_distribution.values()) or not sum(_message_types(messages).values()):
        raise PlanError(
            f"{source}: the shape is empty: it counts no conversations or no messages by type",
            "sample a longer window (--window-days 0 is all of history), or with less than --min-cell-count"
            " conversations there is nothing that may leave production",
        )
    try:
        return Config(
            calibration_metadata=_metadata(shape, source, now),
            user_generation=_users(shape),
            conversation_generation=_conversations(
                conversations, messages, folds=shape.folds_labels, replicates=replicates
            ),
            message_generation=_messages(messages, folds=shape.folds_labels),
            schema_version=2,
        )
    except ValidationError as error:
        # The bounds of a config are narrower than those of a shape: no chat has a message of 10^14 characters.
        first = error.errors(include_url=False, include_input=False)[0]
        raise PlanError(
            f"{source}: the shape's numbers lie outside of what a config may hold: {first['msg']}",
            "are they a chat's? sample production again",
        ) from None


def _metadata(shape: Shape, source: str, now: datetime) -> CalibrationMetadata:
    window = shape.window
    seconds = (
        int((parse_time(window.until) - parse_time(window.first)).total_seconds())
        if window
        else shape.sample_window_days * 86_400
    )
    return CalibrationMetadata(
        source_shape_file=source,
        calibrated_at=format_time(now),
        production_sample_window_days=shape.sample_window_days,
        source_shape_digest=shape.digest(),
        until=window.until if window else shape.extracted_at,
        window_seconds=seconds,
    )


def _users(shape: Shape) -> UserGeneration:
    cells = cells_of(shape.users.username_length_histogram)
    total = sum(count for _, _, count in cells)
    name = UsernameLength()
    if total:
        # Cells are inclusive integers, so their middle is (lo + hi) / 2; Sheppard's correction takes out the width.
        mean = sum((lo + hi) / 2 * count for lo, hi, count in cells) / total
        variance = sum((((lo + hi) / 2 - mean) ** 2 - ((hi - lo + 1) ** 2 - 1) / 12) * n for lo, hi, n in cells)
        name = UsernameLength(mean=round(mean, 1), stddev=round(math.sqrt(max(0.0, variance / total)), 1))
    rooms = shape.conversations.total_count
    return UserGeneration(
        username_length=name,
        users_per_conversation=shape.users.total_count / rooms if rooms and shape.users.total_count else None,
        messages_per_sender_cells=shape.messages.messages_per_sender_cells,
    )


def _known(weights: Mapping[str, int], *, folds: bool) -> dict[str, int]:
    """Labels with something behind them, without what disclosure control folded (unless that is all there is)."""
    kept = {label: count for label, count in weights.items() if count and not (folds and label == FOLDED)}
    return kept or {label: count for label, count in weights.items() if count}


def _conversations(block: Conversations, messages: Messages, *, folds: bool, replicates: int) -> ConversationGeneration:
    shares = fractions(_known(block.type_distribution, folds=folds))
    overall, mean = _size_cells(block, messages)
    measured = [
        part is not None and any(part.messages_per_conversation_cells.values())
        for part in map(block.by_type.get, shares)
    ]
    whole = fit_sizes(overall, mean, replicates=0 if all(measured) else replicates)
    models = {}
    for label, share in shares.items():
        part = block.by_type.get(label)
        fitted = whole
        if part is not None and any(part.messages_per_conversation_cells.values()):
            cells = Histogram.of_cells(cells_of(part.messages_per_conversation_cells))
            mean = part.message_count / part.total_count if part.total_count else None
            fitted = fit_sizes(cells, mean, replicates=replicates)
        models[label] = _conversation_model(share, fitted, part.member_count_cells if part else {})
    percentiles = block.messages_per_conversation_percentiles
    whole_tail = whole.tail
    largest = max(
        (model.tail.xmax if model.tail else max(hi for _, hi, _ in cells_of(model.body_cells)))
        for model in models.values()
    )
    return ConversationGeneration(
        type_distribution={label: round(share, 4) for label, share in shares.items()},
        messages_per_conversation=MessagesPerConversation(
            alpha=round(whole_tail.alpha, 2) if whole_tail else _whole_alpha(overall),
            min=1,
            max=max(largest, 1),
            p50=percentiles.p50,
            p90=percentiles.p90,
            p99=percentiles.p99,
        ),
        alpha_convention="density",
        by_type=models,
        lifetime_seconds_cells=block.lifetime_seconds_cells,
        size_lifetime_correlation=block.size_lifetime_correlation,
    )


def _size_cells(block: Conversations, messages: Messages) -> tuple[Histogram, float | None]:
    """The sizes over all types, and their mean; built from the percentiles where a shape has no cells."""
    if any(block.messages_per_conversation_cells.values()):
        cells = Histogram.of_cells(cells_of(block.messages_per_conversation_cells))
        mean = block.messages_per_conversation_mean
        return cells, float(mean) if mean is not None else None
    percentiles = block.messages_per_conversation_percentiles
    rooms = sum(block.type_distribution.values())
    mean = messages.total_count / rooms if rooms and messages.total_count else None
    cells = cells_from_percentiles(percentiles.values(), percentiles.max, rooms, mean)
    if not cells.total:
        raise PlanError(
            "the shape has neither messages_per_conversation_cells nor percentiles",
            "sample production again: the window was probably empty",
        )
    # What was published beyond the percentiles does not reconcile with them in the original (two populations).
    return cells, None


def _whole_alpha(cells: Histogram) -> float:
    """The original's alpha where no tail could be fitted: over the whole range, for readers of the old key."""
    positive = cells.from_value(1).without_empty()
    return round(powerlaw.fit(positive).alpha, 2) if positive.lo.size > 1 else 1.5


def _conversation_model(share: float, fitted: SizeFit, members: dict[str, int]) -> ConversationModel:
    return ConversationModel(
        share=share,
        body_cells=labelled(fitted.body.cells()),
        tail=fitted.tail,
        member_count_cells=members,
        fit=fitted.fit,
    )


def _message_types(block: Messages) -> dict[str, int]:
    """Messages per type. The original's second variant has no types, only the share of those that are not TEXT."""
    if block.type_distribution or not block.total_count:
        return block.type_distribution
    media = round(block.total_count * (block.media_ratio or 0.0))
    return {"TEXT": block.total_count - media, "IMAGE": media}


def _messages(block: Messages, *, folds: bool) -> MessageGeneration:
    shares = fractions(_known(_message_types(block), folds=folds))
    stats = block.content_length_stats
    whole = Histogram.of_cells(cells_of(block.content_length_cells or block.content_length_histogram))
    whole_mean = block.content_length_mean if block.content_length_mean is not None else stats.mean
    models: dict[str, LengthModel] = {}
    for label, share in shares.items():
        part = block.by_type.get(label)
        if part is not None and any(part.content_length_cells.values()):
            cells = Histogram.of_cells(cells_of(part.content_length_cells))
            mean = part.content_length_mean
        else:
            cells, mean = whole, whole_mean
        if cells.total:
            models[label] = fit_lengths(cells, share, float(mean) if mean is not None else None)
        else:
            models[label] = _from_stats(share, stats.mean, stats.median, stats.p95)
    hours = block.hour_of_week
    hourly = [sum(hours[day * 24 + hour] for day in range(7)) for hour in range(24)] if hours else []
    daily = [sum(hours[day * 24 : day * 24 + 24]) for day in range(7)] if hours else []
    return MessageGeneration(
        content_length=ContentLength(mean=stats.mean, median=stats.median, p95=stats.p95),
        type_distribution={label: round(share, 4) for label, share in shares.items()},
        temporal=Temporal(
            hourly_weights=_weights(hourly or block.hourly_distribution),
            day_of_week_weights=_weights(daily or block.day_of_week_distribution),
            hour_of_week_weights=[float(count) for count in hours],
        ),
        by_type=models,
    )


def _weights(counts: list[int]) -> list[float]:
    total = sum(counts)
    return [round(count / total, 4) for count in counts] if total else []


def _from_stats(share: float, mean: float | None, median: float | None, p95: float | None) -> LengthModel:
    """A log-normal from the three numbers of an original shape."""
    center = float(median or mean or 60)
    mu, sigma = lognormal.from_mean_and_median(float(mean or center), center)
    maximum = min(max(5000, int(20 * (p95 or mean or center))), LONGEST_TEXT)
    return LengthModel(share=share, model="log_normal", mu=mu, sigma=sigma, maximum=maximum)
