"""The command line's words: parsers only. Nothing heavy is imported here, so help and usage errors come at once."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import Final

from shapetui.cli.argument_types import at_least, plain_text, time
from shapetui.cli.diff_arguments import add_diff
from shapetui.cli.fit_arguments import add_fit
from shapetui.cli.options import EXIT_CODES, add_command, look, output, settings, tolerance, url
from shapetui.cli.parsing import Help, Parser
from shapetui.cli.tune_arguments import add_tune
from shapetui.cli.verify_index_arguments import add_verify_index
from shapetui.errors import UsageError
from shapetui.version import __version__

_TOLERANCE: Final = 0.15
_ENVIRONMENT: Final = """\
A database is given as a libpq string (host=... dbname=...), a URL (postgresql://user@host/database), or embedded:NAME \
for a PostgreSQL that comes with shapetui and runs while it is needed. Passwords belong in ~/.pgpass or PGPASSWORD.

environment: SHAPETUI_PRODUCTION_URL (what sample reads), SHAPETUI_SYNTHETIC_URL (what init-db, generate, validate \
and loop use), ANONYMIZATION_SALT (the secret that sample needs), SHAPETUI_HOME (where embedded databases live), \
SHAPETUI_SETTINGS (the workbench's settings), NO_COLOR

"""


def parse(arguments: list[str]) -> argparse.Namespace:
    """What a command line asks for; without a command, the workbench: as in `shapetui DIR --readonly`.

    What was not said and the settings may say is None. Raises UsageError; SystemExit for --help and --version.
    """
    parser = build_parser()
    asked, unknown = parser.parse_known_args(_with_command(arguments, parser))
    if unknown:
        said = "unrecognized arguments: " + " ".join(unknown)
        raise UsageError(said, f"shapetui {asked.command} --help says what there is")
    if asked.command == "workbench":
        _complete_workbench(asked)
    elif asked.command == "demo" and not opens_workbench(asked) and asked.tolerance is None:
        asked.tolerance = _TOLERANCE
    return asked


def opens_workbench(asked: argparse.Namespace) -> bool:
    """Whether it is the workbench that does it: itself, or a demo to be watched in it."""
    return asked.command == "workbench" or (asked.command == "demo" and not asked.headless and not asked.json)


def _with_command(arguments: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """The command line with the command that it leaves out."""
    if not arguments:
        return ["workbench"]
    first = arguments[0]
    if first in ("-h", "--help", "--version"):
        return arguments
    if first.startswith("-"):
        return ["workbench", *arguments]
    commands = next(action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    # A folder that is called like a command is opened as ./demo.
    if first not in commands:
        if os.path.isdir(first):
            return ["workbench", *arguments]
        if os.path.isfile(first):
            hint = f"{shlex.join(['shapetui', 'show', first])} draws a document"
            raise UsageError(f"{first!r} is a file, no command and no folder", hint)
    return arguments


def _complete_workbench(asked: argparse.Namespace) -> None:
    """Puts the folder into `directory`, and checks what argparse cannot. Raises UsageError."""
    if asked.json:
        raise UsageError("the workbench is looked at and has no --json", "shapetui --help lists the commands that do")
    if asked.folder is not None:
        if asked.directory != Path():
            raise UsageError("the folder is given twice", "give it alone, or with --directory")
        asked.directory = asked.folder
    del asked.folder
    if not os.path.isdir(asked.directory):
        raise UsageError(f"there is no folder {str(asked.directory)!r}", "mend its name, or make it first (mkdir)")


def build_parser() -> argparse.ArgumentParser:
    """All commands. Each sets `command`, by which `shapetui.cli.main` finds what runs it. Raises UsageError."""
    parser = Parser(
        prog="shapetui",
        description="Sample the shape of a production chat database, calibrate a generator to it, fill a PostgreSQL"
        " database with synthetic rows, and prove how close they come.",
        epilog=_ENVIRONMENT + EXIT_CODES,
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"shapetui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # argparse shows its own group first only; with a group of ours, --help would come before the commands.
    parser._positionals.title = "commands (shapetui COMMAND --help says more)"
    _add_workbench(commands)

    command = add_command(commands, "init-db", "create the chat tables")
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")

    command = add_command(commands, "sample", "measure the shape of a production database")
    url(command, "SHAPETUI_PRODUCTION_URL", "embedded:production")
    output(command, "shape")
    command.add_argument(
        "--window-days", type=at_least(0), default=30, metavar="N", help="days of history (0 = all; default 30)"
    )
    command.add_argument(
        "--until", type=time, metavar="TIME", help="end of the window, UTC where it names no zone (default: now)"
    )
    command.add_argument(
        "--min-cell-count",
        type=at_least(11),
        default=11,
        metavar="K",
        help="no published cell rests on fewer people or conversations (at least 11, the default)",
    )
    command.add_argument("--explain", action="store_true", help="print the SQL and the planner's cost, run nothing")

    command = add_command(commands, "calibrate", "fit a generator config to a shape")
    command.add_argument(
        "--shape",
        type=Path,
        required=True,
        metavar="FILE",
        help="the shape to fit, as a path or as a name in D/reports",
    )
    command.add_argument(
        "--bootstrap", action="store_true", help="also test whether each tail could come from a power law (p)"
    )
    output(command, "config")

    command = add_command(commands, "generate", "fill a database with synthetic rows")
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a calibrated config (default: the fixed one of the original system)",
    )
    volume = command.add_mutually_exclusive_group()
    volume.add_argument(
        "--band",
        choices=("dev", "staging", "perf"),
        metavar="BAND",
        help="dev, staging or perf: 5, 100 or 300 million messages (dev is the default)",
    )
    volume.add_argument("--target-messages", type=at_least(1), metavar="N", help="about this many messages")
    volume.add_argument("--quick", action="store_true", help="500,000 messages in 8,000 rooms, without a config")
    command.add_argument("--conversations", type=at_least(1), metavar="N", help="exactly this many conversations")
    command.add_argument("--seed", type=plain_text, metavar="S", help="any text; the same seed gives the same rows")
    command.add_argument(
        "--until",
        type=time,
        metavar="TIME",
        help="no row is dated later, UTC where it names no zone (default: the end of the shape)",
    )
    command.add_argument(
        "--replace",
        metavar="DATABASE",
        help="the name of the database whose rows may go although shapetui did not write them",
    )

    command = add_command(commands, "validate", "compare a synthetic database with a production shape")
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument(
        "--shape",
        type=Path,
        required=True,
        metavar="FILE",
        help="production's shape, as a path or as a name in D/reports",
    )
    tolerance(command)
    output(command, "report")
    command.add_argument("--strict", action="store_true", help="exit 1 for WARNING (3 of 4 tests) and INCONCLUSIVE too")

    add_tune(commands)
    add_diff(commands)
    add_fit(commands)

    add_verify_index(commands)

    command = add_command(commands, "show", "draw a document of any kind, or two shapes or configs overlaid")
    command.add_argument("file", type=Path, metavar="FILE", help="a document, as a path or as a name in D/reports")
    command.add_argument("other", type=Path, nargs="?", metavar="OTHER", help="another, drawn over the first")
    command.add_argument(
        "--plan",
        type=plain_text,
        metavar="QUERY",
        help="of a baseline or comparison: only the plans of this query (Q1, or Q1:median for one stratum)",
    )

    _add_demo(commands)

    command = add_command(commands, "replay", "what a session of the workbench did, step by step, from its journal")
    command.add_argument(
        "journal",
        type=Path,
        nargs="?",
        metavar="JOURNAL",
        help="a journal, or a folder: the newest in it (default: the newest of the workspace)",
    )
    command.add_argument("--output", type=Path, metavar="FILE", help="write the config that came of it")
    command.add_argument("--force", action="store_true", help="replace the output file if it exists")

    command = add_command(commands, "info", "versions, paths, environment and terminal; nothing secret")
    command.add_argument("--keys", action="store_true", help="the keys of the workbench instead, screen by screen")
    settings(command)
    return parser


def _add_workbench(commands: argparse._SubParsersAction[Parser]) -> None:
    what = "the terminal workbench (also: shapetui [DIRECTORY])"
    command = add_command(commands, "workbench", what, json_help=argparse.SUPPRESS)
    command.add_argument(
        "folder", type=Path, nargs="?", metavar="DIRECTORY", help="the workspace (default: this folder)"
    )
    look(command)
    command.add_argument("--readonly", action="store_true", default=None, help="refuse whatever writes to a database")
    command.add_argument(
        "--screen",
        choices=("files", "shape", "calibrate", "run", "report"),
        metavar="SCREEN",
        help="the first screen: files (the default), shape, calibrate, run or report",
    )
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic", "the synthetic database: ")
    url(command, "SHAPETUI_PRODUCTION_URL", "embedded:production", "what is sampled: ", "--production-url")


def _add_demo(commands: argparse._SubParsersAction[Parser]) -> None:
    command = add_command(commands, "demo", "the whole loop on data of its own")
    command.add_argument("--headless", action="store_true", help="print what happened instead of opening the workbench")
    command.add_argument(
        "--messages", type=Path, metavar="CSV", help="production is loaded from this file (plain or gzip)"
    )
    command.add_argument(
        "--target-messages",
        type=at_least(1),
        metavar="N",
        help="about this many synthetic messages (default: as many as production)",
    )
    command.add_argument("--seed", type=plain_text, metavar="S", help="any text; the same seed gives the same rows")
    tolerance(command, None)
    look(command)
    # A demo writes into databases of its own, and shows its report at the end.
    command.set_defaults(readonly=None, url=None, production_url=None, screen=None)
