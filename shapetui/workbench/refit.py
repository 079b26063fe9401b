"""Parts of a config that no parameter moves, taken anew from the shape: the hours, the sizes or lengths of a type.

A part is named as `hours`, `sizes LABEL` or `lengths LABEL`; without labels, `sizes` and `lengths` are those of a
config of the original kind, which has none by type.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from shapetui.documents.config import Config, ConversationGeneration, MessageGeneration
from shapetui.documents.identity import Same
from shapetui.documents.shape import Shape
from shapetui.errors import PlanError
from shapetui.workbench.parameters import Kind, weights_of

HOURS: Final = "hours"
_SIZES, _LENGTHS = "sizes", "lengths"
# The kinds of parameters that a part has inside.
INSIDE: Final[dict[str, tuple[str, ...]]] = {
    _SIZES: ("alpha", "xmin", "xmax", "tail share"),
    _LENGTHS: ("mu", "sigma"),
    HOURS: (),
}
# The time of a calibration is no parameter.
_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def differing(config: Config, shape: Shape) -> list[str]:
    """The parts that a calibration of the shape has otherwise, and has at all."""
    try:
        fresh = _calibrated(Same(shape))
    except PlanError:
        return []
    sizes, lengths = _parts(config, fresh, _SIZES), _parts(config, fresh, _LENGTHS)
    found = [HOURS] if config.message_generation.temporal != fresh.message_generation.temporal else []
    return found + [name for name in (*sizes, *lengths) if refitted(config, shape, (name,)) != config]


def parts_changed(before: Config, after: Config) -> tuple[str, ...]:
    """The parts of a config that are other ones, beyond what its parameters tell."""
    found = [HOURS] if before.message_generation.temporal != after.message_generation.temporal else []
    old, new = before.conversation_generation.by_type, after.conversation_generation.by_type
    if new and not old:
        found.append(_SIZES)
    for label in old.keys() & new.keys():
        one, other = old[label], new[label]
        # A moved xmin moves the end of the body, and is a parameter.
        same_start = (one.tail.xmin if one.tail else None) == (other.tail.xmin if other.tail else None)
        if one.body_cells != other.body_cells and (same_start or not (one.tail and other.tail)):
            found.append(f"{_SIZES} {label}")
    first, second = before.message_generation.by_type, after.message_generation.by_type
    if second and not first:
        found.append(_LENGTHS)
    for label in first.keys() & second.keys():
        if (first[label].model, first[label].cells) != (second[label].model, second[label].cells):
            found.append(f"{_LENGTHS} {label}")
    return tuple(sorted(found))


def refitted(config: Config, shape: Shape | None, names: tuple[str, ...]) -> Config:
    """The config with these parts as a calibration of the shape has them; shares of types stay as they are.

    Raises PlanError without a shape, for a part that there is not, and where nothing can be fitted.
    """
    if not names:
        return config
    if shape is None:
        raise PlanError("nothing can be fitted anew without the shape", "load that shape (screen 1)")
    fresh = _calibrated(Same(shape))
    conversations, messages = config.conversation_generation, config.message_generation
    known = {HOURS, *_parts(config, fresh, _SIZES), *_parts(config, fresh, _LENGTHS)}
    for name in names:
        kind, _, label = name.partition(" ")
        if name not in known:
            raise PlanError(f"no part {name[:80]} of this config can be fitted to this shape", "")
        if name == HOURS:
            temporal = fresh.message_generation.temporal
            messages = messages.model_copy(update={"temporal": temporal})
        elif kind == _SIZES:
            conversations = _sizes(config, conversations, fresh, label)
        else:
            messages = _lengths(config, messages, fresh, label)
    return config.model_copy(update={"conversation_generation": conversations, "message_generation": messages})


@lru_cache(maxsize=4)
def _calibrated(shape: Same[Shape]) -> Config:
    # Imported here: a session that never asks need not wait for it.
    from shapetui.calibration.calibrate import calibrate

    return calibrate(shape.it, "the shape", _ANY_TIME)


def _parts(config: Config, fresh: Config, kind: str) -> list[str]:
    weight: Kind = "conversation weight" if kind == _SIZES else "message weight"
    own, other = _labels(config, kind), _labels(fresh, kind)
    if own:
        return [f"{kind} {label}" for label in own if label in other]
    # The original's files name types that they have none of.
    wanted = [label for label, share in weights_of(config, weight).items() if share > 0]
    return [kind] if set(wanted) <= set(other) else []


def _labels(config: Config, kind: str) -> list[str]:
    return list(config.conversation_generation.by_type if kind == _SIZES else config.message_generation.by_type)


def _sizes(config: Config, block: ConversationGeneration, fresh: Config, label: str) -> ConversationGeneration:
    other = fresh.conversation_generation
    shares = weights_of(config, "conversation weight")
    # A type that there is none of may be shaped like any.
    known = {name: other.by_type.get(name) or next(iter(other.by_type.values())) for name in shares}
    chosen = [label] if label else list(shares)
    models = block.by_type | {name: known[name].model_copy(update={"share": shares[name]}) for name in chosen}
    largest = max([model.tail.xmax for model in models.values() if model.tail], default=1)
    law = block.messages_per_conversation
    law = law.model_copy(update={"max": max(largest, law.max, law.min, 1)})
    return block.model_copy(update={"by_type": models, "messages_per_conversation": law})


def _lengths(config: Config, block: MessageGeneration, fresh: Config, label: str) -> MessageGeneration:
    shares = weights_of(config, "message weight")
    other = fresh.message_generation.by_type
    known = {name: other.get(name) or next(iter(other.values())) for name in shares}
    chosen = [label] if label else list(shares)
    models = block.by_type | {name: known[name].model_copy(update={"share": shares[name]}) for name in chosen}
    return block.model_copy(update={"by_type": models})
