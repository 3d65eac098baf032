"""Why a transcript is where it is, in sentences: values in, words out.

The words come from others too (statuses, reasons); whoever prints them makes control characters visible.
"""

from datetime import datetime

from syncd.core.explain.blocker import held, in_the_way
from syncd.core.explain.diagnosis import Diagnosis, Forecast, QueueRow, Record, Rule
from syncd.core.explain.wording import moment, span
from syncd.core.polling.poll_index import DEADLINE_SHARE, JITTER, LONGEST_GAP_S, SHORTEST_GAP_S
from syncd.core.polling.strata import LONG_RECORDING_S
from syncd.core.queue.decide import (
    EXPIRED_LEASES_AT_ONCE,
    FORBIDDEN_GAPS_S,
    NOT_FOUND_GAPS_S,
    OUTAGE_GRACE,
    UNKNOWN_STATUS_FLOOR_S,
)
from syncd.core.transcript import ContentState, Stage

_TO_DO = {
    Stage.POLL: "poll: ask Recall whether it is finished",
    Stage.DOWNLOAD: "download: ask Recall for fresh links, and fetch the files",
    Stage.LOAD: "load: read the stored_file files into tables, which costs no call",
}

_NONE_SEEN = 0.05
_ANOTHER_TRY = "Tracking it again gives it another try."


def explain(diagnosis: Diagnosis) -> list[str]:
    """Everything there is to say, the nearest first."""
    record, queue_row, now = diagnosis.record, diagnosis.queue_row, diagnosis.asked_at
    if record is None:
        return [f"{diagnosis.transcript_id} is not tracked. To track it: syncd track {diagnosis.transcript_id}"]
    where = [_tracked(diagnosis, record), _at_recall(record, now), _content(record)]
    if queue_row is None:
        return [*where, *_end(record, now)]
    sentences = [
        *where,
        *_to_do(queue_row, now),
        *_next_look(queue_row, now),
        *_reasons(queue_row, record, diagnosis.forecast, now),
    ]
    sentences.append(_deadline(queue_row, now))
    return sentences + (in_the_way(queue_row, diagnosis.ahead, now) if diagnosis.ahead else [])


def in_a_line(diagnosis: Diagnosis) -> str:
    """Where it stands after a look, in one line."""
    record, queue_row, now = diagnosis.record, diagnosis.queue_row, diagnosis.asked_at
    if record is None:
        return f"{diagnosis.transcript_id} is not tracked."
    status = f"Recall says {record.status}." if record.status else "Recall has not shown it."
    if queue_row is None:
        again = f" {_ANOTHER_TRY}" if record.is_worth_another_try else ""
        return f"{diagnosis.transcript_id}: {status} {_content(record)}{again}"
    answer = queue_row.last_error or status
    return f"{diagnosis.transcript_id}: {answer} {' '.join(_next_look(queue_row, now))}"


def _tracked(diagnosis: Diagnosis, record: Record) -> str:
    since = diagnosis.queue_row.tracked_at if diagnosis.queue_row else record.first_seen_at
    workspace = f"in the workspace {record.workspace}"
    return f"{diagnosis.transcript_id} is tracked {workspace} since {moment(since, diagnosis.asked_at)}."


def _at_recall(record: Record, now: datetime) -> str:
    if record.status is None:
        return "Recall has never shown it."
    sub_code = f" ({record.sub_code})" if record.sub_code else ""
    since = record.status_updated_at or record.observed_at
    at = f" since {moment(since, now)}" if since else ""
    created = f"; created at {moment(record.created_at, now)}" if record.created_at else ""
    return f"At Recall it is {record.status}{sub_code}{at}{created}."


def _content(record: Record) -> str:
    counts = ""
    if record.payload_state == ContentState.LOADED:
        counts = f" {record.utterance_count or 0:,} utterances, {record.word_count or 0:,} words."
    reason = f" {record.payload_reason.rstrip('.')}." if record.payload_reason else ""
    other = ""
    if record.provider_data_state is not None:
        why = f" ({record.provider_data_reason.rstrip('.')})" if record.provider_data_reason else ""
        other = f" The provider's file: {record.provider_data_state}{why}."
    return f"Its content is {record.payload_state}: {record.meaning}.{reason}{counts}{other}"


def _end(record: Record, now: datetime) -> list[str]:
    if not ContentState(record.payload_state).is_end:
        return ["It has no queue_row in the queue although it has not ended, which should not happen."]
    at = _ended_at(record)
    when = f"It ended {moment(at, now)}" if at else "It has ended; when is not kept"
    if record.is_worth_another_try:
        return [f"{when}. {_ANOTHER_TRY}"]
    return [f"{when}. That is final: tracking it again changes nothing, and it is not looked at any more."]


def _ended_at(record: Record) -> datetime | None:
    """As far as the tables tell."""
    match record.payload_state:
        case ContentState.LOADED | ContentState.EMPTY:
            return record.loaded_at
        case ContentState.UNREADABLE:
            return record.downloaded_at
        case ContentState.FAILED | ContentState.DELETED if record.status == record.payload_state:
            return record.observed_at
    return None


def _to_do(queue_row: QueueRow, now: datetime) -> list[str]:
    sentences = [f"What is to be done next is {_TO_DO[queue_row.stage]}."]
    if queue_row.last_error:
        at = f" {moment(queue_row.last_error_at, now)}" if queue_row.last_error_at else ""
        sentences.append(f"The last try failed{at}: {queue_row.last_error}")
    if queue_row.attempts:
        sentences.append(f"Failures in a row: {queue_row.attempts}.")
    return sentences


def _next_look(queue_row: QueueRow, now: datetime) -> list[str]:
    if queue_row.is_held(now):
        return [held(queue_row, now)]
    ran_out = []
    if queue_row.lease_until is not None:
        ran_out = [
            f"The lease of {queue_row.lease_holder} ran out {moment(queue_row.lease_until, now)};"
            " any process may claim it."
        ]
    if queue_row.absent_at is not None:
        left = f"A page of unfinished ones no longer showed it {moment(queue_row.absent_at, now)}"
        return [*ran_out, f"{left}, so it is asked about first, due or not."]
    is_due = queue_row.due_at <= now
    due = "It has been due since" if is_due else "Its next turn is due"
    return [*ran_out, f"{due} {moment(queue_row.due_at, now)}."]


def _reasons(queue_row: QueueRow, record: Record, forecast: Forecast | None, now: datetime) -> list[str]:
    """Why then."""
    if queue_row.last_error:
        waits = _after_failing(queue_row)
    elif queue_row.last_seen_at is None and queue_row.stage == Stage.POLL:
        waits = [
            "Nobody has seen it since it was tracked, so it is due at once; of such, the newest is asked about first."
        ]
    elif forecast is not None and forecast.rule is not None:
        waits = _planned(queue_row, record, forecast, forecast.rule, now)
    else:
        waits = []
    return [*waits, *(_expected(queue_row, forecast, now) if forecast else [])]


def _after_failing(queue_row: QueueRow) -> list[str]:
    """What the wait follows from, where something went wrong."""
    sentences = []
    if queue_row.not_found_count:
        gaps = " and ".join(span(gap_s) for gap_s in NOT_FOUND_GAPS_S)
        sentences.append(
            f"A 404 is a suspicion until it has come {len(NOT_FOUND_GAPS_S) + 1} times, {gaps} apart; "
            f"so far it has come {queue_row.not_found_count} times."
        )
    if queue_row.forbidden_count:
        gaps = ", ".join(span(gap_s) for gap_s in FORBIDDEN_GAPS_S)
        sentences.append(f"403s in a row: {queue_row.forbidden_count}; after each it waits longer: {gaps}.")
    if queue_row.expired_lease_count >= EXPIRED_LEASES_AT_ONCE:
        sentences.append("Whoever worked on it was lost, again and again, so it waits longer each time, up to 1 h.")
    if queue_row.attempts:
        most = "10 min" if queue_row.stage == Stage.POLL else "1 h"
        sentences.append(f"After a failure it waits 1 s, and twice as long after each further one, up to {most}.")
    return sentences or ["It waits because of that error, which costs it no attempt."]


def _planned(queue_row: QueueRow, record: Record, forecast: Forecast, rule: Rule, now: datetime) -> list[str]:
    """How its next look follows from the last one."""
    seen = f"Recall last showed it unfinished {moment(queue_row.last_seen_at or now, now)}, at an age of"
    sentences = [
        f"{seen} {span(forecast.looked_age_s)}. The next look was planned {span(forecast.wait_s or 0.0)} after that."
    ]
    price = f"a look had to be worth {span(queue_row.threshold_s or 0.0)} of lag then"
    match rule:
        case Rule.UNKNOWN_STATUS:
            floor = f"{span(UNKNOWN_STATUS_FLOOR_S)} at least"
            why = f"Nobody knows the status {record.status}, so it is looked at after {floor}."
        case Rule.LONGEST:
            why = f"Little is expected of it ({price}), so the longest gap decided: {span(LONGEST_GAP_S)}."
        case Rule.DEADLINE:
            share = f"a share of {DEADLINE_SHARE:.0%} of the time until Recall deletes it"
            why = (
                f"Little is expected of it ({price}), but nobody waits longer than {share}: {span(forecast.left_s)}."
            )
        case Rule.SHORTEST:
            why = f"It is expected at any moment, so the shortest gap decided: {span(SHORTEST_GAP_S)}."
        case Rule.PRICE:
            worth = f"by its curve, as it is now, it is after {span(forecast.worth_s or 0.0)}"
            why = f"The price decided: {price}, and {worth}; gaps are spread by {JITTER:.0%} to either side."
    return [*sentences, why]


def _expected(queue_row: QueueRow, forecast: Forecast, now: datetime) -> list[str]:
    """What its curve says now."""
    learned = f"was learned from {forecast.finished:,.1f} finishes, and from others like it where these are few"
    if forecast.finished < _NONE_SEEN:
        learned = "is that of others like it, or a first guess: none of its kind was seen to finish lately"
    sentences = [f"It counts as {_class(queue_row)}; its curve {learned}."]
    if forecast.seen_age_s > forecast.looked_age_s and queue_row.absent_from_done_at is not None:
        sentences.append(f"A page of finished ones did not show it {moment(queue_row.absent_from_done_at, now)}.")
    chance = f"the chance that it has finished since is {forecast.chance:.1%}"
    debt = f"the lag to be expected so far is {span(forecast.expected_lag_s)}"
    sentences.append(f"It is {span(forecast.age_s)} old; {chance}, and {debt}.")
    half, most = _by(forecast.median_s), _by(forecast.p90_s)
    since = f"Of those unfinished at an age of {span(forecast.seen_age_s)}"
    sentences.append(f"{since}, half have finished {half}, nine in ten {most}.")
    then = f"; {span(queue_row.threshold_s)} when its turn was planned" if queue_row.threshold_s is not None else ""
    sentences.append(f"The price of a look is {span(forecast.price_s)} of lag now{then}.")
    return sentences


def _class(queue_row: QueueRow) -> str:
    provider = queue_row.provider or "a transcript whose provider is not known"
    if queue_row.recording_length is None:
        return f"{provider}, its recording of unknown length"
    bound = f"{LONG_RECORDING_S / 60:.0f} min"
    length = f"{bound} or more" if queue_row.recording_length == "long" else f"less than {bound}"
    return f"{provider}, with a {queue_row.recording_length} recording ({length})"


def _by(age_s: float | None) -> str:
    return "never, as far as is known" if age_s is None else f"by {span(age_s)}"


def _deadline(queue_row: QueueRow, now: datetime) -> str:
    grace = f"; where Recall cannot be asked, {OUTAGE_GRACE.days} days later"
    until = moment(queue_row.pending_until, now)
    return f"Unless there is news, it is given up at the first answer after {until}{grace}."
