"""Looking for what would help, beside the screen, for as long as the draft stays as it is."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

from shapetui.tui.handlers.handler import Handler
from shapetui.tui.threads import in_thread

if TYPE_CHECKING:
    from shapetui.workbench.state import Draft

# Not while somebody holds a key down: a repeated key comes every thirtieth of a second.
_PAUSE_SECONDS = 0.3


class Suggesting(Handler):
    """Keeps `shown.advice` that of the draft."""

    _stop = threading.Event()
    _draft: Draft | None = None

    def think(self) -> None:
        """Begins to look, when the draft is another one than the last that was looked at."""
        bench = self.shown.workbench
        if bench is None or bench.draft is self._draft:
            return
        self._draft = bench.draft
        self._stop.set()
        self._stop = threading.Event()
        if self.shown.advice is not None:
            self.show(advice=None)
        if bench.draft.config is not None and bench.draft.shape is not None:
            look = partial(self._look, bench.draft, self._stop)
            self.app.beside(look, group="advice", exclusive=True)

    async def _look(self, draft: Draft, stop: threading.Event) -> None:
        from shapetui.workbench.advice import advise

        await asyncio.sleep(_PAUSE_SECONDS)
        bench = self.shown.workbench
        expected = bench.expected if bench is not None else None
        if stop.is_set() or expected is None or expected.verdict is None or expected.good:
            return
        found = await in_thread(advise, draft, stop.is_set)
        if not stop.is_set():
            self.show(advice=found)
