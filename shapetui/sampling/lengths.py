"""How long messages are, by type. Only lengths and counts leave the server, never a word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from psycopg import sql

from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.sampling.disclosure import MeasuredCell
from shapetui.sampling.population import Population, Statement

NAME: Final = "message lengths"
SENDERS_NAME: Final = "senders by message length"

# The original's content_length_histogram.
WIDTH: Final = 50
# The original's order statistics: name -> fraction.
RANKS: Final = {"median": 0.5, "p95": 0.95}

_QUERY: Final = sql.SQL("""
WITH by_length AS MATERIALIZED (
  SELECT {type} AS type, {length} AS length, count(*) AS n FROM {messages} WHERE {sent} GROUP BY 1, 2
), running AS MATERIALIZED (
  SELECT length, (sum(sum(n)) OVER (ORDER BY length))::int8 AS up_to, (sum(sum(n)) OVER ())::int8 AS found
  FROM by_length GROUP BY length
)
SELECT 'length' AS part, type::text AS label, width_bucket(length::float8, {edges}) - 1 AS bin,
       length / {width} AS wide, sum(n)::int8 AS n, sum(n * length)::int8 AS characters
FROM by_length GROUP BY type, bin, wide
UNION ALL
SELECT 'rank', p.name, NULL, NULL, min(length), NULL
FROM (VALUES {ranks}) AS p (name, fraction), running
WHERE up_to > floor((found - 1) * p.fraction) GROUP BY p.name
""")

# Grouped by sender first and counted then: count(DISTINCT) would sort every message.
_SENDERS: Final = sql.SQL("""
WITH pairs AS MATERIALIZED (
  SELECT {type} AS type, width_bucket({length}::float8, {edges}) - 1 AS bin, {length} / {width} AS wide,
         {sender} AS sender
  FROM {messages} WHERE {sent} AND {sender} IS NOT NULL GROUP BY 1, 2, 3, 4
)
SELECT 'type' AS part, type::text AS label, bin, NULL::int AS wide, count(*) AS senders
FROM (SELECT type, bin, sender FROM pairs GROUP BY 1, 2, 3) t GROUP BY type, bin
UNION ALL
SELECT 'type last', type::text, bin, NULL, count(*)
FROM (SELECT type, sender, max(bin) AS bin FROM pairs GROUP BY 1, 2) t GROUP BY type, bin
UNION ALL
SELECT 'all', NULL, bin, wide, count(*)
FROM (SELECT bin, wide, sender FROM pairs GROUP BY 1, 2, 3) t GROUP BY bin, wide
UNION ALL
SELECT 'all last', NULL, bin, wide, count(*)
FROM (SELECT sender, max(bin) AS bin, max(wide) AS wide FROM pairs GROUP BY 1) t GROUP BY bin, wide
""")

Atom = tuple[int, int]


@dataclass
class Lengths:
    """What the statements measured. An atom is a fixed bin and a cell of WIDTH: the integers that lie in both.

    `messages`: label -> atom -> messages. `characters`: label -> characters in all. `ranks`: median and p95.
    `senders`, `last_senders`: label -> bin -> distinct senders, and those of whom it is the last bin;
    `atom_senders`, `last_atom_senders`: the same over all labels, by atom. Empty when nothing is protected.
    """

    messages: dict[str | None, dict[Atom, int]] = field(default_factory=dict)
    characters: dict[str | None, int] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    senders: dict[str | None, dict[int, int]] = field(default_factory=dict)
    last_senders: dict[str | None, dict[int, int]] = field(default_factory=dict)
    atom_senders: dict[Atom, int] = field(default_factory=dict)
    last_atom_senders: dict[Atom, int] = field(default_factory=dict)

    def total(self, label: str | None) -> int:
        """Messages of one type."""
        return sum(self.messages[label].values())

    def entities(self, label: str | None) -> int:
        """Distinct senders of one type: each has one last bin."""
        return sum(self.last_senders.get(label, {}).values())

    def cells(self, label: str | None) -> list[MeasuredCell]:
        """The fixed bins of one type, ascending."""
        counts: dict[int, int] = {}
        for (bin_, _), n in self.messages[label].items():
            counts[bin_] = counts.get(bin_, 0) + n
        seen, last = self.senders.get(label, {}), self.last_senders.get(label, {})
        lower, upper = lower_edges(), upper_edges()
        return [
            MeasuredCell(int(lower[b]), int(upper[b]), counts[b], seen.get(b, 0), last.get(b, 0))
            for b in sorted(counts)
        ]

    def atoms(self) -> list[MeasuredCell]:
        """The atoms over all types, ascending."""
        counts: dict[Atom, int] = {}
        for atoms in self.messages.values():
            for atom, n in atoms.items():
                counts[atom] = counts.get(atom, 0) + n
        return [
            atom_cell(atom, WIDTH, counts[atom], self.atom_senders.get(atom, 0), self.last_atom_senders.get(atom, 0))
            for atom in sorted(counts)
        ]

    def without(self, folded: Collection[str | None], into: Sequence[str | None]) -> Lengths:
        """The lengths without the senders of some types, for what is published of the others.

        Their messages go to the nearest atoms of the first type of `into`, which so keeps its cells, or nowhere when
        there is none. Of the senders over all types those of the folded ones are taken off wherever these have
        messages: what is left is a lower bound of the senders of the others.
        """
        messages = {label: dict(atoms) for label, atoms in self.messages.items() if label not in folded}
        all_senders, last = dict(self.atom_senders), dict(self.last_atom_senders)
        places = {atom: _middle(atom) for label in into[:1] for atom in self.messages[label]}
        for label in folded:
            for atom, n in self.messages[label].items():
                for senders in (all_senders, last):
                    senders[atom] = max(0, senders.get(atom, 0) - self.senders.get(label, {}).get(atom[0], 0))
                if places:
                    middle = _middle(atom)
                    nearest = min(places, key=lambda place: abs(places[place] - middle))
                    messages[into[0]][nearest] += n
        return replace(self, messages=messages, atom_senders=all_senders, last_atom_senders=last)


def _middle(atom: Atom) -> float:
    cell = atom_cell(atom, WIDTH, 0, 0, 0)
    return (cell.lo + cell.hi) / 2


def atom_cell(atom: Atom, width: int, count: int, entities: int, last: int) -> MeasuredCell:
    """The integers that lie both in fixed bin `atom[0]` and in the `atom[1]`-th cell of `width`, as a cell."""
    lo = max(int(lower_edges()[atom[0]]), atom[1] * width)
    hi = min(int(upper_edges()[atom[0]]), atom[1] * width + width - 1)
    return MeasuredCell(lo, hi, count, entities, last)


def statements(population: Population, protected: bool) -> list[Statement]:
    """The query for lengths, and when cells are protected the one for the distinct senders behind them."""
    width = sql.Literal(WIDTH)
    ranks = sql.SQL(", ").join(
        sql.SQL("({}, {}::float8)").format(sql.Literal(name), sql.Literal(fraction)) for name, fraction in RANKS.items()
    )
    found = [Statement(NAME, _QUERY.format(width=width, ranks=ranks, **population.names()))]
    if protected:
        found.append(Statement(SENDERS_NAME, _SENDERS.format(width=width, **population.names())))
    return found


def read(rows: Iterable[tuple[Any, ...]], sender_rows: Iterable[tuple[Any, ...]]) -> Lengths:
    """The statements' rows in words."""
    lengths = Lengths()
    for part, label, bin_, wide, n, characters in rows:
        if part == "rank":
            lengths.ranks[label] = n
        else:
            lengths.messages.setdefault(label, {})[bin_, wide] = n
            lengths.characters[label] = lengths.characters.get(label, 0) + characters
    for part, label, bin_, wide, senders in sender_rows:
        match part:
            case "type":
                lengths.senders.setdefault(label, {})[bin_] = senders
            case "type last":
                lengths.last_senders.setdefault(label, {})[bin_] = senders
            case "all":
                lengths.atom_senders[bin_, wide] = senders
            case "all last":
                lengths.last_atom_senders[bin_, wide] = senders
    return lengths
