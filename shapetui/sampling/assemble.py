"""From what was measured to the shape that may leave: every histogram, hour and label passes disclosure control here.

Exact by design, and not protected, are totals (of a block, of a type, of the messages in a type's conversations),
means, the correlation and the share of the largest 1 %. Size percentiles are exact but for those that fewer than k
conversations reach; the other order statistics and the shares over a limit are read off the published cells.

A histogram that is published counts all of the total beside it, or all but k or more, so that no difference shows
fewer: histograms over all types are the union of those of the types, and conversations or people of whom something is
unknown are counted at zero or in the largest cell. The exception is a type OTHER that fewer than k senders wrote: its
number of messages is known, and by the means over all types and of the others its mean length, but nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.distributions.discrete import mixture, smooth
from shapetui.distributions.histogram import Histogram, merged
from shapetui.documents.labels import Cell, labelled
from shapetui.documents.shape import (
    PERCENTILES,
    ContentLengthStats,
    Conversations,
    ConversationType,
    Messages,
    MessageType,
    SizePercentiles,
    Users,
)
from shapetui.sampling import lengths as length
from shapetui.sampling import people as people_
from shapetui.sampling.disclosure import Ledger, MeasuredCell, merge_small, overlaid, pooled, wide_cells
from shapetui.sampling.lengths import Atom, Lengths, atom_cell
from shapetui.sampling.measured import Measured
from shapetui.sampling.people import PROFILE_KEYS, People
from shapetui.sampling.sizes import Sizes
from shapetui.sampling.type_labels import published_labels

# Below this many a correlation says little, and each conversation much of it.
_CORRELATED_LEAST = 50


def entity_cells(bins: Mapping[int, int]) -> list[MeasuredCell]:
    """Fixed bin -> entities, as measured cells in which rows are entities."""
    lower, upper = lower_edges(), upper_edges()
    return [MeasuredCell.of_entities(int(lower[b]), int(upper[b]), n) for b, n in sorted(bins.items())]


def union_of(parts: Sequence[Sequence[Cell]]) -> list[Cell]:
    """The cells of all types together, on edges that all of them share."""
    return merged([Histogram.of_cells(list(cells)) for cells in parts]).cells()


def _by_label(labels: Mapping[str | None, str]) -> dict[str, list[str | None]]:
    """Published label -> the measured labels in it."""
    found: dict[str, list[str | None]] = {}
    for label, name in labels.items():
        found.setdefault(name, []).append(label)
    return found


def conversations_block(measured: Measured, from_enum: bool, ledger: Ledger) -> Conversations:
    """The conversations; the protected entities are conversations throughout."""
    sizes, k, members = measured.sizes, ledger.min_cell_count, _members(measured)
    rooms = {label: sum(bins.values()) for label, bins in sizes.rooms.items()}
    labels = published_labels(rooms, rooms, from_enum=from_enum, disjoint=True, ledger=ledger)
    by_type: dict[str, ConversationType] = {}
    parts: list[list[Cell]] = []
    for name, raw in _by_label(labels).items():
        cells = ledger.protect(
            f"messages_per_conversation.{name}", overlaid([entity_cells(sizes.rooms[label]) for label in raw])
        )
        seats = overlaid([entity_cells(_bins(members.get(label, {}))) for label in raw])
        parts.append(cells)
        by_type[name] = ConversationType(
            total_count=sum(rooms[label] for label in raw),
            message_count=sum(sizes.messages[label] for label in raw),
            messages_per_conversation_cells=labelled(cells),
            member_count_cells=labelled(ledger.protect(f"member_count.{name}", seats)),
        )
    by_type = dict(sorted(by_type.items(), key=lambda item: -item[1].total_count))
    cells, total = union_of(parts), sum(rooms.values())
    return Conversations(
        total_count=total,
        type_distribution={name: part.total_count for name, part in by_type.items()},
        member_count_histogram=labelled(_member_histogram(members, by_type, k)),
        messages_per_conversation_percentiles=_percentiles(sizes, cells, ledger),
        messages_per_conversation_mean=sum(sizes.messages.values()) / total if total else None,
        messages_per_conversation_cells=labelled(cells),
        by_type=by_type,
        lifetime_seconds_cells=labelled(ledger.protect("lifetime_seconds", entity_cells(sizes.lifetimes))),
        size_lifetime_correlation=_correlation(sizes),
        top_1_percent_share=_top_share(sizes, k),
        share_over_1k=_share_over(sizes, cells, 1000, k),
        share_over_10k=_share_over(sizes, cells, 10_000, k),
        physical=measured.physical if total >= k else None,
    )


def _members(measured: Measured) -> dict[str | None, dict[Atom, int]]:
    """Members per conversation; one that has messages but no row in the conversations table counts with none."""
    if not measured.members:
        return {}  # nobody asked for them
    found = {label: dict(atoms) for label, atoms in measured.members.items()}
    for label, bins in measured.sizes.rooms.items():
        own = found.setdefault(label, {})
        if unknown := sum(bins.values()) - sum(own.values()):
            own[0, 0] = own.get((0, 0), 0) + unknown
    return found


def _bins(atoms: Mapping[Atom, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for (bin_, _), n in atoms.items():
        found[bin_] = found.get(bin_, 0) + n
    return found


def _member_histogram(
    members: Mapping[str | None, Mapping[Atom, int]], by_type: Mapping[str, ConversationType], k: int
) -> list[Cell]:
    """The original's cells of five members, beside the finer ones of the types."""
    counts: dict[Atom, int] = {}
    for atoms in members.values():
        for atom, n in atoms.items():
            counts[atom] = counts.get(atom, 0) + n
    published = union_of([_cells_of(part.member_count_cells) for part in by_type.values()])
    atoms_ = [atom_cell(atom, people_.WIDTH, n, n, n) for atom, n in sorted(counts.items())]
    return wide_cells(atoms_, published, people_.WIDTH, k)


def _cells_of(cells: Mapping[str, int]) -> list[Cell]:
    """Labelled cells of our own making, both ends inside (`labels.cells_of` must guess that for foreign files)."""
    ends = [(label.partition("-"), count) for label, count in cells.items()]
    return [(int(lo), int(hi or lo), count) for (lo, _, hi), count in ends]


def _percentiles(sizes: Sizes, cells: Sequence[Cell], ledger: Ledger) -> SizePercentiles:
    """Percentiles and maximum; one with fewer than k conversations at or above it becomes its cell's upper edge."""
    k = ledger.min_cell_count
    if not sizes.ranks or not cells:
        return SizePercentiles()
    if k == 1:
        return SizePercentiles(**{name: value for name, (value, _) in sizes.ranks.items()})
    published = {}
    for name in (*PERCENTILES, "max"):
        value, at_least = sizes.ranks[name]
        if name == "max" or at_least < k:
            ledger.top_coded.append(name)
            value = next(hi for lo, hi, _ in cells if lo <= value <= hi)
        published[name] = value
    return SizePercentiles(**published)


def _correlation(sizes: Sizes) -> float | None:
    count, value = sizes.correlation
    if count < _CORRELATED_LEAST or value is None or math.isnan(value):
        return None
    return round(max(-1.0, min(1.0, value)), 2)


def _top_share(sizes: Sizes, k: int) -> float | None:
    rooms, messages = sizes.top
    total = sum(sizes.messages.values())
    return round(messages / total, 4) if total and rooms >= k else None


def _share_over(sizes: Sizes, cells: Sequence[Cell], limit: int, k: int) -> float | None:
    """Share of the conversations with more messages than the limit; only what the published cells say if protected."""
    if k == 1:
        return sizes.over.get(limit, 0) / sizes.total if sizes.total else None
    return round(1.0 - float(smooth(Histogram.of_cells(list(cells))).cdf(limit)), 4) if cells else None


def messages_block(measured: Measured, from_enum: bool, ledger: Ledger) -> Messages:
    """The messages; the protected entities are their distinct senders."""
    found, k = measured.lengths, ledger.min_cell_count
    rows = {label: found.total(label) for label in found.messages}
    total, people = sum(rows.values()), sum(measured.people.senders.values())
    seen = {label: found.entities(label) for label in rows}
    labels = published_labels(rows, seen, from_enum=from_enum, disjoint=False, ledger=ledger)
    groups = _by_label(labels)
    own = {name: [label for label in raw if k == 1 or seen[label] >= k] for name, raw in groups.items()}
    for name, raw in groups.items():
        if folded := [label for label in raw if label not in own[name]]:
            found = found.without(folded, into=own[name])
    by_type: dict[str, MessageType] = {}
    parts: list[list[Cell]] = []
    for name, raw in groups.items():
        cells = ledger.protect(f"content_length.{name}", overlaid([found.cells(label) for label in own[name]]))
        count = sum(rows[label] for label in raw)
        parts.append(cells)
        by_type[name] = MessageType(
            total_count=count,
            content_length_mean=_mean(sum(found.characters[label] for label in raw), count, k) if own[name] else None,
            content_length_cells=labelled(cells),
        )
    by_type = dict(sorted(by_type.items(), key=lambda item: -item[1].total_count))
    cells = union_of(parts)
    week = _week(measured.hours, ledger)
    shown = total > 0 and (k == 1 or people >= k)
    mean = _mean(sum(found.characters.values()), total, k) if shown else None
    ranks = found.ranks if k == 1 else _ranks(parts)
    silent = max(0, measured.people.total - people)
    senders = {**measured.people.senders, **({0: silent} if silent else {})}
    return Messages(
        total_count=total,
        content_length_histogram=labelled(wide_cells(found.atoms(), cells, length.WIDTH, k)),
        content_length_stats=_stats(found, total, ranks) if shown else ContentLengthStats(),
        type_distribution={name: part.total_count for name, part in by_type.items()},
        hourly_distribution=[sum(week[hour::24]) for hour in range(24)],
        day_of_week_distribution=[sum(week[day * 24 : day * 24 + 24]) for day in range(7)],
        content_length_mean=mean,
        content_length_median=ranks.get("median") if shown else None,
        content_length_cells=labelled(cells),
        by_type=by_type,
        hour_of_week=week,
        messages_per_sender_cells=labelled(ledger.protect("messages_per_sender", entity_cells(senders))),
    )


def _mean(characters: int, messages: int, k: int) -> float:
    """Characters per message; exact without protection."""
    return characters / messages if k == 1 else round(characters / messages, 2)


def _ranks(parts: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Median and p95 of the published lengths, at the rank of `sorted[floor((n - 1) p)]`; nothing without cells.

    Of the cells of the types: those over all types are as coarse as the rarest type makes them (in a simulated chat of
    20,000 messages two thirds of them are in one cell, and a median read off it is 37 % too high).
    """
    known = [
        (float(sum(count for *_, count in cells)), smooth(Histogram.of_cells(list(cells)))) for cells in parts if cells
    ]
    if not known:
        return {}
    law, n = mixture(known), round(sum(weight for weight, _ in known))
    return {
        name: int(law.quantile((math.floor((n - 1) * fraction) + 1) / n)) for name, fraction in length.RANKS.items()
    }


def _stats(found: Lengths, total: int, ranks: Mapping[str, int]) -> ContentLengthStats:
    """The mean as a whole number, halves upwards, as the original rounded it."""
    mean = sum(found.characters.values()) / total
    return ContentLengthStats(mean=math.floor(mean + 0.5), median=ranks.get("median"), p95=ranks.get("p95"))


def _week(hours: tuple[list[int], list[int], list[int]], ledger: Ledger) -> list[int]:
    messages, senders, last = hours
    if ledger.min_cell_count == 1:
        return messages
    values, changed = pooled(messages, senders, ledger.min_cell_count, last)
    if changed:
        ledger.merged_cells["hour_of_week"] = changed
    return values


def users_block(people: People, ledger: Ledger) -> Users:
    """The people; the protected entities are they themselves."""
    width, k = people_.WIDTH, ledger.min_cell_count
    names = [
        MeasuredCell.of_entities(cell * width, cell * width + width - 1, n)
        for cell, n in sorted(_with_unknown(people.usernames, people.total, k).items())
    ]
    return Users(
        total_count=people.total,
        username_length_histogram=labelled(ledger.protect("username_length", names)),
        profile_completeness_bins=_profiles(_with_unknown(people.profiles, people.total, k), ledger),
    )


def _with_unknown(counts: Mapping[int, int], total: int, k: int) -> Mapping[int, int]:
    """Users by cell, with the people who have no row in users in the largest cell where they are fewer than k."""
    unknown = total - sum(counts.values())
    if not counts or not 0 < unknown < k:
        return counts
    largest = max(counts, key=lambda cell: counts[cell])
    return {**counts, largest: counts[largest] + unknown}


def _profiles(profiles: Mapping[int, int], ledger: Ledger) -> dict[str, int]:
    """All three keys of the original; users of a small one are counted with its neighbour."""
    cells = [MeasuredCell.of_entities(fields, fields, n) for fields, n in sorted(profiles.items())]
    kept = merge_small(cells, ledger.min_cell_count)
    if len(kept) < len(cells):
        ledger.merged_cells["profile_completeness"] = len(cells) - len(kept)
    if not kept:
        return {}
    published = dict.fromkeys(PROFILE_KEYS, 0)
    for cell in kept:
        # Under the key that most of them have.
        most = max(range(cell.lo, cell.hi + 1), key=lambda fields: profiles.get(fields, 0))
        published[PROFILE_KEYS[most]] = cell.count
    return published
