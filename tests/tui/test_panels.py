"""What the panels say, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from shapetui.tui import panels, shape_panels
from shapetui.tui.work import DatabaseState
from shapetui.workbench import intents
from shapetui.workbench.folder import Entry, checklist
from shapetui.workbench.state import Workbench
from tests.workbench.benches import after, chat

ODD = "a[red]b\x1b[2J\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0.0 %"), (-0.0001, "0.0 %"), (0.0149, "+1.5 %"), (-0.38, "−38.0 %"), (12.0, "+1200.0 %")],
)
def test_a_percentage_has_its_sign_and_no_negative_zero(value: float | None, text: str) -> None:
    assert panels.percent(value) == text


def test_the_verdict_and_its_numbers() -> None:
    text = panels.expected_verdict(after()).plain
    shape = chat()
    assert " of 4" in text
    assert f"{shape.conversations.messages_per_conversation_percentiles.p99:,}" in text
    assert f"{float(shape.conversations.messages_per_conversation_mean or 0):,.2f}" in text
    assert "✓ conversation types V 0.00" in text


def test_without_documents_every_panel_says_what_to_do() -> None:
    empty = Workbench()
    assert "no config yet" in panels.expected_verdict(empty).plain
    assert "open a shape" in panels.brief_verdict(empty).plain
    assert "nothing here yet" in panels.files((), 0, set()).plain
    assert "no job yet" in panels.job(None).plain
    assert "no report yet" in panels.report_head(None).plain
    assert panels.parameter_list(empty, 5).plain == ""
    assert panels.fit_of_tails(None).plain == ""
    assert [line[:1] for line in panels.steps(checklist(())).plain.splitlines()] == ["▸", "·", "·", "·", "·"]


def test_the_focused_parameter_is_marked_and_in_view() -> None:
    bench = after()
    for parameter in bench.parameters:
        text = panels.parameter_list(after(intents.Focus(parameter.key)), 4).plain
        [line] = [line for line in text.splitlines() if line.startswith("▸")]
        assert parameter.kind in line
        assert panels.value_of(parameter) in line
        assert len(text.splitlines()) == 4
    changed = panels.parameter_list(after(intents.Focus("alpha GROUP_CHAT"), intents.Nudge(1, False)), 20).plain
    assert changed.count("●") >= 1


def test_what_files_and_servers_say_is_shown_literally_and_steers_nothing() -> None:
    entry = Entry(Path(ODD), (0, 0), None, ODD)
    texts = [
        panels.files((entry,), 0, set()),
        DatabaseState(ODD, ODD).text(),
        shape_panels.types(
            chat().model_copy(
                update={
                    "messages": chat().messages.model_copy(update={"type_distribution": {ODD: 3}, "by_type": {}}),
                }
            )
        ),
    ]
    for text in texts:
        assert "a[red]b" in text.plain
        assert "\\x1b" in text.plain
        assert all(one.isprintable() or one == "\n" for one in text.plain)


def test_names_take_the_cells_that_they_are_given() -> None:
    for name in ("", "short", "x" * 40, "日本語の名前がとても長い", ODD):
        assert cell_len(panels.fitted_name(name, 12)) == 12


def test_the_top_line_fits_at_every_width() -> None:
    for width in range(60, 220, 7):
        assert panels.top_line("files", (("files", "Files"), ("run", "Run")), after(), width).cell_len <= width


def test_the_shape_in_full() -> None:
    shape = chat()
    assert "GROUP_CHAT" in shape_panels.types(shape).plain
    assert "no hours" in shape_panels.week(shape).plain
    assert "none" in shape_panels.certificate(shape).plain
    assert f"{shape.conversations.messages_per_conversation_percentiles.p50:,}" in shape_panels.percentiles(shape).plain
