"""Advice: what is spoiled is brought back in one plan, what is locked stays, and what cannot be met is said."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapetui.documents.report import GeneratedFrom, Report
from shapetui.fidelity.compare import compare
from shapetui.workbench import intents
from shapetui.workbench.advice import Advice, advise, advise_measured
from shapetui.workbench.intents import Intent, SetValue, SetValues, ToggleLock
from shapetui.workbench.state import Workbench, apply
from tests.workbench.benches import NOW, Shelf, after, any_intent, chat

TARGET = intents.SetTarget(200_000)


def stepped(workbench: Workbench, *steps: Intent) -> Workbench:
    for step in steps:
        workbench = apply(workbench, step, Shelf())
        assert workbench.refusal == ""
    return workbench


def moved(*changes: tuple[str, float]) -> SetValues:
    """Parameters moved by so much from where they were fitted."""
    values = {p.key: p.value for p in after().parameters}
    return SetValues(tuple((key, values[key] + by) for key, by in changes))


def advice(workbench: Workbench) -> Advice:
    found = advise(workbench)
    assert found is not None
    return found


def verdict(workbench: Workbench) -> str | None:
    assert workbench.expected is not None
    return workbench.expected.verdict


def good() -> Workbench:
    """The fitted config, expected to pass all four."""
    start = after(TARGET)
    if verdict(start) != "PASS":
        start = stepped(start, advice(start).plan or SetValues(()))
    assert verdict(start) == "PASS"
    return start


def report(workbench: Workbench, **errors: float) -> Report:
    """A report of what is expected, with percentiles measured otherwise by these errors."""
    assert workbench.expected is not None
    assert workbench.draft.config is not None
    found = compare(chat(), workbench.expected.shape, workbench.draft.tolerance, "shape.json", NOW)
    sizes = found.tests.messages_per_conversation
    measured = {name: error + errors.get(name, 0.0) for name, error in sizes.percentile_errors.items()}
    tests = found.tests.model_copy(
        update={"messages_per_conversation": sizes.model_copy(update={"percentile_errors": measured})}
    )
    origin = GeneratedFrom(config_digest=workbench.draft.config.digest(), seed="s", target_messages=1, finished=True)
    return found.model_copy(update={"tests": tests, "generated_from": origin})


@pytest.mark.parametrize(
    "changes",
    [
        [("alpha GROUP_CHAT", 0.8)],
        [("alpha GROUP_CHAT", -0.6)],
        [("alpha all types", 0.8)],
        [("conversation weight GROUP_CHAT", 0.2)],
        [("message weight TEXT", -0.2)],
        [("mu TEXT", 0.5)],
        [("mu TEXT", -0.5)],
        [("alpha GROUP_CHAT", 0.8), ("conversation weight GROUP_CHAT", -0.2), ("mu TEXT", 0.5)],
        [("alpha all types", -0.3), ("message weight CODE", 0.2), ("mu CODE", 0.5), ("sigma TEXT", 0.3)],
    ],
    ids=str,
)
def test_what_was_spoiled_is_brought_back_by_one_plan(changes: list[tuple[str, float]]) -> None:
    spoiled = stepped(good(), moved(*changes))
    if verdict(spoiled) == "PASS":
        assert advise(spoiled) is None
        return
    found = advice(spoiled)
    assert found.plan is not None
    assert verdict(stepped(spoiled, found.plan)) == "PASS"
    assert found.plan_passed == 4
    assert found.unmet == ()


def test_random_spoilings_come_back() -> None:
    start, chance = good(), random.Random(7)
    for _ in range(8):
        changes = [
            (chance.choice(["alpha GROUP_CHAT", "alpha DIRECT_MESSAGE"]), chance.choice([-0.5, 0.8])),
            (chance.choice(["conversation weight GROUP_CHAT", "message weight CODE"]), chance.choice([-0.1, 0.2])),
            (chance.choice(["mu TEXT", "mu CODE"]), chance.choice([-0.5, 0.5])),
        ]
        spoiled = stepped(start, moved(*changes))
        plan = advice(spoiled).plan
        assert plan is not None
        assert verdict(stepped(spoiled, plan)) == "PASS", changes


def test_the_nudge_does_what_it_says() -> None:
    spoiled = stepped(good(), moved(("alpha GROUP_CHAT", 0.8)))
    nudge = advice(spoiled).nudge
    assert nudge is not None
    assert (nudge.key, nudge.direction, nudge.test) == ("alpha GROUP_CHAT", "lower", "messages per conversation")
    done = stepped(spoiled, SetValue(nudge.key, nudge.value))
    assert done.expected is not None
    assert done.expected.passed == nudge.passed
    assert nudge.all_pass == (verdict(done) == "PASS")
    assert advice(spoiled).sentence.startswith("lower alpha GROUP_CHAT by 0.")
    assert "−" in advice(spoiled).sentence
    assert advice(spoiled).sentence.endswith("4 of 4")


def test_a_plan_is_one_step_of_undo() -> None:
    spoiled = stepped(good(), moved(("alpha GROUP_CHAT", 0.8), ("mu TEXT", 0.5), ("message weight TEXT", -0.2)))
    plan = advice(spoiled).plan
    assert plan is not None
    assert stepped(spoiled, plan, intents.Undo()).draft == spoiled.draft


def test_what_passes_needs_no_advice_and_without_shape_or_config_there_is_none() -> None:
    assert advise(good()) is None
    assert advise(Workbench()) is None
    alone = stepped(Workbench(), intents.OpenConfig("config.json"))
    assert advise(alone) is None


def test_locked_weights_stay_and_are_named_as_the_reason() -> None:
    key = "message weight TEXT"
    spoiled = stepped(good(), moved((key, -0.2)), ToggleLock(key))
    held = next(p.value for p in spoiled.parameters if p.key == key)
    found = advice(spoiled)
    assert found.plan is None or key not in dict(found.plan.values)
    assert any("message types: TEXT locked" in reason for reason in found.unmet)
    assert found.plan_passed < 4
    after_plan = stepped(spoiled, found.plan) if found.plan else spoiled
    assert next(p.value for p in after_plan.parameters if p.key == key) == held


def test_a_type_that_the_config_lacks_is_named() -> None:
    shelf = Shelf()
    counts = {**chat().messages.type_distribution, "POLL": 20_000}
    messages = chat().messages.model_copy(update={"type_distribution": counts, "total_count": sum(counts.values())})
    shelf.shapes["polls.json"] = chat().model_copy(update={"messages": messages})
    found = advise(apply(good(), intents.OpenShape("polls.json"), shelf))
    assert found is not None
    assert any("message types: the config has no POLL" in reason for reason in found.unmet)


def test_a_config_of_the_original_kind_gets_its_weights_and_its_alpha() -> None:
    start = stepped(after(TARGET), intents.OpenConfig("hand.json"))
    found = advice(start)
    assert found.plan is not None
    done = stepped(start, found.plan)
    assert done.expected is not None
    assert done.expected.passed == found.plan_passed
    # It has a type that production has not, and no length that could be moved.
    assert dict(found.plan.values)["conversation weight CHANNEL"] == 0
    assert any(reason.startswith("content length") for reason in found.unmet)


def test_what_was_measured_beyond_what_was_expected_is_made_up_for() -> None:
    start = good()
    measured = report(start, p99=0.4)
    found = advise_measured(start, measured)
    assert found is not None
    assert found.passed == 3
    assert found.plan is not None
    done = stepped(start, found.plan)
    assert done.expected is not None
    assert done.expected.tests is not None
    errors = done.expected.tests.messages_per_conversation.percentile_errors
    assert abs(float(errors["p99"]) + 0.4) < 0.15
    assert found.plan_passed == 4
    assert advise(start) is None


def test_a_report_of_another_config_or_shape_teaches_nothing() -> None:
    start = good()
    other = stepped(start, moved(("mu TEXT", 0.01)))
    assert advise_measured(start, report(other, p99=0.4)) is None
    measured = report(start, p99=0.4)
    assert measured.production is not None
    elsewhere = measured.model_copy(
        update={"production": measured.production.model_copy(update={"digest": "sha256:0"})}
    )
    assert advise_measured(start, elsewhere) is None
    assert advise_measured(other, measured, measured=start.draft.config) is not None


def test_types_that_were_measured_to_fail_against_expectation_are_not_for_parameters_to_mend() -> None:
    start = good()
    measured = report(start)
    failing = measured.tests.message_types.model_copy(update={"verdict": "FAIL"})
    tests = measured.tests.model_copy(update={"message_types": failing})
    found = advise_measured(start, measured.model_copy(update={"tests": tests}))
    assert found is not None
    assert found.plan is None
    assert "generate again" in found.plan_sentence


def test_it_stops_when_it_is_told_to() -> None:
    spoiled = stepped(good(), moved(("alpha GROUP_CHAT", 0.8), ("mu TEXT", 0.5)))
    asked = 0

    def third() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    assert advise(spoiled, third) is None
    assert asked == 3


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_intent(), max_size=8))
def test_no_draft_makes_it_fail_and_its_plans_can_be_applied(steps: list[Intent]) -> None:
    workbench = after(TARGET)
    for step in steps:
        workbench = apply(workbench, step, Shelf())
    found = advise(workbench)
    if found is None or workbench.expected is None:
        return
    assert "\n" not in found.sentence + found.plan_sentence
    assert found.passed == workbench.expected.passed
    if found.plan is not None:
        done = apply(workbench, found.plan, Shelf())
        assert done.refusal == ""
        assert done.expected is not None
        assert done.expected.passed == found.plan_passed >= found.passed
