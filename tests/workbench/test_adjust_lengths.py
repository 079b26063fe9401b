"""mu and sigma of a measured histogram of lengths: it is moved and stretched, and comes back as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shapetui.calibration.lengths import length_distribution
from shapetui.documents.config import Config, LengthModel
from shapetui.workbench.adjust import with_values
from tests.workbench.benches import fitted


def histogram() -> LengthModel:
    """Two bumps, which no log-normal has."""
    cells = {"5-9": 300, "10-19": 500, "20-39": 100, "200-399": 80, "400-799": 20}
    return LengthModel(share=1.0, model="histogram", mu=3.0, sigma=1.2, maximum=799, cells=cells, ks=0.1)


def config(model: LengthModel) -> Config:
    block = fitted().message_generation
    return fitted().model_copy(
        update={"message_generation": block.model_copy(update={"by_type": {"NOTE": model}, "type_distribution": {}})}
    )


def moved(*values: tuple[str, float]) -> LengthModel:
    return with_values(config(histogram()), None, values).message_generation.by_type["NOTE"]


@pytest.mark.parametrize("by", [-1.0, -0.1, 0.1, 0.5, 2.0])
def test_mu_multiplies_every_length(by: float) -> None:
    model = moved(("mu NOTE", 3.0 + by))
    assert (model.model, model.cells_mu, model.cells_sigma) == ("histogram", 3.0, 1.2)
    before, after = length_distribution(histogram()), length_distribution(model)
    assert after.mean() == pytest.approx(before.mean() * math.exp(by), rel=0.02)
    places = [0.1, 0.5, 0.9, 0.99]
    assert after.quantile(places) == pytest.approx(before.quantile(places) * math.exp(by), rel=0.08, abs=1)
    assert after.probability.sum() == pytest.approx(1)
    assert (np.diff(after.lo) > 0).all()
    assert (after.lo[1:] == after.hi[:-1] + 1).all() or (after.lo[1:] > after.hi[:-1]).all()


def test_sigma_stretches_around_mu() -> None:
    model = moved(("sigma NOTE", 2.4))
    before, after = length_distribution(histogram()), length_distribution(model)
    # What lies at e^mu stays; what is twice as long as that becomes four times as long.
    assert after.cdf([20])[0] == pytest.approx(before.cdf([20])[0], abs=0.02)
    assert after.cdf([80])[0] == pytest.approx(before.cdf([40])[0], abs=0.02)


def test_back_at_its_place_it_is_the_measured_histogram_again() -> None:
    away = with_values(config(histogram()), None, [("mu NOTE", 4.0), ("sigma NOTE", 0.5)])
    back = with_values(away, None, [("mu NOTE", 3.0), ("sigma NOTE", 1.2)])
    assert back.message_generation.by_type["NOTE"] == histogram()


def test_a_cell_at_nothing_and_far_ends_hold() -> None:
    model = histogram().model_copy(update={"cells": {"0": 5, "1": 5}, "mu": 19.0, "cells_mu": 0.0, "cells_sigma": 1.2})
    law = length_distribution(model)
    assert law.probability.sum() == pytest.approx(1)
    assert law.minimum >= 1
    low = histogram().model_copy(update={"mu": -5.0, "cells_mu": 3.0, "cells_sigma": 1.2})
    assert length_distribution(low).maximum <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells_mu": 3.0},
        {"cells_sigma": 1.0},
        {"cells_mu": 3.0, "cells_sigma": 1.0, "mu": None},
        {"cells_mu": 3.0, "cells_sigma": 1.0, "model": "log_normal"},
    ],
)
def test_half_of_a_move_is_no_config(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cells_mu and cells_sigma"):
        LengthModel.model_validate(histogram().model_dump() | wrong)
