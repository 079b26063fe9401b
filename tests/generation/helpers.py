"""Small plans, and what tests ask of a filled database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shapetui.database.tables import CHAT_TABLES
from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.report import GenerationReport
from shapetui.generation.generate import generate
from shapetui.generation.plan import Plan, Request, make_plan
from shapetui.progress import Watch

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = tuple(names.name for names in CHAT_TABLES.all())


def original(conversations: dict[str, Any] | None = None, messages: dict[str, Any] | None = None) -> Config:
    """A config with the original's keys only, as its documentation shows it, or with some of them changed."""
    return Config.model_validate(
        {
            "calibration_metadata": {
                "source_shape_file": "2025-11-22T00:00:00.000Z",
                "calibrated_at": "2025-11-22T00:00:00.000Z",
                "production_sample_window_days": 30,
            },
            "user_generation": {"username_length": {"distribution": "normal", "mean": 8.5, "stddev": 2.3}},
            "conversation_generation": {
                "type_distribution": {"DIRECT_MESSAGE": 0.7813, "GROUP_CHAT": 0.2187, "CHANNEL": 0},
                "messages_per_conversation": {
                    **{"distribution": "power_law", "alpha": 1.85, "min": 1, "max": 1500},
                    **{"p50": 45, "p90": 450, "p99": 5000},
                },
            }
            | (conversations or {}),
            "message_generation": {
                "content_length": {"distribution": "log_normal", "mean": 61, "median": 60, "p95": 93},
                "type_distribution": {"TEXT": 0.85, "IMAGE": 0.1, "FILE": 0.03, "AUDIO": 0.01, "VIDEO": 0.01},
                "temporal": {
                    "hourly_weights": [0.01] * 8 + [0.0733] * 8 + [0.0417] * 8,
                    "day_of_week_weights": [0.05] + [0.18] * 5 + [0.05],
                },
            }
            | (messages or {}),
        }
    )


def sized(smallest: int, largest: int, alpha: float = 1.5) -> dict[str, Any]:
    """Conversations from `smallest` to `largest` messages, half of them direct."""
    return {
        "type_distribution": {"DIRECT_MESSAGE": 0.5, "GROUP_CHAT": 0.5},
        "messages_per_conversation": {"alpha": alpha, "min": smallest, "max": largest},
    }


def plan_of(messages: int = 5_000, seed: str = "a", config: Config | None = None) -> Plan:
    """A plan of the original's config."""
    return make_plan(Request(config=config or original(), target_messages=messages, seed=seed), NOW)


def run(target: Target, plan: Plan, replace: str | None = None, watch: Watch | None = None) -> GenerationReport:
    """`generate` with a fixed present."""
    return generate(target, plan, watch or Watch(), replace, NOW)


def ask(target: Target, query: str) -> Any:
    """The first column of the first row of a query's answer."""
    with target.open(autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def execute(target: Target, *statements: str) -> None:
    """Statements in autocommit."""
    with target.open(autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def contents(target: Target) -> dict[str, str]:
    """MD5 of all rows of every table, all columns of them."""
    return {table: ask(target, f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t") for table in TABLES}


def row_counts(target: Target) -> dict[str, int]:
    """Rows per table."""
    return {table: ask(target, f"SELECT count(*) FROM {table}") for table in TABLES}


def ledger_counts(target: Target) -> dict[str, int]:
    """Rows per table as the ledger says."""
    return {
        table: ask(target, f"SELECT coalesce(sum(rows), 0)::bigint FROM shapetui_slices WHERE table_name = '{table}'")
        for table in TABLES
    }
