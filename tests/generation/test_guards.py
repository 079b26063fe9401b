"""What is refused before a row is written, what databases of others may look like, and what the server may refuse."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from shapetui.database.ddl import create_schema
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.production_memory import remember
from shapetui.database.target import Target
from shapetui.errors import DatabaseError, PlanError
from shapetui.generation.plan import Request, make_plan
from tests.generation.helpers import (
    NOW,
    ask,
    contents,
    execute,
    ledger_counts,
    original,
    plan_of,
    row_counts,
    run,
    sized,
)

USER = "INSERT INTO users (id, email, username, \"updatedAt\") VALUES ('u', 'a@b.c', 'anna', now())"


def create(target: Target) -> None:
    """The chat schema, as `init-db` makes it, but not by shapetui: without its comments."""
    with target.open() as connection:
        create_schema(connection)
        for kind, query in (
            ("TABLE", "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"),
            ("TYPE", "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"),
        ):
            for (name,) in connection.execute(query.encode()).fetchall():
                connection.execute(f'COMMENT ON {kind} "{name}" IS NULL'.encode())


def everything(target: Target) -> list[tuple[str, ...]]:
    """All relations and enum labels of a database, to see that nothing was created."""
    with target.open() as connection:
        return connection.execute(
            "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION ALL SELECT enumlabel, 'label' FROM pg_enum ORDER BY 1, 2"
        ).fetchall()


def test_rows_of_somebody_else_are_named_and_refused(target: Target) -> None:
    create(target)
    execute(target, USER)
    before = everything(target)
    with pytest.raises(DatabaseError, match="holds rows that are not all shapetui's: 1 in users") as told:
        run(target, plan_of(500))
    assert f"--replace {target.database}" in told.value.hint
    with pytest.raises(DatabaseError, match=f"--replace names chat, but this is the database {target.database}"):
        run(target, plan_of(500), replace="chat")
    assert ask(target, "SELECT username FROM users") == "anna"
    assert everything(target) == before
    run(target, plan_of(500), replace=target.database)
    assert ask(target, "SELECT count(*) FROM users WHERE username = 'anna'") == 0


def test_a_wrong_name_is_refused_even_where_nothing_would_be_replaced(target: Target) -> None:
    with pytest.raises(DatabaseError, match="--replace names other"):
        run(target, plan_of(500), replace="other")
    assert everything(target) == []


def test_a_row_added_to_ours_makes_the_table_somebody_elses(target: Target) -> None:
    run(target, plan_of(500))
    execute(target, USER)
    with pytest.raises(DatabaseError, match=r"not all shapetui's: [\d,]+ in users$"):
        run(target, plan_of(500))
    execute(target, "DELETE FROM users WHERE id = 'u'")
    run(target, plan_of(500))


@pytest.mark.parametrize("table", ["users", "messages"])
def test_as_many_rows_of_somebody_else_are_not_ours(target: Target, table: str) -> None:
    run(target, plan_of(500))
    # Replica: neither the senders nor the attachments matter here.
    for end in ("min", "max"):
        execute(
            target,
            "SET session_replication_role = replica",
            f"UPDATE {table} SET id = 'x' || id WHERE id = (SELECT {end}(id) FROM {table})",
        )
        with pytest.raises(DatabaseError, match=rf"not all shapetui's: [\d,]+ in {table}$"):
            run(target, plan_of(500))
        run(target, plan_of(500), replace=target.database)


def receipts(target: Target, table: str) -> None:
    """A table of receipts with rows, that refers to messages."""
    execute(
        target,
        f'CREATE TABLE IF NOT EXISTS {table} (id text, "messageId" text REFERENCES messages, "userId" text,'
        ' "updatedAt" timestamp)',
        f'INSERT INTO {table} (id, "messageId", "userId", "updatedAt")'
        ' SELECT id, id, "senderId", now() FROM messages LIMIT 7',
    )


@pytest.mark.parametrize("table", ["message_reads", "message_receipts"])
def test_receipts_are_rows_of_somebody_else_and_go_along_when_the_database_is_named(target: Target, table: str) -> None:
    run(target, plan_of(500))
    receipts(target, table)
    for seed in ("a", "b"):
        with pytest.raises(DatabaseError, match=f"not all shapetui's: 7 in {table}$"):
            run(target, plan_of(500, seed=seed))
    assert ask(target, f"SELECT count(*) FROM {table}") == 7
    run(target, plan_of(500, seed="b"), replace=target.database)
    assert ask(target, f"SELECT count(*) FROM {table}") == 0
    run(target, plan_of(500, seed="c"))


def test_receipts_in_another_schema_are_always_refused_by_name(target: Target) -> None:
    run(target, plan_of(500))
    execute(target, "CREATE SCHEMA theirs")
    receipts(target, "theirs.message_reads")
    for named in (None, target.database):
        with pytest.raises(DatabaseError, match=r"by foreign keys: theirs\.message_reads$"):
            run(target, plan_of(500, seed="b"), replace=named)
    assert ask(target, "SELECT count(*) FROM theirs.message_reads") == 7
    assert row_counts(target) == ledger_counts(target)
    execute(target, "DELETE FROM theirs.message_reads")
    run(target, plan_of(500, seed="b"))


def test_a_production_database_is_refused_through_any_connection_string(
    server: EmbeddedServer, target: Target, server_home: object
) -> None:
    with target.open() as connection:
        remember(connection)
    other_way = make_conninfo(server.conninfo(target.database), application_name="other")
    for way in (target, Target.parse(other_way)):
        with pytest.raises(DatabaseError, match="sampled as production"):
            run(way, plan_of(500), replace=target.database)
    assert everything(target) == []


def test_unknown_columns_that_must_be_given_are_all_listed_and_nothing_is_written(target: Target) -> None:
    run(target, plan_of(500))
    kept = contents(target)
    execute(
        target,
        "ALTER TABLE messages ADD tenant integer NOT NULL DEFAULT 1",
        "ALTER TABLE users ADD \"region code\" text NOT NULL DEFAULT 'x', ADD nick text",
        "ALTER TABLE users ADD karma integer NOT NULL DEFAULT 0",
        "ALTER TABLE users ADD number integer GENERATED ALWAYS AS IDENTITY",
    )
    kept = contents(target)
    execute(
        target,
        "ALTER TABLE messages ALTER tenant DROP DEFAULT",
        'ALTER TABLE users ALTER "region code" DROP DEFAULT',
    )
    before = everything(target)
    with pytest.raises(DatabaseError) as told:
        run(target, plan_of(500, seed="other"), replace=target.database)
    assert '"messages"."tenant" is NOT NULL' in told.value.message
    assert '"users"."region code" is NOT NULL' in told.value.message
    assert "nick" not in told.value.message
    assert "karma" not in told.value.message
    assert contents(target) == kept
    assert everything(target) == before


def test_in_a_foreign_schema_that_lacks_something_no_ledger_is_left(target: Target) -> None:
    create(target)
    execute(target, "ALTER TABLE messages ADD tenant integer NOT NULL")
    before = everything(target)
    with pytest.raises(DatabaseError, match="tenant"):
        run(target, plan_of(500))
    assert everything(target) == before


def test_some_of_the_tables_are_not_enough(target: Target) -> None:
    execute(target, "CREATE TABLE users (id text PRIMARY KEY)")
    with pytest.raises(DatabaseError, match="some of the chat tables but not attachments, conversation_users"):
        run(target, plan_of(500))


def test_a_plan_that_cannot_be_carried_out_leaves_the_rows_alone(target: Target) -> None:
    run(target, plan_of(500))
    kept = contents(target)
    crowded = original(sized(100_000, 100_000))
    crowded = crowded.model_copy(
        update={"calibration_metadata": crowded.calibration_metadata.model_copy(update={"window_seconds": 60})}
    )
    with pytest.raises(PlanError, match="does not fit into a window of 60 s"):
        run(target, make_plan(Request(config=crowded, target_messages=100_000, seed="a"), NOW))
    assert contents(target) == kept


@pytest.mark.parametrize(
    ("table", "types"), [("messages", {"TEXT": 0.5, "STICKER": 0.5}), ("attachments", {"TEXT": 0.5, "IMAGE": 0.5})]
)
def test_labels_that_an_enum_of_others_lacks_are_named(target: Target, table: str, types: dict[str, float]) -> None:
    create(target)
    execute(
        target,
        """ALTER TYPE "AttachmentType" RENAME VALUE 'IMAGE' TO 'PICTURE'""",
    )
    before = everything(target)
    lacking = {"messages": "STICKER", "attachments": "IMAGE"}[table]
    with pytest.raises(DatabaseError, match=f'"{table}": {lacking}'):
        run(target, plan_of(500, config=original(messages={"type_distribution": types})))
    assert everything(target) == before


def test_an_enum_without_tables_is_used_or_refused_by_its_labels(target: Target) -> None:
    execute(target, "CREATE TYPE \"MessageType\" AS ENUM ('POLL')")
    with pytest.raises(DatabaseError, match='"messages": AUDIO, FILE, IMAGE, TEXT, VIDEO'):
        run(target, plan_of(500))
    run(target, plan_of(500, config=original(messages={"type_distribution": {"POLL": 1.0}})))
    assert ask(target, "SELECT count(*) FROM messages WHERE type = 'POLL'") > 0


PRISMA = (
    'ALTER TABLE users ALTER id TYPE varchar(30), ALTER "createdAt" TYPE timestamptz, ALTER email TYPE varchar(255)',
    'ALTER TABLE conversations ALTER "lastMessageAt" TYPE timestamptz(6), ALTER type DROP DEFAULT',
    'ALTER TABLE conversations ALTER type TYPE text',
    'ALTER TABLE messages ADD "idempotencyKey" varchar(64) NOT NULL UNIQUE, ADD "correlationId" text NOT NULL UNIQUE',
    'CREATE INDEX ON messages ("conversationId", "createdAt" DESC)',
    'CREATE INDEX ON conversation_users ("conversationId")',
    'ALTER TABLE attachments ALTER size TYPE bigint, ALTER type TYPE varchar(20)',
    'CREATE TABLE posts (id text PRIMARY KEY, "authorId" varchar(30) REFERENCES users ON DELETE CASCADE)',
)  # fmt: skip


def test_a_schema_of_others_with_its_own_types_indexes_and_neighbours(target: Target) -> None:
    create(target)
    execute(target, *PRISMA)
    # The sessions of others may live in any time zone.
    execute(target, f"ALTER DATABASE {target.database} SET timezone = 'Asia/Kolkata'")
    run(target, plan_of())
    assert ask(target, """SELECT count(*) FROM conversations c WHERE "lastMessageAt" IS DISTINCT FROM
        (SELECT max("createdAt") AT TIME ZONE 'UTC' FROM messages WHERE "conversationId" = c.id)""") == 0  # fmt: skip
    assert ask(target, 'SELECT count(*) - count(DISTINCT "idempotencyKey") FROM messages') == 0
    # Ours go without asking, though the neighbour refers to them: it is empty.
    run(target, plan_of(seed="b"))
    assert row_counts(target) == ledger_counts(target)
    execute(target, "INSERT INTO posts SELECT 'p', min(id) FROM users")
    with pytest.raises(DatabaseError, match="tables with rows refer to the chat tables by foreign keys: posts"):
        run(target, plan_of(seed="c"))
    assert ask(target, "SELECT count(*) FROM posts") == 1
    assert row_counts(target) == ledger_counts(target)


def test_rows_of_a_table_that_only_has_the_name_of_a_dependent_one_stay(target: Target) -> None:
    run(target, plan_of(500))
    execute(target, "CREATE TABLE message_receipts (id integer)", "INSERT INTO message_receipts VALUES (1)")
    run(target, plan_of(500))
    assert ask(target, "SELECT count(*) FROM message_receipts") == 1


def test_triggers_of_others_fire_for_every_row_and_foreign_keys_stay_checked(target: Target) -> None:
    create(target)
    execute(
        target,
        "CREATE TABLE seen (id text, role text)",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO seen VALUES (NEW.id, current_setting('session_replication_role')); RETURN NEW; END $$",
        "CREATE TRIGGER noted AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note()",
    )
    run(target, plan_of())
    assert ask(target, "SELECT count(*) - (SELECT count(*) FROM messages) FROM seen") == 0
    assert ask(target, "SELECT array_agg(DISTINCT role) FROM seen") == ["origin"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('ALTER TABLE conversations ALTER name SET NOT NULL', "name"),
        ("ALTER TABLE messages ADD CHECK (length(content) < 10)", "messages_content_check"),
        ("ALTER TABLE messages ALTER id TYPE varchar(10)", "too long"),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_told_in_its_words(target: Target, change: str, said: str) -> None:
    create(target)
    execute(target, change)
    with pytest.raises(DatabaseError, match="the server refuses") as told:
        run(target, plan_of(500))
    assert said in told.value.message
    assert told.value.exit_code == 3
    assert row_counts(target) == ledger_counts(target)


def test_columns_of_a_type_that_cannot_be_filled_are_named(target: Target) -> None:
    create(target)
    execute(target, 'ALTER TABLE attachments ALTER "size" TYPE numeric, ALTER url TYPE bytea USING NULL')
    with pytest.raises(DatabaseError) as told:
        run(target, plan_of(500))
    assert '"attachments"."size" has the type numeric' in told.value.message
    assert '"attachments"."url" has the type bytea' in told.value.message


def test_a_statement_timeout_of_the_role_is_no_bug(target: Target) -> None:
    run(target, plan_of(500))
    execute(target, f"ALTER DATABASE {target.database} SET statement_timeout = '1ms'")
    try:
        with pytest.raises(DatabaseError, match="the server cancelled a statement"):
            run(target, plan_of(100_000))
    finally:
        execute(target, "SET statement_timeout = 0", f"ALTER DATABASE {target.database} RESET statement_timeout")


def test_a_read_only_database_is_told(target: Target) -> None:
    execute(target, f"ALTER DATABASE {target.database} SET default_transaction_read_only = on")
    with pytest.raises(DatabaseError, match=f"read-only transaction; no row of {target.label} was written or removed"):
        run(target, plan_of(500))


@pytest.fixture
def role(server: EmbeddedServer, target: Target) -> Iterator[str]:
    """A connection string of a role that may do little."""
    name = f"{target.database}_role"
    execute(target, f"CREATE ROLE {name} LOGIN")
    yield make_conninfo(server.conninfo(target.database), user=name)
    with psycopg.connect(server.conninfo(target.database), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}".encode())


def test_a_role_without_the_right_to_create_is_told(target: Target, role: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied for schema public"):
        run(Target.parse(role), plan_of(500))


def test_a_role_that_may_create_fills_the_same_rows_with_foreign_keys_checked(
    server: EmbeddedServer, target: Target, role: str
) -> None:
    execute(target, f"GRANT CREATE ON SCHEMA public TO {target.database}_role")
    theirs = run(Target.parse(role), plan_of())
    rows = contents(target)
    # Foreign keys that are checked lock the rows that they find: the marks of it stay in the tuples.
    assert ask(target, "SELECT count(*) FROM users WHERE xmax::text <> '0'") > 0
    run(Target.parse(role), plan_of(seed="b"))
    ours = run(target, plan_of())
    assert (ours.digests, contents(target)) == (theirs.digests, rows)
    assert ask(target, "SELECT count(*) FROM users WHERE xmax::text <> '0'") == 0


def test_a_role_that_may_only_fill_tables_of_another(target: Target, role: str) -> None:
    run(target, plan_of(500))
    name = f"{target.database}_role"
    execute(target, f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO {name}")
    execute(target, f"GRANT CREATE ON SCHEMA public TO {name}")
    run(Target.parse(role), plan_of(500, seed="b"))
    assert row_counts(target) == ledger_counts(target)


def test_production_is_recognised_whether_or_not_a_role_may_read_the_identifier(
    server: EmbeddedServer, target: Target, role: str
) -> None:
    execute(target, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    try:
        with Target.parse(role).open() as connection:
            remember(connection)
        for way in (target, Target.parse(role)):
            with pytest.raises(DatabaseError, match="sampled as production"):
                run(way, plan_of(500))
        other = f"{target.database}_other"
        server.ensure_database(other)
        with Target.parse(f"embedded:{other}").open() as connection:
            remember(connection)
        with pytest.raises(DatabaseError, match="sampled as production"):
            run(Target.parse(make_conninfo(role, dbname=other)), plan_of(500))
    finally:
        execute(target, "GRANT EXECUTE ON FUNCTION pg_control_system() TO public")


def test_tables_in_another_schema_are_found_by_the_search_path(server: EmbeddedServer, target: Target) -> None:
    usual = run(target, plan_of())
    rows = contents(target)
    execute(target, 'CREATE SCHEMA "The Chat"')
    url = make_conninfo(server.conninfo(target.database), options='-csearch_path="The\\ Chat",public')
    there = Target.parse(url)
    assert run(there, plan_of(seed="b")).digests != usual.digests
    assert contents(target) == rows
    assert row_counts(there) == ledger_counts(there)
    assert ask(there, "SELECT count(DISTINCT relnamespace) FROM pg_class WHERE relname = 'messages'") == 2
    assert ask(
        there, "SELECT count(*) FROM pg_constraint WHERE conname = 'conversation_users_userId_conversationId_key'"
    ) == 2  # fmt: skip
    assert run(there, plan_of()).digests == usual.digests
    assert contents(there) == rows
