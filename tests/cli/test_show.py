"""What `shapetui show` prints: facts of each kind of document and of each pair, at three widths, on hostile files."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.cli.console import stderr_console, stdout_console, visible
from shapetui.cli.plots import LINE, overlay
from shapetui.cli.show import as_json, render
from shapetui.cli.show_numbers import number, share, signed
from shapetui.cli.show_report import summary_table
from shapetui.distributions.density import density_of_columns
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.files import AnyDocument
from shapetui.documents.labels import labelled
from shapetui.documents.report import Counts, GenerationReport, Performance, Report
from shapetui.documents.shape import Shape
from shapetui.errors import DocumentError, UsageError
from shapetui.fidelity.compare import compare
from tests.documents.examples import REPOSITORY_SHAPE

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WIDTHS = [80, 100, 160]


def cells(values: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, int]:
    return labelled(Histogram.of_values(values).cells())


def made_shape(seed: int = 1, labels: tuple[str, str] = ("DIRECT_MESSAGE", "GROUP_CHAT"), **more: Any) -> Shape:
    """A shape of 6,000 conversations with heavy tails, in two types."""
    random = np.random.default_rng(seed)
    sizes = [np.minimum(random.zipf(alpha, 3000), 3000).astype(np.int64) for alpha in (2.6, 1.9)]
    both = np.sort(np.concatenate(sizes))
    lengths = np.floor(random.lognormal(4, 1, 20_000)).astype(np.int64)
    total = int(both.sum())
    counts = {label: int(size.size) for label, size in zip(labels, sizes, strict=True)}
    fractions = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
    percentiles = {name: int(both[int((both.size - 1) * p)]) for name, p in fractions.items()}
    return Shape.model_validate(
        {
            "extracted_at": "2026-01-01T00:00:00Z",
            "sample_window_days": 30,
            "privacy_level": "ANONYMIZED_SHAPE_ONLY",
            "users": {"total_count": 1234},
            "conversations": {
                "total_count": 6000,
                "type_distribution": counts,
                "messages_per_conversation_percentiles": {**percentiles, "max": int(both.max())},
                "messages_per_conversation_mean": float(both.mean()),
                "messages_per_conversation_cells": cells(both),
                "by_type": {
                    label: {
                        "total_count": int(size.size),
                        "message_count": int(size.sum()),
                        "messages_per_conversation_cells": cells(size),
                    }
                    for label, size in zip(labels, sizes, strict=True)
                },
            },
            "messages": {
                "total_count": total,
                "type_distribution": {"TEXT": total - 20, "IMAGE": 20},
                "content_length_mean": float(lengths.mean()),
                "content_length_median": int(np.median(lengths)),
                "content_length_cells": cells(lengths[: min(total, 20_000)]),
                "hour_of_week": list(range(168)),
            },
            "schema_version": 2,
            **more,
        }
    )


SHAPE = made_shape()
CONFIG = calibrate(SHAPE, "shape.json", NOW)
EXPECTED = predict(compile_config(CONFIG), SHAPE.messages.total_count, SHAPE.extracted_at, 30)
REPORT = compare(SHAPE, EXPECTED, 0.15, "shape.json", NOW)
GENERATION = GenerationReport(
    band="dev",
    generated_at="2026-01-02T00:00:00Z",
    seed="dev_seed",
    counts=Counts(users=10, conversations=20, conversation_users=40, messages=123456, attachments=5),
    parameters={"until": "2026-01-01", "jobs": 2},
    digests={"messages": "abc123"},
    performance=Performance(
        total_duration_seconds=1.5, messages_per_second=82304, rows_per_second=90000.4, slices=4, resumed_slices=1
    ),
)
EMPTY = Shape.model_validate(
    {
        "extracted_at": "2026-01-01T00:00:00Z",
        "sample_window_days": 30,
        "privacy_level": "ANONYMIZED_SHAPE_ONLY",
        "conversations": {},
        "messages": {},
    }
)
# The original system's own shape file, as found in its repository.
ORIGINAL = Shape.model_validate(REPOSITORY_SHAPE)
ONE = Shape.model_validate(
    {
        **EMPTY.plain(),
        "conversations": {
            "total_count": 1,
            "type_distribution": {"CHANNEL": 1},
            "messages_per_conversation_percentiles": dict.fromkeys(("p50", "p75", "p90", "p95", "p99", "max"), 7),
            "messages_per_conversation_mean": 7,
            "messages_per_conversation_cells": {"7": 1},
        },
        "messages": {
            "total_count": 7,
            "type_distribution": {"TEXT": 7},
            "content_length_cells": {"0": 7},
            "content_length_mean": 0,
            "content_length_median": 0,
            "hour_of_week": [7] + [0] * 167,
        },
        "schema_version": 2,
    }
)


def shown(*documents: AnyDocument, width: int = 100, colour: bool = False) -> str:
    """What is printed; no line is wider than the console, and no number is none."""
    stream = StringIO()
    console = Console(
        file=stream, width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    render([(Path(f"file{index}.json"), document) for index, document in enumerate(documents)], console)
    text = stream.getvalue()
    assert max(cell_len(line) for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()) <= width
    assert not re.search(r"\b(nan|inf|None|Traceback)\b", text)
    return text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_shape_shows_its_counts_percentiles_types_and_week(width: int) -> None:
    text = shown(SHAPE, width=width)
    for fact in ("1,234 users", "6,000 conversations", "p99", "DIRECT_MESSAGE", "50.0 %", "sha256:", "certificate"):
        assert fact in text
    week = [line for line in text.splitlines() if re.match(r"(Sun|Mon|Tue|Wed|Thu|Fri|Sat)\s", line)]
    assert [line[:3] for line in week] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert {glyph for line in week for glyph in line[3:]} >= set("░▒▓█")
    assert "busiest: Sat 23:00" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_config_shows_its_tails_rivals_and_expected_percentiles(width: int) -> None:
    text = shown(CONFIG, width=width)
    tail = CONFIG.conversation_generation.by_type["GROUP_CHAT"].tail
    assert tail is not None
    for fact in (f"{tail.alpha:.2f} ±", "ΔAIC", "expected at 1,000,000 messages", "from", "shape.json"):
        assert fact in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_says_the_verdict_the_four_tests_and_what_to_do(width: int) -> None:
    text = shown(REPORT, width=width)
    lines = text.splitlines()
    verdict, decision = lines[lines.index("the four tests") - 3 : lines.index("the four tests") - 1]
    assert REPORT.overall_verdict in verdict
    assert str(REPORT.decision) in decision
    for fact in ("conversation types", "messages per conv.", "message types", "content length", "p > 0.05", "< 15.0 %"):
        assert fact in text
    assert "production" in text
    assert LINE in text
    assert "•" in text


def test_a_report_of_the_original_has_neither_sides_nor_histograms() -> None:
    plain = {
        key: value for key, value in REPORT.plain().items() if key not in ("production", "synthetic", "histograms")
    }
    assert REPORT.overall_verdict in shown(Report.model_validate(plain))


def test_a_failed_report_says_fail_in_words_and_red() -> None:
    text = shown(compare(SHAPE, ONE, 0.15, "p.json", NOW), colour=True)
    assert "FAIL" in text
    assert "\x1b[1;31mFAIL" in text
    assert "does not have production's shape" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_generation_report_shows_counts_seed_and_speed(width: int) -> None:
    text = shown(GENERATION, width=width)
    for fact in ("123,456", "dev_seed", "90,000 rows/s", "abc123", "1.5 s, 4 slices, 1 resumed", "until"):
        assert fact in text


@pytest.mark.parametrize("width", WIDTHS)
def test_two_shapes_lie_on_one_another(width: int) -> None:
    text = shown(SHAPE, made_shape(2), width=width)
    assert "Overlay of two shapes" in text
    assert LINE in text
    assert "difference" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_shape_and_config_show_the_tests_as_they_would_come_out_in_either_order(width: int) -> None:
    text = shown(SHAPE, CONFIG, width=width)
    assert "as they would come out" in text
    assert re.search(r"messages\s+[\d,]+\s+[\d,]+", text)
    assert "expected" in shown(CONFIG, SHAPE, width=width)


@pytest.mark.parametrize("width", WIDTHS)
def test_two_configs_show_what_differs(width: int) -> None:
    plain = CONFIG.plain()
    plain["conversation_generation"]["by_type"]["GROUP_CHAT"]["tail"]["alpha"] = 2.345
    text = shown(CONFIG, Config.model_validate(plain), width=width)
    assert "GROUP_CHAT.tail.alpha" in text
    assert "2.345" in text
    assert "both say the same" in shown(CONFIG, CONFIG, width=width)


@pytest.mark.parametrize("other", [SHAPE, CONFIG, REPORT, GENERATION], ids=["shape", "config", "report", "generation"])
def test_reports_cannot_be_overlaid(other: AnyDocument) -> None:
    with pytest.raises(UsageError, match="cannot be overlaid") as raised:
        shown(REPORT, other)
    assert "two shapes, two configs, or a shape and a config" in raised.value.hint


@pytest.mark.parametrize("number_of_files", [0, 3])
def test_only_one_or_two_documents_can_be_shown(number_of_files: int) -> None:
    with pytest.raises(UsageError, match="cannot be shown together"):
        shown(*[SHAPE] * number_of_files)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("shape", [EMPTY, ONE, ORIGINAL], ids=["empty", "one conversation", "original"])
def test_poor_shapes_show_what_they_have(shape: Shape, width: int) -> None:
    assert "messages per conversation" in shown(shape, width=width)
    for other in (SHAPE, EMPTY, ONE, ORIGINAL, CONFIG):
        assert "numbers" in shown(shape, other, width=width)


def test_the_original_shape_shows_hours_days_and_types() -> None:
    text = shown(ORIGINAL)
    for fact in ("messages by hour of the day", "5,575", "69.7 %", "83.4 %", "79,086", "63", "original system"):
        assert fact in text


def test_the_original_shape_can_be_calibrated_and_overlaid() -> None:
    assert "of 4 pass" in shown(ORIGINAL, calibrate(ORIGINAL, "original.json", NOW))


def test_an_original_config_is_one_power_law() -> None:
    config = Config.model_validate(
        {
            "conversation_generation": {
                "type_distribution": {"DIRECT_MESSAGE": 1.0},
                "messages_per_conversation": {"alpha": 2.3, "min": 1, "max": 5000},
            },
            "message_generation": {
                "content_length": {"mean": 85, "median": 42, "p95": 280},
                "type_distribution": {"TEXT": 1.0},
            },
        }
    )
    text = shown(config)
    assert "alpha 2.30 from 1 to 5,000" in text
    assert "100.0 %" in text
    assert "mean 85, median 42, p95 280" in text


def test_numbers_that_make_no_distribution_are_an_error_of_the_file() -> None:
    plain = CONFIG.plain()
    for model in plain["conversation_generation"]["by_type"].values():
        model.update(body_cells={"0": 5}, tail=None)
    config = Config.model_validate(plain)
    with pytest.raises(DocumentError, match=r"^file0"):
        shown(config)


def test_markup_and_control_characters_in_labels_are_shown_as_they_are() -> None:
    labels = ("[red]x[/red]", "\x1b[2J\x07\u202eevil\n")
    shape = made_shape(labels=labels, population="[bold]all[/bold]\x1b]0;title\x07", messages={"total_count": 0})
    for text in (shown(shape), shown(shape, made_shape(3)), shown(shape, colour=True)):
        assert "[red]x[/red]" in text
        assert "\\x1b[2J\\x07\\u202e" in re.sub(r"\s+", "", text)
        assert not set(re.sub(r"\x1b\[[0-9;]*m", "", text)) & set("\x1b\x07\u202e")
    assert "[bold]all[/bold]\\x1b]0;title\\x07" in shown(shape)


@pytest.mark.parametrize("width", WIDTHS)
def test_huge_labels_are_folded_not_cut(width: int) -> None:
    long = "Ä" * 31
    labels = (long, "Q" * 63)
    shape = made_shape(labels=labels)
    config = calibrate(shape, "s.json", NOW)
    for documents in ((shape,), (config,), (shape, config), (config, config), (compare(shape, EMPTY, 0.1, "x", NOW),)):
        assert shown(*documents, width=width)
    assert shown(shape, width=width).count("Q") == 63


def test_json_of_one_document_is_the_document_and_its_kind() -> None:
    assert as_json([(Path("s.json"), SHAPE)]) == {"kind": "shape", **SHAPE.plain()}
    assert as_json([(Path("r.json"), REPORT)])["kind"] == "fidelity report"


def test_json_of_two_is_an_overlay_with_tests_and_percentiles() -> None:
    found = as_json([(Path("s.json"), SHAPE), (Path("c.json"), CONFIG)])
    assert found["kind"] == "overlay"
    assert set(found["tests"]) == {
        "conversation_types",
        "messages_per_conversation",
        "message_types",
        "content_length",
    }
    assert found["percentiles"]["p50"]["values"][0] == SHAPE.conversations.messages_per_conversation_percentiles.p50
    assert as_json([(Path("a"), EMPTY), (Path("b"), EMPTY)])["percentiles"]["p50"]["difference"] is None


def test_the_summary_of_a_round_has_verdict_three_columns_and_the_overlay() -> None:
    stream = StringIO()
    Console(file=stream, width=100).print(summary_table(SHAPE, CONFIG, EXPECTED, REPORT))
    text = stream.getvalue()
    assert text.startswith(REPORT.overall_verdict)
    assert re.search(r"production +expected +synthetic +error", text)
    for fact in ("messages p99", "length median", "GROUP_CHAT", "TEXT", LINE):
        assert fact in text


@pytest.mark.parametrize("width", [20, 80, 100, 160, 300])
@pytest.mark.parametrize("log_y", [True, False])
def test_a_plot_has_round_ticks_and_no_line_beyond_its_width(width: int, log_y: bool) -> None:
    random = np.random.default_rng(5)
    one = Histogram.of_values(np.minimum(random.zipf(1.7, 5000), 10**9).astype(np.int64))
    other = Histogram.of_values(np.minimum(random.zipf(2.1, 5000), 10**9).astype(np.int64) - 1)
    lines = overlay(one, other, "sizes", width, 20, log_y=log_y).split("\n")
    assert len(lines) <= 20
    assert max(map(len, lines)) <= max(width, 30)
    assert not any("-0" in line or "nan" in line or "\x1b" in line for line in lines)
    ticks = next(line for line in lines if re.fullmatch(r"[\d kMGTP]+", line)).split()
    assert all(re.fullmatch(r"1(0|00)?[kMGTP]?|\d{1,3}[kMGTP]?", tick) for tick in ticks)
    assert ticks[0] == "1"
    assert any("at 0: " in line for line in lines)


def test_a_plot_is_coloured_only_when_asked() -> None:
    one = Histogram.of_cells([(1, 1, 30), (2, 3, 20), (4, 9, 10)])
    coloured = overlay(one, one, "sizes", 60, 12, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == overlay(one, one, "sizes", 60, 12).split()


@pytest.mark.parametrize(
    "cells_of_one",
    [
        [],
        [(0, 0, 5)],
        [(7, 7, 1)],
        [(1, 1, 0)],
        [(0, 10**12, 3)],
        [(10**13, 10**14 - 1, 3)],
        [(5, 5, 1), (10**9, 10**9, 1)],
    ],
)
def test_a_plot_of_almost_nothing_is_still_a_plot(cells_of_one: list[tuple[int, int, int]]) -> None:
    one, other = Histogram.of_cells(cells_of_one), Histogram.of_cells([(3, 3, 10)])
    for pair in ((one, None), (one, other), (other, one), (one, one)):
        for log_y in (True, False):
            text = overlay(pair[0], pair[1], "sizes", 80, 12, log_y=log_y)
            assert "sizes" in text
            assert max(map(len, text.split("\n"))) <= 80


def test_a_merged_cell_shows_no_step() -> None:
    """The density per doubling of a pure 1/x law is flat, whatever cells it is kept in."""
    fine = Histogram.of_cells([(2**k, 2 ** (k + 1) - 1, 1000) for k in range(10)])
    merged = Histogram.of_cells([*fine.cells()[:5], (32, 1023, 5000)])
    for histogram in (fine, merged):
        density = density_of_columns(histogram, 0.0, 10.0, 70)
        assert density.max() / density.min() < 2


def test_numbers_are_written_without_negative_zero() -> None:
    assert number(-0.01) == "0.0"
    assert signed(-0.0001) == "0.0 %"
    assert signed(-0.5) == "−50.0 %"
    assert signed(None) == "—"
    assert share(0.00001) == "<0.01 %"
    assert visible("a\x1b\tb\ud800") == "a\\x1b\\tb\\ud800"


def test_the_consoles_are_100_wide_without_a_terminal_and_read_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console = stdout_console()
    assert console.width == 100
    console.print("[red]literal[/red] :smile: 42")
    assert capsys.readouterr().out == "[red]literal[/red] :smile: 42\n"
    assert stderr_console().width == 100


def test_importing_show_loads_neither_rich_nor_plotext() -> None:
    code = "import sys, shapetui.cli.show; sys.exit(bool({'rich', 'plotext', 'textual', 'psycopg'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
