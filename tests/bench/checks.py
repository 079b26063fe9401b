"""What sees a wrong generator: `python -m tests.bench.checks`.

One line per generator that is wrong in one way, on each corpus: our decision with the checks that refuse it (or, where
none does, that cannot decide), the original's four tests, Evidently's drifting columns, and SDMetrics' score; and what
all checks cost beside the prediction that they judge. How often an honest copy is refused: `tests.bench.fidelity`.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise

from shapetui.calibration.predict import predict
from shapetui.documents.shape import Shape
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.compare import compare, run_tests
from tests.fidelity.wrong_generators import WRONG, Wrong, calibrated, made

CORPORA = ("lean_zulip", "uci_dm")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = 100


def line(name: str, wrong: Wrong | None) -> str:
    """One generator against one corpus."""
    production, synthetic = production_of(name), made(name, wrong)
    found = compare(production, synthetic, 0.15, name, NOW)
    checks, scores = found.checks or [], found.foreign_scores or []
    bad = ", ".join(check.name for check in checks if check.verdict == "NO-GO")
    failed = ", ".join(test for test, verdict in found.tests.verdicts().items() if verdict == "FAIL")
    drifting = [score.column for score in scores if score.tool == "Evidently" and score.says == "drift"]
    whole = next(score.score for score in scores if score.tool == "SDMetrics" and score.column == "all columns")
    named = wrong.named_by if wrong else ()
    undecided = [
        f"{check.name} at {check.settled_at:,}" for check in checks if check.settled_at and check.name in named
    ]
    ours = f"{found.decision}{f' ({bad})' if bad else ''}"
    if undecided and not bad:
        ours = f"{ours} (INCONCLUSIVE: {', '.join(undecided)} conversations)"
    theirs = f"{found.overall_verdict}{f' ({failed})' if failed else ''}"
    evidently = ", ".join(drifting) if drifting else "no drift"
    return f"| {name} | {wrong.name if wrong else 'calibrated'} | {ours} | {theirs} | {evidently} | {whole:.3f} |\n"


def production_of(name: str) -> Shape:
    """Production's shape."""
    return calibrated(name)[0]


def costs(name: str) -> str:
    """Prediction, the four tests and the checks of one key press, in milliseconds of this thread."""
    shape, _, model = calibrated(name)
    spent: list[tuple[float, ...]] = []
    for less in range(KEYS):
        moments = [time.thread_time()]
        expected = predict(model, shape.messages.total_count - less, shape.extracted_at, 30)
        moments.append(time.thread_time())
        run_tests(shape, expected, 0.15)
        moments.append(time.thread_time())
        run_checks(shape, expected, 0.15)
        moments.append(time.thread_time())
        spent.append(tuple(after - before for before, after in pairwise(moments)))
    prediction, tests, checks = (statistics.median(part) * 1e3 for part in zip(*spent, strict=True))
    return f"{name}: predict {prediction:.1f} ms, four tests {tests:.1f} ms, all checks {checks:.1f} ms\n"


def main() -> None:
    """Prints the table, and what a key press costs."""
    sys.stdout.write("| corpus | generator | ours | the original's four | Evidently | SDMetrics |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for name in CORPORA:
        for wrong in (None, *WRONG):
            sys.stdout.write(line(name, wrong))
    for name in CORPORA:
        sys.stdout.write(costs(name))


if __name__ == "__main__":
    main()
