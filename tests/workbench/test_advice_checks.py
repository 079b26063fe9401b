"""Advice beyond the four tests: checks that are NO-GO come back, what it costs is said, parts are fitted anew."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.fidelity.compare import compare
from shapetui.workbench.advice import advise, advise_measured
from shapetui.workbench.draft import Draft, with_all
from shapetui.workbench.expectation import Expected, expect
from shapetui.workbench.intents import SetValues, from_line, to_line
from shapetui.workbench.refit import differing, refitted
from shapetui.workbench.state import Workbench, apply
from shapetui.workbench.writing import config_to_write
from tests.workbench.benches import NOW, Shelf, chat, fitted
from tests.workbench.wrong_configs import WRONG_CONFIGS

TARGET = 200_000


@cache
def shape() -> Shape:
    """The chat, with the median that its lengths have."""
    found = expect(fitted(), chat(), TARGET, 0.15)
    assert isinstance(found, Expected)
    stats = found.shape.messages.content_length_stats
    messages = chat().messages.model_copy(update={"content_length_stats": stats})
    return chat().model_copy(update={"messages": messages})


def draft(config: Config | None = None) -> Draft:
    made = config or fitted()
    return Draft(shape=shape(), loaded=made, config=made, target=TARGET)


def expected(of: Draft) -> Expected:
    assert of.config is not None
    found = expect(of.config, of.shape, of.target, of.tolerance)
    assert isinstance(found, Expected)
    return found


def is_good(of: Draft) -> bool:
    found = expected(of)
    return found.verdict == "PASS" and found.checks.decision == "GO"


def test_what_was_calibrated_needs_nothing() -> None:
    assert is_good(draft())
    found = advise(draft())
    assert found is None or not found.plan_helps


@pytest.mark.parametrize("name", WRONG_CONFIGS)
def test_what_is_wrong_in_one_way_comes_back(name: str) -> None:
    wrong = draft(WRONG_CONFIGS[name](fitted(), shape()))
    if is_good(wrong):
        pytest.skip("too little of a difference for a chat of this size")
    found = advise(wrong)
    assert found is not None
    assert found.plan is not None
    assert found.plan_helps
    assert (found.plan_passed, found.plan_refused, found.unmet) == (4, 0, ())
    assert is_good(with_all(wrong, found.plan.values, found.plan.refit))


@pytest.mark.parametrize("name", ["tail cut at 50", "sizes shuffled over conversation types"])
def test_no_four_tests_are_needed_to_see_it(name: str) -> None:
    wrong = draft(WRONG_CONFIGS[name](fitted(), shape()))
    found = advise(wrong)
    assert found is not None
    assert found.refused == sum(check.verdict == "NO-GO" for check in expected(wrong).checks.checks) > 0
    assert "NO-GO → 4 of 4" in found.plan_sentence


def test_a_plan_moves_one_parameter_no_farther_than_it_must() -> None:
    wrong = with_all(draft(), (("mu TEXT", 4.2),))
    found = advise(wrong)
    assert found is not None
    assert found.plan is not None
    ((key, value),) = found.plan.values
    assert key == "mu TEXT"
    fit = fitted().message_generation.by_type["TEXT"].mu
    assert fit is not None
    assert fit < value < 4.2
    assert is_good(with_all(wrong, found.plan.values))


def test_the_step_names_what_it_costs() -> None:
    # The alphas stand in for each other: one that is too low hides that the tail's share is too small.
    wrong = with_all(draft(), (("tail share GROUP_CHAT", 0.35), ("alpha GROUP_CHAT", 2.3)))
    found = advise(wrong)
    assert found is not None
    assert found.nudge is not None
    for cost in found.nudge.costs:
        assert cost.startswith("costs ")
        assert "→" in cost
    after = with_all(wrong, ((found.nudge.key, found.nudge.value),))
    assert expected(after).passed == found.nudge.passed
    assert sum(check.verdict == "NO-GO" for check in expected(after).checks.checks) == found.nudge.refused


def test_uniform_hours_are_fitted_anew_and_nothing_else() -> None:
    wrong = draft(WRONG_CONFIGS["uniform hours"](fitted(), shape()))
    assert differing(wrong.config or fitted(), shape()) in ([], ["hours"])


def test_a_part_that_is_fitted_anew_keeps_its_share() -> None:
    config = WRONG_CONFIGS["sizes shuffled over conversation types"](fitted(), shape())
    config = WRONG_CONFIGS["conversation types off by 3 points"](config, shape())
    again = refitted(config, shape(), ("sizes GROUP_CHAT",))
    before, after = (each.conversation_generation.by_type for each in (config, again))
    assert after["GROUP_CHAT"].share == before["GROUP_CHAT"].share
    assert after["GROUP_CHAT"].tail == fitted().conversation_generation.by_type["GROUP_CHAT"].tail
    assert after["DIRECT_MESSAGE"] == before["DIRECT_MESSAGE"]


def test_a_type_that_there_is_none_of_is_no_hindrance() -> None:
    block = fitted().conversation_generation
    shares = {label: float(model.share) for label, model in block.by_type.items()} | {"CHANNEL": 0.0}
    original = fitted().model_copy(
        update={"conversation_generation": block.model_copy(update={"by_type": {}, "type_distribution": shares})}
    )
    again = refitted(original, shape(), ("sizes",))
    models = again.conversation_generation.by_type
    assert models["CHANNEL"].share == 0
    assert {label: model.tail for label, model in models.items() if label != "CHANNEL"} == {
        label: model.tail for label, model in block.by_type.items()
    }


def test_what_was_fitted_anew_is_told_and_kept_in_the_lineage() -> None:
    wrong = WRONG_CONFIGS["lengths shuffled over message types"](fitted(), shape())
    bench = apply(Workbench(draft=draft(wrong)), SetValues((), ("lengths IMAGE",)), Shelf())
    assert bench.refitted == ("lengths IMAGE",)
    nudges = config_to_write(bench, NOW).calibration_metadata.nudges
    assert "fitted anew: lengths IMAGE" in {nudge.parameter for nudge in nudges}
    moved = apply(Workbench(draft=draft()), SetValues((("mu TEXT", 4.0),)), Shelf())
    assert moved.refitted == ()


@pytest.mark.parametrize("part", ["sizes NOBODY", "lengths", "weights", ""])
def test_an_unknown_part_is_refused(part: str) -> None:
    with pytest.raises(PlanError, match="no part"):
        refitted(fitted(), shape(), (part,))


def test_without_a_shape_nothing_is_fitted() -> None:
    with pytest.raises(PlanError, match="without the shape"):
        refitted(fitted(), None, ("hours",))


def test_a_plan_with_parts_goes_through_journal_and_undo() -> None:
    wrong = WRONG_CONFIGS["lengths shuffled over message types"](fitted(), shape())
    plan = SetValues((("alpha GROUP_CHAT", 2.5),), ("lengths TEXT",))
    assert from_line(to_line(plan), "a line") == plan
    bench = Workbench(draft=draft(wrong))
    after = apply(bench, plan, Shelf())
    assert after.refusal == ""
    assert after.draft.config is not None
    lengths = after.draft.config.message_generation.by_type
    assert lengths["TEXT"].cells == fitted().message_generation.by_type["TEXT"].cells
    assert lengths["TEXT"] != wrong.message_generation.by_type["TEXT"]
    assert lengths["CODE"] == wrong.message_generation.by_type["CODE"]


def test_what_was_measured_to_be_bad_and_is_not_expected_to_be_is_said() -> None:
    good = draft()
    report = compare(shape(), expected(good).shape, good.tolerance, "shape.json", NOW)
    assert report.checks is not None
    bad = [
        check.model_copy(update={"verdict": "NO-GO"}) if check.name == "hour_of_week" or index == 1 else check
        for index, check in enumerate(report.checks)
    ]
    found = advise_measured(good, report.model_copy(update={"checks": bad, "decision": "NO-GO"}))
    assert found is not None
    assert found.refused >= 1
    assert any("measured otherwise than expected: generate again" in reason for reason in found.unmet)
    assert not found.plan_helps


def test_a_config_of_the_original_kind_is_fitted_anew_as_a_whole() -> None:
    conversations, messages = fitted().conversation_generation, fitted().message_generation
    original = fitted().model_copy(
        update={
            "conversation_generation": conversations.model_copy(update={"by_type": {}}),
            "message_generation": messages.model_copy(update={"by_type": {}}),
        }
    )
    found = advise(replace(draft(original), loaded=original))
    assert found is not None
    assert found.plan is not None
    assert set(found.plan.refit) <= {"sizes", "lengths", "hours"}
    assert is_good(with_all(draft(original), found.plan.values, found.plan.refit))
