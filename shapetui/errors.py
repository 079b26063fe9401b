"""The one family of errors that a user can cause. The faces print message and hint, never a traceback.

Exit codes are an interface: 0 done and good, 1 done and judged bad, 2 usage or bad input file,
3 database or environment, 130 cancelled.
"""

from __future__ import annotations

EXIT_GOOD = 0
EXIT_JUDGED_BAD = 1
EXIT_USAGE = 2
EXIT_DATABASE = 3
EXIT_CANCELLED = 130


class ShapetuiError(Exception):
    """Something the user can mend: what is wrong (`message`) and how to mend it (`hint`)."""

    exit_code = EXIT_USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ShapetuiError):
    """The command line, an environment variable or a setting is wrong."""


class DocumentError(ShapetuiError):
    """A file cannot be read, is not what it should be, or cannot be written."""


class PlanError(ShapetuiError):
    """The documents are valid, but what is asked of them cannot be done."""


class DatabaseError(ShapetuiError):
    """The database cannot be reached, refuses, or holds something unexpected."""

    exit_code = EXIT_DATABASE


class EnvironmentProblem(ShapetuiError):
    """The machine lacks something: a program, space on the disk, a right."""

    exit_code = EXIT_DATABASE


class Cancelled(ShapetuiError):
    """The user asked for the work to stop; `message` says what is left behind."""

    exit_code = EXIT_CANCELLED
