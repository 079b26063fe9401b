"""`shapetui show FILE OTHER`: two documents in one picture, by way of the shapes that they are or should give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shapetui.cli.console import visible
from shapetui.cli.show_config import EXPECTED_AT, expected
from shapetui.cli.show_numbers import UNKNOWN, count, number, relative, signed
from shapetui.cli.show_tables import facts, heading, plots, row, shares_side_by_side, table, tests_table
from shapetui.documents.config import Config
from shapetui.documents.files import KIND_NAMES, AnyDocument
from shapetui.documents.report import Tests
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.errors import UsageError
from shapetui.fidelity.compare import run_tests
from shapetui.fidelity.measures import drawn_sizes, lengths_of, mean_and_median_length

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

# The original's recommended tolerance, and the default of `validate`.
TOLERANCE: Final = 0.15
_LONGEST_NAME: Final = 28


@dataclass(frozen=True)
class Pair:
    """Two shapes to be shown on one another.

    Attributes:
        paths: their files, in the order of `shapes` (a shape comes before a config).
        names: what they are called in legends and headings.
        shapes: as measured, or as expected from a config.
        tests: the four tests of the second against the first.
        differences: parameter -> its values, for two configs.
    """

    kind: str
    paths: tuple[Path, Path]
    names: tuple[str, str]
    shapes: tuple[Shape, Shape]
    tests: Tests
    differences: dict[str, tuple[Any, Any]]


def pair(one: tuple[Path, AnyDocument], other: tuple[Path, AnyDocument]) -> Pair:
    """What two documents look like on one another. Raises UsageError for documents that cannot be overlaid."""
    if isinstance(one[1], Config) and isinstance(other[1], Shape):
        one, other = other, one
    (path, first), (other_path, second) = one, other
    differences: dict[str, tuple[Any, Any]] = {}
    if isinstance(first, Shape) and isinstance(second, Shape):
        kind, names, shapes = "two shapes", _names(path, other_path), (first, second)
    elif isinstance(first, Shape) and isinstance(second, Config):
        days = first.sample_window_days
        shape = expected(other_path, second, first.messages.total_count or EXPECTED_AT, first.extracted_at, days)
        kind, names, shapes = "shape and config", ("production", "expected"), (first, shape)
    elif isinstance(first, Config) and isinstance(second, Config):
        kind, names = "two configs", _names(path, other_path)
        shapes = (expected(path, first, EXPECTED_AT), expected(other_path, second, EXPECTED_AT))
        differences = _differences(first, second)
    else:
        raise UsageError(
            f"a {KIND_NAMES[type(first)]} and a {KIND_NAMES[type(second)]} cannot be overlaid",
            "two shapes, two configs, or a shape and a config can; show a report alone",
        )
    return Pair(kind, (path, other_path), names, shapes, run_tests(*shapes, TOLERANCE), differences)


def overlay_view(found: Pair) -> list[list[RenderableType]]:
    """The sections of an overlay."""
    one, other = found.shapes
    sections: list[list[RenderableType]] = [
        [
            heading(f"Overlay of {found.kind}"),
            facts({name: str(path) for name, path in zip(found.names, found.paths, strict=True)}),
        ]
    ]
    if found.kind == "shape and config":
        passed = sum(word == "PASS" for word in found.tests.verdicts().values())
        sections.append(
            [
                heading("the four tests, as they would come out", f"{passed} of 4 pass"),
                tests_table(found.tests, TOLERANCE),
            ]
        )
    if found.kind == "two configs":
        sections.append([heading("parameters that differ"), _differences_table(found)])
    sections += [[plot] for plot in plots([drawn_sizes(one), drawn_sizes(other)], [], found.names)]
    sections.append([heading("numbers"), _numbers(found)])
    sections += [[plot] for plot in plots([], [lengths_of(one), lengths_of(other)], found.names)]
    for name, sides in (
        ("conversation type", [side.conversations.type_distribution for side in found.shapes]),
        ("message type", [side.messages.type_distribution for side in found.shapes]),
    ):
        if any(sum(side.values()) for side in sides):
            sections.append([shares_side_by_side(name, found.names, sides)])
    return sections


def overlay_json(found: Pair) -> dict[str, Any]:
    """The same as plain JSON values; relative differences are fractions of the first side."""
    sides = [side.conversations.messages_per_conversation_percentiles for side in found.shapes]
    values = [{**side.values(), **({"max": side.max} if side.max is not None else {})} for side in sides]
    return {
        "kind": "overlay",
        "of": found.kind,
        "files": [str(path) for path in found.paths],
        "tests": found.tests.model_dump(mode="json", exclude_none=True),
        "tolerance": TOLERANCE,
        "percentiles": {
            name: {
                "values": [side.get(name) for side in values],
                "difference": relative(values[0].get(name), values[1].get(name)),
            }
            for name in [*PERCENTILES, "max"]
        },
        "means": {
            "messages_per_conversation": [side.conversations.messages_per_conversation_mean for side in found.shapes],
            "content_length": [mean_and_median_length(side)[0] for side in found.shapes],
        },
        "parameters": {name: list(both) for name, both in found.differences.items()},
    }


def _names(one: Path, other: Path) -> tuple[str, str]:
    """The files' names, as short as tells them apart."""
    names = [visible(path.name.removesuffix(".json")) for path in (one, other)]
    if names[0] == names[1]:
        names = [visible(str(path)) for path in (one, other)]
    if names[0] == names[1]:
        names = ["first", "second"]
    short = [name if len(name) <= _LONGEST_NAME else "…" + name[1 - _LONGEST_NAME :] for name in names]
    return (short[0], short[1]) if short[0] != short[1] else ("first", "second")


def _numbers(found: Pair) -> Table:
    one, other = found.shapes
    made = table("", *found.names, "difference")
    for name in (*PERCENTILES, "max"):
        a, b = (getattr(side.conversations.messages_per_conversation_percentiles, name) for side in (one, other))
        row(made, f"messages {name}", count(a), count(b), signed(relative(a, b)))
    means = [side.conversations.messages_per_conversation_mean for side in (one, other)]
    row(made, "messages mean", *map(number, means), signed(relative(*means)))
    for index, name in enumerate(("mean", "median")):
        lengths = [mean_and_median_length(side)[index] for side in (one, other)]
        row(made, f"length {name}", *map(number, lengths), signed(relative(*lengths)))
    totals = [
        (side.users.total_count, side.conversations.total_count, side.messages.total_count) for side in (one, other)
    ]
    for index, name in enumerate(("users", "conversations", "messages")):
        row(made, name, *(count(side[index]) for side in totals), "")
    return made


def _differences(one: Config, other: Config) -> dict[str, tuple[Any, Any]]:
    """Parameter -> both values; histograms and weights that differ are named by how many entries they have."""
    first, second = _leaves(one.plain()), _leaves(other.plain())
    names = dict.fromkeys([*first, *second])
    differing = {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}
    return {name: (_summed(a), _summed(b)) for name, (a, b) in differing.items()}


def _leaves(block: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted name -> value, without lineage, quality of fit, empty blocks and what the shares by type say again."""
    found: dict[str, Any] = {}
    for key, value in block.items():
        again = key == "type_distribution" and block.get("by_type")
        if key in ("calibration_metadata", "fit", "schema_version", "ks") or value in ({}, []) or again:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, dict) and not key.endswith("cells"):
            found |= _leaves(value, f"{name}.")
        else:
            found[name] = value
    return found


def _summed(value: Any) -> Any:
    return f"{len(value)} entries" if isinstance(value, dict | list) else value


def _differences_table(found: Pair) -> RenderableType:
    if not found.differences:
        return facts({"none": "both say the same; only their lineage may differ"})
    made = table("parameter", *found.names)
    made.columns[0].max_width = 60
    for name, both in found.differences.items():
        # Types of conversations and of messages have names of their own: the path to them says nothing more.
        shown = name
        for prefix in ("conversation_generation.", "message_generation.", "user_generation.", "by_type."):
            shown = shown.removeprefix(prefix)
        row(made, shown, *(_value(value) for value in both))
    return made


def _value(value: Any) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,.6g}" if isinstance(value, float) else count(value) if isinstance(value, int) else str(value)
