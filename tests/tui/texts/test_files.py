"""What Files says of documents, checklist and databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shapetui.jobs.look import DatabaseState
from shapetui.tui.shown import Shown, View
from shapetui.tui.texts import files
from tests.tui.texts.given import ODD, entry, folder, full, given, plain
from tests.workbench.benches import chat, hand_made


def lines(shown: Shown) -> list[str]:
    return [line.rstrip() for line in plain(files.documents(shown)).split("\n") if line.strip()]


def test_before_anything_is_read_the_names_are_there() -> None:
    shown = Shown("a", "b", names=("two.json", ODD))
    assert lines(shown) == ["  two.json", "  a[red]b\\x1b[2J\\n"]
    assert lines(Shown("a", "b")) == ["  reading …"]


def test_an_empty_folder_says_which_keys_begin() -> None:
    text = "\n".join(lines(given()))
    assert "nothing here yet" in text
    assert "D  the whole loop" in text
    assert "S  measure" in text


def test_groups_depths_signs_and_one_cursor() -> None:
    original = hand_made().model_copy(update={"schema_version": None})
    found = lines(
        folder(
            *full().entries, entry(original, "hand.json", 0), entry(None, ODD, 9, "not valid JSON"), view=View(chosen=1)
        )
    )
    assert found == [
        "shape",
        "  ✓ shape.json   5,000 conversations, 50,400 messages",
        "▸   ✓ config.json   from shape.json",
        "    ✓ report-1.json   WARNING, GO, 3 of 4",
        "    ✓ report-0.json   FAIL, NO-GO, 0 of 4",
        "belongs to no shape here",
        "  ! hand.json   no source named",
        "cannot be read",
        "  ✗ a[red]b\\x1b[2J\\n   not valid JSON",
    ]


def test_the_cursor_stays_on_the_last_line_when_the_list_gets_shorter() -> None:
    assert lines(folder(entry(chat(), "shape.json"), view=View(chosen=7)))[-1].startswith("▸ ✓ shape.json")


def test_a_filter_that_leaves_nothing_says_so() -> None:
    found = lines(full(view=View(filters={"files": "NONE of them"})))
    assert found == ["no document holds “NONE of them”: / changes the filter"]
    assert len(lines(full(view=View(filters={"files": "REPORT-1"})))) == 2


def test_the_first_step_that_is_not_done_is_marked() -> None:
    marks = [line[:1] for line in plain(files.checklist(full().steps)).splitlines()]
    assert marks[0] == "✓"
    assert marks.count("▸") == 1
    assert marks.index("▸") == next(index for index, step in enumerate(full().steps) if not step.done)
    empty = [line[:1] for line in plain(files.checklist(folder().steps)).splitlines()]
    assert empty == ["▸", *"·" * (len(empty) - 1)]


STATE = DatabaseState("x", version="18.4", messages=1_234, rows=2_000, role="replica", written_by="shapetui, seed a")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, ["looking …"]),
        (replace(STATE, trouble=ODD), ["a[red]b\\x1b[2J\\n"]),
        (STATE, ["PostgreSQL 18.4 replica, 1,234 messages", "by shapetui, seed a"]),
        (replace(STATE, estimated=True, written_by=""), ["PostgreSQL 18.4 replica, about 1,234 messages"]),
    ],
)
def test_what_is_known_of_a_database(state: DatabaseState | None, said: list[str]) -> None:
    text = plain(files.databases(given(synthetic=state, production=STATE)))
    assert text.startswith("production embedded:production\n  PostgreSQL 18.4 replica")
    part = text[text.index("synthetic ") :].splitlines()
    assert part[0] == "synthetic  embedded:synthetic"
    assert [line.strip() for line in part[1:]] == said
