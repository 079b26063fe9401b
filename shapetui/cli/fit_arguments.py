"""The words of `shapetui fit`."""

from __future__ import annotations

import argparse
from pathlib import Path

from shapetui.cli.argument_types import at_least, plain_text
from shapetui.cli.options import add_command
from shapetui.cli.parsing import Parser


def add_fit(commands: argparse._SubParsersAction[Parser]) -> None:
    """Adds the command to the others."""
    command = add_command(commands, "fit", "fit a power law to any counts; exit 1 where it is rejected (p < 0.1)")
    command.add_argument(
        "--counts",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV of whole numbers, value,count (plain or gzip), as a path or as a name in D",
    )
    command.add_argument(
        "--xmin", type=at_least(1), metavar="N", help="where the tail begins (default: the smallest KS distance)"
    )
    command.add_argument(
        "--untruncated", action="store_true", help="a law without end, not one that ends at the largest value"
    )
    command.add_argument(
        "--replicates",
        type=at_least(0),
        default=200,
        metavar="R",
        help="of the bootstrap that says whether a power law is plausible (default 200; 0: none)",
    )
    command.add_argument(
        "--seed", type=plain_text, default="0", metavar="S", help="of the bootstrap; the same seed gives the same p"
    )
