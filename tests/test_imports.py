"""The engine below the faces never loads a terminal's packages, and no command needs scipy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from tests.cli.command_line import environment

PROBE = (
    "import json, sys; {}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})), file=sys.stderr)"
)


def loaded(code: str, *arguments: str) -> set[str]:
    """The packages that a program has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(code), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("module", ["shapetui.jobs.demo", "shapetui.jobs.validate", "shapetui.documents.workspace"])
def test_the_engine_knows_no_terminal(module: str) -> None:
    assert not loaded(f"import {module}") & {"textual", "rich", "plotext", "scipy"}


def test_calibrating_needs_neither_database_nor_arrow() -> None:
    assert not loaded("import shapetui.jobs.calibrate") & {"psycopg", "pyarrow", "pgpq"}


def test_documents_need_no_arrays() -> None:
    assert not loaded("import shapetui.documents.files") & {"numpy", "scipy", "psycopg", "pyarrow"}


def test_no_command_loads_scipy_or_textual(server: EmbeddedServer, tmp_path: Path) -> None:
    run = "from shapetui.cli.main import main; assert main(sys.argv[1:]) == 0"
    names = loaded(run, "demo", "--headless", "--target-messages", "2000", "--directory", str(tmp_path))
    assert not names & {"textual", "scipy"}
    (shape,) = (tmp_path / "reports").glob("shape-*.json")
    (config,) = (tmp_path / "reports").glob("calibrated-*.json")
    assert not loaded(run, "show", str(shape), str(config)) & {"textual", "scipy"}
