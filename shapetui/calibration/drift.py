"""Two releases of a shape in parameter space: the generator calibrated to each, parameter by parameter, with its noise.

The noise is that of two independent samples. Sizes and types of conversations are as many draws as there are
conversations; messages of one conversation are alike, so they count as fewer (`fidelity.noise`). What a standard error
of alpha does not hold is the choice of xmin: where that differs, both tails are fitted once more from a common start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shapetui.distributions import powerlaw
from shapetui.distributions.histogram import Histogram
from shapetui.documents.config import Config, ConversationModel, LengthModel
from shapetui.documents.drift import ParameterChange, ParameterKind
from shapetui.documents.shape import Shape
from shapetui.fidelity import laws, noise
from shapetui.fidelity.measures import sizes_of

# As the gate: an honest copy stays within two noises.
_BEYOND: Final = 2.0
# A tail of one cell has no slope.
_FEWEST_CELLS: Final = 2


@dataclass(frozen=True)
class _Value:
    """A parameter of one side and its standard error, as far as that is known."""

    value: float
    error: float | None = None


@dataclass(frozen=True)
class _Side:
    """A shape, and the config that was calibrated to it."""

    shape: Shape
    config: Config

    @property
    def rooms(self) -> Mapping[str, ConversationModel]:
        """Conversation types."""
        return self.config.conversation_generation.by_type

    @property
    def texts(self) -> Mapping[str, LengthModel]:
        """Message types."""
        return self.config.message_generation.by_type

    def sizes(self, label: str) -> Histogram:
        """What the sizes of a type were fitted to; empty for a shape without cells, whose fits have no errors."""
        return laws.type_sizes(self.shape).get(label) or sizes_of(self.shape)

    def messages(self, count: int, likeness: float) -> float:
        """How many independent ones so many messages count as."""
        law = laws.size_law(self.shape)
        return count / noise.design_effect(law, likeness) if law else float(self.shape.conversations.total_count)


def parameter_changes(old: Shape, new: Shape, old_config: Config, new_config: Config) -> list[ParameterChange]:
    """Every parameter of either side, conversation types first; `*_config` is what `calibrate` makes of the shape."""
    one, other = _Side(old, old_config), _Side(new, new_config)
    found: list[ParameterChange] = []
    for label in dict.fromkeys([*one.rooms, *other.rooms]):
        found.append(_change("conversation weight", label, _weight(one, label), _weight(other, label)))
        found += _tails(label, one, other)
    for label in dict.fromkeys([*one.texts, *other.texts]):
        found.append(_change("message weight", label, _message_weight(one, label), _message_weight(other, label)))
        found.append(_change("mu", label, _mu(one, label), _mu(other, label)))
        found.append(_change("sigma", label, _sigma(one, label), _sigma(other, label)))
    return [change for change in found if change.old is not None or change.new is not None]


def _change(
    kind: ParameterKind,
    label: str,
    old: _Value | None,
    new: _Value | None,
    *,
    start: int | None = None,
    comparable: bool = True,
) -> ParameterChange:
    floor = beyond = None
    if comparable and old and new and old.error is not None and new.error is not None:
        floor = math.hypot(old.error, new.error)
        beyond = abs(new.value - old.value) > _BEYOND * floor
    return ParameterChange(
        kind=kind,
        label=label,
        old=old.value if old else None,
        new=new.value if new else None,
        old_error=old.error if old else None,
        new_error=new.error if new else None,
        noise=floor,
        beyond=beyond,
        start=start,
    )


def _tails(label: str, one: _Side, other: _Side) -> Iterator[ParameterChange]:
    """xmin, alpha and tail share of a type, and the last two once more from a common start where the xmin differ."""
    tails = [model.tail if (model := side.rooms.get(label)) else None for side in (one, other)]
    starts = [_Value(tail.xmin) if tail else None for tail in tails]
    same = starts[0] == starts[1]
    yield _change("xmin", label, *starts)
    yield _change("alpha", label, _alpha(one, label), _alpha(other, label), comparable=same)
    yield _change("tail share", label, _tail_share(one, label), _tail_share(other, label), comparable=same)
    if same or not tails[0] or not tails[1]:
        return
    cells = one.sizes(label), other.sizes(label)
    start = _common_start(cells, max(tails[0].xmin, tails[1].xmin))
    if start is None:
        return
    above = [side.from_value(start).without_empty() for side in cells]
    if not any(side.total for side in above):
        return
    if all(side.lo.size >= _FEWEST_CELLS for side in above):
        fits = [powerlaw.fit(side) for side in above]
        yield _change("alpha", label, *(_Value(fit.alpha, _finite(fit.standard_error)) for fit in fits), start=start)
    shares = [_share(side.total / whole.total, whole.total) for side, whole in zip(above, cells, strict=True)]
    yield _change("tail share", label, *shares, start=start)


def _common_start(cells: tuple[Histogram, Histogram], xmin: int) -> int | None:
    """The smallest size from `xmin` on at which a cell of both sides begins, so that both tails are cut there."""
    if not cells[0].total or not cells[1].total:
        return None
    edges = laws.common(*cells).edges
    later = edges[edges >= xmin - 1]
    return int(later[0]) + 1 if later.size else None


def _alpha(side: _Side, label: str) -> _Value | None:
    model = side.rooms.get(label)
    if model is None or model.tail is None:
        return None
    error = model.fit.alpha_standard_error if model.fit and side.sizes(label).total else None
    return _Value(float(model.tail.alpha), None if error is None else float(error))


def _tail_share(side: _Side, label: str) -> _Value | None:
    model = side.rooms.get(label)
    return _share(float(model.tail.share), side.sizes(label).total) if model and model.tail else None


def _weight(side: _Side, label: str) -> _Value | None:
    model = side.rooms.get(label)
    return _share(float(model.share), side.shape.conversations.total_count) if model else None


def _message_weight(side: _Side, label: str) -> _Value | None:
    model = side.texts.get(label)
    if model is None:
        return None
    return _share(float(model.share), side.messages(side.shape.messages.total_count, noise.TYPE_LIKENESS))


def _mu(side: _Side, label: str) -> _Value | None:
    model = side.texts.get(label)
    if model is None or model.mu is None:
        return None
    return _Value(float(model.mu), _length_error(side, label, model))


def _sigma(side: _Side, label: str) -> _Value | None:
    model = side.texts.get(label)
    if model is None or model.sigma is None:
        return None
    error = _length_error(side, label, model)
    return _Value(float(model.sigma), None if error is None else error / math.sqrt(2))


def _length_error(side: _Side, label: str, model: LengthModel) -> float | None:
    """Standard error of the mean logarithm of a type's lengths; that of its deviation is smaller by sqrt 2."""
    cells = laws.type_lengths(side.shape).get(label)
    if cells is None or model.sigma is None:
        return None
    return float(model.sigma) / math.sqrt(max(side.messages(cells.total, noise.LENGTH_LIKENESS), 1.0))


def _share(value: float, draws: float) -> _Value:
    """A share of so many independent draws."""
    return _Value(value, math.sqrt(max(value * (1 - value), 0.0) / draws) if draws > 0 else None)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
