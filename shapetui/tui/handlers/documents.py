"""The documents of the folder: noticed as they come and go, opened, calibrated; and what an earlier session left."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shapetui.errors import ShapetuiError
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.documents.config import Config
    from shapetui.documents.files import AnyDocument
    from shapetui.documents.shape import Shape
    from shapetui.jobs.look import DatabaseState
    from shapetui.tui.databases import Database
    from shapetui.workbench.entry import Entry


class Files:
    """Gives what intents name: what is known of the folder as it is, anything else from its file."""

    def __init__(self, known: tuple[Entry, ...] = ()) -> None:
        self._known = known

    def shape(self, path: Path) -> Shape:
        """Raises DocumentError."""
        from shapetui.documents.files import load
        from shapetui.documents.shape import Shape

        found = self._unchanged(path)
        return found if isinstance(found, Shape) else load(path, Shape)

    def config(self, path: Path) -> Config:
        """Raises DocumentError."""
        from shapetui.documents.config import Config
        from shapetui.documents.files import load

        found = self._unchanged(path)
        return found if isinstance(found, Config) else load(path, Config)

    def _unchanged(self, path: Path) -> AnyDocument | None:
        """The document of a file that is as it was when the folder was read: to read it again would hold up keys."""
        entry = next((one for one in self._known if one.path == path), None)
        with suppress(OSError):
            if entry is not None and entry.stamp == ((status := path.stat()).st_mtime_ns, status.st_size):
                return entry.document
        return None


class Documents(Handler):
    """Reading, opening, fitting, looking."""

    _reading = False
    _again = False
    _begun = False

    def read_again(self) -> None:
        """Looks at the folder, beside the screen."""
        self.app.beside(self._read, group="folder")

    async def _read(self) -> None:
        if self._reading:
            # Somebody has just written a file, and the look that is under way may have missed it.
            self._again = True
            return
        self._reading = True
        try:
            while True:
                self._again = False
                known = self.shown.entries
                found = await in_thread(_folder, self.app.folder, known)
                if found is not known or not self.shown.loaded:
                    self._take(found)
                if not self._again:
                    return
        finally:
            self._reading = False

    def _take(self, found: tuple[Entry, ...]) -> None:
        """Shows what is in the folder now; at the first look its newest documents are opened."""
        from shapetui.workbench.grouping import grouped
        from shapetui.workbench.rounds import rounds_of

        chosen = self.shown.chosen
        rounds = rounds_of(found)
        first = not self.shown.loaded
        newer = len(rounds) > len(self.shown.rounds)
        view = self.shown.view
        self.show(
            entries=found,
            groups=grouped(found),
            rounds=rounds,
            loaded=True,
            # A new round is what one wants to see; otherwise the cursor stays where it is.
            view=replace(view, round=None if newer else view.round),
        )
        self.check_off()
        listed = self.shown.listed
        at = next((index for index, entry in enumerate(listed) if chosen and entry.path == chosen.path), view.chosen)
        self.look_at(chosen=min(at, max(0, len(listed) - 1)))
        self.show_round(self.shown.view.round)
        if first:
            # Once the folder has been drawn: it stands behind the question.
            self.app.call_later(self.app.beside, self._begin, group="beginning")
        elif self._begun:
            self._open_newest()

    def check_off(self) -> None:
        """What is done for the config that is worked on."""
        from shapetui.workbench.folder import checklist

        bench = self.shown.workbench
        opened = bench.draft.config_path if bench is not None else None
        self.show(steps=checklist(self.shown.entries, Path(opened) if opened else None))

    async def _begin(self) -> None:
        """Offers what an earlier session left; without that the newest documents are opened."""
        taken = await self.app.recovery.offer()
        self._begun = True
        if not taken:
            self.app.start_anew()
            self._open_newest()
        self.app.begun()

    def _open_newest(self) -> None:
        """Opens the newest shape and config; what is being worked on is never replaced by a file that turns up.

        Nor is what undo has gone back from: a new intent would be the end of redo.
        """
        from shapetui.documents.config import Config
        from shapetui.documents.shape import Shape
        from shapetui.workbench.intents import OpenConfig, OpenShape

        bench = self.shown.workbench
        if bench is None or bench.future:
            return
        for kind, intent, opened in (
            (Shape, OpenShape, bench.draft.shape_path),
            (Config, OpenConfig, bench.draft.config_path),
        ):
            entries = [entry for entry in self.shown.entries if isinstance(entry.document, kind)]
            if entries and opened is None:
                newest = max(entries, key=lambda entry: entry.stamp[0])
                self.app.intend(intent(str(newest.path)))

    def open(self) -> None:
        """Opens the chosen document on the screen that shows it."""
        from shapetui.documents.config import Config
        from shapetui.documents.report import GenerationReport, Report
        from shapetui.documents.shape import Shape
        from shapetui.workbench.intents import OpenConfig, OpenShape

        entry = self.shown.chosen
        if entry is None:
            return
        path = str(entry.path)
        match entry.document:
            case Shape():
                if self.app.intend(OpenShape(path)):
                    self.app.go("shape")
            case Config():
                if self.app.intend(OpenConfig(path)):
                    self.app.go("calibrate")
            case Report():
                names = [round_.report_path for round_ in self.shown.rounds]
                self.show_round(entry.path if entry.path in names else None)
                self.app.go("report")
            case GenerationReport():
                self.app.go("run")
            case None:
                self.app.notify(entry.trouble, title=entry.path.name, severity="error")

    def show_round(self, path: Path | None) -> None:
        """Puts the cursor on the round of a report (None = the newest) and shows it."""
        from shapetui.documents.report import Report
        from shapetui.tui.texts.report import chosen_round

        self.look_at(round=path)
        chosen = self.shown.rounds[chosen_round(self.shown)].report_path if self.shown.rounds else None
        found = next((entry.document for entry in self.shown.entries if entry.path == chosen), None)
        self.show(report=found if isinstance(found, Report) else None)

    async def fit(self) -> None:
        """Fits a config to the chosen shape and opens both."""
        from shapetui.documents.shape import Shape
        from shapetui.workbench.intents import OpenConfig, OpenShape

        entry = self.shown.chosen
        if entry is None or not isinstance(entry.document, Shape):
            self.warn("choose a shape first: j and k move the cursor")
            return
        try:
            config = await in_thread(_calibrated, self.app.folder, entry.path)
        except ShapetuiError as error:
            self.complain(error)
            return
        self.app.say_done(f"calibrated {config.name} to {entry.path.name}")
        self.app.intend(OpenShape(str(entry.path)))
        self.app.intend(OpenConfig(str(config)))
        self.read_again()
        self.app.go("calibrate")

    def look(self) -> None:
        """Looks at both databases again, each in its own time."""
        self.show(synthetic=None, production=None)
        self.app.beside(self._look_at_synthetic, group="synthetic", exclusive=True)
        self.app.beside(self._look_at_production, group="production", exclusive=True)

    async def _look_at_synthetic(self) -> None:
        database = self.app.synthetic
        state = await in_thread(_synthetic, database)
        if database == self.app.synthetic:
            self.show(synthetic=state)

    async def _look_at_production(self) -> None:
        self.show(production=await in_thread(_production, self.app.production))


def names_in(folder: Path) -> tuple[str, ...]:
    """What a folder's reports are called, without reading any of them: for the first frame."""
    with suppress(OSError):
        return tuple(sorted((path.name for path in (folder / "reports").glob("*.json")), reverse=True)[:40])
    return ()


def _folder(folder: Path, known: tuple[Entry, ...]) -> tuple[Entry, ...]:
    from shapetui.documents.workspace import Workspace
    from shapetui.workbench.folder import read_folder

    return read_folder(Workspace(folder), known)


def _calibrated(folder: Path, shape: Path) -> Path:
    from shapetui.documents.workspace import Workspace
    from shapetui.jobs.calibrate import run_calibrate

    return run_calibrate(shape, Workspace(folder), None, force=False).path


def _synthetic(database: Database) -> DatabaseState:
    from shapetui.jobs.look import look_synthetic

    return look_synthetic(database.target())


def _production(database: Database) -> DatabaseState:
    from shapetui.jobs.look import look_production

    return look_production(database.target())
