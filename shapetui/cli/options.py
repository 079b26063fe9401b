"""The options that several commands share, so that they are called and explained alike everywhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from shapetui.cli.argument_types import plain_text, relative_error
from shapetui.cli.parsing import Help, Parser

EXIT_CODES: Final = """\
exit codes: 0 done and good, 1 done and judged bad (FAIL, NO-GO), 2 usage or bad input file, 3 database or \
environment, 130 cancelled"""


def add_command(
    commands: argparse._SubParsersAction[Parser],
    name: str,
    what: str,
    json_help: str = "print one JSON document, also for an error",
) -> argparse.ArgumentParser:
    """A command and what all of them take; `what` it does is said in the list of commands and in its own help."""
    command = commands.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=EXIT_CODES,
        formatter_class=Help,
        allow_abbrev=False,
    )
    command.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="D",
        help="the workspace: documents go to and are looked for in D/reports (default: this folder)",
    )
    command.add_argument("--json", action="store_true", help=json_help)
    return command


def look(command: argparse.ArgumentParser) -> None:
    """How the workbench looks; what is not said here the settings say."""
    command.add_argument(
        "--no-mouse", dest="mouse", action="store_false", default=None, help="leave the mouse to the terminal"
    )
    command.add_argument(
        "--theme", type=plain_text, metavar="NAME", help="the colours, a theme of Textual such as nord"
    )
    command.add_argument(
        "--glyphs",
        choices=("block", "braille", "ascii"),
        metavar="GLYPHS",
        help="what plots are drawn with: block (the default), braille or ascii",
    )
    settings(command)


def settings(command: argparse.ArgumentParser) -> None:
    """The file of the workbench's settings."""
    command.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="the settings (default: SHAPETUI_SETTINGS, then ~/.config/shapetui/settings.toml)",
    )


def url(command: argparse.ArgumentParser, variable: str, default: str, what: str = "", option: str = "--url") -> None:
    """A database, and where it is looked for when nothing is said."""
    command.add_argument(
        option,
        metavar="URL",
        help=f"{what}a libpq connection string or URL, or embedded:NAME (default: {variable}, then {default})",
    )


def output(command: argparse.ArgumentParser, kind: str) -> None:
    """Where a document is written."""
    command.add_argument("--output", type=Path, metavar="FILE", help=f"where the {kind} goes (default: D/reports)")
    command.add_argument("--force", action="store_true", help="replace the output file if it exists")


def tolerance(command: argparse.ArgumentParser, default: float | None = 0.15) -> None:
    """The relative error that passes; without a default the settings decide, which have the same."""
    command.add_argument(
        "--tolerance",
        type=relative_error,
        default=default,
        metavar="T",
        help="relative error that passes (default 0.15)",
    )
