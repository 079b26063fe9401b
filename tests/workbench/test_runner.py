"""Jobs: one at a time per database, news that ends with the end, cancelling that is real."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.documents.workspace import Workspace
from shapetui.errors import DatabaseError
from shapetui.generation.plan import Request
from shapetui.jobs.generate import run_generate
from shapetui.progress import Progress, Watch
from shapetui.workbench.jobnews import JobNews, Tracker
from shapetui.workbench.runner import Busy, Job, JobRunner
from tests.workbench.benches import fitted

PATIENCE = 30.0


def nobody(_news: JobNews[None]) -> None:
    """Listens to no news."""


def waiting(watch: Watch) -> None:
    """Work that does nothing until it is cancelled."""
    while True:
        watch.check()
        threading.Event().wait(0.01)


def ended(job: Job[object]) -> JobNews[object]:
    assert job.wait(PATIENCE)
    return job.state


def test_a_job_gives_its_result_and_exactly_one_last_news() -> None:
    heard: list[JobNews[int]] = []

    def work(watch: Watch) -> int:
        for done in range(10_000):
            watch.report("messages", done, 10_000)
        return 7

    # So rarely that only the first and the last news can come.
    job = JobRunner(every=3600).start("generate", "embedded:a", work, heard.append)
    assert job.wait(PATIENCE)
    assert [news.outcome for news in heard][-1] == "done"
    assert [news.running for news in heard].count(False) == 1
    assert len(heard) <= 2
    assert heard[-1].result == 7
    assert (heard[-1].phase, heard[-1].done, heard[-1].total) == ("messages", 9_999, 10_000)
    assert job.state == heard[-1]


def test_one_job_per_database_and_several_databases_at_once() -> None:
    runner = JobRunner()
    first = runner.start("generate", "embedded:a", waiting, nobody)
    with pytest.raises(Busy, match="generate is working on embedded:a"):
        runner.start("validate", "embedded:a", waiting, nobody)
    second = runner.start("validate", "embedded:b", waiting, nobody)
    assert {job.id for job in runner.running} == {first.id, second.id}
    first.cancel()
    assert first.wait(PATIENCE)
    assert first.state.outcome == "cancelled"
    assert runner.on("embedded:a") is None
    third = runner.start("generate", "embedded:a", lambda _: None, nobody)
    assert third.wait(PATIENCE)
    assert runner.cancel_all(PATIENCE) == ()
    assert second.state.outcome == "cancelled"
    with pytest.raises(Busy, match="quitting"):
        runner.start("generate", "embedded:a", waiting, nobody)


def test_a_job_may_hold_several_databases_and_who_is_in_the_way_is_named() -> None:
    runner = JobRunner()
    demo = runner.start("demo", "embedded:production", waiting, nobody, also=("embedded:synthetic",))
    assert demo.databases == ("embedded:production", "embedded:synthetic")
    assert runner.running == (demo,)
    for label in demo.databases:
        assert runner.on(label) is demo
        with pytest.raises(Busy, match=f"demo is working on {label}"):
            runner.start("validate", label, waiting, nobody)
    with pytest.raises(Busy, match="demo is working on embedded:synthetic"):
        runner.start("demo", "embedded:other", waiting, nobody, also=("embedded:synthetic",))
    assert runner.on("embedded:other") is None
    demo.cancel()
    assert demo.wait(PATIENCE)
    assert [runner.on(label) for label in demo.databases] == [None, None]
    assert not runner.running


def test_the_database_is_free_when_the_last_news_comes() -> None:
    runner, second = JobRunner(), threading.Event()

    def chain(news: JobNews[None]) -> None:
        if not news.running:
            runner.start("validate", "embedded:a", lambda _: second.set(), nobody)

    runner.start("generate", "embedded:a", lambda _: None, chain)
    assert second.wait(PATIENCE)


def test_a_job_that_does_not_end_is_named_when_quitting() -> None:
    runner, release = JobRunner(), threading.Event()
    job = runner.start("stuck", "embedded:a", lambda _: release.wait(PATIENCE), lambda _: None)
    assert runner.cancel_all(0.01) == (job,)
    release.set()
    assert job.wait(PATIENCE)


def test_what_a_user_can_mend_is_told_with_its_hint() -> None:
    def work(_watch: Watch) -> None:
        raise DatabaseError("no such database", "create it first")

    job = JobRunner().start("generate", "embedded:a", work, nobody)
    assert job.wait(PATIENCE)
    news = job.state
    assert (news.outcome, news.message, news.hint) == ("failed", "no such database", "create it first")
    assert "failed: no such database" in news.log[-1]


@pytest.mark.parametrize("error", [ValueError("two\nlines"), KeyError("x"), SystemExit(3), MemoryError()])
def test_a_bug_becomes_a_failed_job_without_a_traceback(
    error: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    def work(_watch: Watch) -> None:
        raise error

    job = JobRunner().start("generate", "embedded:a", work, nobody)
    assert job.wait(PATIENCE)
    assert job.state.outcome == "failed"
    assert "\n" not in job.state.message
    assert "Traceback" not in job.state.message + job.state.hint
    assert capfd.readouterr().err == ""
    if not isinstance(error, MemoryError):
        # The hint names the file that keeps it.
        log = Path(job.state.hint.split()[-1])
        assert "Traceback" in log.read_text()
        assert log.stat().st_mode & 0o077 == 0


def test_no_password_is_in_what_a_bug_leaves_behind() -> None:
    def work(_watch: Watch) -> None:
        raise ValueError("postgresql://bob:hunter2secret@db/chat refused password=hunter2secret")

    job = JobRunner().start("generate", "embedded:a", work, nobody)
    assert job.wait(PATIENCE)
    assert "hunter2secret" not in job.state.message + job.state.hint + Path(job.state.hint.split()[-1]).read_text()


def test_a_listener_that_fails_does_not_harm_the_job() -> None:
    def listener(_news: JobNews[int]) -> None:
        raise RuntimeError("the screen is gone")

    job = JobRunner().start("generate", "embedded:a", lambda _: 1, listener)
    assert job.wait(PATIENCE)
    assert job.state.result == 1


def test_the_largest_phase_under_way_is_shown_with_its_rate_and_time_left() -> None:
    tracker = Tracker()
    for second in range(21):
        tracker.add(Progress("messages", 1_000 + second * 100, 10_000), float(second))
        tracker.add(Progress("users", min(second, 20), 20, "resumed" if second == 0 else ""), float(second))
    shown, rate, eta = tracker.headline()
    assert shown.phase == "messages"
    assert rate == pytest.approx(100)
    assert eta == pytest.approx(70)
    assert [line.split(" s  ")[1] for line in tracker.log] == ["messages", "users", "resumed"]
    assert [progress.phase for progress in tracker.phases] == ["messages", "users"]


def test_cancelling_a_generation_says_what_is_in_the_database_and_frees_it(target: Target, tmp_path: Path) -> None:
    runner, under_way = JobRunner(every=0.01), threading.Event()
    request = Request(config=fitted(), target_messages=2_000_000)

    def listener(news: JobNews[object]) -> None:
        if news.phase == "messages" and news.done > 200_000:
            under_way.set()

    def generation(watch: Watch) -> object:
        return run_generate(target, request, Workspace(tmp_path), None, watch)

    job = runner.start("generate", target.label, generation, listener)
    assert under_way.wait(PATIENCE)
    with pytest.raises(Busy):
        runner.start("generate", target.label, generation, listener)
    job.cancel()
    job.cancel()
    news = ended(job)
    assert news.outcome == "cancelled", news
    assert "holds" in news.message
    assert "messages of about 2,000,000" in news.message
    assert runner.on(target.label) is None


def test_generations_into_two_databases_run_side_by_side(
    target: Target, server: EmbeddedServer, tmp_path: Path
) -> None:
    server.ensure_database("beside")
    runner, gate = JobRunner(), threading.Barrier(2, timeout=PATIENCE)

    def generation(into: Target) -> Callable[[Watch], int]:
        def work(watch: Watch) -> int:
            gate.wait()
            request = Request(config=fitted(), target_messages=3_000)
            report = run_generate(into, request, Workspace(tmp_path / into.database), None, watch)
            return report.document.counts.messages

        return work

    databases = (target, Target.parse("embedded:beside"))
    jobs = [runner.start("generate", into.label, generation(into), lambda _: None) for into in databases]
    for job in jobs:
        assert job.wait(PATIENCE)
        assert job.state.outcome == "done", job.state
        assert job.state.result is not None
