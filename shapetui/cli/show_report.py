"""`shapetui show REPORT`, and the summary that closes a headless demo: verdict first, then the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shapetui.cli.console import literal
from shapetui.cli.show_checks import checks_table, decision_line, foreign_table, reasons
from shapetui.cli.show_config import EXPECTED_AT, expected
from shapetui.cli.show_numbers import count, number, relative, short_digest, signed
from shapetui.cli.show_tables import facts, heading, plots, row, shares_side_by_side, table, tests_table, verdict
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.labels import cells_of
from shapetui.documents.report import GenerationReport, Overlay, Report, Side
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity.measures import drawn_sizes, lengths_of, mean_and_median_length

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_SENTENCES = {
    "PASS": "the synthetic database has production's shape",
    "WARNING": "one test failed",
    "FAIL": "the synthetic database does not have production's shape",
}


def report_view(path: Path, report: Report) -> list[list[RenderableType]]:
    """The sections of a fidelity report."""
    return [
        [
            heading("Fidelity report", str(path)),
            facts(
                {
                    "compared": report.validation_timestamp,
                    "production": " ".join([report.production_shape_file, _rows(report.production)]).strip(),
                    "synthetic": _rows(report.synthetic),
                }
            ),
        ],
        [verdict_line(report), *_decision(report)],
        [heading("the four tests"), tests_table(report.tests, report.tolerance_threshold)],
        [heading("the checks"), *_checks(report)] if report.checks else [],
        [heading("numbers"), _numbers(report, report.production, report.synthetic)]
        if report.production and report.synthetic
        else [],
        [
            heading("other tools", "their published rules, computed from the two shapes; nothing depends on them"),
            foreign_table(report.foreign_scores),
        ]
        if report.foreign_scores
        else [],
        *([section] for section in _plots(report.histograms)),
        [heading("what to do"), *_recommendations(report)],
    ]


def verdict_line(report: Report) -> Text:
    """The verdict in words and colour."""
    line = verdict(report.overall_verdict)
    passed, failed = report.summary.passed_tests, report.summary.failed_tests
    line.append_text(literal(f"   {_SENTENCES[report.overall_verdict]}: {passed} of {passed + failed} tests passed"))
    return line


def _decision(report: Report) -> list[RenderableType]:
    line = decision_line(report)
    return [] if line is None else [line]


def _checks(report: Report) -> list[RenderableType]:
    return [checks_table(report.checks), *reasons(report.checks), literal("")] if report.checks else []


def generation_view(path: Path, report: GenerationReport) -> list[list[RenderableType]]:
    """The sections of a generation report."""
    performance, counts = report.performance, report.counts
    rows = table("table", "rows")
    for name, found in counts.model_dump().items():
        row(rows, name, count(found))
    digests = table("digest of", "", left=("",))
    for name, value in report.digests.items():
        row(digests, name, value)
    slices = f"{count(performance.slices)} slices"
    if performance.resumed_slices:
        slices += f", {count(performance.resumed_slices)} resumed"
    return [
        [
            heading("Generation report", str(path)),
            facts(
                {
                    "band": report.band,
                    "generated": report.generated_at,
                    "seed": report.seed,
                    "took": f"{number(performance.total_duration_seconds)} s, {slices}",
                    "speed": f"{count(performance.rows_per_second)} rows/s, "
                    f"{count(performance.messages_per_second)} messages/s",
                }
            ),
        ],
        [rows],
        [heading("parameters"), facts({name: str(value) for name, value in report.parameters.items()})]
        if report.parameters
        else [],
        [digests] if report.digests else [],
    ]


def summary_table(production: Shape, config: Config, synthetic: Shape, report: Report) -> RenderableType:
    """What a whole round has led to: verdict, tests, production beside expected beside measured, and the overlay."""
    from rich.console import Group

    shape = expected(Path("config"), config, synthetic.messages.total_count or EXPECTED_AT, synthetic.extracted_at)
    sides = (production, shape, synthetic)
    names = ("production", "expected", "synthetic")
    numbers = table("", *names, "error")
    for name in PERCENTILES:
        found = [getattr(side.conversations.messages_per_conversation_percentiles, name) for side in sides]
        row(numbers, f"messages {name}", *map(count, found), signed(relative(found[0], found[-1])))
    means = [side.conversations.messages_per_conversation_mean for side in sides]
    row(numbers, "messages mean", *map(number, means), signed(relative(means[0], means[-1])))
    for index, name in enumerate(("mean", "median")):
        found = [mean_and_median_length(side)[index] for side in sides]
        row(numbers, f"length {name}", *map(number, found), signed(relative(found[0], found[-1])))
    blank = literal("")
    parts: list[RenderableType] = [
        verdict_line(report),
        *_decision(report),
        blank,
        tests_table(report.tests, report.tolerance_threshold),
        blank,
        *_checks(report),
        numbers,
        blank,
        shares_side_by_side("conversation type", names, [side.conversations.type_distribution for side in sides]),
        blank,
        shares_side_by_side("message type", names, [side.messages.type_distribution for side in sides]),
    ]
    for plot in plots(
        [drawn_sizes(production), drawn_sizes(synthetic)],
        [lengths_of(production), lengths_of(synthetic)],
        ("production", "synthetic"),
    ):
        parts += [blank, plot]
    return Group(*parts)


def _rows(side: Side | None) -> str:
    if side is None:
        return ""
    return f"{count(side.conversations)} conversations, {count(side.messages)} messages ({short_digest(side.digest)})"


def _numbers(report: Report, one: Side, other: Side) -> Table:
    """Percentiles, means and median of both sides, and the error of the synthetic one."""
    errors = report.tests.messages_per_conversation.percentile_errors
    made = table("", "production", "synthetic", "error")
    for name in PERCENTILES:
        a = one.messages_per_conversation_percentiles.get(name)
        b = other.messages_per_conversation_percentiles.get(name)
        if a is not None or b is not None:
            row(made, f"messages {name}", count(a), count(b), signed(errors.get(name, relative(a, b))))
    for name, before, after in (
        ("messages mean", one.messages_per_conversation_mean, other.messages_per_conversation_mean),
        ("length mean", one.content_length_mean, other.content_length_mean),
        ("length median", one.content_length_median, other.content_length_median),
    ):
        if before is not None or after is not None:
            row(made, name, number(before), number(after), signed(relative(before, after)))
    return made


def _plots(histograms: Overlay | None) -> list[RenderableType]:
    if histograms is None:
        return []
    sides = [_two(histograms.messages_per_conversation), _two(histograms.content_length)]
    return plots(sides[0], sides[1], ("production", "synthetic"))


def _two(cells: dict[str, tuple[int, int]]) -> list[Histogram]:
    return [Histogram.of_cells(cells_of({label: pair[side] for label, pair in cells.items()})) for side in (0, 1)]


def _recommendations(report: Report) -> list[RenderableType]:
    return [literal(f"• {sentence}") for sentence in report.summary.recommendations]
