"""Names and numbers as all screens write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shapetui.tui.texts.words import (
    TOGETHER,
    duration,
    fitted_name,
    hanging,
    in_keys,
    minus,
    percent,
    prose,
    short_number,
    shortened,
    visible,
)
from shapetui.workbench.jobnews import JobNews


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


def test_sentences_of_the_engine_have_arrows_and_whole_numbers() -> None:
    assert prose("xmin 1.41e+03 -> 900: p99 +3 % -> 0 %") == "xmin 1,410 → 900: p99 +3 % → 0 %"
    assert prose("5e-04 and 1.25e+01") == "0.0005 and 12.5"
    # No numbers: labels and digests.
    assert prose("type a1e+03, sha256:1e5, x.5e+03") == "type a1e+03, sha256:1e5, x.5e+03"
    assert short_number(14_100.4) == "14,100"
    assert short_number(-2.81349) == "−2.813"


@given(st.text(), st.integers(0, 80), st.integers(0, 20))
def test_lines_hang_and_are_as_wide_as_they_may_be(text: str, width: int, indent: int) -> None:
    lines = hanging(visible(text), width, indent).splitlines()
    assert all(line.startswith(" " * indent) for line in lines if line.strip())
    assert all(len(line) <= max(width, indent + 12) for line in lines)


def test_a_first_line_may_stand_further_out_and_a_place_is_never_parted() -> None:
    assert hanging("p: one two three four five", 14, 3, 0) == "p: one two\n   three four\n   five\n"
    assert hanging(f"one two{TOGETHER}three four", 14, 0) == "one two three\nfour\n"
    assert hanging("", 10, 2) == ""


def test_the_workbench_speaks_of_keys_where_the_engine_speaks_of_commands() -> None:
    news: JobNews[None] = JobNews(
        1, "generate", "x", message="in whole slices; the same command goes on", hint="and run the same command again"
    )
    said = in_keys(news)
    assert (said.message, said.hint) == ("in whole slices; the same key goes on", "and press the same key again")
