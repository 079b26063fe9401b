"""The screens by their places, imported when they are needed: the first frame waits for no numpy and no document."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from shapetui.tui.screens.place import Place

_SCREENS: Final = {
    "files": ("files", "Files"),
    "shape": ("shape", "ShapeInFull"),
    "calibrate": ("calibrate", "Calibrate"),
    "run": ("run", "Run"),
    "report": ("report", "ReportInFull"),
}
_ENGINE: Final = (
    *(f"shapetui.tui.screens.{module}" for module, _ in _SCREENS.values()),
    "shapetui.jobs.written",
    "shapetui.workbench.advice",
    "shapetui.workbench.folder",
    "shapetui.workbench.journal",
    "shapetui.workbench.rounds",
    "shapetui.workbench.work",
    "shapetui.workbench.writing",
)


def screen_class(place: str) -> type[Place]:
    """The class of a screen."""
    module, name = _SCREENS[place]
    return getattr(import_module(f"shapetui.tui.screens.{module}"), name)  # type: ignore[no-any-return]


def load_engine() -> None:
    """What screens and handlers need beyond the first frame: half a second of imports."""
    for name in _ENGINE:
        import_module(name)
