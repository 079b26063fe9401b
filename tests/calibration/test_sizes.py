"""What a config says of its tails beyond their parameters: curve, rivals, and p where it was asked for."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import numpy as np
import pytest

from shapetui.calibration.calibrate import calibrate
from shapetui.calibration.sizes import fit_sizes
from shapetui.distributions import lognormal
from shapetui.distributions.tail import fit_tail
from shapetui.documents.config import Config, Fit
from tests.calibration.corpus_shape import shape_of
from tests.distributions.drawn import in_bins, random_counts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CELLS = in_bins(random_counts(2.2, 1, 9000, seed=1, last=5000))


def test_a_tail_has_the_curve_that_chose_it_and_its_rivals() -> None:
    found = fit_sizes(CELLS)
    assert found.tail is not None
    assert found.fit.xmin_scan is not None
    assert min(found.fit.xmin_scan, key=lambda pair: pair[1])[0] == found.tail.xmin
    law = fit_tail(CELLS, found.tail.xmin)
    assert found.fit.log_likelihood == pytest.approx(law.log_likelihood)
    assert found.fit.aic == pytest.approx(law.aic)
    assert found.fit.tail_ks == pytest.approx(law.ks, abs=1e-6)
    assert found.fit.tail_rivals is not None
    assert {rival.model for rival in found.fit.tail_rivals} >= {"log-normal", "exponential"}
    for rival in (*found.fit.rivals, *found.fit.tail_rivals):
        assert (rival.vuong is None) == (rival.p is None) or rival.model.endswith("cut-off")


def test_body_and_tail_together_are_better_than_a_log_normal_of_everything() -> None:
    found = {rival.model: rival for rival in fit_sizes(CELLS).fit.rivals}["log-normal"]
    assert found.vuong is not None
    assert found.vuong > 3
    assert found.p is not None
    assert found.p < 0.01


def test_p_is_there_only_where_it_was_asked_for() -> None:
    assert fit_sizes(CELLS).fit.goodness_of_fit_p is None
    tested = fit_sizes(CELLS, replicates=50)
    assert tested.fit.goodness_of_fit_p is not None
    assert 0 <= tested.fit.goodness_of_fit_p <= 1
    assert tested.tail == fit_sizes(CELLS).tail
    assert tested.fit == fit_sizes(CELLS, replicates=50).fit


def test_the_parameters_do_not_depend_on_the_bootstrap() -> None:
    text = {"TEXT": lognormal.discretised(4.0, 1.0, 5000).quantile((np.arange(2000) + 0.5) / 2000)}
    rooms = np.repeat(random_counts(2.2, 1, 5000, seed=2).lo, random_counts(2.2, 1, 5000, seed=2).counts)
    shape = shape_of({"GROUP_CHAT": rooms}, text)
    plain, tested = calibrate(shape, "s", NOW).plain(), calibrate(shape, "s", NOW, replicates=20).plain()
    fit = tested["conversation_generation"]["by_type"]["GROUP_CHAT"]["fit"]
    assert fit.pop("goodness_of_fit_p") is not None
    assert plain == tested


def test_a_config_of_before_keeps_its_digest() -> None:
    before = {"alpha_standard_error": 0.1, "tail_ks": 0.01, "tail_count": 60, "rivals": []}
    assert Fit.model_validate(before).model_dump(mode="json", exclude_none=True) == before
    config = calibrate(shape_of({"A": np.repeat(CELLS.lo, CELLS.counts)}, {"TEXT": np.arange(1, 500)}), "s", NOW)
    content = copy.deepcopy(config.plain())
    for model in content["conversation_generation"]["by_type"].values():
        model["fit"] = before
    assert Config.model_validate(content).plain() == content
