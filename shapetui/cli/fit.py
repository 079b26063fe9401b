"""`shapetui fit`: a power law fitted to any counts, as facts, a table of rivals and the curve that chose xmin."""

from __future__ import annotations

from argparse import Namespace
from math import sqrt
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import stdout_console, write_json, write_out
from shapetui.cli.fit_plot import CHOSEN, xmin_curve
from shapetui.cli.narration import narrated
from shapetui.cli.show_numbers import UNKNOWN, count, number, plus, share
from shapetui.cli.show_tables import facts, heading, row, table
from shapetui.distributions.goodness import PLAUSIBLE_FROM
from shapetui.distributions.rivals import CUT_OFF, RivalFit
from shapetui.errors import EXIT_GOOD, EXIT_JUDGED_BAD, UsageError
from shapetui.jobs.fit import CountsFit, run_fit

if TYPE_CHECKING:
    from rich.table import Table

# Two laws are told apart where chance makes such a ratio less often than this (Clauset, Shalizi & Newman 2009).
_TOLD_APART: Final = 0.1
# p to within 0.0016; all replicates are held in memory.
_MOST_REPLICATES: Final = 100_000


def run_fit_command(asked: Namespace) -> int:
    """Fits and prints; 1 where the bootstrap rejects the power law. Raises UsageError for too many replicates."""
    if asked.replicates > _MOST_REPLICATES:
        raise UsageError(f"--replicates: at most {_MOST_REPLICATES:,}", "2,500 give p to within 0.01")
    path = asked.directory / asked.counts
    with narrated(asked.command) as watch:
        found = run_fit(
            path, asked.xmin, endless=asked.untruncated, replicates=asked.replicates, seed=asked.seed, watch=watch
        )
    if asked.json:
        write_json({"command": "fit", "file": str(path), "seed": asked.seed, **found.plain()})
    else:
        _print(str(path), found)
    return EXIT_JUDGED_BAD if found.goodness is not None and not found.goodness.plausible else EXIT_GOOD


def _print(path: str, found: CountsFit) -> None:
    console = stdout_console()
    console.print(heading("Fit", path))
    console.print(_facts(found))
    write_out("\n")
    console.print(heading("other laws on the same tail", "ΔAIC and Vuong's z above 0: the power law is better"))
    console.print(_rivals(found.rivals))
    if found.scan is not None and found.scan.xmin.size > 1:
        write_out("\n")
        console.print(heading("KS distance by xmin", f"{CHOSEN} chosen"))
        for line in xmin_curve(found.scan.curve(), found.tail.xmin, console.width):
            write_out(line + "\n")


def _facts(found: CountsFit) -> Table:
    tail, counts = found.tail, found.counts
    error = number(tail.standard_error, 4) if tail.standard_error < 1e6 else "unbounded"
    chosen = "given" if found.scan is None else f"the smallest KS distance of {count(found.scan.xmin.size)} tried"
    return facts(
        {
            "values": f"{count(counts.total)}, {count(counts.lo.size)} different,"
            f" {count(int(counts.lo[0]))} to {count(int(counts.hi[-1]))}",
            "alpha": f"{tail.alpha:.4f} ± {error}",
            "xmin": f"{count(tail.xmin)} ({chosen})",
            "xmax": "none (untruncated)" if tail.xmax is None else f"{count(tail.xmax)} (the largest value)",
            "tail": f"{count(tail.count)} values, {share(tail.count / counts.total)}",
            "KS": f"{tail.ks:.5f}",
            "log-likelihood": f"{number(tail.log_likelihood, 3)}, AIC {number(tail.aic, 3)}".replace("-", "−"),
            "goodness of fit": _goodness(found),
        }
    )


def _goodness(found: CountsFit) -> str:
    goodness = found.goodness
    if goodness is None:
        return "not tested"
    uncertainty = sqrt(goodness.p * (1 - goodness.p) / goodness.replicates)
    p = f"p {goodness.p:.3f} ± {uncertainty:.3f} ({count(goodness.replicates)} replicates)"
    if goodness.plausible:
        return f"{p}, plausible: p ≥ {PLAUSIBLE_FROM}, a power law is not ruled out"
    return f"{p}, rejected: p < {PLAUSIBLE_FROM}, data of a power law seldom lie so far from one"


def _rivals(rivals: list[RivalFit]) -> Table:
    made = table("law", "parameters", "ΔAIC", "Vuong z", "p", "KS", "which", left=("parameters", "which"))
    for rival in rivals:
        parameters = ", ".join(f"{name} {value:.4g}" for name, value in rival.parameters.items())
        row(
            made,
            rival.model,
            parameters.replace("-", "−"),
            plus(rival.delta_aic, 1),
            UNKNOWN if rival.vuong is None else plus(rival.vuong, 2),
            UNKNOWN if rival.p is None else f"{rival.p:.3f}" if rival.p >= 0.001 else "<0.001",
            f"{rival.ks:.4f}",
            _which(rival),
        )
    return made


def _which(rival: RivalFit) -> str:
    """What the test says, in words."""
    told = rival.p is not None and rival.p < _TOLD_APART
    if rival.model == CUT_OFF:
        return "cut-off better" if told else "no gain"
    if not told or rival.vuong is None:
        return "cannot be told"
    return "power law better" if rival.vuong > 0 else f"{rival.model} better"
