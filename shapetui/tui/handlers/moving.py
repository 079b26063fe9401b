"""Moving about: from screen to screen, up and down, and how plots are looked at."""

from __future__ import annotations

from pathlib import PurePath

from rich.text import Text

from shapetui.tui.dialogs import Choose, ask
from shapetui.tui.handlers.handler import Handler

_PAGE = 10


class Moving(Handler):
    """Screens, cursor, filter, axes."""

    def files(self) -> None:
        """Documents, databases, what to do next."""
        self.app.go("files")

    def shape(self) -> None:
        """One shape in full."""
        self.app.go("shape")

    def calibrate(self) -> None:
        """The generator and what comes of it."""
        self.app.go("calibrate")

    def run(self) -> None:
        """Generating and validating."""
        self.app.go("run")

    def report(self) -> None:
        """How close the synthetic database comes."""
        self.app.go("report")

    def up(self) -> None:
        """The line above."""
        self._move(-1)

    def down(self) -> None:
        """The line below."""
        self._move(1)

    def page_up(self) -> None:
        """Ten lines up."""
        self._move(-_PAGE)

    def page_down(self) -> None:
        """Ten lines down."""
        self._move(_PAGE)

    def _move(self, steps: int) -> None:
        match self.app.place:
            case "files":
                count = len(self.shown.listed)
                self.look_at(chosen=_moved(min(self.shown.view.chosen, max(0, count - 1)), steps, count))
            case "calibrate":
                self._focus(steps)
            # Pages move the advice, which may be longer than the screen.
            case "report" if len(self.shown.rounds) > 1 and abs(steps) == 1:
                from shapetui.tui.texts.report import chosen_round

                rounds = self.shown.rounds
                at = _moved(chosen_round(self.shown), steps, len(rounds))
                self.app.documents.show_round(rounds[at].report_path)
            case _:
                self.app.scroll_lines(3 * steps if abs(steps) == 1 else steps)

    def _focus(self, steps: int) -> None:
        """The parameter further down, among those that the filter leaves; the right column scrolls with pages."""
        from shapetui.workbench.intents import Focus

        bench = self.shown.workbench
        if bench is None or bench.focused is None:
            return
        wanted = self.shown.view.filters.get("calibrate", "").casefold()
        keys = [parameter.key for parameter in bench.parameters if wanted in parameter.key.casefold()]
        if not keys:
            return
        if abs(steps) > 1:
            self.app.scroll_lines(steps)
            return
        at = keys.index(bench.focused.key) if bench.focused.key in keys else -steps
        self.app.intend(Focus(keys[(at + steps) % len(keys)]))

    async def filter(self) -> None:
        """Only what holds a text; an empty one shows all again."""
        place = self.app.place
        what = "documents" if place == "files" else "parameters"
        present = self.shown.view.filters.get(place, "")
        said = await self.app.push_screen_wait(ask(f"show only {what} that hold", "empty shows all", present))
        if said is not None:
            self.look_at(filters={**self.shown.view.filters, place: said["said"]}, chosen=0)
            focused = self.shown.workbench.focused if self.shown.workbench is not None else None
            if place == "calibrate" and focused and said["said"].casefold() not in focused.key.casefold():
                self._focus(1)

    def linear(self) -> None:
        """Linear or logarithmic axes."""
        self.look_at(linear=not self.shown.view.linear, ccdf=False)

    def ccdf(self) -> None:
        """The share at or above each size, or the histogram."""
        self.look_at(ccdf=not self.shown.view.ccdf, linear=False)

    def next_type(self) -> None:
        """All types, then each of them."""
        bench = self.shown.workbench
        shape = bench.draft.shape if bench is not None else None
        types = len(shape.conversations.by_type) if shape else 0
        self.look_at(type_index=(self.shown.view.type_index + 1) % (types + 1))

    async def other_shape(self) -> None:
        """Another shape over this one, or none again."""
        from shapetui.documents.shape import Shape

        bench = self.shown.workbench
        present = bench.draft.shape_path if bench is not None else None
        found: list[tuple[str, Shape | None]] = [
            (PurePath(entry.path).stem, entry.document)
            for entry in self.shown.entries
            if isinstance(entry.document, Shape) and str(entry.path) != present
        ]
        if bench is not None and bench.expected is not None:
            found.append(("what the config is expected to produce", None))
        if not found:
            self.warn("there is no other shape in this folder")
            return
        names = [Text("none"), *(Text(name) for name, _ in found)]
        chosen = await self.app.push_screen_wait(Choose("lay over this shape", names))
        if chosen is not None:
            self.look_at(other=found[chosen - 1] if chosen else None)


def _moved(at: int, steps: int, count: int) -> int:
    """A single step goes round, a page stops at the ends."""
    if not count:
        return 0
    return (at + steps) % count if abs(steps) == 1 else min(max(at + steps, 0), count - 1)
