"""Calibrate: nudges and what is expected to come of them, locks, advice, undo, what is written."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load
from shapetui.tui.dialogs import Form, Read
from shapetui.tui.handlers.documents import Files
from shapetui.workbench.journal import replay_file
from tests.tui.screens import User, put, with_documents, workbench
from tests.workbench.benches import chat, fitted, hand_made


def focused(user: User, key: str) -> bool:
    """Whether the cursor is on a parameter."""
    return user.bench.focused is not None and user.bench.focused.key == key


async def focus_on(user: User, key: str) -> None:
    """Moves the cursor to a parameter."""
    keys = [parameter.key for parameter in user.bench.parameters]
    assert user.bench.focused is not None
    await user.press(*["j"] * ((keys.index(key) - keys.index(user.bench.focused.key)) % len(keys)))
    await user.until(lambda: focused(user, key))


async def test_a_nudge_changes_the_numbers_and_the_plot_and_undo_all_gives_the_start(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.until(lambda: user.shown.advice)
        await user.sees("s  ")
        start, drawn = user.bench.draft, user.text
        await focus_on(user, "alpha GROUP_CHAT")
        assert user.bench.focused is not None
        wanted = user.bench.focused.nudged(40, coarse=False)
        # Forty of them at once, as of a key that is held down.
        await user.press(*["right_square_bracket"] * 40)
        await user.until(lambda: user.value == pytest.approx(wanted))
        await user.sees(f"{wanted:.2f} ● 1.98", "● unsaved", "● loaded value")
        for text in ("a", "c"):
            await user.press(text)
        await user.press("c", "left_curly_bracket", "L")
        await user.hears("only weights can be locked")
        await focus_on(user, "message weight CODE")
        await user.press("L", "right_curly_bracket")
        await user.until(lambda: user.bench.draft.locked)
        assert user.bench.expected is not None
        await user.press(*["u"] * 60)
        await user.hears("nothing to undo")
        # The first steps opened the documents: there undo ends.
        assert user.bench.draft == start
        await focus_on(user, user.bench.parameters[0].key)
        await user.until(lambda: user.shown.advice and user.text == drawn)
        await user.press(*["U"] * 60)
        await user.hears("nothing to redo")
        assert user.bench.draft.locked == {"message weight CODE"}


async def test_a_typed_value_and_what_is_no_value(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        start = user.bench.draft
        await user.press("equals_sign")
        await user.sees("alpha all types", "from ")
        # What stands there is the value: to accept it at once changes nothing.
        await user.press("enter")
        await user.arrives("calibrate")
        assert user.bench.draft is start
        await user.press("equals_sign")
        for wrong in ("two", "", "1..2", "0x10"):
            await user.answer(wrong)
            await user.sees("not a number")
        for beyond in ("-1", "nan", "1e9", "inf"):
            await user.answer(beyond)
            await user.sees("alpha all types lies between")
            assert user.bench.draft is start
        await user.answer(" 2.5 ")
        await user.until(lambda: user.value == pytest.approx(2.5))
        await user.press("equals_sign")
        await user.until(lambda: isinstance(user.app.screen, Form))
        await user.type("3")
        await user.press("escape")
        await user.arrives("calibrate")
        assert user.value == pytest.approx(2.5)


async def test_a_nudge_beyond_the_end_is_refused(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await focus_on(user, "xmax DIRECT_MESSAGE")
        await user.press("equals_sign")
        await user.answer("100,000,000")
        await user.until(lambda: user.value == 100_000_000)
        draft = user.bench.draft
        await user.press("right_square_bracket")
        await user.hears("xmax DIRECT_MESSAGE is at its highest")
        assert user.bench.draft is draft


async def test_weights_give_way_to_one_another_unless_they_are_locked(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:

        def weights() -> dict[str, float]:
            return {p.label: p.value for p in user.bench.parameters if p.kind == "message weight"}

        before = weights()
        await focus_on(user, "message weight CODE")
        await user.press("L")
        await user.sees("locked")
        await focus_on(user, "message weight IMAGE")
        await user.press("right_curly_bracket")
        await user.until(lambda: weights()["IMAGE"] == pytest.approx(before["IMAGE"] + 0.01))
        assert weights()["CODE"] == pytest.approx(before["CODE"])
        assert weights()["TEXT"] == pytest.approx(before["TEXT"] - 0.01)
        await focus_on(user, "message weight CODE")
        await user.press("L", "right_curly_bracket")
        await user.until(lambda: weights()["CODE"] == pytest.approx(before["CODE"] + 0.01))
        await user.until(lambda: "locked" not in user.text)
        assert sum(weights().values()) == pytest.approx(1)


async def test_the_advice_leads_from_a_spoilt_alpha_to_pass_in_one_step(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.press("right_curly_bracket")
        for _ in range(30):
            if user.bench.expected is not None and user.bench.expected.passed <= 2:
                break
            await user.press("right_curly_bracket")
            await user.settles()
        assert user.bench.expected is not None
        assert user.bench.expected.verdict in ("WARNING", "FAIL")
        await user.press("s")
        await user.hears("what would help is still being looked for")
        await user.until(lambda: user.shown.advice is not None and user.shown.advice.plan is not None)
        spoilt = user.bench.draft
        await user.press("s")
        await user.until(lambda: user.bench.expected is not None and user.bench.expected.verdict == "PASS")
        await user.sees("PASS  4 of 4")
        await user.press("s")
        await user.hears("all tests are expected to pass already")
        await user.press("u")
        await user.until(lambda: user.bench.draft == spoilt)
        await user.press("U")
        await user.until(lambda: user.bench.expected is not None and user.bench.expected.verdict == "PASS")


async def test_what_is_written_has_its_lineage_and_its_journal_gives_it_again(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.press("w")
        await user.hears("the config has no changes to write")
        await focus_on(user, "alpha GROUP_CHAT")
        await user.press("right_curly_bracket", "right_square_bracket", "d")
        await user.until(lambda: isinstance(user.app.screen, Read))
        await user.sees("loaded", "now", "alpha GROUP_CHAT", f"{1.98:.2f}", f"{user.value:.2f}")
        await user.press("escape", "w")
        await user.hears("written: calibrated-config-")
        await user.until(lambda: not user.bench.unsaved and user.at("calibrate"))
        [path] = (tmp_path / "reports").glob("calibrated-config-*.json")
        written = load(path, Config)
        assert written == user.bench.draft.config
        assert written.calibration_metadata.parent_config_digest == fitted().digest()
        assert [nudge.parameter for nudge in written.calibration_metadata.nudges] == ["alpha GROUP_CHAT"]
        await user.until(lambda: "● unsaved" not in user.text)
        # Written is written; undo goes back before the nudges, and the next write is a child of the first.
        await user.press("u", "w")
        await user.hears("-v2.json")
        second = load(path.with_name(path.stem + "-v2.json"), Config)
        assert second.calibration_metadata.parent_config_digest == written.digest()
        await user.press("d")
        await user.sees("nothing differs")
        end = user.bench
        await user.press("escape")
        await user.leave()
    [journal] = (tmp_path / "reports" / ".shapetui").glob("journal-*.jsonl")
    assert json.loads(journal.read_text().splitlines()[-1]) == {"closed": True}
    assert replay_file(journal, Files()).draft == end.draft


async def test_a_filter_leaves_some_parameters_and_the_cursor_among_them(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.press("slash")
        await user.answer("group")
        await user.sees("parameters with “group”")
        keys = [parameter.key for parameter in user.bench.parameters if "GROUP" in parameter.key]
        await user.until(lambda: focused(user, keys[0]))
        for key in (*keys[1:], keys[0]):
            await user.press("j")
            await user.until(partial(focused, user, key))
        assert "DIRECT_MESSAGE  " not in "\n".join(line[:60] for line in user.lines)
        await user.press("slash")
        await user.answer("no such parameter")
        await user.arrives("calibrate")
        await user.press("j", "k", "tab")
        await user.press("slash")
        await user.answer("")
        await user.sees("α    all types")


async def test_the_picture_follows_the_focused_parameter_and_its_data_can_be_saved(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.sees("messages per conversation, all types")
        await user.press("t")
        await user.sees("messages per conversation, DIRECT_MESSAGE")
        await focus_on(user, "mu CODE")
        await user.sees("content length, CODE")
        await user.press("e")
        await user.hears("calibrate.csv")
        with (tmp_path / "reports" / "calibrate.csv").open(newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == ["lo", "hi", "production", "expected"]
        assert sum(int(float(row[2])) for row in rows) == chat().messages.by_type["CODE"].total_count


async def test_a_config_without_a_shape_and_one_of_the_originals_kind(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(hand_made(), tmp_path, "hand.json", 1)
    async with workbench(tmp_path, screen="calibrate", ready=False) as user:
        await user.sees("no production shape to compare with", "one power law, no fit to show")
        await user.sees("lengths are histograms", "α    all types   1.80")
        await user.press("s")
        await user.hears("nothing is judged")
        before = user.value
        await user.press("right_square_bracket")
        await user.until(lambda: user.value != before)
        await user.sees("● unsaved")


async def test_copy_goes_to_the_clipboard_and_to_a_file_and_the_screen_to_a_picture(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        await user.press("y")
        await user.hears("copied, if the terminal takes it; the text is in")
        copied = (tmp_path / "reports" / "screen.txt").read_text()
        assert copied == user.app.clipboard + "\n"
        assert "expected verdict" in copied
        assert len(copied.splitlines()) == 40
        await user.press("E", "E")
        await user.hears("calibrate-v2.svg")
        picture = (tmp_path / "reports" / "calibrate.svg").read_text()
        assert picture.startswith("<svg")
        assert "GROUP_CHAT" in picture


async def test_a_folder_that_takes_no_files_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    with_documents(tmp_path)
    async with workbench(tmp_path, screen="calibrate") as user:
        await user.press("right_square_bracket")
        await user.until(lambda: user.bench.unsaved)
        reports = tmp_path / "reports"
        reports.rename(tmp_path / "elsewhere")
        # A file where the folder was: nobody can write there, root neither.
        reports.write_text("")
        for key in ("y", "E", "e", "w"):
            user.notices.clear()
            await user.press(key)
            await user.hears("reports")
        assert user.bench.unsaved
        assert user.at("calibrate")
        reports.unlink()
        (tmp_path / "elsewhere").rename(reports)
        await user.press("w")
        await user.hears("written: calibrated-config-")
