"""Fitting a power law to any counts: what it is, whether it is one, and what else it could be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from shapetui.distributions.goodness import Goodness, goodness_of_fit
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.rivals import RivalFit, fit_rivals
from shapetui.distributions.tail import ALPHA_HIGHEST, TailFit, XminScan, fit_tail, scan_xmin
from shapetui.errors import PlanError
from shapetui.jobs.counts import read_counts
from shapetui.progress import Watch

# xmin is chosen among tails of at least so many values (Clauset, Shalizi & Newman 2009: alpha needs about 50).
LEAST_TAIL: Final = 50


@dataclass(frozen=True)
class CountsFit:
    """What was fitted to the counts of a file.

    Attributes:
        counts: how often each value occurs.
        tail: the power law. `scan`: what chose its xmin; None where xmin was given.
        goodness: of the bootstrap; None where none was asked for.
        rivals: other laws on the same tail, best first.
    """

    counts: Histogram
    tail: TailFit
    scan: XminScan | None
    goodness: Goodness | None
    rivals: list[RivalFit]

    def plain(self) -> dict[str, Any]:
        """As plain JSON values; what is not there, or without bound, is null."""
        tail = self.tail
        return {
            "n": self.counts.total,
            "different_values": int(self.counts.lo.size),
            "largest": int(self.counts.hi[-1]),
            "fit": {
                "alpha": tail.alpha,
                "alpha_standard_error": _finite(tail.standard_error),
                "xmin": tail.xmin,
                "xmax": tail.xmax,
                "tail_count": tail.count,
                "ks": tail.ks,
                "log_likelihood": tail.log_likelihood,
                "aic": tail.aic,
            },
            "goodness_of_fit": None
            if self.goodness is None
            else {
                "p": self.goodness.p,
                "plausible": self.goodness.plausible,
                "replicates": self.goodness.replicates,
                "ks_on_cells": self.goodness.ks,
            },
            "rivals": [
                {
                    "model": rival.model,
                    "parameters": rival.parameters,
                    "log_likelihood": rival.log_likelihood,
                    "delta_aic": rival.delta_aic,
                    "ks": rival.ks,
                    "vuong": rival.vuong,
                    "p": rival.p,
                }
                for rival in self.rivals
            ],
            "xmin_scan": None
            if self.scan is None
            else [
                {"xmin": xmin, "ks": ks, "alpha": alpha, "tail_count": count}
                for xmin, ks, alpha, count in zip(
                    self.scan.xmin.tolist(),
                    self.scan.ks.tolist(),
                    self.scan.alpha.tolist(),
                    self.scan.count.tolist(),
                    strict=True,
                )
            ],
        }


def run_fit(path: Path, xmin: int | None, *, endless: bool, replicates: int, seed: str, watch: Watch) -> CountsFit:
    """Fits the counts in a CSV file. Raises DocumentError for the file, PlanError where its values allow no fit."""
    watch.report("reading the counts")
    return fit_counts(
        read_counts(path), xmin, endless=endless, replicates=replicates, seed=seed, watch=watch, name=str(path)
    )


def fit_counts(
    counts: Histogram,
    xmin: int | None,
    *,
    endless: bool,
    replicates: int,
    seed: str,
    watch: Watch,
    name: str = "the counts",
) -> CountsFit:
    """Fits counts of single integers; values of 0 count in `n` and are never in the tail. Raises PlanError."""
    scan = None
    watch.report("fitting the tail")
    if xmin is None:
        scan = scan_xmin(counts, endless=endless, least_count=LEAST_TAIL)
        if scan is None:
            raise PlanError(
                f"{name}: no tail of at least {LEAST_TAIL} values above 0 that take four different ones",
                "with so few say where it begins: --xmin 1",
            )
    begin = scan.best if scan is not None else xmin or 1
    above = counts.from_value(begin)
    if above.lo.size < 2:
        what = f"only one value, {int(above.lo[0]):,}," if above.lo.size else "no value"
        raise PlanError(f"{name}: {what} at or above xmin {begin:,}", "choose a smaller --xmin")
    tail = fit_tail(counts, begin, endless=endless)
    if tail.alpha > ALPHA_HIGHEST - 1e-3:
        raise PlanError(
            f"{name}: from {begin:,} on it falls faster than any power law (alpha above {ALPHA_HIGHEST:.0f})",
            "choose a smaller --xmin",
        )
    watch.report("fitting the rivals")
    rivals = fit_rivals(counts, tail)
    goodness = None
    if replicates:
        watch.report("bootstrapping")
        goodness = goodness_of_fit(
            counts,
            tail,
            scanned=scan is not None,
            replicates=replicates,
            seed=seed,
            least_count=LEAST_TAIL,
        )
    return CountsFit(counts, tail, scan, goodness, rivals)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
