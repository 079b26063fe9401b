"""Opens the workbench of a folder, with the settings, keys and databases of the session, in colours that the terminal
can show.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapetui.errors import UsageError
from shapetui.tui.databases import Database
from shapetui.workbench.actions import Action
from shapetui.workbench.settings import Settings, bound, load_settings

if TYPE_CHECKING:
    from shapetui.workbench.work import DemoRequest

_DEFAULTS: Final = {
    "SHAPETUI_SYNTHETIC_URL": "embedded:synthetic",
    "SHAPETUI_PRODUCTION_URL": "embedded:production",
}


@dataclass(frozen=True)
class Session:
    """What a session begins with.

    Attributes:
        settings, actions: what was chosen, and the table of actions with the user's keys.
        synthetic, production: the databases.
        screen: the first one. `demo`: the demo that is run at once.
    """

    settings: Settings
    actions: tuple[Action, ...]
    synthetic: Database
    production: Database
    screen: str = "files"
    demo: DemoRequest | None = None


def session_of(asked: Namespace, environ: Mapping[str, str] = os.environ) -> Session:
    """The session that a command line asks for. Raises UsageError for impossible settings or URLs."""
    settings = load_settings(asked.settings, environ).with_options(
        theme=asked.theme, glyphs=asked.glyphs, mouse=asked.mouse, readonly=asked.readonly
    )
    demo = None
    if asked.command == "demo":
        from shapetui.workbench.work import DemoRequest

        if settings.readonly:
            raise UsageError("a demo writes to databases, and this session is read-only", "leave out --readonly")
        demo = DemoRequest(asked.messages, asked.target_messages, asked.seed, asked.tolerance or settings.tolerance)
    synthetic = _database(asked.url, environ, "SHAPETUI_SYNTHETIC_URL")
    production = _database(asked.production_url, environ, "SHAPETUI_PRODUCTION_URL")
    if synthetic.is_same(production):
        raise UsageError(
            f"{synthetic.label} is given as production and as the synthetic database",
            "mend --url or --production-url, or the variables SHAPETUI_SYNTHETIC_URL and SHAPETUI_PRODUCTION_URL",
        )
    return Session(
        settings,
        bound(settings),
        synthetic,
        production,
        "run" if demo else asked.screen or "files",
        demo,
    )


def _database(said: str | None, environ: Mapping[str, str], variable: str) -> Database:
    """As `jobs.targets`, without psycopg: an empty `--url` is a mistake, an empty variable is one that is unset."""
    return Database.named(said if said is not None else environ.get(variable) or _DEFAULTS[variable])


def open_workbench(asked: Namespace) -> int:
    """Runs the app until it is left; returns its exit code. Raises UsageError for impossible settings or URLs."""
    session = session_of(asked)
    theme = session.settings.theme or os.environ.get("TEXTUAL_THEME")
    # Textual's NO_COLOR still sends true colours, only grey ones; with an ANSI theme it sends none.
    if os.environ.get("NO_COLOR") and not theme:
        theme = "ansi-dark"
    if theme:
        # Before Textual is imported: it reads the variable once.
        os.environ["TEXTUAL_THEME"] = theme
    from shapetui.tui.app import ShapetuiApp

    app = ShapetuiApp(Path(asked.directory).resolve(), session)
    app.run(mouse=session.settings.mouse)
    if app.failure is not None:
        raise app.failure
    # The terminal may be gone; the journal and the database know as much.
    with suppress(OSError):
        sys.stderr.write(f"shapetui: {app.farewell}\n" if app.farewell else "")
        sys.stderr.flush()
    # The process ends now; to take apart what it holds, piece by piece, would be most of the time that quitting takes.
    gc.freeze()
    return app.return_code or 0
