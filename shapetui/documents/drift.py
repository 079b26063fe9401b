"""Drift: how far a chat moved between two releases of its shape, in distances and in parameters of the generator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from shapetui.documents.checks import Check
from shapetui.documents.model import Count, Document, Fraction, Label, Number, Part, Time

DriftVerdict = Literal["SAME", "UNMOVED", "MOVED", "INCONCLUSIVE"]
ParameterKind = Literal["alpha", "xmin", "tail share", "conversation weight", "message weight", "mu", "sigma"]
Real = StrictInt | StrictFloat


class Release(Part):
    """One of the two shapes: the file, its digest, when and over what it was measured, and how much it counts."""

    file: str
    digest: str
    extracted_at: Time
    window_days: Count
    users: Count
    conversations: Count
    messages: Count
    min_cell_count: Count | None = None
    server_version: str | None = None


class TypeShare(Part):
    """The share of a type on both sides, for one that only one of them names.

    `perhaps_folded`: the other side folded labels of too few people, of which this may be one.
    """

    kind: Literal["conversation type", "message type"]
    label: Label
    old: Fraction
    new: Fraction
    perhaps_folded: bool


class ParameterChange(Part):
    """One parameter of the generator as it is calibrated to each side; None where that side has no such thing.

    `old_error` and `new_error` are standard errors, `noise` is that of the difference (the root of the sum of their
    squares), as far as they are known; `beyond` says whether the change is more than twice that. `start` is given
    where both sides were fitted once more to the conversations of that many messages or more, because their xmin
    differ: two exponents, or two shares, above different xmin are not compared.
    """

    kind: ParameterKind
    label: Label
    old: Real | None = None
    new: Real | None = None
    old_error: Number | None = None
    new_error: Number | None = None
    noise: Number | None = None
    beyond: bool | None = None
    start: Count | None = None


class Drift(Document):
    """The comparison of two shapes of one chat.

    SAME: both have the same digest. MOVED: at least one check is WARN or NO-GO, that is beyond its margin and beyond
    twice its noise; `moved` names them. INCONCLUSIVE: no check could be decided, or none was made of how many messages
    conversations have. UNMOVED: none of these. In the checks `production` is the old and `synthetic` the new side;
    their distances do not depend on which is which. Parameters have no margin, so the verdict does not rest on them;
    `not_calibrated` says why there are none.
    """

    compared_at: Time
    tolerance_threshold: Annotated[Number, Field(gt=0, le=10)]
    verdict: DriftVerdict
    moved: list[str]
    old: Release
    new: Release
    remarks: list[str]
    types: list[TypeShare]
    checks: list[Check]
    parameters: list[ParameterChange]
    not_calibrated: str | None = None
    schema_version: Literal[2] = 2
