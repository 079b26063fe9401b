"""The documents of a workspace: what each is, and that nothing in the folder can stop the listing."""

from __future__ import annotations

import os
from pathlib import Path

from shapetui.documents.files import save
from shapetui.documents.workspace import Workspace
from shapetui.workbench.folder import checklist, read_folder
from tests.workbench.benches import chat, fitted


def test_documents_are_grouped_and_told_with_what_they_are(tmp_path: Path) -> None:
    save(fitted(), tmp_path / "reports" / "a.json")
    save(chat(), tmp_path / "reports" / "b.json")
    entries = read_folder(Workspace(tmp_path))
    assert [(entry.path.name, entry.kind, entry.glyph) for entry in entries] == [
        ("b.json", "shape", "✓"),
        ("a.json", "config", "✓"),
    ]
    assert [step.done for step in checklist(entries)] == [True, False, True, False, False, False, False]


def test_what_has_not_changed_is_not_read_again_and_is_told_by_identity(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert read_folder(workspace, ()) == ()
    save(chat(), workspace.reports / "b.json")
    first = read_folder(workspace)
    assert read_folder(workspace, first) is first
    save(fitted(), workspace.reports / "a.json")
    second = read_folder(workspace, first)
    assert second is not first
    assert second[0] is first[0]
    (workspace.reports / "b.json").unlink()
    assert [entry.path.name for entry in read_folder(workspace, second)] == ["a.json"]


def test_no_file_stops_the_listing(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    (reports / "folder.json").mkdir(parents=True)
    (reports / "deep.json").write_text("[" * 100_000)
    (reports / "half.json").write_text('{"privacy_level": ')
    (reports / "bytes.json").write_bytes(b"\xff\xfe")
    (reports / "loop.json").symlink_to("loop.json")
    # Opening it would wait for a writer without an end.
    os.mkfifo(reports / "pipe.json")
    entries = {entry.path.name: entry for entry in read_folder(Workspace(tmp_path))}
    assert set(entries) >= {"folder.json", "deep.json", "half.json", "bytes.json", "pipe.json"}
    for entry in entries.values():
        assert entry.kind == "broken"
        assert entry.glyph == "✗"
        assert entry.says
