"""The checks: right against scipy, blind to nothing that they are for, and passed by honest copies."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shapetui.calibration.predict import predict
from shapetui.documents.files import load, save
from shapetui.documents.report import Report
from shapetui.documents.shape import PREDICTED, Certificate, Conversations, Messages, Shape
from shapetui.fidelity.checks import Checks, run_checks
from shapetui.fidelity.compare import compare
from shapetui.fidelity.facts import Facts
from tests.calibration.corpus_shape import shape_of
from tests.documents.examples import REPOSITORY_SHAPE
from tests.fidelity.wrong_generators import NOW, WRONG, Wrong, calibrated, halves, made

RANDOM = np.random.default_rng(2)
# Up to 10 every integer is a cell of its own, so that nothing is lost in a histogram.
SIZES = {"DIRECT_MESSAGE": RANDOM.integers(1, 9, 4000), "GROUP_CHAT": RANDOM.integers(2, 11, 6000)}
OTHERS = {"DIRECT_MESSAGE": RANDOM.integers(1, 8, 3000), "GROUP_CHAT": RANDOM.integers(3, 11, 6500)}
LENGTHS = {"TEXT": RANDOM.integers(0, 11, 9000), "CODE": RANDOM.integers(3, 9, 2000)}
OTHER_LENGTHS = {"TEXT": RANDOM.integers(1, 11, 8000), "CODE": RANDOM.integers(2, 9, 2500)}
HOURS = RANDOM.integers(50, 100, 168).tolist()
OTHER_HOURS = RANDOM.integers(40, 120, 168).tolist()
ONE, OTHER = shape_of(SIZES, LENGTHS, hours=HOURS), shape_of(OTHERS, OTHER_LENGTHS, hours=OTHER_HOURS)

# uci_dm has one type of each kind and no conversation over 184 messages.
NOTHING_WRONG_IN_UCI = {
    "tail cut at 200",
    "sizes shuffled over conversation types",
    "lengths shuffled over message types",
}
# It has 277 conversations in the largest 2 %: a standard error of 0.12.
UNDECIDED_IN_UCI = {"alpha 0.3 too low", "alpha 0.3 too high"}
UNSEEN_IN_UCI = NOTHING_WRONG_IN_UCI | UNDECIDED_IN_UCI


def value(checks: Checks, name: str) -> float:
    found = checks.named(name)
    assert found is not None
    return found.value


def every(parts: dict[str, Any]) -> Any:
    return np.concatenate(list(parts.values()))


def ks(one: Any, other: Any) -> float:
    return float(stats.ks_2samp(one, other).statistic)


def test_ks_distances_are_scipys_on_the_values_themselves() -> None:
    found = run_checks(ONE, OTHER, 0.15)
    assert value(found, "sizes") == pytest.approx(ks(every(SIZES), every(OTHERS)), abs=1e-9)
    assert value(found, "lengths") == pytest.approx(ks(every(LENGTHS), every(OTHER_LENGTHS)), abs=1e-9)
    by_type = sum(SIZES[label].size / 10_000 * ks(SIZES[label], OTHERS[label]) for label in SIZES)
    assert value(found, "size_by_conversation_type") == pytest.approx(by_type, abs=1e-9)
    by_type = sum(LENGTHS[label].size / 11_000 * ks(LENGTHS[label], OTHER_LENGTHS[label]) for label in LENGTHS)
    assert value(found, "length_by_message_type") == pytest.approx(by_type, abs=1e-9)


def test_distances_of_shares_are_total_variations() -> None:
    found = run_checks(ONE, OTHER, 0.15)
    assert value(found, "conversation_types") == pytest.approx(abs(4000 / 10_000 - 3000 / 9500), abs=1e-9)
    assert value(found, "message_types") == pytest.approx(abs(9000 / 11_000 - 8000 / 10_500), abs=1e-9)
    hours = 0.5 * np.abs(np.array(HOURS) / sum(HOURS) - np.array(OTHER_HOURS) / sum(OTHER_HOURS)).sum()
    assert value(found, "hour_of_week") == pytest.approx(float(hours), abs=1e-9)
    doublings = [
        np.bincount(np.log2(every(side)).astype(int), every(side), minlength=4) / every(side).sum()
        for side in (SIZES, OTHERS)
    ]
    rows = 0.5 * np.abs(doublings[0] - doublings[1]).sum()
    assert value(found, "messages_by_size") == pytest.approx(float(rows), abs=1e-9)


def test_means_and_percentiles_are_relative_and_the_same_either_way() -> None:
    found, back = run_checks(ONE, OTHER, 0.15), run_checks(OTHER, ONE, 0.15)
    one, other = float(every(SIZES).mean()), float(every(OTHERS).mean())
    assert value(found, "mean_size") == pytest.approx(abs(other / one - 1), abs=1e-9)
    assert value(found, "p90") == value(back, "p90") == 0
    twice = shape_of({label: 2 * sizes for label, sizes in SIZES.items()}, LENGTHS)
    assert value(run_checks(ONE, twice, 0.15), "p50") == pytest.approx(1.0)
    assert value(run_checks(twice, ONE, 0.15), "p50") == pytest.approx(1.0)


def test_a_shape_is_like_itself() -> None:
    found = run_checks(ONE, ONE, 0.15)
    assert found.decision == "GO"
    assert {check.value for check in found.checks} == {0.0}
    assert not [place for check in found.checks for place in check.worst if place.production != place.synthetic]


def test_every_check_says_where_the_sides_differ_most() -> None:
    found = run_checks(ONE, OTHER, 0.15)
    types = found.named("message_types")
    assert types is not None
    assert [place.at for place in types.worst] == ["TEXT", "CODE"]
    assert types.worst[0].production == pytest.approx(9 / 11)
    for check in found.checks:
        assert check.worst or check.production is not None


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["lean_zulip", "uci_dm"])
def test_the_calibrated_generator_goes(name: str) -> None:
    found = run_checks(calibrated(name)[0], made(name, None), 0.15)
    assert found.decision == "GO"
    assert {check.verdict for check in found.checks} <= {"GO", "INCONCLUSIVE"}


@pytest.mark.real_data
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_wrong_generator_is_refused_by_the_check_that_names_it(wrong: Wrong) -> None:
    found = run_checks(calibrated("lean_zulip")[0], made("lean_zulip", wrong), 0.15)
    assert found.decision == "NO-GO"
    assert {check.name for check in found.checks if check.verdict == "NO-GO"} & set(wrong.named_by)


@pytest.mark.real_data
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_a_small_chat_shows_less(wrong: Wrong) -> None:
    found = run_checks(calibrated("uci_dm")[0], made("uci_dm", wrong), 0.15)
    seen = wrong.name not in UNSEEN_IN_UCI
    assert found.decision == ("NO-GO" if seen else "GO")


@pytest.mark.real_data
@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if wrong.name in UNDECIDED_IN_UCI], ids=lambda w: w.name)
def test_what_too_few_conversations_cannot_tell_is_inconclusive_and_says_how_many_could(wrong: Wrong) -> None:
    found = run_checks(calibrated("uci_dm")[0], made("uci_dm", wrong), 0.15)
    alpha = found.named("tail_alpha")
    assert alpha is not None
    assert alpha.value > 2 * alpha.margin
    assert alpha.verdict == "INCONCLUSIVE"
    assert alpha.settled_at is not None
    assert 40_000 < alpha.settled_at < 100_000
    # Every other number is good: nothing else moves by more than chance.
    assert {check.name for check in found.checks if check.verdict != "GO"} == {"tail_alpha", "hour_of_week"}


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["lean_zulip", "uci_dm"])
def test_one_half_of_a_chat_goes_for_the_other(name: str) -> None:
    refused = {
        (seed, check.name)
        for seed in range(20)
        for check in run_checks(*halves(name, seed), 0.15).checks
        if check.verdict == "NO-GO"
    }
    # Among them, of uci_dm, seed 5, whose means 4.06 and 4.59 are the farthest apart of a thousand splits.
    assert refused == set()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["lean_zulip", "uci_dm"])
@pytest.mark.parametrize("target", [20_000, 50_000])
def test_a_small_target_of_a_good_config_is_as_good(name: str, target: int) -> None:
    shape, _, model = calibrated(name)
    found = run_checks(shape, predict(model, target, shape.extracted_at, 30), 0.15)
    assert found.decision == "GO"
    open_ones = {check.name for check in found.checks if check.verdict != "GO"}
    assert open_ones <= {"hour_of_week", "tail_alpha"}


def test_an_exact_side_is_not_blurred_by_having_few_conversations() -> None:
    lengths = {label: values[:900] for label, values in LENGTHS.items()}
    small = shape_of({label: sizes[:600] for label, sizes in SIZES.items()}, lengths, hours=HOURS)
    drawn, exact = (run_checks(ONE, small, 0.15, exact=exact) for exact in (False, True))
    for before, after in zip(drawn.checks, exact.checks, strict=True):
        assert before.value == after.value
        if before.name == "hour_of_week":
            assert after.noise == pytest.approx(before.noise, rel=0.05)
        else:
            # Ranks of a percentile may fall on the same integers.
            assert after.noise < before.noise or (after.noise == before.noise and before.name[1:].isdigit()), (
                before.name
            )


def test_a_coarse_grid_is_taken_for_a_sample() -> None:
    lengths = {label: values[:900] for label, values in LENGTHS.items()}
    few = shape_of({label: sizes[:200] for label, sizes in SIZES.items()}, lengths, hours=HOURS)
    assert run_checks(ONE, few, 0.15, exact=True) == run_checks(ONE, few, 0.15, exact=False)


def test_what_is_predicted_is_exact() -> None:
    predicted = ONE.model_copy(update={"population": PREDICTED})
    assert run_checks(ONE, predicted, 0.15) == run_checks(ONE, ONE, 0.15, exact=True)
    assert run_checks(ONE, ONE, 0.15) == run_checks(ONE, ONE, 0.15, exact=False)
    assert made("uci_dm", None).population == PREDICTED


def test_the_originals_files_are_checked_on_what_they_have() -> None:
    original = Shape.model_validate(copy.deepcopy(REPOSITORY_SHAPE))
    names = [check.name for check in run_checks(original, original, 0.15).checks]
    assert names == ["conversation_types", "p50", "p90", "p95", "p99", "message_types", "lengths", "mean_length"]
    # Noise comes from the sizes of the measured side.
    assert "p50" in [check.name for check in run_checks(original, ONE, 0.15).checks]


def test_what_a_shape_does_not_have_is_left_out() -> None:
    without = shape_of(SIZES, LENGTHS)
    names = {check.name for check in run_checks(ONE, ONE, 0.15).checks}
    assert names - {check.name for check in run_checks(ONE, without, 0.15).checks} == {"hour_of_week"}
    alone = shape_of({"GROUP_CHAT": SIZES["GROUP_CHAT"]}, {"TEXT": LENGTHS["TEXT"]})
    names = {check.name for check in run_checks(alone, alone, 0.15).checks}
    assert not names & {"size_by_conversation_type", "length_by_message_type"}


def test_an_empty_synthetic_side_is_no_go_and_two_empty_ones_are_nothing() -> None:
    empty = Shape(
        extracted_at="2026-01-01T00:00:00Z",
        sample_window_days=30,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        conversations=Conversations(),
        messages=Messages(),
        schema_version=2,
    )
    assert [check.name for check in run_checks(ONE, empty, 0.15).checks] == ["messages"]
    assert run_checks(ONE, empty, 0.15).decision == "NO-GO"
    assert run_checks(empty, ONE, 0.15).decision is None
    assert run_checks(empty, empty, 0.15) == Checks((), None)


def test_hours_that_disclosure_control_emptied_are_joined_on_both_sides() -> None:
    pooled = list(HOURS)
    pooled[3] += pooled[4]
    pooled[4] = 0
    certificate = Certificate(
        rule_version=1,
        min_cell_count=11,
        protected_entities={},
        merged_cells={"hour_of_week": 2},
        top_coded=[],
        folded_labels=0,
        renamed_labels=0,
    )
    protected = shape_of(SIZES, LENGTHS, hours=pooled).model_copy(update={"certificate": certificate})
    assert value(run_checks(protected, ONE, 0.15), "hour_of_week") == 0
    unprotected = protected.model_copy(update={"certificate": None})
    assert value(run_checks(unprotected, ONE, 0.15), "hour_of_week") > 0


def test_few_huge_conversations_are_inconclusive_rather_than_wrong() -> None:
    random = np.random.default_rng(8)
    one, other = (
        shape_of({"GROUP_CHAT": np.round(30 * random.random(300) ** (-1 / 0.7)).astype(np.int64)}, LENGTHS)
        for _ in range(2)
    )
    found = run_checks(one, other, 0.15)
    assert found.decision != "NO-GO"
    mean = found.named("mean_size")
    assert mean is not None
    assert mean.verdict == "INCONCLUSIVE"
    assert mean.settled_at is not None
    assert mean.settled_at > 300


def test_facts_that_are_known_are_checked() -> None:
    found = run_checks(ONE, ONE, 0.15, Facts(orphans=0, in_future=3))
    assert [(check.name, check.verdict) for check in found.checks[-2:]] == [("orphans", "GO"), ("in_future", "NO-GO")]
    assert found.decision == "NO-GO"


def test_a_report_keeps_the_checks_and_the_verdict_of_the_four_tests_stays(tmp_path: Path) -> None:
    found = compare(ONE, OTHER, 0.15, "prod.json", NOW, Facts(strangers=0))
    assert found.checks == list(run_checks(ONE, OTHER, 0.15, Facts(strangers=0)).checks)
    assert found.decision == "NO-GO"
    path = tmp_path / "report.json"
    save(found, path)
    assert load(path, Report) == found


def test_a_report_of_an_earlier_version_has_no_checks(tmp_path: Path) -> None:
    plain = compare(ONE, ONE, 0.15, "prod.json", NOW).plain()
    for key in ("checks", "decision", "foreign_scores"):
        del plain[key]
    (tmp_path / "old.json").write_text(json.dumps(plain))
    again = load(tmp_path / "old.json", Report)
    assert (again.overall_verdict, again.checks, again.decision) == ("PASS", None, None)


def test_checks_of_the_same_shapes_are_the_same() -> None:
    again = shape_of(OTHERS, OTHER_LENGTHS, hours=OTHER_HOURS)
    assert run_checks(ONE, OTHER, 0.15) == run_checks(ONE, again, 0.15)
