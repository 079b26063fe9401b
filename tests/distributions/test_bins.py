"""The fixed bins: the same for everybody, without gaps, found again from any value in them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shapetui.distributions.bins import bin_of, lower_edges, upper_edges


def test_the_first_bins_are_what_the_files_say() -> None:
    first = list(zip(lower_edges()[:19].tolist(), upper_edges()[:19].tolist(), strict=True))
    assert first[:11] == [(value, value) for value in range(11)]
    assert first[11:] == [(11, 11), (12, 14), (15, 16), (17, 20), (21, 23), (24, 28), (29, 33), (34, 40)]


def test_bins_leave_no_gap_and_do_not_overlap() -> None:
    assert lower_edges()[0] == 0
    assert (lower_edges()[1:] == upper_edges()[:-1] + 1).all()
    assert (lower_edges() <= upper_edges()).all()


def test_four_bins_double_the_value() -> None:
    assert upper_edges()[[14, 18, 22, 26]].tolist() == [20, 40, 80, 160]


def test_the_last_bin_reaches_the_largest_label_that_a_file_may_hold() -> None:
    assert upper_edges()[-1] == 999_999_999_999_999


def test_edges_cannot_be_changed_by_a_caller() -> None:
    assert not upper_edges().flags.writeable
    assert not lower_edges().flags.writeable


@given(st.lists(st.integers(0, 999_999_999_999_999), min_size=1))
def test_every_value_lies_in_the_bin_that_is_found_for_it(values: list[int]) -> None:
    array = np.array(values, dtype=np.int64)
    found = bin_of(array)
    assert (lower_edges()[found] <= array).all()
    assert (array <= upper_edges()[found]).all()


def test_both_ends_of_a_bin_lie_in_it() -> None:
    every = np.arange(upper_edges().size)
    assert (bin_of(lower_edges()) == every).all()
    assert (bin_of(upper_edges()) == every).all()
