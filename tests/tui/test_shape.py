"""Shape: one shape in full, and another laid over it."""

from __future__ import annotations

import csv
from pathlib import Path

from shapetui.documents.labels import cells_of
from shapetui.tui.dialogs import Choose
from tests.tui.screens import put, with_documents, with_everything, workbench
from tests.workbench.benches import chat


async def test_all_of_a_shape_is_there(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="shape") as user:
        percentiles = chat().conversations.messages_per_conversation_percentiles
        for name in ("p50", "p75", "p90", "p95", "p99", "max"):
            await user.sees(f"{name:<6}  {getattr(percentiles, name):>10,}")
        await user.sees("messages per conversation, all types", "content length, all types")
        await user.sees("GROUP_CHAT        0.400", "TEXT              0.794", "no hours of the week", "no certificate")


async def test_types_one_after_the_other_and_ways_of_looking(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="shape") as user:
        for label in ("DIRECT_MESSAGE", "GROUP_CHAT", "all types"):
            await user.press("t")
            await user.sees(f"messages per conversation, {label}")
        logarithmic = user.text
        await user.press("a")
        await user.until(lambda: user.shown.view.linear and user.text != logarithmic)
        await user.press("c")
        await user.until(lambda: user.shown.view.ccdf and not user.shown.view.linear)
        # Another screen looks at its plots in the same way.
        await user.go("calibrate")
        assert user.shown.view.ccdf
        await user.go("shape")
        await user.press("c")
        await user.until(lambda: user.text == logarithmic)


async def test_another_shape_and_the_expected_one_over_it_and_none_again(tmp_path: Path) -> None:
    async with workbench(with_everything(tmp_path), screen="shape") as user:
        alone = user.text
        await user.press("o")
        await user.sees("lay over this shape", "none", "elsewhere", "what the config is expected to produce")
        await user.press("j", "enter")
        await user.until(lambda: user.shown.view.other is not None and user.at("shape"))
        await user.sees("this shape", "elsewhere")
        await user.press("e")
        await user.hears("shape.csv")
        with (tmp_path / "reports" / "shape.csv").open(newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == ["lo", "hi", "this shape", "elsewhere"]
        assert sum(int(float(row[2])) for row in rows) == chat().conversations.total_count
        await user.press("o")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("escape")
        await user.arrives("shape")
        assert user.shown.view.other is not None, "escape changes nothing"
        await user.press("o")
        await user.until(lambda: isinstance(user.app.screen, Choose))
        await user.press("enter")
        await user.until(lambda: user.shown.view.other is None and user.text == alone)


async def test_where_there_is_no_other_shape_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(chat(), tmp_path, "shape.json", 1)
    async with workbench(tmp_path, screen="shape", ready=False) as user:
        await user.sees("p99")
        await user.press("o")
        await user.hears("there is no other shape in this folder")
        assert user.at("shape")


async def test_the_exported_counts_are_those_of_the_file(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="shape") as user:
        await user.press("t", "t", "e", "e")
        await user.hears("shape-v2.csv")
        with (tmp_path / "reports" / "shape.csv").open(newline="") as stream:
            _, *rows = csv.reader(stream)
        found = {(int(row[0]), int(row[1])): int(float(row[2])) for row in rows if float(row[2])}
        group = chat().conversations.by_type["GROUP_CHAT"].messages_per_conversation_cells
        assert found == {(low, high): count for low, high, count in cells_of(group) if count}
