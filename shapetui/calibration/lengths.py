"""Fitting content lengths: an atom at 0, then a discretised log-normal or, where that misses, the histogram itself."""

from __future__ import annotations

from typing import Final

import numpy as np

from shapetui.distributions import lognormal
from shapetui.distributions.discrete import DiscreteDistribution, mixture, smooth
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import LONGEST_TEXT, LengthModel
from shapetui.documents.labels import cells_of, labelled

# A log-normal that misses by more than this is replaced by the histogram. One log-normal misses real human
# chat by .02 to .05 and a set full of bots by .11.
_WORST_KS: Final = 0.02


def fit_lengths(histogram: Histogram, share: float, mean: float | None = None) -> LengthModel:
    """The length model of one message type from its cells. `mean` is the published mean, characters per message.

    The cap is moved inside the last cell, and the log-normal is refused, where the mean would be off by more than
    2 %: a cap or a tail that is a little wrong costs more in the mean than in KS.
    """
    histogram = histogram.without_empty()
    total = histogram.total
    zero = int(histogram.counts[histogram.hi == 0].sum())
    positive = histogram.from_value(1)
    if not positive.total:
        return LengthModel(share=share, empty_share=1.0, model="histogram", maximum=0)
    maximum = int(positive.hi[-1])
    wanted = mean * total / positive.total if mean is not None else None
    found = lognormal.fit(positive)
    if found is not None and found.ks <= _WORST_KS:
        law = lognormal.discretised(found.mu, found.sigma, maximum)
        if wanted is None or abs(law.mean() / wanted - 1) <= 0.02:
            return LengthModel(
                share=share,
                empty_share=zero / total,
                model="log_normal",
                mu=found.mu,
                sigma=found.sigma,
                maximum=maximum,
                ks=found.ks,
            )
    if wanted is not None:
        maximum = _cap(positive, wanted)
        positive = Histogram(positive.lo, np.append(positive.hi[:-1], maximum), positive.counts)
    return LengthModel(
        share=share,
        empty_share=zero / total,
        model="histogram",
        mu=found.mu if found else None,
        sigma=found.sigma if found else None,
        maximum=maximum,
        cells=labelled(positive.cells()),
        ks=found.ks if found else None,
    )


def _cap(positive: Histogram, mean: float) -> int:
    """The upper end of the last cell with which the mean comes out as published, within that cell."""
    low, high = int(positive.lo[-1]), int(positive.hi[-1])
    while high - low > 1:
        middle = (low + high) // 2
        cut = Histogram(positive.lo, np.append(positive.hi[:-1], middle), positive.counts)
        low, high = (low, middle) if smooth(cut).mean() > mean else (middle, high)
    return high


def length_distribution(model: LengthModel) -> DiscreteDistribution:
    """The model as a distribution over characters."""
    parts: list[tuple[float, DiscreteDistribution]] = []
    if model.empty_share > 0 or model.maximum == 0:
        zero = np.zeros(1, dtype=np.int64)
        parts.append((model.empty_share if model.maximum else 1.0, DiscreteDistribution(zero, zero, np.ones(1))))
    if model.empty_share < 1 and model.maximum > 0:
        if model.mu is not None and model.sigma is not None and model.model == "log_normal":
            law = lognormal.discretised(model.mu, model.sigma, model.maximum)
        else:
            law = _moved(smooth(Histogram.of_cells(cells_of(model.cells))), model)
        parts.append((1.0 - model.empty_share, law))
    return mixture(parts)


def _moved(law: DiscreteDistribution, model: LengthModel) -> DiscreteDistribution:
    """The histogram's law with its logarithms moved and stretched from the cells' mu and sigma to the model's."""
    if model.mu is None or model.sigma is None or model.cells_mu is None or model.cells_sigma is None:
        return law
    # Every integer is the interval of half a one around it, before as after.
    ends = np.maximum(np.concatenate([law.lo - 0.5, law.hi + 0.5]), 0.5)
    order = np.argsort(ends, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(law.probability)])
    reached = np.concatenate([below[:-1], below[1:]])[order]
    stretch = float(model.sigma) / float(model.cells_sigma)
    logarithms = float(model.mu) + stretch * (np.log(ends[order]) - float(model.cells_mu))
    ends = np.exp(np.minimum(logarithms, np.log(LONGEST_TEXT)))
    hi = np.unique(np.maximum(np.ceil(ends - 0.5), 1.0))
    probability = np.diff(np.concatenate([[0.0], np.interp(hi[:-1] + 0.5, ends, reached), [1.0]]))
    lo = np.concatenate([[1.0], hi[:-1] + 1])
    return DiscreteDistribution.of_weights(lo, hi, np.maximum(probability, 0.0))
