"""Where the output goes: a reader who has gone, a full disk, no stdout, encodings that lack our characters."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shapetui.cli.console import visible, write_json
from tests.cli.command_line import COMMAND, PATIENCE, environment, process
from tests.cli.conftest import Loop

ASCII = {"PYTHONIOENCODING": "ascii"}


@contextmanager
def gone() -> Iterator[int]:
    """The writing end of a pipe whose reader has gone, as it is behind `| head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


def test_head_gets_its_line_and_nothing_else_happens(loop: Loop) -> None:
    shell = 'set -o pipefail; "$@" | head -n 1'
    for path in (loop.document("shape"), loop.document("fidelity")):
        line = ["bash", "-c", shell, "bash", *COMMAND, "show", str(path)]
        done = subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    [
        lambda loop: ("show", loop.document("shape")),
        lambda loop: ("show", loop.document("shape"), "--json"),
        lambda loop: ("--help",),
        lambda loop: ("calibrate", "--shape", loop.document("shape")),
    ],
)
def test_a_reader_who_has_gone_is_no_error(
    line: Callable[[Loop], tuple[object, ...]], loop: Loop, tmp_path: Path
) -> None:
    with gone() as writing:
        told = process(*line(loop), cwd=tmp_path, stdout=writing)
    assert (told.code, told.err) == (0, "")


def test_the_judgement_stands_though_nobody_reads_it(loop: Loop, tmp_path: Path) -> None:
    line = ("validate", "--url", "embedded:cliloop", "--shape", loop.document("shape"), "--tolerance", "0.00001")
    with gone() as writing:
        told = process(*line, "--strict", cwd=tmp_path, stdout=writing)
    assert told.code == 1
    assert "Traceback" not in told.err


def test_work_goes_on_though_nobody_hears_of_it(loop: Loop, tmp_path: Path) -> None:
    line = ("generate", "--url", "embedded:clideaf", "--target-messages", "200000", "--json")
    with gone() as writing:
        told = process(*line, cwd=tmp_path, stderr=writing)
    assert told.code == 0
    assert told.document["document"]["counts"]["messages"] > 0


def test_an_error_that_nobody_hears_keeps_its_exit_code(tmp_path: Path) -> None:
    with gone() as writing:
        told = process("show", "nowhere.json", "--json", cwd=tmp_path, stdout=writing, stderr=writing)
    assert told.code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_is_full_is_told(loop: Loop, tmp_path: Path) -> None:
    for more in ((), ("--json",)):
        with open("/dev/full", "wb") as full:
            told = process("show", loop.document("shape"), *more, cwd=tmp_path, stdout=full)
        assert told.code == 3
        (sentence,) = (line for line in told.err.splitlines() if "hint" not in line)
        assert sentence == "shapetui: the output cannot be written: no space left on device"


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_are_nothing_to_stumble_over(closed: str, loop: Loop, tmp_path: Path) -> None:
    for line in (
        ("show", str(loop.document("shape"))),
        ("generate", "--url", "embedded:cliclosed", "--target-messages", "3000"),
    ):
        done = subprocess.run(
            ["bash", "-c", f'"$@" {closed}', "bash", *COMMAND, *line],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0
        assert "rror" not in done.stderr
    (report,) = (tmp_path / "reports").iterdir()
    assert json.loads(report.read_text())["counts"]


def test_without_utf_8_plots_are_drawn_in_ascii(loop: Loop, tmp_path: Path) -> None:
    line = ("show", loop.document("fidelity"))
    plain, full = process(*line, cwd=tmp_path, env=ASCII), process(*line, cwd=tmp_path)
    assert plain.code == full.code == 0
    assert plain.out.isascii()
    assert "######" in plain.out
    # One for one: whatever stood in line still does.
    assert [len(line) for line in plain.out.splitlines()[3:]] == [len(line) for line in full.out.splitlines()[3:]]
    assert plain.out.count("?") <= full.out.count("?") + 8  # the folder's letters have no like in ASCII


def test_without_utf_8_json_is_escaped_and_the_same(loop: Loop, tmp_path: Path) -> None:
    line = ("calibrate", "--shape", loop.document("shape"), "--json", "--directory", tmp_path / "ü☃")
    told = process(*line, cwd=tmp_path, env=ASCII)
    assert told.code == 0, told.err
    assert told.out.isascii()
    assert told.document["file"].startswith(str(tmp_path / "ü☃"))


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_old_locales_are_no_error(env: dict[str, str], loop: Loop, tmp_path: Path) -> None:
    line = [*COMMAND, "show", str(loop.document("fidelity"))]
    done = subprocess.run(line, cwd=tmp_path, env=environment(env), capture_output=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    nothing = process("show", "ü☃.json", cwd=tmp_path, env=env, stderr=subprocess.DEVNULL)
    assert nothing.code == 2


def test_colours_are_for_terminals(loop: Loop, tmp_path: Path) -> None:
    assert "\x1b" not in process("show", loop.document("shape"), cwd=tmp_path).out


def test_nothing_shown_steers_the_terminal() -> None:
    assert visible("a\x1b[31m\u202eb\n\udcff ü") == "a\\x1b[31m\\u202eb\\n\\udcff ü"


def test_nothing_in_json_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a\x9b31m\u202e\udcff": "b\x7f\x1b ü☃😀\U000e0001"}
    write_json(value)
    written = capsys.readouterr().out
    assert json.loads(written) == value
    assert all(character.isprintable() or character == "\n" for character in written)
    assert "ü☃😀" in written
