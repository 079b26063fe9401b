"""What all handlers share: the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapetui.errors import ShapetuiError
    from shapetui.tui.app import ShapetuiApp
    from shapetui.tui.shown import Shown
    from shapetui.workbench.actions import Action


class Handler:
    """Some actions of one subject: `less` is a method of that name, `page-up` is `page_up`."""

    def __init__(self, app: ShapetuiApp) -> None:
        self.app = app

    @property
    def shown(self) -> Shown:
        """What is shown now."""
        return self.app.shown

    def show(self, **changes: Any) -> None:
        """Shows something else."""
        self.app.show(**changes)

    def look_at(self, **changes: Any) -> None:
        """Looks at the same in another way."""
        self.app.show(view=replace(self.app.shown.view, **changes))

    def warn(self, message: str) -> None:
        """A notice that something cannot be done, and why."""
        self.app.notify(message, severity="warning", timeout=6)

    def complain(self, error: ShapetuiError) -> None:
        """A notice of what went wrong, with its mend."""
        self.app.notify(f"{error.message}\n{error.hint}".strip(), severity="error", timeout=10)


def method_of(handlers: Sequence[Handler], action: Action) -> Callable[[], Any]:
    """The one method that does an action. Raises LookupError when there is none, or more than one."""
    name = action.id.replace("-", "_")
    found = [getattr(handler, name) for handler in handlers if name in vars(type(handler))]
    if len(found) != 1:
        raise LookupError(f"{len(found)} methods do {action.id}")
    return found[0]  # type: ignore[no-any-return]
