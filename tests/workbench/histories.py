"""A small chat history as a CSV file, for demos that are to take a second: the demo's own is far larger."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from shapetui.demo.corpus import COLUMNS

_BEGIN = datetime(2025, 3, 1, tzinfo=UTC)


def small_history(path: Path) -> Path:
    """Some 6,000 messages of 60 people in 400 rooms, a few of them large, over four weeks."""
    random = np.random.default_rng(20250301)
    sizes = np.minimum((random.pareto(1.2, 400) * 4).astype(int) + 1, 400)
    rows = []
    for room, size in enumerate(sizes.tolist()):
        members = random.choice(60, 2 + room % 5, replace=False).tolist()
        for minute in sorted(random.integers(0, 28 * 1440, size).tolist()):
            sender = f"u{members[int(random.integers(len(members)))]}"
            length = int(np.exp(random.normal(3.4, 1.0))) + 1
            sent_at = (_BEGIN + timedelta(minutes=minute)).isoformat()
            kind = "DIRECT_MESSAGE" if room % 5 == 0 else "GROUP_CHAT"
            rows.append((f"r{room}", kind, sender, "TEXT", length, sent_at))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path
