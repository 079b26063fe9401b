"""What one parameter does to the checks: around where it is, within its limits, with the span where all pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shapetui.errors import PlanError
from shapetui.workbench import intents
from shapetui.workbench.draft import Draft, with_one
from shapetui.workbench.expectation import Expected, expect, parameters_of
from shapetui.workbench.outcome import used
from shapetui.workbench.parameters import Parameter
from shapetui.workbench.sensitivity import grid, sensitivity
from shapetui.workbench.solving import Stopped
from shapetui.workbench.spans import Span
from tests.workbench.benches import after, fitted

KEYS = [parameter.key for parameter in after().parameters]
ALPHA = "alpha GROUP_CHAT"
MU = "mu TEXT"


def known(draft: Draft, key: str) -> Parameter:
    assert draft.config is not None
    return next(parameter for parameter in parameters_of(draft.config) if parameter.key == key)


def expected_at(draft: Draft, key: str, value: float) -> Expected:
    changed = with_one(draft, known(draft, key), value)
    assert changed.config is not None
    found = expect(changed.config, draft.shape, draft.target, draft.tolerance)
    assert isinstance(found, Expected)
    return found


@pytest.mark.parametrize("key", KEYS)
def test_the_values_lie_around_the_present_one_and_within_the_limits(key: str) -> None:
    parameter = known(after().draft, key)
    values = grid(parameter, 31)
    assert parameter.value in values
    assert list(values) == sorted(set(values))
    assert parameter.lowest <= values[0] < values[-1] <= parameter.highest
    assert len(values) <= 32


def test_what_moves_by_factors_goes_from_a_third_to_three_times_and_zero_has_its_neighbours() -> None:
    share = Parameter("tail share", "A", 0.03, 0.0, 1.0, 0.02, 0.2, factor=True)
    assert (grid(share, 31)[0], grid(share, 31)[-1]) == pytest.approx((0.01, 0.09))
    assert grid(replace(share, value=0.0), 31)[:1] == (0.0,)
    assert grid(replace(share, value=0.0), 31)[-1] > 0
    assert grid(replace(share, value=0.5), 31)[-1] == 1.0


def test_every_point_is_what_is_expected_of_the_draft_with_that_value() -> None:
    draft = after().draft
    found = sensitivity(draft, ALPHA, 5)
    assert found.values[found.present] == known(draft, ALPHA).value
    for at, value in enumerate(found.values):
        expected = expected_at(draft, ALPHA, value)
        assert found.passed[at] == expected.passed
        for series in found.series:
            check = expected.checks.named(series.name)
            assert series.checks[at] == check
            assert check is not None
            assert series.used[at] == used(check)


def test_inside_of_the_span_all_pass_and_beyond_it_something_does_not() -> None:
    bench = after(intents.SetTolerance(0.3))
    found = sensitivity(bench.draft, MU)
    span = found.all_pass
    assert span is not None

    def good(value: float) -> bool:
        expected = expected_at(bench.draft, MU, value)
        return expected.passed == 4 and all(used(check) <= 1 for check in expected.checks.checks)

    middle, width = (span.low + span.high) / 2, span.high - span.low
    assert all(good(middle + part * width) for part in (-0.4, 0.0, 0.4))
    assert span.open_low or not good(span.low - 0.05)
    assert span.open_high or not good(span.high + 0.05)
    assert found.no_refusal is not None
    assert found.four is not None
    assert found.four.low <= span.low <= span.high <= found.four.high


def test_where_a_check_passes_is_told_between_two_points_and_ends_open_at_the_end_of_the_range() -> None:
    found = sensitivity(after().draft, ALPHA)
    for series in found.series:
        if series.span is None:
            assert all(use > 1 for use in series.used)
            continue
        assert series.span.open_low == (series.span.low == found.values[0])
        assert series.span.open_high == (series.span.high == found.values[-1])
        inside = [
            use
            for value, use in zip(found.values, series.used, strict=True)
            if series.span.low <= value <= series.span.high
        ]
        assert all(use <= 1 for use in inside)
    still = next(series for series in found.series if series.name == "message_types")
    assert still.variation(3.0) < 0.001
    assert still.span == Span(found.values[0], found.values[-1], True, True)
    assert any(series.variation(3.0) > 1 for series in found.series)


def test_the_narrow_span_of_a_weight_is_found_from_far_away() -> None:
    key = "message weight CODE"
    there = known(after().draft, key).value
    spoilt = after(intents.Focus(key), intents.SetValue(key, there + 0.073), intents.SetTolerance(0.3))
    found = sensitivity(spoilt.draft, key)
    assert found.four is not None
    assert found.four.low <= there <= found.four.high
    assert found.four.high - found.four.low < 0.05


def test_xmin_has_the_values_of_the_edges_that_the_shape_knows() -> None:
    draft = after().draft
    found = sensitivity(draft, "xmin GROUP_CHAT")
    assert len(found.values) > 2
    assert all(value == int(value) for value in found.values)
    for value in found.values:
        changed = with_one(draft, known(draft, "xmin GROUP_CHAT"), value)
        assert known(changed, "xmin GROUP_CHAT").value == value


def test_a_locked_weight_is_refused_and_so_is_a_draft_of_which_nothing_is_judged() -> None:
    locked = after(intents.ToggleLock("message weight CODE"))
    with pytest.raises(PlanError, match="message weight CODE is locked"):
        sensitivity(locked.draft, "message weight CODE")
    with pytest.raises(PlanError, match="nothing is judged"):
        sensitivity(Draft(config=fitted()), ALPHA)
    with pytest.raises(PlanError, match="no parameter"):
        sensitivity(Draft(), ALPHA)


def test_it_stops_when_nobody_wants_it_any_more() -> None:
    with pytest.raises(Stopped):
        sensitivity(after().draft, ALPHA, should_stop=lambda: True)
