"""The workbench as it is felt over SSH: `python -m tests.bench.workbench [WORKSPACE]`.

Bytes are exact. Times depend on the machine: the first frame stands beside an empty Textual app's of the same run, and
what is told without a wanted value is only for comparing. Exit status 1 when a wanted value is missed.

Without a WORKSPACE it makes one: of a real corpus where that is there, else of the simulator's chat.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.documents.shape import Shape
from shapetui.errors import DocumentError
from shapetui.fidelity.compare import run_tests
from tests.bench import on_the_wire
from tests.bench.measured import Measured
from tests.bench.pipeline import calibrated, empty, temporary_home
from tests.tui.long_job import many_times

T = TypeVar("T", Shape, Config)

# The job has to last while five screens are looked at.
_MESSAGES: Final = 2_000_000
_TOLERANCE: Final = 0.15
DATABASE: Final = Target.parse("embedded:bench_workbench")
SUBJECTS: Final = ("predict", "first", "screens", "nudges", "slow", "job", "quit")


def prediction(workspace: Path, rounds: int = 100) -> Iterator[Measured]:
    """What a key of Calibrate computes; the workbench compiles only the half of the config that has changed."""
    shape, config = _newest(workspace, Shape), _newest(workspace, Config)
    predicted, whole = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        model = compile_config(config)
        compiled = time.perf_counter()
        run_tests(shape, predict(model, shape.messages.total_count, shape.extracted_at, 30), _TOLERANCE)
        predicted.append(1000 * (time.perf_counter() - compiled))
        whole.append(1000 * (time.perf_counter() - begun))
    yield Measured("predict and the four tests", tuple(predicted), "ms", 5)
    yield Measured("the same with compiling all of the config", tuple(whole), "ms")


@contextmanager
def made(workspace: Path | None) -> Iterator[tuple[Path, Path]]:
    """(a copy of the workspace, one with its shape and config and enough data for a long job), to be written to."""
    with tempfile.TemporaryDirectory(prefix="shapetui-bench-") as folder:
        copy, large = Path(folder, "workspace"), Path(folder, "large")
        for place in (copy, large):
            (place / "reports").mkdir(parents=True)
        if workspace is None:
            shape, config = calibrated("lean_zulip")
            _keep(copy, shape, config)
        else:
            shape, config = _newest(workspace, Shape), _newest(workspace, Config)
            for path in (workspace / "reports").glob("*.json"):
                shutil.copy2(path, copy / "reports")
        factor = max(1, -(-_MESSAGES // max(1, shape.messages.total_count)))
        _keep(large, many_times(shape, factor), config)
        yield copy, large


def _keep(workspace: Path, shape: Shape, config: Config) -> None:
    save(shape, workspace / "reports" / "shape.json")
    save(config, workspace / "reports" / "config.json")


def _newest(workspace: Path, kind: type[T]) -> T:
    """The newest document of a kind. Ends the program when there is none."""
    for path in sorted((workspace / "reports").glob("*.json"), key=os.path.getmtime, reverse=True):
        try:
            return load(path, kind)
        except DocumentError:
            continue
    sys.exit(f"{workspace}/reports holds no {kind.__name__.lower()}")


def main() -> int:
    """Measures and prints; 1 when something wanted is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", nargs="?", type=Path, metavar="WORKSPACE")
    parser.add_argument("--rounds", type=int, default=7, help="of what is started anew each time")
    parser.add_argument("--rate", type=float, default=10_000, help="of the slow link, bytes per second")
    parser.add_argument("--only", action="append", choices=SUBJECTS)
    asked = parser.parse_args()
    missed = 0
    with temporary_home(), made(asked.workspace) as (workspace, large):
        empty(DATABASE)
        subjects: dict[str, Callable[[], Iterator[Measured]]] = {
            "predict": lambda: prediction(workspace),
            "first": lambda: on_the_wire.first_frame(workspace, asked.rounds),
            "screens": lambda: on_the_wire.screens(workspace),
            "nudges": lambda: on_the_wire.nudges(workspace),
            "slow": lambda: on_the_wire.slow_link(workspace, asked.rate),
            "job": lambda: on_the_wire.job(large, DATABASE),
            "quit": lambda: on_the_wire.quitting(workspace, asked.rounds),
        }
        moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        sys.stdout.write(f"{moment}, {os.cpu_count()} cores, load {os.getloadavg()}, {asked.workspace or 'made'}\n")
        for name, subject in subjects.items():
            if not asked.only or name in asked.only:
                for line in subject():
                    line.show()
                    missed += line.missed
    sys.stdout.write(f"{missed or 'nothing'} missed\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
