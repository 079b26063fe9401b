"""Each command as a person or a script uses it: what it prints, what it writes, its exit code."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from shapetui.cli.main import main
from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from tests.cli.command_line import Cli
from tests.cli.conftest import Loop
from tests.conftest import SALT
from tests.documents.examples import CONFIGS, SHAPES


def test_the_loop_by_hand_ends_with_pass(loop: Loop) -> None:
    steps = (loop.sample, loop.calibrate, loop.generate, loop.validate)
    assert [step.code for step in steps] == [0, 0, 0, 0], [step.err for step in steps]
    assert "PASS   the synthetic database has production's shape: 4 of 4 tests passed" in loop.validate.out
    assert load(loop.document("fidelity-report"), Report).overall_verdict == "PASS"


def test_every_command_of_the_loop_names_its_file(loop: Loop) -> None:
    for step, stem in (
        (loop.sample, "shape-metrics-prod-"),
        (loop.calibrate, "calibrated-config-"),
        (loop.generate, "report_calibrated_"),
        (loop.validate, "fidelity-report-"),
    ):
        assert str(loop.document(stem)) in step.out.replace("\n", "")
    assert load(loop.document("shape"), Shape).messages.total_count == 60_000
    assert load(loop.document("calibrated"), Config).calibration_metadata.source_shape_file == (
        loop.document("shape").name
    )
    made = load(loop.document("report_"), GenerationReport)
    assert f"{made.counts.messages:,} messages in {made.counts.conversations:,} conversations" in loop.generate.out
    assert all(digest in loop.generate.out for digest in made.digests.values())


def test_narration_ends_with_a_line_that_says_how_much_was_done(loop: Loop) -> None:
    made = load(loop.document("report_"), GenerationReport).counts
    last = loop.generate.err.splitlines()[-1]
    assert last.startswith("shapetui generate: done in ")
    assert f"{made.messages:,} messages" in last
    assert f"{made.conversation_users:,} conversation_users" in last


def test_init_db_creates_what_is_missing_once(target: Target, cli: Cli) -> None:
    first, second = cli("init-db", "--url", target.label), cli("init-db", "--url", target.label)
    assert (first.code, second.code) == (0, 0)
    assert first.out == (
        f"{target.label}: created the tables users, conversations, conversation_users, messages, message_reads,"
        " attachments\n"
    )
    assert second.out == f"{target.label}: nothing to do, all tables are there\n"


@pytest.mark.parametrize("value", ["", "short", "x" * 31])
def test_sampling_production_needs_a_salt(
    value: str, production: str, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", value)
    told = cli("sample", "--url", production, "--directory", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert all(word in told.err for word in ("ANONYMIZATION_SALT", "32", "vault"))
    assert "short" not in told.err.replace("too short", "")
    assert list(tmp_path.iterdir()) == []


def test_explain_runs_nothing_writes_nothing_and_needs_no_salt(
    production: str, tmp_path: Path, server_home: Path, cli: Cli
) -> None:
    before = sorted(server_home.glob("*.json"))
    told = cli("sample", "--url", production, "--explain", "--directory", tmp_path)
    assert told.code == 0
    assert told.err == ""
    assert told.out.count("planner's cost") == told.out.count(";\n") >= 5
    assert ";;" not in told.out
    document = cli("sample", "--url", production, "--explain", "--json", "--directory", tmp_path).document
    assert {"name", "sql", "total_cost", "rows"} == set(document["explain"][0])
    assert list(tmp_path.iterdir()) == []
    assert sorted(server_home.glob("*.json")) == before


@pytest.mark.usefixtures("salt")
def test_of_a_window_without_messages_there_is_no_file(production: str, tmp_path: Path, cli: Cli) -> None:
    told = cli("sample", "--url", production, "--until", "2001-01-01", "--directory", tmp_path)
    assert told.code == 2
    assert "has no messages in 30 days before 2001-01-01" in told.err
    assert "--window-days 0" in told.err
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.usefixtures("salt")
def test_what_was_sampled_as_production_is_never_validated(
    loop: Loop, production: str, tmp_path: Path, cli: Cli
) -> None:
    sampled = cli("sample", "--url", production, "--window-days", "0", "--directory", tmp_path / "sampled")
    assert sampled.code == 0, sampled.err
    told = cli("validate", "--url", production, "--shape", loop.document("shape"), "--directory", tmp_path)
    assert told.code == 3
    assert "was sampled as production" in told.err
    assert not list((tmp_path / "reports").glob("*.json"))


@pytest.mark.usefixtures("salt")
def test_the_window_and_its_end_are_what_was_asked_for(production: str, tmp_path: Path, cli: Cli) -> None:
    base = ("sample", "--url", production, "--json", "--directory", tmp_path)
    document = cli(*base, "--until", "2025-11-22T02:00:00+02:00", "--window-days", "7").document["document"]
    assert document["sample_window_days"] == 7
    assert document["window"]["until"] == "2025-11-22T00:00:00.000Z"
    assert document["window"]["from"] == "2025-11-15T00:00:00.000Z"


def test_the_environment_says_which_databases(
    production: str, target: Target, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHAPETUI_PRODUCTION_URL", production)
    monkeypatch.setenv("SHAPETUI_SYNTHETIC_URL", target.label)
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    assert cli("init-db", "--json").document["database"] == target.label
    assert cli("sample", "--window-days", "0", "--directory", tmp_path).out.count("60,000 messages") == 1


def test_an_empty_url_is_a_mistake_not_the_default(cli: Cli) -> None:
    told = cli("generate", "--url", "", "--target-messages", "5")
    assert told.code == 2
    assert "URL is empty" in told.err


def test_everything_prints_one_json_document(
    loop: Loop, production: str, target: Target, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    shape, config = loop.document("shape"), loop.document("calibrated")
    at = ("--json", "--directory", tmp_path)
    to = ("--url", target.label)
    for line in (
        ("init-db", *to),
        ("sample", "--url", production, "--window-days", "0"),
        ("calibrate", "--shape", shape),
        ("generate", *to, "--config", config, "--target-messages", "20000"),
        ("validate", *to, "--shape", shape),
        ("demo", "--headless", "--target-messages", "3000"),
    ):
        told = cli(*line, *at)
        assert told.code == 0 or (line[0] in ("validate", "demo") and told.code == 1), told.err
        assert told.document["command"] == line[0]
        for path in (told.document.get("file"), *told.document.get("files", {}).values()):
            assert path is None or json.loads(Path(path).read_text())
    for documents in ((shape,), (config,), (loop.document("fidelity"),), (loop.document("report_"),), (shape, config)):
        assert cli("show", *documents, *at).document["kind"]


def test_validate_prints_the_report_as_show_does(loop: Loop, cli: Cli) -> None:
    shown = cli("show", loop.document("fidelity-report")).out
    assert loop.validate.out == shown
    assert "Text(" not in shown


def test_a_workspace_is_looked_through_by_name(loop: Loop, cli: Cli) -> None:
    name = loop.document("shape").name
    assert cli("show", name, "--directory", loop.folder).code == 0
    assert cli("show", f"reports/{name}", "--directory", loop.folder).code == 0
    absent = cli("show", name)
    assert absent.code == 2
    assert "no such file" in absent.err


def test_an_empty_database_is_judged_bad(loop: Loop, target: Target, tmp_path: Path, cli: Cli) -> None:
    cli("init-db", "--url", target.label)
    told = cli("validate", "--url", target.label, "--shape", loop.document("shape"), "--directory", tmp_path)
    assert told.code == 1
    assert "FAIL" in told.out
    assert "holds no messages: generate first, then validate" in told.out


def test_strict_judges_a_warning_bad(loop: Loop, tmp_path: Path, cli: Cli) -> None:
    judged = ("validate", "--url", "embedded:cliloop", "--shape", loop.document("shape"), "--directory", tmp_path)
    tests = cli(*judged, "--json").document["document"]["tests"]
    size = tests["messages_per_conversation"]["max_percentile_error"]
    length = max(tests["content_length"]["mean_error_pct"], tests["content_length"]["median_error_pct"])
    assert size != length
    # Between the two errors one of the tests fails.
    tolerance = ("--tolerance", str((size + length) / 2))
    plain, strict = cli(*judged, *tolerance, "--json"), cli(*judged, *tolerance, "--json", "--strict")
    assert plain.document["document"]["overall_verdict"] == "WARNING"
    assert plain.document["document"]["decision"] != "NO-GO"
    assert (plain.code, strict.code) == (0, 1)


def test_a_no_go_is_judged_bad_although_three_tests_pass(loop: Loop, target: Target, tmp_path: Path, cli: Cli) -> None:
    config = json.loads(loop.document("calibrated").read_text())
    for model in config["message_generation"]["by_type"].values():
        model.update(model="log_normal", mu=6.0, sigma=0.1, empty_share=0.0, cells={})
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(config))
    to = ("--url", target.label, "--directory", tmp_path)
    assert cli("generate", *to, "--config", wrong, "--target-messages", "60000").code == 0
    told = cli("validate", *to, "--shape", loop.document("shape"), "--json")
    document = told.document["document"]
    assert (document["overall_verdict"], document["decision"], told.code) == ("WARNING", "NO-GO", 1)
    bad = {check["name"] for check in document["checks"] if check["verdict"] == "NO-GO"}
    assert bad == {"lengths", "mean_length", "length_by_message_type"}
    shown = cli("show", told.document["file"])
    assert shown.code == 0
    assert "NO-GO mean length: mean characters per message" in shown.out


def test_the_tolerance_is_the_reports(loop: Loop, tmp_path: Path, cli: Cli) -> None:
    told = cli(
        *("validate", "--url", "embedded:cliloop", "--shape", loop.document("shape"), "--json"),
        *("--tolerance", "0.5", "--output", tmp_path / "r.json"),
    )
    assert told.document["document"]["tolerance_threshold"] == 0.5
    assert json.loads((tmp_path / "r.json").read_text()) == told.document["document"]


def test_an_existing_output_is_kept_unless_forced(loop: Loop, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "config.json"
    output.write_text("precious")
    line = ("calibrate", "--shape", loop.document("shape"), "--output", output)
    refused = cli(*line)
    assert refused.code == 2
    assert "exists already" in refused.err
    assert "--force" in refused.err
    assert output.read_text() == "precious"
    assert cli(*line, "--force").code == 0
    assert load(output, Config)


def test_documents_of_one_day_get_numbers(loop: Loop, tmp_path: Path, cli: Cli) -> None:
    line = ("calibrate", "--shape", loop.document("shape"), "--directory", tmp_path, "--json")
    files = [Path(cli(*line).document["file"]).stem for _ in range(3)]
    assert [name.removeprefix(files[0]) for name in files] == ["", "-v2", "-v3"]


def test_the_shape_is_never_overwritten_by_what_is_made_from_it(loop: Loop, tmp_path: Path, cli: Cli) -> None:
    shape = tmp_path / "shape.json"
    shape.write_bytes(loop.document("shape").read_bytes())
    told = cli("calibrate", "--shape", shape, "--output", shape, "--force")
    assert told.code == 2
    assert "the output is the input" in told.err
    assert shape.read_bytes() == loop.document("shape").read_bytes()


@pytest.mark.parametrize("name", ["repository", "realistic", "extended"])
def test_original_shapes_are_calibrated_and_generated_from(name: str, target: Target, tmp_path: Path, cli: Cli) -> None:
    shape = tmp_path / "shape.json"
    shape.write_text(json.dumps(SHAPES[name]))
    config = cli("calibrate", "--shape", shape, "--json", "--directory", tmp_path)
    assert config.code == 0, config.err
    made = cli(
        *("generate", "--url", target.label, "--config", config.document["file"]),
        *("--target-messages", "5000", "--json", "--directory", tmp_path),
    )
    assert made.code == 0, made.err
    assert made.document["document"]["counts"]["messages"] > 0


@pytest.mark.parametrize("name", list(CONFIGS))
def test_original_configs_are_generated_from(name: str, target: Target, tmp_path: Path, cli: Cli) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIGS[name]))
    to = ("--url", target.label, "--directory", tmp_path)
    made = cli("generate", *to, "--config", config, "--conversations", "300", "--json")
    assert made.code == 0, made.err
    assert made.document["document"]["counts"]["conversations"] == 300


def test_the_same_seed_gives_the_same_digests(loop: Loop, target: Target, tmp_path: Path, cli: Cli) -> None:
    line = ("generate", "--config", loop.document("calibrated"), "--target-messages", "20000", "--json")
    digests = [
        cli(*line, "--url", url, "--seed", seed, "--directory", tmp_path).document["document"]["digests"]
        for url, seed in ((target.label, "a"), ("embedded:cliagain", "a"), ("embedded:cliagain", "b"))
    ]
    assert digests[0] == digests[1]
    assert digests[0]["messages"] != digests[2]["messages"]


def test_no_row_is_dated_after_until(loop: Loop, target: Target, tmp_path: Path, cli: Cli) -> None:
    cli(
        *("generate", "--url", target.label, "--config", loop.document("calibrated"), "--target-messages", "20000"),
        *("--until", "2024-02-29T12:00:00+02:00", "--directory", tmp_path),
    )
    with target.open() as connection:
        row = connection.execute('SELECT max("createdAt")::text FROM messages').fetchone()
    assert row is not None
    assert "2024-02-28" < row[0] <= "2024-02-29 10:00:00"


def test_the_headless_demo_ends_with_what_it_wrote_and_what_to_do_next(tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "with a blank"
    told = cli("demo", "--headless", "--directory", folder)
    assert told.code == 0, told.out + told.err
    assert told.out.startswith("PASS")
    assert len(list((folder / "reports").iterdir())) == 4
    last = told.out.splitlines()[-1]
    assert last.startswith("look closer:  shapetui show ")
    assert main(shlex.split(last.removeprefix("look closer:  shapetui "))) == 0


def test_a_demo_takes_somebody_elses_messages(tmp_path: Path, cli: Cli) -> None:
    rows = ["conversation_id,conversation_type,sender_id,message_type,content_length,sent_at"]
    rows += [
        f"{room},GROUP_CHAT,{room * 5 + n % 5},TEXT,{20 + n},2025-01-{n + 1:02d}T10:00:00Z"
        for room in range(40)
        for n in range(12)
    ]
    messages = tmp_path / "messages.csv"
    messages.write_text("\n".join(rows) + "\n")
    told = cli("demo", "--headless", "--messages", messages, "--directory", tmp_path, "--json")
    assert told.code in (0, 1), told.err
    shape = load(Path(told.document["files"]["shape"]), Shape)
    assert (shape.messages.total_count, shape.conversations.total_count) == (480, 40)
    assert cli("demo", "--messages", tmp_path / "nowhere.csv").code == 2
