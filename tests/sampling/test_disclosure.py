"""Disclosure control by its property: whatever is published has k entities behind it, also after subtracting."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shapetui.sampling.disclosure import (
    Ledger,
    MeasuredCell,
    merge_small,
    overlaid,
    pooled,
    safe_labels,
    wide_cells,
)
from shapetui.sampling.type_labels import published_labels

# Value -> the people behind it, one row each.
crowds = st.dictionaries(st.integers(0, 40), st.sets(st.integers(0, 30), min_size=1), max_size=14)
floors = st.integers(2, 12)


def measured(crowd: dict[int, set[int]]) -> list[MeasuredCell]:
    """The crowd as cells of one value each."""
    last = {
        person: max(value for value in crowd if person in crowd[value])
        for people in crowd.values()
        for person in people
    }
    return [
        MeasuredCell(value, value, len(people), len(people), sum(last[person] == value for person in people))
        for value, people in sorted(crowd.items())
    ]


def behind(crowd: dict[int, set[int]], lo: int, hi: int) -> set[int]:
    """Everybody with a value from `lo` to `hi`."""
    return set().union(*(people for value, people in crowd.items() if lo <= value <= hi))


@given(crowds, floors)
def test_merged_cells_have_k_distinct_people_and_lose_no_row(crowd: dict[int, set[int]], k: int) -> None:
    kept = merge_small(measured(crowd), k)
    everybody = behind(crowd, 0, 40)
    assert all(len(behind(crowd, cell.lo, cell.hi)) >= k for cell in kept)
    assert bool(kept) == (len(everybody) >= k)
    assert not kept or sum(cell.count for cell in kept) == sum(map(len, crowd.values()))
    assert all(one.hi < other.lo for one, other in pairwise(kept))


def test_the_same_people_in_two_cells_are_not_counted_twice() -> None:
    six = set(range(6))
    assert merge_small(measured({1: six, 2: six}), 11) == []
    assert merge_small(measured({1: six, 2: set(range(6, 12))}), 11) == [MeasuredCell(1, 2, 12, 12, 12)]


def test_a_small_cell_goes_to_its_nearer_neighbour_and_the_gap_stays_empty() -> None:
    cells = [MeasuredCell.of_entities(value, value, n) for value, n in ((2, 50), (3, 3), (9, 20))]
    assert Ledger(11).protect("sizes", cells) == [(2, 3, 53), (9, 9, 20)]


@given(crowds, floors)
def test_pooled_hours_show_only_what_k_people_did(crowd: dict[int, set[int]], k: int) -> None:
    cells = {cell.lo: cell for cell in measured(crowd)}
    hours = [cells.get(hour, MeasuredCell(hour, hour, 0, 0)) for hour in range(41)]
    counts = [hour.count for hour in hours]
    values, changed = pooled(counts, [hour.entities for hour in hours], k, [hour.last for hour in hours])
    if len(behind(crowd, 0, 40)) < k:
        assert (values, changed) == ([0] * 41, 0)
        return
    assert sum(values) == sum(counts)
    stretches = [(cell.lo, cell.hi) for cell in merge_small(measured(crowd), k)]
    for hour, (value, count) in enumerate(zip(values, counts, strict=True)):
        own, (lo, hi) = len(crowd.get(hour, ())), next(((a, b) for a, b in stretches if a <= hour <= b), (hour, hour))
        able = [there for there in range(lo, hi + 1) if len(crowd.get(there, ())) >= k]
        if not count:
            assert value == 0
        elif own >= k:
            assert value >= count
        elif able:
            assert value == 0
        else:
            assert value > 0
            assert len(behind(crowd, lo, hi)) >= k
            filled = [there for there in range(lo, hi + 1) if counts[there]]
            assert max(values[there] for there in filled) - min(values[there] for there in filled) <= 1
        assert lo == hi or sum(values[lo : hi + 1]) == sum(counts[lo : hi + 1])
    assert changed == sum(sum(map(bool, counts[lo : hi + 1])) for lo, hi in stretches if lo < hi)


def test_a_busy_hour_takes_what_a_thin_one_had_and_none_is_spread_over_the_night() -> None:
    counts, people = [0] * 168, [0] * 168
    counts[154], people[154] = 840, 40
    counts[3], people[3] = 360, 6
    assert pooled(counts, people, 11) == ([840 + 360 if hour == 154 else 0 for hour in range(168)], 2)
    people[154], last = 8, [0] * 168
    last[154], last[3] = 8, 4
    assert pooled(counts, people, 11, last) == ([600 if hour in (3, 154) else 0 for hour in range(168)], 2)
    thin = [20, 3, 0, 4, 30]
    assert pooled(thin, [20, 3, 0, 4, 30], 11) == ([23, 0, 0, 0, 34], 4)


@given(crowds, floors, st.integers(2, 9))
def test_wide_cells_beside_fine_ones_cut_off_nothing_small(crowd: dict[int, set[int]], k: int, width: int) -> None:
    atoms = measured(crowd)
    fine = [(cell.lo, cell.hi, cell.count) for cell in merge_small(atoms, k)]
    wide = wide_cells(atoms, fine, width, k)
    assert bool(wide) == bool(fine)
    assert sum(count for *_, count in wide) == sum(count for *_, count in fine)
    assert all(lo % width == 0 and hi % width == width - 1 for lo, hi, _ in wide)
    edges = sorted({lo for lo, *_ in fine + wide} | {hi + 1 for _, hi, _ in fine + wide})
    for lo, end in pairwise(edges):
        assert not fine or len(behind(crowd, lo, end - 1)) not in range(1, k)


@given(crowds, crowds, floors)
def test_families_on_top_of_each_other_are_never_counted_too_large(
    one: dict[int, set[int]], other: dict[int, set[int]], k: int
) -> None:
    both = {value: one.get(value, set()) | other.get(value, set()) for value in {*one, *other}}
    for cell in merge_small(overlaid([measured(one), measured(other)]), k):
        assert len(behind(both, cell.lo, cell.hi)) >= k


def test_labels_of_no_enum_are_numbered_by_their_rows() -> None:
    assert safe_labels({"TEXT": 5, "alice@example.org": 1, "bob": 9}, from_enum=False) == {
        "TEXT": "TEXT",
        "bob": "type_01",
        "alice@example.org": "type_02",
    }


def labels(rows: dict[str | None, int], entities: dict[str | None, int], k: int = 11) -> dict[str | None, str]:
    return published_labels(rows, entities, from_enum=True, disjoint=False, ledger=Ledger(k))


def test_a_large_type_of_few_senders_is_other_and_a_small_one_goes_into_the_largest() -> None:
    few: dict[str | None, int] = {"TEXT": 40, "IMAGE": 20, "SYSTEM": 1, "AUDIO": 2}
    kept: dict[str | None, str] = {"TEXT": "TEXT", "IMAGE": "IMAGE"}
    structural: dict[str | None, int] = {"TEXT": 813, "IMAGE": 40, "SYSTEM": 347, "AUDIO": 4}
    assert labels(structural, few) == {**kept, "SYSTEM": "OTHER", "AUDIO": "OTHER"}
    negligible: dict[str | None, int] = {"TEXT": 2000, "IMAGE": 40, "SYSTEM": 15, "AUDIO": 4}
    assert labels(negligible, few) == {**kept, "SYSTEM": "TEXT", "AUDIO": "TEXT"}
    below_k: dict[str | None, int] = {"TEXT": 100, "IMAGE": 40, "SYSTEM": 6, "AUDIO": 4}
    assert labels(below_k, few) == {**kept, "SYSTEM": "TEXT", "AUDIO": "TEXT"}


def test_folded_labels_of_k_entities_are_other_however_few_and_without_a_kept_label_nothing_is_shown() -> None:
    rows: dict[str | None, int] = {"TEXT": 900, "IMAGE": 50, "FILE": 9, "AUDIO": 4}
    assert labels(rows, {"TEXT": 4, "IMAGE": 2, "FILE": 3, "AUDIO": 2}) == {}
    ledger = Ledger(11)
    rooms: dict[str | None, int] = {"A": 4000, "B": 9, "C": 9}
    apart = published_labels(rows=rooms, entities=rooms, from_enum=True, disjoint=True, ledger=ledger)
    assert apart == {"A": "A", "B": "OTHER", "C": "OTHER"}
    assert ledger.folded_labels == 2
    rooms = {"A": 40, "B": 20, "C": 9}
    assert published_labels(rooms, rooms, from_enum=True, disjoint=True, ledger=ledger)["C"] == "A"
    assert ledger.folded_labels == 3


def test_without_protection_every_label_stands_and_none_is_other() -> None:
    assert labels({"TEXT": 1, "odd": 1, None: 1}, {}, k=1) == {"TEXT": "TEXT", "odd": "odd", None: "OTHER"}
