"""Somebody at the workbench: presses keys, reads the screen, waits for facts; in-process, on a screen nobody sees."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len
from textual import events
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from shapetui.documents.files import AnyDocument
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.fidelity.compare import compare
from shapetui.progress import Watch
from shapetui.tui.app import LEAST_SIZE, ShapetuiApp
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import Choose, Form
from shapetui.tui.messages import News
from shapetui.tui.said import Panel, Said
from shapetui.tui.screens.place import Place
from shapetui.tui.shown import Shown
from shapetui.tui.start import Session
from shapetui.tui.texts.report import chosen_round
from shapetui.workbench.actions import PLACES
from shapetui.workbench.intents import OpenConfig
from shapetui.workbench.settings import Settings, bound
from shapetui.workbench.state import Workbench
from shapetui.workbench.work import DemoRequest
from tests.workbench.benches import NOW, after, chat, fitted

PATIENCE: Final = 30.0
# It fails at once: no look at it costs a test any time.
NOBODY: Final = "host=/nonexistent dbname=nobody"
SIZES: Final = ((120, 40), (80, 24), (200, 60), LEAST_SIZE)


class User:
    """Somebody at the workbench. `notices`: all that was said in the corner, oldest first."""

    def __init__(self, app: ShapetuiApp, pilot: Pilot[int], notices: list[str]) -> None:
        self.app, self.pilot, self.notices = app, pilot, notices

    # -- hands

    async def press(self, *keys: str) -> None:
        """Keys by Textual's names, as fast as they can be typed: what comes of them is waited for by `until`."""
        for key in keys:
            character = key if len(key) == 1 else None
            self.app.post_message(events.Key(key, character))
        await asyncio.sleep(0)

    async def type(self, text: str) -> None:
        """Types a text instead of the one in the focused line."""
        await self.until(lambda: isinstance(self.app.screen.focused, Input))
        field = self.app.screen.focused
        assert isinstance(field, Input)
        if field.value:
            await self.press("ctrl+e", "ctrl+u")
            await self.until(lambda: not field.value)
        for character in text:
            self.app.post_message(events.Key(_character_to_key(character), character))
        await self.until(lambda: field.value == text)

    async def answer(self, text: str, key: str = "enter") -> None:
        """Types into the form of one line that opens, and accepts."""
        await self.until(lambda: isinstance(self.app.screen, Form) and isinstance(self.app.screen.focused, Input))
        await self.type(text)
        await self.press(key)

    async def leave(self) -> None:
        """Ends the session as it should end, without what is unsaved."""
        await self.press("q")
        await self.until(lambda: self.app.return_code == 0 or isinstance(self.app.screen, Choose))
        if isinstance(self.app.screen, Choose):
            await self.press("up", "enter")
        await self.until(lambda: self.app.return_code == 0)

    async def go(self, place: str) -> None:
        """Another screen, by its digit; waits until it is drawn, and before that for a dialog to be gone."""
        await self.until(lambda: not self.asked)
        await self.press(str(PLACES.index(place) + 1))
        await self.arrives(place)

    async def click(self, widget: str, text: str) -> None:
        """A click on the first occurrence of a text in a widget of one line."""
        said = str(self.app.screen.query_one(f"#{widget}", Said).render())
        await self.pilot.click(f"#{widget}", offset=(said.index(text), 0))

    async def resize(self, width: int, height: int) -> None:
        """Another size of the terminal."""
        driver, size = self.app._driver, Size(width, height)
        assert driver is not None
        driver._size = size
        self.app.post_message(events.Resize(size, size))
        await self.until(lambda: self.app.screen.size == size)

    # -- eyes

    @property
    def text(self) -> str:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(one.text for one in strip) for strip in strips)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, by rows."""
        return self.text.split("\n")

    @property
    def said(self) -> str:
        """All notices and all lines of the log."""
        return "\n".join((*self.notices, *self.app.shown.log))

    @property
    def shown(self) -> Shown:
        """What the screens are told to show."""
        return self.app.shown

    @property
    def round(self) -> int:
        """The index of the round under the cursor."""
        return chosen_round(self.shown)

    @property
    def bench(self) -> Workbench:
        """What is worked on."""
        assert self.shown.workbench is not None
        return self.shown.workbench

    @property
    def value(self) -> float:
        """The value of the focused parameter."""
        assert self.bench.focused is not None
        return self.bench.focused.value

    @property
    def asked(self) -> bool:
        """Whether a question, a list or a text lies over the screen."""
        return isinstance(self.app.screen, ModalScreen)

    def at(self, place: str) -> bool:
        """Whether a screen is shown and drawn."""
        screen = self.app.screen
        if self.app.place != place or not isinstance(screen, Place) or not screen.query("#top"):
            return False
        return f"▌{PLACES.index(place) + 1} " in str(screen.query_one("#top", Said).render())

    async def until(self, fact: Callable[[], object]) -> None:
        """Waits for a fact; fails with the screen when it does not come true."""
        end, pause = time.monotonic() + PATIENCE, 0.001
        while True:
            await asyncio.sleep(pause)
            if self.app._exception is not None:
                raise self.app._exception
            if fact():
                return
            # What takes long is not made to take longer by asking.
            pause = min(1.3 * pause, 0.05)
            if time.monotonic() > end:
                raise AssertionError(f"it never came true; the screen, and what was said:\n{self.text}\n{self.said}")

    async def arrives(self, place: str) -> None:
        """Waits until a screen is shown and drawn, and no dialog over it."""
        await self.until(lambda: self.at(place))

    async def settles(self) -> None:
        """Waits until what was pressed has been taken in."""
        await self.pilot.pause(0)

    async def closes(self) -> None:
        """Leaves all dialogs as they are."""
        while self.asked:
            await self.press("escape")
            await self.settles()

    async def sees(self, *texts: str) -> None:
        """Waits until all texts are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def hears(self, text: str) -> None:
        """Waits for a notice or a line of the log."""
        await self.until(lambda: text in self.said)

    # -- jobs

    def keep_busy(self, *databases: str, name: str = "generate") -> None:
        """Starts a job that does nothing until it is cancelled, on databases or on the one that is used."""
        first, *rest = databases or (self.shown.synthetic_label,)

        def tell(news: Any) -> None:
            self.app.post_message(News(news))

        def wait(watch: Watch) -> None:
            while True:
                watch.check()
                time.sleep(0.005)

        self.app.runner.start(name, first, wait, tell, also=tuple(rest))

    async def job_ends(self, name: str, outcome: str = "done") -> None:
        """Waits for the end of a job."""

        def ended() -> bool:
            news = self.shown.news
            return news is not None and news.name == name and news.outcome == outcome and not self.app.busy

        await self.until(ended)


@asynccontextmanager
async def workbench(
    folder: Path,
    database: str = NOBODY,
    *,
    production: str = NOBODY,
    size: tuple[int, int] = (120, 40),
    settings: Settings | None = None,
    screen: str = "files",
    demo: DemoRequest | None = None,
    ready: bool = True,
) -> AsyncIterator[User]:
    """The app and somebody before it. `ready`: its newest shape and config are open."""
    chosen = settings or Settings()
    session = Session(chosen, bound(chosen), Database.named(database), Database.named(production), screen, demo)
    notices: list[str] = []

    def listen(message: Message) -> None:
        if isinstance(message, Notify):
            notices.append(message.notification.message)

    app = ShapetuiApp(folder, session)
    async with app.run_test(size=size, message_hook=listen) as pilot:
        user = User(app, pilot, notices)
        if ready:
            await user.until(lambda: user.shown.workbench is not None and user.bench.draft.config is not None)
            await user.until(lambda: user.bench.draft.shape is not None and user.at(screen))
        yield user
        # An app that was left has waited for its jobs itself.
        if app.return_code is None and app.busy:
            app.runner.cancel_all(PATIENCE)


# -- folders


def with_documents(folder: Path) -> Path:
    """A workspace with a shape and its config."""
    (folder / "reports").mkdir(exist_ok=True)
    put(chat(), folder, "shape.json", 2)
    put(fitted(), folder, "config.json", 3)
    return folder


def with_everything(folder: Path) -> Path:
    """A workspace with two shapes, a config and two rounds."""
    with_documents(folder)
    put(another_shape(), folder, "elsewhere.json", 1)
    for number, report in enumerate(two_reports(), start=1):
        put(report, folder, f"fidelity-report-{number}.json", 3 + number)
    return folder


def put(document: AnyDocument, folder: Path, name: str, hour: int) -> Path:
    """A document in a workspace, as old as if it had been written in that hour: which is the newest is no chance."""
    path = folder / "reports" / name
    path.write_text(text_of(document))
    os.utime(path, (1_767_000_000 + 3_600 * hour,) * 2)
    return path


def text_of(document: AnyDocument) -> str:
    """As a file holds it."""
    if id(document) not in _TEXTS:
        _TEXTS[id(document)] = document, document.to_json()
    return _TEXTS[id(document)][1]


# Documents are kept with their texts, so that their numbers stay theirs.
_TEXTS: Final[dict[int, tuple[AnyDocument, str]]] = {}


@cache
def another_shape() -> Shape:
    """What the config is expected to produce, as if it had been measured."""
    expected = after().expected
    assert expected is not None
    return expected.shape


@cache
def two_reports() -> tuple[Report, ...]:
    """Of a config by hand, which misses, and of the fitted one an hour later."""
    shapes = []
    for config in ("hand.json", "config.json"):
        expected = after(OpenConfig(config)).expected
        assert expected is not None
        shapes.append(expected.shape)
    return tuple(
        compare(chat(), shape, 0.15, "shape.json", NOW + timedelta(hours=hour)) for hour, shape in enumerate(shapes)
    )


# -- what is on a screen


def broken_frames(user: User) -> list[str]:
    """What is wrong with the frames of the panels on the screen: rows of which the first or last cell is no frame."""
    wrong, lines = [], user.lines
    for panel in drawn_panels(user):
        geometry = user.app.screen.find_widget(panel)
        region, seen = geometry.region, geometry.visible_region
        # What a page that scrolls does not show is no fault; a row of a panel is shown whole or not at all.
        for y in range(seen.y, seen.bottom):
            row = cells(lines[y], region.x, region.right)
            ends = "╭╮" if y == region.y else "╰╯" if y == region.bottom - 1 else "││"
            if (row[:1], row[-1:]) != tuple(ends):
                wrong.append(f"{panel.id}: {row}")
    return wrong


def cut_short(user: User) -> list[str]:
    """Rows of panels that show only a part of a line without an ellipsis; panels that wrap are left out."""
    wrong, lines = [], user.lines
    for panel in drawn_panels(user):
        geometry = user.app.screen.find_widget(panel)
        if panel.styles.text_wrap != "nowrap":
            continue
        inside = panel.content_region.intersection(geometry.clip)
        whole = {line.rstrip() for line in str(panel.render()).split("\n")}
        for y in range(inside.y, inside.bottom):
            row = cells(lines[y], inside.x, inside.right).rstrip()
            if row and row not in whole and not row.endswith("…"):
                wrong.append(f"{panel.id}: {row}")
    return wrong


def drawn_panels(user: User) -> list[Panel]:
    """The panels of the screen of which something is drawn."""
    map_ = user.app.screen._compositor.full_map
    return [panel for panel in user.app.screen.query(Panel) if panel in map_ and map_[panel].visible_region]


def cells(line: str, left: int, right: int) -> str:
    """The part of a row between two columns; wide characters count as two."""
    found, at = "", 0
    for character in line:
        if left <= at < right:
            found += character
        at += cell_len(character)
    return found
