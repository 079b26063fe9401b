"""Looks: read from SGR sequences, and the shortest way from one to another."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapetui.tui.looks import PLAIN, Look, after, change, for_blank, on_blank

CODES = st.sampled_from(
    [
        "0",
        "",
        "1",
        "3",
        "4",
        "7",
        "9",
        "1;38;2;1;2;3;48;2;4;5;6",
        "38;2;9;9;9",
        "48;5;8",
        "44",
        "97",
        "39",
        "49",
        "24;27",
    ]
)


def looks() -> st.SearchStrategy[Look]:
    """Looks that come of sequences."""

    def of(codes: list[str]) -> Look:
        look = PLAIN
        for one in codes:
            look = after(look, one)
        return look

    return st.lists(CODES, max_size=4).map(of)


def seen(data: str) -> object:
    """The cell that a terminal shows."""
    screen = pyte.Screen(4, 1)
    pyte.Stream(screen).feed(data)
    return screen.buffer[0][0]


@given(looks(), looks())
def test_a_change_leads_from_any_look_to_any_other(now: Look, look: Look) -> None:
    assert seen(f"{change(PLAIN, now)}{change(now, look)}x") == seen(f"{change(PLAIN, look)}x")
    assert change(look, look) == ""


@given(looks(), looks())
def test_a_blank_in_a_near_look_is_the_same_picture(now: Look, look: Look) -> None:
    assert on_blank(for_blank(now, look)) == on_blank(look)


def test_what_is_not_known_is_not_guessed() -> None:
    for parameters in ("58;2;1;2;3", "38", "38;7;1", "38;2;1", "73"):
        with pytest.raises(ValueError, match=r"\d"):
            after(PLAIN, parameters)
