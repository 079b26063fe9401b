"""Keys that arrive together, as they do over a slow link, are obeyed in their order."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App

from shapetui.tui.dialogs import Form, Line

_NAMES = {"\x7f": "backspace", "\t": "tab", "\r": "enter", "\x1b[D": "left"}


class Asking(App[dict[str, str] | None]):
    """Shows a form of two lines, and ends with what was said."""

    def on_mount(self) -> None:
        """The form at once."""
        self.push_screen(Form("title", "", [Line("one", "one", "956250"), Line("two", "two")]), self.exit)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["\x7f", "\x7f", "2", "m", "\r"], {"one": "95622m", "two": ""}),
        (["7", "\x7f", "8", "\r"], {"one": "9562508", "two": ""}),
        (["\x1b[D", "7", "\t", "a", "\x7f", "b", "\r"], {"one": "9562570", "two": "b"}),
        (["1", "\t", "2", "\t", "3", "\r"], {"one": "95625013", "two": "2"}),
    ],
)
async def test_of_keys_that_arrive_together(typed: list[str], said: dict[str, str]) -> None:
    app = Asking()
    async with app.run_test() as pilot:
        await pilot.pause()
        for key in typed:
            app.post_message(events.Key(_NAMES.get(key, key), key if key not in _NAMES else None))
        while app.return_value is None:
            await pilot.pause()
    assert app.return_value == said
