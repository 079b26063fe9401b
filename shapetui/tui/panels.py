"""What the panels say, as rich text made from the state: pure functions, tested without a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from shapetui.documents.config import Config
from shapetui.documents.report import Report, Tests
from shapetui.documents.shape import PERCENTILES, Shape
from shapetui.workbench.folder import Entry, Step
from shapetui.workbench.jobnews import JobNews
from shapetui.workbench.parameters import Parameter
from shapetui.workbench.state import Workbench

_VERDICT: Final = {"PASS": "bold green", "WARNING": "bold yellow", "FAIL": "bold red"}
_NAMES: Final = {
    "conversation_types": "conversation types",
    "messages_per_conversation": "messages / conv.",
    "message_types": "message types",
    "content_length": "content length",
}


def visible(value: object) -> str:
    """The text of a value with everything that cannot be seen spelt out (`\\x1b`); as `cli.console.visible`.

    Labels and notes come out of files and servers; none of their characters may steer the terminal.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def fitted_name(value: object, width: int) -> str:
    """A name in exactly `width` cells: cut with an ellipsis, or padded; wide characters count as two."""
    return set_cell_size(shortened(value, width), width)


def shortened(value: object, width: int) -> str:
    """A name in at most `width` cells, cut with an ellipsis."""
    text = visible(value)
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def percent(value: float | None, digits: int = 1) -> str:
    """A signed fraction as percent; never a negative zero."""
    if value is None:
        return "–"
    shown = round(value * 100, digits)
    return f"{shown + 0.0:+.{digits}f} %".replace("-", "−") if shown else f"{0:.{digits}f} %"


def four_tests(tests: Tests) -> Text:
    """A line per test: mark, name, the number that decides."""
    text = Text()
    size = tests.messages_per_conversation
    worst = max(size.percentile_errors, key=lambda name: abs(size.percentile_errors[name]), default=None)
    numbers = {
        "conversation_types": _effect(tests.conversation_types.cramers_v),
        "messages_per_conversation": f"{worst} {percent(size.percentile_errors[worst])}" if worst else "unknown",
        "message_types": _effect(tests.message_types.cramers_v),
        "content_length": f"mean {percent(tests.content_length.mean_error_pct)}".replace("+", ""),
    }
    for name, verdict in tests.verdicts().items():
        good = verdict == "PASS"
        text.append("✓ " if good else "✗ ", "green" if good else "bold red")
        text.append(f"{_NAMES[name]:<19}")
        text.append(f"{numbers[name]}\n", "" if good else "bold red")
    return text


def _effect(value: float | None) -> str:
    return "other labels" if value is None else f"V {value:.3f}"


def expected_verdict(workbench: Workbench) -> Text:
    """The verdict that the draft is expected to get, its tests and the numbers behind them."""
    expected, draft = workbench.expected, workbench.draft
    if draft.config is None:
        return Text("no config yet\n\nopen one on screen 1, or press c there\non a shape to calibrate", "dim")
    if expected is None:
        return Text(visible(workbench.trouble), "bold red")
    if expected.tests is None or draft.shape is None:
        return Text("no production shape to compare with\n\nopen one on screen 1", "dim")
    text = Text()
    text.append(f"{expected.verdict:<9}", _VERDICT[str(expected.verdict)])
    text.append(f" {expected.passed} of 4", "bold")
    text.append(f"   tolerance {draft.tolerance:.2f}\n\n", "dim")
    text.append_text(four_tests(expected.tests))
    text.append("\n")
    text.append_text(numbers(draft.shape, expected.shape))
    return text


def brief_verdict(workbench: Workbench) -> Text:
    """The same in one line, for small terminals."""
    expected, focused = workbench.expected, workbench.focused
    text = Text(no_wrap=True, overflow="ellipsis")
    if expected is None or expected.tests is None:
        text.append(visible(workbench.trouble) or "open a shape and a config on screen 1", "dim")
    else:
        text.append(f"{expected.verdict} {expected.passed} of 4", _VERDICT[str(expected.verdict)])
        errors = expected.tests.messages_per_conversation.percentile_errors
        text.append("  " + "  ".join(f"{name} {percent(error)}" for name, error in errors.items()))
    if focused is not None:
        text.append(f"\n▸ {visible(focused.key)}  {value_of(focused)}", "bold")
    return text


def numbers(production: Shape, other: Shape) -> Text:
    """Percentiles and means, production beside the other side."""
    text = Text()
    text.append(f"{'':<8}{'production':>11}{'expected':>10}{'':>9}\n", "dim")
    one = production.conversations.messages_per_conversation_percentiles.values()
    two = other.conversations.messages_per_conversation_percentiles.values()
    for name in PERCENTILES:
        if name in one and name in two:
            error = (two[name] - one[name]) / max(one[name], 1)
            text.append(f"{name:<8}{one[name]:>11,}{two[name]:>10,}{percent(error):>9}\n")
    mean_one = production.conversations.messages_per_conversation_mean
    mean_two = other.conversations.messages_per_conversation_mean
    if mean_one and mean_two:
        error = mean_two / mean_one - 1
        text.append(f"{'mean':<8}{mean_one:>11,.2f}{mean_two:>10,.2f}{percent(error):>9}\n")
    return text


def value_of(parameter: Parameter) -> str:
    """A parameter's value with as many digits as its nudges need."""
    if parameter.whole:
        return f"{parameter.value:,.0f}"
    return (
        f"{parameter.value:.4f}"
        if parameter.kind in ("tail share", "conversation weight", "message weight")
        else (f"{parameter.value:.2f}")
    )


def parameter_list(workbench: Workbench, height: int) -> Text:
    """The parameters, the focused one marked and in view; locked weights and changed values are marked too."""
    focused, changed = workbench.focused, {change.key for change in workbench.changes}
    lines = []
    at = 0
    for index, parameter in enumerate(workbench.parameters):
        line = Text(no_wrap=True, overflow="ellipsis")
        here = focused is not None and parameter.key == focused.key
        if here:
            at = index
        line.append("▸ " if here else "  ", "bold")
        line.append(f"{parameter.kind:<20}{fitted_name(parameter.label, 22)} ", "bold" if here else "")
        line.append(f"{value_of(parameter):>9}", "bold" if here else "")
        line.append(" ●" if parameter.key in changed else "  ", "yellow")
        line.append(" locked" if parameter.key in workbench.draft.locked else "")
        lines.append(line)
    if not lines:
        return Text("")
    first = min(max(0, at - height // 2), max(0, len(lines) - height))
    return Text("\n").join(lines[first : first + height])


def fit_of_tails(config: Config | None) -> Text:
    """How well each tail was fitted, and which other models were tried on the same cells."""
    text = Text()
    for label, model in (config.conversation_generation.by_type if config else {}).items():
        if model.tail is None:
            text.append(f"{shortened(label, 12)}: no tail, too few large conversations\n", "dim")
            continue
        fit = model.fit
        error = f" ± {fit.alpha_standard_error:.2f}" if fit and fit.alpha_standard_error else ""
        text.append(f"{shortened(label, 36)}\n", "bold")
        text.append(f"  xmin {model.tail.xmin}  α {model.tail.alpha:.2f}{error}  {model.tail.share:.1%} in it\n")
        if fit:
            text.append(f"  KS {fit.tail_ks or 0:.3f}  n {fit.tail_count:,}\n")
            if fit.rivals:
                text.append(f"  {'other models':<26} {'ΔAIC':>7}\n", "dim")
            for rival in fit.rivals:
                text.append(f"  {fitted_name(rival.model, 26)} {_signed(rival.delta_aic):>7}\n", "dim")
    return text


def _signed(value: float) -> str:
    return f"{round(value):+,d}".replace("-", "−") if round(value) else "0"


def files(entries: Sequence[Entry], chosen: int, opened: set[str]) -> Text:
    """The documents, grouped by kind; the chosen one marked, those being worked on in bold."""
    text = Text(no_wrap=True, overflow="ellipsis")
    kind = ""
    for index, entry in enumerate(entries):
        if entry.kind != kind:
            kind = entry.kind
            text.append(f"{'' if not text.plain else chr(10)}{kind}s\n", "dim")
        here = index == chosen
        style = "red" if entry.document is None else "bold" if str(entry.path) in opened else ""
        text.append("▸ " if here else "  ", "bold")
        text.append(f"{entry.glyph} {visible(entry.path.name)}", "reverse" if here else style)
        text.append(f"   {visible(entry.says)}\n", "red" if entry.document is None else "dim")
    if not entries:
        text.append("nothing here yet\n\n", "bold")
        text.append("make a shape with  shapetui sample  or see it all with  shapetui demo --headless\n")
    return text


def steps(lines: Sequence[Step]) -> Text:
    """The checklist, with the next step marked."""
    text = Text()
    marked = False
    for step in lines:
        following = not step.done and not marked
        marked = marked or following
        text.append("✓ " if step.done else "▸ " if following else "· ", "green" if step.done else "bold")
        text.append(f"{step.title:<23}", "bold" if following else "")
        text.append(f"{visible(step.note)}\n", "dim")
    return text


def job(news: JobNews[object] | None) -> Text:
    """A job's phases with bars, rate and time left; how it ended."""
    if news is None:
        return Text("no job yet: g generates, v validates, r does both", "dim")
    text = Text()
    text.append(f"{news.name}", "bold")
    text.append(f"  {visible(news.database)}  {news.seconds:,.1f} s\n\n", "dim")
    for phase in news.phases[-8:]:
        under_way = news.running and phase.phase == news.phase
        text.append("▸ " if under_way else "✓ ", "bold" if under_way else "green")
        text.append(f"{phase.phase:<22}")
        if phase.total and not phase.note:
            share = min(1.0, phase.done / phase.total)
            cells = round(share * 30)
            text.append(f"{phase.done:>13,} / {phase.total:<13,}")
            text.append("━" * cells)
            text.append("─" * (30 - cells), "dim")
            text.append(f" {share:>4.0%}")
        elif phase.note:
            text.append(visible(phase.note), "dim")
        text.append("\n")
    if news.running and news.rate:
        left = f"   {news.eta:,.0f} s left" if news.eta is not None else ""
        text.append(f"\n  {news.rate:,.0f} rows/s{left}\n")
    if not news.running:
        word = {"done": "DONE", "failed": "FAILED", "cancelled": "CANCELLED"}[news.outcome]
        text.append(f"\n{word}  ", "bold green" if news.outcome == "done" else "bold red")
        text.append(f"{visible(news.message)}\n")
        if news.hint:
            text.append(f"{visible(news.hint)}\n", "dim")
    return text


def report_head(report: Report | None) -> Text:
    """The verdict in capitals, the four tests, and the advice."""
    if report is None:
        return Text("no report yet: press v to measure the synthetic database", "dim")
    text = Text()
    text.append(f" {report.overall_verdict} ", f"{_VERDICT[report.overall_verdict]} reverse")
    text.append(f"  {report.summary.passed_tests} of 4", "bold")
    text.append(f"   tolerance {float(report.tolerance_threshold):.2f}", "dim")
    text.append(f"   {visible(report.validation_timestamp)}\n\n", "dim")
    text.append_text(four_tests(report.tests))
    for line in report.summary.recommendations:
        text.append(f"\n{visible(line)}")
    return text


def top_line(place: str, titles: Sequence[tuple[str, str]], workbench: Workbench, width: int) -> Text:
    """Where I am and on what."""
    left = Text(" shapetui ", "bold", no_wrap=True)
    for number, (name, title) in enumerate(titles, start=1):
        here = name == place
        left.append(f" {number} {title} ", "reverse bold" if here else "dim")
    draft = workbench.draft
    names = [path.rsplit("/", 1)[-1].removesuffix(".json") for path in (draft.shape_path, draft.config_path) if path]
    shown = visible(" · ".join(names)) + (" ● unsaved" if workbench.unsaved else "")
    right = Text(shown, no_wrap=True, overflow="ellipsis")
    space = width - left.cell_len - 1
    if right.cell_len > space:
        right.truncate(max(0, space), overflow="ellipsis")
    left.append(" " * max(1, width - left.cell_len - right.cell_len))
    left.append_text(right)
    return left
