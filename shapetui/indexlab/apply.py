"""Builds the indexes of a file, one after the other, and takes back what was built."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from shapetui.documents.applied import AppliedIndex
from shapetui.errors import Cancelled, DatabaseError
from shapetui.indexlab import made
from shapetui.indexlab.building import Opens, build, drop, dropped_soon
from shapetui.indexlab.ddl import IndexDefinition
from shapetui.indexlab.described import Described, existing, found, probed
from shapetui.indexlab.redundancy import notes, overlaps, shared_beginnings
from shapetui.progress import Watch

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Planned:
    """An index to be built, what it means, and what is said about it before."""

    definition: IndexDefinition
    described: Described
    about: AppliedIndex


def plan(connection: Connection, definitions: Sequence[IndexDefinition]) -> list[Planned]:
    """What building would do, with the indexes that make one superfluous. Writes nothing.

    Raises DatabaseError for a statement that the server refuses, or a name that another index has already.
    """
    planned: list[Planned] = []
    for definition, described in zip(definitions, probed(connection, definitions), strict=True):
        there = found(connection, definition.name)
        noted = {one.name for one in made.everything(connection)}
        if there is not None and there.valid and not (there.table == described.table and there.same_as(described)):
            raise DatabaseError(
                f"{definition.place}: there is another index of the name {definition.name}: {there.definition}",
                "rename the new one" + (", or take the old one back: --rollback" if there.name in noted else ""),
            )
        others = [*existing(connection, described.table), *(earlier.described for earlier in planned)]
        about = AppliedIndex(
            name=definition.name,
            table=described.table,
            definition=described.definition,
            outcome="present" if there is not None and there.valid else "built",
            overlaps=overlaps(described, others),
            notes=[*notes(connection, described), *shared_beginnings(described, others)],
        )
        planned.append(Planned(definition, described, about))
    return planned


def apply(connection: Connection, planned: Sequence[Planned], opens: Opens, watch: Watch) -> list[AppliedIndex]:
    """Builds what is missing; the connection is in autocommit, `opens` opens another one to the same database.

    One that fails is dropped and reported, and the next one built. Raises Cancelled, which says what stays.
    """
    done: list[AppliedIndex] = []
    for number, one in enumerate(planned):
        mended = mend(connection, one)
        # Before the first cancellation can be seen: what is said must be true of every index.
        if watch.cancelled:
            raise _cancelled(done)
        watch.report("indexes", number, len(planned), one.definition.name)
        done.append(_one(connection, one, mended, opens, watch, done))
    watch.report("indexes", len(planned), len(planned), "done")
    return done


def mend(connection: Connection, one: Planned) -> str | None:
    """Puts right what an interrupted run left of an index; returns what it was."""
    name = one.definition.name
    there = found(connection, name)
    noted = next((entry for entry in made.everything(connection) if entry.name == name), None)
    if there is not None and not there.valid:
        drop(connection, name)
        whose = (
            "an earlier run was interrupted while it built this index" if noted else "there was an index of this name"
        )
        return f"{whose}: it was invalid and has been dropped"
    if there is not None and noted is not None and not noted.finished:
        made.finish(connection, name, there.definition)
        return "an earlier run was interrupted while it built this index: the server has finished it since"
    if there is None and noted is not None:
        made.forget(connection, name)
        return "an earlier run noted this index, and it is not there" if noted.finished else None
    return None


def _one(
    connection: Connection,
    one: Planned,
    mended: str | None,
    opens: Opens,
    watch: Watch,
    done: Sequence[AppliedIndex],
) -> AppliedIndex:
    name = one.definition.name
    about = one.about.model_copy(update={"mended": mended})
    there = found(connection, name)
    if there is not None:
        return about.model_copy(update={"outcome": "present", "bytes": there.bytes})
    made.begin(connection, name, one.described.table)
    begun = time.perf_counter()
    try:
        build(connection, one.definition, opens, watch)
    except Cancelled:
        raise _cancelled(done, _clean(connection, name)) from None
    except psycopg.Error as error:
        if connection.closed or connection.broken:
            raise
        left = _clean(connection, name)
        if watch.cancelled:
            raise _cancelled(done, left) from None
        said = " ".join((error.diag.message_primary or type(error).__name__).split())
        reason = f"{said}; {left}"
        return about.model_copy(update={"outcome": "failed", "reason": reason, "seconds": _since(begun)})
    seconds = _since(begun)
    there = found(connection, name)
    if there is None or not there.valid:
        reason = f"it was invalid when it was built; {_clean(connection, name)}"
        return about.model_copy(update={"outcome": "failed", "reason": reason, "seconds": seconds})
    made.finish(connection, name, there.definition)
    return about.model_copy(
        update={"outcome": "built", "seconds": seconds, "bytes": there.bytes, "definition": there.definition}
    )


def _clean(connection: Connection, name: str) -> str:
    """Drops what is left of an index that was not finished; says what became of it."""
    if not dropped_soon(connection, name):
        return f"the invalid {name} is still there, because another transaction holds it: the next run drops it"
    made.forget(connection, name)
    return f"what was built of {name} has been dropped"


def _since(begun: float) -> float:
    return round(time.perf_counter() - begun, 3)


def _cancelled(done: Sequence[AppliedIndex], left: str = "") -> Cancelled:
    built = ", ".join(one.name for one in done if one.outcome == "built")
    parts = [
        left,
        f"built before and kept: {built} (--rollback drops them)" if built else "no index was made",
    ]
    return Cancelled("cancelled; " + "; ".join(filter(None, parts)))


def rollback(connection: Connection, watch: Watch) -> list[AppliedIndex]:
    """Drops every index that was made here, the newest first; one that is no longer what was made is kept.

    The connection is in autocommit. Raises Cancelled between two indexes, psycopg.Error.
    """
    noted = made.everything(connection)
    done: list[AppliedIndex] = []
    for number, one in enumerate(reversed(noted)):
        watch.check()
        watch.report("drop indexes", number, len(noted), one.name)
        there = found(connection, one.name)
        about = AppliedIndex(name=one.name, table=one.table, definition=one.definition, outcome="gone")
        if there is not None:
            about = about.model_copy(update={"definition": there.definition, "bytes": there.bytes})
            ours = there.table == one.table and (not one.finished or there.definition == one.definition)
            if ours and not there.constraint:
                begun = time.perf_counter()
                with watch.over(connection):
                    drop(connection, one.name)
                about = about.model_copy(update={"outcome": "dropped", "seconds": _since(begun)})
            else:
                reason = f"it is not the index that was made: {one.definition}"
                about = about.model_copy(update={"outcome": "kept", "reason": reason})
        made.forget(connection, one.name)
        done.append(about)
    return done


def only(planned: Sequence[Planned], names: Sequence[str]) -> list[Planned]:
    """Those of some names. Raises DatabaseError for a name that is not among them."""
    known = {one.definition.name: one for one in planned}
    for name in names:
        if name not in known:
            raise DatabaseError(f"there is no index {name} among {', '.join(known)}", "mend the name")
    return [replace(known[name]) for name in names]
