"""What `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says, read from every node of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shapetui.documents.baseline import Analysis, Buffers, Scan, Sort, Wal

Node = Mapping[str, Any]

# Nodes that hold a condition hold values of parameters; names and types never do.
_CONDITIONS: Final = re.compile(r"(Cond|Filter|Key|Keys|Call|Output|Item|Method)$")
_SORTS: Final = ("Sort", "Incremental Sort")
_SOURCES: Final = ("Relation Name", "CTE Name", "Function Name", "Table Function Name", "Tuplestore Name")


@dataclass(frozen=True)
class Explained:
    """One run: times in milliseconds, pages of the root, rows, and the plan as the server wrote it."""

    execution_ms: float
    planning_ms: float
    buffers: Buffers
    wal: Wal | None
    rows: float
    plan: dict[str, Any]


def explained(found: Mapping[str, Any]) -> Explained:
    """Reads the one object of the array that the server answers with."""
    root: Node = found["Plan"]
    return Explained(
        execution_ms=float(found.get("Execution Time", 0.0)),
        planning_ms=float(found.get("Planning Time", 0.0)),
        buffers=buffers(root),
        wal=_wal(root),
        rows=_rows(_counted(root)),
        plan=dict(found),
    )


def _counted(root: Node) -> Node:
    """The node whose rows are what was done: a write without RETURNING gives none back, its child counts them."""
    if root.get("Node Type") == "ModifyTable" and not root.get("Actual Rows") and root.get("Plans"):
        child: Node = root["Plans"][0]
        return child
    return root


def buffers(node: Node) -> Buffers:
    """Pages that a node and everything below it touched; the server has added them up."""
    return Buffers(
        shared_hit=node.get("Shared Hit Blocks", 0),
        shared_read=node.get("Shared Read Blocks", 0),
        shared_dirtied=node.get("Shared Dirtied Blocks", 0),
        shared_written=node.get("Shared Written Blocks", 0),
        temp_read=node.get("Temp Read Blocks", 0),
        temp_written=node.get("Temp Written Blocks", 0),
    )


def _wal(node: Node) -> Wal | None:
    if "WAL Records" not in node:
        return None
    return Wal(records=node["WAL Records"], fpi=node.get("WAL FPI", 0), bytes=node.get("WAL Bytes", 0))


def nodes(root: Node) -> Iterator[Node]:
    """Every node, parents first: CTEs, InitPlans and SubPlans are children like others."""
    yield root
    for child in root.get("Plans", ()):
        yield from nodes(child)


def analyse(found: Mapping[str, Any]) -> Analysis:
    """A plan in facts. Nodes that were planned and never run count for nothing but are listed."""
    root: Node = found["Plan"]
    every = list(nodes(root))
    scans = [scan for node in every if (scan := _scan(node)) is not None]
    sorts = [_sort(node) for node in every if node["Node Type"] in _SORTS]
    busiest = _busiest(root)
    used = [node for node in every if "Index Name" in node and _loops(node)]
    fetches = [scan.heap_fetches for scan in scans if scan.heap_fetches is not None]
    estimated, actual = float(root.get("Plan Rows", 0)), _rows(root)
    return Analysis(
        uses_index=bool(used),
        index_name=busiest.index if busiest is not None else None,
        has_sort_node=bool(sorts),
        scan_type=busiest.node_type if busiest is not None else None,
        rows_estimated=estimated,
        rows_actual=actual,
        estimation_accuracy=min(actual / estimated, estimated / actual) if actual and estimated else None,
        index_names=list(dict.fromkeys(str(node["Index Name"]) for node in used)),
        scans=scans,
        sorts=sorts,
        spilled=any(_spilled(node) for node in every),
        heap_fetches=sum(fetches) if fetches else None,
        workers=sum(int(node.get("Workers Launched", 0)) for node in every),
        jit="JIT" in found,
        nodes=[str(node["Node Type"]) for node in every],
    )


def _loops(node: Node) -> int:
    return int(node.get("Actual Loops", 0))


def _rows(node: Node, key: str = "Actual Rows") -> int:
    """Rows of all loops; the server gives the mean of one loop (of one worker, below a Gather), rounded."""
    return round(float(node.get(key, 0)) * _loops(node))


def _scan(node: Node) -> Scan | None:
    kind = str(node["Node Type"])
    relation = next((str(node[key]) for key in _SOURCES if key in node), None)
    # Index nodes below a bitmap are part of the scan above them; a write names the table that it writes to.
    if relation is None or kind in ("Bitmap Index Scan", "ModifyTable"):
        return None
    below = (str(found["Index Name"]) for found in nodes(node) if found["Node Type"] == "Bitmap Index Scan")
    index = ", ".join(dict.fromkeys(below)) if kind == "Bitmap Heap Scan" else node.get("Index Name")
    removed = (value for key, value in node.items() if key.startswith("Rows Removed by "))
    return Scan(
        relation=relation,
        node_type=kind,
        index=index or None,
        rows=_rows(node),
        removed=round(sum(float(value) for value in removed) * _loops(node)),
        loops=_loops(node),
        backward=node.get("Scan Direction") == "Backward",
        # Unlike the rows, the server counts these over all loops.
        heap_fetches=node.get("Heap Fetches"),
    )


def _busiest(root: Node) -> Scan | None:
    """The scan that touched most pages itself; of equal ones, the first."""
    best: tuple[int, Scan] | None = None
    for node in nodes(root):
        scan = _scan(node)
        if scan is None or not scan.loops or "Relation Name" not in node:
            continue
        own = buffers(node).pages
        if scan.node_type != "Bitmap Heap Scan":
            # Pages of an InitPlan or SubPlan that hangs on a scan are not the scan's.
            own -= sum(buffers(child).pages for child in node.get("Plans", ()))
        if best is None or own > best[0]:
            best = own, scan
    return best[1] if best is not None else None


def _sort(node: Node) -> Sort:
    """A sort in all its forms: in one process, in several workers, in groups that are sorted already."""
    incremental = node["Node Type"] == "Incremental Sort"
    methods: list[str] = []
    kilobytes = 0
    disk = False
    for part in (node, *node.get("Workers", ())):
        if "Sort Method" in part:
            methods.append(str(part["Sort Method"]))
            kilobytes = max(kilobytes, int(part.get("Sort Space Used", 0)))
            disk = disk or part.get("Sort Space Type") == "Disk"
        for groups in (part.get("Full-sort Groups"), part.get("Pre-sorted Groups")):
            if groups is not None:
                methods += map(str, groups.get("Sort Methods Used", ()))
                spaces = {kind: groups.get(f"Sort Space {kind}", {}) for kind in ("Memory", "Disk")}
                peaks = [int(space.get("Peak Sort Space Used", 0)) for space in spaces.values()]
                kilobytes = max(kilobytes, *peaks)
                disk = disk or bool(peaks[1])
    return Sort(
        keys=[str(key) for key in node.get("Sort Key", ())],
        method=", ".join(dict.fromkeys(methods)) or "never run",
        incremental=incremental,
        kilobytes=kilobytes,
        spilled=disk or any("external" in method for method in methods),
    )


def _spilled(node: Node) -> bool:
    """Whether a node wrote to disk what did not fit into memory: sorts, hashes, stored rows."""
    if node["Node Type"] in _SORTS:
        return _sort(node).spilled
    parts = (node, *node.get("Workers", ()))
    return (
        any(int(part.get("Disk Usage", 0)) > 0 for part in parts)
        or int(node.get("Hash Batches", 1)) > 1
        or node.get("Storage") == "Disk"
    )


def without_values(found: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the name of the parameter wherever its value stands in a condition, so that no id is in it."""
    hidden: list[tuple[re.Pattern[str], str]] = []
    for name, value in values.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            quoted = re.escape(str(one).replace("'", "''"))
            text, number = rf"'{quoted}'(?:::[\w\" ]*\w\"?)?", rf"(?<![\w.'\"]){quoted}(?![\w.'\"])"
            hidden.append((re.compile(f"{text}|{number}"), f":{name}"))
    # An array is written as one text.
    hidden += [
        (re.compile(r"'\{[^']*\}'(?:::[\w\" ]+(?:\[\])?)?"), f":{name}")
        for name, value in values.items()
        if isinstance(value, list | tuple)
    ]

    def cleaned(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {inner: cleaned(held, inner) for inner, held in value.items()}
        if isinstance(value, list):
            return [cleaned(held, key) for held in value]
        if isinstance(value, str) and _CONDITIONS.search(key):
            for pattern, name in hidden:
                value = pattern.sub(name, value)
        return value

    return {key: cleaned(value, key) for key, value in found.items()}
