"""The table of actions: what it promises to bindings, footer, palette, help, keymap and README."""

from __future__ import annotations

import pytest

from shapetui.workbench.actions import ACTIONS, EVERYWHERE, PLACES, actions_of
from shapetui.workbench.key_names import key_name, printed_key
from shapetui.workbench.settings import Settings, bound

# What another program does with them: they must not be needed.
_TAKEN_BY_TMUX_AND_SCREEN = ("ctrl+b", "ctrl+a")


@pytest.mark.parametrize("place", PLACES)
def test_no_two_keys_of_a_place_clash(place: str) -> None:
    keys = [key for action in actions_of(place) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_every_action_has_a_name_of_its_own_a_key_a_title_and_one_sentence_of_help() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        assert action.keys, action.id
        assert action.title == action.title.strip() != "", action.id
        assert len(action.title.split()) <= 3, action.id
        assert action.help[0].isupper(), action.id
        assert not action.help.endswith("."), action.id
        # A line of the help dialog holds key, title and this.
        assert len(action.help) <= 60, action.id


def test_every_action_applies_on_a_screen_that_there_is() -> None:
    for action in ACTIONS:
        assert action.places, action.id
        assert set(action.places) <= {EVERYWHERE, *PLACES}, action.id
        assert any(action.applies(place) for place in PLACES), action.id


def test_actions_that_share_an_entry_of_the_footer_apply_on_the_same_screens() -> None:
    by_id = {action.id: action for action in ACTIONS}
    for action in ACTIONS:
        if action.together:
            other = by_id[action.together]
            assert action.footer, action.id
            assert not other.footer, "one entry for both"
            assert {place for place in PLACES if action.applies(place)} == {
                place for place in PLACES if other.applies(place)
            }


def test_every_action_has_a_plain_key_and_none_that_another_program_takes() -> None:
    for action in ACTIONS:
        assert any("+" not in key for key in action.keys), action.id
        assert not set(action.keys) & set(_TAKEN_BY_TMUX_AND_SCREEN), action.id


def test_keys_are_named_as_the_keymap_names_them() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert key_name(key) == key
            assert key_name(printed_key(key)) == key


def test_what_writes_to_databases_is_marked() -> None:
    assert {action.id for action in ACTIONS if action.writes} == {"demo", "generate", "both", "loop"}


def test_the_footer_names_the_keys_of_the_way_out_and_the_way_to_all_others_everywhere() -> None:
    for place in PLACES:
        assert {"help", "quit"} <= {action.id for action in actions_of(place) if action.footer}


def test_the_table_of_a_session_has_the_users_keys_and_all_else_as_it_was() -> None:
    actions = bound(Settings(keys={"generate": ("f5", "g")}))
    assert [action.id for action in actions] == [action.id for action in ACTIONS]
    assert {action.id for action, usual in zip(actions, ACTIONS, strict=True) if action != usual} == {"generate"}
    [generate] = [action for action in actions if action.id == "generate"]
    assert (generate.shown_key, generate.shown_keys) == ("F5", "F5 g")
