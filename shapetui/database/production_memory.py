"""Remembers which databases were sampled as production, so that nothing is ever generated into one of them.

Local files of the user's, outside the databases: server identity and database name as one hash, no host, no user.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import psycopg

from shapetui.database.catalogue import server_identity
from shapetui.database.embedded import data_home
from shapetui.errors import DatabaseError, EnvironmentProblem

# Holds one empty file for each mark, so that two sessions at once cannot lose each other's.
_FOLDER: Final = "sampled-as-production"


def remember(connection: psycopg.Connection[Any]) -> None:
    """Notes that the connection's database was sampled as production. Raises EnvironmentProblem when it cannot."""
    folder = data_home() / _FOLDER
    marks = _to_remember(connection)
    if marks <= _known(folder, marks):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for mark in marks:
            # Creating a file is one step: it is there or it is not.
            (folder / mark).touch()
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: cannot be written: {(error.strerror or 'unknown').lower()}; the guard against generating into"
            " a production database needs it",
            "set SHAPETUI_HOME to a folder you may write to",
        ) from None


def refuse_production(connection: psycopg.Connection[Any]) -> None:
    """Raises DatabaseError when the connection's database was ever sampled as production from this machine."""
    folder = data_home() / _FOLDER
    found = _known(folder, _to_look_for(connection))
    if found:
        files = " and ".join(str(folder / mark) for mark in sorted(found))
        raise DatabaseError(
            "this database was sampled as production: nothing is ever generated into it",
            f"generate into another database; if this one is no production database, remove {files}",
        )


def _to_remember(connection: psycopg.Connection[Any]) -> set[str]:
    """Marks of a database: one for sessions that may read the system identifier, one for those that may not."""
    system, public = server_identity(connection)
    if system is None:
        return {_mark("public", public)}
    return {_mark("system", system), _mark("beside system", public)}


def _to_look_for(connection: psycopg.Connection[Any]) -> set[str]:
    """What a session must not find.

    What everyone may read is not unique, so it counts only where one of the two sessions had nothing better.
    """
    system, public = server_identity(connection)
    if system is None:
        return {_mark("public", public), _mark("beside system", public)}
    return {_mark("system", system), _mark("public", public)}


def _mark(kind: str, identity: str) -> str:
    return hashlib.sha256(f"{kind}\x1f{identity}".encode()).hexdigest()


def _known(folder: Path, marks: set[str]) -> set[str]:
    """Which of some marks are in the memory. Raises EnvironmentProblem when that cannot be told."""
    return {mark for mark in marks if _exists(folder / mark)}


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        # An unreadable memory must not open the gate that it keeps.
        raise EnvironmentProblem(
            f"{path.parent}: cannot be read", "mend its permissions: it must be a folder that you may read"
        ) from None
    return True
