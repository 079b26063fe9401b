"""`shapetui tune` and `shapetui loop`: a spoiled config comes back, files are versions, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetui.documents.config import Config, Temporal
from shapetui.documents.files import load, save
from shapetui.documents.report import Report
from shapetui.workbench.adjust import with_values
from tests.cli.command_line import Cli
from tests.cli.conftest import Loop

SPOILED = [("alpha GROUP_CHAT", 3.4), ("message weight TEXT", 0.5), ("mu TEXT", 5.0)]


@pytest.fixture
def workspace(loop: Loop, tmp_path: Path) -> Path:
    """A folder with a shape, its config, and one that was spoiled."""
    shape, config = loop.document("shape"), loop.document("calibrated")
    (tmp_path / "reports").mkdir()
    for path in (shape, config):
        (tmp_path / "reports" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "reports" / shape.name).rename(tmp_path / "reports" / "shape.json")
    spoiled = with_values(load(config, Config), None, SPOILED)
    save(spoiled, tmp_path / "reports" / "spoiled.json")
    return tmp_path


def arguments(folder: Path, config: str = "spoiled.json") -> tuple[object, ...]:
    return "--shape", "shape.json", "--config", config, "--directory", folder, "--target-messages", 60_000


def configs(folder: Path) -> list[Path]:
    return sorted((folder / "reports").glob("calibrated*.json"))


def test_a_spoiled_config_is_tuned_and_written_with_its_lineage(cli: Cli, workspace: Path) -> None:
    before = configs(workspace)
    told = cli("tune", *arguments(workspace))
    assert told.code == 0, told.err
    assert "before  FAIL" in told.out or "before  WARNING" in told.out
    assert "after   PASS, 4 of 4 tests; GO" in told.out
    (new,) = set(configs(workspace)) - set(before)
    assert str(new) in told.out
    origin = load(new, Config).calibration_metadata
    assert origin.parent_config_digest == load(workspace / "reports" / "spoiled.json", Config).digest()
    assert {nudge.parameter for nudge in origin.nudges} >= {"mu TEXT", "message weight TEXT"}


def test_what_is_good_stays_and_nothing_is_written(cli: Cli, workspace: Path) -> None:
    before = configs(workspace)
    told = cli("tune", *arguments(workspace, before[0].name))
    assert told.code == 0
    assert "nothing to change" in told.out
    assert configs(workspace) == before


def test_a_dry_run_says_it_and_writes_nothing(cli: Cli, workspace: Path) -> None:
    before = configs(workspace)
    told = cli("tune", *arguments(workspace), "--dry-run")
    assert told.code == 0
    assert "mu TEXT" in told.out
    assert configs(workspace) == before


def test_a_part_that_no_parameter_moves_is_fitted_anew_and_told(cli: Cli, workspace: Path) -> None:
    path = workspace / "reports" / "flat.json"
    plain = load(configs(workspace)[0], Config)
    block = plain.message_generation
    flat = block.model_copy(update={"temporal": Temporal(hour_of_week_weights=[1.0] * 167 + [400.0])})
    save(plain.model_copy(update={"message_generation": flat}), path)
    told = cli("tune", *arguments(workspace, "flat.json"))
    assert told.code == 0
    assert "fitted to the shape anew: hours" in told.out
    assert "nothing to change" not in told.out
    new = next(each for each in configs(workspace) if str(each) in told.out)
    assert [nudge.parameter for nudge in load(new, Config).calibration_metadata.nudges] == ["fitted anew: hours"]


def test_who_names_a_file_gets_it_changes_or_not(cli: Cli, workspace: Path) -> None:
    out = workspace / "tuned.json"
    told = cli("tune", *arguments(workspace, configs(workspace)[0].name), "--output", out)
    assert "nothing to change" in told.out
    assert load(out, Config) == load(configs(workspace)[0], Config)


def test_as_json(cli: Cli, workspace: Path) -> None:
    out = workspace / "tuned.json"
    told = cli("tune", *arguments(workspace), "--json", "--output", out)
    found = json.loads(told.out)
    assert found["file"] == str(out)
    assert found["before"]["decision"] == "NO-GO"
    assert (found["after"]["verdict"], found["after"]["decision"], found["unmet"]) == ("PASS", "GO", [])
    assert {change["parameter"] for change in found["changes"]} >= {"mu TEXT"}
    assert load(out, Config).calibration_metadata.nudges


def test_the_config_that_it_reads_is_not_replaced(cli: Cli, workspace: Path) -> None:
    spoiled = workspace / "reports" / "spoiled.json"
    before = spoiled.read_bytes()
    told = cli("tune", *arguments(workspace), "--output", spoiled, "--force")
    assert told.code == 2
    assert spoiled.read_bytes() == before


def test_what_no_parameter_can_mend_is_said_with_exit_1(cli: Cli, workspace: Path) -> None:
    path = workspace / "reports" / "spoiled.json"
    plain = load(path, Config)
    block = plain.message_generation
    lost = {label: model for label, model in block.by_type.items() if label != "TEXT"}
    total = sum(float(model.share) for model in lost.values())
    lost = {label: model.model_copy(update={"share": float(model.share) / total}) for label, model in lost.items()}
    shares = {label: float(model.share) for label, model in lost.items()}
    block = block.model_copy(update={"by_type": lost, "type_distribution": shares})
    save(plain.model_copy(update={"message_generation": block}), path, force=True)
    told = cli("tune", *arguments(workspace))
    assert told.code == 1
    assert "cannot be met: message types: the config has no TEXT" in told.out


def test_the_loop_generates_validates_and_tunes_until_it_is_good(cli: Cli, workspace: Path) -> None:
    told = cli("loop", *arguments(workspace), "--url", "embedded:tuneloop", "--seed", "s", "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    assert found["outcome"] == "passed"
    assert [each["number"] for each in found["rounds"]] == list(range(1, len(found["rounds"]) + 1))
    assert len(found["rounds"]) >= 2
    assert found["rounds"][0]["decision"] == "NO-GO"
    assert found["rounds"][-1]["verdict"] == "PASS"
    report = load(Path(found["rounds"][-1]["report"]), Report)
    assert report.generated_from is not None
    assert report.generated_from.config_digest == load(Path(found["config"]), Config).digest()


def test_the_loop_ends_at_its_limit_with_exit_1(cli: Cli, workspace: Path) -> None:
    told = cli("loop", *arguments(workspace), "--url", "embedded:tuneloop", "--rounds", 1)
    assert told.code == 1
    assert "the limit" in told.out
    assert "round 1: " in told.out


@pytest.mark.parametrize("rounds", ["0", "51", "many"])
def test_rounds_out_of_range_are_a_usage_error(cli: Cli, workspace: Path, rounds: str) -> None:
    assert cli("loop", *arguments(workspace), "--rounds", rounds).code == 2


def test_a_validation_that_is_not_good_says_what_would_help(cli: Cli, workspace: Path) -> None:
    to = ("--url", "embedded:tuneadvice", "--directory", workspace)
    made = cli("generate", *to, "--config", "spoiled.json", "--target-messages", 60_000)
    assert made.code == 0, made.err
    told = cli("validate", *to, "--shape", "shape.json")
    assert told.code == 1
    assert "advice for spoiled.json:" in told.out
    assert "mu TEXT" in told.out.rpartition("advice for")[2]
    found = json.loads(cli("validate", *to, "--shape", "shape.json", "--json").out)
    assert found["advice"]["config"].endswith("spoiled.json")
    assert "→ 4 of 4" in found["advice"]["plan"]


def test_without_the_config_there_is_no_advice(cli: Cli, workspace: Path) -> None:
    to = ("--url", "embedded:tuneadvice", "--directory", workspace)
    cli("generate", *to, "--config", "spoiled.json", "--target-messages", 60_000)
    (workspace / "reports" / "spoiled.json").unlink()
    assert json.loads(cli("validate", *to, "--shape", "shape.json", "--json").out)["advice"] is None
