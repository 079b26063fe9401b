"""The databases that jobs work on, and PostgreSQL's errors in the words of the program's own family."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from shapetui.database.target import Target, redact
from shapetui.errors import Cancelled, DatabaseError, EnvironmentProblem, ShapetuiError
from shapetui.progress import Watch

DEFAULT_PRODUCTION = "embedded:production"
DEFAULT_SYNTHETIC = "embedded:synthetic"
ONLY_READ = "sampling only reads, so nothing is left behind"


def production_target(url: str | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The database to sample: what was said, SHAPETUI_PRODUCTION_URL, or the embedded one."""
    return Target.parse(_said(url, environ, "SHAPETUI_PRODUCTION_URL", DEFAULT_PRODUCTION))


def synthetic_target(url: str | None, environ: Mapping[str, str] = os.environ) -> Target:
    """The database to fill and validate: what was said, SHAPETUI_SYNTHETIC_URL, or the embedded one."""
    return Target.parse(_said(url, environ, "SHAPETUI_SYNTHETIC_URL", DEFAULT_SYNTHETIC))


def _said(url: str | None, environ: Mapping[str, str], variable: str, default: str) -> str:
    """An empty `--url` is a mistake (an unset variable of a script) and must not lead to the default; an empty
    variable is the usual way to unset it."""
    return url if url is not None else environ.get(variable) or default


@contextmanager
def told_anew(target: Target, watch: Watch, left: str) -> Iterator[None]:
    """Tells PostgreSQL's errors that nothing below has told better in the words of the program's own family.

    `left`: what a cancellation that says nothing else has left behind.
    """
    try:
        yield
        return
    except Cancelled as error:
        said = f"cancelled; {left}" if error.message == "cancelled" else error.message
        told: ShapetuiError = Cancelled(said if said.startswith("cancelled") else f"cancelled: {said}")
    except psycopg.Error as error:
        told = Cancelled(f"cancelled; {left}") if watch.cancelled else _in_words(error, target.label)
    raise told from None


def _in_words(error: psycopg.Error, label: str) -> ShapetuiError:
    named = redact(" ".join((error.diag.message_primary or "").split()))
    match error:
        case psycopg.errors.InsufficientPrivilege():
            return DatabaseError(
                f"{label}: the role has no right to do this: {named}",
                "GRANT it the right, or connect as the owner of the database",
            )
        case psycopg.errors.ReadOnlySqlTransaction():
            return DatabaseError(f"{label}: the database is read-only", "a replica? Give the URL of the primary")
        case psycopg.errors.DiskFull():
            return EnvironmentProblem(f"{label}: the server's disk is full", "free some space and try again")
    if error.sqlstate is None or error.sqlstate[:3] in ("080", "57P"):
        return DatabaseError(f"{label}: the connection to the server was lost", "is the server running? Then try again")
    return DatabaseError(f"{label}: PostgreSQL refused: {named} (SQLSTATE {error.sqlstate})", "its log says more")
