"""Scores by the published rules of Evidently and SDMetrics, against scipy and, where it is installed, SDMetrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from shapetui.documents.checks import ForeignScore
from shapetui.documents.shape import Shape
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


ONE, OTHER = chat(SIZES, LENGTHS, list(range(168))), chat(OTHER_SIZES, OTHER_LENGTHS, [84] * 168)


def score(tool: str, column: str, one: Shape = ONE, other: Shape = OTHER) -> ForeignScore:
    return next(s for s in foreign_scores(one, other) if s.tool == tool and s.column == column)


def every(lengths: dict[str, Any]) -> Any:
    return np.concatenate(list(lengths.values()))


def kinds(lengths: dict[str, Any]) -> list[str]:
    return [label for label, values in lengths.items() for _ in range(values.size)]


def test_ks_complements_are_one_minus_scipys_statistic() -> None:
    sizes = 1 - stats.ks_2samp(SIZES, OTHER_SIZES).statistic
    assert score("SDMetrics", "messages per conversation").score == pytest.approx(sizes, abs=1e-9)
    lengths = 1 - stats.ks_2samp(every(LENGTHS), every(OTHER_LENGTHS)).statistic
    assert score("SDMetrics", "content length").score == pytest.approx(lengths, abs=1e-9)


def test_complements_are_those_of_sdmetrics_itself() -> None:
    pandas, metrics = pytest.importorskip("pandas"), pytest.importorskip("sdmetrics.single_column")
    found = {
        "messages per conversation": metrics.KSComplement.compute(pandas.Series(SIZES), pandas.Series(OTHER_SIZES)),
        "content length": metrics.KSComplement.compute(
            pandas.Series(every(LENGTHS)), pandas.Series(every(OTHER_LENGTHS))
        ),
        "message type": metrics.TVComplement.compute(
            pandas.Series(kinds(LENGTHS)), pandas.Series(kinds(OTHER_LENGTHS))
        ),
        "hour of week": metrics.TVComplement.compute(
            pandas.Series(np.repeat(np.arange(168), np.arange(168)).astype(str)),
            pandas.Series(np.repeat(np.arange(168), 84).astype(str)),
        ),
    }
    for column, value in found.items():
        assert score("SDMetrics", column).score == pytest.approx(value, abs=1e-9)


def test_the_whole_of_sdmetrics_is_the_mean_of_its_properties() -> None:
    found = {s.column: s.score for s in foreign_scores(ONE, OTHER) if s.tool == "SDMetrics"}
    whole, cardinality = found.pop("all columns"), found.pop("messages per conversation")
    assert whole == pytest.approx((sum(found.values()) / 4 + cardinality) / 2)
    assert all(s.limit is None and s.says is None for s in foreign_scores(ONE, OTHER) if s.tool == "SDMetrics")


def test_evidently_takes_distances_over_a_thousand_rows() -> None:
    distance = stats.wasserstein_distance(SIZES, OTHER_SIZES) / SIZES.std()
    found = score("Evidently", "messages per conversation")
    assert (found.rule, found.says) == ("Wasserstein / std", "drift" if distance >= 0.1 else "pass")
    assert found.score == pytest.approx(distance, rel=1e-9)
    labels = sorted(LENGTHS)
    shares = [[side[label].size if label in side else 0 for label in labels] for side in (LENGTHS, OTHER_LENGTHS)]
    types = score("Evidently", "message type")
    assert types.rule == "Jensen-Shannon distance"
    assert types.score == pytest.approx(float(jensenshannon(*shares)), abs=1e-9)
    assert types.says == "drift"


def test_evidently_takes_tests_up_to_a_thousand_rows() -> None:
    small, other = (chat(sizes[:900], lengths) for sizes, lengths in ((SIZES, LENGTHS), (OTHER_SIZES, OTHER_LENGTHS)))
    sizes = score("Evidently", "messages per conversation", small, other)
    expected = stats.ks_2samp(SIZES[:900], OTHER_SIZES[:900], method="asymp").pvalue
    assert sizes.rule == "KS, p"
    assert sizes.score == pytest.approx(expected, abs=0.02)
    assert score("Evidently", "conversation type", small, other).rule == "Z test, p"
    assert score("Evidently", "conversation type", small, small).score == 1.0


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
