"""Which change would help: the one that helps most, and the fewest with which everything is expected to be good.

Takes up to some tenths of a second: for a thread, not for a key.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shapetui.documents.config import Config
from shapetui.documents.report import Report
from shapetui.documents.shape import Shape
from shapetui.workbench.advised import Advice, Step
from shapetui.workbench.draft import Draft
from shapetui.workbench.planning import Judged
from shapetui.workbench.solving import Stopped
from shapetui.workbench.state import Workbench

__all__ = ["Advice", "Step", "advise", "advise_measured"]


def advise(given: Workbench | Draft, should_stop: Callable[[], bool] = lambda: False) -> Advice | None:
    """What would help a draft of which a test is expected to fail or a check to be beyond what it allows.

    None where it is, where nothing can be expected of it (no config, no shape, numbers that are no distributions), or
    when `should_stop` says so, which is asked every few milliseconds.
    """
    return _advised(given, None, None, should_stop)


def advise_measured(
    given: Workbench | Draft,
    report: Report,
    should_stop: Callable[[], bool] = lambda: False,
    measured: Config | None = None,
) -> Advice | None:
    """`advise` for a draft of which a generated database was measured.

    What was measured beyond what was expected is expected to be so again: each error is moved by that difference.
    `measured`: the config that was generated from; the draft's own if None. A report that says itself that it was
    another one, or is of another shape, teaches nothing: then this is `advise`.
    """
    return _advised(given, report, measured, should_stop)


def _advised(
    given: Workbench | Draft, report: Report | None, measured: Config | None, should_stop: Callable[[], bool]
) -> Advice | None:
    draft = given.draft if isinstance(given, Workbench) else given
    if draft.config is None or draft.shape is None:
        return None
    judged, source = Judged(draft, draft.shape, should_stop), measured or draft.config
    try:
        if report is not None and _is_of(report, source, draft.shape):
            judged = judged.taught(report, source)
        # Errors at the edge of what a float holds are large, and no news for a screen.
        with np.errstate(all="ignore"):
            start = judged.state(draft.config)
            return None if start is None or (start.good() and not judged.refused) else judged.advice(start)
    except Stopped:
        return None


def _is_of(report: Report, config: Config, shape: Shape) -> bool:
    origin = report.generated_from
    if report.production is not None and report.production.digest != shape.digest():
        return False
    return origin is None or config.digest() == origin.config_digest or config.model_digest() == origin.model_digest
