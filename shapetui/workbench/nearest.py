"""The nearest config that is good: as few parameters moved as will do, each no farther than it must.

Parameters go to where production has them (`anchors`), the farthest from there first, until all is good; then each one
that is not needed goes back, and those that are needed go back as far as they may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from shapetui.workbench.anchors import Anchor
from shapetui.workbench.intents import SetValues
from shapetui.workbench.outcome import State, typed

# So much of each limit a plan may use: what is generated differs a little from what is expected.
_ROOM: Final = 0.9
_HALVINGS: Final = 5
# Parameters nearer to their fit than half a standard error are not what is wrong.
_OFF: Final = 0.5

After = Callable[[SetValues], State | None]


def nearest(start: State, found: list[Anchor], after: After) -> State:
    """The best state on the way to the anchors, farthest first; pruned and shortened where it is good.

    `after` tells the state with some moves, or None where they cannot be made.
    """
    best, found = start, [anchor for anchor in found if anchor.off >= _OFF]
    taken: list[Anchor] = []
    while len(taken) < len(found):
        # By doubling: what is taken too much goes back below.
        taken = found[: max(1, 2 * len(taken))]
        state = after(_together(taken))
        if state is None:
            possible = [anchor for anchor in found if after(_together([anchor])) is not None]
            if len(possible) == len(found):
                break
            found, taken = possible, []
            continue
        best = min(best, state, key=lambda each: each.rank)
        if state.good(_ROOM):
            best = state
            break
    if not best.good():
        return best
    part = _ROOM if best.good(_ROOM) else 1.0
    return _shortened(start, *_pruned(best, taken, after, part), after, part)


def with_parts(best: State, parts: list[Anchor], after: After) -> State:
    """The best state with each part fitted anew that makes it better."""
    taken = [Anchor((move,), 0.0) for move in best.moves.values]
    taken += [Anchor((), 0.0, name) for name in best.moves.refit]
    for part in parts:
        if part.refit not in best.moves.refit:
            state = after(_together([*taken, part]))
            if state is not None and state.rank < best.rank:
                best, taken = state, [*taken, part]
    return best


def _pruned(best: State, taken: list[Anchor], after: After, part: float) -> tuple[State, list[Anchor]]:
    """Without what is not needed; the nearest to its fit goes first."""
    for anchor in reversed(list(taken)):
        rest = [other for other in taken if other is not anchor]
        state = after(_together(rest)) if rest else None
        if state is not None and state.good(part):
            best, taken = state, rest
    return best, taken


def _shortened(start: State, best: State, taken: list[Anchor], after: After, part: float) -> State:
    """A part of the way to each anchor, the least with which all is good; in few digits where they do."""
    parameters = start.parameters

    def at(way: float) -> SetValues:
        whole = _together(taken)
        fixed = {key for anchor in taken if anchor.whole for key, _ in anchor.moves}

        def part_of(key: str, value: float) -> float:
            return value if key in fixed else parameters[key].value + way * (value - parameters[key].value)

        return replace(whole, values=tuple((key, part_of(key, value)) for key, value in whole.values))

    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        state = after(at(middle))
        if state is not None and state.good(part):
            best, high = state, middle
        else:
            low = middle
    short = replace(best.moves, values=tuple((key, typed(parameters[key], value)) for key, value in best.moves.values))
    state = after(short) if short != best.moves else None
    return state if state is not None and state.good(part) else best


def _together(taken: list[Anchor]) -> SetValues:
    """All of them in one step; what lies inside of a part that is fitted anew comes with that."""
    parts = tuple(anchor.refit for anchor in taken if anchor.refit)
    kept = [anchor for anchor in taken if not any(anchor.moves_in(part) for part in parts)]
    return SetValues(tuple(move for anchor in kept for move in anchor.moves), parts)
