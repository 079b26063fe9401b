"""The workbench: any sequence of intents can be taken back, replayed, saved and generated from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapetui.calibration.model import compile_config
from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.errors import DocumentError
from shapetui.workbench import intents
from shapetui.workbench.expectation import compiled
from shapetui.workbench.intents import Focus, Intent, Nudge, Redo, SetValue, ToggleLock, Undo
from shapetui.workbench.parameters import parameters, weights_of
from shapetui.workbench.state import Workbench, apply, replay
from tests.workbench.benches import Shelf, after, any_intent, chat, fitted, hand_made, keys

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def stepped(workbench: Workbench, *steps: Intent) -> Workbench:
    for step in steps:
        workbench = apply(workbench, step, Shelf())
    return workbench


def value(workbench: Workbench, key: str) -> float:
    return next(p.value for p in workbench.parameters if p.key == key)


@SLOW
@given(st.lists(any_intent(), max_size=25))
def test_undoing_all_gives_the_start_redoing_all_the_end_and_replaying_the_same(steps: list[Intent]) -> None:
    start = after()
    end = stepped(start, *steps)
    drafts = [*end.past, end.draft, *reversed(end.future)]

    undone = stepped(end, *[Undo()] * len(end.past))
    assert undone.draft == drafts[0] == Workbench().draft
    redone = stepped(undone, *[Redo()] * (len(drafts) - 1))
    assert redone.draft == drafts[-1]

    opened: list[Intent] = [intents.OpenShape("shape.json"), intents.OpenConfig("config.json")]
    lines = [intents.to_line(step) for step in (*opened, *steps)]
    again = replay([intents.from_line(line, "journal:1") for line in lines], Shelf())
    assert again.draft == end.draft
    assert (again.focus, again.refusal) == (end.focus, end.refusal)


@SLOW
@given(st.lists(any_intent(), max_size=12))
def test_every_config_on_the_way_can_be_saved_loaded_and_generated_from(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Intent]
) -> None:
    folder, workbench = tmp_path_factory.mktemp("configs"), after()
    for number, step in enumerate(steps):
        before = workbench
        workbench = stepped(workbench, step)
        config = workbench.draft.config
        if workbench.refusal:
            assert workbench.draft is before.draft
        if config is None or workbench.draft is before.draft:
            continue
        save(config, folder / f"{number}.json")
        assert load(folder / f"{number}.json", Config) == config
        model = compile_config(config)
        assert model.mean_size == pytest.approx(compiled(config).mean_size)
        assert compiled(config).message_types == model.message_types
        for kind in ("conversation weight", "message weight"):
            weights = weights_of(config, kind)
            assert math.fsum(weights.values()) == pytest.approx(1, abs=1e-9)
            assert min(weights.values()) >= 0
        block = config.conversation_generation
        for label, part in block.by_type.items():
            assert block.type_distribution[label] == pytest.approx(part.share, abs=6e-5)
            assert part.tail is None or part.tail.xmax <= block.messages_per_conversation.max
        assert workbench.expected is not None or workbench.trouble


@SLOW
@given(st.lists(any_intent(), max_size=25))
def test_locked_weights_never_move(steps: list[Intent]) -> None:
    key = "message weight CODE"
    workbench = after(ToggleLock(key))
    locked = value(workbench, key)
    for step in steps:
        if step == ToggleLock(key) or isinstance(step, intents.OpenConfig | Undo | Redo):
            continue
        workbench = stepped(workbench, step)
        assert value(workbench, key) == locked


def test_a_lower_alpha_raises_p99_and_a_higher_mu_the_median_length() -> None:
    before = after().expected
    lower = after(Focus("alpha GROUP_CHAT"), Nudge(-5, coarse=True)).expected
    longer = after(Focus("mu TEXT"), Nudge(3, coarse=True)).expected
    assert before is not None
    assert lower is not None
    assert longer is not None
    percentiles = [e.shape.conversations.messages_per_conversation_percentiles.p99 or 0 for e in (before, lower)]
    assert percentiles[1] > percentiles[0]
    medians = [e.shape.messages.content_length_median or 0 for e in (before, longer)]
    assert medians[1] > medians[0]


def test_the_fitted_config_is_expected_to_pass_the_tests_of_sizes_and_types() -> None:
    expected = after().expected
    assert expected is not None
    assert expected.tests is not None
    verdicts = expected.tests.verdicts()
    assert list(verdicts.values()).count("PASS") == expected.passed >= 3


@pytest.mark.parametrize("label", ["DIRECT_MESSAGE", "GROUP_CHAT"])
def test_xmin_moves_to_a_published_edge_and_back(label: str) -> None:
    start = after(Focus(f"xmin {label}"))
    edges = {int(cell.split("-")[0]) for cell in chat().conversations.by_type[label].messages_per_conversation_cells}
    up = stepped(start, Nudge(1))
    assert value(up, f"xmin {label}") > value(start, f"xmin {label}")
    assert value(up, f"xmin {label}") in edges
    down = stepped(up, Nudge(-1))
    assert down.draft.config is not None
    by_type = down.draft.config.conversation_generation.by_type
    assert by_type[label] == fitted().conversation_generation.by_type[label]


def test_conversations_move_between_body_and_tail_as_production_has_them() -> None:
    cells = chat().conversations.by_type["GROUP_CHAT"].messages_per_conversation_cells
    workbench = after(Focus("xmin GROUP_CHAT"), Nudge(-1, coarse=True))
    assert workbench.draft.config is not None
    model = workbench.draft.config.conversation_generation.by_type["GROUP_CHAT"]
    assert model.tail is not None
    total = sum(cells.values())
    assert sum(model.body_cells.values()) / total + float(model.tail.share) == pytest.approx(1)


def test_nudging_all_alphas_keeps_them_as_far_apart_as_they_were_to_the_very_end() -> None:
    start = after()
    apart = value(start, "alpha DIRECT_MESSAGE") - value(start, "alpha GROUP_CHAT")
    end = stepped(start, Focus("alpha all types"), *[Nudge(30, coarse=True)] * 4)
    assert value(end, "alpha DIRECT_MESSAGE") - value(end, "alpha GROUP_CHAT") == pytest.approx(apart, abs=1e-8)
    assert "highest" in end.refusal


def test_the_original_keys_follow() -> None:
    law = fitted().conversation_generation.messages_per_conversation
    moved = after(Focus("alpha all types"), Nudge(-5), SetValue("xmax DIRECT_MESSAGE", 10**7)).draft.config
    assert moved is not None
    changed = moved.conversation_generation.messages_per_conversation
    assert float(changed.alpha) == pytest.approx(float(law.alpha) - 0.05)
    assert changed.max == 10**7
    assert (changed.p99 or 0) > (law.p99 or 0)
    longer = after(SetValue("mu TEXT", 6.0)).draft.config
    assert longer is not None
    assert float(longer.message_generation.content_length.median or 0) > 100


def test_five_nudges_at_once_are_five_nudges() -> None:
    for key in keys(fitted()):
        if not key.startswith("xmin"):
            at_once, singly = after(Focus(key), Nudge(5)), after(Focus(key), *[Nudge(1)] * 5)
            assert value(at_once, key) == pytest.approx(value(singly, key), rel=1e-6), key


def test_no_step_at_all_changes_nothing() -> None:
    for key in keys(fitted()):
        assert after(Focus(key), Nudge(0)).draft == after().draft


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (SetValue("alpha GROUP_CHAT", math.nan), "lies between"),
        (SetValue("alpha GROUP_CHAT", math.inf), "lies between"),
        (SetValue("sigma TEXT", -1), "lies between"),
        (SetValue("xmax GROUP_CHAT", 10**400), "lies between"),
        (SetValue("nothing", 1), "no parameter"),
        (Focus("nothing"), "no parameter"),
        (ToggleLock("mu TEXT"), "only weights"),
        (ToggleLock("conversation weight NONE"), "no parameter"),
        (intents.SetTarget(0), "between 1 and"),
        (intents.SetTarget(10**30), "between 1 and"),
        (intents.SetTolerance(math.nan), "above 0"),
        (intents.OpenShape("a\x00b"), "zero byte"),
        (intents.OpenConfig("\ud800"), "half a character"),
        (Redo(), "nothing to redo"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(step: Intent, said: str) -> None:
    workbench = after(step)
    assert said in workbench.refusal
    assert workbench.draft == after().draft


def test_a_locked_weight_and_the_last_free_one_are_refused() -> None:
    locked = after(ToggleLock("conversation weight GROUP_CHAT"))
    assert "is locked" in stepped(locked, SetValue("conversation weight GROUP_CHAT", 0.5)).refusal
    assert (
        "all other weights are locked" in stepped(locked, SetValue("conversation weight DIRECT_MESSAGE", 0.5)).refusal
    )


def test_a_weight_takes_no_more_than_the_locked_ones_leave() -> None:
    held = value(after(), "message weight TEXT")
    workbench = after(ToggleLock("message weight TEXT"), SetValue("message weight CODE", 1.0))
    assert value(workbench, "message weight CODE") == pytest.approx(1 - held)
    assert value(workbench, "message weight IMAGE") == pytest.approx(0, abs=1e-12)


def test_xmin_is_refused_without_a_shape_and_without_published_sizes() -> None:
    alone = stepped(Workbench(), intents.OpenConfig("config.json"), Focus("xmin GROUP_CHAT"), Nudge(1))
    assert "without the shape" in alone.refusal
    shelf = Shelf()
    bare = chat().conversations.model_copy(update={"by_type": {}, "messages_per_conversation_cells": {"0": 0}})
    shelf.shapes["bare.json"] = chat().model_copy(update={"conversations": bare})
    workbench = apply(after(Focus("xmin GROUP_CHAT")), intents.OpenShape("bare.json"), shelf)
    assert "publishes no sizes" in apply(workbench, Nudge(1), shelf).refusal


def test_a_file_that_is_not_there_raises_and_the_workbench_is_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        after(intents.OpenConfig(str(tmp_path / "none.json")))


def test_values_beyond_the_reach_of_nudges_are_not_thrown_to_the_other_end() -> None:
    shelf = Shelf()
    law = hand_made().conversation_generation.messages_per_conversation.model_copy(update={"alpha": 15.0, "min": 0})
    block = hand_made().conversation_generation.model_copy(update={"messages_per_conversation": law})
    shelf.configs["steep.json"] = hand_made().model_copy(update={"conversation_generation": block})
    workbench = apply(Workbench(), intents.OpenConfig("steep.json"), shelf)
    assert apply(workbench, Nudge(-1), shelf).parameters[0].value == pytest.approx(14.99)
    assert "highest" in apply(workbench, Nudge(1), shelf).refusal


def test_a_type_that_is_called_like_all_types_is_its_own() -> None:
    block = fitted().conversation_generation
    models = {"all types": block.by_type["GROUP_CHAT"], "DIRECT_MESSAGE": block.by_type["DIRECT_MESSAGE"]}
    config = fitted().model_copy(update={"conversation_generation": block.model_copy(update={"by_type": models})})
    found = [p.key for p in parameters(config)]
    assert len(found) == len(set(found))


def test_what_was_computed_is_kept_until_something_changes() -> None:
    workbench = after()
    moved = stepped(workbench, Focus("mu TEXT"))
    assert moved.expected is workbench.expected
    assert stepped(moved, Nudge(1), Undo()).expected is workbench.expected


ODD_TAILS: list[dict[str, Any]] = [
    {"body_cells": {"1-5": 0}, "tail": {"alpha": 2.0, "xmin": 6, "xmax": 900, "share": 1}},
    {"tail": {"alpha": -4.5, "xmin": 96, "xmax": 10**14, "share": 0.1}},
    {"tail": {"alpha": 19.5, "xmin": 96, "xmax": 97, "share": 0}},
    {"share": 0},
    {"tail": None},
    {"tail": None, "body_cells": {"0": 5}},
]


@pytest.mark.parametrize("odd", ODD_TAILS)
@SLOW
@given(data=st.data())
def test_odd_files_too_stay_such_that_they_can_be_loaded(odd: dict[str, Any], data: st.DataObject) -> None:
    plain = fitted().plain()
    plain["conversation_generation"]["by_type"]["GROUP_CHAT"] |= odd
    shelf = Shelf()
    shelf.configs["odd.json"] = Config.model_validate(plain)
    workbench = apply(after(), intents.OpenConfig("odd.json"), shelf)
    for _ in range(data.draw(st.integers(1, 5))):
        one = data.draw(st.sampled_from(workbench.parameters))
        ends = st.sampled_from([one.lowest, one.highest, (one.lowest + one.highest) / 2])
        steps = st.sampled_from([-5000, -1, 1, 50])
        step = data.draw(st.builds(SetValue, st.just(one.key), ends) | st.builds(Nudge, steps, st.booleans()))
        workbench = apply(apply(workbench, Focus(one.key), shelf), step, shelf)
        config = workbench.draft.config
        assert config is not None
        assert Config.model_validate_json(config.to_json()) == config
    assert workbench.expected is not None or workbench.trouble


def test_several_values_are_one_step_of_undo() -> None:
    step = intents.SetValues((("alpha GROUP_CHAT", 2.5), ("mu TEXT", 4.0), ("message weight CODE", 0.3)))
    workbench = after(step)
    assert [value(workbench, key) for key, _ in step.values] == [2.5, 4.0, 0.3]
    assert stepped(workbench, Undo()).draft == after().draft
    assert len(workbench.past) == len(after().past) + 1


def test_weights_given_together_come_out_exactly_and_as_a_sum_of_one() -> None:
    thirds = (("message weight TEXT", 1 / 3), ("message weight CODE", 1 / 2), ("message weight IMAGE", 1 / 6))
    workbench = after(intents.SetValues(thirds))
    assert [value(workbench, key) for key, _ in thirds] == [share for _, share in thirds]
    doubled = after(intents.SetValues(tuple((key, min(1.0, 2 * share)) for key, share in thirds)))
    assert [value(doubled, key) for key, _ in thirds] == pytest.approx([2 / 6, 3 / 6, 1 / 6])


def test_weights_not_given_give_way_and_locked_ones_never() -> None:
    start = after()
    others = [("message weight CODE", 0.3), ("message weight IMAGE", 0.1)]
    workbench = stepped(start, intents.SetValues(tuple(others)))
    assert value(workbench, "message weight TEXT") == pytest.approx(0.6)
    locked = stepped(start, ToggleLock("message weight TEXT"))
    held = value(locked, "message weight TEXT")
    squeezed = stepped(locked, intents.SetValues(tuple(others)))
    assert value(squeezed, "message weight TEXT") == held
    assert value(squeezed, "message weight CODE") == pytest.approx(3 * value(squeezed, "message weight IMAGE"))
    same = stepped(locked, intents.SetValues((("message weight TEXT", held), *others)))
    assert same.draft == squeezed.draft


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([("nothing", 1.0)], "no parameter"),
        ([("mu TEXT", 4.0), ("sigma TEXT", -1.0)], "lies between"),
        ([("mu TEXT", 4.0), ("mu TEXT", 5.0)], "given twice"),
        ([("mu TEXT", math.nan)], "lies between"),
        ([("message weight CODE", 0.5)], "is locked"),
        ([("conversation weight DIRECT_MESSAGE", 0.0), ("conversation weight GROUP_CHAT", 0.0)], "cannot all be 0"),
        ([(f"mu {number}", 0.0) for number in range(200)], "at most 128"),
    ],
)
def test_values_of_which_one_cannot_be_change_nothing(values: list[tuple[str, float]], said: str) -> None:
    locked = after(ToggleLock("message weight CODE"))
    workbench = stepped(locked, intents.SetValues(tuple(values)))
    assert said in workbench.refusal
    assert workbench.draft == locked.draft


def test_the_range_of_a_tail_can_be_moved_in_one_step_whatever_lies_between() -> None:
    start = after()
    low, high = value(start, "xmin GROUP_CHAT"), value(start, "xmax GROUP_CHAT")
    steps = (("xmax GROUP_CHAT", 4 * high), ("xmin GROUP_CHAT", low + 1), ("alpha GROUP_CHAT", 2.0))
    workbench = stepped(start, intents.SetValues(steps))
    assert workbench.refusal == ""
    assert value(workbench, "xmax GROUP_CHAT") == 4 * high


def test_a_seed_is_part_of_the_draft() -> None:
    workbench = after(intents.SetSeed("a seed, ä"))
    assert workbench.draft.seed == "a seed, ä"
    assert stepped(workbench, intents.SetSeed(None)).draft.seed is None
    assert stepped(workbench, Undo()).draft.seed is None


@pytest.mark.parametrize("seed", ["", "\x00", "a\nb", "\ud800", "x" * 201])
def test_a_seed_that_a_database_or_a_report_could_not_hold_is_refused(seed: str) -> None:
    workbench = after(intents.SetSeed(seed))
    assert "printable" in workbench.refusal
    assert workbench.draft == after().draft
