"""Which conversations and which members of them are measured: those that stand at fixed ranks by number of messages.

The choice is by counts and, where they are equal, by time and id, so two measurements of a database choose the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from shapetui.database.catalogue import server_identity
from shapetui.documents.baseline import STRATA, Chosen, StratumName
from shapetui.errors import DatabaseError
from shapetui.indexlab.queries import ROWS_WRITTEN, Source
from shapetui.indexlab.roles import LAB_TABLES, LabTables

Connection = psycopg.Connection[Any]

# Fraction 0..1 of the conversations that have fewer messages, by rank floor((n-1)p) as everywhere in shapetui; and of
# the users that are in fewer conversations.
QUANTILES: Final[Mapping[StratumName, float]] = {"hottest": 1.0, "p99": 0.99, "median": 0.5, "cold": 0.0}

# Of all conversations with as many messages as the one at the rank, and of all their members, the pair is taken whose
# member comes nearest to the user at that rank. What is left to choose is the conversation that is silent for longest.
_CHOICE: Final = sql.SQL("""
WITH asked AS (SELECT * FROM unnest(%(names)s::text[], %(quantiles)s::float8[]) q (name, p)),
pairs AS MATERIALIZED (SELECT {member_conversation} AS conversation, {user} AS id FROM {members} WHERE {active}),
activity AS MATERIALIZED (SELECT id, count(*) AS n FROM pairs GROUP BY 1),
sizes AS MATERIALIZED (
  SELECT {conversation} AS id, count(*) AS n, max({created}) AS last FROM {messages}
  WHERE {conversation} IN (SELECT conversation FROM pairs) GROUP BY 1
),
room_ranks AS (SELECT n, row_number() OVER (ORDER BY n) - 1 AS rank, count(*) OVER () AS total FROM sizes),
user_ranks AS (SELECT n, row_number() OVER (ORDER BY n) - 1 AS rank, count(*) OVER () AS total FROM activity),
wanted AS MATERIALIZED (
  SELECT a.name, r.n AS messages, u.n AS conversations
  FROM asked a
  JOIN room_ranks r ON r.rank = floor((r.total - 1) * a.p)
  JOIN user_ranks u ON u.rank = floor((u.total - 1) * a.p)
)
SELECT DISTINCT ON (w.name) w.name, s.id, s.n, p.id, a.n
FROM wanted w JOIN sizes s ON s.n = w.messages JOIN pairs p ON p.conversation = s.id JOIN activity a ON a.id = p.id
ORDER BY w.name, abs(ln(a.n) - ln(w.conversations)), s.last, s.id, p.id
""")
_MEMBERS: Final = sql.SQL("SELECT count(*) FROM {members} WHERE {conversation} = %(conversation)s AND {active}")
_NEWEST: Final = sql.SQL(
    "SELECT {id} FROM {messages} WHERE {conversation} = %(conversation)s ORDER BY {created} DESC, {id} LIMIT {limit}"
)


@dataclass(frozen=True)
class Stratum:
    """One conversation and one member of it, with what may be said of them."""

    name: StratumName
    conversation: Any
    user: Any
    messages: tuple[Any, ...]
    chosen: Chosen

    def value(self, source: Source) -> Any:
        """What a parameter with this source is given."""
        values: dict[Source, Any] = {
            "conversations": self.conversation,
            "users": self.user,
            "messages": list(self.messages),
        }
        return values[source]


def choose(connection: Connection, tables: LabTables = LAB_TABLES) -> list[Stratum]:
    """The strata of a database, the hottest first. Raises DatabaseError where no message or no member is."""
    members, messages = tables.members, tables.messages
    names = {
        "conversation": messages["conversation"],
        "created": messages["created_at"],
        "messages": messages.identifier,
        "id": messages["id"],
        "member_conversation": members["conversation"],
        "members": members.identifier,
        "user": members["user"],
        "active": members["active"],
        "limit": sql.Literal(ROWS_WRITTEN),
    }
    asked = {"names": list(QUANTILES), "quantiles": list(QUANTILES.values())}
    rows = connection.execute(_CHOICE.format(**names), asked).fetchall()
    found = {name: chosen for name, *chosen in rows}
    if not found:
        raise DatabaseError(
            "the database has no conversation with a message and an active member: there is nothing to measure",
            "fill it first: shapetui generate",
        )
    key = hashlib.sha256(repr(server_identity(connection)).encode()).digest()
    strata = []
    for stratum in STRATA:
        conversation, size, user, conversations = found[stratum]
        given = {"conversation": conversation}
        count = connection.execute(_MEMBERS.format(**{**names, "conversation": members["conversation"]}), given)
        row = count.fetchone()
        newest = connection.execute(_NEWEST.format(**names), given).fetchall()
        digest = hashlib.blake2b(f"{conversation}\x1f{user}".encode(), key=key, digest_size=8).hexdigest()
        chosen = Chosen(
            messages=size, members=row[0] if row else 0, conversations_of_member=conversations, digest=digest
        )
        strata.append(Stratum(stratum, conversation, user, tuple(row[0] for row in newest), chosen))
    return strata
