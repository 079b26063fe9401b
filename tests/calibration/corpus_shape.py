"""Shapes of the real corpora and of any chat, made in memory with the disclosure rule k = 11, without a database."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shapetui.demo.corpus import read_messages
from shapetui.distributions.histogram import Histogram
from shapetui.distributions.week import hour_of_week
from shapetui.documents.labels import labelled
from shapetui.documents.shape import (
    PERCENTILES,
    Conversations,
    ConversationType,
    Messages,
    MessageType,
    Shape,
    SizePercentiles,
    Users,
)

Integers = NDArray[np.int64]
_K = 11


def real_data_folder() -> Path:
    """The folder of the real corpora; skips the test where they are not there."""
    named = os.environ.get("SHAPETUI_REAL_DATA")
    folder = Path(named) if named else Path(__file__).parents[2].parent / "shared" / "data"
    if not (folder / "lean_zulip.csv.gz").is_file():
        pytest.skip(f"no real chat data in {folder}; name its folder in SHAPETUI_REAL_DATA")
    return folder


def protected_cells(values: Integers) -> dict[str, int]:
    """Counts in the fixed bins; a cell with fewer than k values is joined with its nearer neighbour."""
    kept = [list(cell) for cell in Histogram.of_values(values).cells()]
    while len(kept) > 1 and min(count for _, _, count in kept) < _K:
        index = min(range(len(kept)), key=lambda i: (kept[i][2], -kept[i][0]))
        left = kept[index][0] - kept[index - 1][1] if index else 10**18
        right = kept[index + 1][0] - kept[index][1] if index + 1 < len(kept) else 10**18
        first = index if right < left else index - 1
        one, other = kept[first : first + 2]
        kept[first : first + 2] = [[one[0], other[1], one[2] + other[2]]]
    return labelled((lo, hi, count) for lo, hi, count in kept) if kept and kept[0][2] >= _K else {}


def percentiles(sizes: Integers) -> SizePercentiles:
    """`sorted[floor((n - 1) p)]`, and the maximum."""
    ordered = np.sort(sizes)
    found = {name: int(ordered[int((ordered.size - 1) * p)]) for name, p in PERCENTILES.items()}
    return SizePercentiles(**found, max=int(ordered[-1]))


def shape_of(
    sizes: dict[str, Integers], lengths: dict[str, Integers], *, users: int = 1000, hours: list[int] | None = None
) -> Shape:
    """The shape of a chat: messages per conversation by conversation type, characters by message type."""
    every = np.concatenate(list(sizes.values()))
    characters = np.concatenate(list(lengths.values()))
    return Shape(
        extracted_at="2026-01-01T00:00:00Z",
        sample_window_days=30,
        privacy_level="ANONYMIZED_SHAPE_ONLY",
        users=Users(total_count=users),
        conversations=Conversations(
            total_count=every.size,
            type_distribution={label: values.size for label, values in sizes.items()},
            messages_per_conversation_percentiles=percentiles(every),
            messages_per_conversation_mean=float(every.mean()),
            messages_per_conversation_cells=protected_cells(every),
            by_type={
                label: ConversationType(
                    total_count=values.size,
                    message_count=int(values.sum()),
                    messages_per_conversation_cells=protected_cells(values),
                )
                for label, values in sizes.items()
            },
        ),
        messages=Messages(
            total_count=int(every.sum()),
            type_distribution={label: values.size for label, values in lengths.items()},
            content_length_mean=float(characters.mean()),
            content_length_median=int(np.median(characters)),
            content_length_cells=protected_cells(characters),
            by_type={
                label: MessageType(
                    total_count=values.size,
                    content_length_mean=float(values.mean()),
                    content_length_cells=protected_cells(values),
                )
                for label, values in lengths.items()
            },
            hour_of_week=hours or [],
        ),
        schema_version=2,
    )


@cache
def corpus_shape(name: str) -> Shape:
    """The shape of one of the real corpora; skips where it is not there."""
    log = read_messages(real_data_folder() / f"{name}.csv.gz")
    sizes, kind = log.conversation_sizes(), log.conversation_type
    return shape_of(
        {label: sizes[kind == index] for index, label in enumerate(log.conversation_types)},
        {
            label: log.content_length[log.message_type == index].astype(np.int64)
            for index, label in enumerate(log.message_types)
        },
        users=log.users,
        hours=np.bincount(hour_of_week(log.sent_at), minlength=168).tolist(),
    )
