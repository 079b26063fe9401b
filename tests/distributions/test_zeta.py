"""Sums of powers against known values of the zeta functions, scipy's, and direct sums."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import zeta

from shapetui.distributions.zeta import power_sum


@pytest.mark.parametrize(
    ("alpha", "value"),
    [
        (2.0, pi**2 / 6),
        (4.0, pi**4 / 90),
        (6.0, pi**6 / 945),
        (8.0, pi**8 / 9450),
        (3.0, 1.2020569031595942),  # Apéry's constant
        (1.5, 2.612375348685488),  # of the Bose-Einstein condensation
        (2.5, 1.3414872572509171),
        (5.0, 1.0369277551433699),
    ],
)
def test_riemanns_zeta_has_its_known_values(alpha: float, value: float) -> None:
    assert float(power_sum(alpha, 1)) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("alpha", [1.0001, 1.01, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0, 20.0])
def test_hurwitz_zeta_is_scipys(alpha: float) -> None:
    first = np.array([1, 2, 3, 5, 20, 999, 10**6, 10**12])
    assert power_sum(alpha, first) == pytest.approx(zeta(alpha, first), rel=1e-13)


@given(st.floats(1.05, 6.0), st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_sum_without_end_is_a_finite_one_and_the_rest(alpha: float, lo: int, length: int) -> None:
    hi = lo + length
    parts = float(power_sum(alpha, lo, hi)) + float(power_sum(alpha, hi + 1))
    assert parts == pytest.approx(float(power_sum(alpha, lo)), rel=1e-12)


@given(st.floats(-3.0, 8.0), st.integers(1, 1000), st.integers(0, 300))
def test_a_finite_sum_is_the_direct_one(alpha: float, lo: int, length: int) -> None:
    direct = float((np.arange(lo, lo + length + 1, dtype=np.float64) ** -alpha).sum())
    assert float(power_sum(alpha, lo, lo + length)) == pytest.approx(direct, rel=1e-12)


def test_exponents_and_ranges_broadcast() -> None:
    alphas, ends = np.array([[0.5], [2.0]]), np.array([10.0, 1000.0, 10.0**7])
    found = power_sum(alphas, 3, ends)
    assert found.shape == (2, 3)
    assert found[1, 2] == pytest.approx(float(power_sum(2.0, 3, 10**7)), rel=1e-15)


def test_finite_and_endless_ranges_stand_in_one_array() -> None:
    found = power_sum(2.0, 1, np.array([1.0, np.inf]))
    assert found.tolist() == pytest.approx([1.0, pi**2 / 6])


@pytest.mark.parametrize("alpha", [1.0, 0.5, -1.0])
def test_there_is_no_sum_without_end_for_small_exponents(alpha: float) -> None:
    assert np.isnan(power_sum(alpha, 1))
