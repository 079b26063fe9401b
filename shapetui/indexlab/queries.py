"""The queries that are measured: the original's five reads and two writes, composed over the tables' roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import psycopg
from psycopg import sql

from shapetui.database.catalogue import Column, columns, enum_labels
from shapetui.database.tables import TableNames
from shapetui.indexlab.roles import LAB_TABLES, LabTables

Connection = psycopg.Connection[Any]
# Where the value of a parameter comes from: the stratum's conversation, its member, its newest messages.
Source = Literal["conversations", "users", "messages"]

# One statement writes so many rows: the cost of a row then stands out from that of the statement.
ROWS_WRITTEN: Final = 100
# As long as the median text of a chat; what it says does not matter.
_TEXT: Final = "a message of the index lab, as long as most messages are here"


@dataclass(frozen=True)
class LabQuery:
    """One statement with named parameters `%(name)s`.

    Attributes:
        parameters: where the value of each comes from.
        constants: parameters with a value of their own.
        target_ms: the p95 that the original's catalogue asks for; of a write, of one row.
        place: file and line of a query of the user's own.
    """

    id: str
    name: str
    statement: sql.Composable
    parameters: Mapping[str, Source]
    kind: Literal["read", "write"] = "read"
    target_ms: float | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""

    def shown(self) -> str:
        """The statement as people read it: parameters as `:name`."""
        text = self.statement.as_string()
        for name in (*self.parameters, *self.constants):
            text = text.replace(f"%({name})s", f":{name}")
        return " ".join(text.replace("%%", "%").split()) if not self.place else text.replace("%%", "%")


@dataclass(frozen=True)
class NotPossible:
    """A query that this database has no tables or columns for."""

    id: str
    name: str
    reason: str


_CONVERSATION: Final = sql.Placeholder("conversation")
_USER: Final = sql.Placeholder("user")


def standard_queries(
    connection: Connection, tables: LabTables = LAB_TABLES, writes: bool = True
) -> tuple[list[LabQuery], list[NotPossible]]:
    """The seven of the original, and those of them that this database cannot answer, with the reason."""
    held = {names.name: columns(connection, names.name) for names in tables.all()}
    makers = [_history, _deep_history, _list, _unread, _presence]
    possible: list[LabQuery] = []
    impossible: list[NotPossible] = []
    for make in makers:
        query, needed = make(tables)
        lacking = _lacking(needed, held)
        if lacking:
            impossible.append(NotPossible(query.id, query.name, f"the database has no {', '.join(lacking)}"))
        else:
            possible.append(query)
    for write in (_insert_messages, _insert_reads) if writes else ():
        made = write(connection, tables, held)
        (possible if isinstance(made, LabQuery) else impossible).append(made)  # type: ignore[arg-type]
    return possible, impossible


_Needed = list[tuple[TableNames, tuple[str, ...]]]


def _lacking(needed: _Needed, held: Mapping[str, Mapping[str, Column]]) -> list[str]:
    missing = []
    for names, roles in needed:
        if not held[names.name]:
            missing.append(f"table {names.name}")
        else:
            missing += [
                f"column {names.name}.{names.columns[role]}"
                for role in roles
                if names.columns[role] not in held[names.name]
            ]
    return missing


def _history(tables: LabTables, limit: int = 50) -> tuple[LabQuery, _Needed]:
    messages = tables.messages
    wanted = ("id", "content", "type", "sender", "created_at")
    statement = sql.SQL(
        "SELECT {columns} FROM {messages} WHERE {conversation} = {given} ORDER BY {created} DESC LIMIT {limit}"
    ).format(
        columns=sql.SQL(", ").join(messages[role] for role in wanted),
        messages=messages.identifier,
        conversation=messages["conversation"],
        given=_CONVERSATION,
        created=messages["created_at"],
        limit=sql.Literal(limit),
    )
    query = LabQuery(
        "Q1_message_history",
        "Message History (ORDER BY createdAt DESC LIMIT)",
        statement,
        {"conversation": "conversations"},
        target_ms=50,
    )
    return query, [(messages, (*wanted, "conversation"))]


def _deep_history(tables: LabTables) -> tuple[LabQuery, _Needed]:
    short, needed = _history(tables, 100)
    name = "Message History Deep Scroll (LIMIT 100)"
    return LabQuery("Q1b_message_history_deep", name, short.statement, short.parameters), needed


def _list(tables: LabTables) -> tuple[LabQuery, _Needed]:
    rooms, members = tables.conversations, tables.members
    wanted = ("id", "name", "type", "last_message_at", "updated_at")
    statement = sql.SQL(
        "SELECT {columns} FROM {rooms} c JOIN {members} m ON m.{conversation} = c.{id}"
        " WHERE m.{user} = {given} AND m.{active} ORDER BY c.{updated} DESC LIMIT 20"
    ).format(
        columns=sql.SQL(", ").join(sql.SQL("c.{}").format(rooms[role]) for role in wanted),
        rooms=rooms.identifier,
        members=members.identifier,
        conversation=members["conversation"],
        id=rooms["id"],
        user=members["user"],
        given=_USER,
        active=members["active"],
        updated=rooms["updated_at"],
    )
    query = LabQuery("Q3_conversation_list", "Conversation List for User", statement, {"user": "users"}, target_ms=75)
    return query, [(rooms, wanted), (members, ("conversation", "user", "active"))]


def _unread(tables: LabTables) -> tuple[LabQuery, _Needed]:
    messages, reads = tables.messages, tables.reads
    statement = sql.SQL(
        "SELECT count(*) FROM {messages} m LEFT JOIN {reads} r ON r.{message} = m.{id} AND r.{user} = {given_user}"
        " WHERE m.{conversation} = {given} AND r.{read_id} IS NULL"
    ).format(
        messages=messages.identifier,
        reads=reads.identifier,
        message=reads["message"],
        id=messages["id"],
        user=reads["user"],
        given_user=_USER,
        conversation=messages["conversation"],
        given=_CONVERSATION,
        read_id=reads["id"],
    )
    parameters: dict[str, Source] = {"user": "users", "conversation": "conversations"}
    query = LabQuery("Q4_unread_count", "Unread Message Count", statement, parameters, target_ms=30)
    return query, [(messages, ("id", "conversation")), (reads, ("id", "user", "message"))]


def _presence(tables: LabTables) -> tuple[LabQuery, _Needed]:
    members, users = tables.members, tables.users
    statement = sql.SQL(
        "SELECT m.{user}, u.{username}, u.{image} FROM {members} m JOIN {users} u ON u.{id} = m.{user}"
        " WHERE m.{conversation} = {given} AND m.{active}"
    ).format(
        user=members["user"],
        username=users["username"],
        image=users["image"],
        members=members.identifier,
        users=users.identifier,
        id=users["id"],
        conversation=members["conversation"],
        given=_CONVERSATION,
        active=members["active"],
    )
    query = LabQuery(
        "Q6_presence_lookup",
        "Conversation Member Presence",
        statement,
        {"conversation": "conversations"},
        target_ms=20,
    )
    return query, [(members, ("user", "conversation", "active")), (users, ("id", "username", "image"))]


def _insert_messages(
    connection: Connection, tables: LabTables, held: Mapping[str, Mapping[str, Column]]
) -> LabQuery | NotPossible:
    """New messages at the end of a conversation, all at once."""
    messages = tables.messages
    identity, name = "Q2_message_insert", f"Message Insert ({ROWS_WRITTEN} rows)"
    labels = enum_labels(connection, messages.name, messages.columns["type"])
    text = sql.SQL("{} || lpad(g::text, 9, '0')")
    values = {
        "content": sql.Literal(_TEXT),
        "type": sql.SQL("{}").format(sql.Literal(labels[0] if labels else "TEXT")),
        "created_at": sql.SQL("now() + g * interval '1 ms'"),
        "updated_at": sql.SQL("now()"),
        "sender": _USER,
        "conversation": _CONVERSATION,
        "idempotency_key": text.format(sql.Literal("shapetui index lab ")),
    }
    made = _insert(messages, held[messages.name], values, ("content", "created_at", "sender", "conversation"))
    if isinstance(made, str):
        return NotPossible(identity, name, made)
    statement = sql.SQL("{} FROM generate_series(1, {}) g").format(made, sql.Literal(ROWS_WRITTEN))
    parameters: dict[str, Source] = {"user": "users", "conversation": "conversations"}
    return LabQuery(identity, name, statement, parameters, kind="write", target_ms=100)


def _insert_reads(
    connection: Connection, tables: LabTables, held: Mapping[str, Mapping[str, Column]]
) -> LabQuery | NotPossible:
    """Receipts of one reader for the newest messages of a conversation, given by their ids: nothing is searched."""
    reads = tables.reads
    identity, name = "Q5_read_receipt_upsert", f"Read Receipt Upsert (up to {ROWS_WRITTEN} rows)"
    values = {
        "read_at": sql.SQL("now()"),
        "created_at": sql.SQL("now()"),
        "updated_at": sql.SQL("now()"),
        "user": _USER,
        "message": sql.SQL("m"),
    }
    made = _insert(reads, held[reads.name], values, ("read_at", "user", "message"))
    if isinstance(made, str):
        return NotPossible(identity, name, made)
    statement = sql.SQL(
        "{} FROM unnest({}::{}[]) WITH ORDINALITY t (m, g)"
        " ON CONFLICT ({user}, {message}) DO UPDATE SET {read_at} = EXCLUDED.{read_at}"
    ).format(
        made,
        sql.Placeholder("messages"),
        sql.Identifier(held[reads.name][reads.columns["message"]].type_name),
        user=reads["user"],
        message=reads["message"],
        read_at=reads["read_at"],
    )
    parameters: dict[str, Source] = {"user": "users", "messages": "messages"}
    return LabQuery(identity, name, statement, parameters, kind="write", target_ms=80)


def _insert(
    table: TableNames, held: Mapping[str, Column], values: Mapping[str, sql.Composable], needed: tuple[str, ...]
) -> sql.Composable | str:
    """`INSERT INTO … SELECT …` of the columns that the table has, or why it cannot be."""
    lacking = _lacking([(table, ("id", *needed))], {table.name: held})
    if lacking:
        return f"the database has no {', '.join(lacking)}"
    filled = {table.columns[role]: value for role, value in values.items() if table.columns[role] in held}
    number = held[table.columns["id"]]
    if number.type_name in ("text", "varchar", "bpchar"):
        # Behind every id there is, as the newest ids are.
        filled["id"] = sql.SQL("'czzzzzzzzzzzzzzz' || lpad(g::text, 9, '0')")
    elif number.type_name == "uuid":
        filled["id"] = sql.SQL("gen_random_uuid()")
    left = [name for name, column in held.items() if name not in filled and not column.may_be_left_out]
    if left:
        return f"nothing is known to write into {', '.join(f'{table.name}.{name}' for name in left)}"
    typed = (
        sql.SQL("({})::{}").format(value, sql.Identifier(held[name].type_name)) if held[name].is_enum else value
        for name, value in filled.items()
    )
    return sql.SQL("INSERT INTO {} ({}) SELECT {}").format(
        table.identifier, sql.SQL(", ").join(map(sql.Identifier, filled)), sql.SQL(", ").join(typed)
    )
