"""What sees a wrong generator, and how often an honest copy is refused: `python -m tests.bench.checks [--halves N]`.

One line per generator that is wrong in one way, on each corpus: our decision with the checks that refuse it, the
original's four tests, Evidently's drifting columns, and SDMetrics' score; then N random splits of each corpus by
conversation, one half judged against the other.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from datetime import UTC, datetime

from shapetui.documents.shape import Shape
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.compare import compare
from tests.fidelity.wrong_generators import WRONG, Wrong, calibrated, halves, made

CORPORA = ("lean_zulip", "uci_dm")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def line(name: str, wrong: Wrong | None) -> str:
    """One generator against one corpus."""
    production, synthetic = production_of(name), made(name, wrong)
    found = compare(production, synthetic, 0.15, name, NOW)
    checks, scores = found.checks or [], found.foreign_scores or []
    bad = ", ".join(check.name for check in checks if check.verdict == "NO-GO")
    failed = ", ".join(test for test, verdict in found.tests.verdicts().items() if verdict == "FAIL")
    drifting = [score.column for score in scores if score.tool == "Evidently" and score.says == "drift"]
    whole = next(score.score for score in scores if score.tool == "SDMetrics" and score.column == "all columns")
    ours = f"{found.decision}{f' ({bad})' if bad else ''}"
    theirs = f"{found.overall_verdict}{f' ({failed})' if failed else ''}"
    evidently = ", ".join(drifting) if drifting else "no drift"
    return f"| {name} | {wrong.name if wrong else 'calibrated'} | {ours} | {theirs} | {evidently} | {whole:.3f} |\n"


def production_of(name: str) -> Shape:
    """Production's shape."""
    return calibrated(name)[0]


def main() -> None:
    """Prints the table, the time of all checks, and how the splits were judged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--halves", type=int, default=20, metavar="N")
    asked = parser.parse_args()
    sys.stdout.write("| corpus | generator | ours | the original's four | Evidently | SDMetrics |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for name in CORPORA:
        for wrong in (None, *WRONG):
            sys.stdout.write(line(name, wrong))
    for name in CORPORA:
        production, others = production_of(name), [made(name, wrong) for wrong in WRONG]
        begun = time.perf_counter()
        for other in others:
            run_checks(production, other, 0.15)
        sys.stdout.write(f"{name}: all checks in {(time.perf_counter() - begun) / len(others) * 1e3:.1f} ms\n")
    for name in CORPORA:
        said: Counter[tuple[str, str]] = Counter()
        refused: list[str] = []
        original: Counter[str] = Counter()
        ratios: dict[str, list[float]] = {}
        for seed in range(asked.halves):
            sides = halves(name, seed)
            found = run_checks(*sides, 0.15)
            for check in found.checks:
                said[check.name, check.verdict] += 1
                if check.noise:
                    ratios.setdefault(check.name, []).append(check.value / check.noise)
            original[compare(*sides, 0.15, name, NOW).overall_verdict] += 1
            if found.decision == "NO-GO":
                reasons = [check for check in found.checks if check.verdict == "NO-GO"]
                bad = [f"{check.name} {check.value / max(check.noise, 1e-9):.1f}" for check in reasons]
                refused.append(f"seed {seed}: {', '.join(bad)}")
        sys.stdout.write(f"{name}: {len(refused)} of {asked.halves} halves refused; {'; '.join(refused)}\n")
        sys.stdout.write(f"  the original's four tests: {dict(original)}\n")
        for check_name, found_ratios in ratios.items():
            verdicts = {word: count for (of, word), count in said.items() if of == check_name}
            mean = sum(found_ratios) / len(found_ratios)
            sys.stdout.write(f"  {check_name:<28} value / noise {mean:.2f}, most {max(found_ratios):.2f}  {verdicts}\n")


if __name__ == "__main__":
    main()
