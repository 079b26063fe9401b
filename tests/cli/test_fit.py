"""`shapetui fit`: facts, rivals and curve on stdout, exit codes, the same as JSON."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shapetui.cli.fit_plot import CHOSEN, xmin_curve
from shapetui.distributions.histogram import Histogram
from tests.cli.command_line import Cli, Outcome, process, runner
from tests.distributions.drawn import of_shares, random_counts


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Without a database: there is none in this command."""
    return runner(capsys)


def written(path: Path, counts: Histogram) -> Path:
    path.write_text("value,count\n" + "".join(f"{lo},{count}\n" for lo, _, count in counts.cells()))
    return path


@pytest.fixture
def power_law(tmp_path: Path) -> Path:
    return written(tmp_path / "power law.csv", random_counts(2.5, 1, 5000, seed=1))


@pytest.fixture
def log_normal(tmp_path: Path) -> Path:
    values = np.arange(1, 20_000, dtype=np.int64)
    return written(
        tmp_path / "log normal.csv", of_shares(values, np.exp(-((np.log(values) - 2) ** 2) / 2) / values, 30_000, 1)
    )


def test_a_power_law_is_plausible(cli: Cli, power_law: Path) -> None:
    told = cli("fit", "--counts", power_law, "--untruncated", "--xmin", 1)
    assert told.code == 0
    assert "alpha            2.5" in told.out
    assert "xmin             1 (given)" in told.out
    assert "none (untruncated)" in told.out
    assert "plausible: p ≥ 0.1" in told.out
    assert "power law better" in told.out
    assert "KS distance by xmin" not in told.out


def test_what_is_none_is_rejected_with_one(cli: Cli, log_normal: Path) -> None:
    told = cli("fit", "--counts", log_normal, "--xmin", 3)
    assert told.code == 1
    assert "rejected: p < 0.1" in told.out
    assert "log-normal better" in told.out
    assert "<0.001" in told.out


def test_without_replicates_nothing_is_judged(cli: Cli, log_normal: Path) -> None:
    told = cli("fit", "--counts", log_normal, "--xmin", 3, "--replicates", 0)
    assert told.code == 0
    assert "goodness of fit  not tested" in told.out


def test_a_scan_is_drawn(cli: Cli, power_law: Path) -> None:
    told = cli("fit", "--counts", power_law, "--replicates", 20)
    assert told.code in (0, 1)
    assert "the smallest KS distance of" in told.out
    plot = told.out[told.out.index("KS distance by xmin") :].splitlines()[1:]
    assert sum(line.count(CHOSEN) for line in plot) == 1
    assert max(map(len, told.out.splitlines())) <= 100


def test_one_json_document(cli: Cli, power_law: Path) -> None:
    arguments = ("fit", "--counts", power_law, "--json", "--replicates", 30, "--seed", "Übung")
    told = cli(*arguments)
    assert (told.document["command"], told.document["file"]) == ("fit", str(power_law))
    assert told.document["n"] == 5000
    assert told.document["seed"] == "Übung"
    assert told.code == (0 if told.document["goodness_of_fit"]["plausible"] else 1)
    assert cli(*arguments).out == told.out


def test_the_file_may_be_named_within_the_folder(cli: Cli, power_law: Path) -> None:
    told = cli("fit", "--counts", power_law.name, "--directory", power_law.parent, "--replicates", 0)
    assert told.code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--counts"),
        (["--counts", "missing.csv"], "missing.csv: cannot be read"),
        (["--counts", "bad.csv"], "bad.csv: line 2: the count 'x' is not a number"),
        (["--counts", "few.csv"], "few.csv: no tail of at least 50 values"),
        (["--counts", "few.csv", "--xmin", "0"], "must be at least 1"),
        (["--counts", "few.csv", "--replicates", "-1"], "must be at least 0"),
        (["--counts", "few.csv", "--replicates", "1_000_000"], "--replicates: at most 100,000"),
    ],
)
def test_mistakes_are_two(
    arguments: list[str], said: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("1,2\n3,x\n")
    Path("few.csv").write_text("1,2\n3,1\n")
    told: Outcome = cli("fit", *arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert "  hint: " in told.err


def test_stdout_is_data_and_stderr_is_narration(power_law: Path, tmp_path: Path) -> None:
    told = process("fit", "--counts", power_law, "--replicates", 0, "--json", cwd=tmp_path)
    assert told.code == 0
    assert told.document["goodness_of_fit"] is None
    assert "shapetui fit: done" in told.err


def test_a_curve_of_any_kind_fits_its_width() -> None:
    curves: list[list[tuple[int, float]]] = [
        [(1, 0.0), (2, 0.0)],
        [(5, 0.1)],
        [(10**k, 0.5 / (k + 1)) for k in range(13)],
        [(k, 0.01) for k in range(1, 400)],
    ]
    for curve in curves:
        for width in (10, 40, 77, 200):
            lines = xmin_curve(curve, curve[-1][0], width)
            assert max(map(len, lines)) <= max(40, min(width, 90))
            assert sum(line.count(CHOSEN) for line in lines) == 1
