"""Growth: what queries cost while the messages of a database become more, with and without the indexes."""

from __future__ import annotations

from typing import Literal

from pydantic import StrictBool

from shapetui.documents.baseline import Method, Milliseconds, Name, ServerFacts, StratumName
from shapetui.documents.model import Count, Document, Fraction, Number, Part, Time
from shapetui.documents.report import GeneratedFrom


class GrowthCell(Part):
    """One query on one stratum at one size, without (`indexed` false) or with the indexes."""

    query_id: Name
    query_name: Name
    stratum: StratumName
    indexed: StrictBool
    conversation_messages: Count
    execution_ms: Milliseconds = []
    pages: list[Count] = []
    scan_type: str | None = None
    index_name: str | None = None
    sorted: StrictBool = False
    trouble: str | None = None


class GrowthIndex(Part):
    """One index at one size."""

    name: Name
    seconds: Number
    bytes: Count


class GrowthPoint(Part):
    """One size: the messages up to a time, the conversations that had begun by then, and what they cost."""

    fraction: Fraction
    messages: Count
    conversations: Count
    bytes: Count
    cells: list[GrowthCell]
    indexes: list[GrowthIndex] = []


class Growth(Document):
    """The whole curve, the smallest size first."""

    grown_at: Time
    points: list[GrowthPoint]
    schema_version: Literal[2] | None = None
    definitions: list[str] = []
    server: ServerFacts | None = None
    generated_from: GeneratedFrom | None = None
    method: Method | None = None
