"""What the `shapetui` command runs first: `--version` answers at once, a folder opens the workbench, a command goes to
the command line. The two faces know nothing of each other; only this module knows both.
"""

from __future__ import annotations

import os
import sys

from shapetui.version import __version__

_NO_TERMINAL = """\
shapetui: the workbench needs a terminal, and there is none
  hint: without one use the commands, e.g. shapetui demo --headless; shapetui --help lists them
"""


def run() -> None:
    """The `shapetui` command."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(f"shapetui {__version__}\n")
        return
    if not arguments or (len(arguments) == 1 and os.path.isdir(arguments[0])):
        sys.exit(_workbench(arguments[0] if arguments else "."))
    # Even parsers and streams are a third of a bare Python's start, and scripts ask for versions often.
    from shapetui.cli.main import run as run_command

    try:
        run_command()
    except SystemExit as end:
        if end.code not in (0, 1) or not _opens_afterwards(arguments):
            raise
        sys.exit(_workbench(_directory(arguments), "report"))


def _has_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _opens_afterwards(arguments: list[str]) -> bool:
    """Whether the workbench follows a demo that went well: unless it was headless, or only asked for help."""
    return arguments[0] == "demo" and not {"--headless", "--json", "-h", "--help"} & set(arguments) and _has_terminal()


def _directory(arguments: list[str]) -> str:
    """The demo's workspace: `--directory D` or `--directory=D`, or this folder."""
    for index, word in enumerate(arguments):
        if word == "--directory" and index + 1 < len(arguments):
            return arguments[index + 1]
        if word.startswith("--directory="):
            return word.partition("=")[2]
    return "."


def _workbench(folder: str, place: str = "files") -> int:
    """Opens the workbench; returns its exit code."""
    if not _has_terminal():
        sys.stderr.write(_NO_TERMINAL)
        return 2
    from shapetui.errors import ShapetuiError

    try:
        from shapetui.tui.start import open_workbench

        return open_workbench(folder, place)
    except ShapetuiError as error:
        sys.stderr.write(f"shapetui: {error.message}\n" + (f"  hint: {error.hint}\n" if error.hint else ""))
        return error.exit_code
