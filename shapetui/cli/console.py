"""The two consoles of the command line: data on stdout, narration on stderr; and text that is shown as it is.

rich is imported inside the functions, so that `shapetui --help` does not wait for it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# A pipe or a file has no width; 100 columns hold every table of ours and most screens.
WIDTH_WITHOUT_TERMINAL: Final = 100


def stdout_console() -> Console:
    """The console for results."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """The console for progress, warnings and errors."""
    return _console(sys.stderr)


def visible(value: object) -> str:
    """The text of a value with everything that cannot be seen spelt out (`\\x1b`, `\\u202e`).

    Labels and notes come out of files; none of their characters may steer the terminal.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )


def literal(value: object, style: str = "") -> Text:
    """A value as rich text: no markup is read in it, no control character is left in it."""
    from rich.text import Text

    return Text(visible(value), style=style)


def _console(stream: TextIO) -> Console:
    """A rich console. rich itself honours NO_COLOR, TERM=dumb and leaves colours out where there is no terminal."""
    from rich.console import Console

    encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
    reconfigure = getattr(stream, "reconfigure", None)
    if encoding != "utf8" and reconfigure is not None:
        # A terminal without UTF-8 shows question marks for blocks rather than a traceback.
        reconfigure(errors="replace")
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
