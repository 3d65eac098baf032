"""The one place where an answer or an error becomes what happens next.

Theory of operation. A worker holds a lease on one row of the queue. Something happens (a class below, or one of
syncd.errors), and `decide` answers an Outcome, which names every effect. The class of an error says whose fault it
is, and that alone decides whether the row loses an attempt:

* the moment's (5xx, network): tried again, the wait doubling; an outage ends no row before OUTAGE_GRACE is over. When
  most calls fail the circuit breaker opens, too, and no row loses an attempt by a probe;
* the workspace's (401, 402, 403): the circuit breaker opens, no row loses an attempt; a 403 that comes again for one
  row is about that row, so its own wait grows;
* the budget's (429): the budget pauses, no row loses an attempt;
* the row's (404, a file that cannot be read): unconfirmed until the same came again, after stated waits.

Every stage has a deadline, `Lease.pending_until`; the first answer after it that brings nothing new is the end, and
every end has a name. Files are decided in files.py, a page of the list in page.py, events in events.py.
docs/architecture.md has the table of transitions, and a test compares it with this code.

Sources: the contract in docs/recall-api.md; the numbers say theirs.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import singledispatch

from syncd import errors
from syncd.core import transcript
from syncd.core.polling.observation import Observation, observation_of, stratum_of
from syncd.core.polling.policy import Policy
from syncd.core.polling.poll_index import spread, until_next_try
from syncd.core.polling.provider import give_up_after
from syncd.core.queue.lease import Known, Lease, is_news
from syncd.core.queue.outcome import CallEnd, FileState, Outcome, RowChange, Step, again, ended
from syncd.core.queue.refusal import call_end, pause_after, pause_of, throttle_after, trouble_of
from syncd.core.rate_limit.retry_after import wait_asked_for
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import READ_STATES, ContentState, FileKind, Stage

NOT_FOUND_GAPS_S = (15.0, 45.0)
"""A 404 is believed after it came once more after each of these gaps. A judgement
(docs/adr/0010-unconfirmed-ends.md): together a minute, for a proxy, a deployment or an id that is a moment too
young."""
UNKNOWN_STATUS_FLOOR_S = 60.0
"""Nobody knows how a status that is not documented goes on, so it costs a call a minute at most. A judgement."""
DOWNLOAD_DEADLINE = timedelta(days=7)
"""Recall keeps recordings for 7 days where the account says nothing else (docs/recall-api.md, Links)."""
LINK_DEADLINE = timedelta(hours=24)
"""How long a finished transcript may go without any link before it is called unavailable. A judgement: links
come with the end (docs/recall-api.md, Links), so a day without one is hours too long."""
MINIMUM_WATCH = timedelta(hours=1)
"""However old a transcript is when it is tracked, it is watched for this long at least. A judgement: one that
finishes late is still found, and an hour of polls costs little."""
OUTAGE_GRACE = timedelta(days=30)
"""How long after its deadline a row is kept when Recall could not be asked; an outage is no answer. A judgement:
longer than an outage may last, and as long as an id is kept that Recall has never shown (recall.track)."""
EXPIRED_LEASES_AT_ONCE = 3
"""So many leases in a row may run out before the row waits: one may be a deployment, two a crash. A judgement."""
EXPIRED_LEASE_WAIT_S = 60.0
"""The first wait after that, doubling. A judgement: a process that it may have ended is up again by then."""
EXPIRED_LEASE_CEILING_S = 3600.0
"""The longest one. A judgement: a process lost once an hour does not keep the others from their work."""
FORBIDDEN_GAPS_S = (60.0, 600.0, 3600.0)
"""A 403 that comes again for the same row is about that row, which must not stop all the others every minute. A
judgement: first as long as the workspace pauses, in the end an hour, the longest gap between two polls."""
PAUSED_GAP_S = 1.0
"""How long a row waits that a pause keeps waiting. A judgement: as long as the shortest pause of a budget after a 429
(LEAST_PAUSE_S). The budget, or the circuit breaker, says how long it really is: until then no call is paid for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Recall showed the transcript, to a retrieve or on a page of the list."""

    artifact: Artifact
    links: Links
    is_listed: bool = False
    """It stood on a page of the list, so no call was made under the lease, and the workspace is not tried by it."""


@dataclass(frozen=True, slots=True)
class LeasesExpired:
    """The row is claimed once more after leases of it ran out."""


Happening = object
"""An Answer, a LeasesExpired, one of the classes in files.py, or an error of syncd.errors."""


@singledispatch
def decide(what: Happening, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """What follows from what happened to a claimed row.

    `now` is the database's clock, `jitter` a number in 0..1. Raises TypeError for what cannot happen.
    """
    raise TypeError(f"nothing follows from a {type(what).__name__}")


@decide.register
def _(what: LeasesExpired, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """Let a row wait whose workers keep getting lost, longer each time; it is never given up for that.

    It may be the transcript that brings them down, and it must not bring down every process in turn. Its call was
    never sent.
    """
    if lease.expired_lease_count < EXPIRED_LEASES_AT_ONCE:
        return Outcome()
    extra = lease.expired_lease_count - EXPIRED_LEASES_AT_ONCE
    wait_s = spread(min(EXPIRED_LEASE_WAIT_S * 2.0 ** min(extra, 10), EXPIRED_LEASE_CEILING_S), jitter)
    reason = f"{lease.expired_lease_count} leases in a row ran out while it was worked on."
    row = replace(again(lease, wait_s, reason), expired_lease_count=lease.expired_lease_count)
    return Outcome(row, call=CallEnd.REFUNDED)


@decide.register
def _(what: Answer, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """A finished transcript with a link goes on to its download at once."""
    artifact, links = what.artifact, what.links
    row, files = _after(artifact, links, lease, now, policy, jitter)
    outcome = Outcome(
        row,
        files,
        call=None if what.is_listed else CallEnd.CLOSED,
        resumes=not what.is_listed,
        artifact=artifact,
        threshold_s=policy.threshold_s if artifact.status == transcript.PROCESSING and not row.reason else None,
        observations=_observations(artifact, lease),
        deleted_at=now if artifact.status == transcript.DELETED else None,
    )
    return outcome.with_events(lease, _known_after(artifact, lease))


def _after(
    artifact: Artifact, links: Links, lease: Lease, now: datetime, policy: Policy, jitter: float
) -> tuple[RowChange, dict[FileKind, FileState]]:
    if artifact.status == transcript.FAILED:
        why = f": {artifact.sub_code}" if artifact.sub_code else ", and gives no sub code"
        return ended(lease, ContentState.FAILED, f"Recall reports that the transcription failed{why}")
    if artifact.status == transcript.DELETED:
        return ended(lease, ContentState.DELETED, artifact.sub_code)
    if artifact.status == transcript.DONE:
        return _after_done(links, lease, now, jitter)
    return _after_unfinished(artifact, lease, now, policy, jitter)


def _after_done(
    links: Links, lease: Lease, now: datetime, jitter: float
) -> tuple[RowChange, dict[FileKind, FileState]]:
    is_first = lease.stage == Stage.POLL
    failed = 0 if is_first else lease.attempts  # polls that failed say nothing about the files
    if links.transcript is not None:
        until = now + DOWNLOAD_DEADLINE if is_first else None
        is_without = links.provider_data is None and lease.known.files[FileKind.PROVIDER_DATA] is None
        files = {FileKind.PROVIDER_DATA: FileState(ContentState.NONE)} if is_without else {}
        unconfirmed = lease.unconfirmed
        return RowChange(
            Step.ADVANCE, Stage.DOWNLOAD, attempts=failed, pending_until=until, unconfirmed=unconfirmed
        ), files
    until = now + LINK_DEADLINE if is_first else lease.pending_until
    if now >= until:
        return ended(lease, ContentState.UNAVAILABLE, "finished, but Recall never gave a link to the file")
    row = RowChange(
        Step.WAIT,
        Stage.DOWNLOAD,
        until_next_try(failed + 1, jitter),
        reason="finished, but Recall gives no link to the file yet",
        attempts=failed + 1,
        pending_until=until,
        unconfirmed=lease.unconfirmed,
    )
    return row, {}


def _after_unfinished(
    artifact: Artifact, lease: Lease, now: datetime, policy: Policy, jitter: float
) -> tuple[RowChange, dict[FileKind, FileState]]:
    created_at = min(artifact.created_at or lease.tracked_at, now)  # whatever clock Recall has
    give_up = give_up_after(artifact.provider)
    until = max(created_at + give_up, lease.tracked_at + MINIMUM_WATCH)
    until = min(until, lease.tracked_at + give_up)  # a creation time in the future must not keep a row for ever
    if now >= until:
        hours = give_up.total_seconds() / 3600
        reason = f"still {artifact.status!r} after the {hours:.0f} h its provider is given"
        return ended(lease, ContentState.ABANDONED, reason)
    age_s = max(0.0, (now - created_at).total_seconds())
    left_s = until_deleted(artifact.expires_at, created_at, now)
    wait_s = policy.next_poll(stratum_of(artifact), age_s, left_s, jitter)
    if artifact.status != transcript.PROCESSING:
        wait_s = max(wait_s, spread(UNKNOWN_STATUS_FLOOR_S, jitter))
    return RowChange(Step.WAIT, Stage.POLL, wait_s, pending_until=until), {}


def _observations(artifact: Artifact, lease: Lease) -> tuple[Observation, ...]:
    if lease.stage != Stage.POLL:
        return ()
    was_seen = lease.last_seen_at is not None
    found = observation_of(artifact, lease.since, lease.claimed_at, was_seen=was_seen)
    return () if found is None else (found,)


def _known_after(artifact: Artifact, lease: Lease) -> Known:
    """What is known once the artifact is kept; an older one than is known is not."""
    known = lease.known
    if not is_news(artifact, lease.claimed_at, known):
        return known
    is_read = known.files[FileKind.TRANSCRIPT] in READ_STATES
    shown = known.content._replace(metadata=artifact.metadata, recording_metadata=artifact.recording_metadata)
    return replace(known, status=artifact.status, content=shown if is_read else known.content)


def until_deleted(expires_at: datetime | None, created_at: datetime, now: datetime) -> float:
    """Seconds until Recall deletes a transcript: as it says, or else as accounts have it by default."""
    return ((expires_at or created_at + DOWNLOAD_DEADLINE) - now).total_seconds()


@decide.register
def _(what: errors.SyncdError, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    """By default an error is the moment's: try later, until long after the deadline; until it, if Recall answered."""
    grace = timedelta(0) if isinstance(what, errors.BadAnswer | errors.Unstorable) else OUTAGE_GRACE
    if now >= lease.pending_until + grace:
        return _given_up(what, lease, now)
    if lease.is_probe and trouble_of(what, is_probe=True) is not None:
        return _refused(what, lease, again(lease, spread(PAUSED_GAP_S, jitter), str(what)), now)
    attempts = lease.attempts + 1
    row = again(lease, until_next_try(attempts, jitter), str(what), attempts=attempts)
    return _refused(what, lease, row, now)


@decide.register
def _(what: errors.WorkspaceFault, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    return _refused(what, lease, again(lease, spread(pause_of(what), jitter), str(what)), now)


@decide.register
def _(what: errors.Forbidden, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    if lease.forbidden_count >= len(FORBIDDEN_GAPS_S) and now >= lease.pending_until:
        return _given_up(what, lease, now)
    wait_s = FORBIDDEN_GAPS_S[min(lease.forbidden_count, len(FORBIDDEN_GAPS_S) - 1)]
    row = replace(again(lease, spread(wait_s, jitter), str(what)), forbidden_count=lease.forbidden_count + 1)
    return _refused(what, lease, row, now)


@decide.register
def _(what: errors.Throttled, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    return _refused(what, lease, again(lease, spread(PAUSED_GAP_S, jitter), str(what)), now)


@decide.register
def _(what: errors.NotFound, lease: Lease, now: datetime, policy: Policy, jitter: float) -> Outcome:
    count, deleted_at = lease.not_found_count + 1, None
    if count > len(NOT_FOUND_GAPS_S):
        state = ContentState.DELETED if lease.is_observed else ContentState.MISSING
        deleted_at = now if lease.is_observed else None
        row, files = ended(lease, state, f"{what.message} Asked {count} times. [{what.code}]")
    else:
        row = again(lease, spread(NOT_FOUND_GAPS_S[count - 1], jitter), str(what), not_found_count=count)
        files = {}
    refused = _refused(what, lease, row, now)
    outcome = replace(refused, files=files, resumes=True, deleted_at=deleted_at)  # an answer, so the key works
    return outcome.with_events(lease)


def _refused(error: errors.SyncdError, lease: Lease, row: RowChange, now: datetime) -> Outcome:
    """The row waits as long as Retry-After asks for, at least; a 429 is the budget's."""
    asked_s = 0.0 if isinstance(error, errors.Throttled) else wait_asked_for(error.retry_after_s)
    return Outcome(
        replace(row, wait_s=max(row.wait_s, asked_s)) if row.step == Step.WAIT else row,
        call=call_end(error),
        pause=pause_after(error, now),
        trouble=trouble_of(error, is_probe=lease.is_probe),
        throttle=throttle_after(error),
    )


def _given_up(error: errors.SyncdError, lease: Lease, now: datetime) -> Outcome:
    state = ContentState.ABANDONED if lease.stage == Stage.POLL else ContentState.UNAVAILABLE
    row, files = ended(lease, state, str(error))
    return replace(_refused(error, lease, row, now), files=files).with_events(lease)
