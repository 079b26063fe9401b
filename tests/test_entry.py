"""The `shapetui` command: which face it opens, with what, and how it ends when that goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shapetui.cli.main import EXIT_BUG
from shapetui.version import __version__
from tests.cli import command_line
from tests.cli.command_line import PATIENCE, Terminal, environment

# The command with a workbench that only says what it was asked for, and then does as it is told.
SCRIPT = """
import os, signal, sys, termios, time, types
from shapetui.errors import EnvironmentProblem, UsageError

def open_workbench(asked):
    print("asked", dict(sorted(vars(asked).items())), flush=True)
    modes = termios.tcgetattr(0)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, modes)
    match os.environ.get("THEN"):
        case "usage": raise UsageError("there is no theme smoke", "did you mean smog?")
        case "environment": raise EnvironmentProblem("the disk is full", "")
        case "bug": raise ValueError("password=hunter2 in a bug")
        case "signals": print([signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)])
        case "interrupt": os.kill(os.getpid(), signal.SIGINT); time.sleep(60)
        case "left": return 129
    return 0

sys.modules["shapetui.tui.start"] = start = types.ModuleType("shapetui.tui.start")
start.open_workbench = open_workbench
from shapetui.entry import run
try:
    run()
finally:
    if os.isatty(0):
        print("echo", bool(termios.tcgetattr(0)[3] & termios.ECHO), flush=True)
"""


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals run the command with that workbench."""
    monkeypatch.setattr(command_line, "COMMAND", [sys.executable, "-c", SCRIPT])


def piped(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def on_terminal(cwd: Path, *arguments: object) -> tuple[int, str]:
    terminal = Terminal(*arguments, cwd=cwd)
    code = terminal.end()
    return code, terminal.text


@pytest.mark.parametrize("line", [[], ["{folder}"], ["--readonly", "{folder}"], ["workbench", "{folder}"]])
def test_a_terminal_gets_the_workbench(line: list[str], tmp_path: Path) -> None:
    code, text = on_terminal(tmp_path, *(word.format(folder=tmp_path) for word in line))
    assert code == 0
    assert "asked" in text
    assert "'command': 'workbench'" in text
    assert f"PosixPath('{tmp_path if line else '.'}')" in text
    assert f"'readonly': {True if '--readonly' in line else None}" in text


def test_a_demo_is_left_to_the_workbench_and_runs_nothing_before_it(tmp_path: Path) -> None:
    code, text = on_terminal(tmp_path, "demo", "--seed", "abc", "--target-messages", "5000", "--theme", "dracula")
    assert code == 0
    for said in ("'command': 'demo'", "'seed': 'abc'", "'target_messages': 5000", "'theme': 'dracula'"):
        assert said in text
    assert "'tolerance': None" in text
    assert list(tmp_path.iterdir()) == []


def test_commands_are_run_as_ever(tmp_path: Path) -> None:
    code, text = on_terminal(tmp_path, "show", "nowhere.json")
    assert code == 2
    assert "nowhere.json: no such file" in text
    assert "asked" not in text
    assert piped("--version").stdout == f"shapetui {__version__}\n"
    assert "workbench" in piped("--help").stdout


@pytest.mark.parametrize("line", [[], ["."], ["--no-mouse"], ["demo"]])
def test_without_a_terminal_it_ends_with_2_and_names_the_commands(line: list[str]) -> None:
    told = piped(*line)
    assert (told.returncode, told.stdout) == (2, "")
    assert "the workbench needs a terminal, and stdin and stdout are none" in told.stderr
    assert "shapetui demo --headless" in told.stderr


def test_a_dumb_terminal_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "TERMINAL", "dumb")
    code, text = on_terminal(tmp_path)
    assert code == 2
    assert "TERM=dumb" in text
    assert "asked" not in text


@pytest.mark.parametrize(
    ("then", "code", "said"), [("usage", 2, "there is no theme smoke"), ("environment", 3, "full")]
)
def test_what_a_user_can_mend_is_told_as_ever(
    then: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEN", then)
    ended, text = on_terminal(tmp_path)
    assert ended == code
    assert f"shapetui: {'the disk is ' if then == 'environment' else ''}{said}" in text
    assert "Traceback" not in text


def test_a_bug_leaves_the_terminal_as_it_was_and_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEN", "bug")
    monkeypatch.setenv("SHAPETUI_HOME", str(tmp_path))
    code, text = on_terminal(tmp_path)
    assert code == EXIT_BUG
    assert "internal error (ValueError)" in text
    # The terminal first, the message then: it would be gone with the other screen.
    assert text.index("\x1b[?47l\x1b[?25h") < text.index("internal error")
    assert "Traceback" not in text
    assert "echo True" in text
    (log,) = (tmp_path / "logs").glob("bug-*.log")
    assert "open_workbench" in log.read_text()
    assert "hunter2" not in log.read_text()


def test_an_interruption_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEN", "interrupt")
    code, text = on_terminal(tmp_path)
    assert code == 130
    assert "shapetui: cancelled" in text
    assert "echo True" in text


def test_the_workbench_has_the_signals_to_itself_and_its_exit_code_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEN", "signals")
    assert "[<built-in function default_int_handler>, <Handlers.SIG_DFL: 0>, <Handlers.SIG_DFL: 0>]" in (
        on_terminal(tmp_path)[1].replace("\r\n", "")
    )
    monkeypatch.setenv("THEN", "left")
    assert on_terminal(tmp_path)[0] == 128 + signal.SIGHUP


def test_a_workbench_has_no_json(tmp_path: Path) -> None:
    code, text = on_terminal(tmp_path, "--json")
    assert code == 2
    assert '"exit_code": 2' in text
    assert "asked" not in text


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shapetui", os.devnull], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no command and no folder" in done.stderr
