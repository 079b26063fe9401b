"""The command line's words: parsers only. Nothing heavy is imported here, so help and usage errors come at once."""

from __future__ import annotations

import argparse
import math
from datetime import UTC, datetime
from pathlib import Path

from shapetui.version import __version__

_EXIT_CODES = (
    "exit codes: 0 done and good, 1 done and judged bad (FAIL), 2 usage or bad input file,"
    " 3 database or environment, 130 cancelled"
)


def build_parser() -> argparse.ArgumentParser:
    """All commands. Each sets `command`, by which `shapetui.cli.main` finds what runs it."""
    parser = argparse.ArgumentParser(
        prog="shapetui",
        description="Sample the shape of a production chat database, calibrate a generator to it, fill a PostgreSQL"
        " database with synthetic rows, and prove how close they come.",
        epilog=_EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"shapetui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    command = _command(commands, "init-db", "create the chat tables")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")

    command = _command(commands, "sample", "measure the shape of a production database")
    _url(command, "SHAPETUI_PRODUCTION_URL", "embedded:production")
    _output(command, "shape")
    command.add_argument(
        "--window-days", type=_at_least(0), default=30, metavar="N", help="days of history (0 = all; default 30)"
    )
    command.add_argument("--until", type=_time, metavar="TIME", help="end of the window (default: now)")
    command.add_argument(
        "--min-cell-count",
        type=_at_least(11),
        default=11,
        metavar="K",
        help="no published cell rests on fewer people or conversations (at least 11, the default)",
    )
    command.add_argument("--explain", action="store_true", help="print the SQL and the planner's cost, run nothing")

    command = _command(commands, "calibrate", "fit a generator config to a shape")
    command.add_argument("--shape", type=Path, required=True, metavar="FILE", help="the shape to fit")
    _output(command, "config")

    command = _command(commands, "generate", "fill a database with synthetic rows")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument("--config", type=Path, metavar="FILE", help="a calibrated config (default: the specification)")
    volume = command.add_mutually_exclusive_group()
    volume.add_argument("--band", choices=("dev", "staging", "perf"), help="5 M, 100 M or 300 M messages")
    volume.add_argument("--target-messages", type=_at_least(1), metavar="N", help="about this many messages")
    volume.add_argument("--quick", action="store_true", help="500,000 messages in 8,000 rooms, without a config")
    command.add_argument("--conversations", type=_at_least(1), metavar="N", help="this many conversations")
    command.add_argument("--seed", metavar="S", help="any text; the same seed gives the same rows")
    command.add_argument("--until", type=_time, metavar="TIME", help="no row is later (default: the end of the shape)")
    command.add_argument(
        "--replace", metavar="DATABASE", help="the name of the database, if rows that are not shapetui's may go"
    )

    command = _command(commands, "validate", "compare a synthetic database with a production shape")
    _url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument("--shape", type=Path, required=True, metavar="FILE", help="production's shape")
    _tolerance(command)
    _output(command, "report")
    command.add_argument("--strict", action="store_true", help="exit 1 for WARNING (3 of 4 tests) too")

    command = _command(commands, "show", "draw a shape, config or report, or two of them overlaid")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("other", type=Path, nargs="?", metavar="OTHER")

    command = _command(commands, "demo", "the whole loop on data of its own")
    command.add_argument("--headless", action="store_true", help="print what happened instead of opening the workbench")
    command.add_argument(
        "--messages", type=Path, metavar="CSV", help="production is loaded from this file (plain or gzip)"
    )
    command.add_argument("--target-messages", type=_at_least(1), metavar="N", help="(default: as many as production)")
    command.add_argument("--seed", metavar="S", help="any text; the same seed gives the same rows")
    _tolerance(command)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", epilog=_EXIT_CODES)
    command.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="D",
        help="the workspace: documents are in D/reports (default: this folder)",
    )
    command.add_argument("--json", action="store_true", help="one JSON document on stdout, narration on stderr")
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
        if not least <= value <= 10**15:
            raise argparse.ArgumentTypeError(f"must be at least {least}, not {value}")
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
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
