"""The work that the terminal starts: the same jobs as the command line's, on the draft instead of on files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from shapetui.database.target import Target
from shapetui.documents.report import GenerationReport
from shapetui.documents.workspace import Workspace
from shapetui.errors import ShapetuiError
from shapetui.jobs.written import Written
from shapetui.progress import Watch
from shapetui.tui.panels import visible
from shapetui.workbench.state import Draft


@dataclass(frozen=True)
class DatabaseState:
    """What a look at a database found; `messages` counts its messages, `rows` those of all tables."""

    label: str
    trouble: str = ""
    version: str = ""
    messages: int = 0
    rows: int = 0

    def text(self) -> Text:
        """Two lines."""
        text = Text()
        text.append(f"{visible(self.label)}\n", "bold")
        if self.trouble:
            text.append(f"  {visible(self.trouble)}\n", "dim")
        else:
            text.append(f"  PostgreSQL {self.version}, {self.messages:,} messages\n", "dim")
        return text


def look(target: Target) -> DatabaseState:
    """Never raises: what is wrong is part of the answer."""
    from shapetui.database.catalogue import server_version
    from shapetui.database.ddl import existing_tables
    from shapetui.database.tables import CHAT_TABLES
    from shapetui.generation.ledger import row_counts

    try:
        with target.open() as connection:
            counts = row_counts(connection) if existing_tables(connection) else {}
            messages = counts.get(CHAT_TABLES.messages.name, 0)
            return DatabaseState(target.label, "", server_version(connection), messages, sum(counts.values()))
    except ShapetuiError as error:
        return DatabaseState(target.label, error.message)
    except Exception as error:  # a look must never take the terminal down
        return DatabaseState(target.label, f"cannot be looked at ({type(error).__name__})")


def generate_work(target: Target, draft: Draft, workspace: Workspace) -> Callable[[Watch], Written[GenerationReport]]:
    """Filling the database from the draft's config at its target."""
    from shapetui.generation.plan import Request
    from shapetui.jobs.generate import run_generate

    request = Request(config=draft.config, target_messages=draft.target)
    return lambda watch: run_generate(target, request, workspace, None, watch)


def validate_work(target: Target, draft: Draft, workspace: Workspace) -> Callable[[Watch], object]:
    """Judging the database by the draft's shape file."""
    from shapetui.jobs.validate import run_validate

    path = Path(str(draft.shape_path))
    return lambda watch: run_validate(target, path, draft.tolerance, workspace, None, False, watch)
