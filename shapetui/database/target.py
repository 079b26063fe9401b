"""What a user's `--url` means: a database on the embedded server or one that libpq reaches; and how to open it.

A connection string may hold a password. So it is never part of a message, a label or a representation, and errors of
the connection are told anew instead of being chained to psycopg's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.names import EMBEDDED, EMBEDDED_NAME
from shapetui.errors import DatabaseError, UsageError

FORMS = "embedded:NAME, postgresql://user@host:port/database, or 'host=… dbname=… user=…'"
# Seconds; libpq's own default is to wait for ever.
CONNECT_TIMEOUT = 10
HIDDEN = "***"

# Everything up to the last @ of a word: a password that was not percent-encoded may hold an @ or a / itself.
_USERINFO = re.compile(r"(?<=://)[^\s\"'<>]*@")
# password=x, password = 'it''s \'quoted\'', sslpassword=…, &password=…; not the name of a file (passfile).
_KEYWORD = re.compile(
    r"""(?P<keyword>(?:ssl)?password|pgpassword|oauth_client_secret|scram_client_key|scram_server_key)(?P<sign>\s*=\s*)
        (?:'(?:[^'\\]|\\.|'')*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|(?:\\.|[^\s&'"])+)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SECRET_KEYWORDS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")

_HINTS = (
    (
        r"password|authentication failed|SASL",
        "put the password in ~/.pgpass (mode 0600), in PGPASSWORD, or in a service file (service=NAME)",
    ),
    (r"database \"[^\"]*\" does not exist", "create it first (createdb), or mend the name in the URL"),
    (r"role \"[^\"]*\" does not exist", "mend the user in the URL, or set PGUSER"),
    (
        r"no pg_hba\.conf entry",
        "the server admits no such user, address or encryption: try sslmode=require, or ask for access",
    ),
    (r"could not translate|resolve|Name or service not known|nodename nor servname", "mend the host in the URL"),
    (
        r"refused|No such file or directory|unreachable|timeout|timed out",
        "is the server running, and are host and port right? Over SSH, is the tunnel open?",
    ),
    (r"too many (clients|connections)|remaining connection slots", "wait for other sessions to end, or end some"),
    (r"starting up|shutting down|in recovery", "wait a moment and try again"),
    (r"SSL|certificate", "check sslmode, sslrootcert and the server's certificate"),
)


@dataclass(frozen=True)
class Target:
    """A database to work on. `label`, `database` and repr may be shown; the connection string is in none of them.

    `database` is the name that the string (or the environment) gives, empty when only a service file knows it; an open
    connection knows better (`connection.info.dbname`).
    """

    label: str
    database: str
    embedded: bool
    _conninfo: str = field(default="", repr=False)
    _secrets: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, url: str) -> Target:
        """Understand `embedded:NAME`, a libpq URL or a libpq keyword string.

        Raises UsageError: for anything else; the message never repeats the string.
        """
        text = url.strip()
        if not text:
            raise UsageError("the database URL is empty", f"give {FORMS}")
        if text.startswith(EMBEDDED):
            name = text.removeprefix(EMBEDDED)
            if not EMBEDDED_NAME.fullmatch(name):
                raise UsageError(
                    "the name after embedded: is not a valid database name",
                    "a letter or _ first, then letters, digits, _ or -; at most 63 in all, e.g. embedded:chat",
                )
            return cls(text, name, embedded=True)
        options = _options(text)
        _refuse_misread_url(text, options)
        secrets = tuple(str(options[keyword]) for keyword in _SECRET_KEYWORDS if options.get(keyword))
        database, label = _names(options)
        # Not cleared of `secrets`: a database chat with the password chat keeps its name, which gives nothing away.
        return cls(redact(label), database, False, text, secrets)

    @property
    def has_password(self) -> bool:
        """Whether the string itself holds a secret, which belongs into libpq's own places."""
        return bool(self._secrets)

    @contextmanager
    def open(
        self, create: bool = False, application_name: str = "shapetui", autocommit: bool = False
    ) -> Iterator[psycopg.Connection]:
        """A connection for the `with` block: committed at its good end, rolled back at an exception, then closed.

        The embedded server runs for at least as long. With `create` a missing database is created there; elsewhere
        databases are their owner's business, and `create` does nothing.

        Raises DatabaseError: no such database or no connection. EnvironmentProblem: no embedded server.
        psycopg.Error of the block itself: passed on, cleared of passwords.
        """
        if self.embedded:
            with EmbeddedServer.acquire() as server:
                if create:
                    server.ensure_database(self.database)
                elif not server.has_database(self.database):
                    raise DatabaseError(
                        f"database {self.database} does not exist on the embedded server",
                        "mend the name, or create it: shapetui init-db and generate do",
                    )
                with self._session(server.conninfo(self.database), application_name, autocommit) as connection:
                    yield connection
        else:
            with self._session(self._conninfo, application_name, autocommit) as connection:
                yield connection

    @contextmanager
    def _session(self, conninfo: str, application_name: str, autocommit: bool) -> Iterator[psycopg.Connection]:
        outcome = _connect(conninfo, application_name, autocommit, self._secrets, self.label)
        del conninfo  # a traceback that shows local variables must not show it
        if isinstance(outcome, DatabaseError):
            raise outcome
        try:
            with outcome:
                yield outcome
        except Exception as error:
            _clear(error, self._secrets)
            raise


def redact(text: str, *secrets: str) -> str:
    """`text` without passwords: `password=…` in all its quotings, `user:password@` of URLs, and each of `secrets`."""
    text = _USERINFO.sub(f"{HIDDEN}@", text)
    text = _KEYWORD.sub(rf"\g<keyword>\g<sign>{HIDDEN}", text)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        # Within a longer word a short password says nothing ("a"), and replacing it would make the text unreadable.
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)" if len(secret) < 4 else re.escape(secret), HIDDEN, text)
    return text


def _options(text: str) -> dict[str, str]:
    """The options of a libpq string or URL.

    Raises UsageError: not chained to libpq's own error, which repeats parts of the text.
    """
    options: Mapping[str, object] | None = None
    with suppress(psycopg.Error, ValueError):
        options = conninfo_to_dict(text)
    if options is None:
        raise UsageError(
            "the database URL cannot be understood (it is not shown here, as it may hold a password)",
            f"give {FORMS}; special characters are percent-encoded in a URL, values with spaces quoted with '",
        )
    return {name: str(value) for name, value in options.items() if value is not None}


def _refuse_misread_url(text: str, options: Mapping[str, str]) -> None:
    """Refuse what libpq would misread so that a part of the password becomes host, port or database.

    A raw @ or / in a password does that; later messages would then show that part.
    """
    misread = not re.fullmatch(r"[\d,]*", options.get("port", ""))
    if "://" in text:
        authority, _, rest = text.partition("://")[2].partition("/")
        misread = misread or authority.count("@") > 1 or "@" in rest
    if misread or "://" in options.get("dbname", ""):
        raise UsageError(
            "the database URL has a port that is no number, or an @ or / where none can be",
            "in a URL write %40 for @, %2F for / and %3A for : in user, password and options",
        )


def _names(options: Mapping[str, str]) -> tuple[str, str]:
    """Database name and label that the options, the environment and libpq's defaults give."""
    defaults = {
        option.keyword.decode(): option.val.decode(errors="replace")
        for option in Conninfo.get_defaults()
        if option.val is not None
    }
    known = {**defaults, **options}
    service = options.get("service")
    if service and "dbname" not in options:
        return "", f"service {service}"
    database = known.get("dbname") or known.get("user", "")
    host = known.get("host") or known.get("hostaddr") or "local"
    return database, f"{database}@{host}:{known.get('port', '5432')}"


def _connect(
    conninfo: str, application_name: str, autocommit: bool, secrets: tuple[str, ...], label: str
) -> psycopg.Connection | DatabaseError:
    """The connection, or why there is none: returned rather than raised, so that no exception is chained to it."""
    extra: dict[str, str | int] = {}
    try:
        options = conninfo_to_dict(conninfo)
        if not options.get("application_name"):
            extra["application_name"] = application_name
        if not options.get("connect_timeout") and not os.environ.get("PGCONNECT_TIMEOUT"):
            extra["connect_timeout"] = CONNECT_TIMEOUT
        return psycopg.connect(make_conninfo(conninfo, **extra), autocommit=autocommit)
    except (psycopg.Error, ValueError) as error:  # ValueError: a host name that cannot be encoded
        # libpq's second line asks what our hint answers ("Is the server running on that host ...?").
        first = next(iter(redact(str(error), *secrets).strip().splitlines()), "")
        said = " ".join(first.split()) or type(error).__name__
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said, re.IGNORECASE)), "")
    return DatabaseError(f"cannot connect to {label}: {said}", hint)


def _clear(error: BaseException, secrets: tuple[str, ...]) -> None:
    """Redact the texts of psycopg's errors along the chain of `error`, in place."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, psycopg.Error):
            current.args = tuple(redact(part, *secrets) if isinstance(part, str) else part for part in current.args)
        waiting += [current.__cause__, current.__context__]
