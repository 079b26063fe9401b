"""What every document has in common: frozen, checked, written in a fixed order, identified by a digest."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from shapetui.documents.labels import cells_of, labelled, original_cells_of

SCHEMA_VERSION: Final = 2

# No count of a chat is larger; the bound keeps sums inside 64 bits.
LARGEST: Final = 10**14


def _whole_number(value: float) -> float:
    if not 0 <= value <= LARGEST:
        raise ValueError(f"must lie between 0 and {LARGEST}")
    return value


def _label(value: str) -> str:
    if not value or "\x00" in value or len(value.encode()) > 63:
        raise ValueError("a type label has 1 to 63 bytes (a PostgreSQL enum label)")
    return value


def _histogram(value: dict[str, int]) -> dict[str, int]:
    cells_of(value)
    return value


def _original_histogram(value: dict[str, int]) -> dict[str, int]:
    return labelled(original_cells_of(value))


def _time(value: str) -> str:
    parse_time(value)
    return value


Count = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Number = Annotated[StrictInt | StrictFloat, AfterValidator(_whole_number)]
Fraction = Annotated[StrictInt | StrictFloat, Field(ge=0, le=1)]
Label = Annotated[str, AfterValidator(_label)]
Cells = Annotated[dict[str, Count], AfterValidator(_histogram)]
# The original's histograms, in either of its styles; kept with both ends inside, ascending.
OriginalCells = Annotated[dict[str, Count], AfterValidator(_original_histogram)]
Time = Annotated[str, AfterValidator(_time)]


def parse_time(text: str) -> datetime:
    """An ISO 8601 time as an aware datetime in UTC; a time without offset is UTC. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: in UTC it lies before the year 1 or after 9999
        raise ValueError("a time is written like 2025-11-22T14:30:00Z") from None


def format_time(moment: datetime) -> str:
    """`2025-10-22T11:43:54.054Z`: UTC with milliseconds, as the original wrote it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Part(BaseModel):
    """A block of a document. Numbers are finite, unknown keys are found by `files.load` in files of ours."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, populate_by_name=True)


class Document(Part):
    """A whole file."""

    def plain(self) -> dict[str, Any]:
        """The document as plain JSON values; keys that hold nothing are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def to_json(self) -> str:
        """The file's text: two spaces of indentation, a newline at the end."""
        return json.dumps(self.plain(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def digest(self) -> str:
        """SHA-256 of the canonical JSON (sorted keys, no spaces): the same for the same content."""
        canonical = json.dumps(self.plain(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
