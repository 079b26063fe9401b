"""`shapetui replay`: a session is told step by step, judged, and its config written; a bad journal names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.workbench import intents
from shapetui.workbench.intents import Focus, Intent, Nudge, SetTarget, SetValue, Undo
from shapetui.workbench.journal import Journal
from shapetui.workbench.state import Workbench, apply
from tests.cli.command_line import Cli
from tests.workbench.benches import Shelf, chat, fitted


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    save(chat(), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    return tmp_path


def opened(workspace: Path) -> tuple[Intent, ...]:
    return (
        intents.OpenShape(str(workspace / "reports" / "shape.json")),
        intents.OpenConfig(str(workspace / "reports" / "config.json")),
    )


def recorded(workspace: Path, *steps: Intent, clean: bool = True) -> Path:
    journal = Journal.start(workspace)
    for step in steps:
        journal.record(step)
    journal.close(clean)
    assert journal.trouble == ""
    return journal.path


def ended(*steps: Intent) -> Workbench:
    workbench = Workbench()
    for step in steps:
        workbench = apply(workbench, step, Shelf())
    return workbench


def test_each_step_and_what_came_of_it(workspace: Path, cli: Cli) -> None:
    steps = (
        *opened(workspace),
        Focus("alpha GROUP_CHAT"),
        Nudge(-2),
        Nudge(1, coarse=True),
        SetValue("xmin nobody", 3),
        Undo(),
        intents.ToggleLock("message weight TEXT"),
        SetTarget(10**6),
    )
    journal = recorded(workspace, *steps)
    end = ended(*steps)
    assert end.expected is not None
    told = cli("replay", journal)
    lines = told.out.splitlines()
    assert (lines[0], told.err) == (str(journal), "")
    numbers = [int(line.split()[0]) for line in lines[1:10]]
    assert numbers == list(range(2, 11))
    alpha = next(p.value for p in ended(*steps[:3]).parameters if p.key == "alpha GROUP_CHAT")
    assert f"nudge alpha GROUP_CHAT by -2 ({alpha:.6g} → {alpha - 0.02:.6g})  → " in lines[4]
    assert "by 1 coarse" in lines[5]
    assert lines[6].endswith("set xmin nobody to 3  → refused: no parameter xmin nobody")
    assert "undo (alpha all types" in lines[7]
    assert "lock message weight TEXT" in lines[8]
    assert "target 1,000,000 messages" in lines[9]
    assert f"{workspace}/reports/config.json: changed" in lines
    assert any(line.split()[:2] == ["alpha", "GROUP_CHAT"] for line in lines[11:])
    assert lines[-1] == f"expected at 1,000,000 messages: {end.expected.verdict}, {end.expected.passed} of 4, GO"
    assert told.code == (0 if end.expected.verdict == "PASS" else 1)


def test_it_ends_with_1_where_worse_than_pass_is_expected_and_with_0_where_nothing_can_be_judged(
    workspace: Path, cli: Cli
) -> None:
    spoilt = (*opened(workspace), SetValue("alpha GROUP_CHAT", 0.5), SetValue("message weight TEXT", 0.1))
    end = ended(*spoilt)
    assert end.expected is not None
    assert end.expected.verdict != "PASS"
    assert cli("replay", recorded(workspace, *spoilt)).code == 1
    for steps, lacking in (((), "a config"), (opened(workspace)[:1], "a config"), (opened(workspace)[1:], "a shape")):
        told = cli("replay", recorded(workspace, *steps))
        assert told.code == 0
        assert f"nothing to judge without {lacking}" in told.out


def test_as_json(workspace: Path, cli: Cli) -> None:
    steps = (*opened(workspace), Nudge(-1), SetValue("xmin nobody", float("inf")), intents.SetTolerance(float("nan")))
    journal = recorded(workspace, *steps)
    document = cli("replay", journal, "--json").document
    end = ended(*steps)
    assert end.expected is not None
    assert (document["verdict"], document["passed"]) == (end.expected.verdict, end.expected.passed)
    assert [step["line"] for step in document["steps"]] == [2, 3, 4, 5, 6]
    assert document["steps"][2]["intent"] == {"intent": "Nudge", "steps": -1, "coarse": False}
    assert document["steps"][3]["intent"]["value"] == "inf"
    assert document["steps"][3]["refusal"] == "no parameter xmin nobody"
    assert [change["key"] for change in document["changes"]] == [change.key for change in end.changes]
    assert document["file"] is None


def test_the_newest_journal_of_the_workspace_is_meant_or_that_of_a_folder(workspace: Path, cli: Cli) -> None:
    older, newest = recorded(workspace, *opened(workspace)), recorded(workspace, *opened(workspace), Nudge(1))
    told = cli("replay", newest)
    assert told.out.splitlines()[0] == str(newest)
    assert cli("replay", "--directory", workspace).out == told.out
    assert cli("replay", newest.parent).out == told.out
    assert cli("replay", workspace).out == told.out
    assert cli("replay", older.name, "--directory", workspace).out.splitlines()[0] == str(older)


def test_documents_are_found_beside_the_journal_when_the_session_named_them_by_their_place_there(
    workspace: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    journal = recorded(workspace, intents.OpenShape("reports/shape.json"), intents.OpenConfig("config.json"))
    assert "reports/shape.json" in cli("replay", journal).out


def test_the_config_is_written_with_its_lineage_and_nothing_is_overwritten(workspace: Path, cli: Cli) -> None:
    steps = (*opened(workspace), Focus("alpha GROUP_CHAT"), Nudge(-3))
    journal, output = recorded(workspace, *steps), workspace / "mine.json"
    before = sorted(workspace.rglob("*"))
    assert cli("replay", journal).code in (0, 1)
    assert sorted(workspace.rglob("*")) == before
    told = cli("replay", journal, "--output", output)
    assert told.out.splitlines()[-1] == f"written: {output}"
    written, config = load(output, Config), ended(*steps).draft.config
    assert config is not None
    assert written.conversation_generation == config.conversation_generation
    assert written.calibration_metadata.parent_config_digest == fitted().digest()
    assert [nudge.parameter for nudge in written.calibration_metadata.nudges] == ["alpha GROUP_CHAT"]
    again = cli("replay", journal, "--output", output)
    assert (again.code, again.out) == (2, "")
    assert "exists already" in again.err
    assert cli("replay", journal, "--output", output, "--force", "--json").document["file"] == str(output)


def test_a_config_that_nobody_changed_is_written_as_it_was(workspace: Path, cli: Cli) -> None:
    output = workspace / "same.json"
    cli("replay", recorded(workspace, *opened(workspace), Nudge(1), Undo()), "--output", output)
    assert load(output, Config) == fitted()


def test_without_a_config_there_is_nothing_to_write(workspace: Path, cli: Cli) -> None:
    output = workspace / "none.json"
    told = cli("replay", recorded(workspace, *opened(workspace)[:1]), "--output", output)
    assert told.code == 2
    assert "nothing to write" in told.err
    assert not output.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"intent": "Format", "disk": "/"}', "no intent of a journal"),
        ('{"intent": "Nudge", "steps": "1"}', "has no such"),
        ('{"intent": "OpenConfig", "path": "/nowhere/x.json"}', "/nowhere/x.json: no such file"),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(line: str, said: str, workspace: Path, cli: Cli) -> None:
    journal = recorded(workspace, *opened(workspace), Nudge(1))
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([*lines[:3], line, *lines[3:], ""]))
    told = cli("replay", journal)
    assert told.code == 2
    sentence, hint = told.err.splitlines()
    assert sentence.startswith(f"shapetui: {journal}:4: ")
    assert said in sentence
    assert hint.startswith("  hint: ")
    error = cli("replay", journal, "--json").document["error"]
    assert error["message"].startswith(f"{journal}:4: ")


def test_what_is_no_journal_is_refused(workspace: Path, cli: Cli, tmp_path: Path) -> None:
    for path in (workspace / "reports" / "config.json", Path("/nowhere"), Path("/dev/zero"), Path("a" * 300)):
        told = cli("replay", path)
        assert (told.code, len(told.err.splitlines())) == (2, 2)
    empty = tmp_path / "empty"
    empty.mkdir()
    for line in (("--directory", empty), (empty,)):
        told = cli("replay", *line)
        assert told.code == 2
        assert "no journal there" in told.err


def test_numbers_beyond_all_measure_and_words_that_steer_a_terminal_are_shown_harmlessly(
    workspace: Path, cli: Cli
) -> None:
    steps = (SetValue("\x1b[31mred", 10**400), SetTarget(10**4000), intents.OpenShape("\x00\x07"))
    told = cli("replay", recorded(workspace, *steps))
    assert told.code == 0
    assert not {"\x1b", "\x07", "\x00"} & set(told.out)
    assert max(map(len, told.out.splitlines())) < 300
    assert len(cli("replay", recorded(workspace, *steps), "--json").document["steps"]) == 3
