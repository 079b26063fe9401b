"""Leaving while a job does not stop: it is waited for only so long, and it is said that it was left."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from shapetui.progress import Watch
from shapetui.tui import app as tui_app
from shapetui.tui.messages import News
from tests.tui.screens import with_documents, workbench


async def test_a_job_that_does_not_stop_is_left_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tui_app, "_END_SECONDS", 0.01)
    let_go = threading.Event()

    def hang(_watch: Watch) -> None:
        let_go.wait()

    async with workbench(with_documents(tmp_path), screen="run") as user:

        def tell(news: Any) -> None:
            user.app.post_message(News(news))

        user.app.runner.start("validate", user.shown.synthetic_label, hang, tell)
        await user.press("q")
        await user.answer("yes")
        await user.until(lambda: user.app.return_code == 0)
        assert user.app.farewell == f"validate on {user.shown.synthetic_label} did not stop in 0 s and was left"
        let_go.set()
