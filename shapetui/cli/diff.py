"""`shapetui diff OLD NEW`: what moved between two releases of a shape, in words, checks and parameters."""

from __future__ import annotations

from argparse import Namespace

from shapetui.cli.console import say, stdout_console, write_json
from shapetui.cli.show_drift import drift_view
from shapetui.documents.workspace import Workspace
from shapetui.errors import EXIT_GOOD, EXIT_JUDGED_BAD
from shapetui.jobs.diff import run_diff


def run_diff_command(asked: Namespace) -> int:
    """Compares and prints; 1 where something moved beyond its margin and its noise."""
    workspace = Workspace(asked.directory)
    paths = workspace.find(asked.old), workspace.find(asked.new)
    found = run_diff(*paths, asked.tolerance, workspace, asked.output, force=asked.force)
    if asked.json:
        written = {"file": str(found.path)} if found.path else {}
        write_json({"command": "diff", **written, "document": found.drift.plain()})
    else:
        console = stdout_console()
        for index, section in enumerate(section for section in drift_view(paths, found.drift) if section):
            if index:
                console.print()
            for part in section:
                console.print(part)
        if found.path:
            say(f"\nwritten: {found.path}")
    return EXIT_JUDGED_BAD if found.drift.verdict == "MOVED" else EXIT_GOOD
