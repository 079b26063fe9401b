"""The command line's words: parsers only. Nothing heavy is imported here, so help and usage errors come at once."""

from __future__ import annotations

import argparse
import math
import re
import shutil
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from shapetui.errors import UsageError
from shapetui.version import __version__

_EXIT_CODES: Final = """\
exit codes: 0 done and good, 1 done and judged bad (FAIL), 2 usage or bad input file, 3 database or environment, \
130 cancelled"""
_ENVIRONMENT: Final = """\
A database is given as a libpq string (host=... dbname=...), a URL (postgresql://user@host/database), or embedded:NAME \
for a PostgreSQL that comes with shapetui and runs while it is needed. Passwords belong in ~/.pgpass or PGPASSWORD.

environment: SHAPETUI_PRODUCTION_URL (what sample reads), SHAPETUI_SYNTHETIC_URL (what init-db, generate and validate \
use), ANONYMIZATION_SALT (the secret that sample needs), SHAPETUI_HOME (where embedded databases live), NO_COLOR

"""
# Beyond every table; far enough below 2^63 that sums of it stay there.
_LARGEST: Final = 10**15
# Wider lines are harder to read than to scroll.
_WIDEST: Final = 100


class _Help(argparse.HelpFormatter):
    """Help with the commands beside their descriptions, and with paragraphs in the epilog."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns, _WIDEST) - 2
        super().__init__(prog, max_help_position=28, width=width)

    def add_argument(self, action: argparse.Action) -> None:
        """As argparse, which forgets that commands are indented once more and breaks the line behind the longest."""
        super().add_argument(action)
        for inner in self._iter_indented_subactions(action):
            self._action_max_length = max(self._action_max_length, len(inner.dest) + self._current_indent)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(
            textwrap.fill(paragraph, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
            for paragraph in text.split("\n\n")
        )


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are raised like all others, so that they look alike and `--json` holds for them too."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        message = message.removeprefix("argument ").replace("with argument ", "with ")
        hint = f"{self.prog} --help says what there is"
        if wrong := re.match(r"COMMAND: invalid choice: (.*) \(choose from (.*)\)$", message, re.DOTALL):
            from difflib import get_close_matches

            names = re.findall(r"[\w-]+", wrong[2])
            near = get_close_matches(wrong[1].strip("'\""), names, n=1)
            message = f"there is no command {wrong[1]}"
            hint = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(names)}"
        raise UsageError(message, hint)


def build_parser() -> argparse.ArgumentParser:
    """All commands. Each sets `command`, by which `shapetui.cli.main` finds what runs it. Raises UsageError."""
    parser = _Parser(
        prog="shapetui",
        description="Sample the shape of a production chat database, calibrate a generator to it, fill a PostgreSQL"
        " database with synthetic rows, and prove how close they come.",
        epilog=_ENVIRONMENT + _EXIT_CODES,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"shapetui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # argparse shows its own group first only; with a group of ours, --help would come before the commands.
    parser._positionals.title = "commands (shapetui COMMAND --help says more)"

    command = _command(commands, "init-db", "create the chat tables")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")

    command = _command(commands, "sample", "measure the shape of a production database")
    _url(command, "SHAPETUI_PRODUCTION_URL", "embedded:production")
    _output(command, "shape")
    command.add_argument(
        "--window-days", type=_at_least(0), default=30, metavar="N", help="days of history (0 = all; default 30)"
    )
    command.add_argument(
        "--until", type=_time, metavar="TIME", help="end of the window, UTC where it names no zone (default: now)"
    )
    command.add_argument(
        "--min-cell-count",
        type=_at_least(11),
        default=11,
        metavar="K",
        help="no published cell rests on fewer people or conversations (at least 11, the default)",
    )
    command.add_argument("--explain", action="store_true", help="print the SQL and the planner's cost, run nothing")

    command = _command(commands, "calibrate", "fit a generator config to a shape")
    command.add_argument(
        "--shape",
        type=Path,
        required=True,
        metavar="FILE",
        help="the shape to fit, as a path or as a name in D/reports",
    )
    _output(command, "config")

    command = _command(commands, "generate", "fill a database with synthetic rows")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
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
    volume.add_argument("--target-messages", type=_at_least(1), metavar="N", help="about this many messages")
    volume.add_argument("--quick", action="store_true", help="500,000 messages in 8,000 rooms, without a config")
    command.add_argument("--conversations", type=_at_least(1), metavar="N", help="exactly this many conversations")
    command.add_argument("--seed", type=_text, metavar="S", help="any text; the same seed gives the same rows")
    command.add_argument(
        "--until",
        type=_time,
        metavar="TIME",
        help="no row is dated later, UTC where it names no zone (default: the end of the shape)",
    )
    command.add_argument(
        "--replace",
        metavar="DATABASE",
        help="the name of the database whose rows may go although shapetui did not write them",
    )

    command = _command(commands, "validate", "compare a synthetic database with a production shape")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument(
        "--shape",
        type=Path,
        required=True,
        metavar="FILE",
        help="production's shape, as a path or as a name in D/reports",
    )
    _tolerance(command)
    _output(command, "report")
    command.add_argument("--strict", action="store_true", help="exit 1 for WARNING (3 of 4 tests) too")

    command = _command(commands, "show", "draw a shape, config or report, or two of them overlaid")
    command.add_argument("file", type=Path, metavar="FILE", help="a document, as a path or as a name in D/reports")
    command.add_argument("other", type=Path, nargs="?", metavar="OTHER", help="another, drawn over the first")

    command = _command(commands, "demo", "the whole loop on data of its own")
    command.add_argument("--headless", action="store_true", help="print what happened instead of opening the workbench")
    command.add_argument(
        "--messages", type=Path, metavar="CSV", help="production is loaded from this file (plain or gzip)"
    )
    command.add_argument(
        "--target-messages",
        type=_at_least(1),
        metavar="N",
        help="about this many synthetic messages (default: as many as production)",
    )
    command.add_argument("--seed", type=_text, metavar="S", help="any text; the same seed gives the same rows")
    _tolerance(command)
    return parser


def _command(commands: argparse._SubParsersAction[_Parser], name: str, what: str) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=_EXIT_CODES,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    command.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="D",
        help="the workspace: documents go to and are looked for in D/reports (default: this folder)",
    )
    command.add_argument("--json", action="store_true", help="print one JSON document, also for an error")
    return command


def _url(command: argparse.ArgumentParser, variable: str, default: str) -> None:
    command.add_argument(
        "--url",
        metavar="URL",
        help=f"a libpq connection string or URL, or embedded:NAME (default: {variable}, then {default})",
    )


def _output(command: argparse.ArgumentParser, kind: str) -> None:
    command.add_argument("--output", type=Path, metavar="FILE", help=f"where the {kind} goes (default: D/reports)")
    command.add_argument("--force", action="store_true", help="replace the output file if it exists")


def _tolerance(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--tolerance", type=_positive, default=0.15, metavar="T", help="relative error that passes (default 0.15)"
    )


def _at_least(least: int) -> type[int]:
    """A type for argparse: a whole number of at least `least`; thousands may be set off by `_`."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least:,}, not {value:,}")
        if value > _LARGEST:
            raise argparse.ArgumentTypeError(f"must be at most {_LARGEST:,}")
        return value

    return convert  # type: ignore[return-value]


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value <= 10 or math.isnan(value):
        raise argparse.ArgumentTypeError("a tolerance lies above 0 and is at most 10 (0.15 = 15 %)")
    return value


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 2025-11-22T14:30:00Z") from None
    # Chats are of our time, and at the ends of the calendar neither zones nor windows can be reckoned.
    if not 1971 <= moment.year < 2200:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside the years 1971 to 2199")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("must be text in UTF-8") from None
    return text
