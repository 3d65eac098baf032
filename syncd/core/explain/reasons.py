"""Why the next poll is due when it is: an error, a first poll, or the survival curve. In sentences."""

from datetime import datetime

from syncd.core.explain.diagnosis import Forecast, QueueEntry, Record, Rule
from syncd.core.explain.wording import moment, span
from syncd.core.polling.poll_index import (
    DEADLINE_SHARE,
    FIRST_RETRY_GAP_S,
    JITTER,
    LONGEST_GAP_S,
    LONGEST_RETRY_GAP_S,
    SHORTEST_GAP_S,
)
from syncd.core.polling.strata import LONG_RECORDING_S
from syncd.core.queue.decide import (
    EXPIRED_LEASE_CEILING_S,
    EXPIRED_LEASES_AT_ONCE,
    FORBIDDEN_GAPS_S,
    NOT_FOUND_GAPS_S,
    UNKNOWN_STATUS_FLOOR_S,
)
from syncd.core.queue.files import DOWNLOAD_CEILING_S
from syncd.core.transcript import Stage

_FEW = 0.05
"""A curve that rests on fewer finished transcripts of its stratum is called a first guess."""


def reasons(entry: QueueEntry, record: Record, forecast: Forecast | None, now: datetime) -> list[str]:
    """What decided when it is due."""
    if entry.last_error:
        return _after_error(entry)
    if entry.last_seen_at is None and entry.stage == Stage.POLL:
        return [
            "It has not been polled since it was tracked, so it is due at once; of such, the newest is claimed first."
        ]
    if forecast is None or forecast.rule is None:
        return []
    seen = f"Recall last answered that it is unfinished {moment(entry.last_seen_at or now, now)}"
    planned = f"The next poll was planned {span(forecast.planned_gap_s or 0.0)} after that."
    return [f"{seen}, at an age of {span(forecast.last_seen_age_s)}. {planned}", _rule(entry, record, forecast)]


def expectation(entry: QueueEntry, forecast: Forecast, now: datetime) -> list[str]:
    """What its survival curve says now."""
    basis = f"rests on {forecast.finished_count:,.1f} finished ones, and where these are few, from similar ones"
    if forecast.finished_count < _FEW:
        basis = "is that of similar ones, or a first guess: none of its kind has been seen to finish lately"
    sentences = [f"It counts as {_stratum(entry)}; its survival curve {basis}."]
    if entry.absent_from_done_at is not None and forecast.unfinished_age_s > forecast.last_seen_age_s:
        sentences.append(
            f"It was missing from a page of finished transcripts {moment(entry.absent_from_done_at, now)}."
        )
    then = f"; it was {span(entry.threshold_s)} when the poll was planned" if entry.threshold_s is not None else ""
    return [
        *sentences,
        f"It is {span(forecast.age_s)} old. It has finished since with a probability of "
        f"{forecast.finished_probability:.1%}; the expected lag so far is {span(forecast.expected_lag_s)}.",
        f"Of those unfinished at an age of {span(forecast.unfinished_age_s)}, half have finished "
        f"{_by(forecast.median_age_s)}, nine in ten {_by(forecast.p90_age_s)}.",
        f"The threshold of the poll index is {span(forecast.threshold_s)} now{then}.",
    ]


def _after_error(entry: QueueEntry) -> list[str]:
    """How the wait follows from what failed."""
    sentences = []
    if entry.not_found_count:
        gaps = " and ".join(span(gap_s) for gap_s in NOT_FOUND_GAPS_S)
        sentences.append(
            f"A 404 is unconfirmed until it has come {len(NOT_FOUND_GAPS_S) + 1} times, {gaps} apart; "
            f"so far it has come {entry.not_found_count} times."
        )
    if entry.forbidden_count:
        gaps = ", ".join(span(gap_s) for gap_s in FORBIDDEN_GAPS_S)
        sentences.append(f"403s in a row: {entry.forbidden_count}; it waits longer after each: {gaps}.")
    if entry.expired_lease_count >= EXPIRED_LEASES_AT_ONCE:
        most = span(EXPIRED_LEASE_CEILING_S)
        sentences.append(f"Its leases expired again and again, so it waits longer each time, up to {most}.")
    if entry.attempts:
        most = span(LONGEST_RETRY_GAP_S if entry.stage == Stage.POLL else DOWNLOAD_CEILING_S)
        first = span(FIRST_RETRY_GAP_S)
        sentences.append(f"After a failure it waits {first}, and twice as long after each further one, up to {most}.")
    return sentences or ["It waits because of that error, which costs it no attempt."]


def _rule(entry: QueueEntry, record: Record, forecast: Forecast) -> str:
    """What decided the gap."""
    threshold = f"the threshold of {span(entry.threshold_s or 0.0)}"
    least, most = span(SHORTEST_GAP_S), span(LONGEST_GAP_S)
    match forecast.rule:
        case Rule.UNKNOWN_STATUS:
            floor = span(UNKNOWN_STATUS_FLOOR_S)
            return f"syncd does not know the status {record.status}, so the gap is {floor} at least."
        case Rule.LONGEST_GAP:
            return f"Within the longest gap, {most}, its poll index does not reach {threshold}; so that gap decided."
        case Rule.DELETION:
            left = f"{DEADLINE_SHARE:.0%} of the {span(forecast.until_deleted_s)} until Recall deletes it"
            return f"No gap is longer than {left}, and within that its poll index does not reach {threshold}."
        case Rule.SHORTEST_GAP:
            return f"Its poll index reaches {threshold} almost at once, so the shortest gap decided: {least}."
    reached = (
        f"By its survival curve its poll index reaches {threshold} after {span(forecast.threshold_gap_s or 0.0)}"
    )
    return f"{reached}; gaps are spread by {JITTER:.0%} to either side."


def _stratum(entry: QueueEntry) -> str:
    provider = entry.provider or "a transcript of an unknown provider"
    if entry.recording_length is None:
        return f"{provider}, with a recording of unknown length"
    bound = span(LONG_RECORDING_S)
    length = f"{bound} or more" if entry.recording_length == "long" else f"less than {bound}"
    return f"{provider}, with a {entry.recording_length} recording ({length})"


def _by(age_s: float | None) -> str:
    return "never, as far as is known" if age_s is None else f"by {span(age_s)}"
