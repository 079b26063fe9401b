"""Colours of the overlay that can be told apart in any theme.

A theme names hues; how light they are it decides for its own text and buttons. In most of Textual's themes a line
in the accent cannot be seen over a bar in the primary colour, so both are moved until their contrast suffices.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from textual.color import BLACK, WHITE, Color

# WCAG 2.1: 1.4.11 graphical objects against what lies beside them, 1.4.3 text.
GRAPHIC: Final = 3.0
TEXT: Final = 4.5
# A bar is a large area: just enough for it (and for the rounding to 8 bits), the line over it has the rest.
_BAR: Final = 3.05
# Of a hatched bar half of the cell is background.
_HATCH: Final = 6.0
# How finely a colour is moved.
_STEPS: Final = 64


class Colours(NamedTuple):
    """What bars, hatched bars and the line are drawn in."""

    production: Color
    merged: Color
    synthetic: Color


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colours_for(background: Color, production: Color, synthetic: Color) -> Colours:
    """Both hues, moved as little as need be: a bar just seen on the background, a line seen on both.

    The line lies beyond the bar: lighter on a dark background, darker on a light one. On a background so middling
    that no line can have three times the contrast of a bar, both get an equal part of what there is.
    """
    end = _end_of(background)
    most = contrast(end, background)
    bar = _at(production, background, min(_BAR, most**0.5))
    hatch = _at(production, background, min(_HATCH, most))
    return Colours(bar, hatch, at_least(synthetic, background, min(contrast(bar, background) * GRAPHIC * 1.01, most)))


def at_least(colour: Color, background: Color, ratio: float) -> Color:
    """The colour, or the first on its way to black or white that has this contrast to the background."""
    end = _end_of(background)
    for step in range(_STEPS + 1):
        moved = colour.blend(end, step / _STEPS, 1.0)
        if contrast(moved, background) >= ratio and _lighter(moved, background) == _lighter(end, background):
            return moved
    return end


def _at(colour: Color, background: Color, ratio: float) -> Color:
    """The colour with just this contrast: moved towards the background as far as it goes, or away from it."""
    far = at_least(colour, background, ratio)
    found = far
    for step in range(1, _STEPS + 1):
        moved = far.blend(background, step / _STEPS, 1.0)
        if contrast(moved, background) < ratio:
            break
        found = moved
    return found


def _end_of(background: Color) -> Color:
    """White or black: what stands out more."""
    return max((WHITE, BLACK), key=lambda end: contrast(end, background))


def _lighter(colour: Color, than: Color) -> bool:
    return _luminance(colour) > _luminance(than)


def _luminance(colour: Color) -> float:
    """Relative luminance 0..1 of an sRGB colour (WCAG 2.1)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
