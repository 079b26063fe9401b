"""What the `shapetui` command runs first: `--version` answers at once, everything else goes to `main`."""

import sys

from shapetui.version import __version__


def run() -> None:
    """The `shapetui` command."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"shapetui {__version__}\n")
        return
    # Even parsers and streams are a third of a bare Python's start, and scripts ask for versions often.
    from shapetui.cli.main import run

    run()
