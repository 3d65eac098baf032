"""What a curve says of one transcript, and what decided when it is looked at next."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.core.explain.diagnosis import Forecast, QueueRow, Record, Rule, budget_view, forecast, stratum_of_row
from syncd.core.polling.poll_index import DEADLINE_GAP_S, LONGEST_GAP_S, next_poll
from syncd.core.polling.strata import Stratum
from syncd.core.polling.survival import BINS, SurvivalCurve
from syncd.core.rate_limit.budget import Budget
from syncd.core.transcript import Stage
from tests.core.samples import NOW

STEADY = SurvivalCurve((0.01,) * BINS)
"""A hundred seconds on average, whatever the age."""
RECORD = Record("default", NOW, "pending", "not finished", False, status="processing")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def queue_row(**changes: Any) -> QueueRow:
    """Created 100 s ago, seen 20 s ago, due 10 s ago, at a price of half a second."""
    seen = QueueRow(
        stage=Stage.POLL,
        due_at=NOW - seconds(10),
        tracked_at=NOW - seconds(90),
        pending_until=NOW + timedelta(days=2),
        is_observed=True,
        last_seen_at=NOW - seconds(20),
        created_at=NOW - seconds(100),
        provider="deepgram_async",
        threshold_s=0.5,
    )
    return replace(seen, **changes)


def forecast_of(record: Record = RECORD, curve: SurvivalCurve = STEADY, **changes: Any) -> Forecast:
    found = forecast(queue_row(**changes), record, curve, 12.5, 0.25, NOW)
    assert found is not None
    return found


def test_a_steady_curve_says_what_arithmetic_says() -> None:
    found = forecast_of()
    assert (found.age_s, found.looked_age_s, found.seen_age_s, found.wait_s) == (100.0, 80.0, 80.0, 10.0)
    assert found.chance == pytest.approx(1 - 2.718281828**-0.2)
    assert found.expected_lag_s == pytest.approx(20 - 100 * found.chance)
    assert found.median_s == pytest.approx(80 + 69.3147, abs=0.01)
    assert found.p90_s == pytest.approx(80 + 230.2585, abs=0.01)
    assert (found.finished, found.price_s) == (12.5, 0.25)


def test_what_it_would_wait_is_what_the_cadence_says() -> None:
    found = forecast_of()
    assert found.worth_s == pytest.approx(next_poll(STEADY, 80.0, 0.5, 1e6, 0.5))
    assert found.rule == Rule.PRICE


def test_a_page_of_finished_ones_that_did_not_show_it_counts_as_a_look() -> None:
    found = forecast_of(absent_from_done_at=NOW - seconds(5))
    assert (found.looked_age_s, found.seen_age_s) == (80.0, 95.0)
    assert found.chance == pytest.approx(1 - 2.718281828**-0.05)


@pytest.mark.parametrize(
    ("curve", "record", "changes", "rule"),
    [
        pytest.param(STEADY, RECORD, {}, Rule.PRICE, id="the price"),
        pytest.param(SurvivalCurve((100.0,) * BINS), RECORD, {}, Rule.SHORTEST, id="at any moment"),
        pytest.param(SurvivalCurve((1e-12,) * BINS), RECORD, {}, Rule.LONGEST, id="not for long"),
        pytest.param(
            SurvivalCurve((1e-12,) * BINS),
            replace(RECORD, expires_at=NOW + timedelta(hours=1)),
            {},
            Rule.DEADLINE,
            id="deleted in an hour",
        ),
        pytest.param(
            SurvivalCurve((1e-12,) * BINS),
            replace(RECORD, expires_at=NOW - timedelta(hours=1)),
            {},
            Rule.LONGEST,
            id="should be deleted",
        ),
        pytest.param(STEADY, replace(RECORD, status="quarantined"), {}, Rule.UNKNOWN_STATUS, id="unknown status"),
        pytest.param(
            STEADY,
            replace(RECORD, status="quarantined"),
            {"threshold_s": None},
            Rule.UNKNOWN_STATUS,
            id="unknown status, no price",
        ),
        pytest.param(STEADY, RECORD, {"threshold_s": None}, None, id="no price"),
        pytest.param(STEADY, RECORD, {"last_error": "Busy.", "threshold_s": None}, None, id="an error"),
    ],
)
def test_what_decided(curve: SurvivalCurve, record: Record, changes: dict[str, Any], rule: Rule | None) -> None:
    found = forecast_of(record, curve, **changes)
    assert found.rule == rule
    assert (found.wait_s is None) == (rule is None)


def test_the_longest_gap_and_the_deadline_are_those_of_the_cadence() -> None:
    never = SurvivalCurve((1e-12,) * BINS)
    assert forecast_of(curve=never).worth_s == pytest.approx(LONGEST_GAP_S)
    soon = replace(RECORD, expires_at=NOW + seconds(60))
    assert forecast_of(soon, never).worth_s == pytest.approx(DEADLINE_GAP_S)


@pytest.mark.parametrize("changes", [{"last_seen_at": None}, {"stage": Stage.DOWNLOAD}, {"stage": Stage.LOAD}])
def test_of_one_that_is_not_seen_unfinished_a_curve_says_nothing(changes: dict[str, Any]) -> None:
    assert forecast(queue_row(**changes), RECORD, STEADY, 0.0, 0.1, NOW) is None


def test_a_creation_time_that_nobody_knows_is_the_time_it_was_tracked() -> None:
    assert forecast_of(created_at=None).age_s == 90.0


def test_an_age_is_never_negative_and_a_curve_may_have_no_end() -> None:
    found = forecast_of(created_at=NOW + seconds(5), curve=SurvivalCurve((0.0,) * BINS))
    assert (found.age_s, found.looked_age_s, found.chance) == (0.0, 0.0, 0.0)
    assert (found.median_s, found.p90_s) == (None, None)


@pytest.mark.parametrize(("until_s", "is_held"), [(None, False), (-1.0, False), (0.0, False), (1.0, True)])
def test_a_lease_that_ran_out_holds_nobody_up(until_s: float | None, is_held: bool) -> None:
    until = None if until_s is None else NOW + seconds(until_s)
    assert queue_row(lease_until=until).is_held(NOW) == is_held


def test_its_class_is_its_provider_and_length() -> None:
    assert stratum_of_row(queue_row(recording_length="long")) == Stratum("deepgram_async", "long")


@pytest.mark.parametrize(
    ("budget", "occupied", "available", "is_paused"),
    [
        pytest.param(Budget(300, 10.0, NOW), 0, 10, False, id="full"),
        pytest.param(Budget(300, 10.0, NOW), 295, 5, False, id="a full minute"),
        pytest.param(Budget(300, 0.4, NOW), 0, 0, False, id="empty"),
        pytest.param(Budget(300, 10.0, NOW, paused_until=NOW + seconds(9)), 0, 0, True, id="paused"),
        pytest.param(Budget(300, 10.0, NOW, paused_until=NOW - seconds(9)), 0, 10, False, id="a pause that is over"),
    ],
)
def test_what_a_budget_can_pay_for(budget: Budget, occupied: int, available: int, is_paused: bool) -> None:
    view = budget_view(budget, occupied, NOW)
    assert (view.available, view.paused_until is not None, view.reserve) == (available, is_paused, 3)


def test_half_of_those_that_wait_still_wait_longer_than_half_of_all() -> None:
    curve = SurvivalCurve(tuple(0.5 / (1 + bin_) for bin_ in range(BINS)))
    for from_s in (0.0, 0.3, 7.0, 1e4):
        later = curve.quantile(0.5, from_s)
        assert curve.outlook(from_s, later).chance == pytest.approx(0.5)
    assert curve.quantile(0.5, 7.0) > curve.quantile(0.5)
