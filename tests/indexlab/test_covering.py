"""Which index does what another does, from definitions as PostgreSQL writes them."""

from __future__ import annotations

import pytest

from shapetui.indexlab.covering import covered_by, read_definition, sorted_otherwise
from tests.indexlab.baselines import index


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("(a)", "(a, b)"),
        ("(a, b)", "(a, b)"),
        ("(a DESC)", "(a)"),
        ("(a, b DESC)", "(a DESC, b)"),
        ("(a) INCLUDE (c)", "(a, c)"),
        ("(a) INCLUDE (c)", "(a, b) INCLUDE (c, d)"),
        ("(a) WHERE (NOT b)", "(a, c) WHERE (NOT b)"),
        ('("userId")', '("userId", "isActive")'),
        ("(lower((a)::text))", "(lower((a)::text), b)"),
        ("(a) WITH (fillfactor='70')", "(a, b)"),
        ("(a DESC NULLS LAST)", "(a NULLS FIRST)"),
    ],
)
def test_an_index_that_another_covers(narrow: str, wide: str) -> None:
    other = index("wide", wide)
    assert covered_by(index("narrow", narrow), [other]) == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(b)", "(a, b)"),
        ("(a, b)", "(a)"),
        ("(a, b DESC)", "(a, b)"),
        ("(a) INCLUDE (c)", "(a, b)"),
        ("(a)", "(a) WHERE (NOT b)"),
        ("(a NULLS FIRST)", "(a)"),
        ("(a text_pattern_ops)", "(a)"),
        ('("A")', "(a)"),
        ("(a, (b + 1))", "(a, b)"),
    ],
)
def test_indexes_that_differ_in_what_they_can_do(one: str, other: str) -> None:
    assert covered_by(index("one", one), [index("other", other)]) is None


def test_another_table_an_invalid_index_and_the_index_itself_cover_nothing() -> None:
    one = index("one", "(a)")
    others = [one, index("two", "(a)", "conversations"), index("three", "(a)", valid=False)]
    assert covered_by(one, others) is None


def test_a_unique_index_is_never_superfluous() -> None:
    assert covered_by(index("key", "(a)", constraint=True), [index("wide", "(a, b)")]) is None


def test_the_same_columns_in_other_directions_are_told() -> None:
    old = index("old", '("conversationId", "createdAt")')
    new = index("new", '("conversationId", "createdAt" DESC)')
    assert covered_by(new, [old]) is None
    assert sorted_otherwise(new, [old]) == old
    assert sorted_otherwise(new, [index("else", '("conversationId")')]) is None


@pytest.mark.parametrize("text", ["", "CREATE INDEX", "CREATE INDEX i ON t USING", "USING btree (", "x USING y (')"])
def test_what_is_no_definition_covers_nothing(text: str) -> None:
    broken = index("broken", "(a)").model_copy(update={"definition": text})
    assert covered_by(broken, [index("other", "(z)")]) is None
    assert read_definition(broken) is None or not read_definition(broken).keys[0][0]  # type: ignore[union-attr]
