"""The gate: one rule from distance, margin and noise to a verdict."""

from __future__ import annotations

from math import inf

import pytest

from shapetui.documents.checks import Check, CheckVerdict
from shapetui.fidelity.facts import Facts, integrity_checks
from shapetui.fidelity.gate import MARGINS, decide, judged, verdict


@pytest.mark.parametrize(
    ("value", "margin", "noise", "expected"),
    [
        (0.03, 0.05, 0.01, "GO"),
        (0.05, 0.05, 0.01, "GO"),
        (0.051, 0.05, 0.01, "WARN"),
        (0.10, 0.05, 0.01, "WARN"),
        (0.101, 0.05, 0.01, "NO-GO"),
        # Bad if it is true, but an honest copy could show as much.
        (0.101, 0.05, 0.034, "INCONCLUSIVE"),
        (0.099, 0.05, 0.034, "WARN"),
        (0.06, 0.05, 0.034, "GO"),
        (0.06, 0.05, 0.076, "INCONCLUSIVE"),
        (0.30, 0.05, 0.076, "NO-GO"),
        (0.0, 0.0, 0.0, "GO"),
        # The example of the survey of tools: a tail cut at 50, an honest draw of 500,000 and one of 50,000 rooms.
        (0.43, 0.05, 0.10, "NO-GO"),
        (0.06, 0.05, 0.063, "GO"),
        (0.17, 0.05, 0.166, "INCONCLUSIVE"),
    ],
)
def test_the_rule(value: float, margin: float, noise: float, expected: CheckVerdict) -> None:
    assert verdict(value, margin, noise) == expected


def check(
    value: float, noise: float, tolerance: float = 0.15, conversations: tuple[float, float] = (1000, 1000)
) -> Check:
    return judged("mean_size", "mean", value, noise, conversations, tolerance, unit="relative")


def test_an_inconclusive_check_says_how_many_conversations_settle_it() -> None:
    found = check(0.05, 0.09)
    assert found.verdict == "INCONCLUSIVE"
    assert found.settled_at is not None
    # Noise falls with the root of N: at that N it is just small enough.
    at = 0.09 * (1000 / found.settled_at) ** 0.5
    assert verdict(0.05, found.margin, at) != "INCONCLUSIVE"
    assert verdict(0.05, found.margin, at * 1.01) == "INCONCLUSIVE"


def test_a_distance_that_may_be_chance_says_how_many_conversations_tell_it_from_chance() -> None:
    found = check(0.12, 0.05)
    assert found.verdict == "INCONCLUSIVE"
    assert found.settled_at is not None
    at = 0.05 * (1000 / found.settled_at) ** 0.5
    assert verdict(0.12, found.margin, at) == "NO-GO"
    assert verdict(0.12, found.margin, at * 1.01) == "INCONCLUSIVE"


def test_where_one_side_is_exact_that_is_a_number_of_production() -> None:
    both, one = check(0.12, 0.05), check(0.12, 0.05, conversations=(1000, inf))
    assert one.settled_at == both.settled_at


def test_the_noise_of_a_ratio_falls_in_its_logarithm() -> None:
    found = judged("p99", "p99", 0.1, 1.0, (100, 100), 0.15, unit="relative", ratio=True)
    assert found.settled_at is not None
    # Three noises make it 4 times as large; at that N it is 1 + 3 * 1.5 * 0.15 times.
    assert 4 ** ((100 / found.settled_at) ** 0.5) == pytest.approx(1.675, rel=0.01)


def test_other_verdicts_need_no_more_conversations() -> None:
    assert check(0.01, 0.001).settled_at is None
    assert check(0.50, 0.001).settled_at is None


def test_the_tolerance_moves_the_margins_of_relative_differences_only() -> None:
    assert check(0.0, 0.0, tolerance=0.30).margin == pytest.approx(2 * MARGINS["mean_size"])
    share = judged("sizes", "KS", 0.0, 0.0, (10, 10), 0.30, unit="share")
    assert share.margin == MARGINS["sizes"]


def test_one_no_go_decides() -> None:
    good, bad, unknown = check(0.01, 0.001), check(0.5, 0.001), check(0.05, 0.09)
    assert decide([good, bad, unknown]) == "NO-GO"
    assert decide([good, unknown]) == "GO"
    assert decide([unknown, unknown]) == "INCONCLUSIVE"
    # Nothing that has noise is known.
    assert decide([unknown, *integrity_checks(Facts(orphans=0))]) == "INCONCLUSIVE"
    # Whole rows say nothing of how alike two chats are.
    assert decide(integrity_checks(Facts(orphans=0))) == "INCONCLUSIVE"
    assert decide([]) is None


def test_a_single_row_without_integrity_is_no_go_and_what_nobody_counted_is_left_out() -> None:
    found = {check.name: check.verdict for check in integrity_checks(Facts(orphans=0, strangers=1))}
    assert found == {"orphans": "GO", "strangers": "NO-GO"}
    assert integrity_checks(Facts()) == []
