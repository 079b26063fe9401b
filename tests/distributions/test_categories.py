"""Shares of labels and the chi-square test, against scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shapetui.distributions.categories import (
    chi_square_survival,
    chi_square_test,
    cramers_v,
    fractions,
    largest_remainder,
)

WEIGHTS = st.dictionaries(
    st.text("ABCDEFGHIJ", min_size=1, max_size=3), st.floats(0, 1e6), min_size=1, max_size=12
).filter(lambda weights: sum(weights.values()) > 1e-3)


@pytest.mark.parametrize("degrees", range(1, 13))
@pytest.mark.parametrize("statistic", [1e-6, 0.1, 0.5, 1.0, 3.84, 5.99, 7.81, 20.0, 100.0, 700.0])
def test_the_p_value_is_scipys(degrees: int, statistic: float) -> None:
    assert chi_square_survival(statistic, degrees) == pytest.approx(stats.chi2.sf(statistic, degrees), rel=1e-10)


@pytest.mark.parametrize(
    ("statistic", "degrees", "p"), [(2.45, 2, 0.29), (3.12, 2, 0.21), (3.84, 1, 0.05), (7.81, 3, 0.05)]
)
def test_the_p_value_is_the_one_in_the_originals_documents(statistic: float, degrees: int, p: float) -> None:
    assert chi_square_survival(statistic, degrees) == pytest.approx(p, abs=0.005)


@pytest.mark.parametrize(("statistic", "degrees"), [(900.0, 1000), (2000.0, 1500), (5000.0, 64), (1e9, 3)])
def test_the_p_value_stays_right_where_a_sum_of_powers_would_overflow(statistic: float, degrees: int) -> None:
    assert chi_square_survival(statistic, degrees) == pytest.approx(
        stats.chi2.sf(statistic, degrees), rel=1e-9, abs=1e-300
    )


def test_the_p_value_at_the_ends_is_one_and_zero() -> None:
    assert chi_square_survival(0.0, 3) == 1
    assert chi_square_survival(float("inf"), 3) == 0
    with pytest.raises(ValueError, match="at least 1"):
        chi_square_survival(1.0, 0)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 10_000)), min_size=2, max_size=8))
def test_the_test_is_scipys_on_the_same_counts(pairs: list[tuple[int, int]]) -> None:
    observed = {f"T{i}": one for i, (one, _) in enumerate(pairs)}
    expected = {f"T{i}": other for i, (_, other) in enumerate(pairs)}
    total, weight = sum(observed.values()), sum(expected.values())
    if not total:
        return
    statistic, p = chi_square_test(observed, expected)
    scipys = stats.chisquare(list(observed.values()), [total * value / weight for value in expected.values()])
    assert statistic == pytest.approx(scipys.statistic, rel=1e-9, abs=1e-9)
    assert p == pytest.approx(scipys.pvalue, rel=1e-6, abs=1e-12)


def test_the_test_runs_over_the_labels_of_both_sides() -> None:
    # TEXT 50 of 90 wanted, IMAGE 50 of 10: (50-90)^2/90 + (50-10)^2/10.
    assert chi_square_test({"TEXT": 50, "IMAGE": 50}, {"TEXT": 0.9, "IMAGE": 0.1})[0] == pytest.approx(1600 / 90 + 160)
    # FILE is expected and missing: it is a third cell of 10.
    statistic, p = chi_square_test({"TEXT": 90}, {"TEXT": 80, "FILE": 10})
    assert statistic == pytest.approx((90 - 80) ** 2 / 80 + 10)
    assert p == pytest.approx(stats.chi2.sf(11.25, 1))


def test_a_label_that_production_does_not_have_makes_p_zero() -> None:
    assert chi_square_test({"TEXT": 100_000, "POLL": 1}, {"TEXT": 1.0}) == (float("inf"), 0.0)
    assert chi_square_test({"TEXT": 100_000, "POLL": 1}, {"TEXT": 1.0, "POLL": 0.0}) == (float("inf"), 0.0)


def test_a_label_without_counts_on_both_sides_is_no_label() -> None:
    assert chi_square_test({"TEXT": 10, "FILE": 0}, {"TEXT": 1.0, "FILE": 0}) == (0.0, 1.0)


def test_nothing_against_nothing_is_equal_and_nothing_against_something_is_not() -> None:
    assert chi_square_test({}, {}) == (0.0, 1.0)
    assert chi_square_test({}, {"TEXT": 1.0})[1] == 0
    assert chi_square_test({"TEXT": 5}, {})[1] == 0


def test_the_effect_size_does_not_grow_with_the_sample() -> None:
    small = chi_square_test({"A": 60, "B": 40}, {"A": 1, "B": 1})[0]
    large = chi_square_test({"A": 60_000, "B": 40_000}, {"A": 1, "B": 1})[0]
    assert cramers_v(small, 100, 2) == pytest.approx(0.2)
    assert cramers_v(large, 100_000, 2) == pytest.approx(0.2)
    assert cramers_v(0.0, 0, 2) == cramers_v(1.0, 10, 1) == 0


@given(WEIGHTS)
def test_fractions_sum_to_one(weights: dict[str, float]) -> None:
    assert sum(fractions(weights).values()) == pytest.approx(1)


@pytest.mark.parametrize("weights", [{}, {"A": 0.0}])
def test_weights_without_a_sum_have_no_fractions(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        fractions(weights)


@given(WEIGHTS, st.integers(0, 2_000_000))
def test_things_are_shared_out_exactly_each_share_right_to_within_one(weights: dict[str, float], total: int) -> None:
    shared = largest_remainder(weights, total)
    assert sum(shared.values()) == total
    for label, share in fractions(weights).items():
        assert abs(shared[label] - share * total) < 1 + 1e-6
        assert shared[label] == 0 or share > 0


def test_a_tie_goes_to_the_earlier_label() -> None:
    assert largest_remainder({"B": 1, "A": 1, "C": 1}, 100) == {"B": 34, "A": 33, "C": 33}
    assert largest_remainder({"A": 0.5, "B": 0.5}, 1) == {"A": 1, "B": 0}
