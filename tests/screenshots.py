"""Draws the README's pictures: `python -m tests.screenshots`.

It runs the whole loop on the real corpus lean_zulip, with an embedded server and a folder of its own, then drives the
workbench as a person would: alpha is spoiled, the loop mends it, and each screen is saved at 120 x 40.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from shapetui.documents.workspace import Workspace
from shapetui.jobs.demo import run_demo
from shapetui.progress import Watch
from shapetui.tui.app import ShapetuiApp
from shapetui.tui.databases import Database
from shapetui.tui.start import Session
from shapetui.workbench.settings import Settings, bound

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "screenshots"
CORPUS = Path(os.environ.get("SHAPETUI_REAL_DATA", ROOT.parent / "shared" / "data")) / "lean_zulip.csv.gz"
PATIENCE = 300.0


def session() -> Session:
    """The defaults, on the embedded databases of the demo."""
    settings = Settings()
    synthetic, production = Database.named("embedded:synthetic"), Database.named("embedded:production")
    return Session(settings, bound(settings), synthetic, production)


async def until(pilot: Pilot[int], fact: Callable[[], object]) -> None:
    """Waits for a fact, then for the frame that shows it."""
    end = time.monotonic() + PATIENCE
    while not fact():
        if time.monotonic() > end:
            sys.exit(f"it takes longer than {PATIENCE:.0f} s")
        await pilot.pause(0.05)
    await pilot.pause(0.3)


async def draw(workspace: Path) -> None:
    """One SVG per screen."""
    app = ShapetuiApp(workspace, session())

    def save(name: str) -> None:
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="shapetui"), encoding="utf-8")

    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.shown.synthetic and app.shown.production and app.shown.loaded)
        await pilot.press("2")
        await until(pilot, lambda: app.place == "shape")
        save("shape")
        await pilot.press("3", "down", *["left_curly_bracket"] * 7)
        await until(pilot, lambda: app.shown.advice)
        save("calibrate")
        await pilot.press("l")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press(*"synthetic", "enter")
        # In the middle of the second round.
        await until(pilot, lambda: len(app.shown.rounds) == 2 and (news := app.shown.news) and news.done > 300_000)
        save("run")
        await until(pilot, lambda: app.shown.news and not app.shown.news.running and app.place == "report")
        await until(pilot, lambda: not app._notifications and len(app.shown.rounds) == 3)
        save("report")
        await pilot.press("1")
        await until(pilot, lambda: app.place == "files" and app.shown.synthetic and app.shown.synthetic.rows)
        save("files")


def main() -> None:
    """The loop headless, then the pictures."""
    if not CORPUS.exists():
        sys.exit(f"{CORPUS} is not there: SHAPETUI_REAL_DATA names the folder of the corpus")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shapetui-screenshots-", dir="/tmp") as home:
        # As root the embedded server runs as another user, who must be able to enter its folder.
        Path(home).chmod(0o755)
        os.environ["SHAPETUI_HOME"] = home
        workspace = Path(home) / "lean_zulip"
        run_demo(CORPUS, None, None, 0.15, Workspace(workspace), Watch())
        asyncio.run(draw(workspace))


if __name__ == "__main__":
    main()
