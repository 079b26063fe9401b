"""What Calibrate says of the config: parameters, fit, changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from shapetui.documents.config import Temporal
from shapetui.tui.overlay import GLYPHS
from shapetui.tui.shown import View
from shapetui.tui.texts import calibrate as texts
from shapetui.workbench import intents
from shapetui.workbench.parameters import WEIGHTS
from shapetui.workbench.state import Workbench
from tests.tui.texts.given import given, plain
from tests.workbench.benches import after, fitted

BLOCK = GLYPHS["block"]
HAND = intents.OpenConfig("hand.json")


def test_without_documents_there_is_nothing() -> None:
    empty = given(workbench=Workbench())
    assert plain(texts.sizes(empty, 40, 10)) == ""
    assert plain(texts.fit_of_tails(None, BLOCK)) == ""
    assert plain(texts.changes(Workbench())) == "nothing differs from the config that was loaded"


@pytest.mark.parametrize("key", [parameter.key for parameter in after().parameters])
def test_the_focused_parameter_is_marked_once_and_in_view(key: str) -> None:
    shown = given(intents.Focus(key))
    drawn = "\n".join(
        (
            plain(texts.sizes(shown, 40, 4)),
            plain(texts.weights(shown, 28, 3, BLOCK)),
            plain(texts.lengths(shown, 28, 2, BLOCK)),
        )
    )
    [line] = [line for line in drawn.splitlines() if line.startswith("▸")]
    assert shown.workbench is not None
    assert shown.workbench.focused is not None
    value = texts.value_of(shown.workbench.focused)
    assert value.removeprefix("0") in line
    if shown.workbench.focused.kind in texts.LENGTHS:
        # Which of the two it is must not be told by colour alone.
        assert f"{value}]" in line


@pytest.mark.parametrize("width", range(26, 60, 5))
def test_rows_of_parameters_fit(width: int) -> None:
    shown = given(
        intents.Focus("message weight CODE"), intents.ToggleLock("message weight CODE"), intents.Nudge(1, True)
    )
    for text in (texts.weights(shown, width, 40, BLOCK), texts.lengths(shown, width, 40, BLOCK)):
        assert all(cell_len(line.rstrip()) <= width for line in plain(text).splitlines()), plain(text)


def test_what_was_changed_shows_the_value_that_was_loaded() -> None:
    shown = given(intents.Focus("alpha GROUP_CHAT"), intents.Nudge(1, True))
    [line] = [line for line in plain(texts.sizes(shown, 60, 40)).splitlines() if "GROUP_CHAT" in line and "α" in line]
    assert "2.08 ● 1.98" in line
    text = plain(texts.changes(after(intents.Focus("alpha GROUP_CHAT"), intents.Nudge(1, True))))
    assert "alpha GROUP_CHAT" in text
    assert text.count("\n") >= 2


def test_parts_that_were_fitted_anew_are_told_with_and_without_parameters() -> None:
    def with_other_hours(*steps: intents.Intent) -> Workbench:
        bench = after(*steps)
        config = bench.draft.config
        assert config is not None
        hours = Temporal(hour_of_week_weights=[1] * 167 + [9])
        messages = config.message_generation.model_copy(update={"temporal": hours})
        config = config.model_copy(update={"message_generation": messages})
        return replace(bench, draft=replace(bench.draft, config=config))

    assert plain(texts.changes(with_other_hours())) == "fitted to the shape anew: hours\n"
    nudged = with_other_hours(intents.Focus("alpha GROUP_CHAT"), intents.Nudge(1, True))
    lines = plain(texts.changes(nudged)).splitlines()
    assert lines[0].split() == ["loaded", "now"]
    assert any(line.startswith("alpha GROUP_CHAT") for line in lines[1:-1])
    assert lines[-1] == "fitted to the shape anew: hours"


def test_the_loaded_value_of_a_share_is_not_cut_at_the_width_of_the_usual_terminal() -> None:
    key = "tail share DIRECT_MESSAGE"
    shown = given(intents.Focus(key), intents.Nudge(1, True))
    before = next(parameter for parameter in after().parameters if parameter.key == key)
    [line] = [line for line in plain(texts.sizes(shown, 38, 40)).splitlines() if line.startswith("▸")]
    assert line.endswith(f" ● {before.value:.4f}".replace("● 0", "● "))
    assert cell_len(line) <= 38
    assert "DIRECT_MESSAGE" in line


def test_names_of_types_are_whole_and_bars_have_what_is_left() -> None:
    lines = plain(texts.weights(given(), 28, 40, BLOCK)).splitlines()
    assert {"DIRECT_MESSAGE", "GROUP_CHAT", "TEXT"} <= {line.split()[0] for line in lines if line.strip()}
    assert max(line.count("█") for line in lines) >= 3
    assert max(line.count("█") for line in plain(texts.weights(given(), 60, 40, BLOCK)).splitlines()) > 20


def test_a_locked_weight_says_so_at_any_width() -> None:
    for width in range(24, 60, 5):
        assert "locked" in plain(texts.weights(given(intents.ToggleLock("message weight CODE")), width, 40, BLOCK))


def test_a_weight_of_one_is_not_shown_as_nothing() -> None:
    shown = given(intents.Focus("message weight TEXT"), intents.SetValue("message weight TEXT", 1.0))
    text = plain(texts.weights(shown, 40, 40, BLOCK))
    [line] = [line for line in text.splitlines() if "TEXT" in line]
    assert "1.000" in line
    assert all(".0000" in line for line in text.splitlines() if "CODE" in line)


def test_a_filter_leaves_what_holds_its_text() -> None:
    shown = given(view=View(filters={"calibrate": "Code"}))
    assert plain(texts.sizes(shown, 40, 40)) == ""
    assert [line.split()[0] for line in plain(texts.weights(shown, 40, 40, BLOCK)).splitlines()] == ["CODE"]
    assert [p.key for p in texts.narrowed(shown, WEIGHTS)] == ["message weight CODE"]


def test_the_fit_of_each_tail_with_its_rivals() -> None:
    text = plain(texts.fit_of_tails(fitted(), BLOCK))
    for label, model in fitted().conversation_generation.by_type.items():
        assert label in text
        assert model.tail is not None
        assert f"xmin {model.tail.xmin}  α {model.tail.alpha:.2f}" in text
        scan = model.fit.xmin_scan if model.fit is not None else None
        assert scan
        assert len(scan) > 2
    assert text.count("KS by xmin ") == 2
    assert "ΔAIC" in text
    assert "one power law" in plain(texts.fit_of_tails(after(HAND).draft.config, BLOCK))


def test_a_config_of_the_originals_kind_has_its_parameters() -> None:
    shown = given(HAND)
    assert "α    all types" in plain(texts.sizes(shown, 40, 10))
    assert "histograms" in plain(texts.lengths(shown, 30, 5, BLOCK))
    assert "CHANNEL" in plain(texts.weights(shown, 30, 10, BLOCK))
