"""How often a good copy is refused: `python -m tests.bench.fidelity [--seeds N] [--halves N] [--rooms N]`.

Whole demos of the real corpora on databases of their own, one per seed; N random splits of each corpus by
conversation, one half judged against the other; and whole demos of a chat with few, huge rooms. The first and the last
count a run as failed when it is not PASS and GO, and say why.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from shapetui.database.target import Target
from shapetui.demo.simulator import CHANNEL, simulate
from shapetui.documents.checks import Check
from shapetui.documents.workspace import Workspace
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.compare import compare
from shapetui.generation.plan import Request
from shapetui.jobs.demo import Demo, run_demo
from shapetui.jobs.generate import run_generate
from shapetui.jobs.targets import DEFAULT_SYNTHETIC
from shapetui.jobs.validate import Validation, run_validate
from shapetui.progress import Watch
from tests.bench.pipeline import temporary_home
from tests.calibration.corpus_shape import real_data_folder
from tests.fidelity.wrong_generators import halves

CORPORA: Final = ("lean_zulip", "uci_dm")
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
TOLERANCE: Final = 0.15
# Messages: most runs are small; one of so many has as many messages as production.
TARGETS: Final = (20_000, 50_000)
WHOLE: Final = 25
# Its channels are a few hundred rooms that hold some 300 messages on average and up to 13,000.
SIMULATED: Final = 500_000


def say(line: str) -> None:
    """Prints a line at once: a run takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def demos(corpus: Path, seeds: int, folder: Path) -> Iterator[tuple[int | None, Validation]]:
    """The target and the outcome of `demo --headless --messages CORPUS --seed N` for seeds 0, 1, 2, ...

    Production, its shape and the config do not depend on the seed: only the first run makes them.
    """
    workspace = Workspace(folder)
    workspace.reports.mkdir(parents=True)
    demo: Demo = run_demo(corpus, None, "0", TOLERANCE, workspace, Watch())
    yield None, demo.validation
    synthetic = Target.parse(DEFAULT_SYNTHETIC)
    whole = demo.shape.document.messages.total_count
    for seed in range(1, seeds):
        target = TARGETS[seed % len(TARGETS)] if seed % WHOLE else None
        request = Request(config=demo.config.document, target_messages=target or whole, seed=str(seed))
        run_generate(synthetic, request, workspace, None, Watch())
        yield target, run_validate(synthetic, demo.shape.path, TOLERANCE, workspace, None, False, Watch())


def whole_demos(name: str, corpus: Path, seeds: int, folder: Path) -> None:
    """A table: of how many runs at each target how many failed and why, and which checks could not be decided."""
    runs: Counter[int | None] = Counter()
    failed: Counter[int | None] = Counter()
    why: dict[int | None, Counter[str]] = {}
    unsettled: dict[int | None, Counter[str]] = {}
    begun = time.perf_counter()
    for target, validation in demos(corpus, seeds, folder):
        report = validation.report
        runs[target] += 1
        failed[target] += (report.overall_verdict, report.decision) != ("PASS", "GO")
        tests = [f"test {test}" for test, verdict in report.tests.verdicts().items() if verdict == "FAIL"]
        refused = [f"{check.name} {check.verdict}" for check in report.checks or [] if check.verdict == "NO-GO"]
        why.setdefault(target, Counter()).update(tests + refused)
        open_ones = [check.name for check in report.checks or [] if check.verdict == "INCONCLUSIVE"]
        warned = [f"{check.name} (WARN)" for check in report.checks or [] if check.verdict == "WARN"]
        unsettled.setdefault(target, Counter()).update(open_ones + warned)
    say(f"\n{name}: {sum(failed.values())} of {seeds} demos failed, {time.perf_counter() - begun:.0f} s")
    say("| target | runs | failed | why | INCONCLUSIVE or WARN |\n|---|---|---|---|---|")
    for target, count in runs.items():
        told = [", ".join(f"{what} {n}" for what, n in found[target].items()) or "-" for found in (why, unsettled)]
        say(f"| {target or 'as production'} | {count} | {failed[target]} | {' | '.join(told)} |")


def split(name: str, splits: int) -> None:
    """How one half of a corpus is judged against the other, and how far each check is from refusing it."""
    said: dict[str, Counter[str]] = {}
    ratios: dict[str, list[float]] = {}
    original: Counter[str] = Counter()
    refused: list[str] = []
    for seed in range(splits):
        sides = halves(name, seed)
        found = run_checks(*sides, TOLERANCE)
        for check in found.checks:
            said.setdefault(check.name, Counter())[check.verdict] += 1
            ratios.setdefault(check.name, []).append(check.value / check.noise if check.noise else 0.0)
        original[compare(*sides, TOLERANCE, name, NOW).overall_verdict] += 1
        if found.decision == "NO-GO":
            refused.append(f"seed {seed}: {', '.join(map(_refusal, found.checks))}")
    say(f"\n{name}: {len(refused)} of {splits} halves refused {'; '.join(refused)}")
    say(f"the original's four tests: {dict(original)}")
    say("| check | value / noise, mean | most (refused beyond 3) | verdicts |\n|---|---|---|---|")
    for check_name, values in ratios.items():
        say(f"| {check_name} | {statistics.mean(values):.2f} | {max(values):.2f} | {dict(said[check_name])} |")


def _refusal(check: Check) -> str:
    return f"{check.name} {check.value / max(check.noise, 1e-9):.1f}" if check.verdict == "NO-GO" else ""


def huge_rooms(path: Path, seed: int) -> None:
    """The channels of a simulated chat as a corpus of their own, in the format of the real ones."""
    log = simulate(SIMULATED, seed=f"huge rooms {seed}")
    rows = np.flatnonzero(log.conversation_type[log.conversation] == CHANNEL)
    moments = log.sent_at[rows].astype("datetime64[ms]")
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["conversation_id", "conversation_type", "sender_id", "message_type", "content_length", "sent_at"]
        )
        kinds = [log.message_types[kind] for kind in log.message_type[rows]]
        for room, sender, kind, length, moment in zip(
            log.conversation[rows], log.sender[rows], kinds, log.content_length[rows], moments, strict=True
        ):
            writer.writerow([room, "CHANNEL", sender, kind, length, f"{moment}Z"])


def few_huge_rooms(chats: int, home: Path) -> None:
    """Whole demos of chats of a few hundred rooms, each a simulated production of its own."""
    say("\nfew, huge rooms: the channels of simulated chats")
    say(
        "| chat | rooms | alpha fitted, truncated | alpha of the largest 50 | mean size | off by | noise"
        " | verdict, decision | why | INCONCLUSIVE (settled at) | WARN |"
    )
    say(f"|{'---|' * 11}")
    for seed in range(chats):
        corpus = home / f"rooms{seed}.csv"
        huge_rooms(corpus, seed)
        workspace = Workspace(home / f"rooms{seed}")
        workspace.reports.mkdir(parents=True)
        demo = run_demo(corpus, None, "0", TOLERANCE, workspace, Watch())
        report, shape = demo.validation.report, demo.shape.document
        checks = report.checks or []
        mean = next(check for check in checks if check.name == "mean_size")
        tail = next(iter(demo.config.document.conversation_generation.by_type.values())).tail
        fitted = f"{tail.alpha:.2f} from {tail.xmin}" if tail else "none"
        unsettled = ", ".join(
            f"{check.name} ({check.settled_at:,})" for check in checks if check.settled_at is not None
        )
        bad = [f"test {test} FAIL" for test, verdict in report.tests.verdicts().items() if verdict == "FAIL"]
        bad += [f"{check.name} NO-GO" for check in checks if check.verdict == "NO-GO"]
        hill = next((check.production or 0.0 for check in checks if check.name == "tail_alpha"), 0.0)
        warned = ", ".join(check.name for check in checks if check.verdict == "WARN")
        verdicts = f"{report.overall_verdict}, {report.decision} | {', '.join(bad) or '-'}"
        say(
            f"| {seed} | {shape.conversations.total_count} | {fitted} | {hill:.2f} | {mean.production or 0:.1f} |"
            f" {mean.value:.1%} | {mean.noise:.1%} | {verdicts} |"
            f" {unsettled or '-'} | {warned or '-'} |"
        )


def main() -> None:
    """Runs what is asked for and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, metavar="N", help="demos per corpus")
    parser.add_argument("--halves", type=int, default=200, metavar="N", help="splits per corpus")
    parser.add_argument("--rooms", type=int, default=5, metavar="N", help="chats of few, huge rooms")
    parser.add_argument("--corpora", nargs="*", choices=CORPORA, default=list(CORPORA))
    asked = parser.parse_args()
    say(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()}")
    for name in asked.corpora if asked.halves else ():
        split(name, asked.halves)
    with temporary_home() as home:
        for name in asked.corpora if asked.seeds else ():
            whole_demos(name, real_data_folder() / f"{name}.csv.gz", asked.seeds, home / name)
        if asked.rooms:
            few_huge_rooms(asked.rooms, home)


if __name__ == "__main__":
    main()
