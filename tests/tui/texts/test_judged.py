"""The four tests with their margins, and the numbers of two sides."""

from __future__ import annotations

import pytest

from shapetui.tui.texts.judged import Numbers, four_tests, numbers
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
