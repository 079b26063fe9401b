"""ASCII: every character of the screen becomes one of it, and no row gets longer or shorter."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from shapetui.tui.overlay import GLYPHS
from shapetui.tui.plain import PlainCharacters, plain
from shapetui.tui.texts.words import visible


@given(st.text().map(visible))
@example("ऻ")
@example("Ａ１")
@example("👍🏽 ☂️ 🇩🇪")
def test_any_text_becomes_ascii_of_the_same_width(text: str) -> None:
    found = plain(text)
    assert found.isascii()
    assert found.isprintable()
    assert len(found) == cell_len(text)


def test_what_is_ascii_already_stays() -> None:
    assert plain("shape · config"[:5]) == "shape"
    assert plain("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("╭─ sizes ─╮", "+- sizes -+"),
        ("│ ▸ α  2.34 ● 2.30 │", "| > a  2.34 * 2.30 |"),
        ("p99 −5.1 of 15 %", "p99 -5.1 of 15 %"),
        ("✓ ✗ · – …", "+ x . - ~"),
        ("Zürich façade", "Zurich facade"),
        ("日本", "????"),
        ("cafe\u0301", "cafe"),
    ],
)
def test_signs_have_their_likenesses(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_marks_that_are_told_apart_stay_apart() -> None:
    for one, other in ("✓✗", "▸·", "α\u03c3", "↑↓", "▲▼"):
        assert plain(one) != plain(other)


def test_the_ascii_glyphs_of_plots_are_not_touched() -> None:
    glyphs = GLYPHS["ascii"]
    said = (
        "".join(value for value in vars(glyphs).values() if isinstance(value, str))
        if hasattr(glyphs, "__dict__")
        else ""
    )
    assert plain(said) == said


def test_the_filter_keeps_styles_and_pieces() -> None:
    bold = Style(bold=True)
    segments = [Segment("▸ ", bold), Segment("α"), Segment("plain", bold)]
    assert PlainCharacters().apply(segments, Color(0, 0, 0)) == [
        Segment("> ", bold),
        Segment("a"),
        Segment("plain", bold),
    ]
