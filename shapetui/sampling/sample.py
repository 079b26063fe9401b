"""`sample`: the one measurement of a chat database, for production and for synthetic copies alike.

Everything is aggregated in the server within one read-only transaction; what comes back is counts per fixed bin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from shapetui.database.catalogue import server_version
from shapetui.database.tables import CHAT_TABLES
from shapetui.documents.model import SCHEMA_VERSION, format_time
from shapetui.documents.shape import Certificate, Request, Shape, Window
from shapetui.errors import UsageError
from shapetui.fidelity.facts import Facts
from shapetui.progress import Watch
from shapetui.sampling import assemble, measured
from shapetui.sampling.certificate import sign
from shapetui.sampling.disclosure import Ledger
from shapetui.sampling.integrity import Integrity, facts_of
from shapetui.sampling.measured import Measured
from shapetui.sampling.population import WORDS, Population
from shapetui.sampling.session import read_only, run, told_anew

Connection = psycopg.Connection[Any]

SALT_VARIABLE: Final = "ANONYMIZATION_SALT"
SALT_LEAST: Final = 32
RULE_VERSION: Final = 1

# What stands behind the cells of each histogram; the histograms by type carry the type after a dot.
PROTECTED_ENTITIES: Final[Mapping[str, str]] = {
    "messages_per_conversation": "conversations",
    "member_count": "conversations",
    "lifetime_seconds": "conversations",
    "conversation_types": "conversations",
    "content_length": "senders",
    "message_types": "senders",
    "hour_of_week": "senders",
    "messages_per_sender": "senders",
    "username_length": "users",
    "profile_completeness": "users",
}


@dataclass(frozen=True)
class SampleRequest:
    """What to measure.

    `window_days` before `until`; 0 is all of history. `until`: None is now, and no upper limit with `window_days` 0.
    `min_cell_count`: k of the disclosure rules; 1 is no protection, for synthetic data. Timeouts in seconds.
    `judged_only` leaves out what no test looks at (members and senders), two of the scans.
    """

    window_days: int = 30
    until: datetime | None = None
    min_cell_count: int = 11
    statement_timeout_s: float = 600.0
    lock_timeout_s: float = 5.0
    judged_only: bool = False

    def limits(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """`(since, until)` of the population, None where it has no limit. Raises UsageError for impossible numbers."""
        if self.window_days < 0:
            raise UsageError(f"the window is {self.window_days} days", "give 1 or more, or 0 for all of history")
        if self.min_cell_count < 1:
            raise UsageError(f"min_cell_count is {self.min_cell_count}", "11 is the rule; 1 protects nothing")
        if self.until is not None and self.until.tzinfo is None:
            raise UsageError("the time until which to sample has no zone", "write it like 2025-11-22T00:00:00Z")
        until = self.until or (now if self.window_days else None)
        if until is None or not self.window_days:
            return None, until
        try:
            return until - timedelta(days=self.window_days), until
        except OverflowError:
            raise UsageError(f"a window of {self.window_days} days begins before all time", "give fewer days") from None

    @property
    def protected(self) -> bool:
        """Whether disclosure control applies."""
        return self.min_cell_count > 1


@dataclass(frozen=True)
class ExplainedStatement:
    """One statement as it would run, with the planner's estimate: total cost in its own unit, and rows returned."""

    name: str
    sql: str
    total_cost: float
    rows: int


def required_salt(environ: Mapping[str, str]) -> str:
    """The salt from the environment. Raises UsageError when it is missing or too short; never shows it."""
    return _checked_salt(environ.get(SALT_VARIABLE))


def _checked_salt(salt: str | None) -> str:
    if not salt or len(salt) < SALT_LEAST:
        raise UsageError(
            f"{SALT_VARIABLE} is {'too short' if salt else 'not set'}: production is sampled with a secret of at least"
            f" {SALT_LEAST} characters",
            "take it from the secret manager (vault) inside the production boundary, for this one command; it is never"
            " kept in a repository. New: openssl rand -hex 32",
        )
    return salt


def sample(
    connection: Connection, request: SampleRequest, now: datetime, watch: Watch, salt: str | None = None
) -> Shape:
    """The shape of the database; signed with `salt` when cells are protected.

    `connection` must be idle. Raises UsageError: numbers or salt. DatabaseError: tables or columns missing, no right,
    timeouts. Cancelled: the watch said so.
    """
    return sample_with_facts(connection, request, now, watch, salt)[0]


def sample_with_facts(
    connection: Connection,
    request: SampleRequest,
    now: datetime,
    watch: Watch,
    salt: str | None = None,
    integrity: Integrity | None = None,
) -> tuple[Shape, Facts | None]:
    """The shape and, where it is asked for, the integrity of the same rows. Otherwise as `sample`."""
    key = _checked_salt(salt) if request.protected else ""
    since, until = request.limits(now)
    _require_idle(connection)

    def measure(doing: list[str]) -> tuple[Shape, Facts | None]:
        with watch.over(connection), read_only(connection, request.statement_timeout_s, request.lock_timeout_s):
            population = Population.find(connection, since, until)
            version = server_version(connection)
            planned = measured.statements(
                population, request.protected, judged_only=request.judged_only, integrity=integrity
            )
            found: dict[str, list[tuple[Any, ...]]] = {}
            for number, statement in enumerate(planned):
                watch.report("sample", number, len(planned), statement.name)
                watch.check()
                doing.append(statement.name)
                found[statement.name] = run(connection, statement)
            data = measured.read(population, found)
            facts = facts_of(data.sizes.facts, connection, population) if integrity else None
        watch.report("sample", len(planned), len(planned), "done")
        return _shape(population, data, request, now, version, list(found)), facts

    shape, facts = told_anew(measure, watch, request.statement_timeout_s, request.lock_timeout_s)
    return (sign(shape, key) if request.protected else shape), facts


def explain(connection: Connection, request: SampleRequest, now: datetime) -> list[ExplainedStatement]:
    """What `sample` would run, without running it: EXPLAIN, never ANALYZE. Raises as `sample` does."""
    since, until = request.limits(now)
    _require_idle(connection)

    def ask(doing: list[str]) -> list[ExplainedStatement]:
        plans = []
        with read_only(connection, request.statement_timeout_s, request.lock_timeout_s):
            population = Population.find(connection, since, until)
            for statement in measured.statements(population, request.protected, judged_only=request.judged_only):
                doing.append(statement.name)
                rows = connection.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + statement.query).fetchall()
                plan = rows[0][0][0]["Plan"]
                text = statement.query.as_string(connection).strip()
                cost, estimate = float(plan["Total Cost"]), int(plan["Plan Rows"])
                plans.append(ExplainedStatement(statement.name, text, cost, estimate))
        return plans

    return told_anew(ask, Watch(), request.statement_timeout_s, request.lock_timeout_s)


def _require_idle(connection: Connection) -> None:
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise RuntimeError("sampling begins a transaction of its own: commit or roll back the connection's first")


def _shape(
    population: Population, data: Measured, request: SampleRequest, now: datetime, version: str, names: list[str]
) -> Shape:
    ledger = Ledger(request.min_cell_count)
    tables = CHAT_TABLES
    conversations = assemble.conversations_block(data, population.is_enum(tables.conversations, "type"), ledger)
    messages = assemble.messages_block(data, population.is_enum(tables.messages, "type"), ledger)
    users = assemble.users_block(data.people, ledger)
    return Shape(
        extracted_at=format_time(request.until or now),
        sample_window_days=request.window_days,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        users=users,
        conversations=conversations,
        messages=messages,
        schema_version=SCHEMA_VERSION,
        population=WORDS,
        window=_window(population, data, request, now),
        request=Request(server_version=version, statements=names),
        certificate=_certificate(ledger) if request.protected else None,
    )


def _window(population: Population, data: Measured, request: SampleRequest, now: datetime) -> Window:
    """The limits asked for; where there was none, the day of the first message, and now (production) or just after
    the last message (synthetic data, which may end long before now)."""
    until = population.until
    if until is None:
        last = data.sizes.last
        until = now if request.protected or last is None else _moment(last) + timedelta(milliseconds=1)
    since = population.since
    if since is None:
        first = until if data.sizes.first is None else min(until, _moment(data.sizes.first))
        since = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(first=format_time(since), until=format_time(until), requested_days=request.window_days)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _certificate(ledger: Ledger) -> Certificate:
    return Certificate(
        rule_version=RULE_VERSION,
        min_cell_count=ledger.min_cell_count,
        protected_entities=dict(PROTECTED_ENTITIES),
        merged_cells=ledger.merged_cells,
        top_coded=ledger.top_coded,
        folded_labels=ledger.folded_labels,
        renamed_labels=ledger.renamed_labels,
    )
