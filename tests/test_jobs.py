"""The jobs that both faces run: which database, what is written, what an error of the server becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from shapetui.database.target import Target
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.documents.files import load
from shapetui.documents.report import GeneratedFrom, GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, DatabaseError, DocumentError, EnvironmentProblem, UsageError
from shapetui.generation.plan import Request
from shapetui.jobs.calibrate import run_calibrate
from shapetui.jobs.demo import run_demo
from shapetui.jobs.generate import run_generate
from shapetui.jobs.sample import run_sample
from shapetui.jobs.targets import production_target, synthetic_target, told_anew
from shapetui.jobs.validate import run_validate, sample_synthetic
from shapetui.progress import Progress, Watch
from shapetui.sampling.sample import SampleRequest
from tests.conftest import SALT

NOW = datetime(2025, 11, 22, tzinfo=UTC)
NOW_LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_a_database_is_what_was_said_then_the_variable_then_the_embedded_one() -> None:
    variables = {"SHAPETUI_PRODUCTION_URL": "embedded:p", "SHAPETUI_SYNTHETIC_URL": "embedded:s"}
    assert production_target("embedded:x", variables).label == "embedded:x"
    assert production_target(None, variables).label == "embedded:p"
    assert synthetic_target(None, variables).label == "embedded:s"
    assert production_target(None, {"SHAPETUI_PRODUCTION_URL": ""}).label == "embedded:production"
    assert synthetic_target(None, {}).label == "embedded:synthetic"
    with pytest.raises(UsageError, match="URL is empty"):
        synthetic_target("", variables)


def test_the_jobs_of_the_loop_write_what_they_return(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZATION_SALT", SALT)
    workspace, watch, synthetic = Workspace(tmp_path), Watch(), Target.parse(f"{target.label}_synthetic")
    build_production(target, simulate(20_000), watch)
    shape = run_sample(target, SampleRequest(window_days=0), workspace, None, False, watch)
    config = run_calibrate(shape.path, workspace, None, False)
    made = run_generate(synthetic, Request(config.document, target_messages=20_000), workspace, None, watch)
    judged = run_validate(synthetic, shape.path, 0.15, workspace, None, False, watch)
    assert load(shape.path, Shape) == shape.document
    assert load(made.path, GenerationReport) == made.document
    assert load(judged.path, Report) == judged.report
    assert judged.synthetic.messages.total_count == made.document.counts.messages
    assert judged.report.generated_from == GeneratedFrom(
        config_digest=config.document.digest(),
        model_digest=config.document.model_digest(),
        source_shape_digest=shape.document.digest(),
        seed=made.document.seed,
        target_messages=20_000,
        finished=True,
    )
    assert {path.parent for path in (shape.path, config.path, made.path, judged.path)} == {workspace.reports}
    # From now on it is production.
    with pytest.raises(DatabaseError, match="sampled as production"):
        run_generate(target, Request(target_messages=100), workspace, target.database, watch)


def test_rows_that_somebody_else_wrote_are_of_no_run(target: Target, tmp_path: Path) -> None:
    workspace, watch, shape = Workspace(tmp_path), Watch(), tmp_path / "shape.json"
    synthetic = Target.parse(f"{target.label}_synthetic")
    build_production(target, simulate(3_000), watch)
    shape.write_text(sample_synthetic(target, watch, NOW_LATER).to_json())
    assert run_validate(target, shape, 0.15, workspace, None, False, watch).report.generated_from is None
    run_generate(synthetic, Request(target_messages=500, seed="s"), workspace, None, watch)
    ours = run_validate(synthetic, shape, 0.15, workspace, None, False, watch).report.generated_from
    assert ours is not None
    assert ours.seed == "s"
    with synthetic.open() as connection:
        connection.execute("DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)")
    assert run_validate(synthetic, shape, 0.15, workspace, None, False, watch).report.generated_from is None


def test_a_demo_tells_its_news_and_comes_out_with_all_four_documents(tmp_path: Path, server: object) -> None:
    news: list[Progress] = []
    made = run_demo(None, 5000, "seed", 0.15, Workspace(tmp_path), Watch(news.append))
    assert all(path.exists() for path in (made.shape.path, made.config.path, made.generated.path, made.validation.path))
    phases = list(dict.fromkeys(one.phase for one in news))
    assert phases[0] == "simulate"
    assert {"sample", "users", "messages"} <= set(phases)
    for phase in ("users", "messages", "conversation_users"):
        last = [one for one in news if one.phase == phase][-1]
        assert last.done == last.total


def test_a_cancellation_before_the_beginning_says_that_nothing_happened(target: Target, tmp_path: Path) -> None:
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled, match=r"cancelled.*no row"):
        run_generate(target, Request(target_messages=100), Workspace(tmp_path), None, watch)
    with pytest.raises(Cancelled, match="nothing is left behind"):
        sample_synthetic(target, watch, NOW)


@pytest.mark.parametrize(
    ("error", "told", "words"),
    [
        (psycopg.errors.InsufficientPrivilege(), DatabaseError, "no right"),
        (psycopg.errors.ReadOnlySqlTransaction(), DatabaseError, "read-only"),
        (psycopg.errors.DiskFull(), EnvironmentProblem, "disk is full"),
        (psycopg.OperationalError("server closed the connection"), DatabaseError, "connection to the server was lost"),
        (psycopg.errors.AdminShutdown(), DatabaseError, "connection to the server was lost"),
        (psycopg.errors.CheckViolation("row: secret"), DatabaseError, "SQLSTATE 23514"),
    ],
)
def test_what_the_server_says_is_told_in_our_words(
    error: psycopg.Error, told: type[DatabaseError | EnvironmentProblem], words: str, target: Target
) -> None:
    def fail() -> None:
        with told_anew(target, Watch(), ""):
            raise error

    with pytest.raises(told, match=words) as caught:
        fail()
    assert caught.value.exit_code == 3
    assert target.label in caught.value.message
    assert "secret" not in caught.value.message


def test_a_statement_that_was_cancelled_is_a_cancellation(target: Target) -> None:
    watch = Watch()
    watch.cancel()

    def fail() -> None:
        with told_anew(target, watch, "all is well"):
            raise psycopg.errors.QueryCanceled

    with pytest.raises(Cancelled, match="cancelled; all is well"):
        fail()


def test_a_name_is_looked_for_as_given_then_in_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "w")
    workspace.reports.mkdir(parents=True)
    (workspace.reports / "a.json").write_text("")
    assert workspace.find(Path("a.json")) == workspace.reports / "a.json"
    assert workspace.find(Path("reports/a.json")) == workspace.folder / "reports/a.json"
    assert workspace.find(Path("b.json")) == Path("b.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text("")
    assert workspace.find(Path("a.json")) == Path("a.json")
    assert workspace.find(Path("x" * 300)) == Path("x" * 300)


@pytest.mark.parametrize("output", ["x" * 300, "."])
def test_an_impossible_output_is_an_error_of_the_document(output: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        Workspace(tmp_path).output(Shape, tmp_path / output, NOW, force=True)
