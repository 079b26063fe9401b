"""The four tests and the verdict: the original's rules with true statistics, and no false alarm by disclosure."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shapetui.documents.files import load, save
from shapetui.documents.report import Report
from shapetui.documents.shape import Certificate, Conversations, Messages, Shape
from shapetui.fidelity.compare import compare, overall, run_tests
from tests.calibration.corpus_shape import shape_of
from tests.documents.examples import REPOSITORY_SHAPE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = np.repeat([1, 2, 5, 30, 400], [400, 300, 200, 80, 20])
LENGTHS = np.repeat([10, 40, 60, 200], 250)


def original(**changes: Any) -> Shape:
    """The repository's shape with some blocks changed, by `block__key`."""
    content = copy.deepcopy(REPOSITORY_SHAPE)
    for place, value in changes.items():
        block, key = place.split("__")
        content[block][key] = value
    return Shape.model_validate(content)


def report(production: Shape, synthetic: Shape, tolerance: float = 0.15) -> Report:
    return compare(production, synthetic, tolerance, "prod.json", NOW)


def types(production: dict[str, int], synthetic: dict[str, int], *, folded: bool = False) -> Any:
    certificate = Certificate(
        rule_version=1,
        min_cell_count=11,
        protected_entities={},
        merged_cells={},
        top_coded=[],
        folded_labels=int(folded),
        renamed_labels=0,
    )
    return run_tests(
        original(conversations__type_distribution=production).model_copy(update={"certificate": certificate}),
        original(conversations__type_distribution=synthetic).model_copy(update={"certificate": certificate}),
        0.15,
    ).conversation_types


def ours() -> Shape:
    return shape_of({"GROUP_CHAT": SIZES}, {"TEXT": LENGTHS})


def empty() -> Shape:
    return Shape(
        extracted_at="2026-01-01T00:00:00Z",
        sample_window_days=30,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        conversations=Conversations(),
        messages=Messages(),
        schema_version=2,
    )


@pytest.mark.parametrize("shape", [original(), ours()], ids=["original", "ours"])
def test_a_shape_is_like_itself(shape: Shape) -> None:
    found = report(shape, shape, 0.01)
    assert found.overall_verdict == "PASS"
    assert (found.summary.passed_tests, found.summary.failed_tests) == (4, 0)
    assert found.summary.recommendations[:2] == [
        "All distributions match within the tolerance.",
        "The dataset is ready for index tests.",
    ]
    assert all("cannot be decided" in sentence for sentence in found.summary.recommendations[2:])


@pytest.mark.parametrize(("passed", "verdict"), [(4, "PASS"), (3, "WARNING"), (2, "FAIL"), (1, "FAIL"), (0, "FAIL")])
def test_the_verdict_follows_the_originals_rule(passed: int, verdict: str) -> None:
    assert overall(passed) == verdict


def test_each_failed_test_costs_one_and_gets_one_sentence() -> None:
    changes: dict[str, Any] = {
        "conversations__type_distribution": {"DIRECT_MESSAGE": 8000},
        "messages__type_distribution": {"TEXT": 1, "IMAGE": 499_999},
        "messages__content_length_stats": {"mean": 90, "median": 60},
        "conversations__messages_per_conversation_percentiles": {"p50": 63, "p99": 90},
    }
    done: dict[str, Any] = {}
    for failed, (place, value) in enumerate(changes.items(), start=1):
        done[place] = value
        found = report(original(), original(**done))
        assert found.summary.failed_tests == failed
        assert found.overall_verdict == ("WARNING" if failed == 1 else "FAIL")
        assert len(found.summary.recommendations) == failed


def test_the_type_test_is_pearsons_with_its_true_p() -> None:
    found = types({"DIRECT_MESSAGE": 700, "GROUP_CHAT": 300}, {"DIRECT_MESSAGE": 680, "GROUP_CHAT": 320})
    statistic = 20**2 / 700 + 20**2 / 300
    assert found.chi_square_statistic == round(statistic, 2)
    assert found.p_value == round(float(stats.chi2.sf(statistic, 1)), 3)
    assert found.degrees_of_freedom == 1
    assert found.cramers_v == pytest.approx((statistic / 1000) ** 0.5, abs=1e-5)
    assert found.verdict == "PASS"


@pytest.mark.parametrize(("observed", "verdict"), [(500, "PASS"), (530, "PASS"), (531, "FAIL"), (469, "FAIL")])
def test_the_type_test_turns_at_five_percent(observed: int, verdict: str) -> None:
    # 3.8415 = 2 (x - 500)^2 / 500 at x = 530.99.
    assert types({"A": 1, "B": 1}, {"A": observed, "B": 1000 - observed}).verdict == verdict


def test_a_label_that_only_the_synthetic_side_has_fails_and_is_named() -> None:
    found = types({"DIRECT_MESSAGE": 8000}, {"DIRECT_MESSAGE": 8000, "POLL": 1})
    assert (found.verdict, found.p_value, found.chi_square_statistic) == ("FAIL", 0.0, None)
    assert "not in production: POLL" in found.details


def test_a_label_that_the_synthetic_side_lacks_is_named() -> None:
    found = types({"DIRECT_MESSAGE": 7000, "CHANNEL": 1000}, {"DIRECT_MESSAGE": 8000})
    assert found.verdict == "FAIL"
    assert "missing in synthetic: CHANNEL" in found.details


def test_two_large_databases_without_a_type_in_common_can_be_reported() -> None:
    found = types({"A": 10**12, "B": 1}, {"B": 10**12})
    assert found.verdict == "FAIL"
    assert found.chi_square_statistic == pytest.approx(1e24, rel=1e-6)


@pytest.mark.parametrize(
    ("production", "synthetic", "verdict"),
    [
        pytest.param({"A": 800, "B": 180, "OTHER": 20}, {"A": 816, "B": 184}, "PASS", id="production, spread"),
        pytest.param({"A": 800, "B": 180, "OTHER": 20}, {"A": 800, "B": 180, "C": 12, "D": 8}, "PASS", id="production"),
        pytest.param({"A": 800, "B": 180, "C": 12, "D": 8}, {"A": 800, "B": 180, "OTHER": 20}, "PASS", id="synthetic"),
        pytest.param({"A": 800, "B": 180, "OTHER": 20}, {"A": 798, "B": 181, "OTHER": 21}, "PASS", id="both"),
        pytest.param({"A": 800, "B": 180, "OTHER": 20}, {"A": 800, "OTHER": 200}, "PASS", id="both, more in synthetic"),
        pytest.param(
            {"A": 800, "OTHER": 200}, {"A": 800, "B": 180, "OTHER": 20}, "PASS", id="both, more in production"
        ),
        pytest.param({"A": 800, "B": 180, "OTHER": 20}, {"A": 500, "B": 180, "C": 320}, "FAIL", id="wrong share"),
        pytest.param({"A": 800, "B": 200}, {"A": 800, "B": 100, "OTHER": 100}, "FAIL", id="something production lacks"),
        pytest.param({"OTHER": 100}, {"A": 60, "B": 40}, "PASS", id="production folded everything"),
        pytest.param({"A": 60, "B": 40}, {"OTHER": 100}, "PASS", id="synthetic folded everything"),
    ],
)
def test_folded_labels_are_folded_on_both_sides(
    production: dict[str, int], synthetic: dict[str, int], verdict: str
) -> None:
    assert types(production, synthetic, folded=True).verdict == verdict


def test_other_is_a_label_like_any_other_where_nothing_was_folded() -> None:
    assert types({"A": 700, "OTHER": 300}, {"A": 700, "OTHER": 300}).verdict == "PASS"
    assert types({"A": 700, "OTHER": 300}, {"A": 1000}).verdict == "FAIL"
    assert types({"A": 700, "OTHER": 300}, {"A": 700, "B": 300}).verdict == "FAIL"


def test_the_size_test_takes_the_largest_percentile_error() -> None:
    synthetic = original(
        conversations__messages_per_conversation_percentiles={"p50": 60, "p75": 63, "p90": 66, "p95": 63, "p99": 70}
    )
    found = run_tests(original(), synthetic, 0.15).messages_per_conversation
    assert found.max_percentile_error == round(7 / 63, 3)
    assert found.percentile_errors == pytest.approx({"p50": -0.0476, "p75": 0, "p90": 0.0476, "p95": 0, "p99": 0.1111})
    assert found.verdict == "PASS"
    assert run_tests(original(), synthetic, 0.10).messages_per_conversation.verdict == "FAIL"
    assert run_tests(original(), synthetic, 7 / 63).messages_per_conversation.verdict == "FAIL"


def test_without_cells_there_is_no_ks() -> None:
    assert run_tests(original(), original(), 0.15).messages_per_conversation.ks_statistic is None
    assert run_tests(original(), ours(), 0.15).messages_per_conversation.ks_statistic is None
    assert run_tests(ours(), ours(), 0.15).messages_per_conversation.ks_statistic == 0.0


def test_the_length_test_is_on_mean_and_median() -> None:
    synthetic = original(messages__content_length_stats={"mean": 67.1, "median": 54})
    found = run_tests(original(), synthetic, 0.15).content_length
    assert (found.mean_error_pct, found.median_error_pct) == (0.1, 0.1)
    assert found.verdict == "PASS"
    assert run_tests(original(), synthetic, 0.10).content_length.verdict == "FAIL"


def test_exact_lengths_win_over_rounded_ones() -> None:
    side = report(ours(), ours()).production
    assert side is not None
    assert side.content_length_mean == pytest.approx(float(LENGTHS.mean()))


def test_both_sides_say_how_much_the_largest_conversations_hold() -> None:
    measured = ours().model_copy(
        update={"conversations": ours().conversations.model_copy(update={"top_1_percent_share": 0.25})}
    )
    found = report(measured, ours())
    assert found.production is not None
    assert found.synthetic is not None
    assert found.production.top_1_percent_share == 0.25
    # Where it was not measured, the histogram says it: 10 of 1,000 conversations with 400 messages each.
    top = np.sort(SIZES)[-10:].sum() / SIZES.sum()
    assert found.synthetic.top_1_percent_share == pytest.approx(top, rel=0.1)
    nothing = report(original(), empty()).synthetic
    assert nothing is not None
    assert nothing.top_1_percent_share is None


def test_a_report_without_the_newer_keys_loads_as_before(tmp_path: Path) -> None:
    plain = report(ours(), ours()).plain()
    for side in ("production", "synthetic"):
        del plain[side]["top_1_percent_share"]
    (tmp_path / "old.json").write_text(json.dumps(plain))
    again = load(tmp_path / "old.json", Report)
    assert again.generated_from is None
    assert again.synthetic is not None
    assert again.synthetic.top_1_percent_share is None


def test_an_empty_synthetic_side_fails_with_one_sentence() -> None:
    found = report(original(), empty())
    assert found.overall_verdict == "FAIL"
    assert found.summary.failed_tests == 4
    assert len(found.summary.recommendations) == 1
    assert "generate first" in found.summary.recommendations[0]
    assert found.tests.conversation_types.details == "synthetic side is empty"


def test_an_empty_production_side_fails_without_a_crash() -> None:
    assert report(empty(), ours()).overall_verdict == "FAIL"
    assert report(empty(), empty()).overall_verdict == "FAIL"


def test_top_coding_raises_no_false_alarm() -> None:
    production = ours()
    cells = {"1": 400, "2": 300, "5": 200, "29-452": 100}
    percentiles = production.conversations.messages_per_conversation_percentiles.model_copy(
        update={"p95": 452, "p99": 452, "max": 452}
    )
    coded = production.model_copy(
        update={
            "conversations": production.conversations.model_copy(
                update={
                    "messages_per_conversation_cells": cells,
                    "messages_per_conversation_percentiles": percentiles,
                }
            ),
            "certificate": Certificate(
                rule_version=1,
                min_cell_count=11,
                protected_entities={},
                merged_cells={},
                top_coded=["p95", "p99", "max"],
                folded_labels=0,
                renamed_labels=0,
            ),
        }
    )
    found = run_tests(coded, production, 0.01).messages_per_conversation
    assert found.verdict == "PASS"
    assert found.ks_statistic == 0.0
    assert (
        run_tests(coded.model_copy(update={"certificate": None}), production, 0.01).messages_per_conversation.verdict
        == "FAIL"
    )


def test_a_tail_cut_off_at_fifty_fails_and_the_advice_is_to_lower_alpha() -> None:
    cut = shape_of({"GROUP_CHAT": np.minimum(SIZES, 50)}, {"TEXT": LENGTHS})
    found = report(ours(), cut, 0.25)
    size = found.tests.messages_per_conversation
    assert size.verdict == "FAIL"
    assert "p99" in size.details
    assert found.summary.recommendations == [
        "p99 is 88% too low: lower the alpha of the tail, or raise the tail's share."
    ]


def test_a_tail_that_is_too_long_is_to_be_made_steeper() -> None:
    longer = shape_of({"GROUP_CHAT": np.where(SIZES == 400, 900, SIZES)}, {"TEXT": LENGTHS})
    advice = report(ours(), longer).summary.recommendations
    assert any("p99 is 125% too high: raise the alpha of the tail" in sentence for sentence in advice)


def test_an_error_in_the_body_is_not_blamed_on_alpha() -> None:
    other = shape_of({"GROUP_CHAT": np.where(SIZES == 2, 4, SIZES)}, {"TEXT": LENGTHS})
    advice = report(ours(), other).summary.recommendations
    assert any("p50 is 100% too high: recalibrate the body cells" in sentence for sentence in advice)


def test_the_report_keeps_the_originals_keys_and_meaning() -> None:
    plain = report(original(), original()).plain()
    assert list(plain)[:6] == [
        "validation_timestamp",
        "production_shape_file",
        "tolerance_threshold",
        "overall_verdict",
        "tests",
        "summary",
    ]
    assert list(plain["tests"]) == [
        "conversation_types",
        "messages_per_conversation",
        "message_types",
        "content_length",
    ]
    assert list(plain["tests"]["conversation_types"])[:4] == ["chi_square_statistic", "p_value", "verdict", "details"]
    assert list(plain["tests"]["content_length"])[:3] == ["mean_error_pct", "median_error_pct", "verdict"]


@pytest.mark.parametrize(
    ("production", "synthetic"),
    [(ours(), ours()), (original(), ours()), (ours(), original()), (original(), empty())],
    ids=["ours", "original against ours", "ours against original", "against nothing"],
)
def test_a_report_survives_its_file(production: Shape, synthetic: Shape, tmp_path: Path) -> None:
    found = report(production, synthetic)
    save(found, tmp_path / "report.json")
    again = load(tmp_path / "report.json", Report)
    assert again == found
    assert again.digest() == found.digest()


def test_the_overlay_holds_both_sides_in_the_same_cells() -> None:
    found = report(ours(), ours()).histograms
    assert found is not None
    assert sum(one for one, _ in found.messages_per_conversation.values()) == SIZES.size
    assert all(one == other for one, other in found.messages_per_conversation.values())
