"""What the catalogue says of tables of any making."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo

from shapetui.database.catalogue import Column, columns, enum_labels, enum_type, has_own_triggers, server_identity
from shapetui.database.ddl import create_schema
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from tests.generation.helpers import execute


def test_columns_say_what_may_be_left_out(target: Target) -> None:
    execute(
        target,
        "CREATE TYPE mood AS ENUM ('b', 'a')",
        "CREATE TABLE t (needed text NOT NULL, given text NOT NULL DEFAULT 'x', free text, gone text, m mood NOT NULL,"
        " i integer GENERATED ALWAYS AS IDENTITY, g integer NOT NULL GENERATED ALWAYS AS (1) STORED)",
        "ALTER TABLE t DROP gone",
    )
    with target.open() as connection:
        found = columns(connection, "t")
        assert list(found) == ["needed", "given", "free", "m", "i", "g"]
        assert [name for name, column in found.items() if not column.may_be_left_out] == ["needed", "m"]
        assert found["m"] == Column("m", "mood", True, False)
        assert enum_labels(connection, "t", "m") == ["b", "a"]
        assert enum_type(connection, "t", "m") == "mood"
        assert enum_type(connection, "t", "free") is None
        assert enum_labels(connection, "t", "free") is None
        assert enum_type(connection, "t", "gone") is None
        assert columns(connection, "nowhere") == {}


def test_only_the_current_schema_counts_whatever_its_name(target: Target) -> None:
    execute(target, "CREATE TABLE t (a text)", 'CREATE SCHEMA "Ünï ""x"', 'CREATE TABLE "Ünï ""x".t (b text)')
    with target.open() as connection:
        assert list(columns(connection, "t")) == ["a"]
        connection.execute('SET search_path = "Ünï ""x", public')
        assert list(columns(connection, "t")) == ["b"]
        connection.execute("SET search_path = nowhere")
        assert columns(connection, "t") == {}


def test_triggers_of_foreign_keys_are_nobodys_own(target: Target) -> None:
    with target.open() as connection:
        create_schema(connection)
        assert not has_own_triggers(connection, "messages")
        connection.execute(
            "CREATE TRIGGER t BEFORE UPDATE ON messages FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
        assert has_own_triggers(connection, "messages")
        assert not has_own_triggers(connection, "users")


def test_one_database_has_one_identity_through_any_connection(server: EmbeddedServer, target: Target) -> None:
    other = Target.parse(make_conninfo(server.conninfo(target.database), application_name="x"))
    with target.open() as here, other.open() as there, another_database(server).open() as elsewhere:
        assert server_identity(here) == server_identity(there)
        assert not set(server_identity(here)) & set(server_identity(elsewhere))


def another_database(server: EmbeddedServer) -> Target:
    """Another database of the same server."""
    return Target.parse(server.conninfo("postgres"))
