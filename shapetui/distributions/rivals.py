"""Other laws on the cells of a tail, and whether the data can tell them from the power law.

AIC says which describes the tail best, Vuong's test (1989; Clauset, Shalizi & Newman 2009, appendix C) whether the
difference is more than chance. The cut-off holds the power law as a special case; for it twice the difference of the
likelihoods is chi-square with one degree of freedom, which is conservative here, as the rate cannot be negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

from shapetui.distributions.bins import FloatArray
from shapetui.distributions.cells import adjoining, grouped
from shapetui.distributions.families import Families, Fitted
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.tail import TailFit, fit_tail

POWER_LAW: Final = "power law"
WHOLE_RANGE: Final = "power law from the smallest value"
CUT_OFF: Final = "power law with exponential cut-off"
EXPONENTIAL: Final = "exponential"
LOG_NORMAL: Final = "log-normal"

# Exact counts of more different values are put into cells 1 % wide before laws are compared.
_MOST_CELLS: Final = 1500
_SINGLES: Final = 512
_PER_DOUBLING: Final = 64


@dataclass(frozen=True)
class RivalFit:
    """Another law on the cells of the tail.

    Attributes:
        model: what it is called. `parameters`: its fitted parameters by name.
        count: how many of them count in its AIC.
        log_likelihood: of the tail's counts given its cells.
        delta_aic: its AIC minus that of the power law: above 0 the power law is better.
        ks: largest distance of the cumulative distributions.
        vuong: normalised likelihood ratio: above 0 the power law is better. None where both are the same law.
        p: probability of a ratio at least as far from 0 if both were equally good; for the cut-off, which holds the
            power law in itself, of a gain at least as large if the power law were true.
    """

    model: str
    parameters: dict[str, float]
    count: int
    log_likelihood: float
    delta_aic: float
    ks: float
    vuong: float | None
    p: float | None


def fit_rivals(histogram: Histogram, fitted: TailFit) -> list[RivalFit]:
    """The rivals of a fitted tail on its own cells and range, best first.

    A power law from the smallest value of the whole histogram (one parameter, fitted to all), the power law with
    exponential cut-off, the exponential and the log-normal, all given that a value lies in the tail. Exact counts
    of more than 1,500 different values are put into cells 1 % wide, for the power law too.
    """
    tail = grouped(histogram.from_value(fitted.xmin), _MOST_CELLS, _SINGLES, _PER_DOUBLING)
    families = Families(adjoining(tail, endless=fitted.xmax is None).beginning_at(fitted.xmin))
    chosen = families.power_law()
    found = []
    smallest = int(histogram.from_value(1).without_empty().lo[0])
    if smallest < fitted.xmin:
        whole = fit_tail(histogram, smallest, endless=fitted.xmax is None)
        found.append(_rival(WHOLE_RANGE, families.power_law(whole.alpha), chosen, 1))
    found.append(_nested(_rival(CUT_OFF, families.cut_off(), chosen, 2), chosen))
    found.append(_rival(EXPONENTIAL, families.exponential(), chosen, 1))
    found.append(_rival(LOG_NORMAL, families.log_normal(), chosen, 2))
    return sorted(found, key=lambda rival: rival.delta_aic)


def vuong(counts: FloatArray, one: FloatArray, other: FloatArray) -> tuple[float, float] | None:
    """(z, p) of Vuong's test of two laws by their (C,) log-probabilities of cells with (C,) values each.

    z = R / (s sqrt(n)), R the log-likelihood ratio and s the standard deviation of its terms; p = erfc(|z| / sqrt 2).
    z > 0 where the first is better. None where the two do not differ.
    """
    filled = counts > 0
    n, difference = counts[filled], one[filled] - other[filled]
    total = n.sum()
    ratio = float(n @ difference)
    spread = sqrt(float(n @ (difference - ratio / total) ** 2) / total)
    # Two fits of the same law differ by what the search for their maximum leaves.
    if spread < 1e-7:
        return None
    z = ratio / (spread * sqrt(total))
    return z, erfc(abs(z) / sqrt(2.0))


def nested_p(gain: float) -> float:
    """P(chi-square with one degree of freedom >= 2 gain): of a gain in log-likelihood by one more parameter."""
    return erfc(sqrt(max(gain, 0.0)))


def _rival(model: str, law: Fitted, chosen: Fitted, count: int) -> RivalFit:
    test = vuong(chosen.counts, chosen.log_probability, law.log_probability)
    gain = law.log_likelihood - chosen.log_likelihood
    z, p = test if test is not None else (None, None)
    return RivalFit(model, law.parameters, count, law.log_likelihood, 2.0 * (count - 1) - 2.0 * gain, law.ks, z, p)


def _nested(rival: RivalFit, chosen: Fitted) -> RivalFit:
    """The rival that cannot be worse than the power law, with the p of its gain."""
    value = max(rival.log_likelihood, chosen.log_likelihood)
    gain = value - chosen.log_likelihood
    return RivalFit(
        rival.model, rival.parameters, rival.count, value, 2.0 - 2.0 * gain, rival.ks, rival.vuong, nested_p(gain)
    )
