"""What the tests of the command line share: a production of the demo's kind, and one whole loop over it."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from shapetui.cli.main import main
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.progress import Watch
from tests.cli.command_line import Cli, Outcome, runner
from tests.conftest import SALT


@dataclass(frozen=True)
class Loop:
    """The four commands of the loop, typed by hand, and the folder they worked in."""

    folder: Path
    sample: Outcome
    calibrate: Outcome
    generate: Outcome
    validate: Outcome

    def document(self, stem: str) -> Path:
        """The one file of a kind."""
        (found,) = (self.folder / "reports").glob(f"{stem}*.json")
        return found


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], server: EmbeddedServer) -> Cli:
    """Runs a command line within this process."""
    return runner(capsys)


@pytest.fixture
def salt(monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret that sampling production needs."""
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    return SALT


@pytest.fixture(scope="session")
def production(server: EmbeddedServer) -> str:
    """The URL of a production of 60,000 messages."""
    url = "embedded:cliprod"
    build_production(Target.parse(url), simulate(60_000), Watch())
    return url


@pytest.fixture(scope="session")
def loop(production: str, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    """sample, calibrate, generate, validate, in a folder with a blank and letters beyond ASCII in its name."""
    folder = tmp_path_factory.mktemp("loop") / "Übung eins ☃"
    base = ["--directory", str(folder)]

    def run(*arguments: str) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*arguments, *base])
        return Outcome(code, out.getvalue(), err.getvalue())

    def only(stem: str) -> str:
        (found,) = (folder / "reports").glob(f"{stem}*.json")
        return found.name

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANONYMIZATION_SALT", SALT)
        sampled = run("sample", "--url", production, "--window-days", "0")
    calibrated = run("calibrate", "--shape", only("shape"))
    to = ("--url", "embedded:cliloop")
    generated = run("generate", *to, "--config", only("calibrated"), "--target-messages", "60_000", "--seed", "s")
    validated = run("validate", *to, "--shape", only("shape"))
    return Loop(folder, sampled, calibrated, generated, validated)
