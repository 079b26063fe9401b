"""The entry point: parse, run, print, exit code. Errors that a user can cause are printed without a traceback.

The workbench is the other face and not known here: whoever knows both (`shapetui.entry`) hands over what opens it.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from types import FrameType
from typing import Any

from shapetui.cli.arguments import opens_workbench, parse
from shapetui.cli.console import flush_out, narrate, prepare_streams, write_json
from shapetui.errors import EXIT_CANCELLED, EXIT_DATABASE, EXIT_GOOD, ShapetuiError, UsageError

# Opens the workbench as a command line asks for it; returns its exit code.
Opener = Callable[[Namespace], int]

# EX_SOFTWARE of sysexits.h: a bug of ours, not one of the documented outcomes.
EXIT_BUG = 70
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(open_workbench: Opener | None = None) -> None:
    """The `shapetui` command. Without `open_workbench` it is the commands alone, and every demo is headless."""
    prepare_streams()
    _on_signals(_interrupt)
    try:
        code = main(sys.argv[1:], _with_its_own_signals(open_workbench) if open_workbench else None)
    except KeyboardInterrupt:
        code = EXIT_CANCELLED
    # What is left is to let go of the embedded server; an interruption would leave it running.
    _on_signals(signal.SIG_IGN)
    sys.exit(code)


def main(arguments: list[str], open_workbench: Opener | None = None) -> int:
    """Runs one command line; returns its exit code."""
    code = _run(arguments, open_workbench)
    try:
        flush_out()
    except ShapetuiError as error:
        narrate(f"shapetui: {error.message}")
        return code or error.exit_code
    return code


def _run(arguments: list[str], open_workbench: Opener | None) -> int:
    told = _Teller(arguments)
    asked = Namespace(command="")
    try:
        asked = parse(arguments)
        if asked.command == "workbench" or (open_workbench is not None and opens_workbench(asked)):
            _require_terminal()
            if open_workbench is None:
                raise UsageError("the workbench is opened by the command shapetui", "python -m shapetui is the same")
            return open_workbench(asked)
        from shapetui.cli.commands import COMMANDS

        return COMMANDS[asked.command](asked)
    except SystemExit as exit_:  # --help and --version
        return exit_.code if isinstance(exit_.code, int) else EXIT_GOOD
    except ShapetuiError as error:
        return told(error.message, error.hint, error.exit_code)
    except KeyboardInterrupt as interrupt:
        return told(str(interrupt) or "cancelled", _after_interruption(asked), EXIT_CANCELLED)
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


def _require_terminal() -> None:
    """Raises UsageError where the workbench cannot be seen or driven."""
    if os.environ.get("TEXTUAL_DRIVER"):
        # Something else shows the workbench (textual-serve), and brings a driver for that.
        return
    names = [name for name in ("stdin", "stdout") if (stream := getattr(sys, name)) is None or not stream.isatty()]
    if names:
        what = f"the workbench needs a terminal, and {' and '.join(names)} {'are' if names[1:] else 'is'} none"
    elif os.environ.get("TERM") == "dumb":
        what = "the workbench needs a terminal that can place text, and TERM=dumb says that this one cannot"
    else:
        return
    raise UsageError(what, "without one: shapetui demo --headless, shapetui show FILE; shapetui --help lists all")


def _after_interruption(asked: Namespace) -> str:
    """What holds after an interruption that left nobody the time to say it."""
    if asked.command == "generate":
        return "what was written are whole slices; the same command goes on from there"
    return "the next demo builds its databases anew" if asked.command == "demo" else ""


def _with_its_own_signals(open_workbench: Opener) -> Opener:
    """The workbench with the signals as Python has them, as it restores the terminal when they come."""

    def opened(asked: Namespace) -> int:
        _on_signals(signal.SIG_DFL)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return open_workbench(asked)

    return opened


def _on_signals(handler: Any) -> None:
    """Sets what SIGINT, SIGTERM and SIGHUP do; those that our parent has us ignore (nohup) stay ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _log_bug(error: Exception) -> str:
    """Writes the traceback to the log folder; returns where, for the message."""
    from shapetui.database.bug_log import save_traceback, traceback_of

    path = save_traceback(error)
    if path is not None:
        return str(path)
    for line in traceback_of(error).splitlines():
        narrate(line)
    return "the lines above (the log folder cannot be written)"
