"""Draws every screen of the workbench into `screenshots/`: `python -m tests.screenshots WORKSPACE`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from shapetui.database.target import Target
from shapetui.documents.workspace import Workspace
from shapetui.tui.app import ShapetuiApp

FOLDER = Path(__file__).parents[1] / "screenshots"
PLACES = ("files", "shape", "calibrate", "run", "report")


async def draw(workspace: Path) -> None:
    """One SVG per screen at 120 x 40; the Calibrate screen after three coarse nudges of alpha."""
    app = ShapetuiApp(Workspace(workspace), Target.parse("embedded:synthetic"))
    FOLDER.mkdir(exist_ok=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while not app.entries or "looking" in app.databases.plain:
            await pilot.pause(0.05)
        for number, place in enumerate(PLACES, start=1):
            await pilot.press(str(number))
            await pilot.pause(0.3)
            if place == "calibrate":
                await pilot.press(*["left_curly_bracket"] * 3)
                await pilot.pause(0.3)
            (FOLDER / f"{place}.svg").write_text(app.export_screenshot(title="shapetui"), encoding="utf-8")
            if place == "calibrate":
                await pilot.press(*["u"] * 3)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(draw(Path(sys.argv[1])))
