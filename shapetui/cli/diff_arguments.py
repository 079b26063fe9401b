"""The words of `shapetui diff`."""

from __future__ import annotations

import argparse
from pathlib import Path

from shapetui.cli.options import add_command, tolerance
from shapetui.cli.parsing import Parser


def add_diff(commands: argparse._SubParsersAction[Parser]) -> None:
    """Adds the command to the others."""
    command = add_command(
        commands, "diff", "compare two releases of a shape; exit 1 where something moved beyond margin and noise"
    )
    command.add_argument("old", type=Path, metavar="OLD", help="a shape, as a path or as a name in D/reports")
    command.add_argument("new", type=Path, metavar="NEW", help="another, of the same chat at another time")
    tolerance(command)
    command.add_argument("--output", type=Path, metavar="FILE", help="also write the comparison to this file (JSON)")
    command.add_argument("--force", action="store_true", help="replace the output file if it exists")
