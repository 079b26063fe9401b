"""The settings: what a file says, what is wrong with it and where, and the keys that come of it."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import _character_to_key

from shapetui.errors import UsageError
from shapetui.workbench.actions import ACTIONS, PLACES
from shapetui.workbench.key_names import PUNCTUATION, character_name, key_name, printed_key
from shapetui.workbench.settings import Settings, bound, load_settings, parse_settings
from shapetui.workbench.settings_file import LARGEST, key_lines, settings_path

FILE = Path("settings.toml")
SECRET = "hunter2-and-more"
EVERYTHING = """\
theme = "dracula"
glyphs = "braille"
mouse = false
readonly = true
rounds = 50
tolerance = 1

[keys]
generate = "F5"
undo = ["ctrl+z", "ü"]
"less" = "-"

[databases]
staging = "service=staging"
scratch = "embedded:scratch"
"""


def parsed(text: str) -> Settings:
    return parse_settings(text, FILE)


def mistake(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parsed(text)
    return caught.value


def test_everything_that_a_file_can_say() -> None:
    settings = parsed(EVERYTHING)
    assert settings == Settings(
        "dracula",
        "braille",
        mouse=False,
        readonly=True,
        rounds=50,
        tolerance=1.0,
        keys={"generate": ("f5",), "undo": ("ctrl+z", "ü"), "less": ("minus",)},
        databases={"staging": "service=staging", "scratch": "embedded:scratch"},
        path=FILE,
    )
    assert isinstance(settings.tolerance, float)


def test_an_empty_file_says_the_defaults() -> None:
    assert parsed("# nothing\r\n") == Settings(path=FILE)
    assert (Settings().theme, Settings().glyphs, Settings().rounds) == (None, "block", 5)


def test_actions_have_the_keys_that_they_were_given_and_the_others_their_own() -> None:
    settings = parsed('[keys]\ngenerate = ["F5", "g", "F5"]')
    actions = {action.id: action for action in bound(settings)}
    assert actions["generate"].keys == ("f5", "g")
    assert [action.id for action in bound(settings)] == [action.id for action in ACTIONS]
    assert all(actions[a.id] == a == actions[a.id] for a in ACTIONS if a.id != "generate")
    assert settings.keys_of(actions["undo"]) == ("u",)


def test_the_command_line_goes_before_the_settings() -> None:
    settings = parsed(EVERYTHING).with_options(theme="nord", mouse=True, glyphs=None, readonly=None, tolerance=0.2)
    assert (settings.theme, settings.mouse, settings.glyphs, settings.readonly) == ("nord", True, "braille", True)
    assert settings.tolerance == 0.2


@pytest.mark.parametrize(
    ("text", "line", "said", "mend"),
    [
        ('theme = "a"\nrouns = 3', 2, "rouns: there is no such setting", "did you mean rounds?"),
        ("[key]\nundo = 1", 1, "key: there is no such setting", "did you mean keys?"),
        ("what-ever = 3", 1, "what-ever: there is no such setting", "the settings are theme, glyphs"),
        ('undo = "z"', 1, "undo: is no setting but an action", "below the line [keys]"),
        ("theme = 3", 1, "theme: must be the name of a theme in quotes, not a whole number", "nord"),
        ('theme = ""', 1, "theme: is no name", "nord"),
        ('theme = "a\\u001bb"', 1, "theme: is no name", "nord"),
        ('\n\nglyphs = "brail"', 3, "glyphs: must be", "did you mean braille?"),
        ("glyphs = [1]", 1, "glyphs: must be", "not a list"),
        ('mouse = "false"', 1, "mouse: must be true or false, not text", "without quotes"),
        ("readonly = 1", 1, "readonly: must be true or false, not a whole number", "write true or false"),
        ("rounds = 0", 1, "rounds: must lie between 1 and 50", "rounds = 5"),
        ("rounds = 51", 1, "rounds: must lie between 1 and 50", "rounds = 5"),
        ("rounds = 5.0", 1, "rounds: must be a whole number", "rounds = 5"),
        ("rounds = true", 1, "rounds: must be a whole number", "rounds = 5"),
        ("rounds = 2025-01-01", 1, "not a date", "rounds = 5"),
        ("tolerance = 0", 1, "tolerance: must lie above 0", "0.15"),
        ("tolerance = nan", 1, "tolerance: must lie above 0", "0.15"),
        ("tolerance = inf", 1, "tolerance: must lie above 0", "0.15"),
        ("tolerance = true", 1, "tolerance: must be a number", "0.15"),
        ("keys = 3", 1, "keys: is a section, not a whole number", "[keys]"),
        ("[[keys]]", 1, "keys: is a section, not a list", "[keys]"),
        ('[keys]\n# one\nundoo = "z"', 3, "keys.undoo: there is no such action", "did you mean undo?"),
        ('[keys]\nqqqq = "z"', 2, "keys.qqqq: there is no such action", "info --keys"),
        ("[keys]\nmouse = false", 2, "keys.mouse: there is no such action", "above the first [section]"),
        ("[databases]\nmouse = false", 2, "databases.mouse: must be", "above the first [section]"),
        ("keys.undo = 3", 1, "keys.undo: must be a key in quotes", 'undo = "F5"'),
        ('[keys]\nundo = [\n "z",\n 3]', 2, "keys.undo: must be a key in quotes", 'undo = "F5"'),
        ("[keys]\nundo = []", 2, "keys.undo: needs at least one key", "take the line out"),
        ('[keys]\nundo = ""', 2, "keys.undo: '' is no key", "keys are written like"),
        ('[keys]\nundo = "z,ctrl+z"', 2, "is no key", "several keys are a list"),
        ('[keys]\nundo = "pagupp"', 2, "'pagupp' is no key", "did you mean pageup?"),
        ('[keys]\nundo = "strg+z"', 2, "'strg+z' is no key", "keys are written like"),
        ('keys = { undo = "ctrl+z", redo = "ctrl+z" }', 1, "ctrl+z is the key of", "another key"),
        ("[databases]\nx = 3", 2, "databases.x: must be a connection string", "service=NAME"),
        ('[databases]\nx = ""', 2, "databases.x: the database URL is empty", "embedded:NAME"),
        ('[databases]\nx = "embedded:1"', 2, "databases.x: the name after embedded:", "embedded:NAME"),
        ("theme = nord", 1, "not TOML: invalid value, column 9", "in quotes"),
        ('theme = "a"\ntheme = "b"\n', 2, "not TOML: cannot overwrite a value", "stands once"),
        ("[keys]\n[keys]", 2, "not TOML: cannot declare", "stands once"),
        ('theme = """a', 1, "not TOML: unterminated string, at its end", "in quotes"),
        ("mouse = true\nrounds = " + "9" * 5000, 2, "not TOML: a number with too many digits", "mend the number"),
        ("mouse = true\nx = " + "[" * 5000, 2, "not TOML: nested too deeply", "the file you mean"),
    ],
)
def test_a_mistake_is_told_with_file_line_key_and_mend(text: str, line: int, said: str, mend: str) -> None:
    error = mistake(text)
    assert error.message.startswith(f"settings.toml:{line}: ")
    assert said in error.message
    assert mend in error.hint or mend in error.message


def test_the_first_mistake_of_a_file_is_told_and_the_others_are_counted() -> None:
    error = mistake('[keys]\nundoo = "z"\n[databases]\nx = 3\ny = 4')
    assert error.message == "settings.toml:2: keys.undoo: there is no such action (and 2 more)"


@pytest.mark.parametrize(
    ("keys", "line", "newer", "older", "where"),
    [
        ('undo = "x"', 2, "undo", "cancel", ""),
        ('changes = "q"', 2, "changes", "quit", ", on the screen calibrate"),
        ('quit = "d"', 2, "quit", "changes", ", on the screen calibrate"),
        ('redo = "F2"\nhelp = "F1"\nundo = "F2"', 4, "undo", "redo", ""),
        ('undo = "F2"\nredo = "F2"', 3, "redo", "undo", ""),
        ('less = "]"', 2, "less", "more", ", on the screen calibrate"),
        ('undo = "shift+r"', 2, "undo", "look", ", on the screen files"),
        ('undo = "ctrl+["', 2, "undo", "cancel", ""),
    ],
)
def test_two_actions_of_one_place_on_one_key_are_both_named_at_the_newer(
    keys: str, line: int, newer: str, older: str, where: str
) -> None:
    error = mistake(f"[keys]\n{keys}")
    assert error.message.startswith(f"settings.toml:{line}: keys.{newer}: ")
    assert f" is the key of {older} already{where}" in error.message
    assert error.hint == f"give {newer} or {older} another key"


def test_a_key_may_mean_different_things_in_different_places_and_change_hands() -> None:
    assert parsed('[keys]\nopen = "d"').keys == {"open": ("d",)}
    assert parsed('[keys]\nundo = "U"\nredo = "u"').keys == {"undo": ("U",), "redo": ("u",)}


def test_without_settings_no_two_actions_of_one_place_have_the_same_key() -> None:
    for place in PLACES:
        keys = [key for action in bound(Settings()) if action.applies(place) for key in action.keys]
        assert len(keys) == len(set(keys)), place
    assert {key_name(key) for action in ACTIONS for key in action.keys} == {key for a in ACTIONS for key in a.keys}


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@host/chat",
        f"postgresql://host/chat?user=u&password={SECRET}",
        f"host=host password={SECRET}",
        f"host=host sslpassword = '{SECRET}'",
        f"postgresql://u:{SECRET}@x@host/chat",
        f"postgresql://u:%%{SECRET}@host/chat",
        f"host=host nonsense=1 password={SECRET}",
    ],
)
def test_a_password_is_refused_and_never_repeated(url: str) -> None:
    error = mistake(f'[databases]\nok = "service=ok"\nx = "{url}"')
    assert error.message == "settings.toml:3: databases.x: holds a password"
    assert "~/.pgpass" in error.hint
    assert "service" in error.hint


@pytest.mark.parametrize("url", [f"{SECRET}", f"nonsense={SECRET}", f"postgresql://host:{SECRET}/chat"])
def test_whatever_else_is_wrong_with_a_database_its_value_is_not_repeated(url: str) -> None:
    error = mistake(f'[databases]\nx = "{url}"')
    assert error.message.startswith("settings.toml:2: databases.x: ")
    assert SECRET not in error.message + error.hint


@pytest.mark.parametrize(
    "url", ["postgresql://u@host:5433/chat", "host=host user=u dbname=chat passfile=/x", "dbname=p"]
)
def test_a_database_without_a_password_is_taken_as_it_is(url: str) -> None:
    assert parsed(f'databases.x = "{url}"').databases == {"x": url}


def test_the_lines_of_keys_are_found_whatever_stands_between_them() -> None:
    text = '''\
# theme = 1
theme = """
mouse = false
[keys]
"""
 "glyphs"  = 'it''s # none' # rounds = 1
x = [ # [keys]
  "]", '[', { a = "}" , "b.c" = [1, 2] },
]
[ "keys" ] # more
"a.b" . c = 1
"undo" = "\\"]\\\\"
\tredo.x.y = \'\'\'
[databases]\'\'\'
[ databases . d ]
e = {f = 1, g = """
""", h = 2}
'''.replace("'it''s # none'", '"it\'s # none"')
    assert key_lines(text) == {
        ("theme",): 2,
        ("glyphs",): 6,
        ("x",): 7,
        ("x", "a"): 8,
        ("x", "b.c"): 8,
        ("keys",): 10,
        ("keys", "a.b"): 11,
        ("keys", "undo"): 12,
        ("keys", "redo"): 13,
        ("databases",): 15,
        ("databases", "d"): 15,
    }


@given(st.text(max_size=200) | st.text("[]{}\"'=,.#\n abk1\\", max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    told = None
    try:
        parsed(text)
    except UsageError as error:
        told = error
    assert told is None or (told.message.startswith("settings.toml:") and told.hint)


def test_the_names_of_characters_are_textuals() -> None:
    for character in map(chr, range(0x20, 0x250)):
        if character.isprintable():
            assert character_name(character) == _character_to_key(character)
            assert key_name(character) == character_name(character)
            assert key_name(character_name(character)) in (character_name(character), None)
    assert {PUNCTUATION[name] for name in map(_character_to_key, string.punctuation)} == set(string.punctuation)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("[", "left_square_bracket"),
        ("]", "right_square_bracket"),
        ("?", "question_mark"),
        ("Question_Mark", "question_mark"),
        ("F5", "f5"),
        ("Space", "space"),
        (" ", "space"),
        ("ctrl+n", "ctrl+n"),
        ("Ctrl + N", "ctrl+n"),
        ("Control+Left", "ctrl+left"),
        ("ctrl++", "ctrl+plus"),
        ("+", "plus"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("shift+s", "S"),
        ("S", "S"),
        ("alt+S", "alt+shift+s"),
        ("shift+tab", "shift+tab"),
        ("Esc", "escape"),
        ("PgDn", "pagedown"),
        ("page up", "pageup"),
        ("↑", "up"),
        ("ctrl+i", "tab"),
        ("ctrl+m", "enter"),
        ("ctrl+[", "escape"),
        ("full-stop", "full_stop"),
        ("hyphen_minus", "minus"),
        ("é", "é"),
    ],
)
def test_keys_are_written_as_printed_or_as_textual_calls_them(said: str, name: str) -> None:
    assert key_name(said) == name


@pytest.mark.parametrize("said", ["", "\n", "\x1b", "F25", "strg+n", "ctrl+", "+a", "shift+1", "shift+?", "ab", "a b"])
def test_what_no_terminal_sends_is_no_key(said: str) -> None:
    assert key_name(said) is None


@given(st.text(max_size=12) | st.text("ctrl+shift+aA[ ", max_size=12))
def test_a_name_is_its_own_name(said: str) -> None:
    name = key_name(said)
    assert name is None or key_name(name) == name or len(said) == 1


def test_keys_are_printed_as_keyboards_have_them() -> None:
    names = ("left_square_bracket", "ctrl+plus", "f5", "space", "up", "backslash", "S", "enter")
    assert [printed_key(name) for name in names] == ["[", "ctrl++", "F5", "space", "↑", "\\", "S", "enter"]


def test_where_the_settings_are_looked_for() -> None:
    home = {"HOME": "/home/ada"}
    default = Path("/home/ada/.config/shapetui/settings.toml")
    assert settings_path(None, home) == default
    assert settings_path(None, {**home, "XDG_CONFIG_HOME": "relative", "SHAPETUI_SETTINGS": ""}) == default
    assert settings_path(None, {**home, "XDG_CONFIG_HOME": "/etc/ada"}) == Path("/etc/ada/shapetui/settings.toml")
    named = {**home, "XDG_CONFIG_HOME": "/etc/ada", "SHAPETUI_SETTINGS": "/tmp/mine.toml"}
    assert settings_path(None, named) == Path("/tmp/mine.toml")
    assert settings_path(Path("given.toml"), named) == Path("given.toml")


def test_a_default_file_that_is_not_there_means_the_defaults_and_a_named_one_is_an_error(tmp_path: Path) -> None:
    assert load_settings(None, {"HOME": str(tmp_path)}) == Settings()
    (tmp_path / ".config").write_text("a file")
    assert load_settings(None, {"HOME": str(tmp_path)}) == Settings()
    for asked, environ in ((tmp_path / "no.toml", {}), (None, {"SHAPETUI_SETTINGS": str(tmp_path / "no.toml")})):
        with pytest.raises(UsageError, match=r"no\.toml: no such file") as caught:
            load_settings(asked, environ)
        assert "--settings" in caught.value.hint


def test_a_file_is_read_with_its_path_and_with_the_mark_that_windows_puts_first(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbfrounds = 7\r\n[keys]\r\nundo = 'F2'\r\nrdo = 'F3'\r\n")
    with pytest.raises(UsageError) as caught:
        load_settings(path, {})
    assert caught.value.message.startswith(f"{path}:4: keys.rdo: ")
    path.write_bytes(path.read_bytes().replace(b"rdo", b"redo"))
    assert load_settings(path, {}).rounds == 7
    assert load_settings(path, {}).path == path
    assert load_settings(Path("/dev/null"), {}) == Settings(path=Path("/dev/null"))


def test_what_is_no_settings_file_is_refused(tmp_path: Path) -> None:
    latin, large, pipe = tmp_path / "latin.toml", tmp_path / "large.toml", tmp_path / "pipe"
    latin.write_bytes(b"mouse = true\ntheme = '\xfc'")
    large.write_bytes(b"#" * (LARGEST + 1))
    os.mkfifo(pipe)
    for path, said in (
        (latin, f"{latin}:2: not text in UTF-8"),
        (large, "is larger than 64 KB"),
        (Path("/dev/zero"), "is larger than 64 KB"),
        (pipe, "is no file"),
        (tmp_path, "is a folder"),
        (Path("/proc/self/mem"), "cannot be read"),
        (Path("a" * 300), "cannot be read"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(UsageError) as caught:
            load_settings(path, {})
        assert said in caught.value.message
        assert caught.value.hint
