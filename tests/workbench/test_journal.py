"""The journal: what a killed session leaves, what a clean one does, and what is made of files that are no journal."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.errors import DocumentError
from shapetui.workbench import intents
from shapetui.workbench.draft import MOST_VALUES
from shapetui.workbench.intents import Focus, Intent, Nudge, SetTarget
from shapetui.workbench.journal import Journal, draft_path, journal_folder, replay_file, settle, unfinished
from shapetui.workbench.journal_file import LONGEST_LINE
from shapetui.workbench.state import Workbench, apply
from tests.workbench.benches import NOW, Shelf, after, any_intent, fitted

STEPS: tuple[Intent, ...] = (
    intents.OpenShape("shape.json"),
    intents.OpenConfig("config.json"),
    Focus("alpha GROUP_CHAT"),
    Nudge(-3),
)


def recorded(folder: Path, *steps: Intent, clean: bool = False) -> Path:
    journal = Journal.start(folder)
    for step in steps:
        journal.record(step)
    journal.close(clean)
    assert journal.trouble == ""
    return journal.path


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_intent(), max_size=15))
def test_replaying_a_journal_gives_the_end(tmp_path_factory: pytest.TempPathFactory, steps: list[Intent]) -> None:
    path = recorded(tmp_path_factory.mktemp("session"), *STEPS, *steps)
    workbench = Workbench()
    seen: list[Workbench] = []
    for step in (*STEPS, *steps):
        workbench = apply(workbench, step, Shelf())
    assert replay_file(path, Shelf(), seen.append).draft == workbench.draft
    assert len(seen) == len(STEPS) + len(steps)


def test_a_killed_session_loses_nothing(tmp_path: Path) -> None:
    save(fitted(), tmp_path / "config.json")
    script = f"""
import os, signal
from pathlib import Path
from shapetui.workbench.journal import Journal
from shapetui.workbench.state import Workbench, apply
from shapetui.workbench.intents import *
from tests.workbench.benches import NOW, Shelf
journal, workbench = Journal.start(Path({str(tmp_path)!r})), Workbench()
for step in (OpenConfig({str(tmp_path / "config.json")!r}), Focus("alpha GROUP_CHAT"), Nudge(-3)):
    workbench = apply(workbench, step, Shelf())
    journal.record(step)
journal.save_draft(workbench, NOW)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -signal.SIGKILL
    path = unfinished(tmp_path)
    assert path is not None
    workbench = replay_file(path, Shelf())
    assert workbench.draft.config == after(*STEPS[2:]).draft.config
    draft = load(draft_path(path), Config)
    assert draft.conversation_generation == fitted_nudged().conversation_generation
    assert draft.calibration_metadata.parent_config_digest == fitted().digest()
    assert [nudge.parameter for nudge in draft.calibration_metadata.nudges] == ["alpha GROUP_CHAT"]
    for file in (path, draft_path(path)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settle(path)
    assert unfinished(tmp_path) is None
    assert not draft_path(path).exists()
    assert replay_file(path, Shelf()).draft == workbench.draft


def fitted_nudged() -> Config:
    config = after(*STEPS[2:]).draft.config
    assert config is not None
    return config


def test_a_session_that_lives_or_ended_well_or_did_nothing_is_not_offered(tmp_path: Path) -> None:
    assert unfinished(tmp_path) is None
    recorded(tmp_path, *STEPS, clean=True)
    recorded(tmp_path)
    living = Journal.start(tmp_path)
    living.record(SetTarget(5))
    assert unfinished(tmp_path) is None
    living.close(clean=False)
    living.close(clean=True)
    assert unfinished(tmp_path) == living.path


def test_the_newest_unfinished_one_is_offered_whatever_else_lies_there(tmp_path: Path) -> None:
    recorded(tmp_path, *STEPS)
    newest = recorded(tmp_path, *STEPS)
    folder = journal_folder(tmp_path)
    (folder / "journal-9.jsonl").write_bytes(b"\xff\x00 nothing of ours")
    os.mkfifo(folder / "journal-8.jsonl")
    (folder / "journal-7.jsonl").mkdir()
    assert unfinished(tmp_path) == newest


def test_only_so_many_sessions_that_ended_well_are_kept(tmp_path: Path) -> None:
    lost = recorded(tmp_path, *STEPS)
    for _ in range(25):
        recorded(tmp_path, *STEPS, clean=True)
    assert len(list(journal_folder(tmp_path).iterdir())) == 22
    assert lost.exists()


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path, cut: int) -> None:
    path = recorded(tmp_path, *STEPS)
    path.write_bytes(path.read_bytes()[:-cut])
    assert replay_file(path, Shelf()).draft.config in (fitted(), after(*STEPS[2:]).draft.config)
    settle(path)
    assert replay_file(path, Shelf()).draft.config in (fitted(), after(*STEPS[2:]).draft.config)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"not JSON", "no intent"),
        (b'{"intent": "Format", "disk": "/"}', "no intent"),
        (b'{"intent": ["Nudge"]}', "no intent"),
        (b"[" * 50_000, "no intent"),
        (b'{"intent": "Nudge"}', "lacks a value"),
        (b'{"intent": "Nudge", "steps": "1"}', "has no such"),
        (b'{"intent": "Nudge", "steps": true}', "has no such"),
        (b'{"intent": "Nudge", "steps": 1, "more": 1}', "has no such"),
        (b'{"intent": "SetTarget", "messages": ' + b"9" * 5000 + b"}", "no intent"),
        (b'{"intent": "SetValues", "values": {"mu TEXT": 1}}', r"list of \[key, number\]"),
        (b'{"intent": "SetValues", "values": [["mu TEXT"]]}', r"list of \[key, number\]"),
        (b'{"intent": "SetValues", "values": [["mu TEXT", true]]}', r"list of \[key, number\]"),
        (b'{"intent": "SetValues", "values": [[1, 1]]}', r"list of \[key, number\]"),
        (b'{"intent": "SetValues"}', "lacks a value"),
        (b'{"intent": "SetSeed", "seed": 5}', "has no such"),
        (b'{"intent": "SetTarget", "messages": null}', "has no such"),
        (b"\xff\xfe", "UTF-8"),
        (b"x" * 100_000, "longer than any"),
    ],
)
def test_a_line_that_is_no_intent_is_named_with_file_and_line(tmp_path: Path, line: bytes, said: str) -> None:
    path = recorded(tmp_path, *STEPS)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:3], line, *lines[3:]]) + b"\n")
    with pytest.raises(DocumentError, match=said) as caught:
        replay_file(path, Shelf())
    assert caught.value.message.startswith(f"{path}:4: ")


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b"", "not a journal"),
        (b"{}", "not a journal"),
        (b"[1]", "not a journal"),
        (b'{"shapetui_journal": 2}', "version 2"),
        (b'{"shapetui_journal": true}', "version True"),
        (b'{"shapetui_journal": null}', "version None"),
    ],
)
def test_a_file_of_another_kind_or_version_is_refused(tmp_path: Path, first: bytes, said: str) -> None:
    path = tmp_path / "journal-1.jsonl"
    path.write_bytes(first + b"\n")
    with pytest.raises(DocumentError, match=said):
        replay_file(path, Shelf())


def test_what_is_no_file_or_too_large_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(1 << 40)
    for name, said in (("pipe", "no file"), ("huge", "MB"), ("none", "cannot be read")):
        with pytest.raises(DocumentError, match=said):
            replay_file(tmp_path / name, Shelf())


def test_a_document_that_is_gone_is_named_with_the_line_that_opens_it(tmp_path: Path) -> None:
    path = recorded(tmp_path, intents.OpenConfig(str(tmp_path / "gone.json")))
    with pytest.raises(DocumentError, match=r":2: .*gone\.json: no such file"):
        replay_file(path, Shelf())


def test_paths_of_any_bytes_survive() -> None:
    step = intents.OpenShape(os.fsdecode(b"/tmp/\xff\n.json"))
    assert intents.from_line(intents.to_line(step), "journal:1") == step
    assert json.loads(intents.to_line(step))["intent"] == "OpenShape"


@pytest.mark.parametrize(
    "step",
    [intents.SetValues((("mu TEXT", 4.5), ("message weight TEXT", 1))), intents.SetValues(()), intents.SetSeed(None)],
)
def test_several_values_and_no_seed_survive(step: Intent) -> None:
    again = intents.from_line(intents.to_line(step), "journal:1")
    assert again == step
    assert hash(again) == hash(step)


def test_the_longest_step_fits_into_a_line() -> None:
    label = "\x01" * 63
    step = intents.SetValues(tuple((f"conversation weight {label}", 0.1234567890123456) for _ in range(MOST_VALUES)))
    assert len(intents.to_line(step)) < LONGEST_LINE


def test_where_nothing_can_be_written_the_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(DocumentError, match="no journal can be written"):
        Journal.start(tmp_path)


def test_a_full_disk_ends_the_journal_and_not_the_session(tmp_path: Path) -> None:
    journal = Journal.start(tmp_path)
    full = open("/dev/full", "ab", buffering=0)  # noqa: SIM115 - closed by the journal
    journal._stream.close()
    journal._stream = full
    journal.record(SetTarget(5))
    assert "no space left" in journal.trouble
    journal.save_draft(after(*STEPS[2:]), NOW)
    journal.close(clean=False)
