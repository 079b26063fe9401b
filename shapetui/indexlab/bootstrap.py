"""How far a ratio of two medians can be trusted: a bootstrap that knows that repeats are not independent.

Repeats of a query are a series: a neighbour on the machine, a checkpoint or a changing clock speed makes runs that
follow one another alike, and drawing single runs would then find intervals that are too narrow. So stretches of runs
are drawn (Künsch, Annals of Statistics 17, 1989; circular: Politis & Romano 1992), as long as the series asks for
(Carlstein, Annals of Statistics 14, 1986, for an AR(1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shapetui.documents.comparison import Ratio

Floats = NDArray[np.float64]

# Some thirty pairs of series are looked at in one comparison; at 95 % one or two of them would leave 1 by chance.
CONFIDENCE: Final = 0.99
# The 0.5 % quantile of so many draws rests on ten of them.
DRAWS: Final = 2000
# Below it the smallest and the largest run are all that an interval could say.
FEWEST: Final = 5
# The server's clock: what took less was not seen. Keeps ratios finite.
_RESOLUTION: Final = 0.001


def ratio_of_medians(
    before: Sequence[float], after: Sequence[float], confidence: float = CONFIDENCE, seed: int = 0
) -> Ratio | None:
    """Median of `after` divided by that of `before`, with a percentile interval; None where a side has no run.

    Both in the order of measuring, in the same unit, not negative. The same numbers give the same interval.
    """
    if not before or not after:
        return None
    one, other = (np.maximum(np.asarray(side, dtype=np.float64), _RESOLUTION) for side in (before, after))
    value = float(np.median(other) / np.median(one))
    if min(one.size, other.size) < FEWEST:
        return Ratio(value=round(value, 6))
    random = np.random.default_rng(seed)
    drawn = medians(other, random) / medians(one, random)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Ratio(value=round(value, 6), low=round(float(low), 6), high=round(float(high), 6))


def medians(series: Floats, random: np.random.Generator, draws: int = DRAWS) -> Floats:
    """(draws,) medians of series that are put together from stretches of `series`, as long as it is."""
    size = series.size
    if np.ptp(series) == 0:
        return np.full(draws, series[0])
    length = stretch(series)
    starts = random.integers(0, size, (draws, ceil(size / length)))
    places = (starts[:, :, None] + np.arange(length)) % size
    # Of so short rows, sorting is faster than numpy's median.
    drawn = np.sort(series[places.reshape(draws, -1)[:, :size]], axis=1)
    found: Floats = (drawn[:, (size - 1) // 2] + drawn[:, size // 2]) / 2
    return found


def stretch(series: Floats) -> int:
    """How many runs in a row are drawn together, 1 to a quarter of the series.

    Ranks instead of times, so that one outlier cannot hide that the others depend on one another.
    """
    size = series.size
    ranks = np.argsort(np.argsort(series, kind="stable"), kind="stable") - (size - 1) / 2
    if np.ptp(series) == 0:
        return 1
    rho = float((ranks[1:] * ranks[:-1]).sum() / (ranks * ranks).sum())
    # What independent runs reach by chance in one case of six is no dependence.
    if rho <= 1 / sqrt(size):
        return 1
    rho = min(rho, 0.95)
    return int(min(max(ceil((sqrt(6) * rho / (1 - rho * rho)) ** (2 / 3) * size ** (1 / 3)), 1), max(size // 4, 1)))
