"""The nearest config that is good: as few parameters moved as will do, each no farther than it must.

Parameters go to where production has them (`anchors`), the farthest from there first, until all is good; then each one
that is not needed goes back, and those that are needed go back as far as they may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from shapetui.workbench.anchors import Anchor
from shapetui.workbench.outcome import Moves, State, typed

# So much of each limit a plan may use: what is generated differs a little from what is expected.
_ROOM: Final = 0.9
_HALVINGS: Final = 5
# Parameters nearer to their fit than half a standard error are not what is wrong.
_OFF: Final = 0.5

After = Callable[[Moves], State | None]


def nearest(start: State, found: list[Anchor], after: After) -> State:
    """The best state on the way to the anchors, farthest first; pruned and shortened where it is good.

    `after` tells the state with some moves, or None where they cannot be made.
    """
    best, taken = start, list[Anchor]()
    for anchor in found:
        if anchor.off < _OFF:
            break
        state = after(_moves([*taken, anchor]))
        if state is None:
            continue
        # What helps only together with what comes after must not be lost, and what harms alone may not stay.
        taken.append(anchor)
        if state.rank < best.rank:
            best = state
        if state.good(_ROOM):
            best = state
            break
    if not best.good():
        return best
    part = _ROOM if best.good(_ROOM) else 1.0
    kept = [anchor for anchor in taken if set(anchor.moves) <= set(best.moves)]
    return _shortened(start, *_pruned(best, kept, after, part), after, part)


def _pruned(best: State, taken: list[Anchor], after: After, part: float) -> tuple[State, list[Anchor]]:
    """Without what is not needed; the nearest to its fit goes first."""
    for anchor in reversed(list(taken)):
        rest = [other for other in taken if other is not anchor]
        state = after(_moves(rest)) if rest else None
        if state is not None and state.good(part):
            best, taken = state, rest
    return best, taken


def _shortened(start: State, best: State, taken: list[Anchor], after: After, part: float) -> State:
    """A part of the way to each anchor, the least with which all is good; in few digits where they do."""
    parameters = start.parameters

    def at(way: float) -> Moves:
        return tuple(
            (key, value if anchor.whole else parameters[key].value + way * (value - parameters[key].value))
            for anchor in taken
            for key, value in anchor.moves
        )

    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        state = after(at(middle))
        if state is not None and state.good(part):
            best, high = state, middle
        else:
            low = middle
    short = tuple((key, typed(parameters[key], value)) for key, value in best.moves)
    state = after(short) if short != best.moves else None
    return state if state is not None and state.good(part) else best


def _moves(taken: list[Anchor]) -> Moves:
    """Those of all; a later one of the same parameter wins, and keeps its place in its own order."""
    last = {key: index for index, anchor in enumerate(taken) for key, _ in anchor.moves}
    return tuple(move for index, anchor in enumerate(taken) for move in anchor.moves if last[move[0]] == index)
