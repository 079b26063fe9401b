"""Report: what was measured over production, the tests, the trail of rounds, and two of them compared."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

from shapetui.documents.files import save
from shapetui.tui.dialogs import Read
from tests.tui.screens import User, put, two_reports, with_documents, with_everything, workbench
from tests.workbench.benches import chat


def trail(user: User) -> list[str]:
    """The rows of the trail, without the frame."""
    return [line[1:].strip(" │") for line in user.lines if " of 4 " in line and line.count("%") > 3]


def paged_to(user: User, text: str) -> bool:
    """Whether a text is on the screen; otherwise it is looked for further down."""
    if text not in user.text:
        user.app.scroll_lines(3)
    return text in user.text


async def test_the_newest_round_is_shown_and_any_other_under_the_cursor(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="report") as user:
        await user.until(lambda: user.shown.report == two_reports()[1])
        await user.sees("WARNING  3 of 4", "production", "measured", "median 17.9 of 15 %")
        await user.until(lambda: [line[:1] for line in trail(user)] == ["1", "▸"])
        await user.press("k")
        await user.sees("FAIL  0 of 4", "decision NO-GO", "✗ NO-GO", "5 → 1")
        await user.until(lambda: [line[:1] for line in trail(user)] == ["▸", "2"])
        assert user.shown.report == two_reports()[0]
        # All of it can be read: the advice, what is well, and at the end the scores of other tools.
        for text in ("Update the conversation type weights", "length p50", "all columns"):
            await user.until(partial(paged_to, user, text))
        assert user.shown.report == two_reports()[0]
        await user.press("j")
        await user.until(lambda: user.shown.report == two_reports()[1])
        # Round and round.
        await user.press("j")
        await user.until(lambda: user.shown.report == two_reports()[0])


async def test_two_rounds_are_compared_with_the_mark_or_the_one_before(tmp_path: Path) -> None:
    with_everything(tmp_path)
    put(two_reports()[0].model_copy(update={"validation_timestamp": "2026-01-03T00:00:00Z"}), tmp_path, "third.json", 7)
    async with workbench(tmp_path, screen="report") as user:
        await user.until(lambda: len(user.shown.rounds) == 3)
        await user.press("d")
        await user.until(lambda: isinstance(user.app.screen, Read))
        await user.sees("round 2", "round 3", "WARNING 3 of 4", "FAIL 0 of 4", "checks that moved", "size p50", "NO-GO")
        # It may be longer than the screen.
        await user.press("pagedown")
        await user.sees("+17.9 %")
        await user.press("escape")
        await user.arrives("report")
        await user.press("k", "k", "space")
        await user.until(lambda: "◆1" in user.text)
        # A round is not compared with itself.
        await user.press("d")
        await user.hears("there is no other round")
        await user.press("j", "j", "d")
        await user.until(lambda: isinstance(user.app.screen, Read))
        await user.sees("round 1", "round 3")
        await user.press("enter")
        await user.arrives("report")
        await user.press("k", "k", "space")
        await user.until(lambda: "◆" not in user.text)


async def test_the_data_of_its_plot_has_both_sides(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="report") as user:
        await user.until(lambda: user.shown.report is not None)
        await user.press("e")
        await user.hears("report.csv")
        with (tmp_path / "reports" / "report.csv").open(newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == ["lo", "hi", "production", "measured"]
        assert sum(int(float(row[2])) for row in rows) == chat().conversations.total_count


async def test_without_a_report_nothing_can_be_saved_marked_or_compared(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="report") as user:
        await user.sees("no report yet", "no round yet")
        await user.press("space", "k", "j", "pageup", "a", "c")
        await user.press("e")
        await user.hears("there is no plot here")
        await user.press("d")
        await user.hears("there is no other round")
        assert not list((tmp_path / "reports").glob("*.csv"))


async def test_a_report_without_histograms_is_shown_without_a_plot(tmp_path: Path) -> None:
    bare = two_reports()[0].model_copy(update={"histograms": None, "production": None, "synthetic": None})
    put(bare, with_documents(tmp_path), "fidelity-report.json", 4)
    async with workbench(tmp_path, screen="report") as user:
        await user.sees("FAIL  0 of 4", "no histogram")
        await user.press("e")
        await user.hears("there is no plot here")


async def test_a_new_round_is_shown_when_it_comes_and_the_cursor_stays_otherwise(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="report") as user:
        await user.until(lambda: len(user.shown.rounds) == 2)
        await user.press("k")
        await user.until(lambda: user.round == 0)
        # Another document is no round.
        put(chat(), tmp_path, "another.json", 0)
        user.app.documents.read_again()
        await user.until(lambda: any(entry.path.name == "another.json" for entry in user.shown.entries))
        assert user.round == 0
        later = two_reports()[1].model_copy(update={"validation_timestamp": "2026-02-01T00:00:00Z"})
        save(later, tmp_path / "reports" / "later.json")
        user.app.documents.read_again()
        await user.until(lambda: len(user.shown.rounds) == 3 and user.shown.report == later)
        # The one under the cursor is deleted: the newest of those that are left is shown.
        (tmp_path / "reports" / "later.json").unlink()
        user.app.documents.read_again()
        await user.until(lambda: len(user.shown.rounds) == 2 and user.shown.report == two_reports()[1])
        for path in (tmp_path / "reports").glob("fidelity-*"):
            path.unlink()
        user.app.documents.read_again()
        await user.sees("no round yet")
        await user.press("j", "k", "space", "d")
        await user.hears("there is no other round")


async def test_a_chart_of_many_rounds_keeps_the_cursor_in_view(tmp_path: Path) -> None:
    with_documents(tmp_path)
    for number in range(30):
        moment = f"2026-03-{number + 1:02}T00:00:00Z"
        put(
            two_reports()[number % 2].model_copy(update={"validation_timestamp": moment}),
            tmp_path,
            f"r{number:02}.json",
            number,
        )
    async with workbench(tmp_path, screen="report") as user:
        await user.until(lambda: len(user.shown.rounds) == 30)
        for _ in range(8):
            await user.press("k", "k", "k", "k")
            await user.until(lambda: any(line.startswith("▸") for line in trail(user)))
        await user.press(*["k"] * user.round)
        await user.until(lambda: trail(user)[0].startswith("▸ 1 "))
        await user.press("k")
        await user.until(lambda: trail(user)[-1].startswith("▸ 30"))
