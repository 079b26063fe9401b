"""What Shape says: types, the week, percentiles, certificate."""

from __future__ import annotations

from shapetui.documents.shape import Certificate, Shape
from shapetui.tui.overlay import GLYPHS
from shapetui.tui.texts import shape as texts
from tests.tui.screens import another_shape
from tests.tui.texts.given import ODD, plain
from tests.workbench.benches import chat

BLOCK = GLYPHS["block"]


def with_certificate() -> Shape:
    """The chat as if it had been sampled."""
    certificate = Certificate(
        rule_version=1,
        min_cell_count=11,
        protected_entities={"conversations": "conversation"},
        merged_cells={"sizes": 4},
        folded_labels=1,
        renamed_labels=0,
        top_coded=["p99", "max"],
    )
    return chat().model_copy(update={"certificate": certificate})


def test_types_by_their_share_with_their_means() -> None:
    lines = plain(texts.types(chat(), BLOCK)).splitlines()
    assert [line.split()[0] for line in lines] == [
        "conversations",
        "DIRECT_MESSAGE",
        "GROUP_CHAT",
        "messages",
        "TEXT",
        "CODE",
        "IMAGE",
    ]
    assert "0.600" in lines[1]
    assert "mean 8.8" in lines[1]


def test_labels_steer_nothing() -> None:
    messages = chat().messages.model_copy(update={"type_distribution": {ODD: 3}, "by_type": {}})
    assert "a[red]b\\x1b[2J" in plain(texts.types(chat().model_copy(update={"messages": messages}), BLOCK))


def test_the_week_has_seven_days_of_twenty_four_hours() -> None:
    lines = plain(texts.week(another_shape(), BLOCK)).splitlines()
    assert [line.split()[0] for line in lines[1:8]] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert {len(line) for line in lines[1:8]} == {5 + 48}
    assert "300 messages in an hour of the week" in lines[-1]
    assert plain(texts.week(chat(), BLOCK)) == "the shape has no hours of the week"


def test_percentiles_that_are_upper_ends_say_so() -> None:
    lines = {line[:6].strip(): line for line in plain(texts.percentiles(with_certificate())).splitlines()}
    found = chat().conversations.messages_per_conversation_percentiles
    assert f"{found.p50:,}" in lines["p50"]
    assert "≤" not in lines["p95"]
    assert "≤" in lines["p99"]
    assert "≤" in lines["max"]
    assert "42.19" in lines["mean"]


def test_the_certificate_and_where_there_is_none() -> None:
    text = plain(texts.certificate(with_certificate()))
    assert "5,000 conversations, 50,400 messages; 30 days up to 2026-01-01" in text
    assert "fewer than 11 people" in text
    assert "p99, max" in text
    assert "Not signed." in text
    assert "no certificate" in plain(texts.certificate(chat()))


def test_a_file_of_the_original_system_has_its_hours_and_days_apart() -> None:
    counts = {"hourly_distribution": [1] * 23 + [9], "day_of_week_distribution": [7, 1, 1, 1, 1, 1, 0]}
    messages = chat().messages.model_copy(update=counts)
    lines = plain(texts.week(chat().model_copy(update={"messages": messages}), BLOCK)).splitlines()
    assert lines[0] == "the shape has no hours of the week"
    [hours] = [line for line in lines if line.count("▁") > 20]
    assert hours.endswith("█")
    [days] = [line for line in lines if line.strip().startswith("███ ")]
    assert len(days.rstrip()) <= len("      Sun Mon Tue Wed Thu Fri Sat")
    assert lines[-1].startswith("by the clock of the server")
