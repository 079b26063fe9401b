"""What the Calibrate screen says of what is to be expected: verdict, tests and checks, what would help."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from shapetui.fidelity.check_words import check_name
from shapetui.tui.shown import Shown
from shapetui.tui.texts.calibrate import value_of
from shapetui.tui.texts.judged import (
    MARKS,
    check_lines,
    check_numbers,
    counted,
    decision_line,
    four_tests,
    significant_from,
    worst_first,
)
from shapetui.tui.texts.words import CHECK_STYLES, VERDICT_STYLES, percent, prose, visible
from shapetui.workbench.advised import outcome

_NOTHING: Final = "no config yet\n\nopen one on screen 1, or press c there\non a shape to calibrate"


def expected_verdict(shown: Shown, width: int, height: int) -> Text:
    """The verdict that the draft is expected to get, its tests with their margins, what the checks come to, what would
    help; between these as many checks as there is room for, the worst first.
    """
    bench = shown.workbench
    if bench is None or bench.draft.config is None:
        return Text(_NOTHING, "dim")
    expected, draft = bench.expected, bench.draft
    if expected is None:
        return Text(visible(bench.trouble), "bold red")
    if expected.tests is None or draft.shape is None:
        return Text("no production shape to compare with\n\nopen one on screen 1", "dim")
    text = Text()
    text.append(f"{expected.verdict}", VERDICT_STYLES[str(expected.verdict)])
    text.append(f"  {expected.passed} of 4", "bold")
    text.append(f"   tolerance {draft.tolerance:.2f}\n", "dim")
    text.append_text(four_tests(expected.tests, draft.tolerance))
    rows = expected.shape.conversations.total_count, expected.shape.messages.total_count
    text.append_text(significant_from(expected.tests, *rows))
    help_ = advice(shown)
    if (decision := expected.checks.decision) is not None:
        checks = expected.checks.checks
        text.append("\n").append_text(decision_line(checks, decision, width))
        taken = text.plain.count("\n") + (_lines(help_.plain, width) + 1 if help_ else 0)
        text.append_text(check_lines(checks, height - taken))
    if help_:
        text.append("\n").append_text(help_)
    text.rstrip()
    return text


def _lines(text: str, width: int) -> int:
    """How many rows a text takes that is wrapped at words."""
    return sum(max(1, len(wrap(line, max(1, width)))) for line in text.split("\n"))


def advice(shown: Shown) -> Text:
    """Which nudge would help; empty where all is good."""
    bench = shown.workbench
    if bench is None or bench.expected is None or bench.expected.verdict is None:
        return Text("")
    if shown.advice is None:
        return Text("looking for what would help …" if not bench.expected.good else "", "dim")
    text = Text(prose(shown.advice.sentence))
    nudge, plan = shown.advice.nudge, shown.advice.plan
    if nudge is not None and plan is not None and plan.values == ((nudge.key, nudge.value),):
        return text.append("\ns  ", "bold").append("does it", "dim")
    if plan is not None:
        text.append("\ns  ", "bold").append(prose(shown.advice.plan_sentence))
    return text


def brief_verdict(shown: Shown, width: int) -> Text:
    """The same in two lines, for small terminals: verdict and decision; the focused parameter, and what is worst.

    What `s` would come to stands in either of them, where it fits.
    """
    text = Text(no_wrap=True, overflow="ellipsis")
    bench = shown.workbench
    if bench is None:
        return text
    expected, focused = bench.expected, bench.focused
    worst: list[tuple[str, str]] = []
    if expected is None or expected.tests is None:
        text.append(visible(bench.trouble) or "open a shape and a config on screen 1", "dim")
    else:
        text.append(f"{expected.verdict} {expected.passed} of 4", VERDICT_STYLES[str(expected.verdict)])
        failed = [name.replace("_", " ") for name, verdict in expected.tests.verdicts().items() if verdict == "FAIL"]
        worst = [(f"✗ {name}", "bold red") for name in failed]
        if (decision := expected.checks.decision) is not None:
            checks = expected.checks.checks
            text.append("   checks ", "dim").append(decision, CHECK_STYLES[decision])
            _where_it_fits(text, f"  {counted(checks)}", "", width)
            worst += [
                (f"{MARKS[check.verdict]} {check_name(check.name)} {check_numbers(check)}", CHECK_STYLES[check.verdict])
                for check in worst_first(checks)
                if check.verdict != "GO"
            ]
        errors = expected.tests.messages_per_conversation.percentile_errors
        for name in ("p99", "p95"):
            if name in errors:
                _where_it_fits(text, f"   {name} {percent(errors[name])}", "dim", width)
    hints = _hints(shown)
    hinted = any(_where_it_fits(text, hint, "bold", width) for hint in hints[:1])
    if focused is not None:
        line = Text(f"▸ {visible(focused.key)}  {value_of(focused)}", "bold")
        # Before what is worst: that is seen elsewhere, too, what `s` would do is not.
        for hint in () if hinted else hints:
            if _where_it_fits(line, hint, "", width):
                break
        for said, style in worst:
            _where_it_fits(line, f"   {said}", style, width)
        text.append("\n").append_text(line)
    return text


def _hints(shown: Shown) -> tuple[str, ...]:
    """What `s` would come to, the longest first; none where there is nothing that it would do."""
    found = shown.advice
    if found is None or found.plan is None:
        return ()
    before, after = outcome(found.passed, found.refused), outcome(found.plan_passed, found.plan_refused)
    if before == after:
        return (f"   s: still {after}",)
    return f"   s: {before} → {after}", f"   s: → {after}"


def _where_it_fits(text: Text, more: str, style: str, width: int) -> bool:
    """Appends what there is room for; whether there was."""
    fits = text.cell_len + cell_len(more) <= width
    if fits:
        text.append(more, style)
    return fits
