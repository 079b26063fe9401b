"""`shapetui show` of what `verify-index --apply` and `--rollback` did: each index, its outcome, what was said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.show_index_bars import megabytes
from shapetui.cli.show_tables import facts, heading
from shapetui.documents.applied import Applied, AppliedIndex

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLES: Final = {"built": "bold green", "failed": "bold red", "kept": "bold yellow"}


def applied_view(path: Path, applied: Applied) -> list[list[RenderableType]]:
    """The sections of such a document."""
    what = "Indexes made" if applied.action == "apply" else "Indexes taken back"
    return [
        [heading(what, str(path)), facts({"at": applied.applied_at, "from": applied.source or ""})],
        [part for index in applied.indexes for part in _index(index)] or [literal("there was none")],
    ]


def _index(index: AppliedIndex) -> Iterator[RenderableType]:
    line = literal("• ")
    line.append_text(literal(index.outcome, _STYLES.get(index.outcome, "")))
    line.append_text(literal(f" {index.name}", "bold"))
    numbers = [megabytes(index.bytes)] if index.bytes else []
    numbers += [f"{index.seconds:.1f} s"] if index.seconds else []
    line.append_text(literal(f"  {', '.join(numbers)}"))
    yield line
    yield literal(f"  {index.definition}", "dim")
    for said in (index.mended, index.reason, *(overlap.words for overlap in index.overlaps), *index.notes):
        if said:
            yield literal(f"  {said}")
