"""The databases of a session, by the words that name them.

One on the embedded server is known by its name alone; any other needs psycopg to be understood, whose import is a fifth
of a second. That is spent before the screen opens, because a mistake in a URL belongs on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shapetui.database.names import EMBEDDED, EMBEDDED_NAME

if TYPE_CHECKING:
    from shapetui.database.target import Target


@dataclass(frozen=True)
class Database:
    """A database to work on. What is shown of it is its label; the words may hold a host and a user."""

    label: str
    url: str = field(repr=False)

    @classmethod
    def named(cls, url: str) -> Database:
        """The database of a URL, a libpq string or `embedded:NAME`. Raises UsageError for anything else."""
        text = url.strip()
        if text.startswith(EMBEDDED) and EMBEDDED_NAME.fullmatch(text.removeprefix(EMBEDDED)):
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

    def is_same(self, other: Database) -> bool:
        """Whether both words say the same database, as far as words can tell."""
        return self.url == other.url or self.label == other.label

    def target(self) -> Target:
        """The database, ready to be opened."""
        return _target(self.url)


def _target(text: str) -> Target:
    from shapetui.database.target import Target

    return Target.parse(text)
