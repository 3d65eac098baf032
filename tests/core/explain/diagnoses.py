"""One transcript that is pending at Recall: its record, queue entry, forecast, and what is ahead of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from syncd.core.explain.diagnosis import Ahead, BudgetView, Diagnosis, Forecast, QueueEntry, Record, Rule
from syncd.core.explain.sentences import explain
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

ID = UUID(TRANSCRIPT_ID)
BUDGET = BudgetView(limit=300, assumed_limit=300, available=10, reserve=3, rate=5.0, occupied=0)
NEW_RECORD = Record("default", NOW - timedelta(minutes=5), "pending", "not finished by Recall", False)
RECORD = replace(NEW_RECORD, status="processing", provider="deepgram_async", created_at=NOW - timedelta(minutes=6))
NEW_ENTRY = QueueEntry(
    stage=Stage.POLL,
    due_at=NOW + timedelta(seconds=12.34),
    tracked_at=NOW - timedelta(minutes=5),
    pending_until=NOW + timedelta(days=2),
)
ENTRY = replace(
    NEW_ENTRY,
    is_observed=True,
    last_seen_at=NOW - timedelta(seconds=20),
    created_at=NOW - timedelta(minutes=6),
    provider="deepgram_async",
    recording_length="long",
    threshold_s=0.5,
)
FORECAST = Forecast(
    finished_count=41.5,
    age_s=360.0,
    last_seen_age_s=340.0,
    unfinished_age_s=340.0,
    finished_probability=0.125,
    expected_lag_s=1.5,
    median_age_s=400.0,
    p90_age_s=None,
    threshold_s=0.25,
    planned_gap_s=32.0,
    threshold_gap_s=30.0,
    until_deleted_s=7200.0,
    rule=Rule.THRESHOLD,
)
AHEAD = Ahead(live_daemon_count=1, daemon_seen_at=NOW, breaker=CircuitBreaker(), retrieve=BUDGET, list=None)


def at(seconds: float) -> datetime:
    """A time so many seconds from now."""
    return NOW + timedelta(seconds=seconds)


def explained(
    record: Record = RECORD,
    entry: QueueEntry | None = ENTRY,
    forecast: Forecast | None = None,
    ahead: Ahead | None = AHEAD,
) -> str:
    """All sentences, one a line."""
    return "\n".join(explain(Diagnosis(ID, NOW, record, entry, forecast, ahead)))
