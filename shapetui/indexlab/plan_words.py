"""Plans in words: what changed between two of them in one line, and a whole plan as lines that fit a terminal.

Everything is read from the facts and plans of a document, so it may be anything that JSON can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from shapetui.documents.baseline import Analysis, Scan

SAME: Final = "same plan"
_JOINS: Final = ("Nested Loop", "Hash Join", "Merge Join")
_PARALLEL: Final = ("Gather", "Gather Merge")
_CONDITIONS: Final = ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter", "Sort Key")
# A plan that is deeper is indented no further, so that its lines stay readable.
_DEEPEST: Final = 12


def same_plan(before: Analysis, after: Analysis) -> bool:
    """Whether both do the same work in the same way; how many workers were free that moment does not count."""
    return _signature(before) == _signature(after)


def plan_change(before: Analysis, after: Analysis) -> str:
    """`Seq Scan on messages → Index Scan using idx on messages, sort gone, spilled no more`; or `same plan`."""
    words = [*_scan_changes(before, after), *_join_changes(before, after), *_sort_changes(before, after)]
    if before.spilled != after.spilled:
        words.append("spills now" if after.spilled else "spilled no more")
    was, now = (any(kind in side.nodes for kind in _PARALLEL) for side in (before, after))
    if was != now:
        words.append("parallel now" if now else "parallel no more")
    if not words and not same_plan(before, after):
        words.append(f"{_chain(before)} → {_chain(after)}" if before.nodes or after.nodes else "another plan")
    if before.jit != after.jit:
        words.append("JIT now" if after.jit else "no JIT any more")
    return ", ".join(words) or SAME


def in_words(analysis: Analysis) -> str:
    """One plan alone: `Seq Scan on messages, sort (top-N heapsort), parallel`."""
    words = list(dict.fromkeys(map(_scan, _ran(analysis)))) or ([analysis.scan_type] if analysis.scan_type else [])
    words += [f"sort ({sort.method})" for sort in analysis.sorts if sort.method != "never run"]
    if not analysis.sorts and analysis.has_sort_node:
        words.append("sort")
    words += ["spills"] if analysis.spilled else []
    words += ["parallel"] if any(kind in analysis.nodes for kind in _PARALLEL) else []
    return ", ".join(words) or _chain(analysis)


def _ran(analysis: Analysis) -> list[Scan]:
    return [scan for scan in analysis.scans if scan.loops]


def _signature(analysis: Analysis) -> tuple[object, ...]:
    scans = [(scan.relation, scan.node_type, scan.index) for scan in _ran(analysis)]
    return tuple(analysis.nodes), tuple(scans), analysis.index_name, analysis.has_sort_node, analysis.spilled


def _scan(scan: Scan) -> str:
    return f"{scan.node_type}{f' using {scan.index}' if scan.index else ''} on {scan.relation}"


def _scan_changes(before: Analysis, after: Analysis) -> Iterator[str]:
    """Relation by relation; `on messages` is said once where both sides read it."""
    sides = _by_relation(before), _by_relation(after)
    for relation in dict.fromkeys([*sides[0], *sides[1]]):
        was, now = (side.get(relation) for side in sides)
        if was == now:
            continue
        if was is None or now is None:
            yield f"{now or was} on {relation}{'' if was is None else ' gone'}"
        else:
            yield f"{was} on {relation} → {now}"
    if not before.scans and not after.scans and before.scan_type != after.scan_type:
        # A file of the original knows one scan only.
        one, other = (
            f"{side.scan_type or 'no index'}{f' using {side.index_name}' if side.index_name else ''}"
            for side in (before, after)
        )
        yield f"{one} → {other}"


def _by_relation(analysis: Analysis) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for scan in _ran(analysis):
        words = f"{scan.node_type}{f' using {scan.index}' if scan.index else ''}"
        kinds = found.setdefault(scan.relation, [])
        if words not in kinds:
            kinds.append(words)
    return {relation: " and ".join(kinds) for relation, kinds in found.items()}


def _join_changes(before: Analysis, after: Analysis) -> Iterator[str]:
    was, now = ([node for node in side.nodes if node in _JOINS] for side in (before, after))
    if was != now:
        if was and now:
            yield f"{_listed(was)} → {_listed(now)}"
        else:
            yield f"{_listed(was)} gone" if was else f"{_listed(now)} now"


def _sort_changes(before: Analysis, after: Analysis) -> Iterator[str]:
    if before.has_sort_node and not after.has_sort_node:
        yield "sort gone"
    elif after.has_sort_node and not before.has_sort_node:
        yield "sorts now"
    else:
        was, now = (all(sort.incremental for sort in side.sorts) for side in (before, after))
        if before.sorts and after.sorts and was != now:
            yield "sorts in groups now" if now else "sorts the whole now"


def _listed(nodes: Sequence[str]) -> str:
    counted = [(node, nodes.count(node)) for node in dict.fromkeys(nodes)]
    return " and ".join(node if times == 1 else f"{times} × {node}" for node, times in counted)


def _chain(analysis: Analysis) -> str:
    return " / ".join(analysis.nodes) if analysis.nodes else analysis.scan_type or "no scan"


def plan_lines(plan: Mapping[str, Any]) -> list[str]:
    """A plan as lines, children indented: node, rows found (and expected), pages, and conditions below it."""
    root = plan.get("Plan")
    return list(_lines(root, 0)) if isinstance(root, dict) else []


def _lines(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * min(depth, _DEEPEST)
    yield f"{indent}{_title(node)}  {', '.join(_numbers(node))}".rstrip()
    for key in _CONDITIONS:
        if key in node:
            value = node[key]
            yield f"{indent}    {key}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
    children = node.get("Plans")
    for child in children if isinstance(children, list) else ():
        if isinstance(child, dict):
            yield from _lines(child, depth + 1)


def _title(node: Mapping[str, Any]) -> str:
    words = [f"{node['Subplan Name']}:"] if "Subplan Name" in node else []
    words += ["Parallel"] if node.get("Parallel Aware") is True else []
    words.append(str(node.get("Node Type", "?")))
    words += ["Backward"] if node.get("Scan Direction") == "Backward" else []
    words += [f"using {node['Index Name']}"] if "Index Name" in node else []
    words += [f"on {node['Relation Name']}"] if "Relation Name" in node else []
    return " ".join(words)


def _numbers(node: Mapping[str, Any]) -> Iterator[str]:
    loops = _number(node, "Actual Loops")
    if loops == 0:
        yield "never run"
        return
    rows, expected = _number(node, "Actual Rows"), _number(node, "Plan Rows")
    if rows is not None:
        yield f"rows {rows:,.0f}" + (f" ({expected:,.0f} expected)" if expected is not None else "")
    if loops is not None and loops != 1:
        yield f"{loops:,.0f} loops"
    hit, read = _number(node, "Shared Hit Blocks"), _number(node, "Shared Read Blocks")
    if hit is not None or read is not None:
        yield f"{(hit or 0) + (read or 0):,.0f} pages"
    removed = _number(node, "Rows Removed by Filter")
    if removed:
        yield f"{removed:,.0f} thrown away"
    fetches = _number(node, "Heap Fetches")
    if fetches:
        yield f"{fetches:,.0f} heap fetches"
    if "Sort Method" in node:
        space = _number(node, "Sort Space Used")
        where = " on disk" if node.get("Sort Space Type") == "Disk" else ""
        yield f"{node['Sort Method']}" + (f" {space:,.0f} kB{where}" if space is not None else "")
    time = _number(node, "Actual Total Time")
    if time is not None:
        yield f"{time:,.3f} ms"


def _number(node: Mapping[str, Any], key: str) -> float | None:
    value = node.get(key)
    # A whole number of a file may have more digits than a float can hold.
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if known else None  # type: ignore[arg-type]
