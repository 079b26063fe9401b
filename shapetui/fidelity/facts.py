"""Integrity: what the rows of a synthetic database must never have, counted exactly by whoever can look at them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from shapetui.documents.checks import Check


@dataclass(frozen=True)
class Facts:
    """Rows that break a rule; None where nobody looked, which is not judged.

    Attributes:
        orphans: messages whose conversation does not exist.
        unknown_senders: messages whose sender does not exist.
        duplicates: rows of messages, conversations or users whose id another row has.
        strangers: messages whose sender is not a member of the conversation.
        out_of_order: conversations with a message before they were opened, or whose last message is not at the time
            that they name.
        in_future: messages dated after the moment of the measurement.
    """

    orphans: int | None = None
    unknown_senders: int | None = None
    duplicates: int | None = None
    strangers: int | None = None
    out_of_order: int | None = None
    in_future: int | None = None


_MEASURES: Final = {
    "orphans": "messages whose conversation does not exist",
    "unknown_senders": "messages whose sender does not exist",
    "duplicates": "rows whose id another row has",
    "strangers": "messages whose sender is not a member of the conversation",
    "out_of_order": "conversations with a message before they were opened, or with another time of their last message",
    "in_future": "messages dated after the moment of the measurement",
}


def integrity_checks(facts: Facts) -> list[Check]:
    """One check per fact that is known: GO at none, NO-GO at one; exact, so without margin and noise."""
    found = []
    for field in fields(facts):
        count = getattr(facts, field.name)
        if count is not None:
            found.append(
                Check(
                    name=field.name,
                    measures=_MEASURES[field.name],
                    value=count,
                    margin=0,
                    noise=0,
                    verdict="NO-GO" if count else "GO",
                    unit="rows",
                    synthetic=count,
                )
            )
    return found
