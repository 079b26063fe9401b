"""Scores by the published rules of Evidently and SDMetrics, against scipy and, where it is installed, SDMetrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from shapetui.distributions.bins import upper_edges
from shapetui.documents.checks import ForeignScore
from shapetui.documents.shape import Shape
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.foreign_scores import foreign_scores
from tests.calibration.corpus_shape import shape_of

RANDOM = np.random.default_rng(1)
# Up to 10 every integer is a cell of its own, so that nothing is lost in a histogram.
SIZES = RANDOM.integers(1, 11, 2000)
OTHER_SIZES = np.minimum(RANDOM.integers(1, 12, 2300), 10)
LENGTHS = {"TEXT": RANDOM.integers(0, 11, 3000), "CODE": RANDOM.integers(3, 9, 900), "FILE": np.full(300, 4)}
OTHER_LENGTHS = {"TEXT": RANDOM.integers(1, 11, 2500), "CODE": RANDOM.integers(2, 9, 1300)}


def chat(sizes: np.ndarray[Any, Any], lengths: dict[str, Any], hours: list[int] | None = None) -> Shape:
    half = sizes.size // 3
    return shape_of({"DIRECT_MESSAGE": sizes[:half], "GROUP_CHAT": sizes[half:]}, lengths, hours=hours)


# The check that measures what a column of SDMetrics does.
CHECKS = {
    "messages per conversation": "sizes",
    "conversation type": "conversation_types",
    "content length": "lengths",
    "message type": "message_types",
    "hour of week": "hour_of_week",
}
ONE, OTHER = chat(SIZES, LENGTHS, list(range(168))), chat(OTHER_SIZES, OTHER_LENGTHS, [84] * 168)


def score(tool: str, column: str, one: Shape = ONE, other: Shape = OTHER) -> ForeignScore:
    return next(s for s in foreign_scores(one, other) if s.tool == tool and s.column == column)


def every(lengths: dict[str, Any]) -> Any:
    return np.concatenate(list(lengths.values()))


def kinds(lengths: dict[str, Any]) -> list[str]:
    return [label for label, values in lengths.items() for _ in range(values.size)]


def rooms(sizes: Any) -> list[str]:
    """The conversation types of `chat`."""
    half = sizes.size // 3
    return ["DIRECT_MESSAGE"] * half + ["GROUP_CHAT"] * (sizes.size - half)


def test_ks_complements_are_one_minus_scipys_statistic() -> None:
    sizes = 1 - stats.ks_2samp(SIZES, OTHER_SIZES).statistic
    assert score("SDMetrics", "messages per conversation").score == pytest.approx(sizes, abs=1e-9)
    lengths = 1 - stats.ks_2samp(every(LENGTHS), every(OTHER_LENGTHS)).statistic
    assert score("SDMetrics", "content length").score == pytest.approx(lengths, abs=1e-9)


def test_complements_are_those_of_sdmetrics_itself() -> None:
    pandas, metrics = pytest.importorskip("pandas"), pytest.importorskip("sdmetrics.single_column")

    def compute(metric: str, one: Any, other: Any) -> float:
        return float(getattr(metrics, metric).compute(pandas.Series(one), pandas.Series(other)))

    hours = np.arange(168).astype(str)
    found = {
        "messages per conversation": compute("KSComplement", SIZES, OTHER_SIZES),
        "conversation type": compute("TVComplement", rooms(SIZES), rooms(OTHER_SIZES)),
        "content length": compute("KSComplement", every(LENGTHS), every(OTHER_LENGTHS)),
        "message type": compute("TVComplement", kinds(LENGTHS), kinds(OTHER_LENGTHS)),
        "hour of week": compute("TVComplement", np.repeat(hours, np.arange(168)), np.repeat(hours, 84)),
    }
    checks = run_checks(ONE, OTHER, 0.15)
    for column, value in found.items():
        assert score("SDMetrics", column).score == pytest.approx(value, abs=1e-9)
        check = checks.named(CHECKS[column])
        assert check is not None
        assert 1 - check.value == pytest.approx(value, abs=1e-9)


def test_the_cardinality_is_that_of_sdmetrics_on_the_tables() -> None:
    pandas, metrics = pytest.importorskip("pandas"), pytest.importorskip("sdmetrics.multi_table")

    def tables(sizes: Any) -> dict[str, Any]:
        ids = np.arange(sizes.size)
        messages = np.repeat(ids, sizes)
        return {
            "conversations": pandas.DataFrame({"id": ids}),
            "messages": pandas.DataFrame({"id": np.arange(messages.size), "conversation": messages}),
        }

    key = {"sdtype": "id"}
    metadata = {
        "tables": {
            "conversations": {"primary_key": "id", "columns": {"id": key}},
            "messages": {"primary_key": "id", "columns": {"id": key, "conversation": key}},
        },
        "relationships": [
            {
                "parent_table_name": "conversations",
                "parent_primary_key": "id",
                "child_table_name": "messages",
                "child_foreign_key": "conversation",
            }
        ],
    }
    # With conversations that nobody has written in yet.
    one, other = SIZES - 1, OTHER_SIZES - 1
    value = metrics.CardinalityShapeSimilarity.compute(tables(one), tables(other), metadata)
    found = score("SDMetrics", "messages per conversation", chat(one, LENGTHS), chat(other, OTHER_LENGTHS))
    assert found.rule == "CardinalityShapeSimilarity"
    assert found.score == pytest.approx(value, abs=1e-9)


def test_large_values_at_the_edges_of_their_bins_lose_nothing() -> None:
    edges = upper_edges()[[1, 5, 10, 15, 20, 30, 40, 50]]
    one, other = RANDOM.choice(edges, 3000), RANDOM.choice(edges, 4000, p=np.arange(8, 16) / 92)
    assert one.max() > 5000
    sides = chat(one, {"TEXT": one}), chat(other, {"TEXT": other})
    expected = 1 - stats.ks_2samp(one, other).statistic
    for column in ("messages per conversation", "content length"):
        assert score("SDMetrics", column, *sides).score == pytest.approx(expected, abs=1e-9)


def test_the_whole_of_sdmetrics_is_the_mean_of_its_properties() -> None:
    found = {s.column: s.score for s in foreign_scores(ONE, OTHER) if s.tool == "SDMetrics"}
    whole, cardinality = found.pop("all columns"), found.pop("messages per conversation")
    assert whole == pytest.approx((sum(found.values()) / 4 + cardinality) / 2)
    assert all(s.limit is None and s.says is None for s in foreign_scores(ONE, OTHER) if s.tool == "SDMetrics")


def test_evidently_takes_distances_over_a_thousand_rows() -> None:
    distance = stats.wasserstein_distance(SIZES, OTHER_SIZES) / SIZES.std()
    found = score("Evidently", "messages per conversation")
    assert (found.rule, found.says) == ("Wasserstein / std", "drift" if distance >= 0.1 else "pass")
    assert found.score == pytest.approx(distance, abs=1e-9)
    labels = sorted(LENGTHS)
    shares = [[side[label].size if label in side else 0 for label in labels] for side in (LENGTHS, OTHER_LENGTHS)]
    types = score("Evidently", "message type")
    assert types.rule == "Jensen-Shannon distance"
    assert types.score == pytest.approx(float(jensenshannon(*shares)), abs=1e-9)
    assert types.says == "drift"


def test_evidently_takes_tests_up_to_a_thousand_rows() -> None:
    lengths = {"TEXT": LENGTHS["TEXT"][:400], "CODE": LENGTHS["CODE"][:250], "FILE": LENGTHS["FILE"][:100]}
    others = {"TEXT": OTHER_LENGTHS["TEXT"][:390], "CODE": OTHER_LENGTHS["CODE"][:300], "FILE": LENGTHS["FILE"][:60]}
    one = shape_of({"DIRECT_MESSAGE": SIZES[:300], "GROUP_CHAT": SIZES[300:900]}, lengths)
    other = shape_of({"DIRECT_MESSAGE": OTHER_SIZES[:320], "GROUP_CHAT": OTHER_SIZES[320:850]}, others)
    distance = stats.ks_2samp(SIZES[:900], OTHER_SIZES[:850]).statistic
    pooled = 620 / 1750
    z = abs(300 / 900 - 320 / 850) / np.sqrt(pooled * (1 - pooled) * (1 / 900 + 1 / 850))
    expected = {
        "messages per conversation": ("KS, p", stats.kstwobign.sf(distance * np.sqrt(900 * 850 / 1750))),
        "conversation type": ("Z test, p", 2 * stats.norm.sf(z)),
        "message type": ("chi-square, p", stats.chisquare([390, 300, 60], [400, 250, 100]).pvalue),
    }
    for column, (rule, p) in expected.items():
        found = score("Evidently", column, one, other)
        assert (found.rule, found.says) == (rule, "drift" if p < 0.05 else "pass")
        assert found.score == pytest.approx(p, abs=1e-9)
    assert score("Evidently", "conversation type", one, one).score == 1.0


def test_evidently_calls_the_whole_drifted_when_half_of_the_columns_are() -> None:
    found = score("Evidently", "all columns")
    drifting = [s.says for s in foreign_scores(ONE, OTHER) if s.tool == "Evidently" and s.column != "all columns"]
    assert found.score == drifting.count("drift") / len(drifting)
    assert found.says == ("drift" if found.score >= 0.5 else "pass")


def test_columns_that_a_shape_does_not_have_are_left_out() -> None:
    assert not [s for s in foreign_scores(chat(SIZES, LENGTHS), OTHER) if s.column == "hour of week"]
    assert {s.column for s in foreign_scores(ONE, ONE)} == {
        "messages per conversation",
        "conversation type",
        "content length",
        "message type",
        "hour of week",
        "all columns",
    }
