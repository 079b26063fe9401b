"""The README says what is there: its keys, checks, pictures and commands exist, and are all of them."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from shapetui.cli.arguments import build_parser
from shapetui.fidelity.check_words import check_name
from shapetui.fidelity.facts import Facts
from shapetui.fidelity.gate import MARGINS
from shapetui.workbench.actions import ACTIONS, EVERYWHERE, PLACES, Action

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def keys_table() -> str:
    """All actions, those that apply everywhere first."""
    rows = ["| key | where | what |", "|---|---|---|"]
    everywhere = [action for action in ACTIONS if EVERYWHERE in action.places]
    for action in (*everywhere, *(action for action in ACTIONS if action not in everywhere)):
        keys = " ".join(f"`{key}`" for key in action.shown_keys.split(" "))
        rows.append(f"| {keys} | {_where(action)} | {action.help} |")
    return "\n".join(rows)


def _where(action: Action) -> str:
    return (
        ""
        if EVERYWHERE in action.places
        else ", ".join(place.capitalize() for place in PLACES if place in action.places)
    )


def test_the_table_of_keys_is_that_of_the_actions() -> None:
    assert keys_table() in README, f"the README's table of keys should be:\n{keys_table()}"


def test_every_picture_is_there_and_every_screen_has_one() -> None:
    pictures = re.findall(r"\]\((screenshots/[\w-]+\.svg)\)", README)
    assert {Path(picture).stem for picture in pictures} >= set(PLACES)
    for picture in pictures:
        assert (ROOT / picture).read_text(encoding="utf-8").lstrip().startswith("<svg")


def test_every_command_is_told() -> None:
    parser = build_parser()
    (commands,) = (action.choices for action in parser._actions if action.dest == "command")
    for command in commands or ():
        assert f"shapetui {command}" in README or f"`{command}`" in README, command


def test_the_table_of_checks_has_their_margins() -> None:
    rows = re.findall(r"^\| (.+) \| .+ \| ([\d.]+)( %)? \|$", README, re.MULTILINE)
    told = {
        name: float(margin) / (100 if percent else 1) for names, margin, percent in rows for name in names.split(", ")
    }
    expected = {check_name(name): margin for name, margin in MARGINS.items()}
    facts = {check_name(field.name): 0.0 for field in fields(Facts)}
    assert told == pytest.approx(expected | facts)
