"""`shapetui show FILE [OTHER]`: any document in words, tables and plots, or two of them on one another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shapetui.cli.show_config import config_view
from shapetui.cli.show_drift import drift_view
from shapetui.cli.show_index import comparison_view
from shapetui.cli.show_index_applied import applied_view
from shapetui.cli.show_index_baseline import baseline_view
from shapetui.cli.show_index_growth import growth_view
from shapetui.cli.show_index_plans import plan_view
from shapetui.cli.show_overlay import overlay_json, overlay_view, pair
from shapetui.cli.show_report import generation_view, report_view
from shapetui.cli.show_shape import shape_view
from shapetui.documents.applied import Applied
from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Comparison
from shapetui.documents.config import Config
from shapetui.documents.drift import Drift
from shapetui.documents.files import KIND_NAMES, AnyDocument
from shapetui.documents.growth import Growth
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def render(documents: list[tuple[Path, AnyDocument]], console: Console, plan: str | None = None) -> None:
    """Prints one document, or an overlay of two; of a baseline or comparison only the plans of the query `plan`.

    Raises UsageError for other numbers and other pairs.
    """
    sections = [section for section in _sections(documents, console.width, plan) if section]
    for index, section in enumerate(sections):
        if index:
            console.print()
        for part in section:
            console.print(part)


def as_json(documents: list[tuple[Path, AnyDocument]]) -> dict[str, Any]:
    """What `--json` prints: a document with its kind, or the numbers of an overlay. Raises UsageError."""
    _check(documents)
    if len(documents) == 2:
        return overlay_json(pair(*documents))
    document = documents[0][1]
    return {"kind": KIND_NAMES[type(document)], **document.plain()}


def _sections(documents: list[tuple[Path, AnyDocument]], width: int, plan: str | None) -> list[list[RenderableType]]:
    _check(documents)
    path, document = documents[0]
    if plan is not None:
        if len(documents) == 1 and isinstance(document, Baseline | Comparison):
            return plan_view(path, document, plan, width)
        raise UsageError("only a baseline or a comparison has plans", "give one such file with --plan")
    if len(documents) == 2:
        return overlay_view(pair(*documents))
    if isinstance(document, Shape):
        return shape_view(path, document, width)
    if isinstance(document, Config):
        return config_view(path, document)
    if isinstance(document, Report):
        return report_view(path, document)
    if isinstance(document, Baseline):
        return baseline_view(path, document)
    if isinstance(document, Comparison):
        return comparison_view(path, document)
    if isinstance(document, Applied):
        return applied_view(path, document)
    if isinstance(document, Growth):
        return growth_view(path, document)
    if isinstance(document, Drift):
        return drift_view((Path(document.old.file), Path(document.new.file)), document, path)
    return generation_view(path, document)


def _check(documents: list[tuple[Path, AnyDocument]]) -> None:
    if len(documents) not in (1, 2):
        raise UsageError(
            f"{len(documents)} files cannot be shown together", "give one file, or two to see one on the other"
        )
