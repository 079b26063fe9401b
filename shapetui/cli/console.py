"""What the command line writes with: data on stdout, narration on stderr, and text that is shown as it is.

A reader who goes away (`| head`) ends the output, not the command: the exit code stays that of the work. rich is
imported inside the functions, so that `shapetui --help` does not wait for it.
"""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from shapetui.errors import EnvironmentProblem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# A pipe or a file has no width; 100 columns hold every table of ours and most screens.
WIDTH_WITHOUT_TERMINAL: Final = 100

# Where stdout or stderr cannot show a character (PYTHONIOENCODING=ascii, a terminal of before UTF-8), its like in
# ASCII stands there, one for one, so that plots stay plots and tables stay straight.
_PLAIN: Final = "shapetui-plain"
_LIKE: Final = {
    **dict.fromkeys("█▇▆▅▉▊▋▓", "#"),
    **dict.fromkeys("▄▃▌▍▒", "+"),
    **dict.fromkeys("▂▁▎▏░·", "."),
    **dict.fromkeys("━═╸╺", "="),
    **dict.fromkeys("─–—−╴╶", "-"),
    **dict.fromkeys("│┃┤├║", "|"),
    **dict.fromkeys("└┘┌┐┬┴┼╭╮╯╰", "+"),
    "•": "*",
    "→": ">",
    "…": "~",
    "×": "x",
    "χ": "X",
    "²": "2",
    "≥": ">",
    "≤": "<",
}


def prepare_streams() -> None:
    """Makes stdout and stderr writable whatever they are: closed (`>&-`), or of an encoding that lacks our characters.

    For a process of our own only, as it changes `sys`.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            # A closed stream's descriptor would be given to the next file or socket; the null device keeps it.
            with suppress(OSError):
                null = os.open(os.devnull, os.O_RDWR)
                if null != descriptor:
                    os.dup2(null, descriptor)
                    os.close(null)
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for the process's life
    codecs.register_error(_PLAIN, _plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_PLAIN)


def stdout_console() -> Console:
    """The console for results. Give what it prints through `printed`."""
    return _console(sys.stdout)


def stderr_console() -> Console:
    """The console for progress. A terminal that has gone is no error."""
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


def write_out(text: str) -> None:
    """Text to stdout, as it is. Raises EnvironmentProblem when it cannot be written (a full disk)."""
    try:
        sys.stdout.write(text)
    except OSError as error:
        _output_lost(error)


def write_json(value: Any) -> None:
    """The one JSON document of `--json`."""
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    # JSON itself escapes only what is below a blank; the rest of what steers a terminal, and halves of characters in
    # a file's name, are escaped here.
    text = "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in text
    )
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2, allow_nan=False)
    write_out(text + "\n")


def say(text: str) -> None:
    """A line or lines of a result, to stdout; nothing in them steers the terminal."""
    write_out("\n".join(visible(line) for line in text.split("\n")) + "\n")


def narrate(text: str) -> None:
    """A line of narration, to stderr. Nobody may be listening any more; the work goes on all the same."""
    with suppress(OSError, ValueError):
        sys.stderr.write(visible(text) + "\n")
        sys.stderr.flush()


def flush_out() -> None:
    """What was written reaches its reader now, where a failure can still be told. Raises EnvironmentProblem."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _output_lost(error)


def _output_lost(error: OSError) -> None:
    """Sends the rest of the output nowhere: nothing is wrong when the reader has gone, all else is raised."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    if not isinstance(error, BrokenPipeError):
        reason = (error.strerror or type(error).__name__).lower()
        raise EnvironmentProblem(f"the output cannot be written: {reason}", "free some space, or send it elsewhere")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: the like in ASCII of each character that cannot be shown, or `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_LIKE.get(character, "?") for character in wrong), error.end


def _console(stream: TextIO) -> Console:
    """A rich console. rich itself honours NO_COLOR, TERM=dumb and leaves colours out where there is no terminal."""
    from rich.console import Console

    class Output(Console):
        """A console that knows what to do about a reader who has gone; rich's own would exit with 1."""

        def _check_buffer(self) -> None:
            try:
                super()._check_buffer()
            except OSError as error:
                self._lost(error)

        def on_broken_pipe(self) -> None:
            self._lost(BrokenPipeError())

        def _lost(self, error: OSError) -> None:
            self.quiet = True
            # Narration that nobody can hear any more (a terminal that hung up) must not disturb the work.
            if self.file is sys.stdout:
                _output_lost(error)

    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Output(file=stream, width=width, highlight=False, markup=False, emoji=False)
