"""The trail of rounds: oldest first, each with the config that its rows came from and what was changed before it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shapetui.documents.checks import Check, CheckVerdict
from shapetui.documents.report import Report
from shapetui.fidelity.gate import decide
from shapetui.workbench.intents import SetValue
from shapetui.workbench.rounds import ERRORS, compare_checks, compare_rounds, errors_of, rounds_of
from shapetui.workbench.writing import config_to_write
from tests.workbench.benches import NOW, after, chat, fitted
from tests.workbench.shelves import Shelving, nudged, report_of


def test_rounds_stand_in_the_order_of_time_with_their_configs_and_changes(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config-v2", nudged(2.5))
    shelving.put("config", fitted())
    # Written in another order than measured.
    third = shelving.put("r3", report_of(nudged(2.9), 30))
    second = shelving.put("r2", report_of(nudged(2.5), 20))
    first = shelving.put("r1", report_of(fitted(), 10))
    fourth = shelving.put("r4", report_of(None, 40))
    rounds = rounds_of(shelving.entries())
    assert [round_.number for round_ in rounds] == [1, 2, 3, 4]
    assert [round_.report_path for round_ in rounds] == [first, second, third, fourth]
    digest = nudged(2.9).digest().removeprefix("sha256:")
    assert [round_.config for round_ in rounds] == ["config.json", "config-v2.json", digest[:12], ""]
    (alpha,) = [change for change in rounds[1].changes if change.key == "alpha GROUP_CHAT"]
    assert alpha.after == 2.5
    # What is not known has not changed.
    assert [round_.changes for round_ in (rounds[0], rounds[2], rounds[3])] == [(), (), ()]


def test_rows_of_a_draft_that_was_written_afterwards_are_that_configs(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config", fitted())
    bench = after(SetValue("alpha GROUP_CHAT", 2.5))
    draft = bench.draft.config
    assert draft is not None
    shelving.put("report", report_of(draft, 10))
    assert rounds_of(shelving.entries())[0].config == draft.digest().removeprefix("sha256:")[:12]
    written = config_to_write(bench, NOW)
    assert written.digest() != draft.digest()
    shelving.put("config-v2", written)
    assert rounds_of(shelving.entries())[0].config == "config-v2.json"


def test_errors_keep_their_signs() -> None:
    shape = after().expected
    assert shape is not None
    report = report_of(fitted(), 1, synthetic=shape.shape)
    found = errors_of(report)
    assert tuple(found) == ERRORS
    assert report.production is not None
    assert report.synthetic is not None
    mean = float(report.synthetic.content_length_mean or 0) / float(report.production.content_length_mean or 1) - 1
    assert found["length mean"] == pytest.approx(mean)
    assert abs(found["length"] or 0) == max(abs(found["length mean"] or 0), abs(found["length median"] or 0))
    assert found["p99"] == report.tests.messages_per_conversation.percentile_errors["p99"]


def test_an_original_report_has_the_errors_that_it_tells() -> None:
    plain = report_of(None, 1).plain()
    for key in ("production", "synthetic", "histograms", "schema_version"):
        plain.pop(key)
    for test in ("conversation_types", "message_types"):
        plain["tests"][test].pop("cramers_v")
    plain["tests"]["messages_per_conversation"].pop("percentile_errors")
    found = errors_of(Report.model_validate(plain))
    assert found["p99"] is None
    assert found["length mean"] == 0.0
    assert found["message types V"] is None


def test_two_rounds_are_compared_by_what_differs_and_by_all_errors(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("config", fitted())
    shelving.put("config-v2", nudged(2.5))
    shelving.put("r1", report_of(fitted(), 10))
    shelving.put("r2", report_of(nudged(2.5), 20))
    one, other = rounds_of(shelving.entries())
    rows = compare_rounds(one, other)
    assert ("alpha GROUP_CHAT", f"{one.parameters['alpha GROUP_CHAT']:.4g}", "2.5") in rows
    names = [row.name for row in rows]
    assert "mu TEXT" not in names
    assert names[-5:] == ["mean", "length mean", "length median", "conversation types V", "message types V"]
    assert all(isinstance(value, str) for row in rows for value in row)
    assert compare_rounds(one, one)[0].name == "p50"


def test_a_round_carries_its_decision_and_how_many_checks_stand_against_it(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("r1", with_checks(report_of(None, 10), p99="NO-GO", sizes="NO-GO", p50="GO"))
    shelving.put("r2", report_of(None, 20).model_copy(update={"checks": None, "decision": None}))
    one, old = rounds_of(shelving.entries())
    assert (one.decision, one.no_go) == ("NO-GO", 2)
    assert (old.decision, old.no_go, old.checks) == (None, 0, ())
    assert compare_checks(one, old) == ()


def test_checks_of_two_rounds_are_compared_by_verdict_and_by_value(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    first = with_checks(report_of(None, 10), p50="GO", p99="NO-GO", sizes="GO", lengths="GO", strangers="GO")
    assert first.checks is not None
    # A thousandth of its margin is no move, half of it is one.
    by = {"sizes": 0.0005, "lengths": 0.05}
    moved = [
        check.model_copy(
            update={
                "value": check.value + by.get(check.name, 0.0),
                "verdict": "GO",
            }
        )
        for check in first.checks
        if check.name != "strangers"
    ]
    shelving.put("r1", first)
    shelving.put("r2", report_of(None, 20).model_copy(update={"checks": moved, "decision": "GO"}))
    one, other = rounds_of(shelving.entries())
    found = compare_checks(one, other)
    assert [(each.name, each.turned) for each in found] == [("p99", True), ("strangers", True), ("lengths", False)]
    assert found[1].after is None
    assert compare_checks(one, one) == ()


def test_large_parameters_are_written_in_full(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("r1", report_of(None, 10))
    [one] = rounds_of(shelving.entries())
    before, after = (replace(one, parameters={"max GROUP_CHAT": value}) for value in (14_100.0, 0.0291))
    assert compare_rounds(before, after)[0] == ("max GROUP_CHAT", "14,100", "0.0291")


def with_checks(report: Report, **verdicts: CheckVerdict) -> Report:
    """The report with these checks, each 10 % off with a margin of 10 %."""
    checks = [
        Check(name=name, measures=name, value=0.1, margin=0.1, noise=0, verdict=verdict, unit="relative")
        for name, verdict in verdicts.items()
    ]
    return report.model_copy(update={"checks": checks, "decision": decide(checks)})
