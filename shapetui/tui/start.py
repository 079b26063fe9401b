"""Opens the workbench of a folder, in colours that the terminal can show."""

from __future__ import annotations

import os
from pathlib import Path


def open_workbench(folder: str, place: str) -> int:
    """Runs the app until it is left; returns its exit code. Raises UsageError for an impossible database URL."""
    # Textual's NO_COLOR still sends true colours, only grey ones; the ANSI theme sends none.
    if os.environ.get("NO_COLOR") and not os.environ.get("TEXTUAL_THEME"):
        os.environ["TEXTUAL_THEME"] = "ansi-dark"
    from shapetui.documents.workspace import Workspace
    from shapetui.jobs.targets import synthetic_target
    from shapetui.tui.app import ShapetuiApp

    app = ShapetuiApp(Workspace(Path(folder)), synthetic_target(None), place)
    app.run()
    return app.return_code or 0
