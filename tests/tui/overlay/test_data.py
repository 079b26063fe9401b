"""What an overlay shows: the other axes, where it is interpolated, and its numbers for an export."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from shapetui.distributions.histogram import Histogram
from shapetui.documents.shape import ConversationType, Shape
from shapetui.tui.overlay import OverlayData, merged_lengths, merged_sizes, rows_of
from tests.documents.examples import REPOSITORY_SHAPE
from tests.workbench import benches


def shape_with(sizes: dict[str, dict[str, int]], whole: dict[str, int]) -> Shape:
    """The chat with other cells of messages per conversation."""
    chat = benches.chat()
    by_type = {
        label: ConversationType(total_count=sum(cells.values()), message_count=0, messages_per_conversation_cells=cells)
        for label, cells in sizes.items()
    }
    rooms = chat.conversations.model_copy(update={"by_type": by_type, "messages_per_conversation_cells": whole})
    return chat.model_copy(update={"conversations": rooms})


FINE = {str(value): 100 for value in range(1, 11)}


def test_the_picture_of_all_types_is_hatched_where_most_of_it_is_interpolated() -> None:
    many = {**FINE, "11": 60, "12-14": 50, "15-20": 40}
    few = {"1": 50, "2": 50, "3-14": 12, "15-20": 9}
    shape = shape_with({"GROUP": many, "DIRECT": few}, {"1": 150, "2": 150, "3-14": 922, "15-20": 49})
    assert merged_sizes(shape) == ((15, 20),)
    assert merged_sizes(shape, "GROUP") == ((15, 20),)
    assert merged_sizes(shape, "DIRECT") == ((3, 14), (15, 20))
    assert merged_sizes(shape, "OTHER") == ()


def test_without_the_types_it_is_the_published_cells_that_are_hatched() -> None:
    shape = shape_with({"GROUP": FINE}, {"1": 100, "2": 100, "3-7": 500, "8": 400})
    assert merged_sizes(shape) == ((3, 7),)


def test_bins_that_were_not_merged_are_not_hatched() -> None:
    assert merged_sizes(benches.chat()) == ()
    assert merged_lengths(benches.chat()) == ()
    assert merged_lengths(benches.chat(), "TEXT") == ()
    assert merged_lengths(benches.chat(), "OTHER") == ()


def test_the_wide_cells_of_an_original_file_are_no_merged_bins() -> None:
    shape = Shape.model_validate(REPOSITORY_SHAPE)
    assert merged_lengths(shape) == ()
    assert merged_sizes(shape) == ()


def test_rows_are_on_the_cells_that_both_sides_know() -> None:
    one = Histogram.of_cells([(1, 1, 5), (2, 3, 6), (4, 7, 0)])
    other = Histogram.of_cells([(1, 1, 7), (2, 2, 1), (3, 3, 1), (4, 4, 9)])
    assert rows_of(OverlayData(one, other)) == [(1, 1, 5, 7), (2, 3, 6, 2), (4, 4, 0, 9)]


def test_rows_of_one_side_leave_the_other_open() -> None:
    one = Histogram.of_cells([(1, 1, 5), (2, 3, 0), (4, 7, 2)])
    assert rows_of(OverlayData(one, None)) == [(1, 1, 5, None), (4, 7, 2, None)]
    assert rows_of(OverlayData(None, one)) == [(1, 1, None, 5), (4, 7, None, 2)]
    assert rows_of(OverlayData(None, None)) == []


VALUES = st.dictionaries(st.integers(0, 10**6), st.integers(1, 10**6), min_size=1)


@settings(max_examples=50, deadline=None)
@given(VALUES, VALUES)
def test_rows_lose_nothing(one: dict[int, int], other: dict[int, int]) -> None:
    sides = [Histogram.of_cells([(value, value, count) for value, count in side.items()]) for side in (one, other)]
    rows = rows_of(OverlayData(sides[0], sides[1]))
    assert [sum(row[side] or 0 for row in rows) for side in (2, 3)] == [sum(one.values()), sum(other.values())]
    assert all(first[1] < second[0] for first, second in pairwise(rows))
