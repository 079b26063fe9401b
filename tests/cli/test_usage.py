"""Help, version, and what is wrong with a command line: at once, in one sentence, without loading the engine."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shapetui.cli.arguments import build_parser, opens_workbench, parse
from shapetui.errors import UsageError
from shapetui.version import __version__
from tests.cli.command_line import Cli, environment

COMMANDS = (
    *("workbench", "init-db", "sample", "calibrate", "generate", "validate", "show", "demo", "replay"),
    *("fit", "info"),
)
HEAVY = ("textual", "rich", "plotext", "numpy", "scipy", "psycopg", "pydantic", "pyarrow", "pgpq")

# Runs a command line and says which of the heavy packages were loaded.
PROBE = f"""
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from shapetui.cli.main import main
with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
    codes = [main(line) for line in json.loads(sys.argv[1])]
print(json.dumps([codes, [name for name in {HEAVY!r} if name in sys.modules]]))
"""

MISTAKES = [
    [],
    ["nonsense"],
    ["--json"],
    ["sample", "--window-days", "x"],
    ["sample", "--window-days", "-1"],
    ["sample", "--min-cell-count", "10"],
    ["sample", "--until", "yesterday"],
    ["sample", "--until", "0001-01-01T00:00:00+14:00"],
    ["sample", "--rubbish"],
    ["sample", "extra"],
    ["calibrate"],
    ["generate", "--target-messages", "0"],
    ["generate", "--target-messages", "-5"],
    ["generate", "--target-messages", "1e6"],
    ["generate", "--target-messages", "nan"],
    ["generate", "--target-messages", "9" * 6000],
    ["generate", "--band", "huge"],
    ["generate", "--band", "dev", "--quick"],
    ["generate", "--target-messages", "5", "--band", "dev"],
    ["generate", "--seed", "half a character \udcff"],
    ["generate", "--repl", "synthetic"],
    ["validate", "--shape"],
    ["validate", "--shape", "x", "--tolerance", "nan"],
    ["validate", "--shape", "x", "--tolerance", "0"],
    ["validate", "--shape", "x", "--tolerance", "inf"],
    ["fit"],
    ["fit", "--counts", "x", "--xmin", "0"],
    ["show"],
    ["show", "a", "b", "c"],
    [""],
    ["/nowhere"],
    ["/etc/hostname"],
    ["--readonly", "--json"],
    ["--rubbish"],
    [".", "--glyphs", "smoke"],
    ["workbench", "/nowhere"],
    ["workbench", ".", "--directory", "/"],
    ["workbench", "--screen", "indexes"],
    ["demo", "--readonly"],
    ["replay", "a", "b"],
    ["info", "--settings"],
]


def test_help_version_and_mistakes_load_nothing_heavy() -> None:
    lines = [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS), *MISTAKES]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(lines)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    codes, loaded = json.loads(done.stdout)
    assert codes == [0] * (2 + len(COMMANDS)) + [2] * len(MISTAKES)
    assert loaded == []


def test_the_help_lists_every_command(cli: Cli) -> None:
    asked = cli("--help")
    assert (asked.code, asked.err) == (0, "")
    assert all(f"\n    {name}  " in asked.out for name in COMMANDS)


@pytest.mark.parametrize("line", [[], ["."], ["--readonly"], ["workbench"]])
def test_without_a_terminal_the_workbench_names_the_commands_to_use(line: list[str], cli: Cli) -> None:
    told = cli(*line)
    assert (told.code, told.out) == (2, "")
    sentence, hint = told.err.splitlines()
    assert sentence.startswith("shapetui: the workbench needs a terminal")
    assert "shapetui demo --headless, shapetui show FILE; shapetui --help" in hint


def test_the_version(cli: Cli) -> None:
    assert cli("--version").out == f"shapetui {__version__}\n"


@pytest.mark.parametrize("columns", [72, 80, 200])
def test_help_fits_its_terminal(columns: int, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in COMMANDS:
        told = cli(name, "--help").out
        assert "exit codes:" in told
        assert max(map(len, told.splitlines())) < min(columns, 100)
    # A command and what it does stand on one line.
    assert "calibrate     fit a generator" in cli("--help").out


@pytest.mark.parametrize("line", MISTAKES[1:])
def test_a_mistake_is_one_sentence_and_a_hint(line: list[str], cli: Cli) -> None:
    told = cli(*line)
    assert (told.code, told.out) == (2, "") or "--json" in line
    sentence, hint = told.err.splitlines()
    assert sentence.startswith("shapetui: ")
    assert hint.startswith("  hint: ")
    assert "usage:" not in told.err


def test_a_mistake_is_json_too(cli: Cli) -> None:
    told = cli("generate", "--json", "--target-messages", "many")
    assert told.document == {
        "command": "generate",
        "error": {
            "message": "--target-messages: 'many' is not a whole number",
            "hint": "shapetui generate --help says what there is",
            "exit_code": 2,
        },
    }


def test_a_command_nearly_right_is_guessed(cli: Cli) -> None:
    assert "did you mean generate?" in cli("genrate").err


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2025-11-22T14:30:00Z", datetime(2025, 11, 22, 14, 30, tzinfo=UTC)),
        ("2025-11-22T14:30:00+02:00", datetime(2025, 11, 22, 12, 30, tzinfo=UTC)),
        ("2025-11-22T14:30:00", datetime(2025, 11, 22, 14, 30, tzinfo=UTC)),
        ("2025-11-22", datetime(2025, 11, 22, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(said: str, meant: datetime) -> None:
    asked = build_parser().parse_args(["generate", "--until", said])
    assert asked.until == meant
    assert asked.until.tzinfo is UTC


def test_documented_defaults() -> None:
    parse = build_parser().parse_args
    sample, validate = parse(["sample"]), parse(["validate", "--shape", "s"])
    assert (sample.window_days, sample.min_cell_count, sample.until, sample.directory) == (30, 11, None, Path())
    assert (validate.tolerance, validate.strict, validate.url) == (0.15, False, None)
    assert parse(["demo", "--target-messages", "10_000"]).target_messages == 10_000
    with pytest.raises(UsageError):
        build_parser().parse_args([])


def test_no_command_and_no_folder(cli: Cli, tmp_path: Path) -> None:
    assert "there is no command and no folder 'nothing-of-ours'" in cli("nothing-of-ours").err
    file = tmp_path / "my shape.json"
    file.write_text("{}")
    told = cli(file)
    assert f"'{file}' is a file, no command and no folder" in told.err
    assert f"shapetui show '{file}'" in told.err


def test_what_is_not_known_is_told_with_the_command_whose_help_says_more(cli: Cli) -> None:
    assert "shapetui workbench --help says" in cli("--rubbish").err
    assert "shapetui sample --help says" in cli("sample", "--rubbish").err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], {}),
        (["{folder}"], {"directory": "{folder}"}),
        (["{folder}", "--readonly"], {"directory": "{folder}", "readonly": True}),
        (["--no-mouse"], {"mouse": False}),
        (["--no-mouse", "{folder}"], {"mouse": False, "directory": "{folder}"}),
        (["--directory", "{folder}"], {"directory": "{folder}"}),
        (["workbench", "--theme", "dracula", "--glyphs", "ascii"], {"theme": "dracula", "glyphs": "ascii"}),
        (["--url", "embedded:a", "--production-url", "b"], {"url": "embedded:a", "production_url": "b"}),
        (["--screen", "run", "--settings", "s.toml"], {"screen": "run", "settings": Path("s.toml")}),
    ],
)
def test_a_folder_or_an_option_or_nothing_means_the_workbench(
    line: list[str], said: dict[str, object], tmp_path: Path
) -> None:
    asked = parse([word.format(folder=tmp_path) for word in line])
    expected = dict.fromkeys(("mouse", "readonly", "theme", "glyphs", "settings", "url", "production_url", "screen"))
    expected |= {"command": "workbench", "json": False, "directory": Path(), **said}
    if "directory" in said:
        expected["directory"] = tmp_path
    assert vars(asked) == expected
    assert opens_workbench(asked)


def test_a_demo_is_watched_in_the_workbench_unless_it_is_headless() -> None:
    watched, headless, as_json = parse(["demo", "--no-mouse"]), parse(["demo", "--headless"]), parse(["demo", "--json"])
    assert [opens_workbench(asked) for asked in (watched, headless, as_json)] == [True, False, False]
    # What was not said the settings may say; without the workbench there are none.
    assert [asked.tolerance for asked in (watched, headless, as_json)] == [None, 0.15, 0.15]
    assert (watched.command, watched.mouse, watched.theme, watched.directory) == ("demo", False, None, Path())
    assert {*vars(parse(["workbench"]))} < {*vars(watched)}
    assert {"messages", "target_messages", "seed", "tolerance"} < {*vars(watched)}


def test_a_command_goes_before_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse(["demo"]).command == "demo"
    assert parse(["./demo"]).directory == Path("demo")
