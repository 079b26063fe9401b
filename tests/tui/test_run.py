"""Run: the plan, the guard before data is replaced, jobs from start to end, on a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input

from shapetui.database.embedded import EmbeddedServer
from shapetui.database.target import Target
from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.documents.report import GenerationReport
from shapetui.documents.shape import Shape
from shapetui.generation import ledger
from shapetui.tui.dialogs import Form
from shapetui.tui.handlers.planning import messages_of
from shapetui.workbench import intents
from shapetui.workbench.settings import Settings
from shapetui.workbench.work import DemoRequest
from tests.tui.screens import NOBODY, User, with_documents, workbench
from tests.tui.watchdog import watching
from tests.workbench.histories import small_history

SECRET = "hunter2-and-more"
FEW = 6_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a shape and its config."""
    return with_documents(tmp_path)


def runs(folder: Path) -> list[GenerationReport]:
    """The reports of generations."""
    return [load(path, GenerationReport) for path in sorted((folder / "reports").glob("report_*.json"))]


def written(folder: Path) -> str:
    """The text of all files of a workspace."""
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def whole_slices_only(target: Target) -> bool:
    """Whether the database holds just what its ledger says was written."""
    with target.open() as connection:
        _, _, records = ledger.recorded(connection)
        counts, written = ledger.row_counts(connection), ledger.written_rows(records)
    return {name: rows for name, rows in counts.items() if rows} == {n: rows for n, rows in written.items() if rows}


def rows(target: Target, table: str = "") -> int:
    """How many rows of a chat, or of one of its tables, are in the database."""
    with target.open() as connection:
        counts = ledger.row_counts(connection)
    return sum(count for name, count in counts.items() if table in ("", name))


def some_messages(target: Target) -> None:
    """Waits until some messages are in the database; for a thread."""
    while not rows(target, "messages"):
        pass


async def fill(user: User, **values: str) -> None:
    """Fills some lines of the plan, and accepts."""
    await user.until(lambda: isinstance(user.app.screen, Form) and isinstance(user.app.screen.focused, Input))
    for name in ("database", "messages", "seed", "tolerance"):
        await user.until(lambda name=name: user.app.screen.focused.id == f"line-{name}")  # type: ignore[misc,union-attr]
        if name in values:
            await user.type(values[name])
        await user.press("down")
    await user.press("enter")


async def few(user: User) -> None:
    """A plan of few messages, for quick runs."""
    user.app.intend(intents.SetTarget(FEW))


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("dev", 5_000_000),
        (" Staging ", 100_000_000),
        ("500k", 500_000),
        ("2M", 2_000_000),
        ("1.5m", 1_500_000),
        ("1_000", 1_000),
        ("1,000,000", 1_000_000),
        *(
            (wrong, None)
            for wrong in ("", "none", "-5", "7,5k", "1,00", "0", "devs", "nan", "inf", "1e400", "k", "1k5")
        ),
    ],
)
def test_a_number_of_messages_is_read_as_people_write_it(text: str, messages: int | None) -> None:
    assert messages_of(text) == messages


async def test_the_plan_takes_bands_thousands_and_millions_and_refuses_what_is_none(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        for said, messages in (("dev", 5_000_000), ("500k", 500_000)):
            await user.press("e")
            await fill(user, messages=said)
            await user.until(lambda messages=messages: user.bench.draft.target == messages and user.at("run"))  # type: ignore[misc]
            await user.sees(f"{messages:,}")
        draft = user.bench.draft
        await user.press("e")
        # All that is no number is a test of its own.
        for wrong in ("", "none"):
            await fill(user, messages=wrong)
            await user.sees("not a number of messages")
            # The line that is wrong has the cursor again.
            await user.until(lambda: user.app.screen.focused.id == "line-messages")  # type: ignore[union-attr]
            await user.press("up")
        for wrong, objection in (("nan", "above 0"), ("15 %", "not a number")):
            await fill(user, messages="1k", tolerance=wrong)
            await user.sees(objection)
            await user.press("up", "up", "up")
        await user.press("escape")
        await user.arrives("run")
        assert user.bench.draft is draft
        # More than there can be is refused by the workbench itself.
        await user.press("e")
        await fill(user, messages="9000m")
        await user.hears("a target lies between 1 and 2,000,000,000")
        assert user.bench.draft.target == draft.target


async def test_the_plan_takes_seed_tolerance_and_another_database(folder: Path, target: Target) -> None:
    settings = Settings(databases={"small": target.label})
    async with workbench(folder, screen="run", settings=settings) as user:
        await user.press("e")
        await user.sees("database: small, embedded:NAME or a libpq string")
        await fill(user, database="small", messages="10k", seed="plum [b]", tolerance="0.2")
        await user.arrives("run")
        await user.sees(target.label, "10,000", "plum [b]", "0.20")
        await user.until(lambda: user.shown.synthetic is not None and not user.shown.synthetic.trouble)
        draft = user.bench.draft
        assert (draft.target, draft.seed, draft.tolerance) == (10_000, "plum [b]", 0.2)
        # Each is a step of its own; the database is none.
        await user.press("u", "u", "u")
        await user.until(lambda: user.bench.draft.target != 10_000)
        assert user.shown.synthetic_label == target.label
        await user.press("e")
        await fill(user, database="embedded:", messages="10k")
        await user.sees("not a valid database name")
        await user.press("escape")
        await user.arrives("run")
        assert user.shown.synthetic_label == target.label


async def test_a_typed_password_is_refused_and_stands_nowhere(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        for words in (f"postgresql://ann:{SECRET}@db.example/chat", f"host=db.example password={SECRET}"):
            await user.press("e")
            await fill(user, database=words)
            await user.sees("a password was typed", "~/.pgpass")
            # In the line itself it stands as long as it is being typed; an objection does not repeat it.
            assert SECRET not in str(user.app.screen.query_one("#objection").render())
            await user.press("escape")
            await user.arrives("run")
            assert SECRET not in user.text + user.said
            assert user.shown.synthetic_label == user.app.synthetic.label == "nobody@/nonexistent:5432"
    assert "journal" in (kept := written(folder))
    assert SECRET not in kept


async def test_generate_then_validate_and_the_report_is_shown(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label) as user:
        await few(user)
        await user.press("g")
        await user.job_ends("generate")
        await user.arrives("run")
        await user.sees("DONE", "✓ messages", "6,0")
        await user.hears("messages, ")
        [run] = runs(folder)
        assert run.counts.messages == pytest.approx(FEW, rel=0.02)
        assert user.shown.report is None
        await user.until(lambda: user.shown.synthetic is not None and user.shown.synthetic.rows == rows(target))
        await user.press("v")
        await user.job_ends("validate")
        await user.until(lambda: user.at("report") and user.shown.rounds)
        [report] = (folder / "reports").glob("fidelity-report-*.json")
        assert user.shown.rounds[0].report_path == report
        await user.go("files")
        await user.sees("✓ data generated", report.name)
        await user.sees("shapetui, seed")


async def test_data_is_replaced_only_when_the_databases_name_was_typed(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        await few(user)
        # An empty database is nobody's loss, and what this session wrote may go again.
        await user.press("g")
        await user.job_ends("generate")
        await user.press("r")
        await user.job_ends("regenerate + validate")
        assert len(runs(folder)) == 2
        await user.leave()
    before = rows(target)
    async with workbench(folder, target.label, screen="run") as user:
        await few(user)
        # A key that is pressed twice asks once.
        await user.press("g", "g", "g")
        await user.until(lambda: isinstance(user.app.screen, Form))
        await user.sees(
            f"{target.label} holds {before:,} rows, written by shapetui", f"Type its name, {target.database},"
        )
        for wrong in ("", "yes", target.label, target.database.upper()):
            await user.answer(wrong)
            await user.sees(f"the name is {target.database}")
        await user.press("escape")
        await user.arrives("run")
        assert user.shown.news is None
        assert not user.app.busy
        await user.press("l")
        await user.sees("data will be replaced")
        await user.press("escape")
        await user.arrives("run")
        assert user.shown.news is None
        await user.press("g")
        await user.answer(target.database)
        await user.job_ends("generate")
        assert len(runs(folder)) == 3
        # Once typed, it is not asked again.
        await user.press("g")
        await user.until(lambda: len(runs(folder)) == 4)


async def test_the_rows_of_somebody_else_go_only_with_the_name(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        await few(user)
        await user.press("g")
        await user.job_ends("generate")
        with target.open() as connection:
            connection.execute(
                "INSERT INTO users SELECT (json_populate_record(u, %s)).* FROM users u LIMIT 1",
                ['{"id": "somebody", "email": "somebody@example.local", "username": "somebody"}'],
            )
        await user.leave()
    async with workbench(folder, target.label, screen="run") as user:
        await few(user)
        await user.press("g")
        await user.sees("somebody else")
        await user.answer(target.database)
        await user.job_ends("generate")
        assert whole_slices_only(target)


async def test_a_cancelled_generation_says_what_is_there_and_nothing_is_half(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        user.app.intend(intents.SetTarget(3_000_000))
        await user.press("g")
        await user.until(lambda: user.shown.news is not None)
        await asyncio.to_thread(some_messages, target)
        await user.sees("rows/s", "x cancels")
        await user.press("x")
        await user.job_ends("generate", "cancelled")
        await user.sees("CANCELLED")
        news = user.shown.news
        assert news is not None
        assert f"{rows(target, 'messages'):,} messages of about 3,000,000, in whole slices" in news.message
        await user.hears(f"generate  cancelled  {target.label} holds")
        # However long the sentence is, all of it can be read on the screen.
        for word in news.message.split():
            await user.sees(word)
        assert whole_slices_only(target)
        assert runs(folder) == []
        # The database is free again: the rest can be generated.
        assert not user.app.busy
        await few(user)
        await user.press("v")
        await user.job_ends("validate")


async def test_the_loop_of_a_jobs_news_never_stands_still(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, screen="run") as user:
        user.app.intend(intents.SetTarget(200_000))
        await user.until(lambda: user.shown.advice is not None)
        with watching(asyncio.get_running_loop()) as watch:
            await user.press("g")
            await user.job_ends("generate")
        assert watch.longest_cpu < 0.05, watch.culprit


async def test_two_jobs_on_one_database_are_refused_and_on_two_are_not(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        user.keep_busy()
        await user.until(lambda: user.app.busy)
        await user.press("v")
        await user.hears("generate is working on nobody@/nonexistent:5432")
        for key in ("g", "r", "l"):
            user.notices.clear()
            await user.press(key)
            await user.hears("a job is running on this database: x cancels it")
        await user.press("e")
        await fill(user, database="host=/nonexistent dbname=other")
        await user.until(lambda: user.at("run") and user.shown.synthetic_label.startswith("other"))
        await user.press("v")
        await user.hears("validate  failed")
        assert user.app.busy, "the other still runs"
        await user.press("x")
        await user.hears("generate  cancelled")


async def test_quitting_while_a_job_runs_asks(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        user.keep_busy()
        await user.until(lambda: user.app.busy)
        for key in ("q", "ctrl+q"):
            await user.press(key)
            await user.until(lambda: isinstance(user.app.screen, Form))
            await user.answer("no")
            await user.sees("yes, or escape")
            await user.press("escape")
            await user.arrives("run")
            assert user.app.busy
            assert user.app.return_code is None
        await user.press("q")
        await user.answer("yes")
        await user.until(lambda: user.app.return_code == 0)
        assert not user.app.busy


async def test_a_jobs_end_does_not_take_the_screen_from_under_an_answer(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        user.keep_busy()
        await user.press("e")
        await user.until(lambda: isinstance(user.app.screen, Form))
        [job] = user.app.runner.running
        job.cancel()
        await user.hears("generate  cancelled")
        assert isinstance(user.app.screen, Form)
        assert user.app.place == "run"


async def test_the_loop_goes_on_until_pass_and_shows_its_rounds(folder: Path, target: Target) -> None:
    async with workbench(folder, target.label, settings=Settings(rounds=3)) as user:
        user.app.intend(intents.SetTarget(20_000))
        await user.press("l")
        await user.job_ends("loop, at most 3 rounds")
        await user.arrives("report")
        await user.until(lambda: len(list((folder / "reports").glob("fidelity-report-*"))) == len(user.shown.rounds))
        assert user.shown.rounds[-1].verdict == "PASS"
        await user.sees("4 of 4")
        await user.hears("round 1  FAIL    2 of 4")
        await user.hears("round 2  PASS    4 of 4")
        await user.hears("PASS and GO in round")
        # What it changed was made here as well, as steps of undo, and is in a file.
        written = load(max((folder / "reports").glob("calibrated-config-*")), Config)
        assert user.bench.draft.config == written
        assert not user.bench.unsaved
        assert written.calibration_metadata.nudges
        await user.go("calibrate")
        await user.press("u")
        await user.until(lambda: user.bench.unsaved)


async def test_a_demo_inside_the_app_leads_to_a_report(tmp_path: Path, server: EmbeddedServer) -> None:
    """`server` keeps the server up between its steps."""
    request = DemoRequest(small_history(tmp_path / "history.csv"), target_messages=4_000, tolerance=0.5)
    async with workbench(
        tmp_path, "embedded:synthetic", production="embedded:production", screen="run", demo=request, ready=False
    ) as user:
        # What an earlier demo has left is guarded like anything else.
        await user.until(lambda: isinstance(user.app.screen, Form) or user.shown.news is not None)
        if isinstance(user.app.screen, Form):
            await user.answer("synthetic")
        await user.job_ends("demo")
        await user.until(lambda: user.at("report") and user.shown.rounds and user.shown.report)
        assert user.bench.draft.shape is not None
        assert user.bench.draft.config is not None
        await user.go("files")
        await user.sees("✓ shape extracted", "✓ nothing personal in it", "✓ generator calibrated", "✓ data generated")
        await user.until(lambda: user.shown.production is not None and user.shown.production.messages > 1_000)
        assert load(Path(str(user.bench.draft.shape_path)), Shape) == user.bench.draft.shape


async def test_sampling_asks_how_far_back_and_without_a_salt_says_what_to_do(folder: Path, target: Target) -> None:
    async with workbench(folder, NOBODY, production=target.label) as user:
        await user.press("S")
        await user.sees(f"sample {target.label}", "days of history")
        for wrong in ("", "-1", "a month", "1.5", "123456"):
            await user.answer(wrong)
            await user.sees("a whole number of days")
        await user.press("escape")
        await user.arrives("files")
        assert user.shown.news is None
        await user.press("S")
        await user.answer("7")
        await user.job_ends("sample", "failed")
        await user.arrives("run")
        await user.sees("FAILED", "ANONYMIZATION_SALT")
        news = user.shown.news
        assert news is not None
        assert news.hint
        assert not list((folder / "reports").glob("shape-metrics*"))


async def test_a_database_that_cannot_be_reached_is_said_with_its_mend(folder: Path) -> None:
    async with workbench(folder, screen="run") as user:
        await user.press("g")
        await user.job_ends("generate", "failed")
        await user.sees("FAILED", "cannot connect to", "is the server running")
        assert runs(folder) == []
