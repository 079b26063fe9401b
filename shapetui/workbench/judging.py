"""What sizes and lengths of a config come out as, quickly: only the errors that tests judge, only of what moved.

`expectation.expect` predicts a whole shape; a search that tries dozens of values looks here instead, at a tenth of the
cost, and has its result confirmed there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from shapetui.calibration.lengths import length_distribution
from shapetui.calibration.model import Model
from shapetui.calibration.predict import conversation_count
from shapetui.calibration.sizes import spliced
from shapetui.distributions.discrete import DiscreteDistribution, mixture
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config
from shapetui.documents.labels import cells_of
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity.compare import length_errors, size_errors
from shapetui.workbench.expectation import compiled, parameters_of
from shapetui.workbench.parameters import Parameter, weights_of

Errors = dict[str, float]


class Judge(Protocol):
    """One of the two tests that parameters move step by step."""

    def errors(self, config: Config) -> Errors:
        """Signed relative errors as they would be judged; empty where nothing can be. Raises PlanError, ValueError."""

    def candidates(self, config: Config) -> tuple[list[Parameter], list[Parameter]]:
        """(parameters to move first, those to move only where these are not enough)."""

    def misfits(self, config: Config) -> dict[str, float]:
        """Type -> how far it is from production's own numbers of it (KS by its share): whose parameters are wrong."""


class SizeJudge:
    """Messages per conversation. `bias` is added to each error: what was measured beyond what was expected."""

    def __init__(self, config: Config, shape: Shape, target: int, bias: Errors) -> None:
        self._shape, self._target, self._bias = shape, target, bias
        self._model: Model = compiled(config)
        self._known: dict[tuple[object, ...], DiscreteDistribution] = {}

    def errors(self, config: Config) -> Errors:
        """Of the percentiles."""
        shares = _positive(weights_of(config, "conversation weight"))
        laws = self._laws(config, shares)
        rooms = conversation_count(replace(self._model, conversation_types=shares, sizes=laws), self._target)
        ranks = (np.floor((rooms - 1) * np.array(list(PERCENTILES.values()))) + 0.5) / rooms
        values = mixture([(share, laws[label]) for label, share in shares.items()]).quantile(ranks).tolist()
        return _biased(size_errors(self._shape, dict(zip(PERCENTILES, values, strict=True))), self._bias)

    def candidates(self, config: Config) -> tuple[list[Parameter], list[Parameter]]:
        """Alphas and shares of the tails first; ranges of the tails last."""
        return _by_kind(config, "conversation weight", ("alpha", "tail share"), ("xmin", "xmax"))

    def misfits(self, config: Config) -> dict[str, float]:
        """By the types' histograms of sizes."""
        shares = _positive(weights_of(config, "conversation weight"))
        measured = {
            label: part.messages_per_conversation_cells for label, part in self._shape.conversations.by_type.items()
        }
        return _misfits(shares, self._laws(config, shares), measured)

    def _laws(self, config: Config, shares: dict[str, float]) -> dict[str, DiscreteDistribution]:
        models = config.conversation_generation.by_type
        if not models:
            return compiled(config).sizes
        laws = {}
        for label in shares:
            tail, body = models[label].tail, models[label].body_cells
            # By content: every new value of a parameter makes the blocks around it anew.
            key = (*body.items(), *((tail.alpha, tail.xmin, tail.xmax, tail.share) if tail else ()))
            if key not in self._known:
                self._known[key] = spliced(Histogram.of_cells(cells_of(body)), tail)
            laws[label] = self._known[key]
        return laws


class LengthJudge:
    """Characters per message. `bias` as in SizeJudge."""

    def __init__(self, shape: Shape, target: int, bias: Errors) -> None:
        self._shape, self._target, self._bias = shape, target, bias
        self._known: dict[tuple[object, ...], DiscreteDistribution] = {}

    def errors(self, config: Config) -> Errors:
        """Of mean and median."""
        shares = _positive(weights_of(config, "message weight"))
        laws = self._laws(config, shares)
        mean = sum(share * laws[label].mean() for label, share in shares.items())
        middle = (int((self._target - 1) * 0.5) + 0.5) / self._target
        median = float(mixture([(share, laws[label]) for label, share in shares.items()]).quantile([middle])[0])
        return _biased(length_errors(self._shape, mean, median) or {}, self._bias)

    def candidates(self, config: Config) -> tuple[list[Parameter], list[Parameter]]:
        """All of them."""
        return _by_kind(config, "message weight", ("mu", "sigma"), ())

    def misfits(self, config: Config) -> dict[str, float]:
        """By the types' histograms of lengths."""
        shares = _positive(weights_of(config, "message weight"))
        measured = {label: part.content_length_cells for label, part in self._shape.messages.by_type.items()}
        return _misfits(shares, self._laws(config, shares), measured)

    def _laws(self, config: Config, shares: dict[str, float]) -> dict[str, DiscreteDistribution]:
        models = config.message_generation.by_type
        if not models:
            return compiled(config).lengths
        laws = {}
        for label in shares:
            model = models[label]
            numbers = model.mu, model.sigma, model.cells_mu, model.cells_sigma, model.empty_share, model.maximum
            key = (model.model, *numbers, *model.cells.items())
            if key not in self._known:
                self._known[key] = length_distribution(model)
            laws[label] = self._known[key]
        return laws


def _positive(weights: dict[str, float]) -> dict[str, float]:
    return {label: weight for label, weight in weights.items() if weight > 0}


def _biased(errors: Errors, bias: Errors) -> Errors:
    return {name: error + bias.get(name, 0.0) for name, error in errors.items()}


def _by_kind(
    config: Config, weight: str, first: tuple[str, ...], last: tuple[str, ...]
) -> tuple[list[Parameter], list[Parameter]]:
    """Parameters of two groups of kinds, without those of types that have no share, in the order of the config."""
    found = parameters_of(config)
    nothing = {p.label for p in found if p.kind == weight and not p.value > 0}
    moving = [p for p in found if p.overall or p.label not in nothing]
    return [p for p in moving if p.kind in first], [p for p in moving if p.kind in last]


def _misfits(
    shares: dict[str, float], laws: dict[str, DiscreteDistribution], measured: dict[str, dict[str, int]]
) -> dict[str, float]:
    found = {}
    for label, share in shares.items():
        own = Histogram.of_cells(cells_of(measured.get(label, {})))
        if own.total:
            found[label] = share * float(np.abs(laws[label].cdf(own.hi) - own.cumulative()).max())
    return found
