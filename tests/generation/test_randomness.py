"""Keyed randomness, ids and texts, as facts about their values."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shapetui.generation import identifiers
from shapetui.generation.batches import Batch, ContentDigest
from shapetui.generation.randomness import Permutation, derive_key, mix, normal, uniform
from shapetui.generation.text import TextBuffer

SIZES = st.one_of(st.integers(1, 300), st.integers(65_530, 65_545), st.integers(1, 10**6))
# The square of the Feistel network just fits, is one short, and is one too many.
EDGES = (65_536, 65_537, 257**2, 257**2 + 1, 999**2 - 1, 10**6)


@given(SIZES, st.integers(0, 2**64 - 1))
@settings(max_examples=40, deadline=None)
@example(65_536, 1)
@example(65_537, 1)
@example(257**2 + 1, 2**64 - 1)
def test_a_permutation_is_a_bijection(size: int, key: int) -> None:
    image = Permutation(size, key)(np.arange(size))
    assert (np.sort(image) == np.arange(size)).all()


@pytest.mark.parametrize("size", EDGES)
def test_a_permutation_looks_random_and_depends_on_its_key(size: int) -> None:
    index = np.arange(size)
    one, other = Permutation(size, 1)(index), Permutation(size, 2)(index)
    # Five standard deviations of a correlation, of a count of fixed points, of a count of agreements.
    limit = 5 / size**0.5
    assert abs(np.corrcoef(index, one)[0, 1]) < limit
    assert abs(np.corrcoef(one, other)[0, 1]) < limit
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < limit
    assert (one == index).sum() < 8
    assert (one == other).sum() < 8
    # Every tenth of the indices lands evenly in every tenth of the images.
    cells = np.histogram2d(index, one, bins=10)[0]
    assert np.abs(cells - size / 100).max() < 5 * (size / 100) ** 0.5


def test_a_permutation_can_be_asked_for_any_part() -> None:
    whole = Permutation(100_000, 9)(np.arange(100_000))
    some = np.array([99_999, 0, 31_337])
    assert (Permutation(100_000, 9)(some) == whole[some]).all()


def test_the_mixer_is_splitmix64() -> None:
    # The first outputs of splitmix64 with seed 1234567 (rosettacode.org, "Pseudo-random numbers/Splitmix64").
    golden = np.uint64(0x9E3779B97F4A7C15)
    states = np.uint64(1_234_567) + golden * np.arange(1, 6, dtype=np.uint64)
    assert mix(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_uniform_numbers_are_uniform_and_independent_of_the_slice_they_are_asked_in() -> None:
    numbers = uniform(derive_key("seed", "purpose"), np.arange(200_000))
    assert numbers.min() >= 0
    assert numbers.max() < 1
    cells = np.histogram(numbers, bins=100, range=(0, 1))[0]
    # Chi-square of 99 degrees lies below 160 but once in ten thousand keys; this key is fixed.
    assert ((cells - 2_000) ** 2 / 2_000).sum() < 160
    assert (uniform(derive_key("seed", "purpose"), np.arange(500, 600)) == numbers[500:600]).all()
    assert derive_key("a", "bc") != derive_key("ab", "c")


INDICES = np.concatenate([np.arange(50_000), 36**4 + np.arange(1_000), 36**4 * 5 - np.arange(1, 1_000)])


def test_unordered_ids_are_distinct_and_have_no_order() -> None:
    ids = identifiers.as_array(identifiers.unordered(derive_key("s", "room"), INDICES)).to_pylist()
    assert len(set(ids)) == INDICES.size
    assert all(re.fullmatch("c[a-z0-9]{24}", each) for each in ids)
    ranks = np.argsort(np.argsort(ids))
    assert abs(np.corrcoef(ranks, INDICES)[0, 1]) < 0.03


def test_ordered_ids_are_distinct_and_sort_by_time() -> None:
    ms = 1_700_000_000_000 + INDICES // 3 * 7
    ids = identifiers.as_array(identifiers.ordered(derive_key("s", "m"), INDICES, ms)).to_pylist()
    assert len(set(ids)) == INDICES.size
    assert all(re.fullmatch("c[a-z0-9]{24}", each) for each in ids)
    by_id = ms[np.argsort(ids)]
    assert (np.diff(by_id) >= 0).all()
    # As cuid writes the time: eight digits of base 36.
    assert int(ids[0][1:9], 36) == ms[0]


@given(st.lists(st.integers(0, 5_000), max_size=50), st.integers(0, 10**12))
@settings(max_examples=50, deadline=None)
def test_texts_have_exactly_the_lengths_asked_for(lengths: list[int], place: int) -> None:
    texts = BUFFER.texts(np.array(lengths, dtype=np.int64), place).to_pylist()
    assert [len(text) for text in texts] == lengths
    assert re.fullmatch("[a-z ]*", "".join(texts))


BUFFER = TextBuffer("seed")


@given(st.lists(st.integers(0, 400_000), min_size=2, max_size=8), st.integers(0, 10**9), st.data())
@settings(max_examples=30, deadline=None)
def test_texts_are_the_same_however_they_are_cut_into_batches(
    lengths: list[int], place: int, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(lengths) - 1))
    array = np.array(lengths, dtype=np.int64)
    whole = BUFFER.texts(array, place).to_pylist()
    parts = BUFFER.texts(array[:cut], place).to_pylist()
    parts += BUFFER.texts(array[cut:], place + int(array[:cut].sum())).to_pylist()
    assert parts == whole


def test_texts_are_of_words_and_may_be_longer_than_the_buffer() -> None:
    (text,) = BUFFER.texts(np.array([20 << 20]), 5).to_pylist()
    assert len(text) == 20 << 20
    assert max(map(len, text[:100_000].split())) < 20
    with pytest.raises(ValueError, match="2 GiB"):
        BUFFER.texts(np.array([2**31]), 0)


def _batch(values: list[str], numbers: list[int]) -> Batch:
    columns = {"id": lambda: pa.array(values, pa.string()), "created_at": lambda: pa.array(numbers, pa.int64())}
    return Batch("t", len(values), columns, ("id", "created_at"))


@given(st.lists(st.tuples(st.text(), st.integers(-(2**62), 2**62)), min_size=1), st.fractions(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_content_digest_is_that_of_the_rows_and_not_of_the_batches(
    rows: list[tuple[str, int]], share: Fraction
) -> None:
    values, numbers = [value for value, _ in rows], [number for _, number in rows]
    cut = int(share * len(rows))
    whole, parts, other = ContentDigest(), ContentDigest(), ContentDigest()
    whole.add(_batch(values, numbers))
    parts.add(_batch(values[:cut], numbers[:cut]))
    parts.add(_batch(values[cut:], numbers[cut:]))
    other.add(_batch([values[0] + "x", *values[1:]], numbers))
    assert whole.hexdigest() == parts.hexdigest() != other.hexdigest()


def test_a_content_digest_tells_where_one_string_ends() -> None:
    one, other = ContentDigest(), ContentDigest()
    one.add(_batch(["ab", "c"], [0, 0]))
    other.add(_batch(["a", "bc"], [0, 0]))
    assert one.hexdigest() != other.hexdigest()


def test_normal_numbers_have_the_moments_and_quantiles_of_the_law() -> None:
    numbers = normal(derive_key("a", "normal"), np.arange(100_000))
    # Four standard errors of a mean, of a variance, and of a share.
    assert abs(numbers.mean()) < 4 / 100_000**0.5
    assert abs(numbers.var() - 1) < 4 * (2 / 100_000) ** 0.5
    for quantile, share in ((-1.959964, 0.025), (-0.674490, 0.25), (0.0, 0.5), (1.281552, 0.9)):
        assert abs((numbers < quantile).mean() - share) < 4 * (share * (1 - share) / 100_000) ** 0.5
    assert (normal(derive_key("a", "normal"), np.arange(50, 60)) == numbers[50:60]).all()
