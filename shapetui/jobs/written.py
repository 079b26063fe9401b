"""What a job leaves behind: a document in a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from shapetui.errors import UsageError

D = TypeVar("D")


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Written(Generic[D]):
    """A document and the file that it was written to."""

    document: D
    path: Path


def keep_input(given: Path, output: Path | None) -> None:
    """Refuses an output that is the input: the shape of a production is not to be had again so easily."""
    if output is not None and os.path.exists(output) and os.path.samefile(output, given):
        raise UsageError(f"{output}: the output is the input", "give --output another name")
