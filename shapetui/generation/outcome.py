"""How a run ended: the report of a finished one, or why another stopped and what the database holds now."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from shapetui.database.embedded import data_home
from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.documents.model import format_time
from shapetui.documents.report import Counts, GenerationReport, Performance
from shapetui.errors import Cancelled, DatabaseError, EnvironmentProblem, ShapetuiError
from shapetui.generation import ledger
from shapetui.generation.plan import Plan
from shapetui.progress import Watch

_USERS, _ROOMS, _MEMBERS = CHAT_TABLES.users.name, CHAT_TABLES.conversations.name, CHAT_TABLES.members.name
_MESSAGES, _ATTACHMENTS = CHAT_TABLES.messages.name, CHAT_TABLES.attachments.name

# Room for two segments of PostgreSQL's write-ahead log, 16 MB each.
_LOG_SEGMENTS_BYTES: Final = 32 << 20


def explained(
    error: Cancelled | psycopg.Error,
    watch: Watch,
    target: Target,
    plan: Plan,
    written: dict[tuple[str, int], ledger.SliceRecord] | None,
) -> ShapetuiError:
    """What ended a run, for the user: why, and what the database holds now."""

    def there(at_most: bool = False) -> str:
        if written is None:
            return f"no row of {target.label} was written or removed"
        return _what_is_there(target, plan, written, at_most)

    said = " ".join((error.diag.message_primary or str(error)).split()) if isinstance(error, psycopg.Error) else ""
    match error:
        case Cancelled():
            return Cancelled(there())
        case psycopg.errors.QueryCanceled() if watch.cancelled:
            return Cancelled(there())
        case psycopg.errors.QueryCanceled():
            return DatabaseError(
                "the server cancelled a statement: " + there(),
                "raise statement_timeout for this role, and run the same command again",
            )
        case psycopg.errors.DiskFull():
            return EnvironmentProblem(
                "the server's disk is full: " + there(),
                "free some space and run the same command again, or generate fewer messages",
            )
        case psycopg.OperationalError() if error.sqlstate is None or error.sqlstate[:2] in ("08", "57"):
            if target.embedded and shutil.disk_usage(data_home()).free < _LOG_SEGMENTS_BYTES:
                # Without room for its log the server goes down before it can say why.
                return EnvironmentProblem(
                    f"the server's disk is full, and the server has ended: {there(at_most=True)}",
                    "free some space and run the same command again, or generate fewer messages",
                )
            # Commits are not waited for: a server that crashes may lose those of its last second.
            return DatabaseError(
                f"the connection to the server was lost ({said}): {there(at_most=True)}",
                "run the same command again: it goes on where this one stopped",
            )
    where = f" ({error.diag.table_name})" if isinstance(error, psycopg.Error) and error.diag.table_name else ""
    return DatabaseError(
        f"the server refuses{where}: {said}; {there()}",
        "mend that and run the same command again, or use a database of its own for the synthetic data",
    )


def _what_is_there(target: Target, plan: Plan, slices: dict[tuple[str, int], ledger.SliceRecord], at_most: bool) -> str:
    counts = ledger.written_rows(slices)
    held = ", ".join(f"{counts.get(table, 0):,} {table}" for table in (_USERS, _ROOMS, _MESSAGES))
    return (
        f"{target.label} holds {'at most ' if at_most else ''}{held} of about {plan.target_messages:,}, in whole"
        " slices; the same command goes on from there"
    )


def report(
    plan: Plan,
    slices: dict[tuple[str, int], ledger.SliceRecord],
    resumed: int,
    seconds: float,
    now: datetime,
) -> GenerationReport:
    """The report of a finished run; `resumed` = slices that an earlier run had written, `seconds` = of this run."""
    counts = ledger.written_rows(slices)
    return GenerationReport(
        band=plan.band,
        generated_at=format_time(now),
        seed=plan.seed,
        counts=Counts(
            users=counts.get(_USERS, 0),
            conversations=counts.get(_ROOMS, 0),
            conversation_users=counts.get(_MEMBERS, 0),
            messages=counts.get(_MESSAGES, 0),
            attachments=counts.get(_ATTACHMENTS, 0),
        ),
        parameters=parameters(plan),
        digests=ledger.table_digests(slices),
        performance=Performance(
            total_duration_seconds=round(seconds, 3),
            messages_per_second=round(counts.get(_MESSAGES, 0) / seconds),
            rows_per_second=round(sum(counts.values()) / seconds),
            slices=len(slices),
            resumed_slices=resumed,
        ),
        schema_version=2,
    )


def parameters(plan: Plan) -> dict[str, Any]:
    """What decided the rows, for the ledger and the report."""
    return {
        "band": plan.band,
        "seed": plan.seed,
        "config_digest": plan.config_digest,
        "model_digest": plan.model_digest,
        "source_shape_digest": plan.source_shape_digest,
        "target_messages": plan.target_messages,
        "conversations": plan.conversations,
        "users": plan.users,
        "from": format_time(_moment(plan.clock.start_ms)),
        "until": format_time(_moment(plan.clock.end_ms)),
        "fingerprint": plan.fingerprint,
    }


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
