"""What the survival curve says about one transcript, and which rule decided when it is polled next."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.core.explain.diagnosis import Forecast, QueueEntry, Record, Rule, budget_view, forecast, stratum_of_entry
from syncd.core.polling.poll_index import DEADLINE_GAP_S, LONGEST_GAP_S, next_poll
from syncd.core.polling.strata import Stratum
from syncd.core.polling.survival import BINS, SurvivalCurve
from syncd.core.rate_limit.budget import Budget
from syncd.core.transcript import Stage
from tests.core.samples import NOW

CONSTANT = SurvivalCurve((0.01,) * BINS)
"""A constant hazard: 100 s on average, at any age."""
RECORD = Record("default", NOW, "pending", "not finished", False, status="processing")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def queue_entry(**changes: Any) -> QueueEntry:
    """Created 100 s ago, seen 20 s ago, due 10 s ago, planned with a threshold of 0.5 s."""
    seen = QueueEntry(
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


def forecast_of(record: Record = RECORD, curve: SurvivalCurve = CONSTANT, **changes: Any) -> Forecast:
    found = forecast(queue_entry(**changes), record, curve, 12.5, 0.25, NOW)
    assert found is not None
    return found


def test_a_constant_hazard_gives_the_closed_forms() -> None:
    found = forecast_of()
    assert (found.age_s, found.last_seen_age_s, found.unfinished_age_s, found.planned_gap_s) == (
        100.0,
        80.0,
        80.0,
        10.0,
    )
    assert found.finished_probability == pytest.approx(1 - 2.718281828**-0.2)
    assert found.expected_lag_s == pytest.approx(20 - 100 * found.finished_probability)
    assert found.median_age_s == pytest.approx(80 + 69.3147, abs=0.01)
    assert found.p90_age_s == pytest.approx(80 + 230.2585, abs=0.01)
    assert (found.finished_count, found.threshold_s) == (12.5, 0.25)


def test_the_gap_at_which_the_threshold_is_reached_is_that_of_the_poll_index() -> None:
    found = forecast_of()
    assert found.threshold_gap_s == pytest.approx(next_poll(CONSTANT, 80.0, 0.5, 1e6, 0.5))
    assert found.rule == Rule.THRESHOLD


def test_being_missing_from_a_page_of_finished_ones_counts_as_an_observation() -> None:
    found = forecast_of(absent_from_done_at=NOW - seconds(5))
    assert (found.last_seen_age_s, found.unfinished_age_s) == (80.0, 95.0)
    assert found.finished_probability == pytest.approx(1 - 2.718281828**-0.05)


@pytest.mark.parametrize(
    ("curve", "record", "changes", "rule"),
    [
        pytest.param(CONSTANT, RECORD, {}, Rule.THRESHOLD, id="the threshold"),
        pytest.param(SurvivalCurve((100.0,) * BINS), RECORD, {}, Rule.SHORTEST_GAP, id="reached at once"),
        pytest.param(SurvivalCurve((1e-12,) * BINS), RECORD, {}, Rule.LONGEST_GAP, id="not reached for long"),
        pytest.param(
            SurvivalCurve((1e-12,) * BINS),
            replace(RECORD, expires_at=NOW + timedelta(hours=1)),
            {},
            Rule.DELETION,
            id="deleted in an hour",
        ),
        pytest.param(
            SurvivalCurve((1e-12,) * BINS),
            replace(RECORD, expires_at=NOW - timedelta(hours=1)),
            {},
            Rule.LONGEST_GAP,
            id="should be deleted",
        ),
        pytest.param(CONSTANT, replace(RECORD, status="quarantined"), {}, Rule.UNKNOWN_STATUS, id="unknown status"),
        pytest.param(
            CONSTANT,
            replace(RECORD, status="quarantined"),
            {"threshold_s": None},
            Rule.UNKNOWN_STATUS,
            id="unknown status, no threshold",
        ),
        pytest.param(CONSTANT, RECORD, {"threshold_s": None}, None, id="no threshold"),
        pytest.param(CONSTANT, RECORD, {"last_error": "Busy.", "threshold_s": None}, None, id="an error"),
    ],
)
def test_the_rule_that_decided(
    curve: SurvivalCurve, record: Record, changes: dict[str, Any], rule: Rule | None
) -> None:
    found = forecast_of(record, curve, **changes)
    assert found.rule == rule
    assert (found.planned_gap_s is None) == (rule is None)


def test_the_longest_gap_and_the_deadline_are_those_of_the_poll_index() -> None:
    never = SurvivalCurve((1e-12,) * BINS)
    assert forecast_of(curve=never).threshold_gap_s == pytest.approx(LONGEST_GAP_S)
    soon = replace(RECORD, expires_at=NOW + seconds(60))
    assert forecast_of(soon, never).threshold_gap_s == pytest.approx(DEADLINE_GAP_S)


@pytest.mark.parametrize("changes", [{"last_seen_at": None}, {"stage": Stage.DOWNLOAD}, {"stage": Stage.LOAD}])
def test_there_is_no_forecast_for_one_that_was_not_seen_unfinished(changes: dict[str, Any]) -> None:
    assert forecast(queue_entry(**changes), RECORD, CONSTANT, 0.0, 0.1, NOW) is None


def test_an_unknown_creation_time_is_taken_to_be_the_time_of_tracking() -> None:
    assert forecast_of(created_at=None).age_s == 90.0


def test_an_age_is_never_negative_and_a_curve_may_never_finish() -> None:
    found = forecast_of(created_at=NOW + seconds(5), curve=SurvivalCurve((0.0,) * BINS))
    assert (found.age_s, found.last_seen_age_s, found.finished_probability) == (0.0, 0.0, 0.0)
    assert (found.median_age_s, found.p90_age_s) == (None, None)


@pytest.mark.parametrize(("until_s", "is_claimed"), [(None, False), (-1.0, False), (0.0, False), (1.0, True)])
def test_an_expired_lease_is_no_claim(until_s: float | None, is_claimed: bool) -> None:
    until = None if until_s is None else NOW + seconds(until_s)
    assert queue_entry(lease_until=until).is_claimed(NOW) == is_claimed


def test_the_stratum_is_provider_and_recording_length() -> None:
    assert stratum_of_entry(queue_entry(recording_length="long")) == Stratum("deepgram_async", "long")


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


def test_the_median_of_those_still_unfinished_is_later_than_that_of_all() -> None:
    curve = SurvivalCurve(tuple(0.5 / (1 + bin_) for bin_ in range(BINS)))
    for from_s in (0.0, 0.3, 7.0, 1e4):
        later = curve.quantile(0.5, from_s)
        assert curve.outlook(from_s, later).chance == pytest.approx(0.5)
    assert curve.quantile(0.5, 7.0) > curve.quantile(0.5)
