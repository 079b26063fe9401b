"""Files that appear, break, vanish, turn into something else or are none at all, and databases that do not answer:
shown, never fatal, whatever screen is open.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shapetui.documents.files import LARGEST_FILE, save
from shapetui.tui.texts.words import visible
from shapetui.workbench.actions import PLACES
from shapetui.workbench.intents import OpenShape
from shapetui.workbench.settings import Settings
from tests.tui.screens import User, broken_frames, put, with_documents, with_everything, workbench
from tests.workbench.benches import chat, fitted, hand_made

# Escape sequences, markup, a line break, writing from right to left, what joins and what is wide.
EVIL = "a[red]b[/] \x1b[2J\x07\n\u202e\u200d👩‍💻日本 [@click=app.quit()]x[/]"


async def look_again(user: User, fact: Callable[[], object]) -> None:
    """The folder is looked at until something is true of what was found."""
    user.app.documents.read_again()
    await user.until(fact)


def entry(user: User, name: str) -> tuple[str, str]:
    """(kind, what is wrong) of a document of the folder; empty when there is none."""
    return next(((e.kind, e.trouble) for e in user.shown.entries if e.path.name == name), ("", ""))


async def still_works(user: User, place: str) -> None:
    """Every row of the screen is whole, keys are answered."""
    await user.until(lambda: broken_frames(user) == [])
    await user.go("run" if place != "run" else "files")
    await user.go(place)


@pytest.mark.parametrize("place", PLACES)
async def test_what_is_open_breaks_vanishes_and_turns_into_something_else(place: str, tmp_path: Path) -> None:
    reports = with_everything(tmp_path) / "reports"
    async with workbench(tmp_path, screen=place) as user:
        await user.until(lambda: len(user.shown.rounds) == 2)
        draft = user.bench.draft
        names = ("shape.json", "config.json", "fidelity-report-2.json")
        for content in ("{", "", '{"a": 1}', "\x00\x01", "[" * 100_000, "1" * 5_000):
            for name in names:
                (reports / name).write_text(content)
            await look_again(user, lambda: all(entry(user, name)[1] for name in names))
            assert len(user.shown.rounds) == 1
        # What was opened is in memory; a broken file takes nothing away from it.
        assert user.bench.draft is draft
        await still_works(user, place)
        # Of another kind than it was.
        save(chat(), reports / "config.json", force=True)
        save(fitted(), reports / "shape.json", force=True)
        save(chat(), reports / "fidelity-report-2.json", force=True)
        await look_again(
            user, lambda: entry(user, "config.json")[0] == "shape" and entry(user, "shape.json")[0] == "config"
        )
        await still_works(user, place)
        (reports / "shape.json").write_bytes(b"\xff\xfe" * 100)
        for name in names[1:]:
            (reports / name).unlink()
        await look_again(user, lambda: entry(user, "config.json") == ("", ""))
        # Opened again, it is said what is wrong with it.
        user.app.intend(OpenShape(str(reports / "shape.json")))
        await user.hears("shape.json")
        shutil.rmtree(reports)
        await look_again(user, lambda: user.shown.entries == ())
        await still_works(user, place)
        with_everything(tmp_path)
        await look_again(user, lambda: len(user.shown.entries) == 5)
        assert user.bench.draft is draft


async def test_names_and_contents_are_shown_literally_and_steer_nothing(tmp_path: Path) -> None:
    reports = with_documents(tmp_path) / "reports"
    (reports / f"{EVIL.replace('/', '')}.json").write_text(json.dumps({EVIL: EVIL}))
    evil = json.loads(chat().to_json())
    evil["conversations"]["type_distribution"][EVIL] = 3
    evil["messages"]["type_distribution"][EVIL] = 3
    evil["extracted_at"] = EVIL
    (reports / "evil.json").write_text(json.dumps(evil))
    save(fitted(), reports / "last.json")
    async with workbench(tmp_path) as user:
        await user.until(lambda: len(user.shown.entries) == 5)
        await user.sees("a[red]b", "\\x1b[2J")
        for _ in user.shown.entries:
            await user.press("j", "enter")
            await user.settles()
            for place in ("shape", "calibrate", "report"):
                await user.go(place)
                assert not set(user.text) & {"\x1b", "\x07", "\u202e"}
                assert broken_frames(user) == [], user.text
            await user.go("files")
        assert not any("\x1b" in notice or "\u202e" in notice for notice in user.notices)
        assert visible(EVIL).isprintable()
        assert user.app.return_code is None


async def test_what_is_no_file_is_listed_as_such_and_never_waited_for(tmp_path: Path) -> None:
    reports = with_documents(tmp_path) / "reports"
    os.mkfifo(reports / "pipe.json")
    (reports / "folder.json").mkdir()
    (reports / "loop.json").symlink_to("loop.json")
    (reports / "gone.json").symlink_to("nowhere.json")
    (reports / "device.json").symlink_to("/dev/zero")
    with (reports / "huge.json").open("wb") as stream:
        stream.truncate(LARGEST_FILE * 40)
    async with workbench(tmp_path) as user:
        for name in ("pipe.json", "folder.json", "device.json", "huge.json"):
            await user.until(lambda name=name: entry(user, name)[0] == "broken")  # type: ignore[misc]
        await user.sees("✗ pipe.json   not a file")
        assert "MB" in entry(user, "huge.json")[1]
        assert entry(user, "shape.json")[0] == "shape"
        while user.shown.chosen is None or user.shown.chosen.path.name != "huge.json":
            await user.press("j")
            await user.settles()
        await user.press("enter")
        await user.hears("MB")
        await user.leave()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_what_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = put(chat(), with_documents(tmp_path), "secret.json", 0)
    path.chmod(0)
    async with workbench(tmp_path) as user:
        await user.until(lambda: entry(user, "secret.json")[0] == "broken")


async def test_many_files_are_listed_and_the_cursor_is_always_in_view(tmp_path: Path) -> None:
    reports = with_documents(tmp_path) / "reports"
    for number in range(120):
        (reports / f"broken-{number:03}.json").write_text("{")
    async with workbench(tmp_path, size=(80, 24)) as user:
        await user.until(lambda: len(user.shown.entries) == 122)
        for _ in range(5):
            await user.press("pagedown", "pagedown", "pagedown")
            await user.until(lambda: "▸" in "".join(line[:4] for line in user.lines))
        assert user.shown.view.chosen == 121
        (reports / "broken-119.json").unlink()
        await look_again(user, lambda: len(user.shown.entries) == 121)
        await user.until(lambda: "▸" in "".join(line[:4] for line in user.lines))


async def test_a_config_that_no_numbers_can_be_made_of_says_why(tmp_path: Path) -> None:
    with_documents(tmp_path)
    raw = json.loads(hand_made().to_json())
    raw["conversation_generation"]["messages_per_conversation"] |= {"min": 4000, "max": 4000, "alpha": 1e300}
    (tmp_path / "reports" / "odd.json").write_text(json.dumps(raw))
    async with workbench(tmp_path, screen="calibrate") as user:
        await user.until(lambda: user.bench.draft.config is not None)
        await user.press("left_curly_bracket", "right_curly_bracket", "s")
        for key in ("d", "equals_sign"):
            await user.press(key)
            await user.until(lambda: user.asked)
            await user.closes()
        for place in PLACES:
            await user.go(place)


# -- databases that do not answer


@pytest.fixture
def silent() -> Iterator[str]:
    """A database whose server takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        port = listener.getsockname()[1]
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"host=127.0.0.1 port={port} dbname=silent user=nobody connect_timeout=600"
        for one in taken:
            one.close()


async def test_databases_that_do_not_answer_keep_nobody_waiting(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long it waits for a job that hangs in its connection.
    monkeypatch.setattr("shapetui.tui.app._END_SECONDS", 0.1)
    async with workbench(with_everything(tmp_path), silent, production=silent) as user:
        await user.sees("looking …")
        for place in PLACES:
            await user.go(place)
        await user.go("calibrate")
        before = user.value
        await user.press("right_square_bracket")
        await user.until(lambda: user.value != before)
        # The guard looks at the database first: keys typed ahead are no commands, and nobody has to wait for it.
        await user.press("g", "g", "r")
        await user.sees("looking at what")
        await user.press("escape")
        await user.go("files")
        await user.sees("looking …")
        assert user.shown.news is None
        # A job hangs in its connection, and can be told to stop.
        await user.press("v")
        await user.until(lambda: user.app.busy)
        await user.press("u")
        await user.until(lambda: user.value == before)
        await user.press("q")
        await user.answer("yes")
        await user.until(lambda: user.app.return_code == 0)
        assert user.shown.synthetic is None


async def test_a_session_on_silent_databases_ends_at_once(tmp_path: Path, silent: str) -> None:
    async with workbench(tmp_path, silent, production=silent, ready=False, settings=Settings(readonly=True)) as user:
        await user.sees("looking …")
        await user.leave()
