"""The texts of the Shape screen: types, the week, percentiles, certificate."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.tui.overlay import Glyphs, bar, heat, spark
from shapetui.tui.texts.words import fitted_name, visible

_HOURS: Final = 24
_DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def types(shape: Shape, glyphs: Glyphs) -> Text:
    """Conversation and message types as bars, with means."""
    text = Text(no_wrap=True, overflow="ellipsis")
    rooms = shape.conversations
    text.append("conversations\n", "dim")
    for label, count in sorted(rooms.type_distribution.items(), key=lambda item: -item[1]):
        part = rooms.by_type.get(label)
        mean = f"  mean {part.message_count / part.total_count:,.1f}" if part and part.total_count else ""
        text.append(_bar(label, count / max(sum(rooms.type_distribution.values()), 1), mean, glyphs))
    text.append("messages\n", "dim")
    total = max(sum(shape.messages.type_distribution.values()), 1)
    for label, count in sorted(shape.messages.type_distribution.items(), key=lambda item: -item[1]):
        kind = shape.messages.by_type.get(label)
        mean = f"  {kind.content_length_mean:,.0f} characters" if kind and kind.content_length_mean is not None else ""
        text.append(_bar(label, count / total, mean, glyphs))
    return text


def _bar(label: str, share: float, note: str, glyphs: Glyphs) -> str:
    return f"  {fitted_name(label, 16)} {share:>6.3f} {bar(share, 10, glyphs)}{note}\n"


def week(shape: Shape, glyphs: Glyphs) -> Text:
    """7 x 24 in four shades, two columns an hour."""
    hours = shape.messages.hour_of_week
    if not hours:
        return _day_and_week(shape, glyphs)
    text = Text("     0           6           12          18\n", "dim", no_wrap=True)
    for name, row in zip(_DAYS, heat(hours, glyphs), strict=True):
        text.append(f"{name}  " + "".join(shade * 2 for shade in row) + "\n")
    text.append(f"     darkest: {max(hours):,} messages in an hour of the week", "dim")
    return text


def _day_and_week(shape: Shape, glyphs: Glyphs) -> Text:
    """Hours of the day and days of the week apart, as the original system counted them."""
    hours, days = shape.messages.hourly_distribution, shape.messages.day_of_week_distribution
    text = Text("the shape has no hours of the week", no_wrap=True)
    text.stylize("dim")
    if len(hours) == _HOURS and any(hours):
        text.append("\n\nhour  0     6     12    18\n", "dim")
        text.append(f"      {spark(hours, _HOURS, glyphs)}")
    if len(days) == len(_DAYS) and any(days):
        text.append("\n\nday   " + " ".join(_DAYS) + "\n", "dim")
        text.append("      " + " ".join(level * 3 for level in spark(days, len(_DAYS), glyphs)))
    if any(hours) or any(days):
        text.append("\n\nby the clock of the server that was asked", "dim")
    return text


def percentiles(shape: Shape) -> Text:
    """Messages per conversation, and what heavy rooms hold."""
    rooms = shape.conversations
    found = rooms.messages_per_conversation_percentiles
    coded = shape.certificate.top_coded if shape.certificate else []
    text = Text()
    for name in (*PERCENTILES, "max"):
        value = getattr(found, name)
        if value is not None:
            text.append(f"{name:<6}{'≤ ' if name in coded else '  '}{value:>10,}\n")
    if rooms.messages_per_conversation_mean is not None:
        text.append(f"{'mean':<6}  {float(rooms.messages_per_conversation_mean):>10,.2f}\n")
    if rooms.top_1_percent_share is not None:
        text.append(f"\nthe largest 1 % hold {float(rooms.top_1_percent_share):.1%} of the messages\n")
    return text


def certificate(shape: Shape) -> Text:
    """By which rules the file was made safe, in one paragraph."""
    found = shape.certificate
    if found is None:
        return _origin(shape) + Text("no certificate: synthetic data, or a file of the original system", "dim")
    merged = sum(found.merged_cells.values())
    return _origin(shape) + Text(
        f"No published cell rests on fewer than {found.min_cell_count} people or conversations; {merged} cells were"
        f" merged for that. Read as upper ends: {visible(', '.join(found.top_coded)) or 'none'}. Labels folded"
        f" {found.folded_labels}, renamed {found.renamed_labels}. {'Signed.' if found.signature else 'Not signed.'}"
    )


def _origin(shape: Shape) -> Text:
    """How much was measured, and when."""
    window = f"{shape.sample_window_days:,} days" if shape.sample_window_days else "all of history"
    users = f", {shape.users.total_count:,} users" if shape.users.total_count else ""
    return Text(
        f"{shape.conversations.total_count:,} conversations, {shape.messages.total_count:,} messages{users};"
        f" {window} up to {visible(shape.extracted_at)}\n\n"
    )
