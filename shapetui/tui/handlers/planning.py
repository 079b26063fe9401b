"""The plan of a run: database, number of messages, seed, tolerance."""

from __future__ import annotations

from shapetui.errors import ShapetuiError
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import Form, Line
from shapetui.tui.handlers.handler import Handler
from shapetui.tui.texts.words import THOUSANDS


class Planning(Handler):
    """Asks for all of it at once."""

    async def plan(self) -> None:
        """Asks for database, number of messages, seed and tolerance."""
        from shapetui.workbench import intents

        bench = self.shown.workbench
        if bench is None:
            return
        draft = bench.draft
        tolerance = f"{draft.tolerance:.12g}"
        known, present = self.app.settings.databases, self.app.synthetic
        names = f"{', '.join(known)}, " if known else ""
        said = await self.app.push_screen_wait(
            Form(
                "plan",
                "",
                [
                    Line(
                        "database",
                        f"database: {names}embedded:NAME or a libpq string",
                        present.label,
                        lambda text: "" if text == present.label else self._refuse_database(text),
                    ),
                    Line(
                        "messages",
                        "messages: 2m, 500k, 1_000_000, or a band (dev, staging, perf)",
                        f"{draft.target}",
                        lambda text: "" if messages_of(text) else "not a number of messages",
                    ),
                    Line("seed", "seed: any text; the same seed gives the same rows", draft.seed or ""),
                    Line("tolerance", "tolerance: relative error that passes", tolerance, _refuse_tolerance),
                ],
            )
        )
        if said is None:
            return
        if said["database"] != present.label:
            self.app.use(Database.chosen(said["database"], known))
        # Only what differs: each is a step of undo.
        if (messages := messages_of(said["messages"])) not in (None, draft.target):
            self.app.intend(intents.SetTarget(messages or draft.target))
        if (said["seed"] or None) != draft.seed:
            self.app.intend(intents.SetSeed(said["seed"] or None))
        if said["tolerance"] != tolerance:
            self.app.intend(intents.SetTolerance(float(said["tolerance"])))

    def _refuse_database(self, text: str) -> str:
        try:
            found = Database.chosen(text, self.app.settings.databases)
        except ShapetuiError as error:
            return f"{error.message}: {error.hint}"
        return "this is the production database of this session" if found.is_same(self.app.production) else ""


def messages_of(text: str) -> int | None:
    """2m, 500k, 1_000_000 or the name of a band as a number; None for anything else."""
    from shapetui.generation.specification import BANDS

    words = text.strip().lower()
    if words in BANDS:
        return BANDS[words].messages
    factor = {"k": 1_000, "m": 1_000_000}.get(words[-1:], 1)
    number = words.rstrip("km")
    if "," in number and not THOUSANDS.fullmatch(number):
        # Half of the world writes 7,5 for seven and a half.
        return None
    try:
        value = int(float(number.replace(",", "").replace("_", "")) * factor)
    except (ValueError, OverflowError):
        return None
    return value if value > 0 else None


def _refuse_tolerance(text: str) -> str:
    try:
        return "" if 0 < float(text) <= 10 else "above 0 and at most 10"
    except ValueError:
        return "not a number"
