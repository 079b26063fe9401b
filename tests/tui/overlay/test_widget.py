"""The widget: it renders, survives a new size and theme, and sends only what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from shapetui.distributions.histogram import Histogram
from shapetui.tui.overlay import ASCII, Overlay, OverlayData, draw
from shapetui.tui.overlay.widget import changed_regions

PRODUCTION = Histogram.of_cells([(1, 1, 500), (2, 3, 300), (4, 7, 150), (8, 15, 50)])
NUDGED = Histogram.of_cells([(1, 1, 500), (2, 3, 300), (4, 7, 110), (8, 15, 90)])
DATA = OverlayData(PRODUCTION, PRODUCTION, "sizes")


class Frame(App[None]):
    """Nothing but an overlay with a border."""

    CSS = "Overlay { border: round $primary; padding: 0 1; }"

    def compose(self) -> ComposeResult:
        yield Overlay(DATA)


def on_screen(app: App[None]) -> list[str]:
    """What the terminal shows, row by row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    assert {strip.cell_length for strip in strips} == {width}
    return [strip.text for strip in strips]


def styles_of(overlay: Overlay) -> set[Style | None]:
    return {segment.style for y in range(overlay.size.height) for segment in overlay.render_line(y)}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (22, 8)], ids=str)
async def test_the_screen_shows_the_drawing_inside_the_border(size: tuple[int, int]) -> None:
    app = Frame()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        overlay = app.query_one(Overlay)
        rows = [row[2:-2].rstrip() for row in on_screen(app)[1:-1]]
        assert "\n".join(rows) == overlay.text()
        assert (overlay.size.width, overlay.size.height) == (size[0] - 4, size[1] - 2)


async def test_it_follows_a_new_size() -> None:
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((120, 40), (40, 12), (10, 4), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            rows = [row[2:-2].rstrip() for row in on_screen(app)[1:-1]]
            assert "\n".join(rows) == app.query_one(Overlay).text()


async def test_it_follows_a_new_theme() -> None:
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        overlay = app.query_one(Overlay)
        found = []
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
            found.append(styles_of(overlay))
        assert found[0] != found[1] != found[2]
        assert "█" in "".join(on_screen(app))


async def test_what_is_shown_next_is_on_the_screen() -> None:
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        overlay = app.query_one(Overlay)
        before = on_screen(app)
        for data in (OverlayData(PRODUCTION, NUDGED, "sizes"), replace(DATA, ccdf=True), OverlayData(None, None), DATA):
            overlay.show(data)
            await pilot.pause()
            rows = [row[2:-2].rstrip() for row in on_screen(app)[1:-1]]
            assert "\n".join(rows) == overlay.text()
            assert overlay.data is data
        assert on_screen(app) == before
        overlay.show(DATA, ASCII)
        await pilot.pause()
        assert overlay.text().isascii()


async def test_the_same_picture_again_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        overlay = app.query_one(Overlay)
        refreshed: list[object] = []
        monkeypatch.setattr(overlay, "refresh", lambda *regions: refreshed.append(regions))
        overlay.show(OverlayData(PRODUCTION, PRODUCTION, "sizes"))
        assert refreshed == []
        overlay.show(OverlayData(PRODUCTION, NUDGED, "sizes"))
        assert len(refreshed) == 1


def test_only_cells_that_changed_are_in_the_regions() -> None:
    before, after = draw(DATA, 80, 24), draw(OverlayData(PRODUCTION, NUDGED, "sizes"), 80, 24)
    old, new = (["".join(text for text, _ in row) for row in drawing] for drawing in (before, after))
    regions = changed_regions(before, after)
    inside = {(x, region.y) for region in regions for x in range(region.x, region.right)}
    changed = {(x, y) for y in range(24) for x in range(80) if old[y][x] != new[y][x]}
    assert changed
    assert changed <= inside
    # Production did not change, nor did anything that stands left of the first difference.
    assert min(x for x, _ in inside) > 20
    assert changed_regions(before, before) == []


def test_a_title_with_wide_characters_changes_as_a_whole() -> None:
    drawings = [draw(OverlayData(PRODUCTION, None, title), 80, 24) for title in ("尺寸", "大小")]
    assert [(region.x, region.width, region.height) for region in changed_regions(*drawings)] == [(0, 80, 1)]


def test_before_it_has_a_size_it_is_empty() -> None:
    assert Overlay(DATA).text() == ""


async def test_its_colours_follow_what_is_behind_it() -> None:
    app = Frame()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        overlay = app.query_one(Overlay)
        before = overlay.role_styles()
        app.screen.styles.background = "white"
        overlay.styles.background = "white"
        await pilot.pause()
        after = overlay.role_styles()
        assert after["production"].bgcolor != before["production"].bgcolor
        assert after["synthetic"] != before["synthetic"]
