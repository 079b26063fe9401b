"""What the Run screen says: the plan, the job that runs, what was done."""

from __future__ import annotations

from pathlib import PurePath
from textwrap import wrap
from typing import Any

from rich.text import Text

from shapetui.documents.report import GenerationReport
from shapetui.progress import Progress
from shapetui.tui.overlay import Glyphs
from shapetui.tui.shown import Shown
from shapetui.tui.texts.words import CHECK_STYLES, VERDICT_STYLES, duration, fitted_name, visible
from shapetui.workbench.jobnews import JobNews

# What a message takes on disk with its row, its index entry and its share of the other tables; measured on real data
# with lengths around 200 characters. The text is added.
_BYTES_PER_MESSAGE = 230
# Messages per second that two shared cores write; only to say how long it may take before anything was measured here.
_ROWS_PER_SECOND = 200_000
# Smaller runs are mostly their beginning and their end.
_TELLING = 100_000
_TWO_COLUMNS = 60


def plan(shown: Shown, width: int) -> Text:
    """What would be generated."""
    text = Text(no_wrap=True, overflow="ellipsis")
    bench = shown.workbench
    if bench is None:
        return text
    draft, expected = bench.draft, bench.expected
    length = expected.shape.messages.content_length_mean if expected else None
    size = draft.target * (_BYTES_PER_MESSAGE + float(length or 0)) / 1e9
    rate = _last_rate(shown)
    config = ("● " if bench.unsaved else "") + _name(draft.config_path)
    rooms = f"{expected.shape.conversations.total_count:,} conversations" if expected else "–"
    verdict = expected.verdict if expected is not None and expected.verdict else ""
    rows = [
        ("database", shown.synthetic_label, ""),
        ("messages", f"{draft.target:,}", ""),
        ("seed", draft.seed or "the default", ""),
        ("tolerance", f"{draft.tolerance:.2f}", ""),
        ("config", config, ""),
        ("shape", _name(draft.shape_path), ""),
        ("expected", rooms, ""),
        ("takes", f"about {size:,.1f} GB, {duration(draft.target / rate)}", ""),
        (
            "verdict",
            f"{verdict} {expected.passed} of 4" if expected and verdict else "–",
            VERDICT_STYLES.get(verdict, ""),
        ),
    ]
    if expected and (decision := expected.checks.decision) is not None:
        rows.append(("checks", decision, CHECK_STYLES[decision]))
    # Where it is wide it is low: two columns.
    columns = 2 if width >= _TWO_COLUMNS else 1
    for index, (name, value, style) in enumerate(rows):
        room = width // columns - 11
        text.append(f"{name:<11}", "dim").append(fitted_name(value, max(8, room - 1)), style)
        text.append(" " if (index + 1) % columns else "\n")
    return text


def _last_rate(shown: Shown) -> float:
    """Messages per second of the newest run in the folder."""
    runs = [
        (entry.stamp, entry.document.performance.messages_per_second)
        for entry in shown.entries
        if isinstance(entry.document, GenerationReport) and entry.document.counts.messages >= _TELLING
    ]
    return float(max(runs)[1]) if runs else _ROWS_PER_SECOND


def _name(path: str | None) -> str:
    return PurePath(path).name.removesuffix(".json") if path else "none"


def job(news: JobNews[Any] | None, width: int, height: int, glyphs: Glyphs) -> Text:
    """A job's phases with bars, rate and time left; how it ended."""
    if news is None:
        return Text("no job yet\n\ng generates, v validates, r does both, l goes on until PASS", "dim")
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(news.name, "bold").append(f"  {visible(news.database)}  {duration(news.seconds)}\n\n", "dim")
    for phase in news.phases[-max(3, height - 8) :]:
        text.append_text(_phase(phase, news, width, glyphs)).append("\n")
    if news.running:
        if any(line.endswith("  cancel") for line in news.log):
            text.append("\n  cancelling …\n", "bold")
            return text
        counts_rows = not next((phase.note for phase in news.phases if phase.phase == news.phase), "")
        said = f"{news.rate:,.0f} rows/s" if news.rate and counts_rows else "…"
        said += f"   {duration(news.eta)} left" if news.eta is not None else ""
        text.append(f"\n  {said}\n").append("  x", "bold").append(" cancels\n", "dim")
        return text
    word = {"done": "DONE", "failed": "FAILED", "cancelled": "CANCELLED"}[news.outcome]
    text.append(f"\n{word}\n", "bold green" if news.outcome == "done" else "bold red")
    # What is in the database must be read whole, however long it is.
    for said, style in ((news.message, ""), (news.hint, "dim")):
        for line in wrap(visible(said), max(20, width)):
            text.append(f"{line}\n", style)
    return text


def _phase(phase: Progress, news: JobNews[Any], width: int, glyphs: Glyphs) -> Text:
    """A line of a phase: under way with a bar, ended with what it came to."""
    unfinished = phase.total is not None and phase.done < phase.total
    under_way = news.running and (unfinished or phase.phase == news.phase)
    ended = "·" if unfinished else "✓"
    line = Text()
    line.append("▸ " if under_way else f"{ended} ", "bold" if under_way else "green" if ended == "✓" else "dim")
    name = fitted_name(phase.phase, min(30, max(12, width - 44)))
    line.append(name, "bold" if under_way else "")
    if not under_way or phase.total is None:
        return line.append(f"{phase.done:>13,}" if phase.done else "").append(
            visible(phase.note) if under_way else "", "dim"
        )
    line.append(f"{phase.done:>13,} / {phase.total:,}  ")
    if phase.note:
        # What is counted are no rows but steps, which take as long as they take: a bar of them would tell nothing.
        return line.append(visible(phase.note), "dim")
    room = width - line.cell_len - 6
    if room >= 6:
        full, empty = ("#", "-") if glyphs.name == "ascii" else ("━", "─")
        cells = round(min(1.0, phase.done / max(phase.total, 1)) * min(room, 30))
        line.append(full * cells).append(empty * (min(room, 30) - cells), "dim")
    return line.append(f" {min(1.0, phase.done / max(phase.total, 1)):>4.0%}")


def log(shown: Shown, height: int) -> Text:
    """The latest lines of what was done."""
    if not shown.log:
        return Text("nothing yet in this session", "dim")
    return Text("\n".join(visible(line) for line in shown.log[-height:]), no_wrap=True, overflow="ellipsis")
