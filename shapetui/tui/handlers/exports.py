"""What leaves the screen: its text, its picture, the data of its plot, two rounds beside one another."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from shapetui.errors import ShapetuiError
from shapetui.tui.dialogs import Read
from shapetui.tui.handlers.handler import Handler

# What terminals and tmux take in one OSC 52 sequence, in base64; a screen is a tenth of it.
_LONGEST_COPY = 74_994


class Exports(Handler):
    """Copies and files; nothing of it changes what is worked on."""

    def copy(self) -> None:
        """The screen's text to the clipboard (OSC 52), and to a file for terminals that do not take it."""
        from shapetui.documents.files import save_text

        text = self._text()
        path = self.app.workspace.reports / "screen.txt"
        fits = len(text.encode()) * 4 // 3 < _LONGEST_COPY
        if fits:
            self.app.copy_to_clipboard(text)
        copied = "copied, if the terminal takes it" if fits else "too long for a terminal's clipboard"
        try:
            save_text(text + "\n", path, force=True)
        except ShapetuiError as error:
            self.warn(f"{copied}; {error.message}")
            return
        self.app.notify(f"{copied}; the text is in {path}")

    def _text(self) -> str:
        """The screen as text, one line per row."""
        return "\n".join("".join(one.text for one in strip) for strip in self.app.screen._compositor.render_strips())

    def picture(self) -> None:
        """The screen as SVG."""
        self._save(self.app.export_screenshot(title="shapetui"), ".svg")

    def data(self) -> None:
        """The counts of the screen's plot as CSV: lo,hi and a column for each side."""
        from shapetui.tui.overlay import rows_of
        from shapetui.tui.plots import picture_of

        picture = picture_of(self.app.place, self.shown)
        rows = rows_of(picture) if picture is not None else []
        if picture is None or not rows:
            self.warn("there is no plot here whose data could be saved")
            return
        sides = [at for at in (2, 3) if any(row[at] is not None for row in rows)]
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["lo", "hi", *(picture.labels[at - 2] for at in sides)])
        writer.writerows([row[0], row[1], *(row[at] for at in sides)] for row in rows)
        self._save(stream.getvalue(), ".csv")

    def _save(self, text: str, suffix: str) -> None:
        from shapetui.documents.files import fresh_path, save_text

        try:
            path: Path = fresh_path(self.app.workspace.reports, self.app.place, suffix)
            save_text(text, path)
        except (ShapetuiError, OSError) as error:
            self.warn(getattr(error, "message", "") or f"{self.app.workspace.reports}: cannot be written")
            return
        self.app.notify(f"saved: {path}")

    def mark(self) -> None:
        """Marks the round under the cursor; the mark goes when it is marked again."""
        from shapetui.tui.texts.report import chosen_round

        if self.shown.rounds:
            path = self.shown.rounds[chosen_round(self.shown)].report_path
            self.look_at(marked=None if self.shown.view.marked == path else path)

    async def compare(self) -> None:
        """The round under the cursor beside the marked one, or beside the one before it."""
        from shapetui.tui.texts.report import chosen_round, comparison, round_at

        rounds = self.shown.rounds
        chosen = chosen_round(self.shown)
        before = round_at(self.shown, self.shown.view.marked, max(0, chosen - 1))
        if before == chosen:
            self.warn("there is no other round: space marks one, j and k choose another")
            return
        one, other = sorted((before, chosen))
        await self.app.push_screen_wait(Read("two rounds", comparison(rounds[one], rounds[other])))
