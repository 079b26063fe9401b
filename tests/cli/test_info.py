"""`shapetui info`: versions, paths, environment, terminal and keys, without anything that is nobody's business."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shapetui.version import __version__
from shapetui.workbench.actions import ACTIONS, PLACES
from shapetui.workbench.intents import SetTarget
from shapetui.workbench.journal import Journal
from tests.cli.command_line import Cli, Terminal, environment
from tests.conftest import SALT

SECRET = "hunter2-and-more"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without settings."""
    for name in ("SHAPETUI_SETTINGS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_versions_are_those_of_what_runs(cli: Cli) -> None:
    versions = cli("info", "--json").document["versions"]
    assert versions["shapetui"] == __version__
    assert versions["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["textual"] == "8.2.8"
    assert versions["embedded PostgreSQL"].startswith("18.")
    assert int(versions["libpq"].split(".")[0]) >= 14
    assert not [name for name, version in versions.items() if version == "not installed"]


def test_it_says_where_everything_lies(cli: Cli, tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    (workspace / "reports").mkdir(parents=True)
    (workspace / "reports" / "x.json").write_text("{}")
    journal = Journal.start(workspace)
    journal.record(SetTarget(5))
    journal.close(clean=False)
    paths = cli("info", "--json", "--directory", workspace).document["paths"]
    assert paths["reports"] == f"{workspace}/reports (1 document)"
    assert paths["journals"] == f"{workspace}/reports/.shapetui (1 session); unfinished: {journal.path.name}"
    assert paths["settings"] == f"{tmp_path}/.config/shapetui/settings.toml: not there, so all is as by default"
    assert paths["logs"].startswith(paths["data"])


def test_it_says_whether_the_settings_are_valid_and_goes_on(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("rounds = 7")
    assert cli("info", "--settings", path, "--json").document["paths"]["settings"] == f"{path}: valid"
    path.write_text("\nrouns = 7")
    told = cli("info", "--settings", path)
    assert told.code == 0
    assert f"{path}: not valid: 2: rouns: there is no such setting (did you mean rounds?)" in told.out
    missing = cli("info", "--settings", tmp_path / "no.toml")
    assert missing.code == 0
    assert "not valid: no such file" in missing.out


def test_no_secret_and_no_host_is_in_it(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "SHAPETUI_PRODUCTION_URL": f"postgresql://ada:{SECRET}@db.example.com/chat",
        "SHAPETUI_SYNTHETIC_URL": f"host=db.example.com password={SECRET}",
        "ANONYMIZATION_SALT": SALT,
        "PGPASSWORD": SECRET,
        "SSH_CONNECTION": "203.0.113.9 4711 203.0.113.8 22",
        "TMUX": "/tmp/tmux-0/default,1,0",
        "SHAPETUI_PRODUCTOIN_URL": SECRET,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "mine.toml"
    path.write_text(f'databases.x = "postgresql://ada:{SECRET}@db.example.com/chat"')
    told = cli("info", "--settings", path)
    document = cli("info", "--settings", path, "--json")
    for text in (told.out, told.err, document.out):
        for secret in (SECRET, SALT, "example.com", "203.0.113", "tmux-0", socket.gethostname()):
            assert secret not in text
    assert set(secrets) < set(document.document["environment"])
    assert document.document["environment"]["ANONYMIZATION_SALT"] == "set"
    # A misspelt one is why nothing happens.
    assert "no such variable" in document.document["environment"]["SHAPETUI_PRODUCTOIN_URL"]


def test_what_steers_a_terminal_is_spelt_out(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm\x1b[31m")
    told = cli("info")
    assert "xterm\\x1b[31m" in told.out
    assert "\x1b" not in told.out


def test_it_knows_its_terminal(tmp_path: Path) -> None:
    terminal = Terminal("info", cwd=tmp_path)
    assert terminal.end() == 0
    lines = {line.strip().split("  ")[0]: line.split("  ")[-1].strip() for line in terminal.text.splitlines()}
    assert lines["terminals"] == "stdin, stdout, stderr"
    assert lines["colours of stdout"] in ("256", "16 million")
    assert lines["TERM"] == "xterm-256color"


def test_every_action_stands_under_its_places_with_its_keys(cli: Cli) -> None:
    told = cli("info", "--keys")
    parts = {part.split("\n")[0]: part.split("\n")[1:] for part in told.out.rstrip().split("\n\n")}
    assert list(parts) == ["everywhere", *PLACES]
    for action in ACTIONS:
        for place in action.places:
            lines = [line for line in parts[place] if line.endswith(action.help) and f" {action.id} " in line]
            assert len(lines) == 1
    assert any(line.split()[:2] == ["[", "less"] for line in parts["calibrate"])
    assert told.err == ""


def test_the_keys_are_those_of_the_settings(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[keys]\ngenerate = ["F5", "ctrl+g"]')
    assert "\n  F5 ctrl+g  generate " in cli("info", "--keys", "--settings", path).out
    keys = {action["id"]: action for action in cli("info", "--keys", "--settings", path, "--json").document["keys"]}
    assert keys["generate"]["keys"] == ["f5", "ctrl+g"]
    assert keys["generate"]["writes"] is True
    path.write_text('[keys]\ngenerate = "v"')
    told = cli("info", "--keys", "--settings", path)
    assert (told.code, told.out) == (2, "")
    assert f"{path}:2: keys.generate: v is the key of validate already" in told.err


def test_it_needs_no_terminals_packages_but_rich() -> None:
    probe = (
        "import sys, json; from shapetui.cli.main import main; main(['info']); main(['info', '--keys']);"
        " print(json.dumps([name for name in ('textual', 'plotext', 'scipy', 'pyarrow') if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment(), capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
