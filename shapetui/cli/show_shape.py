"""`shapetui show SHAPE`: one shape in full, in one column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shapetui.cli.console import literal
from shapetui.cli.show_numbers import UNKNOWN, count, number, share, short_digest
from shapetui.cli.show_tables import LENGTHS, SIZES, bar, facts, heading, plots, row, table
from shapetui.cli.show_week import week
from shapetui.documents.shape import PERCENTILES, Certificate, Shape
from shapetui.fidelity.measures import drawn_sizes, lengths_of, mean_and_median_length

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text


def shape_view(path: Path, shape: Shape, width: int) -> list[list[RenderableType]]:
    """The sections of a shape, each a list of renderables that belong together."""
    size_plot = plots([drawn_sizes(shape)], [], ("conversations", ""))
    length_plot = plots([], [lengths_of(shape)], ("messages", ""))
    return [
        [heading("Shape", str(path)), _header(shape)],
        [*(size_plot or [heading(SIZES)]), literal(""), percentiles(shape)],
        [*(length_plot or [heading(LENGTHS)]), literal(""), length_numbers(shape)],
        _conversation_types(shape),
        _message_types(shape),
        week(shape.messages, width),
        [heading("certificate"), _certificate(shape.certificate)],
    ]


def when(shape: Shape) -> str:
    """The window of the population, in words."""
    if shape.window:
        asked = f"{shape.window.requested_days} days" if shape.window.requested_days else "all of history"
        return f"{shape.window.first} to {shape.window.until} ({asked})"
    days = shape.sample_window_days
    return f"the last {days} days before {shape.extracted_at}" if days else f"all of history to {shape.extracted_at}"


def percentiles(shape: Shape) -> Table:
    """p50 to maximum and mean; "≤" marks what disclosure control published as the upper edge of a cell."""
    block = shape.conversations
    values = block.messages_per_conversation_percentiles
    coded = shape.certificate.top_coded if shape.certificate else []
    names = [*PERCENTILES, "max"]
    made = table("", *names, "mean")
    cells = [_coded(getattr(values, name), name in coded) for name in names]
    row(made, "messages", *cells, number(block.messages_per_conversation_mean))
    made.columns[0].max_width = 10
    return made


def length_numbers(shape: Shape) -> Table:
    """Mean, median and 95th percentile of the characters per message."""
    mean, median = mean_and_median_length(shape)
    made = table("", "median", "p95", "mean", "empty")
    cells = lengths_of(shape)
    empty = None
    if shape.messages.content_length_cells and cells.total:
        empty = share(float(cells.counts[cells.hi == 0].sum()) / cells.total)
    p95 = shape.messages.content_length_stats.p95
    row(made, "characters", count(median), count(p95), number(mean), empty or UNKNOWN)
    return made


def _coded(value: int | None, coded: bool) -> str:
    return ("≤" if coded and value is not None else "") + count(value)


def _header(shape: Shape) -> Table:
    conversations, messages = shape.conversations, shape.messages
    extras = {
        "top 1 % hold": share(conversations.top_1_percent_share) + " of the messages"
        if conversations.top_1_percent_share is not None
        else "",
        "over 1k / 10k": f"{share(conversations.share_over_1k)} / {share(conversations.share_over_10k)}"
        if conversations.share_over_1k is not None
        else "",
        "media": share(messages.media_ratio) + " of the messages" if messages.media_ratio is not None else "",
    }
    if physical := conversations.physical:
        extras["in the heap"] = (
            f"{number(physical.row_bytes)} bytes per row, {number(physical.rows_per_page)} rows per page, "
            f"{number(physical.pages_per_conversation)} pages per conversation"
        )
    return facts(
        {
            "population": shape.population or "",
            "window": when(shape),
            "extracted": shape.extracted_at + (f", PostgreSQL {shape.request.server_version}" if shape.request else ""),
            "rows": f"{count(shape.users.total_count)} users   {count(conversations.total_count)} conversations   "
            f"{count(messages.total_count)} messages",
            **extras,
            "digest": short_digest(shape.digest())
            + ("" if shape.schema_version else "   (a file of the original system)"),
        }
    )


def _conversation_types(shape: Shape) -> list[RenderableType]:
    block = shape.conversations
    if not (total := sum(block.type_distribution.values())):
        return []
    made = table("conversation type", "conversations", "share", "", "mean messages", left=("",))
    for label, found in sorted(block.type_distribution.items(), key=lambda item: -item[1]):
        part = block.by_type.get(label)
        mean = part.message_count / part.total_count if part and part.total_count else None
        row(made, label, count(found), share(found / total), bar(found / total), number(mean))
    return [made]


def _message_types(shape: Shape) -> list[RenderableType]:
    block = shape.messages
    if not (total := sum(block.type_distribution.values())):
        return []
    made = table("message type", "messages", "share", "", "mean length", left=("",))
    for label, found in sorted(block.type_distribution.items(), key=lambda item: -item[1]):
        part = block.by_type.get(label)
        mean = part.content_length_mean if part else None
        row(made, label, count(found), share(found / total), bar(found / total), number(mean))
    return [made]


def _certificate(certificate: Certificate | None) -> Text:
    """What disclosure control did, as one paragraph."""
    if certificate is None:
        return literal("There is none: nothing in this file says by which rules it was made safe to release.")
    protected = "; ".join(f"{what} by {entities}" for what, entities in certificate.protected_entities.items())
    merged = ", ".join(f"{number} in {what}" for what, number in certificate.merged_cells.items())
    sentences = [
        f"No cell has fewer than {certificate.min_cell_count} protected entities behind it "
        f"(rule version {certificate.rule_version}{'; ' + protected if protected else ''}).",
        f"Cells merged to get there: {merged}." if merged else "No cells had to be merged.",
        f"Published as the upper edge of a cell (≤): {', '.join(certificate.top_coded)}."
        if certificate.top_coded
        else "Nothing is top-coded.",
        f"Labels folded: {certificate.folded_labels}; renamed: {certificate.renamed_labels}.",
        "Signed." if certificate.signature else "Not signed.",
    ]
    return literal(" ".join(sentences))
