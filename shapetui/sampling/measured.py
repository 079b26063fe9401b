"""Everything that the statements of one sample found, before disclosure control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapetui.documents.shape import Physical
from shapetui.sampling import hours, lengths, people, physical, sizes
from shapetui.sampling.integrity import Integrity
from shapetui.sampling.lengths import Atom, Lengths
from shapetui.sampling.people import People
from shapetui.sampling.population import Population, Statement
from shapetui.sampling.sizes import Sizes


@dataclass(frozen=True)
class Measured:
    """`hours`: messages, distinct senders and last senders per hour of the week."""

    sizes: Sizes
    lengths: Lengths
    hours: tuple[list[int], list[int], list[int]]
    members: dict[str | None, dict[Atom, int]]
    people: People
    physical: Physical | None


def statements(
    population: Population, protected: bool, *, judged_only: bool, integrity: Integrity | None = None
) -> list[Statement]:
    """Every statement of a sample, in the order in which they run; `judged_only` without those about people.

    `integrity`: what is counted of it, too.
    """
    return [
        sizes.statement(population, integrity),
        *lengths.statements(population, protected),
        hours.statement(population, protected),
        *([] if judged_only else people.statements(population)),
        *physical.statements(population),
    ]


def read(population: Population, found: Mapping[str, list[tuple[Any, ...]]]) -> Measured:
    """The rows of the statements, by their names, in words."""
    heap = population.heap
    return Measured(
        sizes=sizes.read(found[sizes.NAME]),
        lengths=lengths.read(found[lengths.NAME], found.get(lengths.SENDERS_NAME, [])),
        hours=hours.read(found[hours.NAME]),
        members=people.read_members(found.get(people.MEMBERS_NAME, [])),
        people=people.read(found.get(people.NAME, [])),
        physical=physical.read(heap, found[physical.NAME]) if heap is not None else None,
    )
