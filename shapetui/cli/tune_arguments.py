"""The words of `shapetui tune` and `shapetui loop`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from shapetui.cli.argument_types import at_least, plain_text
from shapetui.cli.options import add_command, output, tolerance, url
from shapetui.cli.parsing import Parser

_ROUNDS: Final = 5
# Beyond it nobody waits for what does not come.
_MOST_ROUNDS: Final = 50
_TARGET: Final = 1_000_000


def add_tune(commands: argparse._SubParsersAction[Parser]) -> None:
    """Adds both to the other commands."""
    command = add_command(
        commands, "tune", "change a config as little as needed so that all tests and checks are expected to be good"
    )
    _documents(command, "it is judged at")
    tolerance(command)
    output(command, "tuned config")
    command.add_argument("--dry-run", action="store_true", help="say what would be changed, write nothing")

    command = add_command(commands, "loop", "generate, validate, tune, and again, until PASS and no check is NO-GO")
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    _documents(command, "are generated and judged")
    command.add_argument("--seed", type=plain_text, metavar="S", help="any text; the same seed gives the same rows")
    tolerance(command)
    command.add_argument(
        "--rounds",
        type=at_least(1, _MOST_ROUNDS),
        default=_ROUNDS,
        metavar="N",
        help=f"at most so many (default {_ROUNDS})",
    )
    command.add_argument(
        "--replace",
        metavar="DATABASE",
        help="the name of the database whose rows may go although shapetui did not write them",
    )


def _documents(command: argparse.ArgumentParser, what_for: str) -> None:
    for name, what in (("--shape", "production's shape"), ("--config", "the config to begin with")):
        command.add_argument(
            name, type=Path, required=True, metavar="FILE", help=f"{what}, as a path or as a name in D/reports"
        )
    command.add_argument(
        "--target-messages",
        type=at_least(1),
        default=_TARGET,
        metavar="N",
        help=f"how many messages {what_for} (default {_TARGET:,})",
    )
