"""The databases of a session, by the words that name them: understood only when they are used, because psycopg's import
alone is a fifth of a second and the first frame must not wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapetui.database.target import Target

_EMBEDDED = "embedded:"


@dataclass(frozen=True)
class Database:
    """A database to work on. What is shown of it is its label; the words may hold a host and a user."""

    label: str
    url: str = field(repr=False)

    @classmethod
    def named(cls, url: str) -> Database:
        """The database of a URL, a libpq string or `embedded:NAME`. Raises UsageError for anything else."""
        text = url.strip()
        if text.startswith(_EMBEDDED) and text.removeprefix(_EMBEDDED).isidentifier():
            return cls(text, text)
        return cls(_target(text).label, text)

    @classmethod
    def chosen(cls, words: str, known: Mapping[str, str]) -> Database:
        """What a person typed: a name of the settings, or a database itself.

        Raises UsageError, also for a password: what is typed stands on the screen.
        """
        from shapetui.errors import UsageError

        text = known.get(words.strip(), words)
        if (found := _target(text.strip())).has_password:
            raise UsageError("a password was typed", "put it in ~/.pgpass or a service file, and leave it out here")
        return cls(found.label, text.strip())

    def target(self) -> Target:
        """The database, ready to be opened."""
        return _target(self.url)


def _target(text: str) -> Target:
    from shapetui.database.target import Target

    return Target.parse(text)
