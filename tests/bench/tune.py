"""How tune brings spoiled configs back: `python -m tests.bench.tune [--seeds N] [--target MESSAGES]`.

On each corpus the calibrated config is spoiled at random, every parameter of these kinds at once: alpha by up to 0.8,
weights of types by up to 20 points, mu by up to 0.5. Then tune has one try. Printed: how many are GO and PASS again,
what is not, how many parameters a plan moves, and how long it takes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time

from shapetui.documents.config import Config
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.workbench.advice import advise
from shapetui.workbench.draft import Draft, with_all
from shapetui.workbench.expectation import Expected, expect, parameters_of
from tests.fidelity.wrong_generators import calibrated

CORPORA = ("lean_zulip", "uci_dm")
FAR = {"alpha": 0.8, "conversation weight": 0.2, "message weight": 0.2, "mu": 0.5}


def spoiled(draft: Draft, seed: int) -> Draft:
    """The draft with every alpha, weight and mu somewhere else."""
    chance = random.Random(seed)
    assert draft.config is not None
    found = [p for p in parameters_of(draft.config) if p.kind in FAR and not p.overall]
    alone = {kind for kind in FAR if sum(p.kind == kind for p in found) == 1 and kind.endswith("weight")}
    values = tuple(
        (p.key, p.limited(p.value + chance.uniform(-FAR[p.kind], FAR[p.kind]))) for p in found if p.kind not in alone
    )
    return with_all(draft, values)


def judged(draft: Draft) -> Expected:
    """What a draft is expected to come to."""
    assert draft.config is not None
    found = expect(draft.config, draft.shape, draft.target, draft.tolerance)
    assert not isinstance(found, PlanError), found
    return found


def good(found: Expected) -> bool:
    """The four tests and every check."""
    return found.verdict == "PASS" and found.checks.decision == "GO"


def start(shape: Shape, config: Config, target: int) -> Draft:
    """The calibrated config as a draft."""
    return Draft(shape=shape, loaded=config, config=config, target=target)


def main() -> None:
    """Prints a line per corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, metavar="N")
    parser.add_argument("--target", type=int, default=200_000, metavar="MESSAGES")
    asked = parser.parse_args()
    for name in CORPORA:
        shape, config, _ = calibrated(name)
        times, moved, spoiled_ones, bad = [], [], 0, []
        for seed in range(asked.seeds):
            draft = spoiled(start(shape, config, asked.target), seed)
            spoiled_ones += not good(judged(draft))
            begun = time.perf_counter()
            advice = advise(draft)
            times.append(time.perf_counter() - begun)
            plan = advice.plan.values if advice is not None and advice.plan is not None else ()
            moved.append(len(plan))
            if not good(judged(with_all(draft, plan))):
                bad.append(f"seed {seed}: {advice.plan_sentence if advice is not None else 'no advice'}")
        sys.stdout.write(
            f"{name}: {asked.seeds - len(bad)} of {asked.seeds} PASS and GO after tune"
            f" ({spoiled_ones} were not before); {statistics.median(moved):.0f} parameters moved (most {max(moved)});"
            f" {statistics.median(times):.2f} s, at most {max(times):.2f} s\n"
        )
        sys.stdout.writelines(f"  {line}\n" for line in bad)


if __name__ == "__main__":
    main()
