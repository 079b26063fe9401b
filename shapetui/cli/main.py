"""The entry point: parse, run, print, exit code. Errors that a user can cause are printed without a traceback."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

from shapetui.cli.arguments import build_parser
from shapetui.cli.console import flush_out, narrate, prepare_streams, write_json
from shapetui.errors import EXIT_CANCELLED, EXIT_DATABASE, EXIT_GOOD, EXIT_USAGE, ShapetuiError

# EX_SOFTWARE of sysexits.h: a bug of ours, not one of the documented outcomes.
EXIT_BUG = 70
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run() -> None:
    """The `shapetui` command."""
    prepare_streams()
    _on_signals(_interrupt)
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = EXIT_CANCELLED
    # What is left is to let go of the embedded server; an interruption would leave it running.
    _on_signals(signal.SIG_IGN)
    sys.exit(code)


def main(arguments: list[str]) -> int:
    """Runs one command line; returns its exit code."""
    code = _run(arguments)
    try:
        flush_out()
    except ShapetuiError as error:
        narrate(f"shapetui: {error.message}")
        return code or error.exit_code
    return code


def _run(arguments: list[str]) -> int:
    told = _Teller(arguments)
    if not arguments:
        build_parser().print_help(sys.stderr)
        return EXIT_USAGE
    try:
        asked = build_parser().parse_args(arguments)
        from shapetui.cli.commands import COMMANDS

        return COMMANDS[asked.command](asked)
    except SystemExit as exit_:  # --help and --version
        return exit_.code if isinstance(exit_.code, int) else EXIT_GOOD
    except ShapetuiError as error:
        return told(error.message, error.hint, error.exit_code)
    except KeyboardInterrupt as interrupt:
        return told(str(interrupt) or "cancelled", _after_interruption(arguments[0]), EXIT_CANCELLED)
    except MemoryError:
        return told("there is not enough memory", "ask for fewer messages or conversations", EXIT_DATABASE)
    except Exception as error:  # the last line of defence: a bug keeps its traceback, in a file
        where = _log_bug(error)
        return told(
            f"internal error ({type(error).__name__}), a bug of shapetui", f"its traceback is in {where}", EXIT_BUG
        )


class _Teller:
    """Tells an error on stderr, and with `--json` as the document on stdout; returns its exit code."""

    def __init__(self, arguments: list[str]) -> None:
        # The arguments themselves, as they may be what is wrong.
        self._command = next((word for word in arguments if not word.startswith("-")), None)
        self._json = "--json" in arguments

    def __call__(self, message: str, hint: str, code: int) -> int:
        narrate(f"shapetui: {message}")
        if hint:
            narrate(f"  hint: {hint}")
        if self._json:
            document: dict[str, Any] = {"command": self._command}
            document["error"] = {"message": message, "hint": hint, "exit_code": code}
            try:
                write_json(document)
            except ShapetuiError as error:
                narrate(f"shapetui: {error.message}")
        return code


def _after_interruption(command: str) -> str:
    """What holds after an interruption that left nobody the time to say it."""
    if command == "generate":
        return "what was written are whole slices; the same command goes on from there"
    return "the next demo builds its databases anew" if command == "demo" else ""


def _on_signals(handler: Any) -> None:
    """Sets what SIGINT, SIGTERM and SIGHUP do; those that our parent has us ignore (nohup) stay ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


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
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError:
        for line in text.splitlines():
            narrate(line)
        return "the lines above (the log folder cannot be written)"
    return path
