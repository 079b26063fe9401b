"""The one table of actions: it feeds bindings, footer, palette, help, the keymap of the settings and the README, so
that none of them can say anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shapetui.workbench.key_names import printed_key

EVERYWHERE: Final = "everywhere"
PLACES: Final = ("files", "shape", "calibrate", "run", "report")
_PLOTS: Final = ("shape", "calibrate", "report")


@dataclass(frozen=True)
class Action:
    """Something a key does.

    Attributes:
        id: its name in the keymap of the settings.
        keys: Textual's names of the keys, the first one shown.
        title: one to three words for the footer and the palette.
        help: one sentence.
        places: the screens where it applies.
        footer: what the footer calls it; empty: it has no room for it. `together`: the action that shares its entry.
        writes: whether it writes to a database, so that a read-only session refuses it.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    places: tuple[str, ...] = (EVERYWHERE,)
    footer: str = ""
    together: str = ""
    writes: bool = False

    @property
    def shown_key(self) -> str:
        """The first key as it is printed on a keyboard."""
        return printed_key(self.keys[0])

    @property
    def shown_keys(self) -> str:
        """All keys as they are printed."""
        return " ".join(printed_key(key) for key in self.keys)

    def applies(self, place: str) -> bool:
        """Whether it applies on a screen."""
        return EVERYWHERE in self.places or place in self.places


ACTIONS: Final = (
    Action("files", ("1",), "Files", "Documents in the folder, databases, what to do next"),
    Action("shape", ("2",), "Shape", "One shape in full"),
    Action("calibrate", ("3",), "Calibrate", "Nudge the generator and see what comes of it"),
    Action("run", ("4",), "Run", "Generate and validate"),
    Action("report", ("5",), "Report", "How close the synthetic database comes"),
    Action("cancel", ("x", "escape"), "cancel", "Cancel what runs", footer="cancel"),
    Action("open", ("enter",), "open", "Open the chosen document", ("files",), "open"),
    Action("fit", ("c",), "calibrate", "Fit a config to the chosen shape", ("files",), "calibrate"),
    Action("sample", ("S",), "sample", "Measure the shape of the production database", ("files",), "sample"),
    Action("demo", ("D",), "demo", "The whole loop on data of its own", ("files",), "demo", writes=True),
    Action("look", ("R",), "look again", "Look at the databases again", ("files",)),
    Action("less", ("left_square_bracket",), "less", "Nudge the parameter down", ("calibrate",), "nudge", "more"),
    Action("more", ("right_square_bracket",), "more", "Nudge the parameter up", ("calibrate",)),
    Action(
        "much-less",
        ("left_curly_bracket",),
        "much less",
        "Nudge down, ten times as far",
        ("calibrate",),
        "coarse",
        "much-more",
    ),
    Action("much-more", ("right_curly_bracket",), "much more", "Nudge up, ten times as far", ("calibrate",)),
    Action("type-value", ("equals_sign", "enter"), "type it", "Type the parameter's value", ("calibrate",), "type it"),
    Action("solve", ("s",), "solve", "Make the suggested changes", ("calibrate",), "solve"),
    Action("write", ("w",), "write", "Write the config, with where it comes from", ("calibrate", "report"), "write"),
    Action("undo", ("u",), "undo", "Take back the last change", (EVERYWHERE,), "undo", "redo"),
    Action("redo", ("U",), "redo", "Take back the last undo"),
    Action("plan", ("e",), "edit plan", "Database, number of messages, seed, tolerance", ("run",), "edit plan"),
    Action(
        "generate", ("g",), "generate", "Fill the synthetic database from the config", writes=True, footer="generate"
    ),
    Action("validate", ("v",), "validate", "Measure the synthetic database and judge it", footer="validate"),
    Action("both", ("r",), "run both", "Generate, then validate", footer="both", writes=True),
    Action(
        "loop", ("l",), "loop until PASS", "Run both, make the suggested changes, again", footer="loop", writes=True
    ),
    Action("linear", ("a",), "axes", "Logarithmic or linear axes", _PLOTS, "axes"),
    Action("ccdf", ("c",), "CCDF", "Share of conversations at or above each size", _PLOTS, "CCDF"),
    Action("next-type", ("t",), "type", "All types together, then each of them", ("shape", "calibrate"), "type"),
    Action("lock", ("L",), "lock", "Lock or unlock a weight, so that it does not give way", ("calibrate",), "lock"),
    Action("changes", ("d",), "changes", "What differs from the loaded config", ("calibrate",), "changes"),
    Action(
        "sensitivity",
        ("p",),
        "sensitivity",
        "Where each check passes, over a range of the parameter",
        ("calibrate",),
        "where it passes",
    ),
    Action("other-shape", ("o",), "overlay", "Lay another shape over this one", ("shape",), "overlay"),
    Action("mark", ("space",), "mark", "Mark a round, to compare another with it", ("report",), "mark"),
    Action("compare", ("d",), "compare", "Compare the round with the marked one", ("report",), "compare"),
    Action("filter", ("slash",), "filter", "Show only what holds a text", ("files", "calibrate"), "filter"),
    Action("up", ("up", "k"), "up", "The document, parameter, round or text above"),
    Action("down", ("down", "j", "tab"), "down", "The one below"),
    Action("page-up", ("pageup",), "page up", "Ten lines up"),
    Action("page-down", ("pagedown",), "page down", "Ten lines down"),
    Action("data", ("e",), "export CSV", "Save the data of the screen's plot as CSV", _PLOTS),
    Action("picture", ("E",), "export SVG", "Save the screen as SVG"),
    Action("copy", ("y",), "copy", "Copy the screen's text (OSC 52), also to a file"),
    Action("redraw", ("Z", "ctrl+l"), "redraw", "Draw the screen again, when something else has written on it"),
    Action("theme", ("T",), "theme", "Change the colours"),
    Action("palette", ("colon", "ctrl+p"), "palette", "Find any action by its name"),
    Action("help", ("question_mark",), "help", "The keys of this place; enter runs one", footer="help"),
    Action("quit", ("q", "ctrl+q"), "quit", "Quit; a running job is asked about", footer="quit"),
)


def actions_of(place: str, actions: Sequence[Action] = ACTIONS) -> tuple[Action, ...]:
    """The actions that apply on a screen, in the order of the table."""
    return tuple(action for action in actions if action.applies(place))
