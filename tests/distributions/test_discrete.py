"""Distributions over integers: cumulative probability, quantile and the counts of a quantile grid agree exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.bins import lower_edges, upper_edges
from shapetui.distributions.discrete import (
    DiscreteDistribution,
    grid_count,
    grid_sum,
    grid_values,
    mixture,
    smooth,
)
from shapetui.distributions.histogram import Histogram


@st.composite
def laws(draw: st.DrawFn, widest: int = 200) -> DiscreteDistribution:
    """Up to twelve cells with gaps between them and weights of very different size, some of them ties."""
    cells = draw(
        st.lists(
            st.tuples(
                st.integers(0, 5),
                st.integers(1, widest),
                st.one_of(st.sampled_from([1.0, 2.0, 3.0, 0.5]), st.floats(1e-12, 1e6)),
            ),
            min_size=1,
            max_size=12,
        )
    )
    lo, hi, position = [], [], draw(st.integers(0, 3))
    for gap, width, _ in cells:
        lo.append(position + gap)
        hi.append(position + gap + width - 1)
        position = hi[-1] + 1
    return DiscreteDistribution.of_weights(lo, hi, [weight for _, _, weight in cells])


def every_value(law: DiscreteDistribution) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(law.minimum - 2, law.maximum + 3, dtype=np.int64)


@given(laws(), st.lists(st.floats(0, 1, exclude_min=True), min_size=1, max_size=30))
def test_the_quantile_is_the_smallest_value_whose_cumulative_probability_reaches_it(
    law: DiscreteDistribution, fractions: list[float]
) -> None:
    values = every_value(law)
    reached = law.cdf(values)
    by_search = values[np.argmax(reached[None, :] >= np.array(fractions)[:, None], axis=1)]
    assert law.quantile(fractions).tolist() == by_search.tolist()


@given(laws())
def test_the_quantile_of_a_cumulative_probability_gives_the_value_back(law: DiscreteDistribution) -> None:
    values = np.concatenate([np.arange(lo, hi + 1) for lo, hi in zip(law.lo, law.hi, strict=True)])
    reached = law.cdf(values)
    found = law.quantile(reached)
    assert (found <= values).all()
    assert (law.cdf(found) == reached).all()
    assert (law.quantile(np.nextafter(reached[:-1], 2)) > values[:-1])[np.diff(reached) > 0].all()


@given(laws())
def test_the_cumulative_probability_rises_from_nothing_to_exactly_one(law: DiscreteDistribution) -> None:
    reached = law.cdf(every_value(law))
    assert (np.diff(reached) >= 0).all()
    assert reached[1] == 0
    assert reached[-3] == reached[-1] == 1


def test_the_quantile_at_zero_is_the_minimum() -> None:
    assert DiscreteDistribution.of_weights([3], [9], [1.0]).quantile(0.0).tolist() == 3


def test_a_scalar_and_a_table_of_fractions_keep_their_form() -> None:
    law = DiscreteDistribution.of_weights([1], [4], [1.0])
    assert law.quantile(0.5).shape == ()
    assert law.quantile([[0.25, 0.5], [0.75, 1.0]]).tolist() == [[1, 2], [3, 4]]


@settings(max_examples=150)
@given(laws(), st.one_of(st.integers(1, 400), st.sampled_from([1_000, 4_096, 9_999, 100_000])))
@example(DiscreteDistribution.of_weights([1], [10], [1.0]), 5)
@example(DiscreteDistribution.of_weights([1, 2, 3], [1, 2, 3], [1.0, 1.0, 1.0]), 6)
def test_counting_a_quantile_grid_needs_no_grid(law: DiscreteDistribution, size: int) -> None:
    grid = grid_values(law, size)
    values = every_value(law)
    assert (np.diff(grid) >= 0).all()
    assert grid_count(law, values, size).tolist() == np.searchsorted(grid, values, side="right").tolist()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 56_033, 999_999, 1_000_000])
@pytest.mark.parametrize(
    "law",
    [
        pytest.param(DiscreteDistribution.of_weights([0, 1, 2], [0, 1, 2], [1.0, 1.0, 1.0]), id="thirds"),
        pytest.param(DiscreteDistribution.of_weights([0], [9], [1.0]), id="ten equal values in one cell"),
        pytest.param(DiscreteDistribution.of_weights(range(10), range(10), [0.1] * 10), id="ten cells of a tenth"),
        pytest.param(powerlaw.truncated(1.7, 1, 1_000_000), id="heavy power law"),
        pytest.param(powerlaw.truncated(2.864, 96, 7240), id="tail of lean_zulip"),
        pytest.param(lognormal.discretised(4.5, 1.0, 10_000), id="log-normal lengths"),
        pytest.param(
            mixture(
                [
                    (0.0280515, powerlaw.truncated(2.864, 96, 7240)),
                    (1 - 0.0280515, smooth(Histogram.of_cells([(1, 1, 997), (2, 3, 500), (4, 95, 333)]))),
                ]
            ),
            id="body and tail",
        ),
    ],
)
def test_counts_of_large_grids_are_exact_at_every_border(law: DiscreteDistribution, size: int) -> None:
    points = np.unique(np.concatenate([law.lo - 1, law.lo, law.hi, law.hi + 1, upper_edges()[:120]]))
    counted = np.searchsorted(grid_values(law, size), points, side="right")
    assert grid_count(law, points, size).tolist() == counted.tolist()


def test_a_cell_so_wide_that_single_integers_vanish_in_rounding_is_still_counted_exactly() -> None:
    law = DiscreteDistribution.of_weights([0, 10], [9, 10**14], [1.0, 1e-9])
    for size in (10, 12345, 1_000_000):
        grid = grid_values(law, size)
        points = np.unique(np.concatenate([grid, grid + 1, grid - 1]))
        assert grid_count(law, points, size).tolist() == np.searchsorted(grid, points, side="right").tolist()


@given(laws(), st.integers(1, 3000))
def test_the_sum_of_a_grid_is_right_to_half_an_integer_per_value(law: DiscreteDistribution, size: int) -> None:
    assert grid_sum(law, size) == pytest.approx(grid_values(law, size).sum(), abs=0.5 * size + 1e-6)


@pytest.mark.parametrize("alpha", [1.2, 1.7, 2.0, 2.5])
@pytest.mark.parametrize("size", [20, 521, 56_033])
def test_the_sum_of_a_power_law_grid_is_right_to_a_two_thousandth(alpha: float, size: int) -> None:
    law = powerlaw.truncated(alpha, 1, 100_000)
    assert grid_sum(law, size) == pytest.approx(float(grid_values(law, size).sum()), rel=5e-4)


@given(st.lists(st.tuples(st.floats(0.01, 10), laws()), min_size=1, max_size=4))
def test_a_mixture_is_exact_at_every_integer(parts: list[tuple[float, DiscreteDistribution]]) -> None:
    mixed = mixture(parts)
    total = sum(weight for weight, _ in parts)
    values = np.arange(-1, max(part.maximum for _, part in parts) + 2)
    expected = sum((weight / total) * part.cdf(values) for weight, part in parts)
    assert mixed.cdf(values) == pytest.approx(expected, abs=1e-9)
    assert mixed.mean() == pytest.approx(sum(weight / total * part.mean() for weight, part in parts), rel=1e-9)


def test_a_part_of_weight_zero_is_not_in_the_mixture() -> None:
    one, other = powerlaw.truncated(2, 1, 10), powerlaw.truncated(2, 100, 200)
    assert mixture([(0.0, one), (0.5, other)]).minimum == 100


def test_a_mixture_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mixture([])


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [float("inf"), 1.0]])
def test_weights_without_a_finite_sum_above_zero_are_refused(weights: list[float]) -> None:
    cells = list(range(len(weights)))
    with pytest.raises(ValueError, match="positive, finite"):
        DiscreteDistribution.of_weights(cells, cells, weights)


@given(laws(), st.integers(0, 300), st.integers(0, 300))
def test_a_restricted_law_is_the_law_given_the_range(law: DiscreteDistribution, first: int, width: int) -> None:
    low, high = first, first + width
    inside = float(law.cdf(high) - law.cdf(low - 1))
    if inside < 1e-9:
        return
    cut = law.restricted(low, high)
    assert cut.minimum >= low
    assert cut.maximum <= high
    values = np.arange(low, high + 1)
    assert cut.cdf(values) == pytest.approx((law.cdf(values) - law.cdf(low - 1)) / inside, abs=1e-6)


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=300), st.lists(st.integers(0, 60)))
def test_smoothing_moves_nothing_out_of_a_cell(values: list[int], cuts: list[int]) -> None:
    cells: list[tuple[int, int, int]] = []
    for index, (lo, hi, count) in enumerate(Histogram.of_values(np.array(values)).cells()):
        if cells and index not in cuts:
            cells[-1] = (cells[-1][0], hi, cells[-1][2] + count)
        else:
            cells.append((lo, hi, count))
    law = smooth(Histogram.of_cells(cells))
    for lo, hi, count in cells:
        assert float(law.cdf(hi) - law.cdf(lo - 1)) == pytest.approx(count / len(values), abs=1e-12)
    assert law.minimum >= cells[0][0]
    assert law.maximum <= cells[-1][1]


@pytest.mark.parametrize("alpha", [0.8, 1.5, 2.0, 2.5, 3.0])
@pytest.mark.parametrize(("merged_top", "margin"), [(1, 5e-4), (4, 2e-3)])
def test_the_mean_of_smoothed_power_law_cells_is_near_the_truth(alpha: float, merged_top: int, margin: float) -> None:
    top = int(upper_edges()[60])
    law = powerlaw.truncated(alpha, 1, top)
    lo, hi = lower_edges()[1:61], upper_edges()[1:61]
    hi, lo = np.append(hi[:-merged_top], hi[-1]), lo[: lo.size - merged_top + 1]
    counts = np.round(1e12 * (law.cdf(hi) - law.cdf(lo - 1))).astype(np.int64)
    assert smooth(Histogram(lo, hi, counts)).mean() == pytest.approx(law.mean(), rel=margin)
