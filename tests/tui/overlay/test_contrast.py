"""Bars, hatching and line can be told apart in every theme, whatever hues it has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from shapetui.tui.overlay import Overlay, OverlayData, Role
from shapetui.tui.overlay.contrast import GRAPHIC, TEXT, at_least, colours_for, contrast
from tests.tui.overlay.pictures import BOTH

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: Color(*parts))


class Frame(App[None]):
    """Nothing but an overlay."""

    def compose(self) -> ComposeResult:
        yield Overlay(OverlayData(BOTH.production, BOTH.synthetic, merged=((96, 7000),)))


async def styles_in(theme: str) -> dict[Role, tuple[Color | None, Color | None, bool]]:
    """Role -> (foreground, background, reversed) in a theme."""
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        await pilot.pause()
        return {
            role: (
                Color.from_rich_color(style.color) if style.color else None,
                Color.from_rich_color(style.bgcolor) if style.bgcolor else None,
                bool(style.reverse),
            )
            for role, style in app.query_one(Overlay).role_styles().items()
        }


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    # WCAG: #767676 is the lightest grey for text on white.
    assert contrast(Color(0x76, 0x76, 0x76), Color(255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast(Color(9, 9, 9), Color(9, 9, 9)) == 1


@pytest.mark.parametrize("theme", [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi])
async def test_every_theme_shows_line_bar_and_hatching(theme: str) -> None:
    styles = await styles_in(theme)
    for role, (front, behind, _) in styles.items():
        assert front is not None
        assert behind is not None
        assert contrast(front, behind) >= (TEXT if role in ("label", "axis") else GRAPHIC), role
    bar, hatch = styles["production"], styles["merged"]
    assert styles["over"][1] == bar[0]
    assert hatch[0] is not None
    assert bar[0] is not None
    assert contrast(hatch[0], bar[0]) > 1.2
    assert styles["over"][0] == styles["synthetic"][0] == styles["difference"][0]


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_with_the_terminals_own_colours_the_line_is_cut_out_of_the_bar(theme: str) -> None:
    styles = await styles_in(theme)
    # No colour of sixteen is known, so none stands on another: reversed, a bar's colour stands on the background.
    assert {role for role, (_, _, turned) in styles.items() if turned} == {"over"}
    assert styles["over"][0] == styles["production"][0]
    assert styles["production"][0] != styles["synthetic"][0]
    assert all(behind is None for _, behind, _ in styles.values())


@settings(max_examples=200, deadline=None)
@given(COLOURS, COLOURS, COLOURS)
def test_any_hues_on_any_background_are_told_apart(background: Color, one: Color, other: Color) -> None:
    bar, hatch, line = colours_for(background, one, other)
    most = max(contrast(background, end) for end in (Color(0, 0, 0), Color(255, 255, 255)))
    # On a middling background black or white has not nine times its contrast; colours are whole numbers.
    enough = min(GRAPHIC, most**0.5) * 0.95
    assert contrast(bar, background) >= enough
    assert contrast(line, bar) >= enough
    assert contrast(line, background) >= contrast(bar, background)
    assert contrast(hatch, background) >= enough


@settings(max_examples=100, deadline=None)
@given(COLOURS, COLOURS)
def test_a_colour_that_has_its_contrast_stays_as_it_is(colour: Color, background: Color) -> None:
    moved = at_least(colour, background, GRAPHIC)
    assert contrast(moved, background) >= GRAPHIC
    assert at_least(moved, background, GRAPHIC) == moved
