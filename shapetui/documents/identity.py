"""Keys of caches for frozen documents: hashing a whole shape would cost more than what is looked up."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """A key that is equal only to that of the very same object (which it keeps alive), told by `mark` where given."""

    __slots__ = ("it", "mark")

    def __init__(self, it: T, mark: object = None) -> None:
        self.it = it
        self.mark = it if mark is None else mark

    def __hash__(self) -> int:
        return id(self.mark)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.mark is self.mark
