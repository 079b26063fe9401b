"""What the checks are called, and how their numbers are written: alike in reports, on screens and in advice."""

from __future__ import annotations

from typing import Final

from shapetui.documents.checks import Check, Unit

CHECK_NAMES: Final = {
    "messages": "messages",
    "conversation_types": "conversation types",
    "sizes": "sizes",
    "messages_by_size": "messages by size",
    "p50": "size p50",
    "p90": "size p90",
    "p95": "size p95",
    "p99": "size p99",
    "mean_size": "mean size",
    "top_1_percent_share": "largest 1 %",
    "tail_alpha": "tail's alpha",
    "size_by_conversation_type": "size by type",
    "message_types": "message types",
    "hour_of_week": "hours of the week",
    "lengths": "lengths",
    "mean_length": "mean length",
    "length_by_message_type": "length by type",
    "orphans": "orphans",
    "unknown_senders": "unknown senders",
    "duplicates": "duplicates",
    "strangers": "strangers",
    "out_of_order": "out of order",
    "in_future": "in the future",
}


def check_name(name: str) -> str:
    """As a person reads it."""
    return CHECK_NAMES.get(name, name)


def amount(value: float, unit: Unit) -> str:
    """A distance, a margin or a noise, short: shares and relative differences in percent."""
    if unit == "rows":
        return f"{value:,.0f}"
    return f"{value:.2f}" if unit == "exponent" else f"{100 * value:.1f} %"


def change_words(before: Check, after: Check) -> str:
    """What becomes of a check: `mean size 13.0 % → 0.4 %, NO-GO → GO`."""
    said = f"{check_name(before.name)} {amount(before.value, before.unit)} → {amount(after.value, after.unit)}"
    return said if before.verdict == after.verdict else f"{said}, {before.verdict} → {after.verdict}"
