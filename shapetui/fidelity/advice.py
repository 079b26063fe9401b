"""What to do about a failed test: the parameter, the direction and the numbers that led there."""

from __future__ import annotations

from collections.abc import Sequence

from shapetui.documents.checks import Check
from shapetui.documents.report import Tests, TypeTest
from shapetui.documents.shape import Shape
from shapetui.fidelity.check_words import amount, check_name
from shapetui.fidelity.gate import decide


def recommendations(tests: Tests, checks: Sequence[Check], production: Shape, synthetic: Shape) -> list[str]:
    """One sentence per failed test; where none failed one for the checks that are NO-GO, or the original's two."""
    if not synthetic.messages.total_count:
        return ["The synthetic database holds no messages: generate first, then validate."]
    found = []
    if tests.conversation_types.verdict == "FAIL":
        found.append(_types("conversation", tests.conversation_types))
    if tests.messages_per_conversation.verdict == "FAIL":
        found.append(_sizes(tests, production))
    if tests.message_types.verdict == "FAIL":
        found.append(_types("message", tests.message_types))
    if tests.content_length.verdict == "FAIL":
        found.append(
            "Recalibrate the content lengths (mu and sigma, or the cells of each message type): "
            + tests.content_length.details
            + "."
        )
    refused = [check for check in checks if check.verdict == "NO-GO"]
    if refused and not found:
        told = ", ".join(f"{check_name(check.name)} ({amount(check.value, check.unit)})" for check in refused)
        found.append(
            f"The four tests pass and the data is not fit for index tests: {told}. shapetui tune finds the nearest"
            " config with which they are expected to be good."
        )
    unclear = [check for check in checks if check.verdict == "INCONCLUSIVE"]
    if found:
        return found
    good = ["All distributions match within the tolerance."]
    if decide(checks) in ("GO", None):
        good.append("The dataset is ready for index tests.")
    if unclear:
        names = ", ".join(check_name(check.name) for check in unclear)
        good.append(f"With so few conversations {len(unclear)} of {len(checks)} checks cannot be decided: {names}.")
    return good


def _types(kind: str, test: TypeTest) -> str:
    return f"Update the {kind} type weights: {test.details}."


def _sizes(tests: Tests, production: Shape) -> str:
    errors = tests.messages_per_conversation.percentile_errors
    if not errors:
        return "The production shape has no percentiles of messages per conversation: sample it again."
    worst = max(errors, key=lambda name: abs(errors[name]))
    error = errors[worst]
    high = "too high" if error > 0 else "too low"
    if worst in ("p95", "p99"):
        way, other = ("raise", "lower") if error > 0 else ("lower", "raise")
        return f"{worst} is {abs(error):.0%} {high}: {way} the alpha of the tail, or {other} the tail's share."
    cells = production.conversations.messages_per_conversation_cells
    where = "the body cells" if cells else "alpha"
    return f"{worst} is {abs(error):.0%} {high}: recalibrate {where}; the tail's alpha does not move it."
