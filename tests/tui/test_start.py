"""The session that a command line, the environment and the settings ask for."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from shapetui.errors import UsageError
from shapetui.tui.start import Session, session_of
from shapetui.workbench.actions import ACTIONS
from shapetui.workbench.settings import Settings

NOTHING = Namespace(
    command=None,
    settings=None,
    theme=None,
    glyphs=None,
    mouse=None,
    readonly=None,
    url=None,
    production_url=None,
    screen=None,
    messages=None,
    target_messages=None,
    seed=None,
    tolerance=None,
)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a home folder of its own, without settings."""
    return {"HOME": str(tmp_path)}


def session(environ: dict[str, str], **asked: Any) -> Session:
    return session_of(Namespace(**{**vars(NOTHING), **asked}), environ)


def test_nothing_asked_for_is_the_default_of_everything(home: dict[str, str]) -> None:
    found = session(home)
    assert (found.settings, found.actions) == (Settings(), ACTIONS)
    assert (found.synthetic.label, found.production.label) == ("embedded:synthetic", "embedded:production")
    assert (found.screen, found.demo) == ("files", None)


def test_the_command_line_comes_before_the_environment(home: dict[str, str]) -> None:
    environ = {**home, "SHAPETUI_SYNTHETIC_URL": "embedded:one", "SHAPETUI_PRODUCTION_URL": "service=two"}
    assert session(environ).synthetic.label == "embedded:one"
    assert session(environ).production.label == "service two"
    found = session(environ, url="embedded:three", production_url="embedded:four", screen="report")
    assert (found.synthetic.label, found.production.label, found.screen) == (
        "embedded:three",
        "embedded:four",
        "report",
    )


def test_an_empty_variable_is_one_that_is_unset_and_an_empty_option_a_mistake(home: dict[str, str]) -> None:
    assert session({**home, "SHAPETUI_SYNTHETIC_URL": ""}).synthetic.label == "embedded:synthetic"
    with pytest.raises(UsageError, match="URL is empty"):
        session(home, url="")


def test_options_come_before_the_settings_of_the_file(home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('theme = "nord"\nglyphs = "ascii"\nreadonly = true\nmouse = false\n[keys]\ngenerate = "F5"\n')
    found = session(home, settings=file, glyphs="braille", mouse=True)
    assert (found.settings.theme, found.settings.glyphs, found.settings.mouse) == ("nord", "braille", True)
    assert found.settings.readonly
    assert next(action.keys for action in found.actions if action.id == "generate") == ("f5",)


def test_mistakes_in_the_settings_name_file_and_line(home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('theme = "nord"\nglyphs = "blocks"\n')
    with pytest.raises(UsageError, match=r"settings\.toml:2: glyphs") as caught:
        session({**home, "SHAPETUI_SETTINGS": str(file)})
    assert caught.value.hint == "did you mean block?"


def test_a_demo_opens_where_its_job_is_seen(home: dict[str, str]) -> None:
    found = session(home, command="demo", target_messages=5_000, seed="a", screen="files")
    assert found.screen == "run"
    assert found.demo is not None
    assert (found.demo.target_messages, found.demo.seed, found.demo.tolerance) == (5_000, "a", 0.15)
    assert session(home, command="demo", tolerance=0.2).demo == found.demo.__class__(tolerance=0.2)


def test_the_demo_has_the_tolerance_of_the_settings(home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("tolerance = 0.3\n")
    found = session(home, command="demo", settings=file)
    assert found.demo is not None
    assert found.demo.tolerance == 0.3


def test_a_demo_of_a_session_that_may_not_write_is_refused(home: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="read-only") as caught:
        session(home, command="demo", readonly=True)
    assert caught.value.hint
