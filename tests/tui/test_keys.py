"""Every key of the table, on every screen where it applies, does what its help says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from textual.command import CommandPalette
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList

from shapetui.database.embedded import EmbeddedServer
from shapetui.errors import EXIT_GOOD
from shapetui.tui.app import ShapetuiApp
from shapetui.tui.databases import Database
from shapetui.tui.dialogs import Choose, Form, Read
from shapetui.tui.sensitivity import Over
from shapetui.tui.shown import Shown
from shapetui.tui.start import Session
from shapetui.workbench import intents
from shapetui.workbench.actions import ACTIONS, EVERYWHERE, PLACES, Action, actions_of
from shapetui.workbench.settings import Settings
from tests.tui.screens import NOBODY, User, with_everything, workbench

# Low, so that something is left to scroll.
SIZE: Final = (118, 24)
Fact = Callable[[User, Shown], object]
Before = Callable[[User], Awaitable[None]]


async def _nothing(_user: User) -> None:
    """Nothing has to be there before."""


@dataclass(frozen=True)
class Does:
    """What must hold after a key (`shown`: what was shown before it), and what is done before it is pressed."""

    fact: Fact
    before: Before = _nothing


def ran(name: str) -> Does:
    """A job of that name was started; the database of these tests ends it at once."""
    return Does(lambda user, _: (news := user.shown.news) is not None and news.name == name and not news.running)


def over(kind: type[object], title: str) -> Does:
    """A dialog of that kind lies over the screen."""
    return Does(lambda user, _: isinstance(user.app.screen, kind) and title in user.text)


def looked(**changes: object) -> Does:
    """It is looked at in another way."""
    return Does(lambda user, _: all(getattr(user.shown.view, name) == value for name, value in changes.items()))


def saved(pattern: str) -> Does:
    """A file has come into `reports/`."""
    return Does(lambda user, _: list((user.app.folder / "reports").glob(pattern)))


def shows(place: str) -> Does:
    """Another screen."""
    return Does(lambda user, _: user.at(place))


def moves(direction: int, coarse: bool) -> Does:
    """The focused parameter has been nudged."""

    def moved(user: User, shown: Shown) -> bool:
        assert shown.workbench is not None
        assert shown.workbench.focused is not None
        return user.value == pytest.approx(shown.workbench.focused.nudged(direction, coarse=coarse))

    return Does(moved)


async def changed(user: User) -> None:
    user.app.intend(intents.SetSeed("a seed"))


async def changed_and_back(user: User) -> None:
    await changed(user)
    user.app.intend(intents.Undo())


async def nudged(user: User) -> None:
    user.app.intend(intents.Nudge(1, True))


async def busy(user: User) -> None:
    user.keep_busy()
    await user.until(lambda: user.app.busy)


async def on_a_weight(user: User) -> None:
    user.app.intend(intents.Focus("conversation weight GROUP_CHAT"))


async def advised(user: User) -> None:
    user.app.intend(intents.SetSeed("another draft"))
    await user.until(lambda: user.shown.advice)


async def scrolled_down(user: User) -> None:
    user.app.scroll_lines(1000)
    await user.until(lambda: scroll(user) > 0)


def scroll(user: User) -> float:
    """How far down the screen's texts are scrolled."""
    return max((page.scroll_y for page in user.app.screen.query(".page").results(VerticalScroll)), default=0)


def furthest(user: User) -> float:
    """How far down they can be scrolled."""
    return max((page.max_scroll_y for page in user.app.screen.query(".page").results(VerticalScroll)), default=0)


def focus(user: User) -> int:
    """The number of the focused parameter."""
    assert user.bench.focused is not None
    return user.bench.parameters.index(user.bench.focused)


def of_round(index: int) -> Does:
    return Does(lambda user, _: user.round == index and user.shown.report is not None)


_CCDF = looked(ccdf=True)
_LINEAR = looked(linear=True)
_WRITTEN = Does(
    lambda user, _: not user.bench.unsaved and list((user.app.folder / "reports").glob("calibrated-config-*")), nudged
)
_FURTHER = Does(lambda user, _: scroll(user) > 0)
_BACK = Does(lambda user, _: scroll(user) < furthest(user), scrolled_down)
# Nothing of it scrolls: its panels show the newest lines of what they hold.
_STAYS = Does(lambda user, shown: user.shown.view == shown.view and user.shown.workbench is shown.workbench)

# Each (screen, action); `everywhere` stands for the screens that are not named.
FACTS: Final[dict[tuple[str, str], Does]] = {
    **{(EVERYWHERE, place): shows(place) for place in PLACES},
    (EVERYWHERE, "cancel"): Does(
        lambda user, _: not user.app.busy and (news := user.shown.news) and news.outcome == "cancelled", busy
    ),
    (EVERYWHERE, "undo"): Does(lambda user, _: user.bench.draft.seed is None and user.bench.future, changed),
    (EVERYWHERE, "redo"): Does(lambda user, _: user.bench.draft.seed == "a seed", changed_and_back),
    (EVERYWHERE, "generate"): ran("generate"),
    (EVERYWHERE, "validate"): ran("validate"),
    (EVERYWHERE, "both"): ran("regenerate + validate"),
    (EVERYWHERE, "loop"): ran("loop, at most 5 rounds"),
    (EVERYWHERE, "picture"): saved("*.svg"),
    (EVERYWHERE, "copy"): Does(
        lambda user, _: user.app.clipboard and (user.app.folder / "reports" / "screen.txt").exists()
    ),
    (EVERYWHERE, "theme"): over(CommandPalette, "nord"),
    (EVERYWHERE, "palette"): over(CommandPalette, "Search for commands"),
    (EVERYWHERE, "help"): over(Choose, "keys of"),
    # What another program wrote on the terminal only the driver of a real one knows: its own tests look at that.
    (EVERYWHERE, "redraw"): Does(lambda user, shown: user.shown == shown and not user.asked),
    (EVERYWHERE, "quit"): Does(lambda user, _: user.app.return_code == EXIT_GOOD),
    ("files", "open"): shows("shape"),
    ("files", "fit"): Does(
        lambda user, _: user.at("calibrate") and list((user.app.folder / "reports").glob("calibrated-config-*"))
    ),
    ("files", "sample"): over(Form, "days of history"),
    # Another test may have left something there.
    ("files", "demo"): Does(
        lambda user, _: (
            "embedded:synthetic holds" in user.text or ((news := user.shown.news) is not None and news.name == "demo")
        )
    ),
    # Looked at anew: what is found is another value, though it says the same.
    ("files", "look"): Does(
        lambda user, shown: all(
            now is not None and now is not before
            for now, before in (
                (user.shown.production, shown.production),
                (user.shown.synthetic, shown.synthetic),
            )
        )
    ),
    ("files", "filter"): over(Form, "show only documents"),
    ("files", "up"): looked(chosen=4),
    ("files", "down"): looked(chosen=1),
    ("files", "page-up"): looked(chosen=0),
    ("files", "page-down"): looked(chosen=4),
    ("shape", "linear"): _LINEAR,
    ("shape", "ccdf"): _CCDF,
    ("shape", "next-type"): looked(type_index=1),
    ("shape", "other-shape"): over(Choose, "elsewhere"),
    ("shape", "data"): saved("shape.csv"),
    ("shape", "up"): _BACK,
    ("shape", "down"): _FURTHER,
    ("shape", "page-up"): _BACK,
    ("shape", "page-down"): _FURTHER,
    ("calibrate", "less"): moves(-1, coarse=False),
    ("calibrate", "more"): moves(1, coarse=False),
    ("calibrate", "much-less"): moves(-1, coarse=True),
    ("calibrate", "much-more"): moves(1, coarse=True),
    ("calibrate", "type-value"): over(Form, "alpha all types"),
    ("calibrate", "solve"): Does(
        lambda user, _: user.bench.expected and user.bench.expected.verdict == "PASS", advised
    ),
    ("calibrate", "write"): _WRITTEN,
    ("calibrate", "linear"): _LINEAR,
    ("calibrate", "ccdf"): _CCDF,
    ("calibrate", "next-type"): looked(type_index=1),
    ("calibrate", "lock"): Does(
        lambda user, _: user.bench.draft.locked == {"conversation weight GROUP_CHAT"}, on_a_weight
    ),
    ("calibrate", "changes"): over(Read, "nothing differs"),
    ("calibrate", "sensitivity"): over(Over, "all types: where the checks pass"),
    ("calibrate", "filter"): over(Form, "show only parameters"),
    ("calibrate", "data"): saved("calibrate.csv"),
    ("calibrate", "up"): Does(lambda user, _: focus(user) == len(user.bench.parameters) - 1),
    ("calibrate", "down"): Does(lambda user, _: focus(user) == 1),
    ("calibrate", "page-up"): _BACK,
    ("calibrate", "page-down"): _FURTHER,
    ("run", "plan"): over(Form, "libpq"),
    ("run", "up"): _STAYS,
    ("run", "down"): _STAYS,
    ("run", "page-up"): _STAYS,
    ("run", "page-down"): _STAYS,
    ("report", "write"): _WRITTEN,
    ("report", "linear"): _LINEAR,
    ("report", "ccdf"): _CCDF,
    ("report", "mark"): Does(lambda user, _: user.shown.view.marked == user.shown.rounds[1].report_path),
    ("report", "compare"): over(Read, "round 1"),
    ("report", "data"): saved("report.csv"),
    ("report", "up"): of_round(0),
    ("report", "down"): of_round(0),
    ("report", "page-up"): _BACK,
    ("report", "page-down"): _FURTHER,
}


def does(place: str, action: Action) -> Does | None:
    """The line of the table."""
    return FACTS.get((place, action.id)) or FACTS.get((EVERYWHERE, action.id))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two shapes, a config, two rounds."""
    return with_everything(tmp_path)


async def begin_again(user: User, place: str, start: Shown) -> None:
    """Back to the start: everything that is shown is one value, so it is there again."""
    for path in (user.app.folder / "reports").glob("*"):
        if path.suffix in (".svg", ".csv", ".txt") or path.name.startswith("calibrated-config-"):
            path.unlink()
    user.app.copy_to_clipboard("")
    await user.closes()
    for job in user.app.runner.running:
        job.cancel()
    await user.until(lambda: not user.app.busy and not (user.shown.news and user.shown.news.running))
    # A look that was given up is still under way.
    await user.until(lambda: not user.app.running._guard._asking)
    user.app.show(**vars(start))
    user.app.switch_mode(place)
    await user.arrives(place)
    for page in user.app.screen.query(".page").results(VerticalScroll):
        page.scroll_to(y=0, animate=False)
    await user.until(lambda: scroll(user) == 0)


@pytest.mark.parametrize("place", PLACES)
async def test_each_key_of_a_screen_does_what_its_help_says(place: str, folder: Path, server: EmbeddedServer) -> None:
    """`server` keeps the demo from starting one."""
    async with workbench(folder, size=SIZE) as user:
        await user.until(lambda: user.shown.synthetic and user.shown.production and len(user.shown.rounds) == 2)
        start = user.shown
        for action in actions_of(place):
            if action.id == "quit":
                # It ends the app: below.
                continue
            line = does(place, action)
            assert line is not None, action.id
            for key in action.keys:
                await begin_again(user, place, start)
                await line.before(user)
                before = user.shown
                await user.press(key)
                try:
                    await user.until(partial(line.fact, user, before))
                except AssertionError as error:
                    raise AssertionError(f"{key} ({action.id}) on {place}: {action.help}\n{error}") from None


@pytest.mark.parametrize("place", PLACES)
async def test_the_way_out_is_open_everywhere(place: str, tmp_path: Path) -> None:
    [keys] = [action.keys for action in ACTIONS if action.id == "quit"]
    for key in keys:
        async with workbench(tmp_path, screen=place, ready=False) as user:
            await user.until(lambda: user.shown.loaded)
            await user.press(key)
            await user.until(lambda: user.app.return_code is not None)
            assert user.app.return_code == EXIT_GOOD


def test_the_table_leaves_out_no_key_and_knows_no_other() -> None:
    wanted = {(place, action.id) for place in PLACES for action in actions_of(place)}
    missing = {(place, name) for place, name in wanted if not {(place, name), (EVERYWHERE, name)} & FACTS.keys()}
    assert missing == set()
    assert {(place, name) for place, name in FACTS if place != EVERYWHERE} - wanted == set()
    everywhere = {action.id for action in ACTIONS if EVERYWHERE in action.places}
    assert {name for place, name in FACTS if place == EVERYWHERE} <= everywhere


async def test_every_action_is_done_by_exactly_one_handler(tmp_path: Path) -> None:
    """The app looks for it at its start, and finds it, or does not start."""
    async with workbench(tmp_path, ready=False) as user:
        assert set(user.app._does) == {action.id for action in ACTIONS}
        assert len({repr(done) for done in user.app._does.values()}) == len(ACTIONS), "each by a method of its own"
    unknown = (*ACTIONS, Action("juggle", ("J",), "juggle", "Nobody does it"))
    with pytest.raises(LookupError, match="0 methods do juggle"):
        ShapetuiApp(tmp_path, Session(Settings(), unknown, Database.named(NOBODY), Database.named(NOBODY)))


async def test_a_keymap_of_the_settings_changes_key_footer_and_help(folder: Path) -> None:
    settings = Settings(keys={"generate": ("f5", "G"), "help": ("f1",)})
    async with workbench(folder, settings=settings) as user:
        await user.sees("F5 generate", "F1 help")
        # Keys are done in their order: when the last one is done, the others have been.
        await user.press("g", "question_mark", "2")
        await user.arrives("shape")
        assert user.shown.news is None
        await user.press("f1")
        await user.sees("keys of shape", "F5 G  generate")
        await user.press("escape")
        await user.arrives("shape")
        await user.press("G")
        await user.job_ends("generate", "failed")
        await user.press("f5")
        await user.until(lambda: user.said.count("generate  failed") == 2)


async def test_a_read_only_session_refuses_what_writes_to_a_database_and_nothing_else(folder: Path) -> None:
    async with workbench(folder, settings=Settings(readonly=True)) as user:
        await user.sees("read-only")
        done: list[str] = []
        user.app._does = {action.id: partial(done.append, action.id) for action in ACTIONS}
        for action in ACTIONS:
            await user.app.action_act(action.id)
        assert done == [action.id for action in ACTIONS if not action.writes]
        refused = sum(action.writes for action in ACTIONS)
        await user.until(lambda: user.said.count("this session is read-only") == refused)
        # Wherever it is pressed, and from the help as well.
        await user.press("r", "l", "D")
        await user.until(lambda: user.said.count("this session is read-only") == refused + 3)
        assert user.shown.news is None


async def test_a_click_on_the_top_line_and_on_the_keys_does_what_the_keys_do(folder: Path) -> None:
    """That each piece of them can be clicked is a test of their texts."""
    async with workbench(folder) as user:
        for place in ("run", "report", "files"):
            await user.click("top", place.capitalize())
            await user.until(partial(user.at, place))
        app = user.app
        style = app.screen.get_style_at(user.lines[-1].index("v validate") + 3, app.size.height - 1)
        assert style.meta.get("@click") == "app.act('validate')", "the word as well as the key"
        await user.click("keys", "v validate")
        await user.job_ends("validate", "failed")
        await user.click("keys", "?")
        await user.sees("keys of")


async def test_the_help_lists_the_keys_of_the_place_and_runs_one(folder: Path) -> None:
    async with workbench(folder, size=(120, 60), screen="report") as user:
        await user.press("question_mark")
        await user.sees(*(action.help for action in actions_of("report")))
        assert "Fit a config" not in user.text
        # Its cursor is on the first; the second is Shape.
        await user.press("j", "enter")
        await user.arrives("shape")


async def test_the_palette_finds_the_actions_of_the_place_and_runs_them(folder: Path) -> None:
    async with workbench(folder) as user:
        await user.press("colon")
        await user.until(lambda: isinstance(user.app.screen, CommandPalette))
        await user.until(lambda: not user.app.screen.query_one(Input).cursor_blink)
        await user.type("export SVG")
        await user.until(lambda: user.app.screen.query_one(OptionList).option_count == 1)
        await user.sees("export SVG (E)", "Save the screen as SVG")
        await user.press("down", "enter")
        await user.hears("files.svg")
        await user.arrives("files")
        # What is no action of the place is not found.
        await user.press("colon")
        await user.type("overlay")
        await user.sees("No matches found")


async def test_keys_under_a_dialog_do_nothing_to_what_lies_below(folder: Path) -> None:
    async with workbench(folder, screen="calibrate") as user:
        start = user.bench
        await user.press("d")
        await user.sees("nothing differs")
        await user.press("right_square_bracket", "1", "g", "u", "ctrl+p", "f10", "escape")
        await user.arrives("calibrate")
        assert user.bench is start
        assert user.shown.news is None
        await user.press("f10", "ctrl+backslash")
        await user.go("shape")
