"""What the Calibrate screen says of the config: its parameters, the fit of the tails, what was changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from shapetui.documents.config import Config
from shapetui.tui.overlay import Glyphs, bar, spark
from shapetui.tui.shown import Shown
from shapetui.tui.texts.words import fitted_name, minus, shortened, visible
from shapetui.workbench.parameters import WEIGHTS, Parameter
from shapetui.workbench.state import Workbench

SIZES: Final = ("alpha", "xmin", "tail share", "xmax")
LENGTHS: Final = ("mu", "sigma")
# Columns of the curve that chose xmin, and rivals of each tail, in the panel of the fit: two types fit into 120x40.
_SCAN: Final = 24
_RIVALS: Final = 1
_SHORT: Final = {
    "alpha": "α",
    "tail share": "tail",
    "conversation weight": "",
    "message weight": "",
    "mu": "μ",
    "sigma": "σ",
}


def value_of(parameter: Parameter) -> str:
    """A parameter's value with as many digits as its nudges need."""
    return written(parameter, parameter.value)


def written(parameter: Parameter, value: float) -> str:
    """A value of this parameter with as many digits as its nudges need."""
    if parameter.whole:
        return f"{value:,.0f}"
    return minus(f"{value:.4f}" if parameter.kind in ("tail share", *WEIGHTS) else f"{value:.2f}")


def narrowed(shown: Shown, kinds: Sequence[str]) -> list[Parameter]:
    """The parameters of some kinds that the filter leaves."""
    wanted = shown.view.filters.get("calibrate", "").casefold()
    bench = shown.workbench
    found = bench.parameters if bench is not None else ()
    return [parameter for parameter in found if parameter.kind in kinds and wanted in parameter.key.casefold()]


def sizes(shown: Shown, width: int, height: int) -> Text:
    """Alphas, xmin, tail shares and xmax: value, and the value that was loaded where it differs."""
    before = _before(shown.workbench)
    lines = []
    found = narrowed(shown, SIZES)
    values = [value_of(parameter) for parameter in found]
    loaded = [_loaded(parameter, before) for parameter in found]
    value_width = max([6, *map(len, values)])
    # Cursor, kind and value; the loaded value has its room whether there is one or not, so that nothing moves.
    name = _name_width(found, width - 8 - value_width - max([8, *(len(said) + 2 for said in loaded)]), 24)
    for parameter, value, old in zip(found, values, loaded, strict=True):
        line = _begun(shown, parameter)
        line.append(f"{_SHORT.get(parameter.kind, parameter.kind):<5}")
        line.append(f"{fitted_name(parameter.label, name)} {value:>{value_width}}")
        line.append(f" {old}" if old else "", "yellow")
        lines.append(line)
    return _window(lines, height)


def _loaded(parameter: Parameter, before: dict[str, float | None]) -> str:
    """`● 2.81`, where the value that was loaded is another one; shares without the zero that all begin with."""
    old = before.get(parameter.key)
    return f"● {written(parameter, old).removeprefix('0')}" if old is not None else ""


def _name_width(found: Sequence[Parameter], room: int, most: int) -> int:
    """As wide as the longest name, as far as there is room; a few cells at least."""
    longest = max((cell_len(visible(parameter.label)) for parameter in found), default=0)
    return max(6, min(longest, room, most))


def weights(shown: Shown, width: int, height: int, glyphs: Glyphs) -> Text:
    """The weights of both kinds of types, as bars; locked ones say so."""
    before = _before(shown.workbench)
    locked = shown.workbench.draft.locked if shown.workbench else frozenset()
    lines: list[Text] = []
    # A name is worth more than the last cells of a bar, but not than the word that one is locked.
    name = _name_width(narrowed(shown, WEIGHTS), width - (15 if locked else 13), 30)
    for kind in WEIGHTS:
        found = narrowed(shown, (kind,))
        if found and lines:
            lines.append(Text(""))
        for parameter in found:
            line = _begun(shown, parameter)
            # .1234, but 1.000.
            line.append(f"{fitted_name(parameter.label, name)} {value_of(parameter).removeprefix('0')[:5]:>5}")
            line.append("●" if parameter.key in before else " ", "yellow")
            room = width - name - 9
            if parameter.key in locked:
                line.append("locked", "bold")
            elif room > 1:
                line.append(bar(parameter.value, room, glyphs), "dim")
            lines.append(line)
    return _window(lines, height)


def lengths(shown: Shown, width: int, height: int, glyphs: Glyphs) -> Text:
    """mu and sigma of each message type in one row, with a small picture of the expected lengths."""
    bench = shown.workbench
    before = _before(bench)
    rows: dict[str, dict[str, Parameter]] = {}
    for parameter in narrowed(shown, LENGTHS):
        rows.setdefault(parameter.label, {})[parameter.kind] = parameter
    lines = []
    name = max(4, min(14, width - 22))
    for label, pair in rows.items():
        here = bench is not None and bench.focused is not None and bench.focused.key in {p.key for p in pair.values()}
        line = Text("▸ " if here else "  ", no_wrap=True, overflow="ellipsis")
        line.append(fitted_name(label, name), "bold" if here else "")
        for kind in LENGTHS:
            found = pair.get(kind)
            focused = found is not None and bench is not None and bench.focused == found
            said = f"{_SHORT[kind]} {value_of(found):>4}" if found is not None else ""
            # Brackets, because which of the two is focused must not be told by colour alone.
            line.append(f" [{said}]" if focused else f"  {said} ", "bold reverse" if focused else "")
        changed = any(parameter.key in before for parameter in pair.values())
        line.append("●" if changed else " ", "yellow")
        if (room := width - name - 24) > 4:
            line.append(" ")
            line.append(spark(_lengths_expected(bench, label), room, glyphs), "dim")
        lines.append(line)
    if not lines and shown.view.filters.get("calibrate"):
        return Text("none that the filter leaves", "dim")
    return _window(lines, height) if lines else Text("lengths are histograms,\nor there are none", "dim")


def _lengths_expected(bench: Workbench | None, label: str) -> list[float]:
    """Shares of a message type's expected lengths, per doubling."""
    expected = bench.expected if bench is not None else None
    kind = expected.shape.messages.by_type.get(label) if expected is not None else None
    doublings = [0.0] * 15
    for cell, count in (kind.content_length_cells if kind else {}).items():
        low = int(cell.partition("-")[0])
        doublings[min(low.bit_length(), 14)] += count
    return doublings


def fit_of_tails(config: Config | None, glyphs: Glyphs) -> Text:
    """How well each tail was fitted, how its xmin was chosen, and what else was tried on the same cells."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for label, model in (config.conversation_generation.by_type if config else {}).items():
        if model.tail is None:
            text.append(f"{shortened(label, 12)}: no tail, too few large conversations\n", "dim")
            continue
        fit = model.fit
        error = f" ± {fit.alpha_standard_error:.2f}" if fit and fit.alpha_standard_error else ""
        text.append(f"{shortened(label, 36)}\n", "bold")
        text.append(f"  xmin {model.tail.xmin}  α {model.tail.alpha:.2f}{error}  {model.tail.share:.1%} in it\n")
        if fit:
            p = f"  p {fit.goodness_of_fit_p:.2f}" if fit.goodness_of_fit_p is not None else ""
            text.append(f"  KS {fit.tail_ks or 0:.3f}  n {fit.tail_count:,}{p}\n")
            if fit.xmin_scan and len(fit.xmin_scan) > 2:
                text.append(_scan(fit.xmin_scan, model.tail.xmin, glyphs))
            for rival in (fit.tail_rivals or fit.rivals)[:_RIVALS]:
                text.append(f"  {fitted_name(rival.model, 22)} ΔAIC {minus(f'{rival.delta_aic:+,.0f}'):>8}\n", "dim")
    if not text.plain and config is not None:
        return Text("a config of the original's kind:\none power law, no fit to show", "dim")
    text.rstrip()
    return text


def _scan(scan: list[tuple[int, float]], xmin: int, glyphs: Glyphs) -> Text:
    """The KS distance of a tail from each xmin, both logarithmic; bold where the tail begins: there the curve dips."""
    least = min((ks for _, ks in scan if ks > 0), default=1.0)
    first, last = math.log(max(scan[0][0], 1)), math.log(max(scan[-1][0], 2))

    def column(place: int) -> int:
        return min(max(int(_SCAN * (math.log(max(place, 1)) - first) / max(last - first, 1e-9)), 0), _SCAN - 1)

    lowest: dict[int, float] = {}
    for place, ks in scan:
        # A little above zero, which would be blank.
        lowest[column(place)] = min(lowest.get(column(place), math.inf), math.log(max(ks, least) / least) + 0.01)
    filled = sorted(lowest)
    chosen = min(filled, key=lambda at: abs(at - column(xmin)))
    text = Text("  KS by xmin ", "dim", no_wrap=True, overflow="ellipsis")
    for at, glyph in zip(filled, spark([lowest[at] for at in filled], len(filled), glyphs), strict=True):
        text.append(glyph, "bold" if at == chosen else "dim")
    return text.append("\n")


def changes(bench: Workbench) -> Text:
    """Every parameter that differs from the loaded config, then the parts that were fitted anew."""
    text = Text(no_wrap=True, overflow="ellipsis")
    if not bench.changes and not bench.refitted:
        return Text("nothing differs from the config that was loaded", "dim")
    if bench.changes:
        text.append(f"{'':<34}{'loaded':>12}{'now':>12}\n", "dim")
    kinds = {parameter.key: parameter for parameter in bench.parameters}
    for change in bench.changes:
        parameter = kinds.get(change.key)
        old, new = (
            "–" if value is None else written(parameter, value) if parameter else f"{value:g}"
            for value in (change.before, change.after)
        )
        text.append(f"{fitted_name(change.key, 34)}{old:>12}{new:>12}\n")
    # What no parameter shows: hours and histograms are other ones all the same.
    for part in bench.refitted:
        text.append("fitted to the shape anew: ", "dim").append(f"{visible(part)}\n")
    return text


def _before(bench: Workbench | None) -> dict[str, float | None]:
    return {change.key: change.before for change in bench.changes} if bench is not None else {}


def _begun(shown: Shown, parameter: Parameter) -> Text:
    """A line with the mark of the focus; all of it bold there."""
    bench = shown.workbench
    here = bench is not None and bench.focused is not None and bench.focused.key == parameter.key
    return Text("▸ " if here else "  ", "bold" if here else "", no_wrap=True, overflow="ellipsis")


def _window(lines: Sequence[Text], height: int) -> Text:
    """As many lines as there is room for, the marked one among them."""
    at = next((index for index, line in enumerate(lines) if line.plain.startswith("▸")), 0)
    first = min(max(0, at - height // 2), max(0, len(lines) - height))
    return Text("\n").join(lines[first : first + height])
