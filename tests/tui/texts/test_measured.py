"""What Report says of checks: decision, what is wrong and where, what is well, p-values, the scores of other tools."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from shapetui.documents.checks import Check, Difference
from shapetui.documents.report import Report
from shapetui.tui.overlay import GLYPHS
from shapetui.tui.texts.measured import decision, foreign, good_checks, significance, wrong_checks
from shapetui.tui.texts.report import headline
from tests.tui.screens import two_reports
from tests.tui.texts.given import ODD, plain

WIDTHS = (48, 51, 60, 76, 100)


def check(name: str, verdict: Any = "GO", **changes: Any) -> Check:
    usual = {"measures": f"what {name} is", "value": 0.25, "margin": 0.1, "noise": 0.02, "unit": "relative"}
    return Check(name=name, verdict=verdict, **{**usual, **changes})


def report(*checks: Check, said: Any = "NO-GO") -> Report:
    return two_reports()[1].model_copy(update={"checks": list(checks), "decision": said})


WRONG = report(
    check("sizes", unit="share", value=0.001, margin=0.03),
    check("mean_size", "WARN", production=17.07, synthetic=20.5, value=0.2),
    check("p99", "NO-GO", production=147, synthetic=203, value=0.381, margin=0.15),
    check("tail_alpha", "INCONCLUSIVE", unit="exponent", production=2.5, synthetic=3, settled_at=812_345),
    check(
        "messages_by_size",
        "NO-GO",
        unit="share",
        worst=[
            Difference(at="4096-8191", production=0.3, synthetic=0.01),
            Difference(at=ODD, production=0, synthetic=1),
        ],
    ),
    check("orphans", "NO-GO", unit="rows", value=1_234, margin=0, noise=0, synthetic=1_234),
)


def test_the_decision_is_told_with_how_the_checks_came_out() -> None:
    text = " ".join(plain(decision(WRONG, 100)).split())
    assert text == "decision NO-GO not fit for index tests: 3 NO-GO, 1 INCONCLUSIVE, 1 WARN, 1 GO"
    assert "no check is NO-GO: 1 GO" in plain(decision(report(check("sizes"), said="GO"), 100))
    assert "too few" in plain(decision(report(check("p50", "INCONCLUSIVE"), said="INCONCLUSIVE"), 100))


def test_what_is_wrong_stands_under_its_verdict_with_its_numbers_and_where() -> None:
    lines = plain(wrong_checks(WRONG, 76)).splitlines()
    heads = [line.split()[1] for line in lines if line and not line.startswith(" ")]
    assert heads == ["NO-GO", "INCONCLUSIVE", "WARN"]
    row = next(line for line in lines if line.startswith("  size p99"))
    assert row.split()[2:] == ["38.1", "%", "15.0", "%", "2.0", "%"]
    text = " ".join(" ".join(lines).split())
    assert "147 → 203; what p99 is" in text
    assert "most at 4096-8191 30.0 % → 1.0 %, a[red]b\\x1b[2J\\n 0.0 % → 100.0 %" in text
    assert "2.50 → 3.00; would be settled by 812,345 conversations" in text
    assert "what tail_alpha is" not in text
    assert "17.07 → 20.50" in text
    assert "orphans 1,234 0 0 1,234; what orphans is" in text
    assert "sizes" not in text.replace("by size", "")


def test_what_is_well_is_a_line_each() -> None:
    [head, row] = plain(good_checks(WRONG, 76)).split("\n")[:2]
    assert head.split() == ["✓", "GO", "off", "by", "margin", "noise"]
    assert row.split() == ["sizes", "0.1", "%", "3.0", "%", "2.0", "%"]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_its_column(width: int) -> None:
    for part in (decision, wrong_checks, good_checks, significance, foreign):
        assert all(cell_len(line) <= width for line in plain(part(WRONG, width)).splitlines())


def test_a_report_of_an_earlier_version_says_nothing_of_checks() -> None:
    old = two_reports()[0].model_copy(update={"checks": None, "decision": None, "foreign_scores": None})
    assert not any(part(old, 51) for part in (decision, wrong_checks, good_checks, foreign))
    text = plain(headline(old, GLYPHS["block"], 76, large=True))
    assert "decision" not in text
    assert "production" in text


@pytest.mark.parametrize(
    ("conversations", "messages", "said"),
    [
        (300_000, 5_000_000, ["at 300,000 conversations and 5,000,000 messages any difference is significant"]),
        (200, 5_000_000, ["at 5,000,000 messages any", "are found from V 0.12 at 200 conversations on: a pass"]),
        (5_000, 40_000, ["at 40,000 messages any", "are found from V 0.02 at 5,000 conversations on"]),
    ],
)
def test_what_a_p_value_means_at_that_number_of_rows(conversations: int, messages: int, said: list[str]) -> None:
    found = two_reports()[0]
    assert found.synthetic is not None
    side = found.synthetic.model_copy(update={"conversations": conversations, "messages": messages})
    text = plain(significance(found.model_copy(update={"synthetic": side}), 200))
    assert all(each in text for each in said)
    assert ("proves little" in text) is (conversations == 200)


def test_where_the_numbers_of_rows_are_not_known_nothing_is_said_of_p() -> None:
    assert not significance(two_reports()[0].model_copy(update={"synthetic": None}), 51)


def test_the_scores_of_other_tools_are_labelled_as_ours_and_stand_by_column() -> None:
    lines = plain(foreign(two_reports()[0], 76)).splitlines()
    assert "computed by us from the shapes" in " ".join(lines[:2])
    assert ["Evidently", "SDMetrics"] in [line.split() for line in lines]
    [row] = [line for line in lines if line.startswith("conversation type")]
    assert len(row.split()) in (4, 5)


def test_the_decision_is_on_the_first_line_where_there_is_room() -> None:
    for width, there in ((51, False), (76, True)):
        first = plain(headline(WRONG, GLYPHS["block"], width, large=False)).splitlines()[0]
        assert ("decision NO-GO" in first) is there
        assert cell_len(first) <= width


def test_a_report_of_the_original_system_is_told_as_it_tells_itself() -> None:
    raw = two_reports()[1].plain()
    for key in ("production", "synthetic", "histograms", "schema_version", "checks", "decision", "foreign_scores"):
        raw.pop(key)
    for test in ("conversation_types", "message_types"):
        raw["tests"][test].pop("cramers_v")
    raw["tests"]["messages_per_conversation"].pop("percentile_errors")
    raw["tests"]["messages_per_conversation"]["max_percentile_error"] = 0.382
    text = plain(headline(Report.model_validate(raw), GLYPHS["block"], 51, large=True))
    assert "other labels" not in text
    assert "p 1.00" in text
    assert "largest error 38.2 of 15 %" in text
