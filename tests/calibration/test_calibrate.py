"""Calibrating: shapes of the original, shapes with little in them, shapes that are no chat's."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import numpy as np
import pytest

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.lengths import fit_lengths, length_distribution
from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.calibration.sizes import cells_from_percentiles
from shapetui.distributions import lognormal, powerlaw
from shapetui.distributions.discrete import grid_values
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.model import format_time
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.errors import PlanError
from shapetui.fidelity.compare import run_tests
from tests.calibration.corpus_shape import Integers, shape_of
from tests.documents.examples import EXTENDED_SHAPE, REALISTIC_SHAPE, REPOSITORY_SHAPE, Json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = {"TEXT": lognormal.discretised(4.0, 1.0, 5000).quantile((np.arange(2000) + 0.5) / 2000)}


def predicted(shape: Shape, target: int | None = None) -> Shape:
    model = compile_config(calibrate(shape, "shape.json", NOW))
    return predict(model, target or shape.messages.total_count, shape.extracted_at, 30)


def changed(content: Json, *place: str, value: object) -> Shape:
    found = copy.deepcopy(content)
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return Shape.model_validate(found)


def draws(alpha: float, xmin: int, xmax: int, n: int, seed: int = 1) -> Integers:
    return powerlaw.truncated(alpha, xmin, xmax).quantile(np.random.default_rng(seed).random(n))


def test_the_originals_own_shape_gives_sixty_three_messages_everywhere() -> None:
    found = predicted(Shape.model_validate(REPOSITORY_SHAPE)).conversations.messages_per_conversation_percentiles
    assert set(found.values().values()) == {63}
    assert found.max == 63


def test_the_originals_own_shape_passes_its_own_judgement() -> None:
    shape = Shape.model_validate(REPOSITORY_SHAPE)
    tests = run_tests(shape, predicted(shape), 0.15)
    assert tests.verdicts() == {
        "conversation_types": "PASS",
        "messages_per_conversation": "PASS",
        "message_types": "PASS",
        "content_length": "PASS",
    }


@pytest.mark.parametrize("content", [REALISTIC_SHAPE, EXTENDED_SHAPE], ids=["realistic", "extended"])
def test_the_percentiles_of_an_original_shape_are_reproduced(content: Json) -> None:
    shape = Shape.model_validate(content)
    wanted = shape.conversations.messages_per_conversation_percentiles
    found = predicted(shape, 5_000_000).conversations.messages_per_conversation_percentiles
    for name, value in wanted.values().items():
        assert found.values()[name] == pytest.approx(value, rel=0.05), name
    assert wanted.max is not None
    assert found.max is not None
    assert found.max <= wanted.max


@pytest.mark.parametrize("total", [1000, 8000, 16_000, 99_991])
def test_cells_made_of_percentiles_have_exactly_these_percentiles(total: int) -> None:
    wanted = {"p50": 45, "p75": 120, "p90": 450, "p95": 1200, "p99": 5000}
    cells = cells_from_percentiles(wanted, 15_000, total, None)
    below = dict(zip(cells.hi.tolist(), cells.cumulative().tolist(), strict=True))
    for name, value in wanted.items():
        assert below[value] >= PERCENTILES[name]
        assert max((share for hi, share in below.items() if hi < value), default=0) <= PERCENTILES[name]
    assert cells.hi[-1] == 15_000


def test_three_wide_cells_give_the_mean_of_an_original_shape_nearly() -> None:
    shape = Shape.model_validate(REPOSITORY_SHAPE)
    assert predicted(shape).messages.content_length_mean == pytest.approx(61, rel=0.06)


def test_lengths_without_a_histogram_come_from_mean_and_median() -> None:
    found = predicted(Shape.model_validate(REALISTIC_SHAPE)).messages
    assert found.content_length_median == pytest.approx(42, abs=1)
    assert found.content_length_mean == pytest.approx(85, rel=0.05)


def test_the_config_says_where_it_comes_from() -> None:
    shape = Shape.model_validate(REPOSITORY_SHAPE)
    found = calibrate(shape, "prod.json", NOW).calibration_metadata
    assert found.source_shape_file == "prod.json"
    assert found.source_shape_digest == shape.digest()
    assert found.calibrated_at == format_time(NOW)
    assert found.until == shape.extracted_at
    assert found.window_seconds == 30 * 86_400


def test_a_config_survives_its_file() -> None:
    config = calibrate(shape_of({"GROUP_CHAT": draws(2.5, 1, 5000, 5000)}, TEXT), "shape.json", NOW)
    assert Config.model_validate_json(config.to_json()) == config


def test_a_type_with_few_conversations_has_no_tail() -> None:
    shape = shape_of({"GROUP_CHAT": draws(2.2, 1, 5000, 9000), "CHANNEL": draws(2.2, 1, 500, 40)}, TEXT)
    models = calibrate(shape, "shape.json", NOW).conversation_generation.by_type
    assert models["GROUP_CHAT"].tail is not None
    assert models["CHANNEL"].tail is None
    assert models["CHANNEL"].body_cells


def test_a_type_whose_cells_were_withheld_takes_those_of_all() -> None:
    shape = shape_of({"GROUP_CHAT": draws(2.2, 1, 5000, 9000), "CHANNEL": draws(2.2, 1, 500, 5)}, TEXT)
    assert shape.conversations.by_type["CHANNEL"].messages_per_conversation_cells == {}
    models = calibrate(shape, "shape.json", NOW).conversation_generation.by_type
    assert models["CHANNEL"].tail is not None


def test_one_type_can_be_all_there_is() -> None:
    shape = shape_of({"DIRECT_MESSAGE": draws(2.5, 1, 1000, 5000)}, TEXT)
    config = calibrate(shape, "shape.json", NOW)
    assert config.conversation_generation.type_distribution == {"DIRECT_MESSAGE": 1.0}
    assert predicted(shape).conversations.type_distribution == {
        "DIRECT_MESSAGE": predicted(shape).conversations.total_count
    }
    assert set(run_tests(shape, predicted(shape), 0.1).verdicts().values()) == {"PASS"}


FOLDED_CERTIFICATE: Json = {
    "rule_version": 1,
    "min_cell_count": 11,
    "protected_entities": {},
    "merged_cells": {},
    "top_coded": [],
    "folded_labels": 2,
    "renamed_labels": 0,
}


def test_what_was_folded_is_spread_over_the_rest() -> None:
    content = copy.deepcopy(REPOSITORY_SHAPE)
    content["conversations"]["type_distribution"] = {"DIRECT_MESSAGE": 6000, "GROUP_CHAT": 1500, "OTHER": 500}
    content["messages"]["type_distribution"] = {"TEXT": 400_000, "OTHER": 100_000}
    content["certificate"] = FOLDED_CERTIFICATE
    shape = Shape.model_validate(content)
    config = calibrate(shape, "shape.json", NOW)
    assert config.conversation_generation.type_distribution == {"DIRECT_MESSAGE": 0.8, "GROUP_CHAT": 0.2}
    assert config.message_generation.type_distribution == {"TEXT": 1.0}
    tests = run_tests(shape, predicted(shape), 0.15)
    assert tests.conversation_types.verdict == tests.message_types.verdict == "PASS"


def test_a_label_of_its_own_named_other_is_kept() -> None:
    content = copy.deepcopy(REPOSITORY_SHAPE)
    content["messages"]["type_distribution"] = {"TEXT": 350_000, "OTHER": 150_000}
    shape = Shape.model_validate(content)
    assert calibrate(shape, "s", NOW).message_generation.type_distribution == {"TEXT": 0.7, "OTHER": 0.3}
    tests = run_tests(shape, predicted(shape), 0.15)
    assert tests.message_types.verdict == "PASS"


def test_what_was_folded_stays_when_it_is_all_there_is() -> None:
    shape = changed(REPOSITORY_SHAPE, "conversations", "type_distribution", value={"OTHER": 8000})
    assert calibrate(shape, "s", NOW).conversation_generation.type_distribution == {"OTHER": 1.0}


@pytest.mark.parametrize(
    ("xmin", "xmax", "seed"),
    [*((20, 50_000, seed) for seed in range(5)), *((1, 20_000, seed) for seed in (0, 1, 2, 4)), (1, 200_000, 4)],
)
def test_a_few_huge_rooms_keep_their_mean(xmin: int, xmax: int, seed: int) -> None:
    # 521 rooms with alpha 1.7, as one of the real sets: the largest room, with 9 to 66 % of all messages, decides the
    # mean. (With more than that in one room, no power law of 521 values has it.)
    sizes = draws(1.7 if xmin > 1 else 1.68, xmin, xmax, 521, seed)
    shape = shape_of({"GROUP_CHAT": sizes}, TEXT)
    found = predicted(shape)
    assert found.conversations.messages_per_conversation_mean == pytest.approx(float(sizes.mean()), rel=0.05)


@pytest.mark.parametrize("alpha", [1.5, 2.0, 2.5, 3.0])
def test_the_alpha_of_a_pure_power_law_is_found_again(alpha: float) -> None:
    shape = shape_of({"GROUP_CHAT": draws(alpha, 1, 20_000, 30_000)}, TEXT)
    tail = calibrate(shape, "shape.json", NOW).conversation_generation.by_type["GROUP_CHAT"].tail
    fit = calibrate(shape, "shape.json", NOW).conversation_generation.by_type["GROUP_CHAT"].fit
    assert tail is not None
    assert fit is not None
    assert fit.alpha_standard_error is not None
    # Four standard errors: choosing xmin by KS adds some of its own.
    assert tail.alpha == pytest.approx(alpha, abs=max(0.02, 4 * fit.alpha_standard_error))


def test_calibrating_what_was_predicted_gives_the_same_shape_again() -> None:
    shape = shape_of({"GROUP_CHAT": draws(2.3, 2, 20_000, 20_000)}, TEXT)
    once = predicted(shape)
    again = predicted(once)
    assert set(run_tests(once, again, 0.05).verdicts().values()) == {"PASS"}


@pytest.mark.parametrize(
    ("block", "value"), [("conversations", {}), ("messages", {"TEXT": 0}), ("conversations", {"GROUP_CHAT": 0})]
)
def test_an_empty_shape_is_refused_with_a_way_out(block: str, value: dict[str, int]) -> None:
    with pytest.raises(PlanError, match=r"prod\.json: the shape is empty") as caught:
        calibrate(changed(REPOSITORY_SHAPE, block, "type_distribution", value=value), "prod.json", NOW)
    assert "--window-days" in caught.value.hint


def test_a_shape_without_any_sizes_is_refused() -> None:
    shape = changed(REPOSITORY_SHAPE, "conversations", "messages_per_conversation_percentiles", value={})
    with pytest.raises(PlanError, match="neither"):
        calibrate(shape, "prod.json", NOW)


def test_cells_without_a_count_are_no_cells() -> None:
    content = copy.deepcopy(REPOSITORY_SHAPE)
    content["conversations"]["messages_per_conversation_cells"] = {"5": 0}
    content["conversations"]["by_type"] = {
        "GROUP_CHAT": {"total_count": 2425, "message_count": 1, "messages_per_conversation_cells": {"7": 0}}
    }
    content["messages"]["by_type"] = {"TEXT": {"total_count": 416887, "content_length_cells": {"7": 0}}}
    found = predicted(Shape.model_validate(content))
    assert found.conversations.messages_per_conversation_percentiles.p50 == 63


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("messages", "content_length_stats"), {"mean": 10**14, "median": 10**14, "p95": 10**14}),
        (("messages", "content_length_histogram"), {"0-49": 5, "999999999999990-999999999999999": 5}),
    ],
)
def test_numbers_of_no_chat_are_refused_not_crashed_on(place: tuple[str, str], value: object) -> None:
    content = copy.deepcopy(REPOSITORY_SHAPE)
    content["messages"].pop("content_length_histogram")
    with pytest.raises(PlanError, match="outside of what a config may hold"):
        calibrate(changed(content, *place, value=value), "prod.json", NOW)


def test_empty_messages_are_an_atom_of_their_own() -> None:
    cells = Histogram.of_cells([(0, 0, 100), (1, 9, 300), (10, 99, 500), (100, 999, 100)])
    model = fit_lengths(cells, 1.0)
    assert model.empty_share == pytest.approx(0.1)
    law = length_distribution(model)
    assert float(law.cdf(0)) == pytest.approx(0.1)
    assert (grid_values(law, 1000) == 0).sum() == 100


def test_messages_that_are_all_empty_are_all_empty() -> None:
    law = length_distribution(fit_lengths(Histogram.of_cells([(0, 0, 100)]), 1.0))
    assert (law.minimum, law.maximum) == (0, 0)


def test_log_normal_lengths_are_recognised_and_others_kept_as_they_are() -> None:
    model = fit_lengths(Histogram.of_values(TEXT["TEXT"]), 1.0, float(TEXT["TEXT"].mean()))
    assert model.model == "log_normal"
    assert model.mu == pytest.approx(4.0, abs=0.02)
    assert model.sigma == pytest.approx(1.0, abs=0.02)
    two = np.concatenate([np.full(500, 20), np.full(500, 900)])
    model = fit_lengths(Histogram.of_values(two), 1.0, float(two.mean()))
    assert model.model == "histogram"
    assert length_distribution(model).mean() == pytest.approx(float(two.mean()), rel=0.1)


def test_a_shape_without_message_types_has_text_and_as_much_media_as_it_says() -> None:
    config = calibrate(Shape.model_validate(EXTENDED_SHAPE), "extended", NOW)
    shares = {label: model.share for label, model in config.message_generation.by_type.items()}
    assert shares == {"TEXT": pytest.approx(0.837), "IMAGE": pytest.approx(0.163)}
