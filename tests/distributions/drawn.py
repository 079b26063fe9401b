"""Counts of known laws for the tests of fits: expected ones, which have no noise, and random ones."""

from __future__ import annotations

import numpy as np

from shapetui.distributions.bins import FloatArray, lower_edges, upper_edges
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.zeta import power_sum


def expected_counts(alpha: float, xmin: int, n: float, last: int = 20_000, end: float = np.inf) -> Histogram:
    """n times the probability of each of the values xmin..last of the law on xmin..end."""
    values = np.arange(xmin, last + 1, dtype=np.int64)
    share = values.astype(np.float64) ** -alpha / float(power_sum(alpha, xmin, end))
    return Histogram(values, values, np.round(n * share).astype(np.int64)).without_empty()


def random_counts(alpha: float, xmin: int, n: int, seed: int, last: int = 10**5) -> Histogram:
    """How often each value occurs among n draws of the law on xmin..last."""
    values = np.arange(xmin, last + 1, dtype=np.int64)
    share = values.astype(np.float64) ** -alpha
    return of_shares(values, share, n, seed)


def of_shares(values: np.ndarray[tuple[int], np.dtype[np.int64]], share: FloatArray, n: int, seed: int) -> Histogram:
    """n draws of values with these shares, in proportion."""
    counts = np.random.default_rng(seed).multinomial(n, share / share.sum())
    return Histogram(values, values, counts).without_empty()


def in_bins(counts: Histogram) -> Histogram:
    """The same in the fixed bins; the first is cut where the values begin, the last where they end."""
    at = np.searchsorted(upper_edges(), counts.lo)
    bins = np.unique(at)
    found = np.zeros(bins.size, dtype=np.int64)
    np.add.at(found, np.searchsorted(bins, at), counts.counts)
    lo = np.maximum(lower_edges()[bins], counts.lo[0])
    return Histogram(lo, np.minimum(upper_edges()[bins], counts.hi[-1]), found)
