"""The words of `shapetui verify-index`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from shapetui.cli.argument_types import at_least
from shapetui.cli.options import add_command, output, url
from shapetui.cli.parsing import Parser

_REPEATS: Final = 20
# More say nothing more; the bootstrap would only take longer.
_MOST_REPEATS: Final = 1000
_TIMEOUT: Final = 60
_MOST_SECONDS: Final = 86_400


def add_verify_index(commands: argparse._SubParsersAction[Parser]) -> None:
    """Adds it to the other commands."""
    command = add_command(commands, "verify-index", "measure what an index buys, before and after, and say GO or NO-GO")
    # argparse breaks no line within a choice of so many.
    command.usage = "%(prog)s MODE [options]"
    modes = command.add_argument_group("MODE, one of").add_mutually_exclusive_group(required=True)
    modes.add_argument("--pre-optimization", action="store_true", help="measure before the indexes are made")
    modes.add_argument(
        "--apply",
        type=Path,
        nargs="?",
        const=Path(),
        metavar="DDL.sql",
        help="make the indexes of a file (default: the three of the original system)",
    )
    modes.add_argument("--post-optimization", action="store_true", help="measure after")
    modes.add_argument(
        "--compare",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="PRE POST: compare two measurements (PRE B1 B2 POST: with those between, taken index by index)",
    )
    modes.add_argument("--rollback", action="store_true", help="drop what --apply has made")
    modes.add_argument(
        "--growth",
        type=fractions,
        metavar="F,F,...",
        help="measure with and without the indexes on the oldest part of the messages (0.1,0.3,1), on copies",
    )
    url(command, "SHAPETUI_SYNTHETIC_URL", "embedded:synthetic")
    command.add_argument(
        "--repeat",
        type=at_least(1, _MOST_REPEATS),
        default=_REPEATS,
        metavar="N",
        help=f"runs of each query on each stratum (default {_REPEATS})",
    )
    command.add_argument(
        "--queries", type=Path, metavar="FILE", help="queries of your own, SQL with -- name: and -- param lines"
    )
    command.add_argument("--cold", action="store_true", help="also without cache, where the server can empty it")
    command.add_argument(
        "--timeout",
        type=at_least(1, _MOST_SECONDS),
        default=_TIMEOUT,
        metavar="S",
        help=f"seconds after which a query is given up (default {_TIMEOUT})",
    )
    command.add_argument(
        "--one-by-one", action="store_true", help="with --apply: measure after each index, to see what each buys"
    )
    command.add_argument(
        "--ddl", type=Path, metavar="DDL.sql", help="with --growth: the indexes (default: as for --apply)"
    )
    output(command, "document")
    command.add_argument("--strict", action="store_true", help="with --compare: exit 1 for INCONCLUSIVE too")


def fractions(text: str) -> tuple[float, ...]:
    """A type for argparse: ascending fractions above 0 and at most 1."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no fractions like 0.1,0.3,1") from None
    if not all(0 < value <= 1 for value in found) or list(found) != sorted(set(found)):
        raise argparse.ArgumentTypeError(f"{text!r}: fractions lie above 0, are at most 1 and ascend, like 0.1,0.3,1")
    return found
