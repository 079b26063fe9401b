"""The pipeline's speed and memory as ratios inside one run: `python -m tests.bench.pipeline`.

Machines differ and are shared, so nothing here is a number of seconds to be met: each figure stands beside a yardstick
taken in the same run, alternately with it, and the table gives the median of the rounds and their spread.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from shapetui.calibration.calibrate import calibrate
from shapetui.database.ddl import create_schema
from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.demo.corpus import read_messages
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.documents.config import Config
from shapetui.documents.files import save
from shapetui.documents.shape import Shape
from shapetui.generation.generate import generate
from shapetui.generation.plan import Request, make_plan
from shapetui.jobs.sample import sample_production
from shapetui.jobs.validate import sample_synthetic
from shapetui.progress import Watch
from shapetui.sampling.sample import SampleRequest

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = 'id,content,type,"createdAt","updatedAt","senderId","conversationId"'
BY_CONVERSATION = 'SELECT "conversationId", count(*) FROM messages GROUP BY 1'


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    measured: list[float]
    limit: str

    def print(self) -> None:
        """Median, lowest and highest."""
        middle, low, high = statistics.median(self.measured), min(self.measured), max(self.measured)
        sys.stdout.write(f"{self.what:<64} {middle:>8.2f}  ({low:.2f} to {high:.2f})  wanted {self.limit}\n")
        sys.stdout.flush()


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def empty(target: Target) -> None:
    """Removes everything from a database."""
    with target.open(create=True, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("CHECKPOINT")


def calibrated(log_name: str) -> tuple[Shape, Config]:
    """Shape and config of a real corpus, or of the simulator."""
    folder = Path(os.environ.get("SHAPETUI_REAL_DATA", ROOT.parent / "shared" / "data"))
    path = folder / f"{log_name}.csv.gz"
    log = read_messages(path) if path.exists() else simulate()
    production = Target.parse("embedded:bench_production")
    build_production(production, log, Watch())
    shape = sample_production(production, SampleRequest(window_days=0), NOW, Watch(), "x" * 32)
    return shape, calibrate(shape, "bench", NOW)


def generate_lines(request: Request, name: str, rounds: int, folder: Path) -> Line:
    """`generate` against a ready-made binary COPY of the same messages rows into the same table definition."""
    target, yard = Target.parse("embedded:bench_generate"), Target.parse("embedded:bench_yard")
    plan = make_plan(request, NOW)
    ready = folder / "ready.bin"
    ratios = []
    for _ in range(rounds):
        empty(target)
        generating = seconds(lambda: generate(target, plan, Watch(), None, NOW))
        with (
            target.open() as connection,
            ready.open("wb") as stream,
            connection.cursor().copy(f"COPY messages ({COLUMNS}) TO STDOUT (FORMAT BINARY)") as copy,
        ):
            for block in copy:
                stream.write(block)
        empty(yard)
        with yard.open(autocommit=True) as connection:
            create_schema(connection, {"MessageType": list(plan.model.message_types)})
            # The yardstick, too, looks up no foreign keys.
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET synchronous_commit = off")

            def load() -> None:
                with (
                    ready.open("rb") as stream,
                    connection.cursor().copy(f"COPY messages ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy,
                ):
                    while block := stream.read(1 << 20):
                        copy.write(block)

            ratios.append(seconds(load) / generating)
        ready.unlink()
    return Line(f"generate {plan.target_messages:,} ({name}): ready-made COPY / generate", ratios, "at least 0.8")


def memory(config: Path | None, messages: int) -> float:
    """Peak resident memory of the `generate` command, MiB."""
    empty(Target.parse("embedded:bench_memory"))
    words = ["generate", "--url", "embedded:bench_memory", "--target-messages", str(messages), "--json"]
    words += ["--config", str(config)] if config else []
    driver = (
        "import re, sys\n"
        "from shapetui.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        # Not ru_maxrss: that one survives exec and would report the benchmark's own peak.
        "sys.stderr.write(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])\n"
        "sys.exit(code)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", driver, *words, "--directory", folder], capture_output=True, text=True, check=True
        )
    return float(done.stderr.splitlines()[-1]) / 1024


def validate_line(shape: Shape, folder: Path, rounds: int) -> Iterator[Line]:
    """`validate` against one GROUP BY over the same table, as a function and as a whole command."""
    target = Target.parse("embedded:bench_generate")
    shape_file = folder / "shape.json"
    save(shape, shape_file)
    inside, whole = [], []
    for number in range(rounds):
        with target.open() as connection:
            grouping = seconds(lambda: connection.execute(BY_CONVERSATION).fetchall())
        inside.append(seconds(lambda: sample_synthetic(target, Watch(), NOW)) / grouping)
        command = [sys.executable, "-m", "shapetui", "validate", "--url", "embedded:bench_generate", "--json"]
        command += ["--shape", str(shape_file), "--output", str(folder / f"report{number}.json")]
        whole.append(seconds(lambda: subprocess.run(command, check=False, capture_output=True)) / grouping)  # noqa: B023
    yield Line("validate, sampling only / GROUP BY conversation", inside, "at most 6")
    yield Line("validate, the whole command / GROUP BY conversation", whole, "at most 6")


def command_lines(shape: Shape, folder: Path, rounds: int) -> Iterator[Line]:
    """Whole processes: calibrate in seconds, help and version against an empty Python."""
    shape_file = folder / "calibrate-shape.json"
    save(shape, shape_file)

    def process(*words: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True))

    times = []
    for number in range(rounds):
        output = folder / f"config{number}.json"
        times.append(process("-m", "shapetui", "calibrate", "--shape", str(shape_file), "--output", str(output)))
    yield Line("calibrate, whole process, seconds", times, "under 1")
    for word in ("--version", "--help"):
        pairs = [process("-m", "shapetui", word) / process("-c", "pass") for _ in range(4 * rounds)]
        yield Line(f"shapetui {word} / python -c pass", pairs, "at most 5")


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A server and files of the benchmark's own."""
    home = Path(tempfile.mkdtemp(prefix="shapetui-bench-", dir="/var/tmp"))
    home.chmod(0o755)
    os.environ["SHAPETUI_HOME"] = str(home)
    try:
        with EmbeddedServer.acquire():
            yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Runs everything and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("generate", "memory", "validate", "commands"))
    asked = parser.parse_args()

    def wanted(part: str) -> bool:
        return asked.only in (None, part)

    with temporary_home() as home:
        sys.stdout.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {os.getloadavg()}\n")
        shape, config = calibrated("lean_zulip")
        if wanted("generate") or wanted("validate"):
            generate_lines(
                Request(target_messages=asked.messages, until=NOW), "specification", asked.rounds, home
            ).print()
            generate_lines(
                Request(config=config, target_messages=asked.messages), "lean_zulip", asked.rounds, home
            ).print()
        if wanted("validate"):
            for line in validate_line(shape, home, asked.rounds):
                line.print()
        if wanted("commands"):
            for line in command_lines(shape, home, asked.rounds):
                line.print()
        if wanted("memory"):
            config_file = home / "config.json"
            save(config, config_file)
            small, large = memory(config_file, 500_000), memory(config_file, 5_000_000)
            Line("peak memory of generate, 5,000,000 messages, MiB", [large], "at most 400").print()
            Line("peak memory, 500,000 / 5,000,000", [small / large], "at least 0.67").print()
        sys.stdout.write(json.dumps({"rounds": asked.rounds, "messages": asked.messages}) + "\n")


if __name__ == "__main__":
    main()
