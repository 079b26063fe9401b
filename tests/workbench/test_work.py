"""The work that the workbench starts, on a real server: what is on the screen is what is generated and judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load, save
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, PlanError, ShapetuiError
from shapetui.progress import Progress, Watch
from shapetui.workbench import intents
from shapetui.workbench.state import Draft, Workbench, apply
from shapetui.workbench.work import DemoRequest, Run, demo_work, run_work, sample_work
from tests.workbench.benches import Shelf, chat, fitted
from tests.workbench.histories import small_history

TARGET = 8_000


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with a shape and its config."""
    (tmp_path / "reports").mkdir()
    save(chat(), tmp_path / "reports" / "shape.json")
    save(fitted(), tmp_path / "reports" / "config.json")
    return Workspace(tmp_path)


@pytest.fixture
def draft(workspace: Workspace) -> Draft:
    """Both opened, with few messages wanted."""
    bench = Workbench()
    for intent in (
        intents.OpenShape(str(workspace.reports / "shape.json")),
        intents.OpenConfig(str(workspace.reports / "config.json")),
        intents.SetTarget(TARGET),
    ):
        bench = apply(bench, intent, Shelf())
    return bench.draft


def never() -> Target:
    raise AssertionError("no database is asked for")


def test_without_a_config_nothing_is_generated_and_without_a_shape_nothing_judged(workspace: Workspace) -> None:
    with pytest.raises(PlanError, match="no config") as caught:
        run_work(never, Draft(), workspace, generate=True, validate=False)
    assert "screen 1" in caught.value.hint
    with pytest.raises(PlanError, match="no production shape") as caught:
        run_work(never, Draft(config=fitted()), workspace, generate=True, validate=True)
    assert "screen 1" in caught.value.hint


def test_the_database_is_asked_for_only_in_the_jobs_own_thread(workspace: Workspace, draft: Draft) -> None:
    work = run_work(never, draft, workspace, generate=True, validate=True)
    with pytest.raises(AssertionError):
        work(Watch())


def test_what_is_generated_and_judged_is_the_draft(workspace: Workspace, draft: Draft, target: Target) -> None:
    draft = replace(draft, seed="another", tolerance=0.31)
    news: list[Progress] = []
    run = run_work(lambda: target, draft, workspace, generate=True, validate=True)(Watch(news.append))
    assert run.generated is not None
    assert run.validation is not None
    counted = load(run.generated.path, GenerationReport)
    # The conversations are shared out whole, so a target is met to within one of them.
    assert counted.counts.messages == pytest.approx(TARGET, rel=0.02)
    assert counted.seed == "another"
    judged = load(run.validation.path, Report)
    assert float(judged.tolerance_threshold) == 0.31
    assert judged.production_shape_file == "shape.json"
    assert judged.generated_from is not None
    assert judged.generated_from.config_digest == fitted().digest()
    assert {progress.phase for progress in news}

    only = run_work(lambda: target, draft, workspace, generate=False, validate=True)(Watch())
    assert isinstance(only, Run)
    assert only.generated is None
    assert only.validation is not None
    assert only.validation.report.tests == judged.tests
    assert only.validation.path != run.validation.path, "nothing is overwritten"


def test_a_cancelled_run_makes_no_report(workspace: Workspace, draft: Draft, target: Target) -> None:
    watch = Watch()
    work = run_work(lambda: target, draft, workspace, generate=True, validate=True)
    watch.cancel()
    with pytest.raises(Cancelled):
        work(watch)
    assert sorted(path.name for path in workspace.reports.iterdir()) == ["config.json", "shape.json"]


def test_sampling_without_a_salt_says_what_is_missing(workspace: Workspace, target: Target) -> None:
    with pytest.raises(ShapetuiError, match="ANONYMIZATION_SALT") as caught:
        sample_work(lambda: target, 30, workspace)(Watch())
    assert caught.value.hint


def test_a_demo_of_a_file_that_is_none_is_refused_before_any_database_is_touched(
    workspace: Workspace, tmp_path: Path
) -> None:
    request = DemoRequest(messages=tmp_path / "absent.csv")
    with pytest.raises(ShapetuiError) as caught:
        demo_work(request, workspace)(Watch())
    assert "absent.csv" in caught.value.message
    assert not list(workspace.reports.glob("shape-metrics*"))


def test_a_demo_leaves_the_four_documents(workspace: Workspace, tmp_path: Path, server: EmbeddedServer) -> None:
    """It works on two databases of its own: `server` keeps the server up between its steps."""
    request = DemoRequest(small_history(tmp_path / "history.csv"), target_messages=3_000, seed="s", tolerance=0.4)
    demo = demo_work(request, workspace)(Watch())
    assert load(demo.shape.path, Shape).certificate is not None
    assert load(demo.config.path, Config).calibration_metadata.source_shape_file == demo.shape.path.name
    assert demo.generated.document.seed == "s"
    assert demo.generated.document.counts.messages == pytest.approx(3_000, rel=0.02)
    assert float(load(demo.validation.path, Report).tolerance_threshold) == 0.4
    assert server.has_database("production")
    assert server.has_database("synthetic")
