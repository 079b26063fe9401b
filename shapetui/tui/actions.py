"""The one table of actions: it feeds bindings, footer, palette and help, so none of them can say anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = "everywhere"


@dataclass(frozen=True)
class Action:
    """Something a key does.

    Attributes:
        name: the app's `action_<name>`, with its arguments in Textual's form.
        keys: Textual's names of the keys, the first one shown.
        title: two or three words for the footer and the palette.
        help: one sentence.
        places: the screens where it applies.
        footer: whether the footer has room for it.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    places: tuple[str, ...] = (EVERYWHERE,)
    footer: bool = False

    @property
    def shown_key(self) -> str:
        """The first key as it is printed on a keyboard."""
        return _PRINTED.get(self.keys[0], self.keys[0])

    def applies(self, place: str) -> bool:
        """Whether it applies on a screen."""
        return EVERYWHERE in self.places or place in self.places


_PRINTED: Final = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "equals_sign": "=",
    "U": "U",
}

ACTIONS: Final = (
    Action("go('files')", ("1",), "Files", "Documents in the folder, databases, what to do next"),
    Action("go('shape')", ("2",), "Shape", "One shape in full"),
    Action("go('calibrate')", ("3",), "Calibrate", "Nudge the generator and see what comes of it"),
    Action("go('run')", ("4",), "Run", "Generate and validate"),
    Action("go('report')", ("5",), "Report", "How close the synthetic database comes"),
    Action("open", ("enter",), "open", "Open the chosen document", ("files",), True),
    Action("choose(-1)", ("up", "k"), "up", "The document or parameter above", ("files", "calibrate")),
    Action("choose(1)", ("down", "j", "tab"), "next", "The document or parameter below", ("files", "calibrate")),
    Action("calibrate", ("c",), "calibrate", "Fit a config to the chosen shape", ("files",), True),
    Action("nudge(-1)", ("left_square_bracket",), "less", "Nudge the parameter down", ("calibrate",), True),
    Action("nudge(1)", ("right_square_bracket",), "more", "Nudge the parameter up", ("calibrate",), True),
    Action("nudge(-1, True)", ("left_curly_bracket",), "less, coarse", "Nudge down, ten times as far", ("calibrate",)),
    Action("nudge(1, True)", ("right_curly_bracket",), "more, coarse", "Nudge up, ten times as far", ("calibrate",)),
    Action("type_value", ("equals_sign",), "type it", "Type the parameter's value", ("calibrate",), True),
    Action("lock", ("L",), "lock", "Lock or unlock a weight, so that it does not give way", ("calibrate",)),
    Action("undo", ("u",), "undo", "Take back the last change", ("calibrate", "files", "run"), True),
    Action("redo", ("U",), "redo", "Take back the last undo", ("calibrate", "files", "run")),
    Action("write", ("w",), "write", "Write the config, with where it comes from", ("calibrate",), True),
    Action("linear", ("a",), "axes", "Logarithmic or linear axes", ("shape", "calibrate", "report"), True),
    Action("ccdf", ("c",), "CCDF", "Share of conversations at or above each size", ("shape", "calibrate", "report")),
    Action("next_type", ("t",), "type", "The next type", ("shape", "calibrate"), True),
    Action(
        "generate",
        ("g",),
        "generate",
        "Fill the synthetic database from the config",
        ("run", "calibrate", "files"),
        True,
    ),
    Action(
        "validate", ("v",), "validate", "Measure the synthetic database and judge it", ("run", "report", "files"), True
    ),
    Action("both", ("r",), "generate+validate", "Regenerate, then validate", footer=True),
    Action("target", ("e",), "target", "Change how many messages are generated", ("run",), True),
    Action("cancel", ("x", "escape"), "cancel", "Cancel the running job", footer=True),
    Action("help", ("question_mark",), "help", "The keys of this place; enter runs one", footer=True),
    Action("palette", ("colon", "ctrl+p"), "palette", "Find any action by its name"),
    Action("copy", ("y",), "copy", "Copy the screen's text (OSC 52, and a file beside it)"),
    Action("export", ("E",), "export", "Save the screen as SVG"),
    Action("leave", ("q",), "quit", "Quit; a running job is asked about", footer=True),
)


def actions_of(place: str) -> tuple[Action, ...]:
    """The actions that apply on a screen, in the order of the table."""
    return tuple(action for action in ACTIONS if action.applies(place))
