"""Tuning: nudges, typed values, locks, undo and redo, the suggested changes, writing the config."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from shapetui.errors import PlanError
from shapetui.tui.dialogs import Read, ask
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.texts.words import THOUSANDS
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.workbench.parameters import Parameter


class Tuning(Handler):
    """Everything that changes the draft, as intents."""

    def less(self) -> None:
        """A fine nudge down."""
        self._nudge(-1, coarse=False)

    def more(self) -> None:
        """A fine nudge up."""
        self._nudge(1, coarse=False)

    def much_less(self) -> None:
        """A coarse nudge down."""
        self._nudge(-1, coarse=True)

    def much_more(self) -> None:
        """A coarse nudge up."""
        self._nudge(1, coarse=True)

    def _nudge(self, steps: int, *, coarse: bool) -> None:
        from shapetui.workbench.intents import Nudge

        self.app.intend(Nudge(steps, coarse))

    async def type_value(self) -> None:
        """Asks for the focused parameter's value."""
        from shapetui.workbench.intents import SetValue

        parameter = self.shown.workbench.focused if self.shown.workbench is not None else None
        if parameter is None:
            self.warn("there is no config to change: open or calibrate one (screen 1)")
            return
        # As many digits as tell it apart: to press enter at once changes nothing.
        present = f"{parameter.value:.12g}"
        said = await self.app.push_screen_wait(
            ask(
                parameter.key,
                f"from {parameter.lowest:,g} to {parameter.highest:,g}",
                present,
                partial(_refused, parameter),
            )
        )
        if said is not None and said["said"] != present and (value := number(said["said"])) is not None:
            self.app.intend(SetValue(parameter.key, value))

    def lock(self) -> None:
        """Locks or unlocks the focused weight."""
        from shapetui.workbench.intents import ToggleLock

        if self.shown.workbench is not None and self.shown.workbench.focused is not None:
            self.app.intend(ToggleLock(self.shown.workbench.focused.key))

    def undo(self) -> None:
        """Takes back the last change."""
        from shapetui.workbench.intents import Undo

        self.app.intend(Undo())

    def redo(self) -> None:
        """Takes back the last undo."""
        from shapetui.workbench.intents import Redo

        self.app.intend(Redo())

    def solve(self) -> None:
        """Makes the suggested changes, as one step of undo."""
        bench = self.shown.workbench
        if bench is None or bench.expected is None or bench.expected.verdict is None:
            self.warn("nothing is judged: open a shape and a config first (screen 1)")
        elif bench.expected.good and self.shown.advice is None:
            self.app.notify("all tests are expected to pass already, and no check to be NO-GO")
        elif self.shown.advice is None:
            self.warn("what would help is still being looked for")
        elif self.shown.advice.plan is None:
            self.warn("nothing that can be nudged would help")
        else:
            self.app.intend(self.shown.advice.plan)

    async def sensitivity(self) -> None:
        """What the focused parameter does to the checks, reckoned beside the screen."""
        from shapetui.tui.sensitivity import Over
        from shapetui.workbench.sensitivity import sensitivity

        bench = self.shown.workbench
        if bench is None or bench.focused is None or bench.expected is None or bench.expected.verdict is None:
            self.warn("nothing is judged: open a shape and a config first (screen 1)")
            return
        stop = threading.Event()
        look = partial(in_thread, sensitivity, bench.draft, bench.focused.key, should_stop=stop.is_set)
        try:
            await self.app.push_screen_wait(Over(bench.focused.key, look, self.shown.glyphs))
        finally:
            stop.set()

    async def changes(self) -> None:
        """What differs from the config that was loaded."""
        from shapetui.tui.texts.calibrate import changes

        if self.shown.workbench is not None:
            await self.app.push_screen_wait(Read("changed since it was loaded", changes(self.shown.workbench)))

    def write(self) -> bool:
        """Writes the draft as a new config, with its lineage; whether it was written."""
        from shapetui.errors import ShapetuiError
        from shapetui.jobs.written import now
        from shapetui.workbench.intents import Wrote
        from shapetui.workbench.writing import write

        bench = self.shown.workbench
        if bench is None or bench.draft.config is None:
            self.warn("there is no config to write: open or calibrate one (screen 1)")
            return False
        try:
            bench, path = write(bench, self.app.workspace, now())
        except ShapetuiError as error:
            self.complain(error)
            return False
        self.app.record(Wrote(str(path)))
        self.show(workbench=bench)
        self.app.notify(f"written: {path.name}")
        self.app.documents.read_again()
        return True


def _refused(parameter: Parameter, text: str) -> str:
    """Why a typed text is no value of the parameter; empty where it is one."""
    value = number(text)
    if value is None:
        return "not a number"
    try:
        parameter.check(value)
    except PlanError as error:
        return error.message
    return ""


def number(text: str) -> float | None:
    """The number that a text is; thousands may be set off."""
    if "," in text and not THOUSANDS.fullmatch(text.lstrip("+-−")):
        # Half of the world writes 1,5 for one and a half.
        return None
    try:
        return float(text.replace(",", "").replace("_", "").replace("−", "-"))
    except ValueError:
        return None
