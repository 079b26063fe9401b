"""Files that are not what they should be, and places that cannot be written to: exit 2, one sentence and a hint."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import PATIENCE, Cli, environment, process
from tests.cli.conftest import Loop
from tests.conftest import SALT
from tests.documents.examples import REPOSITORY_CONFIG, REPOSITORY_SHAPE


def _changed(change: Callable[[Any], object], base: dict[str, Any] = REPOSITORY_SHAPE) -> str:
    document = copy.deepcopy(base)
    change(document)
    return json.dumps(document)


BAD_SHAPES = {
    "empty": "",
    "truncated": json.dumps(REPOSITORY_SHAPE)[:700],
    "not JSON": "shape",
    "a list": "[]",
    "a number": "1",
    "nothing known": "{}",
    "NaN": json.dumps(REPOSITORY_SHAPE).replace("500000", "NaN", 1),
    "infinite": json.dumps(REPOSITORY_SHAPE).replace("500000", "1e999", 1),
    "negative": json.dumps(REPOSITORY_SHAPE).replace("500000", "-500000", 1),
    "text for a number": json.dumps(REPOSITORY_SHAPE).replace("500000", '"many"', 1),
    "half a character": json.dumps(REPOSITORY_SHAPE).replace("TEXT", "\\ud800", 1),
    "deep": "[" * 100_000,
    "a version to come": _changed(lambda shape: shape.update(schema_version=3)),
    "a version of text": _changed(lambda shape: shape.update(schema_version="2")),
    "no conversations": _changed(lambda shape: shape.pop("conversations")),
    "a type": _changed(lambda shape: shape.update(messages=[])),
    "a config": json.dumps(REPOSITORY_CONFIG),
}


def _is_refused(code: int, out: str, err: str, path: Path) -> None:
    assert (code, out) == (2, "")
    sentence, hint = err.splitlines()
    assert sentence.startswith(f"shapetui: {path}: ")
    assert hint.startswith("  hint: ")


@pytest.mark.parametrize("name", list(BAD_SHAPES))
def test_a_bad_shape_is_refused_by_every_command_that_takes_one(name: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "shape.json"
    path.write_text(BAD_SHAPES[name])
    lines = [("calibrate", "--shape", path), ("validate", "--shape", path, "--url", "embedded:nowhere")]
    if name != "a config":
        lines.append(("show", path))
    for line in lines:
        told = cli(*line, "--directory", tmp_path)
        _is_refused(told.code, told.out, told.err, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["truncated", "NaN", "a list", "nothing known", "a version to come"])
def test_errors_are_json_too(name: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "shape.json"
    path.write_text(BAD_SHAPES[name])
    error = cli("show", path, "--json").document["error"]
    assert error["exit_code"] == 2
    assert str(path) in error["message"]


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b"\x00" * 100, b"\x1f\x8b\x08rest"])
def test_a_file_that_is_no_text_is_refused(content: bytes, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "shape.json"
    path.write_bytes(content)
    told = cli("show", path)
    _is_refused(told.code, told.out, told.err, path)


def test_a_file_of_100_mb_is_refused_unread(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "shape.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    told = cli("calibrate", "--shape", path)
    _is_refused(told.code, told.out, told.err, path)
    assert "100 MB" in told.err


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/self/mem", "/", "/nowhere/x.json", "/etc/hostname/x.json"])
def test_what_is_no_file_is_refused(path: str, cli: Cli) -> None:
    told = cli("show", path)
    _is_refused(told.code, told.out, told.err, Path(path))


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config["conversation_generation"]["messages_per_conversation"].update(alpha=-1),
        lambda config: config["conversation_generation"]["messages_per_conversation"].update(max=0),
        lambda config: config["conversation_generation"]["type_distribution"].update(GROUP_CHAT=-0.5),
        lambda config: config["conversation_generation"].update(type_distribution={}),
        lambda config: config["message_generation"]["temporal"].update(hourly_weights=[1, 2, 3]),
        lambda config: config.update(schema_version=99),
    ],
)
def test_a_bad_config_is_refused_before_the_database_is_touched(
    change: Callable[[Any], object], tmp_path: Path, cli: Cli
) -> None:
    path = tmp_path / "config.json"
    path.write_text(_changed(change, REPOSITORY_CONFIG))
    told = cli("generate", "--config", path, "--url", "embedded:never", "--target-messages", "100")
    _is_refused(told.code, told.out, told.err, path)
    assert cli("validate", "--url", "embedded:never", "--shape", path).code == 2


LONG = "a" * 300


@pytest.mark.parametrize(
    "output", ["{file}/x.json", "/proc/nowhere/x.json", "/sys/x.json", f"/tmp/{LONG}.json", "{folder}"]
)
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    output: str, force: list[str], loop: Loop, tmp_path: Path, cli: Cli
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    path = Path(output.format(file=file, folder=tmp_path))
    shape = loop.document("shape")
    for line in (
        ("calibrate", "--shape", shape),
        # The database does not exist: nobody got so far as to ask for it.
        ("validate", "--shape", shape, "--url", "embedded:nowhere"),
    ):
        told = cli(*line, "--output", path, *force)
        _is_refused(told.code, told.out, told.err, path)


@pytest.mark.parametrize("folder", ["/proc", "{file}", f"/tmp/{LONG}"])
def test_a_workspace_that_cannot_be_written_is_refused_before_any_work(
    folder: str, loop: Loop, tmp_path: Path, cli: Cli, salt: str
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    at = ("--directory", folder.format(file=file))
    for line in (
        ("calibrate", "--shape", loop.document("shape")),
        ("sample", "--url", "embedded:nowhere"),
        ("generate", "--url", "embedded:nowhere", "--target-messages", "100"),
        ("validate", "--shape", loop.document("shape"), "--url", "embedded:nowhere"),
    ):
        told = cli(*line, *at)
        assert (told.code, told.out) == (2, "")
        assert "cannot be written" in told.err
        assert "--directory" in told.err


@pytest.mark.parametrize("name", [LONG, f"{LONG}/x.json", "\x1b[31mred\x07.json", "half\udcff.json"])
def test_an_impossible_name_is_told_harmlessly(name: str, cli: Cli) -> None:
    told = cli("show", name)
    assert (told.code, told.out) == (2, "")
    assert "\x1b" not in told.err
    assert "\x07" not in told.err
    assert cli("show", name, "--json").document["error"]["exit_code"] == 2


def test_a_folder_without_the_right_to_write_or_none_at_all(loop: Loop, tmp_path: Path) -> None:
    line = ("calibrate", "--shape", loop.document("shape"))
    told = process(*line, cwd=Path("/proc"), env={"ANONYMIZATION_SALT": SALT})
    assert told.code == 2
    assert "reports" in told.err
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"import os; os.rmdir({str(gone)!r}); from shapetui.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, line)],
        cwd=gone,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
