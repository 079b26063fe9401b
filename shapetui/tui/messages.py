"""What threads tell the app: one message class per fact; of a job's progress only the latest matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from shapetui.workbench.jobnews import JobNews
    from shapetui.workbench.loop import LoopRound, LoopStart


class News(Message):
    """A job's news."""

    def __init__(self, news: JobNews[Any]) -> None:
        super().__init__()
        self.news = news

    def can_replace(self, message: Message) -> bool:
        """Whether a newer piece of the same job makes this one needless; the last one is never dropped."""
        return isinstance(message, News) and message.news.job_id == self.news.job_id and message.news.running


class RoundStarted(Message):
    """A round of the loop begins."""

    def __init__(self, start: LoopStart) -> None:
        super().__init__()
        self.start = start


class RoundEnded(Message):
    """A round of the loop has ended."""

    def __init__(self, round_: LoopRound) -> None:
        super().__init__()
        self.round = round_
