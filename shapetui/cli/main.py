"""The entry point: parse, run, print, exit code. Errors that a user can cause are printed without a traceback."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from shapetui.cli.arguments import build_parser
from shapetui.errors import EXIT_CANCELLED, EXIT_GOOD, ShapetuiError

if TYPE_CHECKING:
    from argparse import Namespace

# EX_SOFTWARE of sysexits.h: a bug of ours, not one of the documented outcomes.
EXIT_BUG = 70


def run() -> None:
    """The `shapetui` command."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Runs one command line; returns its exit code."""
    parser = build_parser()
    try:
        asked = parser.parse_args(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else EXIT_GOOD
    try:
        from shapetui.cli.commands import COMMANDS

        return COMMANDS[asked.command](asked)
    except ShapetuiError as error:
        _tell(asked, error.message, error.hint, error.exit_code)
        return error.exit_code
    except KeyboardInterrupt:
        _tell(asked, "cancelled", "", EXIT_CANCELLED)
        return EXIT_CANCELLED
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nothing is wrong, and flushing at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_GOOD
    except Exception as error:  # the last line of defence: a bug keeps its traceback, in a file
        where = _log_bug(error)
        _tell(
            asked,
            f"internal error ({type(error).__name__}), a bug of shapetui",
            f"its traceback is in {where}",
            EXIT_BUG,
        )
        return EXIT_BUG


def _tell(asked: Namespace, message: str, hint: str, code: int) -> None:
    if asked.json:
        document = {"command": asked.command, "error": {"message": message, "hint": hint, "exit_code": code}}
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    from shapetui.cli.console import visible

    sys.stderr.write(f"shapetui: {visible(message)}\n")
    if hint:
        sys.stderr.write(f"  hint: {visible(hint)}\n")


def _log_bug(error: Exception) -> str:
    """Writes the traceback, without passwords, to the log folder; returns where, for the message."""
    import tempfile
    import traceback

    from shapetui.database.embedded import data_home
    from shapetui.database.target import redact

    text = redact("".join(traceback.format_exception(error)))
    try:
        folder = data_home() / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix="bug-", suffix=".log", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        sys.stderr.write(text)
        return "the lines above (the log folder cannot be written)"
    return path
