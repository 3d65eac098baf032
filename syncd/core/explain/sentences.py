"""Why a transcript is where it is, in sentences: values in, words out.

The words come from others too (statuses, reasons); whoever prints them makes control characters visible.
"""

from datetime import datetime

from syncd.core.explain.blocker import held, in_front
from syncd.core.explain.diagnosis import Forecast, Place, Record, Rule, Standing
from syncd.core.explain.wording import moment, span
from syncd.core.polling.poll_index import DEADLINE_SHARE, JITTER, LONGEST_GAP_S, SHORTEST_GAP_S
from syncd.core.polling.strata import LONG_RECORDING_S
from syncd.core.queue.outcome import (
    FORBIDDEN_GAPS_S,
    NOT_FOUND_GAPS_S,
    OUTAGE_GRACE,
    RESCUES_AT_ONCE,
    UNKNOWN_STATUS_FLOOR_S,
)
from syncd.core.transcript import PayloadState, Stage

_TO_DO = {
    Stage.POLL: "poll: ask Recall whether it is finished",
    Stage.DOWNLOAD: "download: ask Recall for fresh links, and fetch the files",
    Stage.LOAD: "load: read the shelved files into tables, which costs no call",
}

_NONE_SEEN = 0.05
_ANOTHER_TRY = "Tracking it again gives it another try."


def explain(standing: Standing) -> list[str]:
    """Everything there is to say, the nearest first."""
    record, place, now = standing.record, standing.place, standing.asked_at
    if record is None:
        return [f"{standing.transcript_id} is not tracked. To track it: syncd track {standing.transcript_id}"]
    where = [_tracked(standing, record), _at_recall(record, now), _content(record)]
    if place is None:
        return [*where, *_end(record, now)]
    sentences = [
        *where,
        *_to_do(place, now),
        *_next_look(place, now),
        *_reasons(place, record, standing.forecast, now),
    ]
    sentences.append(_deadline(place, now))
    return sentences + (in_front(place, standing.front, now) if standing.front else [])


def in_a_line(standing: Standing) -> str:
    """Where it stands after a look, in one line."""
    record, place, now = standing.record, standing.place, standing.asked_at
    if record is None:
        return f"{standing.transcript_id} is not tracked."
    status = f"Recall says {record.status}." if record.status else "Recall has not shown it."
    if place is None:
        again = f" {_ANOTHER_TRY}" if record.is_worth_another_try else ""
        return f"{standing.transcript_id}: {status} {_content(record)}{again}"
    answer = place.last_error or status
    return f"{standing.transcript_id}: {answer} {' '.join(_next_look(place, now))}"


def _tracked(standing: Standing, record: Record) -> str:
    since = standing.place.tracked_at if standing.place else record.first_seen_at
    workspace = f"in the workspace {record.workspace}"
    return f"{standing.transcript_id} is tracked {workspace} since {moment(since, standing.asked_at)}."


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
    if record.payload_state == PayloadState.LOADED:
        counts = f" {record.utterance_count or 0:,} utterances, {record.word_count or 0:,} words."
    reason = f" {record.payload_reason.rstrip('.')}." if record.payload_reason else ""
    other = ""
    if record.provider_data_state is not None:
        why = f" ({record.provider_data_reason.rstrip('.')})" if record.provider_data_reason else ""
        other = f" The provider's file: {record.provider_data_state}{why}."
    return f"Its content is {record.payload_state}: {record.meaning}.{reason}{counts}{other}"


def _end(record: Record, now: datetime) -> list[str]:
    if not PayloadState(record.payload_state).is_end:
        return ["It has no place in the queue although it has not ended, which should not happen."]
    at = _ended_at(record)
    when = f"It ended {moment(at, now)}" if at else "It has ended; when is not kept"
    if record.is_worth_another_try:
        return [f"{when}. {_ANOTHER_TRY}"]
    return [f"{when}. That is final: tracking it again changes nothing, and it is not looked at any more."]


def _ended_at(record: Record) -> datetime | None:
    """As far as the tables tell."""
    match record.payload_state:
        case PayloadState.LOADED | PayloadState.EMPTY:
            return record.loaded_at
        case PayloadState.UNREADABLE:
            return record.downloaded_at
        case PayloadState.FAILED | PayloadState.DELETED if record.status == record.payload_state:
            return record.observed_at
    return None


def _to_do(place: Place, now: datetime) -> list[str]:
    sentences = [f"What is to be done next is {_TO_DO[place.stage]}."]
    if place.last_error:
        at = f" {moment(place.last_error_at, now)}" if place.last_error_at else ""
        sentences.append(f"The last try failed{at}: {place.last_error}")
    if place.attempts:
        sentences.append(f"Failures in a row: {place.attempts}.")
    return sentences


def _next_look(place: Place, now: datetime) -> list[str]:
    if place.is_held(now):
        return [held(place, now)]
    ran_out = []
    if place.lease_until is not None:
        ran_out = [
            f"The lease of {place.lease_holder} ran out {moment(place.lease_until, now)}; any process may take it."
        ]
    if place.left_at is not None:
        left = f"A page of unfinished ones no longer showed it {moment(place.left_at, now)}"
        return [*ran_out, f"{left}, so it is asked about first, due or not."]
    is_due = place.due_at <= now
    due = "It has been due since" if is_due else "Its next turn is due"
    return [*ran_out, f"{due} {moment(place.due_at, now)}."]


def _reasons(place: Place, record: Record, forecast: Forecast | None, now: datetime) -> list[str]:
    """Why then."""
    if place.last_error:
        waits = _after_failing(place)
    elif place.looked_at is None and place.stage == Stage.POLL:
        waits = [
            "Nobody has seen it since it was tracked, so it is due at once; of such, the newest is asked about first."
        ]
    elif forecast is not None and forecast.rule is not None:
        waits = _planned(place, record, forecast, forecast.rule, now)
    else:
        waits = []
    return [*waits, *(_expected(place, forecast, now) if forecast else [])]


def _after_failing(place: Place) -> list[str]:
    """What the wait follows from, where something went wrong."""
    sentences = []
    if place.not_found_count:
        gaps = " and ".join(span(gap_s) for gap_s in NOT_FOUND_GAPS_S)
        sentences.append(
            f"A 404 is a suspicion until it has come {len(NOT_FOUND_GAPS_S) + 1} times, {gaps} apart; "
            f"so far it has come {place.not_found_count} times."
        )
    if place.forbidden_count:
        gaps = ", ".join(span(gap_s) for gap_s in FORBIDDEN_GAPS_S)
        sentences.append(f"403s in a row: {place.forbidden_count}; after each it waits longer: {gaps}.")
    if place.rescued_count >= RESCUES_AT_ONCE:
        sentences.append("Whoever worked on it was lost, again and again, so it waits longer each time, up to 1 h.")
    if place.attempts:
        most = "10 min" if place.stage == Stage.POLL else "1 h"
        sentences.append(f"After a failure it waits 1 s, and twice as long after each further one, up to {most}.")
    return sentences or ["It waits because of that error, which costs it no attempt."]


def _planned(place: Place, record: Record, forecast: Forecast, rule: Rule, now: datetime) -> list[str]:
    """How its next look follows from the last one."""
    seen = f"Recall last showed it unfinished {moment(place.looked_at or now, now)}, at an age of"
    sentences = [
        f"{seen} {span(forecast.looked_age_s)}. The next look was planned {span(forecast.wait_s or 0.0)} after that."
    ]
    price = f"a look had to be worth {span(place.patience_s or 0.0)} of lag then"
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


def _expected(place: Place, forecast: Forecast, now: datetime) -> list[str]:
    """What its curve says now."""
    learned = f"was learned from {forecast.finished:,.1f} finishes, and from others like it where these are few"
    if forecast.finished < _NONE_SEEN:
        learned = "is that of others like it, or a first guess: none of its kind was seen to finish lately"
    sentences = [f"It counts as {_class(place)}; its curve {learned}."]
    if forecast.seen_age_s > forecast.looked_age_s and place.passed_at is not None:
        sentences.append(f"A page of finished ones did not show it {moment(place.passed_at, now)}.")
    chance = f"the chance that it has finished since is {forecast.chance:.1%}"
    debt = f"the lag to be expected so far is {span(forecast.debt_s)}"
    sentences.append(f"It is {span(forecast.age_s)} old; {chance}, and {debt}.")
    half, most = _by(forecast.median_s), _by(forecast.p90_s)
    since = f"Of those unfinished at an age of {span(forecast.seen_age_s)}"
    sentences.append(f"{since}, half have finished {half}, nine in ten {most}.")
    then = f"; {span(place.patience_s)} when its turn was planned" if place.patience_s is not None else ""
    sentences.append(f"The price of a look is {span(forecast.price_s)} of lag now{then}.")
    return sentences


def _class(place: Place) -> str:
    provider = place.provider or "a transcript whose provider is not known"
    if place.recording_length is None:
        return f"{provider}, its recording of unknown length"
    bound = f"{LONG_RECORDING_S / 60:.0f} min"
    length = f"{bound} or more" if place.recording_length == "long" else f"less than {bound}"
    return f"{provider}, with a {place.recording_length} recording ({length})"


def _by(age_s: float | None) -> str:
    return "never, as far as is known" if age_s is None else f"by {span(age_s)}"


def _deadline(place: Place, now: datetime) -> str:
    grace = f"; where Recall cannot be asked, {OUTAGE_GRACE.days} days later"
    return (
        f"Unless there is news, it is given up at the first answer after {moment(place.pending_until, now)}{grace}."
    )
