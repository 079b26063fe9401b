"""What the `shapetui` command runs first: `--version` answers at once, all else goes to the command line, which is told
how to open the workbench. The two faces know nothing of each other; only this module knows both.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from shapetui.version import __version__

if TYPE_CHECKING:
    from argparse import Namespace

# The normal screen, a cursor, no reports of mouse or pasting, plain keys; nothing happens where it is so already.
_AS_BEFORE: Final = "\x1b[?47l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[<u\x1b[0m"


def run() -> None:
    """The `shapetui` command."""
    if sys.argv[1:] == ["--version"]:
        # Even parsers and streams are a third of a bare Python's start, and scripts ask for versions often.
        sys.stdout.write(f"shapetui {__version__}\n")
        return
    from shapetui.cli.main import run as run_command

    run_command(_open)


def _open(asked: Namespace) -> int:
    """Opens the workbench on this terminal, which is as before when it fails; returns its exit code."""
    import termios
    from contextlib import suppress

    from shapetui.errors import ShapetuiError

    before = None
    with suppress(termios.error, OSError, ValueError):
        before = termios.tcgetattr(sys.stdin.fileno())
    try:
        from shapetui.tui.start import open_workbench

        return open_workbench(asked)
    except ShapetuiError:
        # Told before the screen was taken.
        raise
    except BaseException:
        with suppress(termios.error, OSError, ValueError):
            sys.stdout.write(_AS_BEFORE)
            sys.stdout.flush()
            if before is not None:
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
        raise
