"""Saving: whole or not at all, never over another file, nothing left behind."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from shapetui.documents import files
from shapetui.documents.config import Config
from shapetui.documents.files import check_writable, dated_path, fresh_path, load, save, save_text
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.errors import EXIT_DATABASE, EXIT_USAGE, DocumentError, EnvironmentProblem
from tests.documents.examples import REPOSITORY_SHAPE

SHAPE = Shape.model_validate(REPOSITORY_SHAPE)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def checked(_: Shape, path: Path) -> None:
    """What is asked before hours of work: would `save` succeed?"""
    check_writable(path)


def test_a_saved_document_is_readable_text_with_a_newline_at_the_end(tmp_path: Path) -> None:
    save(SHAPE, tmp_path / "shape.json")
    text = (tmp_path / "shape.json").read_text()
    assert text.startswith('{\n  "extracted_at": "2025-10-22T11:43:54.054Z",\n  "sample_window_days": 30,\n')
    assert text.endswith("}\n")
    assert names(tmp_path) == ["shape.json"]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    save(SHAPE, tmp_path / "a" / "b" / "shape.json")
    assert load(tmp_path / "a" / "b" / "shape.json", Shape) == SHAPE


def test_others_may_read_what_the_umask_allows(tmp_path: Path) -> None:
    save(SHAPE, tmp_path / "shape.json")
    (tmp_path / "plain.txt").write_text("")
    assert (tmp_path / "shape.json").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "shape.json"
    path.write_text("precious")
    for attempt in (save, checked):
        with pytest.raises(DocumentError, match="exists already") as caught:
            attempt(SHAPE, path)
        assert str(path) in caught.value.message
        assert "--force" in caught.value.hint
    assert path.read_text() == "precious"
    assert names(tmp_path) == ["shape.json"]


def test_force_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "shape.json"
    path.write_text("old")
    check_writable(path, force=True)
    save(SHAPE, path, force=True)
    assert load(path, Shape) == SHAPE
    assert names(tmp_path) == ["shape.json"]


def test_of_many_saves_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path, results, start = tmp_path / "shape.json", [], threading.Barrier(8)

    def attempt(number: int) -> None:
        start.wait()
        try:
            save_text(f"{number}" * 100_000, path)
            results.append(number)
        except DocumentError:
            pass

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 1
    assert path.read_text() == f"{results[0]}" * 100_000
    assert names(tmp_path) == ["shape.json"]


def test_a_file_system_without_links_keeps_the_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    save(SHAPE, tmp_path / "shape.json")
    assert load(tmp_path / "shape.json", Shape) == SHAPE
    with pytest.raises(DocumentError, match="exists already"):
        save(SHAPE, tmp_path / "shape.json")
    assert names(tmp_path) == ["shape.json"]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match="no space left on device") as caught:
        save(SHAPE, tmp_path / "shape.json")
    assert caught.value.exit_code == EXIT_DATABASE
    assert "nothing was written" in caught.value.hint
    assert names(tmp_path) == []


def test_a_limit_on_the_size_of_files_leaves_nothing_behind(tmp_path: Path) -> None:
    # A real failure of write(2), without a disk to fill: RLIMIT_FSIZE in a process of its own.
    script = """
import resource, signal, sys
from pathlib import Path
from shapetui.documents.files import save_text
from shapetui.errors import DocumentError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    save_text("x" * 100_000, Path(sys.argv[1]) / "big.json")
except DocumentError as error:
    print(error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(files.__file__).parents[2],
    )
    assert "big.json: cannot be written: file too large" in done.stdout
    assert names(tmp_path) == []


def test_a_broken_save_with_force_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shape.json"
    path.write_text("old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(SHAPE, path, force=True)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["shape.json"]


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    for attempt in (save, checked):
        with pytest.raises(DocumentError, match="reports is a file, not a folder") as caught:
            attempt(SHAPE, tmp_path / "reports" / "shape.json")
        assert caught.value.exit_code == EXIT_USAGE


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "shape.json").mkdir()
    with pytest.raises(DocumentError, match=r"shape\.json"):
        save(SHAPE, tmp_path / "shape.json")
    with pytest.raises(DocumentError, match="cannot be written"):
        save(SHAPE, tmp_path / "shape.json", force=True)
    assert names(tmp_path) == ["shape.json"]


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        # As root nothing is closed but what the kernel keeps closed.
        folder = Path("/proc/self")
        if not folder.is_dir():
            pytest.skip("this user may write everywhere")
    for attempt in (save, checked):
        with pytest.raises(DocumentError, match="cannot be written") as caught:
            attempt(SHAPE, folder / "shape.json")
        assert "--output" in caught.value.hint


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="file name too long"):
        save(SHAPE, tmp_path / ("x" * 300 + ".json"))
    assert names(tmp_path) == []


def test_a_name_of_many_long_characters_is_no_problem(tmp_path: Path) -> None:
    name = "形" * 80 + ".json"
    save(SHAPE, tmp_path / name)
    assert names(tmp_path) == [name]


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "reports" / "shape.json")
    assert names(tmp_path / "reports") == []


def test_a_fresh_name_counts_on_from_two(tmp_path: Path) -> None:
    found = []
    for _ in range(3):
        path = fresh_path(tmp_path, "report")
        path.write_text("")
        found.append(path.name)
    assert found == ["report.json", "report-v2.json", "report-v3.json"]


def test_documents_are_named_as_the_originals(tmp_path: Path) -> None:
    day = date(2025, 11, 22)
    assert dated_path(tmp_path, Shape, day).name == "shape-metrics-prod-20251122.json"
    assert dated_path(tmp_path, Config, day).name == "calibrated-config-20251122.json"
    (tmp_path / "fidelity-report-20251122.json").write_text("")
    assert dated_path(tmp_path, Report, day).name == "fidelity-report-20251122-v2.json"
