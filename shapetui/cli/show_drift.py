"""What `shapetui diff` and `shapetui show` print of a drift: a verdict in words, the checks, the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapetui.cli.console import literal
from shapetui.cli.show_checks import STYLES, checks_table, reasons
from shapetui.cli.show_numbers import UNKNOWN, count, number, share, short_digest
from shapetui.cli.show_tables import facts, heading, row, table
from shapetui.documents.checks import Check
from shapetui.documents.drift import Drift, DriftVerdict, ParameterChange, Release, TypeShare
from shapetui.fidelity.check_words import check_name
from shapetui.fidelity.size_checks import SIZE_CHECKS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_STYLES: Final[dict[DriftVerdict, str]] = {
    "SAME": "bold green",
    "UNMOVED": "bold green",
    "MOVED": "bold red",
    "INCONCLUSIVE": "bold yellow",
}
_WEIGHTS: Final = ("conversation weight", "message weight")
_SHARES: Final = ("tail share", *_WEIGHTS)
_OF_MESSAGES: Final = ("message weight", "mu", "sigma")
_SIDES: Final = ("old", "new")


def drift_view(paths: tuple[Path, Path], drift: Drift, written: Path | None = None) -> list[list[RenderableType]]:
    """The sections of a comparison, the verdict first; of the same shape there is no more to say.

    `paths` are those of the two shapes, `written` is the file that the comparison was read from.
    """
    first: list[RenderableType] = [
        heading("Drift", str(written) if written else ""),
        facts(
            {name: _release(path, side) for name, path, side in zip(_SIDES, paths, (drift.old, drift.new), strict=True)}
        ),
    ]
    if drift.verdict == "SAME":
        return [first, [verdict_line(drift)]]
    return [
        first,
        [verdict_line(drift)],
        [heading("how they were measured"), *(literal(f"• {said}") for said in drift.remarks)] if drift.remarks else [],
        [heading("types that came or went"), _types(drift.types)] if drift.types else [],
        [heading("the checks"), checks_table(drift.checks, _SIDES), *_reasons(drift.checks)] if drift.checks else [],
        [
            heading("the generator calibrated to each", "± standard error; a change beyond twice its noise is marked"),
            _parameters(drift.parameters),
        ]
        if drift.parameters
        else [],
        [literal(f"parameters are not compared: {drift.not_calibrated}")] if drift.not_calibrated else [],
    ]


def verdict_line(drift: Drift) -> Text:
    """The verdict in words and colour, and how the checks came out."""
    said = [check.verdict for check in drift.checks]
    numbers = ", ".join(f"{said.count(word)} {word}" for word in STYLES if word in said)
    sentence = {
        "SAME": f"the same shape: both have the digest {short_digest(drift.old.digest)}",
        "UNMOVED": f"nothing moved beyond its margin and its noise: {numbers}",
        "MOVED": f"beyond margin and noise: {', '.join(map(check_name, drift.moved))} ({numbers})",
        "INCONCLUSIVE": _undecided(drift.checks, numbers),
    }[drift.verdict]
    line = literal(drift.verdict, _STYLES[drift.verdict])
    line.append_text(literal(f"   {sentence}"))
    return line


def _undecided(checks: list[Check], numbers: str) -> str:
    if not checks:
        return "there is nothing to compare"
    if any(check.name in SIZE_CHECKS for check in checks):
        return f"too few conversations to tell: {numbers}"
    return f"the two have no sizes of conversations in common to compare; of the rest {numbers}"


def _release(path: Path, side: Release) -> Text:
    days = f"{count(side.window_days)} days" if side.window_days else "all of history"
    rows = f"{count(side.conversations)} conversations, {count(side.messages)} messages"
    line = literal(path)
    line.append("\n")
    line.append_text(literal(f"{side.extracted_at}, {days}, {rows} ({short_digest(side.digest)})", "dim"))
    return line


def _reasons(checks: list[Check]) -> list[Text]:
    """As in a report; of two numbers also the new one over the old one."""
    lines = reasons(checks)
    for check, line in zip((check for check in checks if check.verdict != "GO"), lines, strict=True):
        # Without a distance the two may still differ on paper, where one is known only to lie in a cell.
        if check.unit == "relative" and check.value and check.production and check.synthetic:
            line.append_text(literal(f". New over old: {check.synthetic / check.production:.3g}"))
    return lines


def _types(types: Sequence[TypeShare]) -> Table:
    made = table("type", "of", *_SIDES, "", left=("of", ""))
    for found in types:
        said = "went" if found.old else "came"
        if found.perhaps_folded:
            said += f", or folded in the {'new' if found.old else 'old'} one"
        row(made, found.label, found.kind.removesuffix(" type") + "s", share(found.old), share(found.new), said)
    return made


def _parameters(parameters: Sequence[ParameterChange]) -> Table:
    """One row per parameter under its type's label."""
    made = table("", *_SIDES, "change", "noise", "", left=("",))
    before = None
    for found in parameters:
        group = (found.kind in _OF_MESSAGES, found.label)
        if group != before:
            row(made, literal(found.label, "bold"), "", "", "", "", "")
        before = group
        name = found.kind.split()[-1] if found.kind in _WEIGHTS else found.kind
        row(
            made,
            f"  {name}" + (f" from {count(found.start)}" if found.start else ""),
            _side(found, found.old, found.old_error),
            _side(found, found.new, found.new_error),
            _change(found),
            UNKNOWN if found.noise is None else _size(found, found.noise),
            literal("beyond", "bold yellow") if found.beyond else "",
        )
    return made


def _side(found: ParameterChange, value: float | None, error: float | None) -> str:
    if value is None:
        return UNKNOWN
    if found.kind in _SHARES:
        return share(value)
    if found.kind == "xmin":
        return count(value)
    known = f" ± {number(error, 2)}" if found.kind == "alpha" and error is not None else ""
    return number(value, 2).replace("-", "−") + known


def _change(found: ParameterChange) -> str:
    if found.old is None or found.new is None:
        return "came" if found.old is None else "went"
    change = found.new - found.old
    text = _size(found, abs(change))
    if not text.strip("0., pt"):
        return text
    return ("−" if change < 0 else "+") + text


def _size(found: ParameterChange, value: float) -> str:
    """A change or a noise, without its sign."""
    if found.kind in _SHARES:
        return f"{number(100 * value, 2)} pt"
    return count(value) if found.kind == "xmin" else number(value, 2)
