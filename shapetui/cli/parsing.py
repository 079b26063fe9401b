"""How command lines are read and helped with: argparse with help that is easy to read and errors like all others."""

from __future__ import annotations

import argparse
import re
import shutil
import textwrap
from typing import Final, NoReturn

from shapetui.errors import UsageError

# Wider lines are harder to read than to scroll.
_WIDEST: Final = 100


class Help(argparse.HelpFormatter):
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


class Parser(argparse.ArgumentParser):
    """A parser whose errors are raised like all others, so that they look alike and `--json` holds for them too."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        message = message.removeprefix("argument ").replace("with argument ", "with ")
        hint = f"{self.prog} --help says what there is"
        if wrong := re.match(r"COMMAND: invalid choice: (.*) \(choose from (.*)\)$", message, re.DOTALL):
            from difflib import get_close_matches

            names = re.findall(r"[\w-]+", wrong[2])
            near = get_close_matches(wrong[1].strip("'\""), names, n=1)
            message = f"there is no command and no folder {wrong[1]}"
            hint = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(names)}"
        raise UsageError(message, hint)
