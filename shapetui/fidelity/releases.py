"""What two releases of a shape are, and what differs in how they were made: said beside what differs in the chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from shapetui.documents.drift import Release, TypeShare
from shapetui.documents.model import parse_time
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.fidelity.check_words import check_name
from shapetui.fidelity.checks import run_checks
from shapetui.fidelity.gate import TOLERANCE

_OTHER: Final = "OTHER"
_DAY: Final = 86_400.0
# Windows whose lengths differ by less hold the same conversations at the same size.
_SAME_LENGTH: Final = 0.01


def release(shape: Shape, file: str) -> Release:
    """What identifies a shape."""
    return Release(
        file=file,
        digest=shape.digest(),
        extracted_at=shape.extracted_at,
        window_days=shape.sample_window_days,
        users=shape.users.total_count,
        conversations=shape.conversations.total_count,
        messages=shape.messages.total_count,
        min_cell_count=shape.certificate.min_cell_count if shape.certificate else None,
        server_version=shape.request.server_version if shape.request else None,
    )


def type_shares(old: Shape, new: Shape) -> list[TypeShare]:
    """The types that only one of the two names, conversation types first, the largest first."""
    folds = old.folds_labels, new.folds_labels
    return [
        *_one_sided(
            "conversation type", old.conversations.type_distribution, new.conversations.type_distribution, folds
        ),
        *_one_sided("message type", old.messages.type_distribution, new.messages.type_distribution, folds),
    ]


def _one_sided(
    kind: Literal["conversation type", "message type"],
    old: Mapping[str, int],
    new: Mapping[str, int],
    folds: tuple[bool, bool],
) -> list[TypeShare]:
    totals = sum(old.values()), sum(new.values())
    # A side that counts no types at all has not lost them.
    if not all(totals):
        return []
    found = []
    for label in dict.fromkeys([*old, *new]):
        counts = old.get(label, 0), new.get(label, 0)
        if bool(counts[0]) == bool(counts[1]) or (label == _OTHER and any(folds)):
            continue
        found.append(
            TypeShare(
                kind=kind,
                label=label,
                old=counts[0] / totals[0],
                new=counts[1] / totals[1],
                perhaps_folded=folds[1 if counts[0] else 0],
            )
        )
    return sorted(found, key=lambda share: -max(share.old, share.new))


def remarks(old: Shape, new: Shape) -> list[str]:
    """Sentences on what differs in how the two were made, and what that means for the comparison."""
    return [
        *_formats(old, new),
        *_unmade(old, new),
        *_times(old, new),
        *_databases(old, new),
        *_certificates(old, new),
    ]


def _formats(old: Shape, new: Shape) -> Iterator[str]:
    original = [name for name, shape in (("old", old), ("new", new)) if shape.schema_version is None]
    if original:
        which = "both are files" if len(original) == 2 else f"the {original[0]} one is a file"
        yield f"{which} of the original system, without fine histograms: fewer checks can be made, on fewer cells"


def _unmade(old: Shape, new: Shape) -> Iterator[str]:
    """The checks that one side's numbers are enough for and the other's are not."""
    # Of a side that fell silent there is nothing to check.
    if not all(shape.conversations.total_count and shape.messages.total_count for shape in (old, new)):
        return
    both = _possible(old, new)
    alone = _possible(old, old), _possible(new, new)
    for name, mine, others in (("old", *alone), ("new", *reversed(alone))):
        if missing := [check_name(check) for check in mine if check not in both and check not in others]:
            yield f"only the {name} one has the numbers for these checks, which are not made: {', '.join(missing)}"


def _possible(one: Shape, other: Shape) -> list[str]:
    return [check.name for check in run_checks(one, other, TOLERANCE, exact=False).checks]


def _times(old: Shape, new: Shape) -> Iterator[str]:
    if parse_time(new.extracted_at) < parse_time(old.extracted_at):
        yield f"the new one was measured before the old one ({new.extracted_at}, {old.extracted_at})"
    (start, end), (start_other, end_other) = _window(old), _window(new)
    days, days_other = (_days(shape) for shape in (old, new))
    if abs(days - days_other) > _SAME_LENGTH * max(days, days_other):
        yield (
            f"the windows differ: {days:,.4g} and {days_other:,.4g} days;"
            " in a longer one conversations have more messages"
        )
    if start and end and start_other and end_other:
        shared = (min(end, end_other) - max(start, start_other)).total_seconds() / _DAY
        if shared > 0:
            yield (
                f"the windows share {shared:,.4g} days: what lies in both is the same in both,"
                " so an unmoved chat differs by less than the noise"
            )


def _window(shape: Shape) -> tuple[datetime, datetime] | tuple[None, None]:
    if shape.window is None:
        return None, None
    return parse_time(shape.window.first), parse_time(shape.window.until)


def _days(shape: Shape) -> float:
    start, end = _window(shape)
    return float(shape.sample_window_days) if not start or not end else (end - start).total_seconds() / _DAY


def _databases(old: Shape, new: Shape) -> Iterator[str]:
    one, other = old.request, new.request
    if one and other and one.server_version != other.server_version:
        yield f"measured on PostgreSQL {one.server_version} and {other.server_version}: perhaps two databases"
    if old.population and new.population and old.population != new.population:
        yield f"they count different populations: {old.population}; and {new.population}"


def _certificates(old: Shape, new: Shape) -> Iterator[str]:
    one, other = old.certificate, new.certificate
    if one is None or other is None:
        if one or other:
            yield f"only the {'old' if one else 'new'} one has a certificate of disclosure control"
        return
    if one.min_cell_count != other.min_cell_count:
        yield (
            f"cells rest on at least {one.min_cell_count} people or conversations in the old and"
            f" {other.min_cell_count} in the new one; what was merged for that costs the checks resolution only,"
            " but coarser cells move xmin, and alpha with it"
        )
    if one.rule_version != other.rule_version:
        yield f"made safe by different rules, versions {one.rule_version} and {other.rule_version}"
    if one.folded_labels or other.folded_labels:
        yield (
            f"labels of too few people are folded into OTHER: {one.folded_labels} in the old,"
            f" {other.folded_labels} in the new one"
        )
    for side, certificate in (("old", one), ("new", other)):
        if coded := [name for name in PERCENTILES if name in certificate.top_coded]:
            yield f"of {', '.join(coded)} of the {side} one only the cell is known: any size in it counts as equal"
    if one.renamed_labels or other.renamed_labels:
        yield "labels renamed to type_01, type_02, ... are numbered by size in each file: they may be different types"
