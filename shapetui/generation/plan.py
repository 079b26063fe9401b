"""What is to be generated, decided in full before a row is written: totals, window, seed and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from shapetui.calibration.model import Model, compile_config
from shapetui.calibration.predict import conversation_count
from shapetui.distributions.categories import largest_remainder
from shapetui.distributions.week import WarpedClock
from shapetui.documents.config import Config
from shapetui.documents.model import format_time, parse_time
from shapetui.errors import PlanError, UsageError
from shapetui.generation.specification import BANDS, QUICK, SPECIFICATION, Band, specified_config

# Raised when the same inputs would give other rows than before: it is part of every fingerprint.
GENERATOR_VERSION: Final = 2
_FEWEST_ROOMS: Final = 50
_LARGEST_TARGET: Final = 2_000_000_000
# Users and conversations are held in memory, some 200 bytes each.
_MOST_PEOPLE: Final = 50_000_000
_DAY: Final = 86_400
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Request:
    """What the user asked for; None = not said."""

    config: Config | None = None
    band: str | None = None
    target_messages: int | None = None
    conversations: int | None = None
    seed: str | None = None
    until: datetime | None = None
    quick: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that decides which rows come out. Times in milliseconds since 1970 UTC."""

    model: Model
    band: str
    seed: str
    conversations: int
    users: int
    target_messages: int
    username_mean: float
    username_stddev: float
    clock: WarpedClock
    config_digest: str
    model_digest: str
    # Of the shape that the config was fitted to, where it says.
    source_shape_digest: str | None = None

    @property
    def rooms_by_type(self) -> dict[str, int]:
        """Conversations per type, by largest remainder."""
        return largest_remainder(self.model.conversation_types, self.conversations)

    @property
    def fingerprint(self) -> str:
        """Identifies the rows: two plans with the same one write the same data."""
        parts = [
            GENERATOR_VERSION,
            self.config_digest,
            self.seed,
            self.conversations,
            self.users,
            self.target_messages,
            self.clock.start_ms,
            self.clock.end_ms,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def make_plan(request: Request, now: datetime) -> Plan:
    """The plan of a request. Raises UsageError or PlanError with what to change.

    `now` counts only for a config that names no moment: the specification ends at `SPECIFIED_UNTIL` on every day.
    """
    band, config, target, rooms = _volume(request)
    model = compile_config(config)
    if rooms is None:
        rooms = conversation_count(model, target)
    else:
        target = target or round(rooms * model.mean_size)
    if target > _LARGEST_TARGET:
        raise PlanError(f"{target:,} messages are beyond what one run generates", f"at most {_LARGEST_TARGET:,}")
    users = max(2, round(rooms * model.users_per_conversation))
    if max(rooms, users) > _MOST_PEOPLE:
        raise PlanError(
            f"{rooms:,} conversations and {users:,} users are beyond what one run generates",
            f"at most {_MOST_PEOPLE:,} of each: give fewer messages, or a config with larger conversations",
        )
    until, seconds = _window(request, config, band, now)
    end = int(until.timestamp() * 1000)
    names = config.user_generation.username_length
    return Plan(
        model=model,
        band=band.name if band else "calibrated",
        seed=request.seed if request.seed is not None else f"{band.name if band else 'calibrated'}_shapetui",
        conversations=rooms,
        users=users,
        target_messages=target,
        username_mean=float(names.mean),
        username_stddev=float(names.stddev),
        clock=WarpedClock(end - seconds * 1000, end, model.week),
        config_digest=config.digest(),
        model_digest=config.model_digest(),
        source_shape_digest=config.calibration_metadata.source_shape_digest,
    )


def _volume(request: Request) -> tuple[Band | None, Config, int, int | None]:
    """Band, config, messages and conversations (None = they follow from the messages)."""
    if request.quick and (request.config or request.band):
        raise UsageError("--quick stands alone: it has its own config and size", "leave out --config and --band")
    if request.band and request.target_messages:
        raise UsageError("--band and --target-messages both say how much", "give one of them")
    for name, value in (("--target-messages", request.target_messages), ("--conversations", request.conversations)):
        if value is not None and value < 1:
            raise UsageError(f"{name} must be at least 1, not {value}", "give a positive whole number")
    band = QUICK if request.quick else BANDS[request.band] if request.band else None
    if request.config is not None:
        if request.conversations and (request.target_messages or band):
            raise UsageError(
                "with a config, --conversations and the number of messages follow from each other",
                "give --conversations, --target-messages or --band, one of them",
            )
        if request.conversations:
            return None, request.config, 0, request.conversations
        return band, request.config, request.target_messages or (band or SPECIFICATION).messages, None
    base = band or SPECIFICATION
    # What is not said follows from what is, at the band's messages per conversation.
    density = base.messages / base.conversations
    target = request.target_messages or base.messages
    if request.conversations and not request.target_messages and band is None:
        target = round(request.conversations * density)
    # A handful of rooms cannot have the specification's distribution: small targets get smaller rooms instead.
    rooms = request.conversations or max(round(target / density), min(target, _FEWEST_ROOMS))
    # Bands and numbers that were asked for are kept; otherwise as many rooms as it takes to meet the target.
    fixed = rooms if band or request.conversations else None
    return base, specified_config(base, target, rooms), target, fixed


def _window(request: Request, config: Config, band: Band | None, now: datetime) -> tuple[datetime, int]:
    """The end of the window and its length in seconds."""
    origin = config.calibration_metadata
    if request.until is not None:
        until = request.until
    elif origin.until or origin.calibrated_at:
        until = parse_time(str(origin.until or origin.calibrated_at))
    else:
        # Somebody's own config that names no moment has no natural end; midnight keeps a day's runs the same.
        until = now.replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = origin.window_seconds or (origin.production_sample_window_days or 0) * _DAY
    seconds = seconds or (band or SPECIFICATION).days * _DAY
    # Compared as numbers: a datetime cannot lie before the year 1.
    if until.timestamp() - seconds < _EARLIEST:
        raise UsageError(
            f"the window of {seconds // _DAY:,} days before {format_time(until)} begins before 1971",
            "give a later --until",
        )
    return until, seconds
