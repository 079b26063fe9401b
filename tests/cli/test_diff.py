"""`shapetui diff`: what moved on stdout, exit codes, the same as JSON, files that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from shapetui.cli.show_drift import drift_view
from shapetui.documents.drift import Drift
from shapetui.documents.files import save
from shapetui.documents.shape import Shape, SizePercentiles
from shapetui.jobs.diff import compare_releases
from tests.calibration.corpus_shape import shape_of
from tests.cli.command_line import Cli, process, runner
from tests.cli.test_bad_input import BAD_SHAPES
from tests.documents.examples import REALISTIC_SHAPE, REPOSITORY_CONFIG, REPOSITORY_SHAPE
from tests.fidelity.test_drift import LENGTHS, OLD, SIZES
from tests.fidelity.wrong_generators import NOW


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Without a database: there is none in this command."""
    return runner(capsys)


def written(folder: Path, name: str, shape: Shape) -> Path:
    save(shape, folder / name)
    return folder / name


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path, "old.json", OLD)


@pytest.fixture
def unmoved(tmp_path: Path) -> Path:
    """The same numbers, measured a month later."""
    return written(tmp_path, "unmoved.json", OLD.model_copy(update={"extracted_at": "2026-02-01T00:00:00Z"}))


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """Texts of twice the length, and a conversation type that has gone."""
    sizes = {"DIRECT_MESSAGE": SIZES["DIRECT_MESSAGE"], "CHANNEL": SIZES["GROUP_CHAT"]}
    return written(tmp_path, "moved.json", shape_of(sizes, {**LENGTHS, "TEXT": 2 * LENGTHS["TEXT"]}))


def test_a_shape_and_itself_are_the_same(cli: Cli, old: Path) -> None:
    told = cli("diff", old, old)
    assert (told.code, told.err) == (0, "")
    assert "SAME   the same shape: both have the digest sha256:" in told.out
    assert "the checks" not in told.out


def test_what_did_not_move_exits_with_zero(cli: Cli, old: Path, unmoved: Path) -> None:
    told = cli("diff", old, unmoved)
    assert told.code == 0
    assert "UNMOVED   nothing moved beyond its margin and its noise: " in told.out
    assert "beyond\n" not in told.out


def test_what_moved_is_named_and_exits_with_one(cli: Cli, old: Path, moved: Path) -> None:
    told = cli("diff", old, moved)
    assert told.code == 1
    assert "MOVED   beyond margin and noise: " in told.out
    assert "New over old: " in told.out
    lines = [" ".join(line.split()) for line in told.out.splitlines()]
    assert "GROUP_CHAT conversations 33.3 % 0.0 % went" in lines
    assert "CHANNEL conversations 0.0 % 33.3 % came" in lines
    assert any(line.startswith("mu ") and line.endswith(" beyond") for line in lines)
    back = cli("diff", moved, old)
    assert back.code == 1
    assert "New over old: 0." in back.out


def test_the_tolerance_moves_the_margins_of_relative_differences(cli: Cli, old: Path, moved: Path) -> None:
    loose = cli("diff", old, moved, "--tolerance", 10, "--json")
    tight = cli("diff", old, moved, "--json")
    assert "mean_length" in set(tight.document["document"]["moved"]) - set(loose.document["document"]["moved"])


def test_one_json_document_that_is_also_written(cli: Cli, old: Path, moved: Path, tmp_path: Path) -> None:
    told = cli("diff", old, moved, "--json", "--output", tmp_path / "drift.json")
    assert told.code == 1
    assert (told.document["command"], told.document["file"]) == ("diff", str(tmp_path / "drift.json"))
    document = told.document["document"]
    assert json.loads((tmp_path / "drift.json").read_text()) == document
    found = Drift.model_validate(document)
    assert found.verdict == "MOVED"
    assert (found.old.file, found.new.file) == ("old.json", "moved.json")
    assert {(share.label, share.kind) for share in found.types} == {
        ("GROUP_CHAT", "conversation type"),
        ("CHANNEL", "conversation type"),
    }
    alphas = [change for change in found.parameters if change.kind == "alpha" and change.label == "DIRECT_MESSAGE"]
    assert alphas[0].old_error is not None


def test_names_are_looked_for_in_the_workspace(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    written(tmp_path / "reports", "old.json", OLD)
    assert cli("diff", "old.json", "old.json", "--directory", tmp_path).code == 0


def test_nothing_is_overwritten(cli: Cli, old: Path, unmoved: Path, tmp_path: Path) -> None:
    output = tmp_path / "drift.json"
    output.write_text("mine")
    refused = cli("diff", old, unmoved, "--output", output)
    assert (refused.code, refused.out, output.read_text()) == (2, "", "mine")
    assert "--force" in refused.err
    assert cli("diff", old, unmoved, "--output", output, "--force").out.endswith(f"\nwritten: {output}\n")
    for given in (old, unmoved):
        assert "the output is the input" in cli("diff", old, unmoved, "--output", given, "--force").err


@pytest.mark.parametrize("name", list(BAD_SHAPES))
def test_a_file_that_is_no_shape_is_refused_on_either_side(name: str, cli: Cli, old: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(BAD_SHAPES[name])
    for line in ((old, bad), (bad, old)):
        told = cli("diff", *line)
        assert (told.code, told.out) == (2, "")
        sentence, hint = told.err.splitlines()
        assert sentence.startswith(f"shapetui: {bad}: ")
        assert hint.startswith("  hint: ")


def test_a_config_is_no_shape(cli: Cli, old: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(REPOSITORY_CONFIG))
    assert "this is a config, not a shape" in cli("diff", old, tmp_path / "config.json").err


def test_files_of_the_original_are_compared_as_far_as_they_go(cli: Cli, old: Path, tmp_path: Path) -> None:
    for name, content in (("repository.json", REPOSITORY_SHAPE), ("realistic.json", REALISTIC_SHAPE)):
        (tmp_path / name).write_text(json.dumps(content))
    told = cli("diff", tmp_path / "repository.json", tmp_path / "realistic.json")
    assert told.code == 1
    assert "both are files of the original system" in told.out
    assert "the new one is a file of the original system" in cli("diff", old, tmp_path / "realistic.json").out


def test_percentiles_of_the_original_that_fell_to_a_tenth_have_moved(cli: Cli, tmp_path: Path) -> None:
    fallen = json.loads(json.dumps(REALISTIC_SHAPE))
    known = fallen["conversations"]["messages_per_conversation_percentiles"]
    fallen["conversations"]["messages_per_conversation_percentiles"] = {key: known[key] // 10 for key in known}
    for name, content in (("old.json", REALISTIC_SHAPE), ("new.json", fallen)):
        (tmp_path / name).write_text(json.dumps(content))
    told = cli("diff", tmp_path / "old.json", tmp_path / "new.json")
    assert told.code == 1
    assert "MOVED   beyond margin and noise: size p50, size p90, size p95, size p99 (" in told.out


def test_without_any_size_on_one_side_it_is_not_unmoved(cli: Cli, old: Path, tmp_path: Path) -> None:
    blocks = {
        "messages_per_conversation_cells": {},
        "by_type": {},
        "messages_per_conversation_percentiles": SizePercentiles(),
        "messages_per_conversation_mean": None,
        "top_1_percent_share": None,
    }
    bare = OLD.model_copy(update={"conversations": OLD.conversations.model_copy(update=blocks)})
    told = cli("diff", old, written(tmp_path, "bare.json", bare))
    assert told.code == 0
    assert "INCONCLUSIVE   the two have no sizes of conversations in common to compare; of the rest " in told.out
    assert "only the old one has the numbers for these checks" in told.out


def test_a_comparison_that_was_written_is_shown_again(cli: Cli, old: Path, moved: Path, tmp_path: Path) -> None:
    told = cli("diff", old, moved, "--output", tmp_path / "drift.json")
    again = cli("show", tmp_path / "drift.json")
    assert again.code == 0
    assert str(tmp_path / "drift.json") in again.out.splitlines()[0]
    assert told.out[told.out.index("MOVED") : told.out.index("\nwritten: ")] == again.out[again.out.index("MOVED") :]
    document = cli("show", tmp_path / "drift.json", "--json").document
    assert (document["kind"], document["verdict"]) == ("drift", "MOVED")
    assert "a drift and a shape cannot be overlaid" in cli("show", tmp_path / "drift.json", old).err
    assert "this is a drift, not a shape" in cli("diff", tmp_path / "drift.json", old).err


def test_an_empty_chat_is_compared_without_parameters(cli: Cli, old: Path, tmp_path: Path) -> None:
    content = {**REPOSITORY_SHAPE, "conversations": {"total_count": 0}, "messages": {"total_count": 0}}
    (tmp_path / "empty.json").write_text(json.dumps(content))
    (tmp_path / "other.json").write_text(json.dumps({**content, "sample_window_days": 7}))
    told = cli("diff", old, tmp_path / "empty.json")
    assert told.code == 1
    assert "beyond margin and noise: messages (1 NO-GO)" in told.out
    assert "parameters are not compared: empty.json: the shape is empty" in told.out
    nothing = cli("diff", tmp_path / "empty.json", tmp_path / "other.json")
    assert nothing.code == 0
    assert "INCONCLUSIVE   there is nothing to compare" in nothing.out


def test_labels_out_of_files_do_not_steer_the_terminal(cli: Cli, old: Path, tmp_path: Path) -> None:
    content = json.loads(json.dumps(REPOSITORY_SHAPE))
    content["conversations"]["type_distribution"] = {"\x1b[31mRED": 5575, "[bold]x": 2425}
    (tmp_path / "odd.json").write_text(json.dumps(content))
    told = cli("diff", old, tmp_path / "odd.json")
    assert "\x1b" not in told.out
    assert "\\x1b[31mRED" in told.out
    assert "[bold]x" in told.out


def test_it_is_read_at_eighty_columns(old: Path, moved: Path) -> None:
    shapes = [Shape.model_validate_json(path.read_text()) for path in (old, moved)]
    drift = compare_releases(shapes[0], shapes[1], 0.15, ("old.json", "moved.json"), NOW)
    console = Console(width=80, record=True, force_terminal=False)
    with console.capture() as shown:
        for section in drift_view((Path("old.json"), Path("moved.json")), drift):
            for part in section:
                console.print(part)
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= 80
    # No number is broken off or over two lines: the last word of each row of checks is its verdict.
    start = lines.index("the checks") + 2
    rows = lines[start : start + len(drift.checks)]
    assert [row.split()[-1] for row in rows] == [check.verdict for check in drift.checks]


def test_stdout_is_data_and_stderr_is_narration(old: Path, moved: Path, tmp_path: Path) -> None:
    told = process("diff", old, moved, "--json", cwd=tmp_path)
    assert (told.code, told.err) == (1, "")
    assert told.document["document"]["verdict"] == "MOVED"


def test_a_larger_k_costs_resolution_only(cli: Cli, production: str, salt: str, tmp_path: Path) -> None:
    """The same database, sampled with two minimums of people per cell."""
    files = []
    for k in (11, 50):
        files.append(tmp_path / f"k{k}.json")
        line = ("sample", "--url", production, "--window-days", 0, "--min-cell-count", k, "--output", files[-1])
        assert cli(*line).code == 0
    told = cli("diff", *files, "--json")
    document = told.document["document"]
    assert (told.code, document["verdict"]) == (0, "UNMOVED")
    assert any("at least 11 people or conversations in the old and 50" in said for said in document["remarks"])
    assert salt not in told.out
