"""What a draft is expected to come out as, computed once per draft and half of a config.

A nudge changes one half of a config, sizes or lengths, and shares everything else with the draft before it; so what
was computed is kept by the identity of the frozen parts, and undo, redo and a moved focus cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from shapetui.calibration.model import Model, compile_config, overall_lengths, overall_sizes
from shapetui.calibration.predict import predict
from shapetui.documents.config import (
    Config,
    ContentLength,
    ConversationGeneration,
    MessageGeneration,
    MessagesPerConversation,
    Temporal,
    UserGeneration,
)
from shapetui.documents.identity import Same
from shapetui.documents.report import Tests
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.fidelity.checks import Checks, run_checks
from shapetui.fidelity.compare import overall, run_tests
from shapetui.workbench.parameters import Parameter, parameters

# Stand-ins for the half that is not compiled: the least that a config may hold.
_NO_CONVERSATIONS: Final = ConversationGeneration(
    type_distribution={"-": 1}, messages_per_conversation=MessagesPerConversation(alpha=1, min=1, max=1)
)
_NO_MESSAGES: Final = MessageGeneration(type_distribution={"-": 1}, content_length=ContentLength(mean=1, median=1))
_NO_USERS: Final = UserGeneration()
NO_CHECKS: Final = Checks((), None)
_NO_SHAPE_TIME: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Expected:
    """What a draft is expected to come out as, and how that would be judged; without production's shape by nothing."""

    shape: Shape
    tests: Tests | None
    verdict: str | None
    passed: int
    checks: Checks = NO_CHECKS

    @property
    def good(self) -> bool:
        """Whether the four tests pass and no check is NO-GO."""
        return self.verdict == "PASS" and self.checks.decision != "NO-GO"


def compiled(config: Config) -> Model:
    """`compile_config`, but a half that was compiled before is taken from then. Raises PlanError."""
    # Where a half has models, they tell it: `with_original_keys` copies the block around them, and a constructor
    # makes them anew, so no two blocks that differ in anything else share them.
    conversations, messages = config.conversation_generation, config.message_generation
    lengths = _messages_half(Same(messages, messages.by_type or None), Same(messages.temporal))
    sizes = _conversations_half(Same(conversations, conversations.by_type or None), Same(config.user_generation))
    return replace(sizes, message_types=lengths.message_types, lengths=lengths.lengths, week=lengths.week)


@lru_cache(maxsize=64)
def _conversations_half(block: Same[ConversationGeneration], users: Same[UserGeneration]) -> Model:
    return compile_config(
        Config(conversation_generation=block.it, user_generation=users.it, message_generation=_NO_MESSAGES)
    )


@lru_cache(maxsize=64)
def _messages_half(block: Same[MessageGeneration], _hours: Same[Temporal]) -> Model:
    return compile_config(
        Config(conversation_generation=_NO_CONVERSATIONS, user_generation=_NO_USERS, message_generation=block.it)
    )


def parameters_of(config: Config) -> tuple[Parameter, ...]:
    """`parameters`, kept for the configs looked at last."""
    return _parameters(Same(config))


@lru_cache(maxsize=64)
def _parameters(config: Same[Config]) -> tuple[Parameter, ...]:
    return parameters(config.it)


def expect(config: Config, shape: Shape | None, target: int, tolerance: float) -> Expected | PlanError:
    """The expected shape of a config and its tests against production's; why there is none, as a value."""
    return _expect(Same(config), Same(shape), target, tolerance)


@lru_cache(maxsize=64)
def _expect(
    config: Same[Config], production: Same[Shape | None], target: int, tolerance: float
) -> Expected | PlanError:
    shape = production.it
    try:
        model = compiled(config.it)
        at, days = (shape.extracted_at, shape.sample_window_days) if shape else (_NO_SHAPE_TIME, 0)
        # Probabilities near the smallest float overflow when divided by; numpy would warn on the screen.
        with np.errstate(all="ignore"):
            expected = predict(model, target, at, days)
        if shape is None:
            return Expected(expected, None, None, 0)
        tests = run_tests(shape, expected, tolerance)
        # A config that was fitted to another shape brings the noise of that sample along.
        source = config.it.calibration_metadata.source_shape_digest
        checks = run_checks(shape, expected, tolerance, exact=source is None or source == _digest(Same(shape)))
    except PlanError as error:
        return error
    except (ValueError, ArithmeticError) as error:
        # Numbers that a file may hold and that leave what a shape or a float can express.
        return PlanError(f"nothing can be expected of these numbers: {error}".splitlines()[0], "mend the config")
    passed = sum(verdict == "PASS" for verdict in tests.verdicts().values())
    return Expected(expected, tests, overall(passed), passed, checks)


@lru_cache(maxsize=4)
def _digest(shape: Same[Shape]) -> str:
    return shape.it.digest()


def with_original_keys(config: Config, before: Config) -> Config:
    """The config with the original's percentiles and length statistics as its models now have them.

    Only keys that are there, only beside models (alone they decide what is generated), and only of a half that
    differs from `before`. Raises PlanError when the config cannot be compiled.
    """
    model = compiled(config)
    conversations, messages = config.conversation_generation, config.message_generation
    changes: dict[str, Any] = {}
    if conversations is not before.conversation_generation:
        law = conversations.messages_per_conversation
        asked = {name: p for name, p in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)) if getattr(law, name) is not None}
        if asked:
            points = overall_sizes(model).quantile(list(asked.values())).tolist()
            law = law.model_copy(update=dict(zip(asked, points, strict=True)))
            changes["conversation_generation"] = conversations.model_copy(update={"messages_per_conversation": law})
    stats = messages.content_length
    if messages is not before.message_generation and messages.by_type and (stats.mean or stats.median or stats.p95):
        law_of_lengths = overall_lengths(model)
        median, p95 = law_of_lengths.quantile([0.5, 0.95]).tolist()
        new = {"mean": round(law_of_lengths.mean()), "median": median, "p95": p95}
        stats = stats.model_copy(update={name: v for name, v in new.items() if getattr(stats, name) is not None})
        changes["message_generation"] = messages.model_copy(update={"content_length": stats})
    return config.model_copy(update=changes) if changes else config
