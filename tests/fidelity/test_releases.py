"""What is said of two releases beside their distances: windows, servers, certificates, types that came or went."""

from __future__ import annotations

from typing import Any

import pytest

from shapetui.documents.drift import TypeShare
from shapetui.documents.shape import Certificate, Request, Shape, Window
from shapetui.fidelity.releases import release, remarks, type_shares
from tests.documents.examples import EXTENDED_SHAPE, REALISTIC_SHAPE
from tests.fidelity.test_drift import OLD

CERTIFICATE = Certificate(
    rule_version=1,
    min_cell_count=11,
    protected_entities={},
    merged_cells={},
    top_coded=["max"],
    folded_labels=0,
    renamed_labels=0,
)
SHAPE = Shape.model_validate({**REALISTIC_SHAPE, "schema_version": 2}).model_copy(
    update={
        "window": Window.model_validate(
            {"from": "2025-09-22T00:00:00Z", "until": "2025-10-22T00:00:00Z", "requested_days": 30}
        ),
        "request": Request(server_version="16.4", statements=[]),
        "certificate": CERTIFICATE,
        "population": "messages of the window",
    }
)
LATER = SHAPE.model_copy(
    update={
        "window": Window.model_validate(
            {"from": "2025-10-22T00:00:00Z", "until": "2025-11-21T00:00:00Z", "requested_days": 30}
        )
    }
)


def certified(**update: Any) -> Shape:
    return LATER.model_copy(update={"certificate": CERTIFICATE.model_copy(update=update)})


def test_two_windows_of_one_database_need_no_remark() -> None:
    assert remarks(SHAPE, LATER) == []


def test_windows_that_overlap_or_differ_are_said() -> None:
    (said,) = remarks(SHAPE, SHAPE)
    assert said.startswith("the windows share 30 days")
    days = {"from": "2025-10-22T00:00:00Z", "until": "2025-10-29T00:00:00Z", "requested_days": 7}
    (said,) = remarks(SHAPE, LATER.model_copy(update={"window": Window.model_validate(days)}))
    assert said.startswith("the windows differ: 30 and 7 days")
    (said,) = remarks(SHAPE, LATER.model_copy(update={"extracted_at": "2025-01-01T00:00:00Z"}))
    assert said.startswith("the new one was measured before the old one")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (LATER.model_copy(update={"request": Request(server_version="17.0", statements=[])}), "PostgreSQL 16.4 and 17"),
        (LATER.model_copy(update={"population": "all"}), "different populations: messages of the window; and all"),
        (LATER.model_copy(update={"certificate": None}), "only the old one has a certificate"),
        (LATER.model_copy(update={"schema_version": None}), "the new one is a file of the original system"),
        (certified(min_cell_count=50), "at least 11 people or conversations in the old and 50 in the new one"),
        (certified(rule_version=2), "different rules, versions 1 and 2"),
        (certified(folded_labels=3), "folded into OTHER: 0 in the old, 3 in the new one"),
        (certified(renamed_labels=1), "may be different types"),
        (certified(top_coded=["p99", "max"]), "of p99 of the new one only the cell is known"),
    ],
)
def test_what_differs_in_how_they_were_made_is_said(changed: Shape, said: str) -> None:
    (found,) = remarks(SHAPE, changed)
    assert said in found
    assert len(remarks(changed, SHAPE)) == 1


def test_the_checks_that_one_side_alone_allows_are_named() -> None:
    without = OLD.model_copy(
        update={
            "messages": OLD.messages.model_copy(update={"hour_of_week": None}),
            "conversations": OLD.conversations.model_copy(
                update={"messages_per_conversation_cells": {}, "by_type": {}}
            ),
        }
    )
    (said,) = remarks(OLD, without)
    assert said.startswith("only the old one has the numbers for these checks, which are not made: sizes, ")
    assert "tail's alpha" in said
    assert said.endswith("hours of the week")
    (said,) = remarks(without, OLD)
    assert said.startswith("only the new one")


def test_types_of_one_side_are_named_with_their_share() -> None:
    extended = Shape.model_validate(EXTENDED_SHAPE)
    assert type_shares(SHAPE, extended) == [
        TypeShare(kind="conversation type", label="CHANNEL", old=0, new=14371 / 287420, perhaps_folded=False)
    ]
    (went,) = type_shares(extended, SHAPE)
    assert (went.old, went.new) == (14371 / 287420, 0)


def test_a_type_may_have_been_folded_where_labels_were() -> None:
    folding = SHAPE.model_copy(
        update={
            "certificate": CERTIFICATE.model_copy(update={"folded_labels": 1}),
            "messages": SHAPE.messages.model_copy(update={"type_distribution": {"TEXT": 10, "OTHER": 3, "IMAGE": 1}}),
        }
    )
    assert [(share.label, share.perhaps_folded) for share in type_shares(SHAPE, folding)] == [("FILE", True)]
    assert [(share.label, share.perhaps_folded) for share in type_shares(folding, SHAPE)] == [("FILE", True)]


def test_a_release_says_by_what_it_is_known() -> None:
    found = release(SHAPE, "shape.json")
    assert found.digest == SHAPE.digest()
    assert (found.file, found.conversations, found.min_cell_count, found.server_version) == (
        "shape.json",
        16_000,
        11,
        "16.4",
    )
