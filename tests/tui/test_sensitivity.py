"""The key of sensitivity: the dialog comes at once, is filled when it is reckoned, and goes with escape."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.tui.app import LEAST_SIZE
from shapetui.tui.sensitivity import Over
from tests.tui.screens import put, with_documents, workbench
from tests.workbench.benches import hand_made


@pytest.mark.parametrize("size", [(120, 40), (80, 24), LEAST_SIZE], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_it_shows_where_the_checks_pass_and_escape_closes_it(size: tuple[int, int], tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), size=size, screen="calibrate") as user:
        draft = user.bench.draft
        await user.press("j", "p")
        await user.sees("alpha DIRECT_MESSAGE: where the checks pass", "limit", "now 2.", "the four tests")
        # Keys that mean something on the screen below do nothing to it.
        await user.press("right_square_bracket", "j", "k", "escape")
        await user.arrives("calibrate")
        assert user.bench.draft is draft


async def test_it_may_be_closed_before_it_is_reckoned_and_opened_again(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        for _ in range(5):
            await user.press("p", "escape")
        await user.arrives("calibrate")
        await user.press("p")
        await user.sees("the four tests")
        await user.resize(80, 24)
        await user.until(lambda: {len(line) for line in user.lines} == {80} and "╮" in user.lines[0])
        assert isinstance(user.app.screen, Over)
        await user.sees("the four tests")


async def test_what_cannot_be_moved_is_told_in_the_dialog(tmp_path: Path) -> None:
    async with workbench(with_documents(tmp_path), screen="calibrate") as user:
        keys = [parameter.key for parameter in user.bench.parameters]
        await user.press(*["j"] * keys.index("message weight CODE"), "L", "p")
        await user.sees("message weight CODE is locked")
        await user.press("escape")
        await user.arrives("calibrate")


async def test_without_a_shape_nothing_is_judged(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(hand_made(), tmp_path, "hand.json", 1)
    async with workbench(tmp_path, screen="calibrate", ready=False) as user:
        await user.sees("no production shape to compare with")
        await user.press("p")
        await user.hears("nothing is judged")
        assert user.at("calibrate")
