"""`shapetui show COMPARISON`: the verdict with its reasons, what differs, bars per query and stratum, the indexes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.show_checks import STYLES
from shapetui.cli.show_index_bars import (
    STATUS_STYLES,
    STATUS_WORDS,
    Scales,
    bars,
    interval_words,
    megabytes,
    milliseconds,
    ratio_words,
    scales_of,
)
from shapetui.cli.show_numbers import UNKNOWN, count
from shapetui.cli.show_tables import facts, heading, row, table
from shapetui.documents.comparison import Comparison, Effect, Improvement, IndexEffect, Ratio, StratumComparison

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_REASON_STYLES: Final = {**STYLES, "CAUTION": "bold yellow"}


def comparison_view(path: Path, comparison: Comparison) -> list[list[RenderableType]]:
    """The sections of a comparison: what makes it doubtful first, then the verdict, then the numbers."""
    shared = scales_of(comparison.improvements)
    return [
        [
            heading("Comparison", str(path)),
            facts(
                {
                    "before": comparison.pre_baseline,
                    "between": ", ".join(comparison.between),
                    "after": comparison.post_baseline,
                    "compared": comparison.compared_at,
                }
            ),
        ],
        _differences(comparison),
        _verdict(comparison),
        [heading("the queries", "on the hottest conversation"), _queries(comparison)],
        *_strata(comparison, shared),
        [heading("writes", "rolled back, so without the commit"), _writes(comparison.write_costs)]
        if comparison.write_costs
        else [],
        [heading("the indexes", _index_sizes(comparison)), *_indexes(comparison.indexes)] if comparison.indexes else [],
        _mitigations(comparison),
        [heading("not compared"), *(literal(f"• {said}") for said in comparison.skipped)] if comparison.skipped else [],
    ]


def _differences(comparison: Comparison) -> list[RenderableType]:
    found = comparison.differences
    if not found:
        return []
    doubtful = sum(difference.incomparable for difference in found)
    note = "" if doubtful else "none that makes the numbers incomparable"
    made = table("", "before", "after", "", left=("before", "after", ""))
    for difference in found:
        mark = literal("not comparable", "bold yellow") if difference.incomparable else literal("")
        row(made, difference.what, difference.before, difference.after, mark)
    return [heading("what differs beside the indexes", note), made]


def _verdict(comparison: Comparison) -> list[RenderableType]:
    summary = comparison.summary
    line = literal(summary.go_no_go, STYLES.get(summary.go_no_go, ""))
    line.append_text(literal(f"   {summary.rationale}"))
    reasons = [reason for reason in summary.reasons if not (reason.says == summary.go_no_go and reason.says != "GO")]
    parts: list[RenderableType] = [line]
    for reason in reasons:
        if reason.says == summary.go_no_go:
            continue
        said = literal("• ")
        said.append_text(literal(reason.says, _REASON_STYLES.get(reason.says, "")))
        said.append_text(literal(f" {reason.text}"))
        parts.append(said)
    machine = summary.unchanged_times
    if machine is not None:
        parts.append(literal(f"  queries that did the same work took {_times(machine)}: that is the machine", "dim"))
    return parts


def _times(ratio: Ratio) -> str:
    return f"× {ratio.value:.2f} ({interval_words(ratio)})"


def _queries(comparison: Comparison) -> Table:
    made = table("query", "says", "before", "after", "saves", "target", "after / before", left=("says",))
    for found in comparison.improvements:
        stratum = found.strata[0] if found.strata else None
        row(
            made,
            found.query_name,
            literal(STATUS_WORDS[found.status], STATUS_STYLES[found.status]),
            milliseconds(found.pre_time_ms),
            milliseconds(found.post_time_ms),
            ratio_words(stratum.time) if stratum is not None else UNKNOWN,
            _target(found),
            interval_words(stratum.time) if stratum is not None else UNKNOWN,
        )
    return made


def _target(found: Improvement) -> Text:
    if found.target_ms is None:
        return literal("")
    missed = found.post_time_ms > found.target_ms
    return literal(f"{'>' if missed else '<'} {found.target_ms:g}", "bold red" if missed else "")


def _strata(comparison: Comparison, shared: Scales) -> list[list[RenderableType]]:
    sections: list[list[RenderableType]] = []
    for found in comparison.improvements:
        if not found.strata:
            continue
        title = heading(found.query_name)
        title.append_text(literal(f"   {STATUS_WORDS[found.status]}", STATUS_STYLES[found.status]))
        if found.decided_by is not None and found.decided_by != found.strata[0].stratum:
            title.append_text(literal(f" on {found.decided_by}", STATUS_STYLES[found.status]))
        sections.append([title, *_plan_lines(found), bars(found, shared)])
    if sections:
        sections[0].insert(0, literal(shared.note(), "dim"))
    return sections


def _plan_lines(found: Improvement) -> list[Text]:
    """What happened to the plan, strata with the same words together; notes below them."""
    by_words: dict[str, list[str]] = {}
    for stratum in found.strata:
        by_words.setdefault(stratum.plan_change, []).append(stratum.stratum)
    lines = [
        literal(f"  {words}" if len(by_words) == 1 else f"  {', '.join(names)}: {words}")
        for words, names in by_words.items()
        if words
    ]
    return lines + [literal(f"  {s.stratum}: {s.note}", "dim") for s in found.strata if s.note]


def _writes(writes: list[Improvement]) -> Table:
    made = table("write", "stratum", "ms before", "after", "pages before", "after", "WAL", left=("stratum",))
    for found in writes:
        for index, stratum in enumerate(found.strata):
            name = "" if index else found.query_name
            row(
                made,
                name,
                stratum.stratum,
                milliseconds(stratum.pre_time_ms),
                milliseconds(stratum.post_time_ms),
                count(stratum.pre_pages),
                count(stratum.post_pages),
                _wal(stratum),
            )
    return made


def _wal(stratum: StratumComparison) -> Text:
    before, after = stratum.pre_wal_bytes, stratum.post_wal_bytes
    if not before or after is None:
        return literal(UNKNOWN)
    return literal(ratio_words(Ratio(value=after / before)))


def _index_sizes(comparison: Comparison) -> str:
    before, after = comparison.summary.pre_index_bytes, comparison.summary.post_index_bytes
    return f"all of them {megabytes(before)} before, {megabytes(after)} after" if before and after else ""


def _indexes(indexes: list[IndexEffect]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for index in indexes:
        line = literal("• ")
        if index.verdict is not None:
            line.append_text(literal(f"{index.verdict} ", STYLES.get(index.verdict, "")))
        line.append_text(literal(index.name, "bold"))
        line.append_text(literal(f"  {index.change}, {megabytes(index.bytes)}"))
        parts.append(line)
        parts.append(literal(f"  {index.definition}", "dim"))
        if index.reason:
            parts.append(literal(f"  {index.reason}"))
        elif index.change == "removed":
            names = ", ".join(use.query_name for use in index.used_by)
            parts.append(literal(f"  before it was used by {names or 'no query'}"))
        parts += [literal(f"  alone: {_alone(effect)}") for effect in index.alone or ()]
    return parts


def _alone(effect: Effect) -> str:
    """Of a write the pages only: its time is mostly the machine's."""
    words = [f"{milliseconds(effect.pre_time_ms)} → {milliseconds(effect.post_time_ms)} ms"]
    words = words if effect.kind == "read" else []
    return f"{effect.query_name} {', '.join([*words, f'{count(effect.pre_pages)} → {count(effect.post_pages)} pages'])}"


def _mitigations(comparison: Comparison) -> list[RenderableType]:
    if not comparison.mitigations:
        return []
    names = {found.query_id: found.query_name for found in [*comparison.improvements, *comparison.write_costs]}
    lines: list[RenderableType] = [
        literal(f"• {names.get(found.query_id, found.query_id)}: {found.issue}; {found.recommendation}")
        for found in comparison.mitigations
    ]
    return [heading("what is left"), *lines]
