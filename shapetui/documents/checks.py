"""Checks: a distance between two shapes, the margin that it may have, and the noise that an honest copy would show."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from shapetui.documents.model import Count, Number, Part

CheckVerdict = Literal["GO", "WARN", "NO-GO", "INCONCLUSIVE"]
Decision = Literal["GO", "NO-GO", "INCONCLUSIVE"]
# How the distance is read: a share 0..1, a relative difference (0.1 = 10 % off), an exponent, or a number of rows.
Unit = Literal["share", "relative", "exponent", "rows"]


class Difference(Part):
    """One place where the two sides differ: a label, a cell, an hour; and the number of each side there."""

    at: str
    production: Number
    synthetic: Number


class Check(Part):
    """One distance, judged.

    `value` is the distance, `margin` how large it may be, `noise` how large it is on average between two honest
    samples of one chat with these numbers of conversations, or, where that is more, a third of what none of them
    reaches. `production` and `synthetic` are the numbers that the check compares, where it compares two numbers;
    `worst` says where two distributions differ most, the largest first. `settled_at` is the number of conversations,
    on each side that is a random sample, from which on this value gets a verdict.
    """

    name: str
    measures: str
    value: Number
    margin: Number
    noise: Number
    verdict: CheckVerdict
    unit: Unit
    production: Number | None = None
    synthetic: Number | None = None
    worst: list[Difference] = []
    settled_at: Count | None = None
    assumes: str | None = None


class ForeignScore(Part):
    """The score that another tool's published rule gives, computed from the shapes and not by that tool.

    `says` is that rule's own word: pass, drift, or nothing where the tool has no limit.
    """

    tool: Literal["Evidently", "SDMetrics"]
    column: str
    rule: str
    score: Annotated[StrictInt | StrictFloat, Field(ge=0)]
    limit: Number | None = None
    says: Literal["pass", "drift"] | None = None
