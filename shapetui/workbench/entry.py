"""One file of a workspace: what it is, whether it is valid, what it says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shapetui.documents.applied import Applied
from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Comparison
from shapetui.documents.config import Config
from shapetui.documents.drift import Drift
from shapetui.documents.files import KIND_NAMES, AnyDocument
from shapetui.documents.growth import Growth
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape


@dataclass(frozen=True)
class Entry:
    """One file: its document, or why it has none. `stamp`: modification time (ns) and size, which tell a change."""

    path: Path
    stamp: tuple[int, int]
    document: AnyDocument | None
    trouble: str

    @cached_property
    def digest(self) -> str:
        """The digest of its document, computed once; empty of a broken one."""
        return self.document.digest() if self.document is not None else ""

    @cached_property
    def model_digest(self) -> str:
        """The digest of a config without its lineage; empty of anything else."""
        return self.document.model_digest() if isinstance(self.document, Config) else ""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return KIND_NAMES[type(self.document)] if self.document is not None else "broken"

    @property
    def glyph(self) -> str:
        """`✓` valid, `!` of the original system, `✗` broken."""
        if self.document is None:
            return "✗"
        return "✓" if self.document.schema_version == 2 else "!"

    @property
    def says(self) -> str:
        """A few words on its content."""
        match self.document:
            case Shape() as shape:
                return f"{shape.conversations.total_count:,} conversations, {shape.messages.total_count:,} messages"
            case Config() as config:
                source = config.calibration_metadata.source_shape_file
                return f"from {source}" if source else "no source named"
            case Report() as report:
                decision = f"{report.decision}, " if report.decision else ""
                return f"{report.overall_verdict}, {decision}{report.summary.passed_tests} of 4"
            case GenerationReport() as run:
                return f"{run.counts.messages:,} messages, seed {run.seed}"
            case Baseline() as baseline:
                return f"{baseline.phase}, {len(baseline.queries)} queries"
            case Comparison() as comparison:
                summary = comparison.summary
                return f"{summary.go_no_go}, average {summary.avg_improvement_pct:+.0f} %".replace("-", "−")
            case Applied() as applied:
                return f"{len(applied.indexes)} indexes"
            case Growth() as growth:
                return f"{len(growth.points)} sizes"
            case Drift() as drift:
                return f"{drift.verdict}, {drift.old.file} to {drift.new.file}"
            case _:
                return self.trouble
