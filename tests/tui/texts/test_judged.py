"""The four tests with their margins, and the numbers of two sides."""

from __future__ import annotations

import pytest

from shapetui.documents.checks import Check
from shapetui.tui.texts.judged import Numbers, check_lines, check_numbers, decision_line, four_tests, numbers
from tests.tui.screens import two_reports
from tests.tui.texts.given import plain


def test_each_test_has_its_mark_its_number_and_its_limit() -> None:
    failed, nearly = (plain(four_tests(report.tests, 0.15)) for report in two_reports())
    assert [line[0] for line in failed.splitlines()] == list("✗✗✗✗")
    assert [line[0] for line in nearly.splitlines()] == list("✓✓✓✗")
    assert "p99 −5.1 of 15 %" in nearly
    assert "median 17.9 of 15 %" in nearly
    assert "other labels" in failed


@pytest.mark.parametrize("width", [4, 8, 20])
def test_a_bar_tells_how_much_of_the_limit_is_used(width: int) -> None:
    lines = plain(four_tests(two_reports()[1].tests, 0.15, bar=width)).splitlines()
    assert {line.count("━") + line.count("─") for line in lines} == {width}
    # More than all of it is shown as all of it.
    assert lines[3].count("━") == width
    assert lines[1].count("━") == round(width * 0.0506 / 0.15)


def test_numbers_of_both_sides_with_the_error_to_production() -> None:
    one = Numbers({"p50": 10, "p99": 1_000}, 20.0, 50.0, 30.0, 0.4)
    two = Numbers({"p50": 9, "p99": 1_100}, 25.0, None, 33.0, 0.2)
    lines = plain(numbers(one, two, "measured")).splitlines()
    assert lines[0].split() == ["production", "measured"]
    assert [line.split()[0] for line in lines[1:]] == ["p50", "p99", "mean", "top", "length"]
    assert lines[1].split() == ["p50", "10", "9", "−10.0", "%"]
    assert lines[2].split() == ["p99", "1,000", "1,100", "+10.0", "%"]
    assert lines[4].split() == ["top", "1", "%", "0.400", "0.200", "−50.0", "%"]


def check(name: str, value: float, **changes: object) -> Check:
    given = {"measures": "", "margin": 0.05, "noise": 0.0, "verdict": "GO", "unit": "share"}
    return Check.model_validate({"name": name, "value": value, **given, **changes})


GOOD, NEAR = check("sizes", 0.01), check("lengths", 0.06, verdict="WARN")
BAD = check("p99", 0.4, verdict="NO-GO", unit="relative", production=1_000, synthetic=1_400)
OPEN = check("tail_alpha", 0.3, verdict="INCONCLUSIVE", unit="exponent", production=2.5, synthetic=2.8, noise=1.0)


def test_checks_are_a_line_each_with_both_numbers_or_distance_and_margin() -> None:
    lines = plain(check_lines([GOOD, NEAR, BAD, OPEN], 10)).splitlines()
    assert [line.split() for line in lines] == [
        ["✗", "size", "p99", "1,000", "→", "1,400", "NO-GO"],
        ["!", "lengths", "6.0", "of", "5", "%", "WARN"],
        ["?", "tail's", "alpha", "2.50", "→", "2.80"],
        ["✓", "sizes", "1.0", "of", "5", "%"],
    ]
    assert max(map(len, lines)) <= 42
    assert plain(check_lines([GOOD, NEAR, BAD, OPEN], 3)).splitlines()[-1] == "  and 1 GO · 1 INCONCLUSIVE more"
    assert plain(check_lines([GOOD], 0)) == ""


def test_the_decision_is_told_with_how_many_checks_came_out_how() -> None:
    assert plain(decision_line([BAD, GOOD, GOOD, NEAR], "NO-GO", 42)) == ("checks  NO-GO   2 GO · 1 WARN · 1 NO-GO\n")
    assert plain(decision_line([BAD, GOOD, OPEN, NEAR], "NO-GO", 42)) == (
        "checks  NO-GO\n1 GO · 1 WARN · 1 NO-GO · 1 INCONCLUSIVE\n"
    )


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (check("top_1_percent_share", 0.07, production=0.19, synthetic=0.264), "19.0 → 26.4 %"),
        (check("mean_size", 0.1, unit="relative", production=17.07, synthetic=18.9), "17.07 → 18.90"),
        (check("mean_length", 0.1, unit="relative", production=222.81, synthetic=230), "222.8 → 230.0"),
        (check("duplicates", 3, unit="rows", margin=0, production=None, synthetic=3), "3 of 0"),
    ],
)
def test_numbers_of_a_check(one: Check, said: str) -> None:
    assert check_numbers(one) == said
