"""Whole runs on the real server: the same data for the same inputs, and data that hold together."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from shapetui.calibration.calibrate import calibrate
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.distributions import powerlaw
from shapetui.distributions.discrete import grid_values
from shapetui.documents.config import Config
from shapetui.generation import load, writing
from shapetui.generation import rows as row_making
from shapetui.generation.conversations import lay_out
from shapetui.generation.people import assign_members
from shapetui.generation.plan import Plan, Request, make_plan
from shapetui.progress import Watch
from shapetui.sampling.sample import SampleRequest, sample
from tests.generation.helpers import NOW, TABLES, ask, contents, execute, original, plan_of, row_counts, run, sized


@pytest.fixture(scope="module")
def simulated(server: EmbeddedServer) -> Config:
    """A config with bodies, tails, lifetimes and members, calibrated from the simulator's shape."""
    server.ensure_database("generation_production")
    production = Target.parse("embedded:generation_production")
    build_production(production, simulate(40_000), Watch())
    with production.open() as connection:
        shape = sample(connection, SampleRequest(window_days=0), datetime(2025, 11, 22, tzinfo=UTC), Watch(), "x" * 32)
    return calibrate(shape, "simulated", NOW)


@pytest.fixture(scope="module")
def filled(server: EmbeddedServer, simulated: Config) -> tuple[Target, Plan]:
    """A database filled from the simulator's shape, with more than one slice, and its plan."""
    server.ensure_database("generation_filled")
    target = Target.parse("embedded:generation_filled")
    plan = make_plan(Request(config=simulated, target_messages=150_000, seed="f"), NOW)
    run(target, plan)
    return target, plan


def test_the_same_seed_gives_the_same_rows_and_another_seed_gives_others(target: Target) -> None:
    first = run(target, plan_of(seed="one"))
    rows = contents(target)
    second = run(target, plan_of(seed="one"))
    assert second.digests == first.digests
    assert contents(target) == rows
    other = run(target, plan_of(seed="two"))
    assert set(other.digests) == set(TABLES)
    assert all(other.digests[table] != first.digests[table] for table in TABLES)
    assert all(md5 != rows[table] for table, md5 in contents(target).items())


def test_neither_rows_nor_digests_depend_on_the_size_of_batches(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = run(target, plan_of())
    rows = contents(target)
    for module in (writing, load):
        monkeypatch.setattr(module, "ROWS_PER_BATCH", 777)
    assert run(target, plan_of()).digests == usual.digests
    assert contents(target) == rows
    # A kilobyte of text per batch: batches of a few rows, where one long text makes a batch of its own.
    monkeypatch.setattr(row_making, "_TEXT_PER_BATCH", 1 << 10)
    assert run(target, plan_of()).digests == usual.digests
    assert contents(target) == rows


def test_digests_do_not_depend_on_the_columns_that_a_database_has(target: Target) -> None:
    usual = run(target, plan_of())
    execute(
        target,
        'ALTER TABLE messages ADD "idempotencyKey" text NOT NULL UNIQUE DEFAULT gen_random_uuid(),'
        ' ADD "correlationId" varchar(40), ADD mood integer, ADD "weight" float NOT NULL DEFAULT 0',
        'ALTER TABLE messages ALTER "idempotencyKey" DROP DEFAULT',
        'ALTER TABLE users DROP bio, DROP "firstName"',
    )
    assert run(target, plan_of()).digests == usual.digests
    assert ask(target, """SELECT count(DISTINCT "idempotencyKey") - count(*) FROM messages""") == 0
    assert ask(target, """SELECT bool_and("idempotencyKey" = 'idem-' || id AND "correlationId" = 'corr-' || id)
                          FROM messages""")  # fmt: skip


def test_the_rows_are_those_of_the_plan(filled: tuple[Target, Plan]) -> None:
    target, plan = filled
    rooms = lay_out(plan)
    counts = row_counts(target)
    assert counts["users"] == plan.users
    assert counts["conversations"] == plan.conversations
    assert counts["conversation_users"] == assign_members(plan, rooms).user.size
    assert counts["messages"] == rooms.messages
    assert abs(rooms.messages - 150_000) < 1_500
    media = "SELECT count(*) FROM messages WHERE type IN ('IMAGE', 'VIDEO', 'AUDIO', 'FILE')"
    assert counts["attachments"] == ask(target, media) > 0
    sizes = ask(target, 'SELECT array_agg(n) FROM (SELECT count(*) n FROM messages GROUP BY "conversationId") _')
    assert sorted(sizes) == sorted(rooms.size[rooms.size > 0].tolist())


# Each query counts the rows that break a rule.
RULES = {
    "no message lies outside the window": (
        "SELECT count(*) FROM messages WHERE \"createdAt\" >= '{until}' OR \"createdAt\" < '{since}'"
    ),
    "messages of a conversation never share a moment": (
        'SELECT count(*) - count(DISTINCT ("conversationId", "createdAt")) FROM messages'
    ),
    "ids of messages sort as their times do": (
        'SELECT count(*) FROM (SELECT "createdAt" t, lag("createdAt") OVER (ORDER BY id COLLATE "C") s FROM messages) _'
        " WHERE t < s"
    ),
    "senders are members": (
        'SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT FROM conversation_users u WHERE u."userId" ='
        ' m."senderId" AND u."conversationId" = m."conversationId")'
    ),
    "creators are members": (
        'SELECT count(*) FROM conversations c WHERE NOT EXISTS (SELECT FROM conversation_users u WHERE u."userId" ='
        ' c."creatorId" AND u."conversationId" = c.id)'
    ),
    "users are older than their rooms": (
        'SELECT count(*) FROM conversation_users s JOIN users u ON u.id = s."userId" JOIN conversations c'
        ' ON c.id = s."conversationId" WHERE u."createdAt" >= c."createdAt"'
    ),
    "rooms are older than their messages": (
        'SELECT count(*) FROM messages m JOIN conversations c ON c.id = m."conversationId"'
        ' WHERE c."createdAt" >= m."createdAt"'
    ),
    "people join between the begin of the room and its first message": (
        'SELECT count(*) FROM conversation_users s JOIN conversations c ON c.id = s."conversationId" LEFT JOIN'
        ' (SELECT "conversationId" r, min("createdAt") t FROM messages GROUP BY 1) f ON f.r = c.id'
        ' WHERE s."joinedAt" < c."createdAt" OR s."joinedAt" > f.t'
    ),
    "nobody has read beyond the last message": (
        'SELECT count(*) FROM conversation_users s JOIN conversations c ON c.id = s."conversationId"'
        ' WHERE s."lastReadAt" < s."joinedAt" OR s."lastReadAt" > c."lastMessageAt"'
    ),
    "lastMessageAt is the time of the last message": (
        'SELECT count(*) FROM conversations c LEFT JOIN (SELECT "conversationId" r, max("createdAt") t FROM messages'
        ' GROUP BY 1) l ON l.r = c.id WHERE c."lastMessageAt" IS DISTINCT FROM l.t'
    ),
    "nobody is in a room twice": (
        'SELECT count(*) - count(DISTINCT ("userId", "conversationId")) FROM conversation_users'
    ),
    "attachments belong to media messages and to their senders": (
        'SELECT count(*) FROM attachments a LEFT JOIN messages m ON m.id = a."messageId" WHERE m.id IS NULL'
        " OR m.type NOT IN ('IMAGE', 'VIDEO', 'AUDIO', 'FILE') OR a.\"uploaderId\" <> m.\"senderId\""
    ),
    "addresses lead nowhere": "SELECT count(*) FROM users WHERE email NOT LIKE '%_@example.local'",
    "ids have the form of cuid": (
        "SELECT count(*) FROM (SELECT id FROM users UNION ALL SELECT id FROM conversations UNION ALL SELECT id FROM"
        " conversation_users UNION ALL SELECT id FROM messages UNION ALL SELECT id FROM attachments) _"
        " WHERE id !~ '^c[a-z0-9]{24}$'"
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_in_the_data_of_a_calibrated_config(filled: tuple[Target, Plan], rule: str) -> None:
    target, plan = filled
    since, until = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (plan.clock.start_ms, plan.clock.end_ms))
    query = RULES[rule].replace("{until}", f"{until:%F %T}").replace("{since}", f"{since:%F %T}")
    assert ask(target, query) == 0


def test_every_foreign_key_and_unique_constraint_holds_when_made_anew(filled: tuple[Target, Plan]) -> None:
    target, _ = filled
    with target.open() as connection:
        constraints = connection.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'u')"
        ).fetchall()
        assert {"f", "u"} == {kind for *_, kind in constraints}
        assert any('("userId", "conversationId")' in definition for _, _, definition, _ in constraints)
        for table, name, definition, _ in constraints:
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}", ADD {definition}'.encode())
        connection.rollback()


def _correlations(target: Target) -> dict[str, float]:
    with target.open() as connection:
        return dict(
            connection.execute(
                "SELECT attname, correlation FROM pg_stats WHERE tablename = 'messages'"
                " AND attname IN ('conversationId', 'createdAt')"
            ).fetchall()
        )


def test_rows_of_one_conversation_lie_all_over_the_heap(filled: tuple[Target, Plan]) -> None:
    found = _correlations(filled[0])
    assert abs(found["conversationId"]) < 0.1
    assert found["createdAt"] > 0.99


def test_so_they_do_for_the_specification(target: Target) -> None:
    run(target, make_plan(Request(target_messages=60_000, conversations=2_000, seed="s"), NOW))
    found = _correlations(target)
    assert abs(found["conversationId"]) < 0.1
    assert found["createdAt"] > 0.99


def test_an_original_config_gives_a_truncated_power_law_with_its_alpha_as_density_exponent(target: Target) -> None:
    plan = plan_of(20_000)
    run(target, plan)
    sizes = np.array(
        ask(target, 'SELECT array_agg(n ORDER BY n) FROM (SELECT count(*) n FROM messages GROUP BY "conversationId") _')
    )
    expected = [grid_values(powerlaw.truncated(1.85, 1, 1500), count) for count in plan.rooms_by_type.values() if count]
    assert (sizes == np.sort(np.concatenate(expected))).all()
    # Against the mass function itself, by its definition.
    x = np.arange(1, 1501)
    mass = x**-1.85 / (x**-1.85).sum()
    for size in (1, 2, 3, 10):
        assert (sizes <= size).mean() == pytest.approx(mass[:size].sum(), abs=2 / sizes.size)


def test_direct_messages_have_two_members_where_none_were_measured(target: Target) -> None:
    run(target, plan_of())
    members = (
        "SELECT array_agg(DISTINCT n) FROM (SELECT count(*) n FROM conversation_users u JOIN conversations c"
        " ON c.id = u.\"conversationId\" WHERE c.type = 'DIRECT_MESSAGE' GROUP BY c.id) _"
    )
    assert ask(target, members) == [2]


def test_one_message_is_enough(target: Target) -> None:
    run(target, plan_of(1, config=original(sized(1, 1))))
    assert row_counts(target) | {"attachments": 0} == {
        **{"users": 2, "conversations": 1, "messages": 1, "attachments": 0},
        "conversation_users": ask(target, "SELECT count(*) FROM conversation_users"),
    }


def test_a_single_conversation_of_very_many_messages(target: Target) -> None:
    plan = plan_of(250_000, config=original(sized(250_000, 250_000)))
    assert plan.conversations == 1
    run(target, plan)
    assert ask(target, "SELECT count(*) FROM messages") == 250_000
    for rule in ("messages of a conversation never share a moment", "lastMessageAt is the time of the last message"):
        assert ask(target, RULES[rule]) == 0


def test_labels_with_quotes_spaces_unicode_and_the_longest(target: Target) -> None:
    odd = ['it\'s "so"', "żółw 🐢", "x" * 63, "back\\slash %s {}", "NULL"]
    shares = dict.fromkeys(odd, 0.2)
    config = original({**sized(1, 50), "type_distribution": shares}, {"type_distribution": shares})
    run(target, plan_of(2_000, config=config))
    for table in ("messages", "conversations"):
        assert sorted(ask(target, f"SELECT array_agg(DISTINCT type::text) FROM {table}")) == sorted(odd)


def test_labels_of_a_later_config_are_added_to_enums_of_ours(target: Target) -> None:
    run(target, plan_of(500))
    run(target, plan_of(500, config=original(messages={"type_distribution": {"TEXT": 0.5, "POLL": 0.5}})))
    assert ask(target, "SELECT count(*) * 2 FROM messages WHERE type = 'POLL'") == pytest.approx(
        ask(target, "SELECT count(*) FROM messages"), abs=2
    )


@pytest.mark.parametrize(
    ("kind", "mu", "smallest", "largest"),
    [("IMAGE", 5.5, 50, 8_000), ("VIDEO", 8.0, 500, 50_000), ("AUDIO", 6.0, 50, 10_000), ("DOCUMENT", 5.0, 10, 5_000)],
)
def test_attachments_have_the_sizes_of_the_specification(
    filled: tuple[Target, Plan], kind: str, mu: float, smallest: int, largest: int
) -> None:
    sizes = np.array(ask(filled[0], f"SELECT array_agg(size) FROM attachments WHERE type = '{kind}'")) / 1024
    # The specification's sigmas are 1.0 to 1.5: the median of n has a standard error of 1.25 * 1.5 / sqrt(n).
    assert np.log(np.median(sizes)) == pytest.approx(mu, abs=4 * 1.25 * 1.5 / np.sqrt(sizes.size))
    assert smallest <= sizes.min() < sizes.max() <= largest
