"""Labels of histogram cells: ours, and both styles of the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.documents.labels import cells_of, labelled, original_cells_of, parse_label


@st.composite
def disjoint_cells(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    cells, start = [], 0
    for gap, width, count in draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60), st.integers(0, 10**9)))):
        cells.append((start + gap, start + gap + width - 1, count))
        start += gap + width
    return cells


@given(disjoint_cells())
def test_what_we_label_is_read_back_as_it_was(cells: list[tuple[int, int, int]]) -> None:
    assert cells_of(labelled(cells)) == cells


def test_our_cells_keep_their_ends_whatever_their_width() -> None:
    # A single cell a multiple of five wide used to be taken for one of the original's half-open ones.
    assert cells_of({"57-67": 20}) == [(57, 67, 20)]
    assert cells_of({"0-10": 12, "11-16": 40}) == [(0, 10, 12), (11, 16, 40)]


def test_every_fixed_bin_has_a_label() -> None:
    cells = [(lo, hi, 1) for lo, hi in zip(lower_edges().tolist(), upper_edges().tolist(), strict=True)]
    assert cells_of(labelled(cells)) == cells


def test_the_first_sampler_of_the_original_includes_both_ends() -> None:
    assert original_cells_of({"15-19": 5000}) == [(15, 19, 5000)]
    assert original_cells_of({"50-99": 3, "0-49": 2, "100-149": 1}) == [(0, 49, 2), (50, 99, 3), (100, 149, 1)]


def test_the_second_sampler_of_the_original_leaves_the_upper_end_out() -> None:
    assert original_cells_of({"0-5": 3, "5-10": 2}) == [(0, 4, 3), (5, 9, 2)]
    assert original_cells_of({"5-10": 2}) == [(5, 9, 2)]
    assert original_cells_of({"0-50": 2, "200-250": 1}) == [(0, 49, 2), (200, 249, 1)]
    assert original_cells_of({"0-60": 2, "120-180": 1}) == [(0, 59, 2), (120, 179, 1)]


@given(
    st.sampled_from([5, 50, 60, 100]),
    st.dictionaries(st.integers(0, 40), st.integers(0, 1000), min_size=1),
    st.booleans(),
)
def test_both_styles_of_the_original_mean_the_same_cells(width: int, counts: dict[int, int], half_open: bool) -> None:
    labels = {f"{i * width}-{(i + 1) * width - (not half_open)}": count for i, count in counts.items()}
    expected = [(i * width, (i + 1) * width - 1, count) for i, count in sorted(counts.items())]
    assert original_cells_of(labels) == expected


@pytest.mark.parametrize("labels", [["1-5", "5-9"], ["1-9", "3-4"], ["7", "7-8"], ["7", "07"]])
def test_overlapping_cells_are_refused(labels: list[str]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        cells_of(dict.fromkeys(labels, 1))


@pytest.mark.parametrize("label", ["", "-", "5-", "-5", "a", "1-b", " 1", "1 ", "1--2", "1.5", "²", "1" * 16, "٣"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="labelled like"):
        parse_label(label)


def test_a_cell_whose_end_lies_before_its_begin_is_refused() -> None:
    with pytest.raises(ValueError, match="below its lower end"):
        parse_label("9-5")
