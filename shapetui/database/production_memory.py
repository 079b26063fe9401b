"""Remembers which databases were sampled as production, so that nothing is ever generated into one of them.

A local file of the user's, outside the databases: server identity and database name as one hash, no host, no user.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import psycopg

from shapetui.database.catalogue import server_identity
from shapetui.database.embedded import data_home
from shapetui.errors import DatabaseError, EnvironmentProblem

_FILE: Final = "sampled-as-production.json"


def remember(connection: psycopg.Connection[Any]) -> None:
    """Notes that the connection's database was sampled as production. Raises EnvironmentProblem when it cannot."""
    path = data_home() / _FILE
    known = _known(path)
    marks = _to_remember(connection)
    if marks <= known:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{_FILE}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(sorted(known | marks), stream, indent=2)
        os.replace(temporary, path)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {(error.strerror or 'unknown').lower()}; the guard against generating into"
            " a production database needs it",
            "set SHAPETUI_HOME to a folder you may write to",
        ) from None


def refuse_production(connection: psycopg.Connection[Any]) -> None:
    """Raises DatabaseError when the connection's database was ever sampled as production from this machine."""
    if _to_look_for(connection) & _known(data_home() / _FILE):
        raise DatabaseError(
            "this database was sampled as production: nothing is ever generated into it",
            f"generate into another database; if this one is no production database, remove {data_home() / _FILE}",
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


def _known(path: Path) -> set[str]:
    try:
        return set(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, TypeError):
        # An unreadable memory must not open the gate that it keeps.
        raise EnvironmentProblem(f"{path}: cannot be read", "mend its permissions, or remove the file") from None
