"""The four tests as reports of the original system tell them: without effect sizes, with the largest error alone."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from shapetui.documents.report import LengthTest, SizeTest, Tests, TypeTest
from shapetui.tui.texts.words import fitted_name

_NAMES: Final = {
    "conversation_types": "conversation types",
    "messages_per_conversation": "messages / conv.",
    "message_types": "message types",
    "content_length": "content length",
}


def is_original(tests: Tests) -> bool:
    """Whether tests lack what every report since has."""
    types = (tests.conversation_types, tests.message_types)
    return not tests.messages_per_conversation.percentile_errors and all(test.cramers_v is None for test in types)


def original_tests(tests: Tests, tolerance: float) -> Text:
    """A line per test: mark, name, and the number that decided, where the report tells it."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for name, verdict in tests.verdicts().items():
        good = verdict == "PASS"
        text.append("✓ " if good else "✗ ", "green" if good else "bold red")
        text.append(fitted_name(_NAMES[name], 21))
        text.append(f"{_said(getattr(tests, name), tolerance)}\n", "" if good else "bold red")
    return text


def _said(test: TypeTest | SizeTest | LengthTest, tolerance: float) -> str:
    limit = f"of {100 * tolerance:g} %"
    match test:
        case TypeTest():
            return f"p {float(test.p_value):.2f}"
        case SizeTest(max_percentile_error=error) if error is not None:
            return f"largest error {100 * float(error):.1f} {limit}"
        case LengthTest(mean_error_pct=mean, median_error_pct=median) if mean is not None and median is not None:
            name, error = ("mean", mean) if mean >= median else ("median", median)
            return f"{name} {100 * float(error):.1f} {limit}"
    return "not known"
