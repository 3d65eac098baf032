"""Why a transcript is where it is, in sentences: a Diagnosis in, text out.

Statuses and reasons were written by others; whoever prints the sentences makes control characters visible.
"""

from datetime import datetime

from syncd.core.explain.blocker import blockers, claimed_by
from syncd.core.explain.daemon import no_daemon
from syncd.core.explain.diagnosis import Ahead, Diagnosis, QueueEntry, Record
from syncd.core.explain.reasons import expectation, reasons
from syncd.core.explain.wording import moment
from syncd.core.queue.decide import OUTAGE_GRACE
from syncd.core.transcript import ContentState, Stage

_NEXT_STEP = {
    Stage.POLL: "poll: ask Recall whether it is finished",
    Stage.DOWNLOAD: "download: ask Recall for fresh links, and download the files",
    Stage.LOAD: "load: read the stored files into the tables, which costs no call",
}
_ANOTHER_TRY = "Tracking it again gives it another try."


def explain(diagnosis: Diagnosis) -> list[str]:
    """Everything that is known: status, content, next step, time and reason of the next poll, what is before it.

    That no daemon is alive comes first.
    """
    record, entry, now = diagnosis.record, diagnosis.queue_entry, diagnosis.asked_at
    if record is None:
        how = "" if diagnosis.erased_at else f" To track it: syncd track {diagnosis.transcript_id}"
        return [_not_tracked(diagnosis) + how]
    state = [_tracked(diagnosis, record), _at_recall(record, now), _content(record)]
    if entry is None:
        return [*state, *_end(record, now)]
    return [
        *_no_daemon(diagnosis.ahead, now),
        *state,
        *_next_step(entry, now),
        *_next_time(entry, now),
        *reasons(entry, record, diagnosis.forecast, now),
        *(expectation(entry, diagnosis.forecast, now) if diagnosis.forecast else []),
        _deadline(entry, now),
        *(blockers(entry, diagnosis.ahead, now) if diagnosis.ahead else []),
    ]


def in_a_line(diagnosis: Diagnosis) -> str:
    """What a poll came to, in one line."""
    record, entry, now = diagnosis.record, diagnosis.queue_entry, diagnosis.asked_at
    if record is None:
        return _not_tracked(diagnosis)
    status = f"Its status at Recall is {record.status}." if record.status else "Recall has never shown it."
    if entry is None:
        again = f" {_ANOTHER_TRY}" if record.is_worth_another_try else ""
        return f"{diagnosis.transcript_id}: {status} {_content(record)}{again}"
    return f"{diagnosis.transcript_id}: {entry.last_error or status} {' '.join(_next_time(entry, now))}"


def _not_tracked(diagnosis: Diagnosis) -> str:
    if diagnosis.erased_at is None:
        return f"{diagnosis.transcript_id} is not tracked."
    at = moment(diagnosis.erased_at, diagnosis.asked_at)
    return f"{diagnosis.transcript_id} was erased at {at}, and is not tracked again; recall.erasures has the receipt."


def _no_daemon(ahead: Ahead | None, now: datetime) -> list[str]:
    if ahead is None:
        return []
    connected = ahead.is_daemon_connected
    dead = no_daemon(ahead.live_daemon_count, ahead.daemon_seen_at, now, is_connected=connected)
    return [] if dead is None else [dead]


def _tracked(diagnosis: Diagnosis, record: Record) -> str:
    since = diagnosis.queue_entry.tracked_at if diagnosis.queue_entry else record.first_seen_at
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
    counts, provider_file = "", ""
    if record.payload_state == ContentState.LOADED:
        counts = f" {record.utterance_count or 0:,} utterances, {record.word_count or 0:,} words."
    reason = f" {record.payload_reason.rstrip('.')}." if record.payload_reason else ""
    if record.provider_data_state is not None:
        why = f" ({record.provider_data_reason.rstrip('.')})" if record.provider_data_reason else ""
        provider_file = f" The provider's file: {record.provider_data_state}{why}."
    return f"Its content is {record.payload_state}: {record.meaning}.{reason}{counts}{provider_file}"


def _end(record: Record, now: datetime) -> list[str]:
    if not ContentState(record.payload_state).is_end:
        return ["It is not in the queue although it has not ended, which should not happen."]
    at = _ended_at(record)
    when = f"It ended {moment(at, now)}" if at else "It has ended; the time is not kept"
    if record.is_worth_another_try:
        return [f"{when}. {_ANOTHER_TRY}"]
    return [f"{when}. That is final: it is not polled any more, and tracking it again changes nothing."]


def _ended_at(record: Record) -> datetime | None:
    """When it reached its end, as far as the tables tell."""
    match record.payload_state:
        case ContentState.LOADED | ContentState.EMPTY:
            return record.loaded_at
        case ContentState.UNREADABLE:
            return record.downloaded_at
        case ContentState.FAILED | ContentState.DELETED if record.status == record.payload_state:
            return record.observed_at
    return None


def _next_step(entry: QueueEntry, now: datetime) -> list[str]:
    sentences = [f"The next step is {_NEXT_STEP[entry.stage]}."]
    if entry.last_error:
        at = f" {moment(entry.last_error_at, now)}" if entry.last_error_at else ""
        sentences.append(f"The last try failed{at}: {entry.last_error}")
    if entry.attempts:
        sentences.append(f"Failures in a row: {entry.attempts}.")
    return sentences


def _next_time(entry: QueueEntry, now: datetime) -> list[str]:
    if entry.is_claimed(now):
        return [claimed_by(entry, now)]
    sentences = []
    if entry.lease_until is not None:
        expired = f"The lease of {entry.lease_holder} expired {moment(entry.lease_until, now)}"
        sentences.append(f"{expired}; any process may claim it.")
    if entry.absent_at is not None:
        missing = f"It has been missing from a page of unfinished transcripts since {moment(entry.absent_at, now)}"
        return [*sentences, f"{missing}, so it is polled before all others, due or not."]
    due = "It has been due since" if entry.due_at <= now else "It is due next at"
    return [*sentences, f"{due} {moment(entry.due_at, now)}."]


def _deadline(entry: QueueEntry, now: datetime) -> str:
    grace = f"; where Recall cannot be asked, {OUTAGE_GRACE.days} days later"
    until = moment(entry.pending_until, now)
    return f"Unless there is news, it is abandoned at the first answer after {until}{grace}."
