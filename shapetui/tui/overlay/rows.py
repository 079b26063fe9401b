"""What a drawing is made of: rows of runs of text, each with a role that the widget gives a colour."""

from __future__ import annotations

from typing import Literal

Role = Literal["label", "axis", "production", "merged", "synthetic", "over", "difference"]
Row = tuple[tuple[str, Role], ...]
Drawing = tuple[Row, ...]


def text_of(drawing: Drawing) -> str:
    """The drawing without its roles, one line per row, without blanks at the ends of lines."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in drawing)
