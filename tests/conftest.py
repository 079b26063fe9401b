"""One embedded server for the whole run of the tests, in a home of its own; nothing of the user's is touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target

ROOT = Path(__file__).parents[1]
SALT = "a salt of the tests, thirty-two characters or more"
_numbers = count()


def real_data(name: str) -> Path:
    """The path of a real corpus (`lean_zulip`, `uci_dm`); skips the test where it is not there."""
    folder = Path(os.environ.get("SHAPETUI_REAL_DATA", ROOT.parent / "shared" / "data"))
    path = folder / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"the real corpus {name} is not there (SHAPETUI_REAL_DATA names its folder)")
    return path


@pytest.fixture(scope="session", autouse=True)
def server_home() -> Iterator[Path]:
    """SHAPETUI_HOME for the session: a folder that the server's account can enter (pytest's own are closed to it)."""
    home = Path(tempfile.mkdtemp(prefix="shapetui-tests-", dir="/tmp"))
    home.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHAPETUI_HOME", str(home))
        for name in ("SHAPETUI_PRODUCTION_URL", "SHAPETUI_SYNTHETIC_URL", "ANONYMIZATION_SALT", "PGPASSWORD"):
            patch.delenv(name, raising=False)
        yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server(server_home: Path) -> Iterator[EmbeddedServer]:
    """The server, kept running between tests: starting it for each would be most of their time."""
    with EmbeddedServer.acquire() as running:
        yield running


@pytest.fixture
def target(server: EmbeddedServer) -> Target:
    """An empty database of the test's own, as `embedded:test<n>`."""
    name = f"test{next(_numbers)}"
    server.ensure_database(name)
    return Target.parse(f"embedded:{name}")
