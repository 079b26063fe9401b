"""The frame of every screen: where I am and on what above, the keys that apply here below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from shapetui.tui.shown import Shown
from shapetui.tui.texts.words import shortened, visible
from shapetui.workbench.actions import PLACES, Action

# Shown last and always: the way to everything else, and the way out.
_ALWAYS = ("help", "quit")
_ROOMY = 100
_BETWEEN: Final = " · "
# What can be told of the name of a job, of two names beside one another, of a name alone.
_SHORTEST_JOB, _SHORTEST_NAME, _SHORTEST_END = 4, 14, 4


def top_line(place: str, titles: dict[str, str], shown: Shown, width: int) -> Text:
    """Where I am and on what, and what runs."""
    # A narrow terminal has its room for what is worked on.
    left = Text(" shapetui " if width >= _ROOMY else "", "bold", no_wrap=True)
    for number, name in enumerate(PLACES, start=1):
        # Not only the colour tells the present screen.
        text = f"▌{number} {titles[name]}▐" if name == place else f" {number} {titles[name]} "
        left.append(text, _click(name, Style(bold=True, reverse=True) if name == place else Style(dim=True)))
    space = max(0, width - left.cell_len - 2)
    right = Text(no_wrap=True)
    if shown.readonly:
        right.append("read-only  ", "bold")
    if (news := shown.news) is not None and news.running:
        done = f" {news.done / news.total:.0%}" if news.total else ""
        # How far it has come is told before its whole name.
        name = shortened(news.name, max(_SHORTEST_JOB, space - right.cell_len - len(done)))
        right.append(f"{name}{done}  ", "bold")
    if shown.workbench is not None:
        right.append(_worked_on(shown, space - right.cell_len))
    right.rstrip()
    if right.cell_len > space:
        right.truncate(space, overflow="ellipsis")
    left.append(" " * max(1, width - left.cell_len - right.cell_len - 1))
    left.append_text(right)
    left.append(" ")
    return left


def _worked_on(shown: Shown, space: int) -> str:
    """`shape · config ● unsaved`; of names that are too long their ends, where they differ, or only the config's."""
    bench = shown.workbench
    if bench is None or space < 4:
        return ""
    names = [
        visible(PurePath(path).name.removesuffix(".json"))
        for path in (bench.draft.shape_path, bench.draft.config_path)
        if path
    ]
    mark = " ● unsaved" if bench.unsaved else ""
    room = space - cell_len(mark)
    both, ends = _BETWEEN.join(names), _BETWEEN.join(_ends(names, room))
    for said in (both, ends, *reversed(names)):
        if said and cell_len(said) <= room:
            return said + mark
    return f"{_end(names[-1], room) if names and room > _SHORTEST_END else '…'}{mark}"


def _ends(names: Sequence[str], room: int) -> list[str]:
    """Two names as ends of about the same length, the shorter one whole where it leaves enough; [] without room."""
    if len(names) != 2 or room < 2 * _SHORTEST_NAME + len(_BETWEEN):
        return []
    room -= len(_BETWEEN)
    first = min(cell_len(names[0]), max(room // 2, room - cell_len(names[1])))
    return [_end(names[0], first), _end(names[1], room - first)]


def _end(name: str, room: int) -> str:
    """The last cells of a name, after an ellipsis."""
    if cell_len(name) <= room:
        return name
    while name and cell_len(name) > room - 1:
        name = name[1:]
    return f"…{name}"


def key_line(actions: Sequence[Action], width: int, *, busy: bool) -> Text:
    """The keys of a screen, as many as there is room for; opposites share an entry; help and quit are always there.

    `busy`: a job runs, so that there is something to cancel.
    """
    by_id = {action.id: action for action in actions}
    # `both` and `loop` do what they do; elsewhere than on Run a narrow line has its room for the screen's own keys.
    passed_over = () if "plan" in by_id else ("generate", "validate")
    entries = [
        [action, by_id[action.together]] if action.together else [action]
        for action in actions
        if action.footer and (busy or action.id != "cancel") and (width >= _ROOMY or action.id not in passed_over)
    ]
    last = [entry for entry in entries if entry[0].id in _ALWAYS]
    room = width - sum(map(_entry_width, last))
    line = Text(no_wrap=True)
    for entry in (*(one for one in entries if one not in last), *last):
        if entry not in last:
            if _entry_width(entry) > room:
                continue
            room -= _entry_width(entry)
        for action in entry:
            line.append(" ").append(action.shown_key, _click(action.id, Style(bold=True)))
        line.append(f" {entry[0].footer} ", _click(entry[0].id, Style(dim=True)))
    return line


def _entry_width(entry: Sequence[Action]) -> int:
    return sum(len(action.shown_key) + 1 for action in entry) + len(entry[0].footer) + 2


def _click(action: str, style: Style) -> Style:
    """The style with a click on it: a mouse does what the key does."""
    return style + Style(meta={"@click": f"app.act('{action}')"})
