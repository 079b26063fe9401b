"""Names and numbers as all screens write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shapetui.tui.texts.words import duration, fitted_name, minus, percent, shortened, visible


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0.0 %"), (-0.0001, "0.0 %"), (0.0149, "+1.5 %"), (-0.38, "−38.0 %"), (12.0, "+1,200.0 %")],
)
def test_a_percentage_has_its_sign_and_no_negative_zero(value: float | None, text: str) -> None:
    assert percent(value) == text


@given(st.text(), st.integers(1, 40))
def test_names_take_the_cells_that_they_are_given_and_steer_nothing(name: str, width: int) -> None:
    fitted = fitted_name(name, width)
    assert cell_len(fitted) == width
    assert fitted.isprintable()
    assert cell_len(shortened(name, width)) <= width


@pytest.mark.parametrize("name", ["x" * 40, "日本語の名前がとても長い", "a name of words that is long"])
def test_what_is_cut_has_an_ellipsis_and_what_fits_has_none(name: str) -> None:
    assert shortened(name, 12).endswith("…")
    assert shortened(name, cell_len(name)) == name


def test_what_cannot_be_seen_is_spelt_out() -> None:
    assert visible("a\x1b[2J\n\u202eb") == "a\\x1b[2J\\n\\u202eb"
    assert visible("Zürich 日本 👩") == "Zürich 日本 👩"
    assert visible(7) == "7"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (6.6, "0:07"), (754, "12:34"), (3723, "1:02:03"), (360_000, "100:00:00")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_minus_is_as_wide_as_a_plus() -> None:
    assert minus("-1 +1") == "−1 +1"
